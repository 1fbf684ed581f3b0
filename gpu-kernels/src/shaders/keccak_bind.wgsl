// Binds the highest variable of a grid's groups. Params are the number of groups, for how many half of them would stand if none were left out, the groups that are left, how far coordinates are apart before and after, and the number of
// columns at all positions. The challenge is first in `live`.

@group(0) @binding(1) var<storage, read> grid: array<u32>;
@group(0) @binding(2) var<storage, read> live: array<u32>;
@group(0) @binding(3) var<storage, read_write> to: array<u32>;

fn cell(i: u32) -> Ext {
    let s = params[3];
    return Ext(grid[i], grid[i + s], grid[i + 2u * s], grid[i + 3u * s], grid[i + 4u * s]);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    let list = t / params[2];
    if (list >= params[5]) {
        return;
    }
    let first = list * params[0];
    let low = t % params[2];
    // Groups beyond the last are like it.
    let high = min(low + params[1], params[0] - 1u);
    let x = ext_between(cell(first + low), cell(first + high), live_ext(0u));
    let s = params[4];
    to[t] = x.a;
    to[t + s] = x.b;
    to[t + 2u * s] = x.c;
    to[t + 3u * s] = x.d;
    to[t + 4u * s] = x.e;
}
