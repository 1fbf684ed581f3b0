// The cells that are columns, from rows to columns: params are the first row, rows, the place of the list and how many columns it has (each with its cell), and the place of the table's columns. A workgroup has 32 columns of 64 rows.

@group(0) @binding(4) var<storage, read> code: array<u32>;
@group(0) @binding(5) var<storage, read_write> values: array<u32>;

// Rows of a column are 65 words apart, for a row's cells to lie in different banks.
var<workgroup> tile: array<u32, 2080>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let workgroup = group.y * groups.x + group.x;
    let count = params[3];
    let tiles = (count + 31u) / 32u;
    let first = 32u * (workgroup % tiles);
    let row = 64u * (workgroup / tiles);
    let column = first + (local & 31u);
    if (column < count && row < params[1]) {
        let number = code[params[2] + 2u * column];
        for (var r = local >> 5u; r < 64u; r += 8u) {
            tile[65u * (local & 31u) + r] = column_cell(params[4], number, params[0] + row + r);
        }
    }
    workgroupBarrier();
    for (var c = local >> 6u; c < 32u; c += 4u) {
        if (first + c < count && row < params[1]) {
            let cell = code[params[2] + 2u * (first + c) + 1u];
            values[cell * params[1] + row + (local & 63u)] = tile[65u * c + (local & 63u)];
        }
    }
}
