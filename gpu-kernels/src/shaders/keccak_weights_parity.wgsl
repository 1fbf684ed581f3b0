// Of the parities at each x, and of the lanes' sum; then what makes this sum, then each lane's weight in it at all positions.

const TERMS: u32 = 6u * 128u;
const LANES: u32 = 25u;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    let position = t % 128u;
    if (t < TERMS) {
        let x = t / 128u;
        if (x == 5u) {
            put_weight(t, at_position(position));
            return;
        }
        let below = ext_mul(at_position(rotated_position(position, 1u)), power(LANES + 5u + x));
        put_weight(t, ext_add(ext_mul(at_position(position), power(LANES + x)), below));
    } else if (t < TERMS + LANES) {
        put_weight(t, power(t - TERMS));
    } else if (t < TERMS + LANES + 128u * LANES) {
        let linear = t - TERMS - LANES;
        put_weight(t, ext_mul(at_position(linear % 128u), power(linear / 128u)));
    }
}
