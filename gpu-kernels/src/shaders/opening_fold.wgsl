// Binds the lowest bit of both vectors. Params are the length before, the length after, the first place and the length of the vectors that what comes out is part of, and elements that make one (one where nothing is bound).

@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    if (t >= 2u * params[1]) {
        return;
    }
    let vector = t / params[1];
    let i = t % params[1];
    var x = ext_at(params[0], vector, i * params[4]);
    if (params[4] == 2u) {
        x = ext_between(x, ext_at(params[0], vector, 2u * i + 1u), challenge());
    }
    put(params[3], vector, params[2] + i, x);
}
