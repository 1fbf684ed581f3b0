//! The C functions, called as a C program calls them: results, statuses, and what stands in the result's place after a failure.

use core::mem::{align_of, offset_of, size_of};

use alloc::vec;
use alloc::vec::Vec;

use k256::ecdsa::SigningKey;
use revm::precompile::{Crypto, DefaultCrypto};

use super::accelerators::*;
use super::{Bytes, Status, read_input, write_output};
use crate::host;

/// What stands in a result's place before a call.
const UNTOUCHED: u8 = 0xa5;

fn untouched<const N: usize>() -> Bytes<N> {
    Bytes([UNTOUCHED; N])
}

/// The result of a call that writes one, if it succeeds; nothing may be written if it fails.
fn result<const N: usize>(call: impl FnOnce(*mut Bytes<N>) -> Status) -> Option<[u8; N]> {
    let mut place = untouched();
    match call(&mut place) {
        Status::Ok => Some(place.0),
        Status::Fail => {
            assert_eq!(place, untouched(), "a failed call wrote a result");
            None
        }
    }
}

/// The answer of a verification, if it succeeds; its place keeps either value if it fails.
fn answer(call: impl Fn(*mut bool) -> Status) -> Option<bool> {
    let [from_false, from_true] = [false, true].map(|before| {
        let mut place = before;
        match call(&mut place) {
            Status::Ok => Some(place),
            Status::Fail => {
                assert_eq!(place, before, "a failed call wrote an answer");
                None
            }
        }
    });
    assert_eq!(from_false, from_true);
    from_false
}

fn hex<const N: usize>(digits: &str) -> [u8; N] {
    let digits: Vec<u8> = digits.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    assert_eq!(digits.len(), 2 * N);
    core::array::from_fn(|i| digits[2 * i] << 4 | digits[2 * i + 1])
}

fn joined<const N: usize>(parts: &[&[u8]]) -> Bytes<N> {
    Bytes(parts.concat().try_into().expect("parts of the right length"))
}

fn number<const N: usize>(value: u8) -> [u8; N] {
    core::array::from_fn(|i| if i == N - 1 { value } else { 0 })
}

#[test]
fn layouts_are_the_standards() {
    assert_eq!((size_of::<Bytes<16>>(), align_of::<Bytes<16>>()), (16, 8));
    assert_eq!((size_of::<Bytes<48>>(), align_of::<Bytes<48>>()), (48, 8));
    assert_eq!((size_of::<Bn254Pair>(), offset_of!(Bn254Pair, g2), align_of::<Bn254Pair>()), (192, 64, 8));
    assert_eq!((size_of::<Bls12Term<96>>(), offset_of!(Bls12Term<96>, scalar)), (128, 96));
    assert_eq!((size_of::<Bls12Term<192>>(), offset_of!(Bls12Term<192>, scalar)), (224, 192));
    assert_eq!((size_of::<Bls12Pair>(), offset_of!(Bls12Pair, g2)), (288, 96));
    assert_eq!((size_of::<Status>(), Status::Ok as i32, Status::Fail as i32), (4, 0, -1));
}

#[test]
fn input_and_output() {
    host::set_input(vec![3, 1, 4]);
    let (mut start, mut size) = (core::ptr::null(), 0);
    for _ in 0..2 {
        // SAFETY: both are writable, and the input lives on.
        let input = unsafe {
            read_input(&mut start, &mut size);
            core::slice::from_raw_parts(start, size)
        };
        assert_eq!(input, [3, 1, 4]);
    }
    // SAFETY: a readable range, and none.
    unsafe {
        write_output(b"ab".as_ptr(), 2);
        write_output(core::ptr::null(), 0);
        write_output(b"c".as_ptr(), 1);
    }
    assert_eq!(host::take_output(), b"abc");
}

