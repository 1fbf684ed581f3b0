//! Evaluation of a committed polynomial at a point (EIP-4844, `verify_kzg_proof`).

use super::fp::{Element, Fp, square_root};
use super::group::{Group, R, curve_equation, is_in_group};
use super::multiply::Sum;
use super::pairing;
use super::point::{Affine, Jacobian, Scratch};
use crate::accelerators::field::Words;

/// The first group's generator.
pub const G1: [Words<6>; 2] = [
    Words::hex("17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"),
    Words::hex("08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"),
];

/// The second group's generator.
pub const G2: [[Words<6>; 2]; 2] = [
    [
        Words::hex("024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"),
        Words::hex("13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"),
    ],
    [
        Words::hex("0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801"),
        Words::hex("0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be"),
    ],
];

/// The second group's generator times the secret of the trusted setup (`g2_monomial_1` of the consensus specifications).
pub const TAU_G2: [[Words<6>; 2]; 2] = [
    [
        Words::hex("185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2"),
        Words::hex("15bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72"),
    ],
    [
        Words::hex("014353bdb96b626dd7d5ee8599d1fca2131569490e28de18e82451a496a9c9794ce26d105941f383ee689bfbbb832a99"),
        Words::hex("1666c54b0a32529503432fcae0181b4bef79de09fc63671fda5ed1ba9bfa07899495346f3d7ac9cd23048ef30d0a154f"),
    ],
];

/// Whether `proof` shows that the polynomial of `commitment` takes the value `y` at `z`.
///
/// False also where `y` or `z` is not below the groups' order, or a point's compressed encoding is malformed or the point
/// outside the group.
///
/// With the secret `s`, `P(X) - y = Q(X) (X - z)` at `s` is `e(P - y G1 + z Q, G2) = e(Q, s G2)`.
pub fn verify_proof(z: &[u8; 32], y: &[u8; 32], commitment: &[u8; 48], proof: &[u8; 48]) -> bool {
    let (z_words, y_words) = (Words::from_be(z), Words::from_be(y));
    let (Some(commitment), Some(proof)) = (decompress(commitment), decompress(proof)) else {
        return false;
    };
    if !z_words.less(&R) || !y_words.less(&R) {
        return false;
    }
    let mut minus_y = [0; 32];
    R.minus(&y_words).write_be(&mut minus_y);
    let mut sum = Sum::new();
    sum.add_multiple(Some(Affine::constant(&G1[0], &G1[1])), &minus_y);
    sum.add_multiple(proof.as_ref().map(Affine::duplicate), z);
    let left = sum.finish();
    if let Some(commitment) = &commitment {
        left.add(&Jacobian::from_affine(commitment), &Scratch::new());
    }
    let mut pairs = alloc::vec::Vec::with_capacity(2);
    if let Some(left) = left.to_affine() {
        pairs.push((left, Affine::constant(&G2[0], &G2[1])));
    }
    if let Some(proof) = proof {
        proof.y.negate(&proof.y);
        pairs.push((proof, Affine::constant(&TAU_G2[0], &TAU_G2[1])));
    }
    pairing::product_is_one(&pairs)
}

/// The point of the first group with this compressed encoding, `Some(None)` for infinity: the highest bit is set, the next
/// says infinity, the third that `y` is the larger root, the rest is `x`.
fn decompress(bytes: &[u8; 48]) -> Option<Option<Affine<Fp>>> {
    const COMPRESSED: u8 = 0x80;
    const INFINITY: u8 = 0x40;
    const LARGER: u8 = 0x20;
    let flags = bytes[0] & (COMPRESSED | INFINITY | LARGER);
    let mut x = *bytes;
    x[0] ^= flags;
    if flags == COMPRESSED | INFINITY && x == [0; 48] {
        return Some(None);
    }
    if flags & COMPRESSED == 0 || flags & INFINITY != 0 {
        return None;
    }
    let (point, square, minus_y) = (Affine { x: Fp::read(&[x])?, y: Fp::zero() }, Fp::zero(), Fp::zero());
    curve_equation(&square, &point.x);
    if !square_root(&point.y, &square) {
        return None;
    }
    // There is no root of zero: no point has order two.
    minus_y.negate(&point.y);
    if minus_y.get().less(&point.y.get()) != (flags & LARGER != 0) {
        point.y.copy(&minus_y);
    }
    is_in_group(&point).then_some(Some(point))
}
