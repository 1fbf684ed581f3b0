// Binds the skipped bits of cells: params are cells, blocks, the first block, the place of the table's first cell, and its rows after that. The weights are the Lagrange polynomials.

@group(0) @binding(1) var<storage, read> values: array<u32>;
@group(0) @binding(2) var<storage, read> lagrange: array<u32>;
@group(0) @binding(3) var<storage, read_write> folded: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    let of_cell = 16u * params[1];
    if (t >= params[0] * of_cell) {
        return;
    }
    let cell = t / of_cell;
    let i = t % of_cell;
    let place = 32u * of_cell * cell + 512u * (i >> 4u) + (i & 15u);
    var a = sum_zero();
    var b = sum_zero();
    var c = sum_zero();
    var d = sum_zero();
    var e = sum_zero();
    for (var j = 0u; j < 32u; j++) {
        let x = values[place + 16u * j];
        a = sum_add(a, x, lagrange[5u * j]);
        b = sum_add(b, x, lagrange[5u * j + 1u]);
        c = sum_add(c, x, lagrange[5u * j + 2u]);
        d = sum_add(d, x, lagrange[5u * j + 3u]);
        e = sum_add(e, x, lagrange[5u * j + 4u]);
    }
    let n = params[4];
    let to = params[3] + 5u * n * cell + 16u * params[2] + i;
    folded[to] = sum_done(a);
    folded[to + n] = sum_done(b);
    folded[to + 2u * n] = sum_done(c);
    folded[to + 3u * n] = sum_done(d);
    folded[to + 4u * n] = sum_done(e);
}
