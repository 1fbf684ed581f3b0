// Columns at the challenge, summed over blocks with weights. Params 1 and on are the number of columns, how far coordinates of weights are apart, and the place of the first. Sixteen invocations share a sum.

@group(0) @binding(3) var<storage, read> weights: array<u32>;
@group(0) @binding(4) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let number = group.y * groups.x + group.x;
    let item = number * 16u + local / 16u;
    let size = 128u * params[1];
    var x = ext_zero();
    if (item < size) {
        for (var block = local % 16u; block < params[0]; block += 16u) {
            let i = params[3] + block;
            let s = params[2];
            let weight = Ext(weights[i], weights[i + s], weights[i + 2u * s], weights[i + 3u * s], weights[i + 4u * s]);
            x = ext_add(x, ext_mul(value(item / 128u, item % 128u, block), weight));
        }
    }
    // Reads are of neighbours, sums are over what is 16 apart.
    x = group_sum(local % 16u * 16u + local / 16u, x, 16u);
    if (local % 16u == 0u && item < size) {
        to[item] = x.a;
        to[item + size] = x.b;
        to[item + 2u * size] = x.c;
        to[item + 3u * size] = x.d;
        to[item + 4u * size] = x.e;
    }
}
