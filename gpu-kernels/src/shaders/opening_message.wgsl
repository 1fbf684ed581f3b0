// A round's polynomial, one part of the sum for each workgroup: its value at zero and its coefficient of degree two. Params are the length of the vectors that are given, and of those whose bit is bound, the first sum's number and the invocations.
// Where the round's bit is not theirs (PAIRS is 0), both are the sum of all products.

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    var at_zero = ext_zero();
    var leading = ext_zero();
    for (var i = invocation(group, groups, local); 2u * i < params[1]; i += params[3]) {
        let v = row(0u, 2u * i);
        let w = row(1u, 2u * i);
        let v1 = row(0u, 2u * i + 1u);
        let w1 = row(1u, 2u * i + 1u);
        at_zero = ext_add(at_zero, ext_mul(v, w));
        if (PAIRS == 1u) {
            leading = ext_add(leading, ext_mul(ext_sub(v1, v), ext_sub(w1, w)));
        } else {
            at_zero = ext_add(at_zero, ext_mul(v1, w1));
        }
    }
    if (PAIRS == 0u) {
        leading = at_zero;
    }
    sum_lanes(local, at_zero, leading);
    if (local < 10u) {
        sums[10u * (params[2] + group.y * groups.x + group.x) + local] = lanes[local][0];
    }
}
