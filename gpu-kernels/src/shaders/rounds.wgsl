// Rounds that the device plays by itself. `live` has what only the device knows: the last challenge, the state of the transcript, the claim, and then what is a kernel's own. `record` is what the host reads of all rounds.

@group(0) @binding(1) var<storage, read_write> live: array<u32>;
@group(0) @binding(2) var<storage, read_write> record: array<u32>;

const CLAIM: u32 = 13u;
const OWN: u32 = 18u;

fn put_live(at: u32, x: Ext) {
    live[at] = x.a;
    live[at + 1u] = x.b;
    live[at + 2u] = x.c;
    live[at + 3u] = x.d;
    live[at + 4u] = x.e;
}

fn record_put(at: u32, x: Ext) {
    record[at] = x.a;
    record[at + 1u] = x.b;
    record[at + 2u] = x.c;
    record[at + 3u] = x.d;
    record[at + 4u] = x.e;
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
    record_put(at, challenge);
    return challenge;
}
