// The sums of the blocks that differ in the highest bit.

fn sum_of(item: u32, row: u32) -> Fraction {
    let x = fraction(item, row);
    let y = fraction(item + params[1], row);
    return Fraction(ext_add(times(y.d, x.n), times(x.d, y.n)), ext_mul(x.d, y.d));
}
