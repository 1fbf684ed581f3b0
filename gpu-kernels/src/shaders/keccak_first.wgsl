// The first round of a layer, given its values: its polynomial, the challenge, and the claim there. Params are the number of values, their place in the record, coordinate by coordinate, and that of the challenge. `matrix` makes coefficients of values, row by row.

@group(0) @binding(3) var<storage, read> matrix: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    let count = params[0];
    if (local < COEFFICIENTS) {
        var x = ext_zero();
        for (var i = 0u; i < count; i++) {
            let at = params[1] + i;
            let value = Ext(record[at], record[at + count], record[at + 2u * count], record[at + 3u * count], record[at + 4u * count]);
            x = ext_add(x, ext_scale(value, matrix[local * count + i]));
        }
        put_coefficient(local, x);
    }
    send(local, params[2]);
}
