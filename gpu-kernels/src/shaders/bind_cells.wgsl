// Binds the lowest bit of vectors of many tables to the challenge in `live`: params are the tables, the place of the first in the list, and all elements. Of each table the list has the number of its first element, where it is, its rows, where
// it is put, and the rows there.

@group(0) @binding(1) var<storage, read> folded: array<u32>;
@group(0) @binding(2) var<storage, read> list: array<u32>;
@group(0) @binding(3) var<storage, read> live: array<u32>;
@group(0) @binding(4) var<storage, read_write> bound: array<u32>;

fn element(place: u32, n: u32) -> Ext {
    return Ext(folded[place], folded[place + n], folded[place + 2u * n], folded[place + 3u * n], folded[place + 4u * n]);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let t = invocation(group, groups, local);
    if (t >= params[2]) {
        return;
    }
    var table = params[1];
    let last = table + 5u * (params[0] - 1u);
    while (table < last && t >= list[table + 5u]) {
        table += 5u;
    }
    let n = list[table + 2u];
    let half = list[table + 4u];
    let cell = (t - list[table]) / half;
    let i = (t - list[table]) % half;
    let row = 32u * (i >> 4u) + (i & 15u);
    let place = list[table + 1u] + 5u * n * cell + row;
    let zero = element(place, n);
    var one = ext_zero();
    if (row + 16u < n) {
        one = element(place + 16u, n);
    }
    let x = ext_between(zero, one, live_ext(0u));
    let to = list[table + 3u] + 5u * half * cell + i;
    bound[to] = x.a;
    bound[to + half] = x.b;
    bound[to + 2u * half] = x.c;
    bound[to + 3u * half] = x.d;
    bound[to + 4u * half] = x.e;
}
