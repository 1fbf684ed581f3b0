// A leaf's words are a row: params are the number of rows, words of one, the first digest's place.

@group(0) @binding(1) var<storage, read> cells: array<u32>;

fn leaf_word(row: u32, i: u32) -> u32 {
    if (i >= params[1]) {
        return 0u;
    }
    return cells[row * params[1] + i];
}
