// A round's polynomial by its coefficients, of which the transcript observes all but the constant one. Kernels have one workgroup.

var<workgroup> coefficients: array<u32, 5u * COEFFICIENTS>;

fn observed(i: u32) -> u32 {
    if (i < 5u * (COEFFICIENTS - 1u)) {
        return coefficients[5u + i];
    }
    return 0u;
}

fn coefficient(i: u32) -> Ext {
    let c = 5u * i;
    return Ext(coefficients[c], coefficients[c + 1u], coefficients[c + 2u], coefficients[c + 3u], coefficients[c + 4u]);
}

fn put_coefficient(i: u32, x: Ext) {
    let c = 5u * i;
    coefficients[c] = x.a;
    coefficients[c + 1u] = x.b;
    coefficients[c + 2u] = x.c;
    coefficients[c + 3u] = x.d;
    coefficients[c + 4u] = x.e;
}

// Draws the challenge, which the record at a place is given, and makes the claim there.
fn send(local: u32, at: u32) {
    workgroupBarrier();
    absorb(local, 5u * (COEFFICIENTS - 1u));
    if (local > 0u) {
        return;
    }
    let challenge = drawn(transcript_state(), at);
    var claim = ext_zero();
    for (var i = COEFFICIENTS; i > 0u; i--) {
        claim = ext_add(ext_mul(claim, challenge), coefficient(i - 1u));
    }
    put_live(CLAIM, claim);
}
