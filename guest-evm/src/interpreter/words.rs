//! Words of the EVM: 256 bits as four dwords, the lowest first.
//!
//! What decides about the form of this code is how many instructions it takes in the machine, where a branch costs no more
//! than an addition and there is no instruction to swap bytes.

use tern_guest::accelerators::mul_add_mod;

/// A word as it lies on the stack.
pub type Word = [u64; 4];

pub const ZERO: Word = [0; 4];
const ONE: Word = [1, 0, 0, 0];

/// The word, if it is below 2^64.
#[inline(always)]
pub fn small(a: &Word) -> Option<u64> {
    (a[1] | a[2] | a[3] == 0).then_some(a[0])
}

#[inline(always)]
pub fn is_zero(a: &Word) -> bool {
    a[0] | a[1] | a[2] | a[3] == 0
}

#[inline(always)]
pub fn from_u64(number: u64) -> Word {
    [number, 0, 0, 0]
}

#[inline(always)]
pub fn from_bool(bit: bool) -> Word {
    from_u64(u64::from(bit))
}

#[inline(always)]
pub fn less(a: &Word, b: &Word) -> bool {
    for i in (1..4).rev() {
        if a[i] != b[i] {
            return a[i] < b[i];
        }
    }
    a[0] < b[0]
}

#[inline(always)]
pub fn is_negative(a: &Word) -> bool {
    (a[3] as i64) < 0
}

/// Whether `a < b` in two's complement.
#[inline(always)]
pub fn signed_less(a: &Word, b: &Word) -> bool {
    if a[3] != b[3] { (a[3] as i64) < b[3] as i64 } else { less(a, b) }
}

#[inline(always)]
pub fn add(a: &Word, b: &Word) -> Word {
    let mut sum = ZERO;
    let mut carry = 0;
    for i in 0..4 {
        let low = a[i].wrapping_add(b[i]);
        sum[i] = low.wrapping_add(carry);
        carry = u64::from(low < a[i]) | u64::from(sum[i] < low);
    }
    sum
}

#[inline(always)]
pub fn sub(a: &Word, b: &Word) -> Word {
    let mut difference = ZERO;
    let mut borrow = 0;
    for i in 0..4 {
        let low = a[i].wrapping_sub(b[i]);
        difference[i] = low.wrapping_sub(borrow);
        borrow = u64::from(a[i] < b[i]) | u64::from(low < borrow);
    }
    difference
}

#[inline(always)]
pub fn negate(a: &Word) -> Word {
    sub(&ZERO, a)
}

#[inline(always)]
pub fn map2(a: &Word, b: &Word, f: impl Fn(u64, u64) -> u64) -> Word {
    [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])]
}

/// `a * b mod 2^256`; dwords of `a` that are zero are left out.
#[inline(always)]
pub fn mul(a: &Word, b: &Word) -> Word {
    let mut product = ZERO;
    for i in 0..4 {
        if a[i] == 0 {
            continue;
        }
        let mut carry = 0;
        for j in 0..4 - i {
            // At most (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1.
            let sum = u128::from(a[i]) * u128::from(b[j]) + u128::from(product[i + j]) + u128::from(carry);
            product[i + j] = sum as u64;
            carry = (sum >> 64) as u64;
        }
    }
    product
}

/// `a / b`, zero if `b` is.
#[inline(always)]
pub fn div(a: &Word, b: &Word) -> Word {
    match (small(a), small(b)) {
        (_, Some(0)) => ZERO,
        (_, Some(1)) => *a,
        (Some(a), Some(b)) => from_u64(a / b),
        (Some(_), None) => ZERO,
        _ => div_long(a, b),
    }
}

/// `a / b` for any `b` but zero: the remainder by the accelerator, and an exact division of the rest, from its lowest dword
/// up (T. Jebelean, An algorithm for exact division, 1993).
#[inline(never)]
fn div_long(a: &Word, b: &Word) -> Word {
    let mut rest = sub(a, &rem(a, b));
    let mut divisor = *b;
    // Both are multiples of the powers of two in the divisor.
    while divisor[0] == 0 {
        divisor = [divisor[1], divisor[2], divisor[3], 0];
        rest = [rest[1], rest[2], rest[3], 0];
    }
    let zeros = u64::from(divisor[0].trailing_zeros());
    divisor = shr_filled(zeros, &divisor, 0);
    rest = shr_filled(zeros, &rest, 0);
    let inverse = invert(divisor[0]);
    let mut quotient = ZERO;
    for i in 0..4 {
        quotient[i] = rest[i].wrapping_mul(inverse);
        let mut borrow = 0;
        for j in 0..4 - i {
            let product = u128::from(quotient[i]) * u128::from(divisor[j]) + u128::from(borrow);
            let (difference, is_less) = rest[i + j].overflowing_sub(product as u64);
            rest[i + j] = difference;
            // At most 2^64 - 1: the product's upper half is one less, unless its lower half is zero.
            borrow = (product >> 64) as u64 + u64::from(is_less);
        }
    }
    quotient
}

