// Two vectors of elements, values and weights: each coordinate of the values, then each of the weights.

fn ext_at(len: u32, vector: u32, i: u32) -> Ext {
    if (i >= len) {
        return ext_zero();
    }
    let place = 5u * vector * len + i;
    return Ext(rows[place], rows[place + len], rows[place + 2u * len], rows[place + 3u * len], rows[place + 4u * len]);
}
