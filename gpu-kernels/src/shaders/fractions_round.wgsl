// What a round's kernels share. A block is two halves: `p = n + lambda d` and `d` of the first, `n` and `d` of the second. An item is the two blocks, or the two neighbouring vectors of the only one, that differ in the
// round's variable.
//
// Params 7 to 18 are how far apart the planes of the folded blocks are; the place of their table (the first row's place, rows); from a half to the other and, of blocks that are to be folded, to the other of a pair; 1 if those
// are neighbouring vectors; from a half to the other of the folded ones; from a block of an item to the other; 1 if they are neighbouring vectors; the places among the weights of a tile's rows, of a workgroup's tiles, of
// chunks of so many, of items. Then blocks of an item (two, which the compiler is not to know).

// The row of the one of two that has the number.
fn row_of(row: u32, number: u32, is_vector: u32) -> u32 {
    return ((row >> 4u) << (4u + is_vector)) + (row & 15u) + ((number * is_vector) << 4u);
}

// The workgroup's sums of its rows' values, weighted.
fn finish(number: u32, task: Task, local: u32, at_zero: Ext, leading: Ext) {
    let weight = weights_ext(params[15] + 5u * local);
    sum_lanes(local, ext_mul(at_zero, weight), ext_mul(leading, weight));
    if (local < 2u) {
        let chunk = task.first >> (8u + params[4]);
        let scale = ext_mul(weights_ext(params[17] + 5u * chunk), weights_ext(params[18] + 5u * task.item));
        let first = 5u * local;
        let sum = ext_mul(Ext(lanes[first][0], lanes[first + 1u][0], lanes[first + 2u][0], lanes[first + 3u][0], lanes[first + 4u][0]), scale);
        let at = 5u * local * params[0] + number;
        partial_sums[at] = sum.a;
        partial_sums[at + params[0]] = sum.b;
        partial_sums[at + 2u * params[0]] = sum.c;
        partial_sums[at + 3u * params[0]] = sum.d;
        partial_sums[at + 4u * params[0]] = sum.e;
    }
}
