// Of chi: half the sign of iota, times the lane's power. Param 1 is a half, and from 2 on are the constants of iota, which have a bit for each position.

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    let position = t % 128u;
    let lane = t / 128u;
    if (lane >= 25u) {
        return;
    }
    let x = ext_scale(ext_mul(at_position(position), power(lane)), params[1]);
    let is_flipped = lane == 0u && ((params[2u + position / 32u] >> (position % 32u)) & 1u) == 1u;
    if (is_flipped) {
        put_weight(t, ext_sub(ext_zero(), x));
    } else {
        put_weight(t, x);
    }
}
