//! Every accelerator, called from C in the machine and from here on the host.

use tern_guest::abi::accelerators::*;
use tern_guest::abi::{Bytes, Status};

use super::{build, has_compilers, here, run};

/// What `accelerators.c` writes.
#[derive(Default)]
struct Transcript(Vec<u8>);

impl Transcript {
    fn put(&mut self, status: Status, result: &[u8]) {
        self.0.push(u8::from(status != Status::Ok));
        self.0.extend(result);
    }

    fn put_bytes<const N: usize>(&mut self, place: &mut Bytes<N>, call: impl FnOnce(*mut Bytes<N>) -> Status) {
        let status = call(place);
        self.put(status, &place.0);
    }

    fn put_answer(&mut self, place: &mut bool, call: impl FnOnce(*mut bool) -> Status) {
        let status = call(place);
        self.put(status, &[u8::from(*place)]);
    }
}

fn part<const N: usize>(input: &[u8], from: usize) -> [u8; N] {
    input[from..from + N].try_into().expect("a long input")
}

/// An element of the field of BLS12-381: 47 bytes behind a zero.
fn element(input: &[u8], from: usize) -> [u8; 48] {
    core::array::from_fn(|i| if i == 0 { 0 } else { input[from + i] })
}

/// # Safety
///
/// Calls the functions with pointers to what they ask for.
unsafe fn hashes(out: &mut Transcript, input: &[u8]) {
    // SAFETY: see above.
    unsafe {
        let mut digest = Bytes([0; 32]);
        out.put_bytes(&mut digest, |place| zkvm_keccak256(input.as_ptr(), input.len(), place));
        out.put_bytes(&mut digest, |place| zkvm_sha256(input.as_ptr(), input.len(), place));
        out.put_bytes(&mut digest, |place| zkvm_ripemd160(input.as_ptr(), input.len(), place));
        let first = |byte| core::array::from_fn(|i| if i == 0 { byte } else { 0 });
        let (mut state, message) = (Bytes(core::array::from_fn(|i| u8::from(i == 0))), Bytes(part(input, 0)));
        let offset = Bytes(first(128));
        for flag in [1, 7] {
            out.put_bytes(&mut state, |place| zkvm_blake2f(12, place, &message, &offset, flag));
        }
        let mut power = [0; 48];
        for (base, modulus) in [(40, 48), (20, 30)] {
            let status = zkvm_modexp(input.as_ptr(), base, input[40..].as_ptr(), 9, input[64..].as_ptr(), modulus, power.as_mut_ptr());
            out.put(status, &power[..modulus]);
        }
    }
}

/// # Safety
///
/// As [`hashes`].
unsafe fn signatures(out: &mut Transcript, input: &[u8]) {
    let (message, signature, mut key) = (Bytes(part(input, 0)), Bytes(part(input, 32)), Bytes([0; 64]));
    for recid in 0..5 {
        let mut verified = false;
        // SAFETY: see above.
        unsafe {
            out.put_bytes(&mut key, |place| zkvm_secp256k1_ecrecover(&message, &signature, recid, place));
            out.put_answer(&mut verified, |place| zkvm_secp256k1_verify(&message, &signature, &key, place));
            out.put_answer(&mut verified, |place| zkvm_secp256r1_verify(&message, &signature, &key, place));
        }
    }
}

/// # Safety
///
/// As [`hashes`].
unsafe fn bn254(out: &mut Transcript, input: &[u8]) {
    let generator = Bytes(core::array::from_fn(|i| if i == 31 { 1 } else { 2 * u8::from(i == 63) }));
    let mut point = Bytes([0; 64]);
    // SAFETY: see above.
    unsafe {
        out.put_bytes(&mut point, |place| zkvm_bn254_g1_mul(&generator, &Bytes(part(input, 0)), place));
        out.put_bytes(&mut point, |place| zkvm_bn254_g1_add(&generator, place, place));
        let mut pairs = [generator, point].map(|g1| Bn254Pair { g1, g2: Bytes([0; 128]) });
        let mut verified = false;
        out.put_answer(&mut verified, |place| zkvm_bn254_pairing(pairs.as_ptr(), 2, place));
        pairs[1].g2.0[0] = 1;
        out.put_answer(&mut verified, |place| zkvm_bn254_pairing(pairs.as_ptr(), 2, place));
    }
}

