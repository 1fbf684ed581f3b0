// Equality weights of a point of the record's challenges: eq(point, i) for each i. Params are the number of coordinates, and their places, the lowest bit's first.

@group(0) @binding(1) var<storage, read> record: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    if (i >= (1u << params[0])) {
        return;
    }
    var x = ext_of(ONE);
    for (var bit = 0u; bit < params[0]; bit++) {
        let at = params[1u + bit];
        let coordinate = Ext(record[at], record[at + 1u], record[at + 2u], record[at + 3u], record[at + 4u]);
        if (((i >> bit) & 1u) == 1u) {
            x = ext_mul(x, coordinate);
        } else {
            x = ext_mul(x, ext_sub(ext_of(ONE), coordinate));
        }
    }
    to[5u * i] = x.a;
    to[5u * i + 1u] = x.b;
    to[5u * i + 2u] = x.c;
    to[5u * i + 3u] = x.d;
    to[5u * i + 4u] = x.e;
}
