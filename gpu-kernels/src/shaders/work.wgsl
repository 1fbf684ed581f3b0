// The smallest proof-of-work witness of a range. Params are the first witness and the one after the last, the masks of the digest's first two words, and the state, which is the key. Each invocation tries TRIES
// witnesses, those of a workgroup follow each other; none once a smaller one is found.

@group(0) @binding(1) var<storage, read_write> found: atomic<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let start = params[0] + (group.y * groups.x + group.x) * 256u * TRIES;
    if (start >= params[1] || atomicLoad(&found) < start) {
        return;
    }
    let key = Digest(vec4(params[4], params[5], params[6], params[7]), vec4(params[8], params[9], params[10], params[11]));
    let zero = vec4(0u);
    for (var i = 0u; i < TRIES; i++) {
        let witness = start + 256u * i + local;
        if (witness >= params[1]) {
            return;
        }
        let message = block(vec4(mul(witness, R_SQUARED), 0u, 0u, 0u), zero, zero, zero);
        let digest = compress(key, message, CHUNK_START | CHUNK_END | ROOT | KEYED_HASH);
        if (((digest.low.x & params[2]) | (digest.low.y & params[3])) == 0u) {
            atomicMin(&found, witness);
            return;
        }
    }
}
