// Several lists of equality weights at one point of the record's challenges, one after the other: each of the first numbers, at the lowest coordinates. Params are the number of lists, how far coordinates of weights are apart, the place
// of the first, and where the places of the point's coordinates begin in params; from 4 on of each list how many weights and how many coordinates.

@group(0) @binding(1) var<storage, read> record: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    var i = t;
    var list = 0u;
    while (list < params[0] && i >= params[4u + 2u * list]) {
        i -= params[4u + 2u * list];
        list++;
    }
    if (list == params[0]) {
        return;
    }
    let weight = merged_weight(i, params[4u + 2u * list], params[5u + 2u * list], params[3]);
    let place = params[2] + t;
    let apart = params[1];
    to[place] = weight.a;
    to[place + apart] = weight.b;
    to[place + 2u * apart] = weight.c;
    to[place + 3u * apart] = weight.d;
    to[place + 4u * apart] = weight.e;
}
