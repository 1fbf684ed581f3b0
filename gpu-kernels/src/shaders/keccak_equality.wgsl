// Equality weights of blocks at a layer's instance challenges, of which the last block has the sum of all that are left out. Params are the number of blocks and of variables. The record has the challenge of each variable, the highest
// variable's as its second.

@group(0) @binding(1) var<storage, read> record: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let block = invocation(group, groups, local);
    let count = params[0];
    if (block >= count) {
        return;
    }
    var weight = ext_of(ONE);
    var above = ext_zero();
    for (var bit = params[1]; bit > 0u; bit--) {
        let at = 5u * (params[1] - bit + 1u);
        let one = Ext(record[at], record[at + 1u], record[at + 2u], record[at + 3u], record[at + 4u]);
        let zero = ext_sub(ext_of(ONE), one);
        if (((block >> (bit - 1u)) & 1u) == 1u) {
            weight = ext_mul(weight, one);
        } else {
            above = ext_add(above, ext_mul(weight, one));
            weight = ext_mul(weight, zero);
        }
    }
    if (block + 1u == count) {
        weight = ext_add(weight, above);
    }
    to[block] = weight.a;
    to[block + count] = weight.b;
    to[block + 2u * count] = weight.c;
    to[block + 3u * count] = weight.d;
    to[block + 4u * count] = weight.e;
}