/// The inverse of an odd number modulo 2^64, by Newton's iteration: five bits are right at first, and twice as many each time.
#[inline(always)]
fn invert(odd: u64) -> u64 {
    let mut inverse = odd.wrapping_mul(3) ^ 2;
    for _ in 0..4 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
    }
    inverse
}

/// `a mod m`, zero if `m` is.
#[inline(always)]
pub fn rem(a: &Word, m: &Word) -> Word {
    if less(a, m) {
        *a
    } else if is_zero(m) {
        ZERO
    } else {
        mul_add_mod(a, &ONE, &ZERO, m)
    }
}

/// `a / b` in two's complement, rounded to zero; zero if `b` is.
#[inline(always)]
pub fn signed_div(a: &Word, b: &Word) -> Word {
    let quotient = div(&absolute(a), &absolute(b));
    if is_negative(a) != is_negative(b) { negate(&quotient) } else { quotient }
}

/// `a mod m` in two's complement, with the sign of `a`; zero if `m` is.
#[inline(always)]
pub fn signed_rem(a: &Word, m: &Word) -> Word {
    let rest = rem(&absolute(a), &absolute(m));
    if is_negative(a) { negate(&rest) } else { rest }
}

#[inline(always)]
fn absolute(a: &Word) -> Word {
    if is_negative(a) { negate(a) } else { *a }
}

/// `(a + b) mod m`, zero if `m` is.
#[inline(always)]
pub fn add_mod(a: &Word, b: &Word, m: &Word) -> Word {
    if is_zero(m) {
        return ZERO;
    }
    // The quotient stays below 2^256: `a` is below the modulus.
    mul_add_mod(b, &ONE, &rem(a, m), m)
}

/// `(a * b) mod m`, zero if `m` is.
#[inline(always)]
pub fn mul_mod(a: &Word, b: &Word, m: &Word) -> Word {
    if is_zero(m) {
        return ZERO;
    }
    // The quotient stays below 2^256: it is less than `b`, because `a` is below the modulus.
    mul_add_mod(&rem(a, m), b, &ZERO, m)
}

/// `value << shift`.
#[inline(always)]
pub fn shl(shift: &Word, value: &Word) -> Word {
    let Some(shift @ ..256) = small(shift) else { return ZERO };
    let bits = shift % 64;
    // The bits that a dword gives to the next, without a shift by 64.
    let part = |low: u64, high: u64| high << bits | low >> 1 >> (63 - bits);
    let [a, b, c, d] = *value;
    match shift / 64 {
        0 => [a << bits, part(a, b), part(b, c), part(c, d)],
        1 => [0, a << bits, part(a, b), part(b, c)],
        2 => [0, 0, a << bits, part(a, b)],
        _ => [0, 0, 0, a << bits],
    }
}

/// `value >> shift`.
#[inline(always)]
pub fn shr(shift: &Word, value: &Word) -> Word {
    let Some(shift @ ..256) = small(shift) else { return ZERO };
    shr_filled(shift, value, 0)
}

/// `value >> shift` in two's complement.
#[inline(always)]
pub fn sar(shift: &Word, value: &Word) -> Word {
    let sign = (value[3] as i64 >> 63) as u64;
    let Some(shift @ ..256) = small(shift) else { return [sign; 4] };
    shr_filled(shift, value, sign)
}

/// `value >> shift` for a shift below 256, with the dword `fill` before the value.
#[inline(always)]
fn shr_filled(shift: u64, value: &Word, fill: u64) -> Word {
    let bits = shift % 64;
    let part = |low: u64, high: u64| low >> bits | high << 1 << (63 - bits);
    let [a, b, c, d] = *value;
    match shift / 64 {
        0 => [part(a, b), part(b, c), part(c, d), part(d, fill)],
        1 => [part(b, c), part(c, d), part(d, fill), fill],
        2 => [part(c, d), part(d, fill), fill, fill],
        _ => [part(d, fill), fill, fill, fill],
    }
}

