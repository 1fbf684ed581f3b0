// The digests of rows of at most 256 words, one chunk of BLAKE3; the last block is filled up with zeros.

@group(0) @binding(2) var<storage, read_write> digests: array<vec4<u32>>;

fn four(row: u32, i: u32) -> vec4<u32> {
    return vec4(leaf_word(row, i), leaf_word(row, i + 1u), leaf_word(row, i + 2u), leaf_word(row, i + 3u));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let row = invocation(group, groups, local);
    if (row >= params[0]) {
        return;
    }
    let blocks = (params[1] + 15u) / 16u;
    var value = initial();
    for (var i = 0u; i < blocks; i++) {
        var flags = 0u;
        if (i == 0u) {
            flags |= CHUNK_START;
        }
        if (i + 1u == blocks) {
            flags |= CHUNK_END | ROOT;
        }
        let w = 16u * i;
        value = compress(value, block(four(row, w), four(row, w + 4u), four(row, w + 8u), four(row, w + 12u)), flags);
    }
    let place = 2u * (params[2] + row);
    digests[place] = value.low;
    digests[place + 1u] = value.high;
}
