// What both forms of the field share, and the challenge field: X^5 = 2.

// One, as a Montgomery word.
const ONE: u32 = 0x0ffffffeu;
// The Montgomery word of 2^32: a product with it makes a number's word.
const R_SQUARED: u32 = 0x45dddde3u;

@group(0) @binding(0) var<storage, read> params: array<u32>;

fn add(a: u32, b: u32) -> u32 {
    let s = a + b;
    return min(s, s - P);
}

fn sub(a: u32, b: u32) -> u32 {
    let d = a - b;
    return min(d, d + P);
}

struct Ext { a: u32, b: u32, c: u32, d: u32, e: u32 }

fn ext_zero() -> Ext {
    return Ext(0u, 0u, 0u, 0u, 0u);
}

fn ext_of(a: u32) -> Ext {
    return Ext(a, 0u, 0u, 0u, 0u);
}

fn ext_add(x: Ext, y: Ext) -> Ext {
    return Ext(add(x.a, y.a), add(x.b, y.b), add(x.c, y.c), add(x.d, y.d), add(x.e, y.e));
}

fn ext_sub(x: Ext, y: Ext) -> Ext {
    return Ext(sub(x.a, y.a), sub(x.b, y.b), sub(x.c, y.c), sub(x.d, y.d), sub(x.e, y.e));
}

fn ext_add_base(x: Ext, y: u32) -> Ext {
    return Ext(add(x.a, y), x.b, x.c, x.d, x.e);
}

fn ext_scale(x: Ext, y: u32) -> Ext {
    return Ext(mul(x.a, y), mul(x.b, y), mul(x.c, y), mul(x.d, y), mul(x.e, y));
}

fn dot5(a: u32, b: u32, c: u32, d: u32, e: u32, v: u32, w: u32, x: u32, y: u32, z: u32) -> u32 {
    return sum_done(sum_add(sum_add(sum_add(sum_add(sum_add(sum_zero(), a, v), b, w), c, x), d, y), e, z));
}

fn ext_mul(x: Ext, y: Ext) -> Ext {
    let b = add(y.b, y.b);
    let c = add(y.c, y.c);
    let d = add(y.d, y.d);
    let e = add(y.e, y.e);
    return Ext(
        dot5(x.a, x.b, x.c, x.d, x.e, y.a, e, d, c, b),
        dot5(x.a, x.b, x.c, x.d, x.e, y.b, y.a, e, d, c),
        dot5(x.a, x.b, x.c, x.d, x.e, y.c, y.b, y.a, e, d),
        dot5(x.a, x.b, x.c, x.d, x.e, y.d, y.c, y.b, y.a, e),
        dot5(x.a, x.b, x.c, x.d, x.e, y.e, y.d, y.c, y.b, y.a),
    );
}

// zero + (one - zero) x
fn ext_between(zero: Ext, one: Ext, x: Ext) -> Ext {
    return ext_add(zero, ext_mul(ext_sub(one, zero), x));
}

// Five parameters.
fn ext_param(first: u32) -> Ext {
    return Ext(params[first], params[first + 1u], params[first + 2u], params[first + 3u], params[first + 4u]);
}

// The number of an invocation in a grid of workgroups of 256 that may be folded into y.
fn invocation(group: vec3<u32>, groups: vec3<u32>, local: u32) -> u32 {
    return (group.y * groups.x + group.x) * 256u + local;
}
