// A round of the zerocheck, given its sums: what the host's `Turns` sends, the challenge, and the claim there. VALUES is how many values of the round's polynomial the sums give: at 0, 2, 3 and on. One workgroup.
//
// Params are the number of sums, their place in the record and that of the challenge, and the place in `data` of what each sum adds to each value; from 4 on what is added to each, from 9 on the variable's coordinate, from 14 on its
// inverse; from 19 on the matrix that makes coefficients of values, row by row; then the nodes at which it is sent (SENT).

@group(0) @binding(3) var<storage, read> data: array<u32>;

const PREFIX: u32 = 18u;
const COEFFICIENTS: u32 = VALUES + 1u;
const MATRIX: u32 = 19u;

var<workgroup> coefficients: array<Ext, COEFFICIENTS>;
var<workgroup> message: array<u32, 5u * SENT>;

fn observed(i: u32) -> u32 {
    if (i < 5u * SENT) {
        return message[i];
    }
    return 0u;
}

fn factor(x: Ext) -> Ext {
    let coordinate = ext_param(9u);
    let slope = ext_sub(ext_add(coordinate, coordinate), ext_of(ONE));
    return ext_add(ext_sub(ext_of(ONE), coordinate), ext_mul(x, slope));
}

fn polynomial(x: Ext) -> Ext {
    var value = ext_zero();
    for (var i = COEFFICIENTS; i > 0u; i--) {
        value = ext_add(ext_mul(value, x), coefficients[i - 1u]);
    }
    return value;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    let own = local % WIDTH;
    var sum = ext_zero();
    if (own < VALUES) {
        for (var i = local / WIDTH; i < params[0]; i += 256u / WIDTH) {
            sum = ext_add(sum, ext_scale(record_ext(params[1] + 5u * i), data[params[3] + VALUES * i + own]));
        }
    }
    sum = group_sum(local, sum, WIDTH);
    workgroupBarrier();
    if (local < COEFFICIENTS) {
        let coordinate = ext_param(9u);
        let zero = ext_param(4u);
        let at_zero = ext_add(group_terms[0], zero);
        let rest = ext_sub(live_ext(CLAIM), ext_mul(ext_sub(ext_of(ONE), coordinate), at_zero));
        let row = MATRIX + COEFFICIENTS * local;
        var x = ext_scale(at_zero, params[row]);
        x = ext_add(x, ext_scale(ext_mul(rest, ext_param(14u)), params[row + 1u]));
        for (var i = 1u; i < VALUES; i++) {
            x = ext_add(x, ext_scale(ext_add(group_terms[i], zero), params[row + 1u + i]));
        }
        coefficients[local] = x;
    }
    workgroupBarrier();
    if (local < SENT) {
        let node = ext_of(params[MATRIX + COEFFICIENTS * COEFFICIENTS + local]);
        let x = ext_mul(ext_mul(live_ext(PREFIX), factor(node)), polynomial(node));
        message[5u * local] = x.a;
        message[5u * local + 1u] = x.b;
        message[5u * local + 2u] = x.c;
        message[5u * local + 3u] = x.d;
        message[5u * local + 4u] = x.e;
    }
    workgroupBarrier();
    absorb(local, 5u * SENT);
    if (local > 0u) {
        return;
    }
    let challenge = drawn(transcript_state(), params[2]);
    put_live(CLAIM, polynomial(challenge));
    put_live(PREFIX, ext_mul(live_ext(PREFIX), factor(challenge)));
}
