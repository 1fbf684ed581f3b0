// Rows as they are.

@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> sums: array<u32>;

fn row(vector: u32, i: u32) -> Ext {
    return ext_at(params[0], vector, i);
}
