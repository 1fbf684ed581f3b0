// The smallest proof-of-work witness of a range. `live` has the transcript's state, and `record` the smallest witness so far at the place in param 4, or the largest number. The other params are the first witness and
// the one after the last, and the masks of the digest's first two words. Witnesses are tried by all invocations side by side, and each ends when a smaller one is found than its next.

@group(0) @binding(1) var<storage, read> live: array<u32>;
@group(0) @binding(2) var<storage, read_write> record: array<atomic<u32>>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let state = transcript_state();
    let zero = vec4(0u);
    let all = groups.x * groups.y * 256u;
    // Numbers of witnesses are below 2^31, so that one more step does not wrap.
    for (var witness = params[0] + invocation(group, groups, local); witness < params[1]; witness += all) {
        if (atomicLoad(&record[params[4]]) < witness) {
            return;
        }
        let digest = absorbed(state, block(vec4(mul(witness, R_SQUARED), 0u, 0u, 0u), zero, zero, zero));
        if (((digest.low.x & params[2]) | (digest.low.y & params[3])) == 0u) {
            atomicMin(&record[params[4]], witness);
            return;
        }
    }
}
