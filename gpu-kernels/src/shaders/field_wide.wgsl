// BabyBear with 64-bit integers: elements are Montgomery words, below P.

const P: u32 = 0x78000001u;
// The inverse of P modulo 2^32.
const MU: u32 = 0x88000001u;

// From x below P 2^32 to x / 2^32 modulo P.
fn reduce(x: u64) -> u32 {
    let d = u32(x >> 32u) - u32((u64(u32(x) * MU) * u64(P)) >> 32u);
    return min(d, d + P);
}

fn mul(a: u32, b: u32) -> u32 {
    return reduce(u64(a) * u64(b));
}

// A sum of products that is reduced once.
struct Sum { value: u64 }

fn sum_zero() -> Sum {
    return Sum(0lu);
}

// Adds a product: what is over P 2^32 is taken off the high word.
fn sum_add(sum: Sum, a: u32, b: u32) -> Sum {
    let x = sum.value + u64(a) * u64(b);
    let h = u32(x >> 32u);
    return Sum((u64(min(h, h - P)) << 32u) | u64(u32(x)));
}

fn sum_done(sum: Sum) -> u32 {
    return reduce(sum.value);
}
