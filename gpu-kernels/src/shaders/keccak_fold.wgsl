// Columns at the challenge. Params 1 and on are how many, the first of them, what it becomes, and how far coordinates of the result are apart.

@group(0) @binding(3) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    let size = 128u * params[0];
    let column = t / size;
    if (column >= params[1]) {
        return;
    }
    let x = value(params[2] + column, t / params[0] % 128u, t % params[0]);
    let place = params[3] * size + t;
    to[place] = x.a;
    to[place + params[4]] = x.b;
    to[place + 2u * params[4]] = x.c;
    to[place + 3u * params[4]] = x.d;
    to[place + 4u * params[4]] = x.e;
}
