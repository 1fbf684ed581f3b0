// Weights of a layer's terms, at all positions. The first of params is, in all kernels of them, how far coordinates are apart.

@group(0) @binding(1) var<storage, read> live: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;

fn power(i: u32) -> Ext {
    return live_ext(POWERS + 5u * i);
}

// The product of a position's factors.
fn at_position(position: u32) -> Ext {
    var product = ext_of(ONE);
    for (var variable = 0u; variable < 7u; variable++) {
        product = ext_mul(product, live_ext(FACTORS + 10u * variable + 5u * ((position >> variable) & 1u)));
    }
    return product;
}

// The position with the bit that a rotation takes this one to.
fn rotated_position(position: u32, rotation: u32) -> u32 {
    return (position & 64u) | ((position + rotation) & 63u);
}

fn put_weight(i: u32, x: Ext) {
    let s = params[0];
    to[i] = x.a;
    to[i + s] = x.b;
    to[i + 2u * s] = x.c;
    to[i + 3u * s] = x.d;
    to[i + 4u * s] = x.e;
}
