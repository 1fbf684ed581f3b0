// The equality weight eq(point, i) of one of the first `count` numbers, for the last of them with the sum of all that are left out. The point's coordinates, so many, are at places of the record in params from `first` on, the lowest bit's
// first.
fn merged_weight(i: u32, count: u32, coordinates: u32, first: u32) -> Ext {
    var weight = ext_of(ONE);
    var above = ext_zero();
    for (var bit = coordinates; bit > 0u; bit--) {
        let one = record_ext(params[first + bit - 1u]);
        let zero = ext_sub(ext_of(ONE), one);
        if (((i >> (bit - 1u)) & 1u) == 1u) {
            weight = ext_mul(weight, one);
        } else {
            above = ext_add(above, ext_mul(weight, one));
            weight = ext_mul(weight, zero);
        }
    }
    if (i + 1u == count) {
        weight = ext_add(weight, above);
    }
    return weight;
}
