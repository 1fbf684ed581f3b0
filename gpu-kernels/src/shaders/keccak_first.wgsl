// The first round of a layer, given its values: its polynomial, the challenge, and the claim there. Params are the number of values, and the place of the challenge in the record. `matrix` makes coefficients of values, row by row.

@group(0) @binding(3) var<storage, read> values: array<u32>;
@group(0) @binding(4) var<storage, read> matrix: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    let count = params[0];
    if (local < COEFFICIENTS) {
        var x = ext_zero();
        for (var i = 0u; i < count; i++) {
            let value = Ext(values[i], values[i + count], values[i + 2u * count], values[i + 3u * count], values[i + 4u * count]);
            x = ext_add(x, ext_scale(value, matrix[local * count + i]));
        }
        put_coefficient(local, x);
    }
    send(local, params[1]);
}
