// The sum of two elements each. Params are how many.

@group(0) @binding(1) var<storage, read> sums: array<u32>;
@group(0) @binding(2) var<storage, read_write> total: array<u32>;

fn ext_in(place: u32) -> Ext {
    return Ext(sums[place], sums[place + 1u], sums[place + 2u], sums[place + 3u], sums[place + 4u]);
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) local: u32) {
    var x = ext_zero();
    var y = ext_zero();
    for (var i = local; i < params[0]; i += 256u) {
        x = ext_add(x, ext_in(10u * i));
        y = ext_add(y, ext_in(10u * i + 5u));
    }
    sum_lanes(local, x, y);
    if (local < 10u) {
        total[local] = lanes[local][0];
    }
}
