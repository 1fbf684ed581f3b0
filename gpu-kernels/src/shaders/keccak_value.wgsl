// The columns at the challenge of the first round: a column is a sum of two values, by the two bytes of its bits in a block. `tables` has these values; the first of params is, in all kernels of them, the number of blocks.

@group(0) @binding(1) var<storage, read> planes: array<u32>;
@group(0) @binding(2) var<storage, read> tables: array<u32>;

fn entry(i: u32) -> Ext {
    let at = 5u * i;
    return Ext(tables[at], tables[at + 1u], tables[at + 2u], tables[at + 3u], tables[at + 4u]);
}

fn value(column: u32, position: u32, block: u32) -> Ext {
    let bits = planes[((column >> 1u) * 128u + position) * params[0] + block] >> (16u * (column & 1u));
    return ext_add(entry(bits & 255u), entry(256u + ((bits >> 8u) & 255u)));
}
