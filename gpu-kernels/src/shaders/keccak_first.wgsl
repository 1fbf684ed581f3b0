// The first round of a layer, given its values: the polynomial's coefficients, of which the transcript observes all but the constant one, the challenge, and the claim there. One workgroup.
//
// Params are the number of values and of coefficients, and the place of the challenge in the record. `matrix` makes coefficients of values, row by row.

@group(0) @binding(3) var<storage, read> values: array<u32>;
@group(0) @binding(4) var<storage, read> matrix: array<u32>;

var<workgroup> coefficients: array<u32, WORDS>;

fn observed(i: u32) -> u32 {
    if (i < 5u * (params[1] - 1u)) {
        return coefficients[5u + i];
    }
    return 0u;
}

fn coefficient(i: u32) -> Ext {
    let c = 5u * i;
    return Ext(coefficients[c], coefficients[c + 1u], coefficients[c + 2u], coefficients[c + 3u], coefficients[c + 4u]);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    let count = params[0];
    if (local < params[1]) {
        var x = ext_zero();
        for (var i = 0u; i < count; i++) {
            let value = Ext(values[i], values[i + count], values[i + 2u * count], values[i + 3u * count], values[i + 4u * count]);
            x = ext_add(x, ext_scale(value, matrix[local * count + i]));
        }
        let c = 5u * local;
        coefficients[c] = x.a;
        coefficients[c + 1u] = x.b;
        coefficients[c + 2u] = x.c;
        coefficients[c + 3u] = x.d;
        coefficients[c + 4u] = x.e;
    }
    workgroupBarrier();
    absorb(local, 5u * (params[1] - 1u));
    if (local > 0u) {
        return;
    }
    let challenge = drawn(transcript_state(), params[2]);
    var claim = ext_zero();
    for (var i = params[1]; i > 0u; i--) {
        claim = ext_add(ext_mul(claim, challenge), coefficient(i - 1u));
    }
    put_live(CLAIM, claim);
}