/// The byte at `index`, counted from the highest.
#[inline(always)]
pub fn byte(index: &Word, value: &Word) -> Word {
    match small(index) {
        Some(index @ ..32) => {
            let dword = value[3 - index as usize / 8];
            from_u64(dword >> (56 - index % 8 * 8) & 0xff)
        }
        _ => ZERO,
    }
}

/// `value`, of which bytes 0 to `index` count, counted from the lowest, with its sign extended.
#[inline(always)]
pub fn sign_extend(index: &Word, value: &Word) -> Word {
    let Some(index @ ..31) = small(index) else { return *value };
    let unused = 56 - index % 8 * 8;
    let mut word = *value;
    let last = index as usize / 8;
    word[last] = ((word[last] << unused) as i64 >> unused) as u64;
    let sign = (word[last] as i64 >> 63) as u64;
    for (i, dword) in word.iter_mut().enumerate() {
        if i > last {
            *dword = sign;
        }
    }
    word
}

/// Reads a big-endian word.
///
/// # Safety
///
/// 32 bytes can be read.
#[inline(always)]
pub unsafe fn read(from: *const u8) -> Word {
    // SAFETY: as the caller says.
    let dword = |i: usize| swap(unsafe { from.add(24 - 8 * i).cast::<u64>().read_unaligned() });
    [dword(0), dword(1), dword(2), dword(3)]
}

/// The big-endian word at `at`, with zeros behind the bytes.
#[inline(never)]
pub fn read_padded(bytes: &[u8], at: u64) -> Word {
    let Some(rest) = usize::try_from(at).ok().and_then(|at| bytes.get(at..)) else { return ZERO };
    let mut padded = [0; 32];
    let len = rest.len().min(padded.len());
    padded[..len].copy_from_slice(&rest[..len]);
    // SAFETY: the array has 32 bytes.
    unsafe { read(padded.as_ptr()) }
}

/// Writes a big-endian word.
///
/// # Safety
///
/// 32 bytes can be written.
#[inline(always)]
pub unsafe fn write(to: *mut u8, word: &Word) {
    for (i, &dword) in word.iter().enumerate() {
        // SAFETY: as the caller says.
        unsafe { to.add(24 - 8 * i).cast::<u64>().write_unaligned(swap(dword)) }
    }
}

/// Reads a big-endian number of `N` bytes, 1 to 32.
///
/// # Safety
///
/// `N` bytes can be read.
#[inline(always)]
pub unsafe fn read_number<const N: usize>(from: *const u8) -> Word {
    let mut word = ZERO;
    for (i, dword) in word.iter_mut().enumerate() {
        let end = N.saturating_sub(8 * i);
        if end >= 8 {
            // SAFETY: the dword lies within the bytes.
            *dword = swap_bytes(unsafe { from.add(end - 8).cast::<u64>().read_unaligned() });
        } else {
            for at in 0..end {
                // SAFETY: the byte is one of them.
                *dword = *dword << 8 | u64::from(unsafe { *from.add(at) });
            }
        }
    }
    word
}

/// [`swap_bytes`], quicker for zero: many words are small.
#[inline(always)]
fn swap(dword: u64) -> u64 {
    if dword == 0 { 0 } else { swap_bytes(dword) }
}

/// Swaps bytes, pairs and halves: 13 instructions, where the compiler's own takes 21.
#[cfg(target_arch = "riscv64")]
#[inline(always)]
fn swap_bytes(mut dword: u64) -> u64 {
    // SAFETY: registers alone.
    unsafe {
        core::arch::asm!(
            "srli {other}, {dword}, 8",
            "and {dword}, {dword}, {bytes}",
            "and {other}, {other}, {bytes}",
            "slli {dword}, {dword}, 8",
            "or {dword}, {dword}, {other}",
            "srli {other}, {dword}, 16",
            "and {dword}, {dword}, {pairs}",
            "and {other}, {other}, {pairs}",
            "slli {dword}, {dword}, 16",
            "or {dword}, {dword}, {other}",
            "srli {other}, {dword}, 32",
            "slli {dword}, {dword}, 32",
            "or {dword}, {dword}, {other}",
            dword = inout(reg) dword,
            other = out(reg) _,
            bytes = in(reg) 0x00ff_00ff_00ff_00ff_u64,
            pairs = in(reg) 0x0000_ffff_0000_ffff_u64,
            options(pure, nomem, nostack),
        );
    }
    dword
}

#[cfg(not(target_arch = "riscv64"))]
#[inline(always)]
fn swap_bytes(dword: u64) -> u64 {
    dword.swap_bytes()
}
