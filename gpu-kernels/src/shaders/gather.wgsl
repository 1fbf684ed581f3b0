// Pieces of an array: params are how many, the words of one, and their numbers. A piece's first word is at its number times their length.

@group(0) @binding(1) var<storage, read> source: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    if (i >= params[0] * params[1]) {
        return;
    }
    to[i] = source[params[2u + i / params[1]] * params[1] + i % params[1]];
}
