// What a column of signs is at the challenge, as the sum of two values, by the low and by the high byte of the 16 bits of a block: for each byte of either kind its value. Params are the powers of the inverse of a root of unity of order
// 16, divided by 16. One workgroup.

@group(0) @binding(1) var<storage, read> live: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

// The Lagrange polynomials of the roots at the challenge.
var<workgroup> lagrange: array<Ext, 16>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    if (group.x + group.y > 0u) {
        return;
    }
    if (local < 16u) {
        let challenge = live_ext(0u);
        var power = ext_of(ONE);
        var sum = ext_zero();
        for (var i = 0u; i < 16u; i++) {
            sum = ext_add(sum, ext_scale(power, params[(local * i) % 16u]));
            power = ext_mul(power, challenge);
        }
        lagrange[local] = sum;
    }
    workgroupBarrier();
    for (var entry = local; entry < 512u; entry += 256u) {
        var sum = ext_zero();
        for (var bit = 0u; bit < 8u; bit++) {
            let value = lagrange[entry / 256u * 8u + bit];
            if (((entry >> bit) & 1u) == 1u) {
                sum = ext_sub(sum, value);
            } else {
                sum = ext_add(sum, value);
            }
        }
        let place = 5u * entry;
        to[place] = sum.a;
        to[place + 1u] = sum.b;
        to[place + 2u] = sum.c;
        to[place + 3u] = sum.d;
        to[place + 4u] = sum.e;
    }
}
