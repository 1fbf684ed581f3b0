// Equality weights eq(point, i) of the first numbers at a point of the record's challenges, the last with the sum of all that are left out. Params are how many, the number of coordinates, and their places, the lowest bit's first.

@group(0) @binding(1) var<storage, read> record: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    let count = params[0];
    if (i >= count) {
        return;
    }
    var weight = ext_of(ONE);
    var above = ext_zero();
    for (var bit = params[1]; bit > 0u; bit--) {
        let one = record_ext(params[1u + bit]);
        let zero = ext_sub(ext_of(ONE), one);
        if (((i >> (bit - 1u)) & 1u) == 1u) {
            weight = ext_mul(weight, one);
        } else {
            above = ext_add(above, ext_mul(weight, one));
            weight = ext_mul(weight, zero);
        }
    }
    if (i + 1u == count) {
        weight = ext_add(weight, above);
    }
    to[i] = weight.a;
    to[i + count] = weight.b;
    to[i + 2u * count] = weight.c;
    to[i + 3u * count] = weight.d;
    to[i + 4u * count] = weight.e;
}
