// A leaf's words are challenge-field elements, of which the coordinates are apart in memory: params are the number of leaves, words of one, the first digest's place, and how far coordinates are apart.

@group(0) @binding(1) var<storage, read> cells: array<u32>;

fn leaf_word(leaf: u32, i: u32) -> u32 {
    if (i >= params[1]) {
        return 0u;
    }
    return cells[(i % 5u) * params[3] + leaf * (params[1] / 5u) + i / 5u];
}