/// # Safety
///
/// As [`hashes`].
unsafe fn bls12(out: &mut Transcript, input: &[u8]) {
    let (s, t) = (Bytes(part(input, 0)), Bytes(part(input, 32)));
    let second = Bytes([element(input, 48), element(input, 96)].as_flattened().try_into().expect("96 bytes"));
    let (mut p, mut q, mut p2, mut q2) = (Bytes([0; 96]), Bytes([0; 192]), Bytes([0; 96]), Bytes([0; 192]));
    let (mut sum, mut sum_2, mut verified) = (Bytes([0; 96]), Bytes([0; 192]), true);
    // SAFETY: see above.
    unsafe {
        out.put_bytes(&mut p, |place| zkvm_bls12_map_fp_to_g1(&Bytes(element(input, 0)), place));
        out.put_bytes(&mut q, |place| zkvm_bls12_map_fp2_to_g2(&second, place));
        out.put_bytes(&mut p2, |place| zkvm_bls12_g1_add(&p, &p, place));
        out.put_bytes(&mut q2, |place| zkvm_bls12_g2_add(&q, &q, place));
        let terms = [(p, s), (p2, t)].map(|(point, scalar)| Bls12Term { point, scalar });
        let terms_2 = [(q, t), (q2, s)].map(|(point, scalar)| Bls12Term { point, scalar });
        out.put_bytes(&mut sum, |place| zkvm_bls12_g1_msm(terms.as_ptr(), 2, place));
        out.put_bytes(&mut sum_2, |place| zkvm_bls12_g2_msm(terms_2.as_ptr(), 2, place));
        let pair = Bls12Pair { g1: sum, g2: sum_2 };
        out.put_answer(&mut verified, |place| zkvm_bls12_pairing(&pair, 1, place));
        sum.0[0] = 0xff;
        out.put_bytes(&mut sum, |place| zkvm_bls12_g1_add(place, place, place));
        let infinity = Bytes(core::array::from_fn(|i| if i == 0 { 0xc0 } else { 0 }));
        for value in [0, 1] {
            let number = Bytes(core::array::from_fn(|i| if i == 31 { value } else { 0 }));
            out.put_answer(&mut verified, |place| zkvm_kzg_point_eval(&infinity, &number, &number, &infinity, place));
        }
    }
}

#[test]
fn accelerators_agree_in_the_machine_and_on_the_host() {
    if !has_compilers() {
        return;
    }
    let programs = build(&here("accelerators.c"));
    let mut recovered = 0;
    for seed in 1..4u8 {
        let input: Vec<u8> = (0..256u32).map(|i| (i * 167 + u32::from(seed) * 89 + i * i / 7) as u8).collect();
        let mut expected = Transcript::default();
        // SAFETY: every pointer is to what the function asks for.
        unsafe {
            hashes(&mut expected, &input);
            let start = expected.0.len();
            signatures(&mut expected, &input);
            recovered += (0..5).filter(|i| expected.0[start + i * 69] == 0).count();
            bn254(&mut expected, &input);
            bls12(&mut expected, &input);
        }
        for program in &programs {
            let summary = run(program, &input);
            assert_eq!(summary.halt.exit_code, 0);
            assert_eq!(summary.output, expected.0, "seed {seed}");
            println!("seed {seed}: {} cycles", summary.cycles);
        }
    }
    assert!(recovered > 0, "no signature among the inputs recovers to a key");
}
