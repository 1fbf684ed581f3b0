// Of theta: from 1 on params have where each lane is moved, and by how much it is rotated.

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    let position = t % 128u;
    let lane = t / 128u;
    if (lane >= 25u) {
        return;
    }
    let moved = power(params[1u + 2u * lane]);
    put_weight(t, ext_mul(at_position(rotated_position(position, params[2u + 2u * lane])), moved));
}
