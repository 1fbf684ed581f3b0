// The position rounds of a layer. Columns and weights, of positions next to each other, are bound in their place; `terms_sum`, which is made for a formula, adds up its weighted terms at some of the pairs of positions. One workgroup.
//
// Params are how far coordinates of columns and of weights are apart, and the place of the first weight; the places of values, challenges and claims in the record; the matrix that makes coefficients of values, row by row; then
// components. STEPS is the power of two at or above the number of values of a round, of which each invocation has one.

@group(0) @binding(3) var<storage, read_write> columns: array<u32>;
@group(0) @binding(4) var<storage, read_write> weights: array<u32>;

const POSITIONS: u32 = 128u;
const MATRIX: u32 = 6u;
// Values of a round, the last of which is the leading coefficient.
const VALUES: u32 = COEFFICIENTS - 1u;
const LEADING: u32 = VALUES - 1u;

fn column(i: u32) -> Ext {
    let s = params[0];
    return Ext(columns[i], columns[i + s], columns[i + 2u * s], columns[i + 3u * s], columns[i + 4u * s]);
}

fn weight(i: u32) -> Ext {
    let s = params[1];
    return Ext(weights[i], weights[i + s], weights[i + 2u * s], weights[i + 3u * s], weights[i + 4u * s]);
}

fn put_column(i: u32, x: Ext) {
    let s = params[0];
    columns[i] = x.a;
    columns[i + s] = x.b;
    columns[i + 2u * s] = x.c;
    columns[i + 3u * s] = x.d;
    columns[i + 4u * s] = x.e;
}

fn put_weight(i: u32, x: Ext) {
    let s = params[1];
    weights[i] = x.a;
    weights[i + s] = x.b;
    weights[i + 2u * s] = x.c;
    weights[i + 3u * s] = x.d;
    weights[i + 4u * s] = x.e;
}

// The value at a step beyond the second of two, or the slope after the last of these.
fn on_line(low: Ext, high: Ext, step: u32) -> Ext {
    let slope = ext_sub(high, low);
    if (step == LEADING) {
        return slope;
    }
    var x = high;
    for (var i = 0u; i < step; i++) {
        x = ext_add(x, slope);
    }
    return x;
}

fn column_at(c: u32, position: u32, half: u32, step: u32) -> Ext {
    let i = c * POSITIONS + position;
    return on_line(column(i), column(i + half), step);
}

fn weight_at(t: u32, position: u32, half: u32, step: u32) -> Ext {
    let i = params[2] + t * POSITIONS + position;
    return on_line(weight(i), weight(i + half), step);
}

// Binds the highest variable that is left.
fn bind(local: u32, half: u32) {
    let challenge = live_ext(0u);
    for (var i = local; i < COLUMNS * half; i += 256u) {
        let low = i / half * POSITIONS + i % half;
        put_column(low, ext_between(column(low), column(low + half), challenge));
    }
    for (var i = local; i < TERMS * half; i += 256u) {
        let low = params[2] + i / half * POSITIONS + i % half;
        put_weight(low, ext_between(weight(low), weight(low + half), challenge));
    }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    let step = local % STEPS;
    for (var round = 0u; round < 7u; round++) {
        let half = 64u >> round;
        var sum = ext_zero();
        if (step < VALUES) {
            sum = terms_sum(local / STEPS, half, step);
        }
        sum = group_sum(local, sum, STEPS);
        if (local < VALUES) {
            record_put(params[3] + 5u * (VALUES * round + local), sum);
        }
        workgroupBarrier();
        if (local < COEFFICIENTS) {
            let row = MATRIX + local * COEFFICIENTS;
            var x = ext_scale(ext_sub(live_ext(CLAIM), group_terms[0]), params[row]);
            for (var i = 0u; i < VALUES; i++) {
                x = ext_add(x, ext_scale(group_terms[i], params[row + 1u + i]));
            }
            put_coefficient(local, x);
        }
        send(local, params[4] + 5u * round);
        storageBarrier();
        bind(local, half);
        storageBarrier();
    }
    // What a layer does not claim is last.
    if (local < CLAIMS) {
        record_put(params[5] + 5u * local, column(POSITIONS * local));
    }
}
