// Begins a layer: lambda, the claim, and what is beyond the rows of its blocks. Params are the place of lambda in the record, and the number of blocks; from 2 on the denominators beyond their rows. One workgroup.

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    if (local == 0u) {
        let zero = vec4(0u);
        let lambda = drawn(absorbed(transcript_state(), block(zero, zero, zero, zero)), params[0]);
        put_live(LAMBDA, lambda);
        put_live(PREFIX, ext_of(ONE));
        put_live(CLAIM, ext_add(live_ext(START), ext_mul(lambda, live_ext(START + 5u))));
        put_live(AT_ZERO, ext_add(live_ext(START + 10u), ext_mul(lambda, live_ext(START + 15u))));
    }
    storageBarrier();
    for (var i = local; i < params[1]; i += 256u) {
        let d = ext_param(2u + 5u * i);
        put_live(BEYOND + 10u * i, ext_mul(lambda(), d));
        put_live(BEYOND + 10u * i + 5u, d);
    }
}
