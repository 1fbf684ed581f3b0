// Sums of partial sums: params are how many, and the place in the list of the first one's first partial sum and their number. A workgroup has one.

@group(0) @binding(1) var<storage, read> partial: array<u32>;
@group(0) @binding(2) var<storage, read> list: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let number = group.y * groups.x + group.x;
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
        sums[5u * number] = total.a;
        sums[5u * number + 1u] = total.b;
        sums[5u * number + 2u] = total.c;
        sums[5u * number + 3u] = total.d;
        sums[5u * number + 4u] = total.e;
    }
}
