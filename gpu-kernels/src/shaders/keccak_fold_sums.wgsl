// Weighted sums of columns at the challenge. Params 1 and on are: how many, what the first becomes, and how far coordinates of the result are apart; the columns in a sum, and how far they are apart, where sums begin at the first columns;
// how far coordinates of weights are apart, the place of the first weight, how far those of two columns are apart, and those of two positions.

@group(0) @binding(3) var<storage, read> weights: array<u32>;
@group(0) @binding(4) var<storage, read_write> to: array<u32>;

fn weight(column: u32, position: u32) -> Ext {
    let i = params[7] + column * params[8] + position * params[9];
    let s = params[6];
    return Ext(weights[i], weights[i + s], weights[i + 2u * s], weights[i + 3u * s], weights[i + 4u * s]);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    let size = 128u * params[0];
    let first = t / size;
    if (first >= params[1]) {
        return;
    }
    let position = t / params[0] % 128u;
    let block = t % params[0];
    var x = ext_zero();
    for (var k = 0u; k < params[4]; k++) {
        let column = first + k * params[5];
        x = ext_add(x, ext_mul(value(column, position, block), weight(column, position)));
    }
    let place = params[2] * size + t;
    to[place] = x.a;
    to[place + params[3]] = x.b;
    to[place + 2u * params[3]] = x.c;
    to[place + 3u * params[3]] = x.d;
    to[place + 4u * params[3]] = x.e;
}
