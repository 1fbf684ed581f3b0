// A layer's claims are sent and batched by powers of a challenge. Params are the number of claims, their place in the record, that of the challenges of position rounds, of which the first is that of the highest variable, and that of the
// batching challenge. One workgroup.

fn observed(i: u32) -> u32 {
    if (i < 5u * params[0]) {
        return record[params[1] + i];
    }
    return 0u;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    absorb(local, 5u * params[0]);
    if (local > 0u) {
        return;
    }
    let challenge = drawn(transcript_state(), params[3]);
    var power = ext_of(ONE);
    var claim = ext_zero();
    for (var i = 0u; i < params[0]; i++) {
        put_live(POWERS + 5u * i, power);
        claim = ext_add(claim, ext_mul(power, record_ext(params[1] + 5u * i)));
        power = ext_mul(power, challenge);
    }
    put_live(CLAIM, claim);
    for (var variable = 0u; variable < 7u; variable++) {
        let one = record_ext(params[2] + 5u * (6u - variable));
        put_live(FACTORS + 10u * variable, ext_sub(ext_of(ONE), one));
        put_live(FACTORS + 10u * variable + 5u, one);
    }
}
