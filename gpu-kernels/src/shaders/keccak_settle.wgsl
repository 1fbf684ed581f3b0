// An instance round of a layer, given its values: its polynomial, the challenge, and the claim there.
//
// `record` has the values, coordinate by coordinate, from the place in param 0 on, and is given the challenge at that in param 1; at that in param 2 it has the coordinate of the variable. From 3 on is the matrix that makes coefficients of
// values, row by row.

const DEGREE: u32 = COEFFICIENTS - 1u;

fn value(i: u32) -> Ext {
    let at = params[0] + i;
    let s = DEGREE;
    return Ext(record[at], record[at + s], record[at + 2u * s], record[at + 3u * s], record[at + 4u * s]);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    if (local < COEFFICIENTS) {
        let row = 3u + local * COEFFICIENTS;
        let coordinate = record_ext(params[2]);
        let rest = ext_sub(live_ext(CLAIM), ext_mul(coordinate, value(0u)));
        let at_zero = ext_mul(rest, ext_inverse(ext_sub(ext_of(ONE), coordinate)));
        var x = ext_scale(at_zero, params[row]);
        for (var i = 0u; i < DEGREE; i++) {
            x = ext_add(x, ext_scale(value(i), params[row + 1u + i]));
        }
        put_coefficient(local, x);
    }
    send(local, params[1]);
}
