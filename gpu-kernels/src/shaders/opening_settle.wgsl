// Values and weights of rows: a value is the sum of the row's cells times scales, a weight a sum of weights times those of columns. One workgroup for each job of at most 256 rows. Params are the number of jobs, the fours in a row,
// how far the weights' coordinates are apart, the rows of the vectors, and those of the columns'.
//
// A job is its first four cells' number, its rows, their first place in the vectors, the first row's number in its table, the first factor's number and how many there are. A factor is where the table's weights are, and a column's place.

@group(0) @binding(1) var<storage, read> cells: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> weights: array<u32>;
@group(0) @binding(3) var<storage, read> jobs: array<u32>;
@group(0) @binding(4) var<storage, read> factors: array<u32>;
@group(0) @binding(5) var<storage, read> scales: array<u32>;
@group(0) @binding(6) var<storage, read> columns: array<u32>;
@group(0) @binding(7) var<storage, read_write> to: array<u32>;

// At most eight columns of each row: they are read together, and an odd distance keeps the rows' banks apart.
const APART: u32 = 9u;
var<workgroup> tile: array<u32, 2304>;

fn put(place: u32, x: Ext) {
    let len = params[3];
    to[place] = x.a;
    to[place + len] = x.b;
    to[place + 2u * len] = x.c;
    to[place + 3u * len] = x.d;
    to[place + 4u * len] = x.e;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let job = group.y * groups.x + group.x;
    let fours = params[1];
    var rows = 0u;
    var first = 0u;
    if (job < params[0]) {
        first = jobs[6u * job];
        rows = jobs[6u * job + 1u];
    }
    var a = sum_zero();
    var b = sum_zero();
    var c = sum_zero();
    var d = sum_zero();
    var e = sum_zero();
    let wide = min(fours, 2u);
    for (var column = 0u; column < fours; column += wide) {
        workgroupBarrier();
        for (var i = local; i < wide * rows; i += 256u) {
            let row = i / wide;
            let x = cells[first + row * fours + column + i % wide];
            let place = row * APART + 4u * (i % wide);
            tile[place] = x.x;
            tile[place + 1u] = x.y;
            tile[place + 2u] = x.z;
            tile[place + 3u] = x.w;
        }
        workgroupBarrier();
        for (var i = 0u; i < 4u * wide; i++) {
            let cell = tile[local * APART + i];
            let scale = 4u * column + i;
            let s = 4u * fours;
            a = sum_add(a, cell, scales[scale]);
            b = sum_add(b, cell, scales[scale + s]);
            c = sum_add(c, cell, scales[scale + 2u * s]);
            d = sum_add(d, cell, scales[scale + 3u * s]);
            e = sum_add(e, cell, scales[scale + 4u * s]);
        }
    }
    if (local >= rows) {
        return;
    }
    let place = jobs[6u * job + 2u] + local;
    put(place, Ext(sum_done(a), sum_done(b), sum_done(c), sum_done(d), sum_done(e)));
    let row = jobs[6u * job + 3u] + local;
    let factor = jobs[6u * job + 4u];
    var weight = ext_zero();
    for (var i = factor; i < factor + jobs[6u * job + 5u]; i++) {
        let w = factors[2u * i] + row;
        let apart = params[2];
        let x = Ext(weights[w], weights[w + apart], weights[w + 2u * apart], weights[w + 3u * apart], weights[w + 4u * apart]);
        let len = params[4];
        let c = 5u * len + factors[2u * i + 1u];
        let y = Ext(columns[c], columns[c + len], columns[c + 2u * len], columns[c + 3u * len], columns[c + 4u * len]);
        weight = ext_add(weight, ext_mul(x, y));
    }
    put(5u * params[3] + place, weight);
}
