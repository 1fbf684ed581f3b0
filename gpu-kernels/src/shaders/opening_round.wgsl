// Sends a round's polynomial, the total of sums: it is recorded at the place in param 1, and the transcript absorbs a word's commitment, if there is one, and the polynomial. One workgroup.
//
// Params are how many sums there are, the place, and the words of the commitment.

@group(0) @binding(3) var<storage, read> sums: array<u32>;
@group(0) @binding(4) var<storage, read> cap: array<u32>;

const BLOCK_WORDS: u32 = 16u;
const CHUNK_BLOCKS: u32 = 16u;

// Chaining values of chunks, then of their parents.
var<workgroup> values: array<Digest, MAX_CHUNKS>;

fn ext_in(place: u32) -> Ext {
    return Ext(sums[place], sums[place + 1u], sums[place + 2u], sums[place + 3u], sums[place + 4u]);
}

fn observed(i: u32) -> u32 {
    if (i < params[2]) {
        return cap[i];
    }
    if (i - params[2] < 10u) {
        return lanes[i - params[2]][0];
    }
    return 0u;
}

fn observed_four(i: u32) -> vec4<u32> {
    return vec4(observed(i), observed(i + 1u), observed(i + 2u), observed(i + 3u));
}

fn flag(is_set: bool, value: u32) -> u32 {
    return select(0u, value, is_set);
}

// BLAKE3's chaining value of a chunk, or the hash if it is the only one.
fn chunk(number: u32, count: u32, blocks: u32) -> Digest {
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

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    var at_zero = ext_zero();
    var leading = ext_zero();
    for (var i = local; i < params[0]; i += 256u) {
        at_zero = ext_add(at_zero, ext_in(10u * i));
        leading = ext_add(leading, ext_in(10u * i + 5u));
    }
    sum_lanes(local, at_zero, leading);
    if (local < 10u) {
        record[params[1] + local] = lanes[local][0];
    }
    let blocks = (params[2] + 10u + BLOCK_WORDS - 1u) / BLOCK_WORDS;
    let count = (blocks + CHUNK_BLOCKS - 1u) / CHUNK_BLOCKS;
    if (local < count) {
        values[local] = chunk(local, count, blocks);
    }
    workgroupBarrier();
    if (local > 0u) {
        return;
    }
    // Neighbours have a parent, and who has none goes up: a left subtree is the largest that is full.
    for (var left = count; left > 1u; left = (left + 1u) / 2u) {
        for (var i = 0u; i < left / 2u; i++) {
            let low = values[2u * i];
            let high = values[2u * i + 1u];
            values[i] = compress(transcript_state(), block(low.low, low.high, high.low, high.high), KEYED_HASH | PARENT | flag(left == 2u, ROOT));
        }
        if (left % 2u == 1u) {
            values[left / 2u] = values[left - 1u];
        }
    }
    put_transcript_state(values[0]);
}
