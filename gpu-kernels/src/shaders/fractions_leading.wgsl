// The sum of a layer's first round, before any variable is bound: the leading coefficient.

@group(0) @binding(2) var<storage, read> live: array<u32>;
@group(0) @binding(3) var<storage, read> weights: array<u32>;
@group(0) @binding(4) var<storage, read_write> partial_sums: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let number = group.y * groups.x + group.x;
    if (number >= params[0]) {
        return;
    }
    let task = task(number);
    let end = min(task.rows, task.first + (256u << params[4]));
    var leading = ext_zero();
    var tile = params[16];
    for (var row = task.first + local; row < end; row += 256u) {
        var x = Fraction(ext_zero(), ext_zero());
        var y = x;
        for (var q = 0u; q < params[19]; q++) {
            let place = row_of(row, q, params[14]);
            let low = fraction(task.item + q * params[13], place);
            let high = fraction(params[9] + task.item + q * params[13], place);
            x = Fraction(ext_sub(low.n, x.n), ext_sub(low.d, x.d));
            y = Fraction(ext_sub(high.n, y.n), ext_sub(high.d, y.d));
        }
        let p = ext_add(x.n, ext_mul(x.d, lambda()));
        let gate = ext_add(ext_mul(p, y.d), times(x.d, y.n));
        leading = ext_add(leading, ext_mul(gate, weights_ext(tile)));
        tile += 5u;
    }
    finish(number, task, local, ext_zero(), leading);
}
