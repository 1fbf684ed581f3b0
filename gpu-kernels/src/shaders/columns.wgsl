// The cells of columns, which are zero beyond their rows: of each is told whether it is fixed, its first cell, how far rows are apart, and how many there are.

@group(0) @binding(1) var<storage, read> main_cells: array<u32>;
@group(0) @binding(2) var<storage, read> fixed_cells: array<u32>;
@group(0) @binding(3) var<storage, read> columns: array<u32>;

// `first` is the place of the table's first column.
fn column_cell(first: u32, column: u32, row: u32) -> u32 {
    let c = first + 4u * column;
    if (row >= columns[c + 3u]) {
        return 0u;
    }
    let place = columns[c + 1u] + row * columns[c + 2u];
    if (columns[c] != 0u) {
        return fixed_cells[place];
    }
    return main_cells[place];
}