#[test]
fn hashes() {
    // SAFETY: in all of these the pointers are to what they say.
    unsafe {
        let keccak = |bytes: &[u8]| result(|place| zkvm_keccak256(bytes.as_ptr(), bytes.len(), place));
        assert_eq!(keccak(b""), Some(hex("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")));
        assert_eq!(keccak(b"abc"), Some(hex("4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")));
        let sha256 = |bytes: &[u8]| result(|place| zkvm_sha256(bytes.as_ptr(), bytes.len(), place));
        assert_eq!(sha256(b""), Some(hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")));
        assert_eq!(sha256(b"abc"), Some(hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
        let ripemd = |bytes: &[u8]| result(|place| zkvm_ripemd160(bytes.as_ptr(), bytes.len(), place));
        assert_eq!(ripemd(b"abc"), Some(hex("0000000000000000000000008eb208f7e05d987a9b044a8e98c6b087f15a0bfc")));
        // no bytes, at no address
        assert_eq!(result(|place| zkvm_keccak256(core::ptr::null(), 0, place)), keccak(b""));
        assert_eq!(result(|place| zkvm_sha256(core::ptr::null(), 0, place)), sha256(b""));
    }
}

/// RFC 7693, appendix A, which is the fifth vector of EIP-152 too.
#[test]
fn blake2f() {
    let initial: [u8; 64] = hex(
        "48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b",
    );
    let message: Bytes<128> = joined(&[b"abc", &[0; 125]]);
    let offset: Bytes<16> = joined(&[&[3], &[0; 15]]);
    let run = |rounds, last| {
        let mut state = Bytes(initial);
        // SAFETY: the pointers are to what they say.
        let status = unsafe { zkvm_blake2f(rounds, &mut state, &message, &offset, last) };
        (status, state.0)
    };
    let expected = hex(
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    );
    assert_eq!(run(12, 1), (Status::Ok, expected));
    assert_ne!(run(12, 0).1, expected);
    assert_ne!(run(11, 1).1, expected);
    assert_eq!(run(12, 2), (Status::Fail, initial));
}

fn modexp(base: &[u8], exp: &[u8], modulus: &[u8]) -> Vec<u8> {
    let mut output = vec![UNTOUCHED; modulus.len()];
    let (operands, place) = ([base, exp, modulus].map(|bytes| (bytes.as_ptr(), bytes.len())), output.as_mut_ptr());
    let [(base, base_len), (exp, exp_len), (modulus, mod_len)] = operands;
    // SAFETY: the pointers are to as many bytes as the lengths say.
    let status = unsafe { zkvm_modexp(base, base_len, exp, exp_len, modulus, mod_len, place) };
    assert_eq!(status, Status::Ok);
    output
}

#[test]
fn powers() {
    assert_eq!(modexp(&[3], &[5], &[0, 7]), [0, 5]);
    assert_eq!(modexp(&[], &[], &[0, 0, 1]), [0, 0, 0]);
    assert_eq!(modexp(&[2], &[3], &[0, 0]), [0, 0]);
    assert!(modexp(&[2], &[3], &[]).is_empty());
    // more than the machine's multiplication holds
    let (base, exponent, mut modulus) = ([0xab; 70], [0xcd; 9], [0xef; 64]);
    for _ in 0..3 {
        let digits = DefaultCrypto.modexp(&base, &exponent, &modulus).expect("a power");
        let power = modexp(&base, &exponent, &modulus);
        assert_eq!(power[64 - digits.len()..], digits);
        assert!(power[..64 - digits.len()].iter().all(|&byte| byte == 0));
        modulus[0] = 0;
        modulus[1] >>= 1;
    }
}

#[test]
fn signatures_over_secp256k1() {
    let key = SigningKey::from_slice(&[7; 32]).expect("a valid key");
    let public = joined::<64>(&[&key.verifying_key().to_encoded_point(false).as_bytes()[1..]]);
    let hash = Bytes([0x5a; 32]);
    let (signature, id) = key.sign_prehash_recoverable(&hash.0).expect("signs");
    let signature = Bytes(signature.to_bytes().into());
    // SAFETY: the pointers are to what they say.
    let recover = |hash: &_, signature: &_, id| unsafe { result(|place| zkvm_secp256k1_ecrecover(hash, signature, id, place)) };
    // SAFETY: as above.
    let verify = |hash: &_, signature: &_, key: &_| unsafe { answer(|place| zkvm_secp256k1_verify(hash, signature, key, place)) };
    assert_eq!(recover(&hash, &signature, id.to_byte()), Some(public.0));
    assert_eq!(recover(&hash, &signature, 4), None);
    assert_eq!(recover(&hash, &Bytes([0; 64]), 0), None);
    assert_eq!(verify(&hash, &signature, &public), Some(true));
    assert_eq!(verify(&Bytes([0x5b; 32]), &signature, &public), Some(false));
    assert_eq!(verify(&hash, &Bytes([0; 64]), &public), Some(false));
    assert_eq!(verify(&hash, &signature, &Bytes([1; 64])), Some(false));
}

#[test]
fn signatures_over_secp256r1() {
    // the signature and key of the self-test
    let signature = Bytes(hex(
        "8874c60e08b0cee62498d7c136251d95e6af9aa811d9e61a8962a1c581c1832b3cf9c3a7f1156c175d3a8b58b39ccb130f670d2456da208cc0d6498b8fa18772",
    ));
    let key = Bytes(hex(
        "a46eb49a62dfa07e7913c53203b4f11ea10080ba5c21a24c41815962afbdcd18e486067d4cf2604f268a847d4df1cdfd97964dc52b6d041d8b209326db6817f8",
    ));
    // SAFETY: the pointers are to what they say.
    let verify = |hash: u8, key: &_| unsafe { answer(|place| zkvm_secp256r1_verify(&Bytes([hash; 32]), &signature, key, place)) };
    assert_eq!(verify(0x5a, &key), Some(true));
    assert_eq!(verify(0x5b, &key), Some(false));
    assert_eq!(verify(0x5a, &Bytes([1; 64])), Some(false));
}

/// The generators of bn254: that of the curve, its negative, and that of the twist.
fn bn254_generators() -> (Bytes<64>, Bytes<64>, Bytes<128>) {
    let minus_y: [u8; 32] = hex("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd45");
    let twist = hex(
        "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c21800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed\
        090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa",
    );
    (joined(&[&number::<32>(1), &number::<32>(2)]), joined(&[&number::<32>(1), &minus_y]), Bytes(twist))
}

#[test]
fn bn254() {
    let (p, minus_p, q) = bn254_generators();
    let outside = joined(&[&number::<32>(1), &number::<32>(3)]);
    // SAFETY: the pointers are to what they say, also where a result takes its operand's place.
    unsafe {
        let add = |a: &_, b: &_| result(|place| zkvm_bn254_g1_add(a, b, place));
        let multiply = |point: &_, scalar: u8| result(|place| zkvm_bn254_g1_mul(point, &Bytes(number(scalar)), place));
        assert_eq!(add(&p, &p), multiply(&p, 2));
        assert_eq!(add(&p, &minus_p), Some([0; 64]));
        assert_eq!(add(&p, &Bytes([0; 64])), Some(p.0));
        assert_eq!(add(&p, &outside), None);
        assert_eq!(multiply(&outside, 2), None);
        let mut twice = p;
        let in_place = &raw mut twice;
        assert_eq!(zkvm_bn254_g1_add(in_place, in_place, in_place), Status::Ok);
        assert_eq!(Some(twice.0), multiply(&p, 2));

        let pairing = |pairs: &[Bn254Pair]| answer(|place| zkvm_bn254_pairing(pairs.as_ptr(), pairs.len(), place));
        let pair = |g1| Bn254Pair { g1, g2: q };
        assert_eq!(pairing(&[pair(p), pair(minus_p)]), Some(true));
        assert_eq!(pairing(&[pair(p), pair(p)]), Some(false));
        assert_eq!(pairing(&[]), Some(true));
        assert_eq!(pairing(&[pair(p), pair(outside)]), None);
    }
}

#[test]
fn bls12() {
    let minus_one = Bytes(hex("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000"));
    let two = Bytes(number(2));
    // SAFETY: the pointers are to what they say.
    unsafe {
        let map_1 = |element: &_| result(|place| zkvm_bls12_map_fp_to_g1(element, place));
        let map_2 = |element: &_| result(|place| zkvm_bls12_map_fp2_to_g2(element, place));
        let p = Bytes(map_1(&Bytes(number(5))).expect("a point"));
        let q = Bytes(map_2(&joined(&[&number::<48>(5), &number::<48>(6)])).expect("a point"));
        assert_ne!(Some(q.0), map_2(&joined(&[&number::<48>(6), &number::<48>(5)])));
        assert_eq!((map_1(&Bytes([0xff; 48])), map_2(&Bytes([0xff; 96]))), (None, None));

        let add_1 = |a: &_, b: &_| result(|place| zkvm_bls12_g1_add(a, b, place));
        let add_2 = |a: &_, b: &_| result(|place| zkvm_bls12_g2_add(a, b, place));
        let sum_1 = |terms: &[Bls12Term<96>]| result(|place| zkvm_bls12_g1_msm(terms.as_ptr(), terms.len(), place));
        let sum_2 = |terms: &[Bls12Term<192>]| result(|place| zkvm_bls12_g2_msm(terms.as_ptr(), terms.len(), place));
        let term = |scalar| Bls12Term { point: p, scalar };
        let term_2 = |scalar| Bls12Term { point: q, scalar };
        assert_eq!((add_1(&p, &Bytes([0; 96])), add_2(&q, &Bytes([0; 192]))), (Some(p.0), Some(q.0)));
        assert_eq!((add_1(&p, &p), add_2(&q, &q)), (sum_1(&[term(two)]), sum_2(&[term_2(two)])));
        assert_eq!((sum_1(&[term(two), term(minus_one)]), sum_2(&[term_2(two), term_2(minus_one)])), (Some(p.0), Some(q.0)));
        assert_eq!((sum_1(&[]), sum_2(&[])), (Some([0; 96]), Some([0; 192])));
        assert_eq!((add_1(&p, &Bytes([1; 96])), add_2(&q, &Bytes([1; 192]))), (None, None));
        let outside = Bls12Term { point: Bytes([1; 96]), scalar: two };
        let outside_2 = Bls12Term { point: Bytes([1; 192]), scalar: two };
        assert_eq!((sum_1(&[term(two), outside]), sum_2(&[outside_2])), (None, None));

        let minus_p = Bytes(sum_1(&[term(minus_one)]).expect("a point"));
        let pairing = |pairs: &[Bls12Pair]| answer(|place| zkvm_bls12_pairing(pairs.as_ptr(), pairs.len(), place));
        assert_eq!(pairing(&[Bls12Pair { g1: p, g2: q }, Bls12Pair { g1: minus_p, g2: q }]), Some(true));
        assert_eq!(pairing(&[Bls12Pair { g1: p, g2: q }]), Some(false));
        assert_eq!(pairing(&[Bls12Pair { g1: Bytes([1; 96]), g2: q }]), None);
    }
}

/// The polynomial zero, whose commitment and proofs are infinity.
#[test]
fn point_evaluation() {
    let infinity: Bytes<48> = joined(&[&[0xc0], &[0; 47]]);
    let verify = |commitment: &_, value: u8| {
        // SAFETY: the pointers are to what they say.
        answer(|place| unsafe { zkvm_kzg_point_eval(commitment, &Bytes(number(9)), &Bytes(number(value)), &infinity, place) })
    };
    assert_eq!(verify(&infinity, 0), Some(true));
    assert_eq!(verify(&infinity, 1), Some(false));
    assert_eq!(verify(&Bytes([0x11; 48]), 0), Some(false));
}
