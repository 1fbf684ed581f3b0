// Inverses. The other conjugates of an element multiply to its norm over it: to be X to the power P is to be X times a fifth root of unity, since X^5 = 2.

// Powers of 2^((P - 1) / 5), which is that root, as Montgomery words.
const ROOT_1: u32 = 0x405ce03bu;
const ROOT_2: u32 = 0x327d6570u;
const ROOT_3: u32 = 0x5f3cbd45u;
const ROOT_4: u32 = 0x0de8fd14u;

// x^P
fn conjugate(x: Ext) -> Ext {
    return Ext(x.a, mul(x.b, ROOT_1), mul(x.c, ROOT_2), mul(x.d, ROOT_3), mul(x.e, ROOT_4));
}

// x^(P^2)
fn conjugate_twice(x: Ext) -> Ext {
    return Ext(x.a, mul(x.b, ROOT_2), mul(x.c, ROOT_4), mul(x.d, ROOT_1), mul(x.e, ROOT_3));
}

// x^(P - 2), which is zero of zero
fn inverse(x: u32) -> u32 {
    var power = ONE;
    for (var bit = 31u; bit > 0u; bit--) {
        power = mul(power, power);
        if ((((P - 2u) >> (bit - 1u)) & 1u) == 1u) {
            power = mul(power, x);
        }
    }
    return power;
}

// Zero of zero.
fn ext_inverse(x: Ext) -> Ext {
    let one = conjugate(x);
    let two = ext_mul(one, conjugate(one));
    let others = ext_mul(two, conjugate_twice(two));
    return ext_scale(others, inverse(ext_mul(x, others).a));
}
