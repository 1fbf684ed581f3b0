// Rounds that the device plays by itself. `live` has what only the device knows: the last challenge, the state of the transcript, the claim, and then what is a kernel's own. `record` is what the host reads of all rounds.

@group(0) @binding(1) var<storage, read_write> live: array<u32>;
@group(0) @binding(2) var<storage, read_write> record: array<u32>;

const STATE: u32 = 5u;
const CLAIM: u32 = 13u;
const OWN: u32 = 18u;

fn live_ext(at: u32) -> Ext {
    return Ext(live[at], live[at + 1u], live[at + 2u], live[at + 3u], live[at + 4u]);
}

fn put_live(at: u32, x: Ext) {
    live[at] = x.a;
    live[at + 1u] = x.b;
    live[at + 2u] = x.c;
    live[at + 3u] = x.d;
    live[at + 4u] = x.e;
}

fn transcript_state() -> Digest {
    let s = STATE;
    return Digest(vec4(live[s], live[s + 1u], live[s + 2u], live[s + 3u]), vec4(live[s + 4u], live[s + 5u], live[s + 6u], live[s + 7u]));
}

fn put_transcript_state(state: Digest) {
    for (var i = 0u; i < 4u; i++) {
        live[STATE + i] = state.low[i];
        live[STATE + 4u + i] = state.high[i];
    }
}

// The challenge of the state after a round's message, which `live` and the record at a place are given.
fn drawn(state: Digest, at: u32) -> Ext {
    put_transcript_state(state);
    let challenge = challenge_of(state);
    put_live(0u, challenge);
    for (var i = 0u; i < 5u; i++) {
        record[at + i] = live[i];
    }
    return challenge;
}
