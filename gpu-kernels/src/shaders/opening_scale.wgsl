// Multiplies two vectors by a factor. Params are their length and the factor.

@group(0) @binding(1) var<storage, read_write> rows: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    let len = params[0];
    if (t >= 2u * len) {
        return;
    }
    let vector = t / len;
    let i = t % len;
    let x = ext_mul(ext_at(len, vector, i), ext_param(1u));
    let place = 5u * vector * len + i;
    rows[place] = x.a;
    rows[place + len] = x.b;
    rows[place + 2u * len] = x.c;
    rows[place + 3u * len] = x.d;
    rows[place + 4u * len] = x.e;
}
