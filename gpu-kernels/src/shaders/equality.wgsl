// Equality weights of the first numbers at a point of the record's challenges. Params are how many, the number of coordinates, and their places, the lowest bit's first.

@group(0) @binding(1) var<storage, read> record: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    let count = params[0];
    if (i >= count) {
        return;
    }
    let weight = merged_weight(i, count, params[1], 2u);
    to[i] = weight.a;
    to[i + count] = weight.b;
    to[i + 2u * count] = weight.c;
    to[i + 3u * count] = weight.d;
    to[i + 4u * count] = weight.e;
}
