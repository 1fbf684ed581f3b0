// Binds the variable of the round before, and sums up for the next one. With FIRST, the first half's numerators are not yet with lambda times the denominators.

@group(0) @binding(4) var<storage, read> weights: array<u32>;
@group(0) @binding(5) var<storage, read_write> partial_sums: array<u32>;

// A half's folded fraction, which is stored if there is a place for it.
fn folded(block: u32, to: u32, row: u32, with_lambda: bool) -> Fraction {
    let zero = fraction(block, row_of(row, 0u, params[11]));
    let one = fraction(block + params[10], row_of(row, 1u, params[11]));
    var n = ext_add(zero.n, times(challenge(), ext_sub(one.n, zero.n)));
    let d = ext_between(zero.d, one.d, challenge());
    if (with_lambda) {
        n = ext_add(n, ext_mul(d, lambda()));
    }
    let entry = params[8] + 2u * to;
    if (row < params[entry + 1u]) {
        put_fraction(params[entry] + row, n, d);
    }
    return Fraction(n, d);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let number = group.y * groups.x + group.x;
    if (number >= params[0]) {
        return;
    }
    let task = task(number);
    let end = min(task.rows, task.first + (256u << params[4]));
    var at_zero = ext_zero();
    var leading = ext_zero();
    var tile = params[16];
    for (var row = task.first + local; row < end; row += 256u) {
        var x = Fraction(ext_zero(), ext_zero());
        var y = x;
        for (var q = 0u; q < params[19]; q++) {
            let block = task.item + q * params[13];
            let place = row_of(row, q, params[14]);
            let low = folded(block, block, place, FIRST == 1u);
            let high = folded(params[9] + block, params[12] + block, place, false);
            // The first block, then the difference of both.
            x = Fraction(ext_sub(low.n, x.n), ext_sub(low.d, x.d));
            y = Fraction(ext_sub(high.n, y.n), ext_sub(high.d, y.d));
            let gate = ext_mul(ext_add(ext_mul(x.n, y.d), ext_mul(y.n, x.d)), weights_ext(tile));
            if (q == 0u) {
                at_zero = ext_add(at_zero, gate);
            } else {
                leading = ext_add(leading, gate);
            }
        }
        tile += 5u;
    }
    finish(number, task, local, at_zero, leading);
}
