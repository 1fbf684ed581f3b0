// The sums of the blocks that differ in the two highest bits.

fn sum_of_two(block: u32, row: u32) -> Fraction {
    let x = fraction(block, row);
    let y = fraction(block + 2u * params[1], row);
    return Fraction(ext_add(times(y.d, x.n), times(x.d, y.n)), ext_mul(x.d, y.d));
}

fn sum_of(item: u32, row: u32) -> Fraction {
    let x = sum_of_two(item, row);
    let y = sum_of_two(item + params[1], row);
    return Fraction(ext_add(ext_mul(x.n, y.d), ext_mul(y.n, x.d)), ext_mul(x.d, y.d));
}
