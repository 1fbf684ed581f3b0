// BabyBear with 32-bit integers only: elements are Montgomery words, below P.

const P: u32 = 0x78000001u;
// The inverse of P modulo 2^32.
const MU: u32 = 0x88000001u;

fn high_word(a: u32, b: u32) -> u32 {
    let a0 = a & 0xffffu;
    let a1 = a >> 16u;
    let b0 = b & 0xffffu;
    let b1 = b >> 16u;
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 16u);
    let other = a0 * b1 + (middle & 0xffffu);
    return a1 * b1 + (middle >> 16u) + (other >> 16u);
}

fn mul(a: u32, b: u32) -> u32 {
    let d = high_word(a, b) - high_word(a * b * MU, P);
    return min(d, d + P);
}

// A sum of products.
struct Sum { value: u32 }

fn sum_zero() -> Sum {
    return Sum(0u);
}

fn sum_add(sum: Sum, a: u32, b: u32) -> Sum {
    return Sum(add(sum.value, mul(a, b)));
}

fn sum_done(sum: Sum) -> u32 {
    return sum.value;
}
