// The transcript (fri/src/multilinear/transcript.rs). Elements are observed as their words, and a challenge is five numbers of 48 bits of the state, modulo P.

// Where `live`, which a kernel declares, has the state.
const STATE: u32 = 5u;

fn transcript_state() -> Digest {
    let s = STATE;
    return Digest(vec4(live[s], live[s + 1u], live[s + 2u], live[s + 3u]), vec4(live[s + 4u], live[s + 5u], live[s + 6u], live[s + 7u]));
}

// The next state, when one block was observed.
fn absorbed(state: Digest, message: Block) -> Digest {
    return compress(state, message, CHUNK_START | CHUNK_END | ROOT | KEYED_HASH);
}

fn coordinate(low: u32, high: u32) -> u32 {
    return add(mul(low, R_SQUARED), mul(mul(high, R_SQUARED), R_SQUARED));
}

fn challenge_of(state: Digest) -> Ext {
    let s = state.low;
    let t = state.high;
    return Ext(
        coordinate(s.x, s.y & 0xffffu),
        coordinate((s.y >> 16u) | (s.z << 16u), s.z >> 16u),
        coordinate(s.w, t.x & 0xffffu),
        coordinate((t.x >> 16u) | (t.y << 16u), t.y >> 16u),
        coordinate(t.z, t.w & 0xffffu),
    );
}
