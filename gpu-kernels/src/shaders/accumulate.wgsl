// Sums over blocks and lanes of `value`, weighted: params are the rows of a set, blocks, the place of the first block's weight, that of the lanes' weights, the groups that share the blocks, the first set, all workgroups, the first
// partial sum's number, and how many partial sums there are of a point. A workgroup has half of a block's rows.

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let workgroup = group.y * groups.x + group.x;
    let count = params[4];
    let own = workgroup % count;
    let half = workgroup / count & 1u;
    let points = params[5] + workgroup / count / 2u;
    let row = 256u * half + local;
    var sum = ext_zero();
    if (workgroup < params[6]) {
        for (var b = own; b < params[1]; b += count) {
            sum = ext_add(sum, ext_mul(value(points, 512u * b + row), data_ext(params[2] + 5u * b)));
        }
    }
    let lane = local & 15u;
    let total = shared_sum(local, ext_mul(sum, data_ext(params[3] + 5u * lane)), 16u);
    if (lane == 0u && workgroup < params[6]) {
        put_partial(params[7] + (32u * points + (row >> 4u)) * params[8] + own, total);
    }
}
