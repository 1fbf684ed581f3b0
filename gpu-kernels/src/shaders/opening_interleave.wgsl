// Vectors whose lowest bit tells two pairs of vectors apart. Params are the lengths of the first pair, the second, and of what comes out.

@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read> others: array<u32>;
@group(0) @binding(3) var<storage, read_write> to: array<u32>;

fn other_at(len: u32, vector: u32, i: u32) -> Ext {
    if (i >= len) {
        return ext_zero();
    }
    let place = 5u * vector * len + i;
    return Ext(others[place], others[place + len], others[place + 2u * len], others[place + 3u * len], others[place + 4u * len]);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    let len = params[2];
    if (t >= 2u * len) {
        return;
    }
    let vector = t / len;
    let i = t % len;
    if ((i & 1u) == 0u) {
        put(len, vector, i, ext_at(params[0], vector, i >> 1u));
    } else {
        put(len, vector, i, other_at(params[1], vector, i >> 1u));
    }
}
