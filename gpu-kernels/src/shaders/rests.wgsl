// All rests together, row by row, and kept: params after those of sums are the place of the table's columns, where the columns that weigh something begin (each its number and weight), and how many they are.

@group(0) @binding(4) var<storage, read> data: array<u32>;
@group(0) @binding(5) var<storage, read_write> partial: array<u32>;
@group(0) @binding(6) var<storage, read_write> rests: array<u32>;

fn value(points: u32, row: u32) -> Ext {
    var a = sum_zero();
    var b = sum_zero();
    var c = sum_zero();
    var d = sum_zero();
    var e = sum_zero();
    let end = params[10] + 6u * params[11];
    for (var w = params[10]; w < end; w += 6u) {
        let x = column_cell(params[9], data[w], row);
        a = sum_add(a, x, data[w + 1u]);
        b = sum_add(b, x, data[w + 2u]);
        c = sum_add(c, x, data[w + 3u]);
        d = sum_add(d, x, data[w + 4u]);
        e = sum_add(e, x, data[w + 5u]);
    }
    let rest = Ext(sum_done(a), sum_done(b), sum_done(c), sum_done(d), sum_done(e));
    let rows = params[0];
    rests[row] = rest.a;
    rests[rows + row] = rest.b;
    rests[2u * rows + row] = rest.c;
    rests[3u * rows + row] = rest.d;
    rests[4u * rows + row] = rest.e;
    return rest;
}
