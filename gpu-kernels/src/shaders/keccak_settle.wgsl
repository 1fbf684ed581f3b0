// An instance round of a layer, given its values: its polynomial, which is observed without its constant coefficient, the challenge, and the claim there. One invocation.
//
// `record` has the values, coordinate by coordinate, from the place in param 0 on, and is given the challenge at that in param 1; param 2 is the degree. From 3 on the coordinate of the variable, from 8 on the inverse of one less it,
// and from 13 on the matrix that makes coefficients of values, row by row. `live` has the challenge, the state of the transcript, and the claim.

// The highest degree, and words of as many blocks as its coefficients take.
const MAX_DEGREE: u32 = 5u;
const MESSAGE: u32 = 32u;

fn value(i: u32) -> Ext {
    let at = params[0] + i;
    let s = params[2];
    return Ext(record[at], record[at + s], record[at + 2u * s], record[at + 3u * s], record[at + 4u * s]);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y + local > 0u) {
        return;
    }
    let degree = params[2];
    var values: array<Ext, MAX_DEGREE + 1u>;
    values[0] = ext_mul(ext_sub(live_ext(CLAIM), ext_mul(ext_param(3u), value(0u))), ext_param(8u));
    for (var i = 0u; i < degree; i++) {
        values[i + 1u] = value(i);
    }
    var coefficients: array<Ext, MAX_DEGREE + 1u>;
    var message: array<u32, MESSAGE>;
    for (var row = 0u; row <= degree; row++) {
        var x = ext_zero();
        for (var i = 0u; i <= degree; i++) {
            x = ext_add(x, ext_scale(values[i], params[13u + row * (degree + 1u) + i]));
        }
        coefficients[row] = x;
        if (row > 0u) {
            let at = 5u * (row - 1u);
            message[at] = x.a;
            message[at + 1u] = x.b;
            message[at + 2u] = x.c;
            message[at + 3u] = x.d;
            message[at + 4u] = x.e;
        }
    }
    var state = transcript_state();
    let words = 5u * degree;
    for (var at = 0u; at < words; at += 16u) {
        let part = block(
            vec4(message[at], message[at + 1u], message[at + 2u], message[at + 3u]),
            vec4(message[at + 4u], message[at + 5u], message[at + 6u], message[at + 7u]),
            vec4(message[at + 8u], message[at + 9u], message[at + 10u], message[at + 11u]),
            vec4(message[at + 12u], message[at + 13u], message[at + 14u], message[at + 15u]),
        );
        let is_first = select(0u, CHUNK_START, at == 0u);
        let is_last = select(0u, CHUNK_END | ROOT, at + 16u >= words);
        state = compress(state, part, KEYED_HASH | is_first | is_last);
    }
    let challenge = drawn(state, params[1]);
    var next = coefficients[degree];
    for (var row = degree; row > 0u; row--) {
        next = ext_add(ext_mul(next, challenge), coefficients[row - 1u]);
    }
    put_live(CLAIM, next);
}
