// Draws a round's challenge, after its proof of work if there is one (WORKED). Param 0 is the place of the round's witness in the record, which the challenge follows.

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y + local > 0u) {
        return;
    }
    var state = transcript_state();
    if (WORKED == 1u) {
        let zero = vec4(0u);
        state = absorbed(state, block(vec4(mul(record[params[0]], R_SQUARED), 0u, 0u, 0u), zero, zero, zero));
        // No challenge is taken from a state that the witness made.
        state = absorbed(state, block(zero, zero, zero, zero));
    }
    let challenge = drawn(state, params[0] + 1u);
}
