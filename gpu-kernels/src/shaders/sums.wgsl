// Sums of partial sums: params are the end of their numbers, the place in the list of the very first one's first partial sum and how many it has, the number of the first here, and where the very first one goes. A workgroup has one.

@group(0) @binding(1) var<storage, read> partial: array<u32>;
@group(0) @binding(2) var<storage, read> list: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let number = params[2] + group.y * groups.x + group.x;
    var sum = ext_zero();
    if (number < params[0]) {
        let first = list[params[1] + 2u * number];
        let end = first + list[params[1] + 2u * number + 1u];
        for (var i = first + local; i < end; i += 256u) {
            sum = ext_add(sum, Ext(partial[5u * i], partial[5u * i + 1u], partial[5u * i + 2u], partial[5u * i + 3u], partial[5u * i + 4u]));
        }
    }
    let total = shared_sum(local, sum, 256u);
    if (local == 0u && number < params[0]) {
        let to = params[3] + 5u * number;
        sums[to] = total.a;
        sums[to + 1u] = total.b;
        sums[to + 2u] = total.c;
        sums[to + 3u] = total.d;
        sums[to + 4u] = total.e;
    }
}
