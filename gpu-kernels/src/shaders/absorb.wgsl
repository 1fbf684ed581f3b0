// What the transcript absorbs when a challenge is drawn: as many words as it observed, which a kernel gives by `observed(i)`, zero beyond them.

const BLOCK_WORDS: u32 = 16u;
const CHUNK_BLOCKS: u32 = 16u;

// Chaining values of chunks, then of their parents.
var<workgroup> chunk_values: array<Digest, MAX_CHUNKS>;

fn observed_four(i: u32) -> vec4<u32> {
    return vec4(observed(i), observed(i + 1u), observed(i + 2u), observed(i + 3u));
}

fn flag(is_set: bool, value: u32) -> u32 {
    return select(0u, value, is_set);
}

// BLAKE3's chaining value of a chunk, or the hash if it is the only one.
fn chunk_value(number: u32, count: u32, blocks: u32) -> Digest {
    let first = number * CHUNK_BLOCKS;
    let end = min(first + CHUNK_BLOCKS, blocks);
    var value = transcript_state();
    for (var i = first; i < end; i++) {
        let w = BLOCK_WORDS * i;
        let flags = KEYED_HASH | flag(i == first, CHUNK_START) | flag(i + 1u == end, CHUNK_END) | flag(i + 1u == end && count == 1u, ROOT);
        value = compress_of_chunk(number, value, block(observed_four(w), observed_four(w + 4u), observed_four(w + 8u), observed_four(w + 12u)), flags);
    }
    return value;
}

// By a whole workgroup, for which what is observed is known to all. The state is the first invocation's to read.
fn absorb(local: u32, words: u32) {
    let blocks = (words + BLOCK_WORDS - 1u) / BLOCK_WORDS;
    let count = (blocks + CHUNK_BLOCKS - 1u) / CHUNK_BLOCKS;
    if (local < count) {
        chunk_values[local] = chunk_value(local, count, blocks);
    }
    workgroupBarrier();
    // All have read what the first one is to change.
    storageBarrier();
    if (local > 0u) {
        return;
    }
    // Neighbours have a parent, and who has none goes up: a left subtree is the largest that is full.
    for (var left = count; left > 1u; left = (left + 1u) / 2u) {
        for (var i = 0u; i < left / 2u; i++) {
            let low = chunk_values[2u * i];
            let high = chunk_values[2u * i + 1u];
            let flags = KEYED_HASH | PARENT | flag(left == 2u, ROOT);
            chunk_values[i] = compress(transcript_state(), block(low.low, low.high, high.low, high.high), flags);
        }
        if (left % 2u == 1u) {
            chunk_values[left / 2u] = chunk_values[left - 1u];
        }
    }
    put_transcript_state(chunk_values[0]);
}
