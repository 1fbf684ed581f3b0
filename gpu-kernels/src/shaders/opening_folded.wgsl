// Rows whose lowest bit is bound when they are read first, and kept.

@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;
@group(0) @binding(4) var<storage, read_write> sums: array<u32>;

fn row(vector: u32, i: u32) -> Ext {
    if (i >= params[1]) {
        return ext_zero();
    }
    let x = ext_between(ext_at(params[0], vector, 2u * i), ext_at(params[0], vector, 2u * i + 1u), challenge());
    put(params[1], vector, i, x);
    return x;
}
