// What weighs the sums of a layer's rounds: lists of elements, all of which follow from the layer's point. Coordinates are at places of the record, which params have from the place in param 2 on. The first params are the number of lists
// and that of all elements; from 3 on of each list: the number of its first element, what it is, the number of its coordinates, and the places of these and of what else it has, both from the place in param 2 on.
//
// A list is of equality weights, the lowest bit's coordinate first, with zeros beyond; or of the same, each times the sum of the weights from a number of the element's own on, for which there are the number of other coordinates, these,
// and the numbers; or of the inverses of coordinates.

@group(0) @binding(1) var<storage, read> record: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

const EQUALITY: u32 = 0u;
const RESTS: u32 = 1u;
const INVERSES: u32 = 2u;

fn coordinate(i: u32) -> Ext {
    return record_ext(params[params[2] + i]);
}

fn equality(i: u32, first: u32, count: u32) -> Ext {
    var weight = ext_of(ONE);
    for (var bit = 0u; bit < count; bit++) {
        let one = coordinate(first + bit);
        if (((i >> bit) & 1u) == 1u) {
            weight = ext_mul(weight, one);
        } else {
            weight = ext_sub(weight, ext_mul(weight, one));
        }
    }
    return weight;
}

// The sum of the weights of a number, at most two to the number of coordinates, and all above it.
fn weight_from(number: u32, first: u32, count: u32) -> Ext {
    if ((number >> count) == 1u) {
        return ext_zero();
    }
    var below = ext_zero();
    var same = ext_of(ONE);
    for (var bit = count; bit > 0u; bit--) {
        let one = coordinate(first + bit - 1u);
        let zero = ext_sub(ext_of(ONE), one);
        if (((number >> (bit - 1u)) & 1u) == 1u) {
            below = ext_add(below, ext_mul(same, zero));
            same = ext_mul(same, one);
        } else {
            same = ext_mul(same, zero);
        }
    }
    return ext_sub(ext_of(ONE), below);
}

fn element(t: u32) -> Ext {
    // The last list that does not begin after it.
    var low = 0u;
    var high = params[0];
    while (high - low > 1u) {
        let middle = (low + high) / 2u;
        if (params[3u + 5u * middle] <= t) {
            low = middle;
        } else {
            high = middle;
        }
    }
    let list = 3u + 5u * low;
    let i = t - params[list];
    let kind = params[list + 1u];
    let count = params[list + 2u];
    let first = params[list + 3u];
    if (kind == INVERSES) {
        return ext_inverse(coordinate(first + i));
    }
    if ((i >> count) > 0u) {
        return ext_zero();
    }
    let weight = equality(i, first, count);
    if (kind == EQUALITY) {
        return weight;
    }
    let more = params[list + 4u];
    let others = params[params[2] + more];
    return ext_mul(weight, weight_from(params[params[2] + more + 1u + others + i], more + 1u, others));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    if (t >= params[1]) {
        return;
    }
    let x = element(t);
    let place = 5u * t;
    to[place] = x.a;
    to[place + 1u] = x.b;
    to[place + 2u] = x.c;
    to[place + 3u] = x.d;
    to[place + 4u] = x.e;
}
