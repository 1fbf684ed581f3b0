// Sends a round's polynomial, the total of sums: it is recorded at the place in param 1, and the transcript absorbs a word's commitment, if there is one, and the polynomial. One workgroup.
//
// Params are how many sums there are, the place, and the words of the commitment.

@group(0) @binding(3) var<storage, read> sums: array<u32>;
@group(0) @binding(4) var<storage, read> cap: array<u32>;

fn ext_in(place: u32) -> Ext {
    return Ext(sums[place], sums[place + 1u], sums[place + 2u], sums[place + 3u], sums[place + 4u]);
}

fn observed(i: u32) -> u32 {
    if (i < params[2]) {
        return cap[i];
    }
    if (i - params[2] < 10u) {
        return lanes[i - params[2]][0];
    }
    return 0u;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    var at_zero = ext_zero();
    var leading = ext_zero();
    for (var i = local; i < params[0]; i += 256u) {
        at_zero = ext_add(at_zero, ext_in(10u * i));
        leading = ext_add(leading, ext_in(10u * i + 5u));
    }
    sum_lanes(local, at_zero, leading);
    if (local < 10u) {
        record[params[1] + local] = lanes[local][0];
    }
    absorb(local, params[2] + 10u);
}
