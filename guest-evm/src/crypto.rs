//! Signature recovery and precompiles behind the hooks of alloy and revm.
//!
//! The guest calls the runtime's accelerated recovery, the host `k256`; revm's own precompiles serve the host too. Keccak-256 needs no hook here:
//! on the guest target `alloy-primitives` calls `native_keccak256` by symbol.

use alloc::sync::Arc;

use alloy_consensus::crypto::RecoveryError;
use alloy_consensus::crypto::backend::{CryptoProvider, install_default_provider};
use alloy_primitives::{Address, keccak256};
#[cfg(target_os = "none")]
use revm::precompile::bls12_381::{G1Point, G1PointScalar, G2Point, G2PointScalar};
use revm::precompile::{Crypto, PrecompileHalt, install_crypto};
#[cfg(any(target_os = "none", test))]
use tern_guest::accelerators::bls12_381::Bls12Error;
#[cfg(target_os = "none")]
use tern_guest::accelerators::{
    bls12_381,
    bn254::{self, Bn254Error},
};

use crate::block::Transaction;

/// Installs the hooks. Later calls have no effect.
pub fn install() {
    // Both refuse a second installation, which would be of the same type.
    let _already = install_default_provider(Arc::new(Provider));
    let _already = install_crypto(Provider);
}

/// Recovers a public key (x, then y) from an ECDSA signature over secp256k1.
///
/// `r_s` holds r and s big-endian, `recid` is 0 to 3. Any s below the group order is accepted.
pub fn recover(msg_hash: &[u8; 32], r_s: &[u8; 64], recid: u8) -> Option<[u8; 64]> {
    #[cfg(target_os = "none")]
    return tern_guest::accelerators::secp256k1::recover(msg_hash, r_s, recid);
    #[cfg(not(target_os = "none"))]
    return recover_in_software(msg_hash, r_s, recid);
}

/// An uncompressed public key: 4, then x and y, big-endian.
pub type PublicKey = [u8; 65];

/// The transaction's sender, if its signature recovers `key`.
///
/// The guest verifies the signature under the key, which is cheaper than recovering and gives the same answer.
pub fn signer(transaction: &Transaction, key: &PublicKey) -> Option<Address> {
    let (prefix, point) = key.split_first_chunk::<1>()?;
    let point: &[u8; 64] = point.try_into().ok()?;
    let signature = transaction.signature();
    // EIP-2: of the two equivalent values of s, only the lower one.
    if prefix != &[4] || signature.normalize_s().is_some() {
        return None;
    }
    let mut r_s = [0; 64];
    r_s[..32].copy_from_slice(&signature.r().to_be_bytes::<32>());
    r_s[32..].copy_from_slice(&signature.s().to_be_bytes::<32>());
    let is_own = recovers(&transaction.signature_hash().0, &r_s, signature.v().into(), point);
    is_own.then(|| Address::from_raw_public_key(point))
}

/// Whether [`recover`] gives `key`.
fn recovers(msg_hash: &[u8; 32], r_s: &[u8; 64], recid: u8, key: &[u8; 64]) -> bool {
    #[cfg(target_os = "none")]
    return tern_guest::accelerators::secp256k1::recovers(msg_hash, r_s, recid, key);
    #[cfg(not(target_os = "none"))]
    return recover(msg_hash, r_s, recid).as_ref() == Some(key);
}

#[cfg(not(target_os = "none"))]
fn recover_in_software(msg_hash: &[u8; 32], r_s: &[u8; 64], recid: u8) -> Option<[u8; 64]> {
    use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

    let mut signature = Signature::from_slice(r_s).ok()?;
    let mut recid = RecoveryId::from_byte(recid)?;
    // k256 accepts only the lower of the two equivalent values of s; taking the other one flips y.
    if let Some(low) = signature.normalize_s() {
        signature = low;
        recid = RecoveryId::new(!recid.is_y_odd(), recid.is_x_reduced());
    }
    let key = VerifyingKey::recover_from_prehash(msg_hash, &signature, recid).ok()?;
    key.to_encoded_point(false).as_bytes().get(1..)?.try_into().ok()
}

#[derive(Debug)]
struct Provider;

impl CryptoProvider for Provider {
    fn recover_signer_unchecked(&self, sig: &[u8; 65], msg: &[u8; 32]) -> Result<Address, RecoveryError> {
        let r_s = sig.first_chunk().ok_or_else(RecoveryError::new)?;
        let key = recover(msg, r_s, sig[64]).ok_or_else(RecoveryError::new)?;
        Ok(Address::from_raw_public_key(&key))
    }

    fn verify_and_compute_signer_unchecked(&self, pubkey: &[u8; 65], sig: &[u8; 64], msg: &[u8; 32]) -> Result<Address, RecoveryError> {
        // A signature has two candidate keys; it verifies under `pubkey` if one of them is it.
        let own: &[u8; 64] = pubkey.last_chunk().ok_or_else(RecoveryError::new)?;
        let is_own = |recid| recover(msg, sig, recid).is_some_and(|key| key == *own);
        match pubkey[0] == 4 && (0..4).any(is_own) {
            true => Ok(Address::from_raw_public_key(own)),
            false => Err(RecoveryError::new()),
        }
    }
}

impl Crypto for Provider {
    #[cfg(target_os = "none")]
    fn sha256(&self, input: &[u8]) -> [u8; 32] {
        tern_guest::accelerators::sha256::digest(input)
    }

    #[cfg(target_os = "none")]
    fn blake2_compress(&self, rounds: u32, h: &mut [u64; 8], m: &[u64; 16], t: &[u64; 2], f: bool) {
        tern_guest::accelerators::blake2::compress(rounds, h, m, t, f);
    }

    fn secp256k1_ecrecover(&self, sig: &[u8; 64], recid: u8, msg: &[u8; 32]) -> Result<[u8; 32], PrecompileHalt> {
        let key = recover(msg, sig, recid).ok_or(PrecompileHalt::Secp256k1RecoverFailed)?;
        let mut hash = keccak256(key).0;
        hash[..12].fill(0);
        Ok(hash)
    }

    #[cfg(target_os = "none")]
    fn bn254_g1_add(&self, p1: &[u8], p2: &[u8]) -> Result<[u8; 64], PrecompileHalt> {
        bn254::add(p1, p2).map_err(halt)
    }

    #[cfg(target_os = "none")]
    fn bn254_g1_mul(&self, point: &[u8], scalar: &[u8]) -> Result<[u8; 64], PrecompileHalt> {
        bn254::multiply(point, scalar).map_err(halt)
    }

    #[cfg(target_os = "none")]
    fn bn254_pairing_check(&self, pairs: &[(&[u8], &[u8])]) -> Result<bool, PrecompileHalt> {
        bn254::pairing_check(pairs).map_err(halt)
    }

    #[cfg(target_os = "none")]
    fn verify_kzg_proof(&self, z: &[u8; 32], y: &[u8; 32], commitment: &[u8; 48], proof: &[u8; 48]) -> Result<(), PrecompileHalt> {
        match bls12_381::verify_kzg_proof(z, y, commitment, proof) {
            true => Ok(()),
            false => Err(PrecompileHalt::BlobVerifyKzgProofFailed),
        }
    }

    #[cfg(target_os = "none")]
    fn bls12_381_g1_add(&self, a: G1Point, b: G1Point) -> Result<[u8; 96], PrecompileHalt> {
        bls12_381::g1_add(&a, &b).map_err(bls12_halt)
    }

    #[cfg(target_os = "none")]
    fn bls12_381_g1_msm(&self, pairs: &mut dyn Iterator<Item = Result<G1PointScalar, PrecompileHalt>>) -> Result<[u8; 96], PrecompileHalt> {
        msm(pairs, |pairs| bls12_381::g1_msm(pairs))
    }

    #[cfg(target_os = "none")]
    fn bls12_381_g2_add(&self, a: G2Point, b: G2Point) -> Result<[u8; 192], PrecompileHalt> {
        bls12_381::g2_add(&a, &b).map_err(bls12_halt)
    }

    #[cfg(target_os = "none")]
    fn bls12_381_g2_msm(
        &self,
        pairs: &mut dyn Iterator<Item = Result<G2PointScalar, PrecompileHalt>>,
    ) -> Result<[u8; 192], PrecompileHalt> {
        msm(pairs, |pairs| bls12_381::g2_msm(pairs))
    }

    #[cfg(target_os = "none")]
    fn bls12_381_pairing_check(&self, pairs: &[(G1Point, G2Point)]) -> Result<bool, PrecompileHalt> {
        bls12_381::pairing_check(pairs).map_err(bls12_halt)
    }

    #[cfg(target_os = "none")]
    fn bls12_381_fp_to_g1(&self, fp: &[u8; 48]) -> Result<[u8; 96], PrecompileHalt> {
        bls12_381::map_fp_to_g1(fp).map_err(bls12_halt)
    }

    #[cfg(target_os = "none")]
    fn bls12_381_fp2_to_g2(&self, fp2: ([u8; 48], [u8; 48])) -> Result<[u8; 192], PrecompileHalt> {
        bls12_381::map_fp2_to_g2(&fp2).map_err(bls12_halt)
    }

    #[cfg(target_os = "none")]
    fn modexp(&self, base: &[u8], exp: &[u8], modulus: &[u8]) -> Result<alloc::vec::Vec<u8>, PrecompileHalt> {
        Ok(tern_guest::accelerators::modexp(base, exp, modulus))
    }

    #[cfg(target_os = "none")]
    fn secp256r1_verify_signature(&self, msg: &[u8; 32], sig: &[u8; 64], pk: &[u8; 64]) -> bool {
        tern_guest::accelerators::secp256r1::verify(msg, sig, pk)
    }
}

#[cfg(target_os = "none")]
fn halt(error: Bn254Error) -> PrecompileHalt {
    match error {
        Bn254Error::NotInField => PrecompileHalt::Bn254FieldPointNotAMember,
        Bn254Error::NotInGroup => PrecompileHalt::Bn254AffineGFailedToCreate,
        Bn254Error::Length => PrecompileHalt::Bn254PairLength,
    }
}

/// A sum of multiples over an iterator that may fail: the first error, of the iterator or of the sum, is the result.
#[cfg(any(target_os = "none", test))]
fn msm<T, const N: usize>(
    terms: &mut dyn Iterator<Item = Result<T, PrecompileHalt>>,
    sum: impl FnOnce(&mut dyn Iterator<Item = T>) -> Result<[u8; N], Bls12Error>,
) -> Result<[u8; N], PrecompileHalt> {
    let mut failed = None;
    let sum = sum(&mut terms.map_while(|term| term.map_err(|error| failed = Some(error)).ok()));
    match failed {
        Some(error) => Err(error),
        None => sum.map_err(bls12_halt),
    }
}

#[cfg(any(target_os = "none", test))]
fn bls12_halt(error: Bls12Error) -> PrecompileHalt {
    match error {
        Bls12Error::NotInField => PrecompileHalt::NonCanonicalFp,
        Bls12Error::G1NotOnCurve => PrecompileHalt::Bls12381G1NotOnCurve,
        Bls12Error::G1NotInGroup => PrecompileHalt::Bls12381G1NotInSubgroup,
        Bls12Error::G2NotOnCurve => PrecompileHalt::Bls12381G2NotOnCurve,
        Bls12Error::G2NotInGroup => PrecompileHalt::Bls12381G2NotInSubgroup,
    }
}

#[cfg(test)]
mod tests {
    use tern_guest::accelerators::bls12_381::g1_msm;

    use super::*;

    /// Terms after an error are not looked at, and an error before one of the iterator is the result.
    #[test]
    fn the_first_error_is_the_result() {
        let bad = (([0xff; 48], [1; 48]), [1; 32]);
        let good = (([0; 48], [0; 48]), [1; 32]);
        let padding = Err(PrecompileHalt::Bls12381FpPaddingInvalid);
        let run = |terms: &[Result<_, PrecompileHalt>]| msm(&mut terms.iter().cloned(), |terms| g1_msm(terms));
        assert_eq!(run(&[Ok(good), padding.clone(), Ok(bad)]), Err(PrecompileHalt::Bls12381FpPaddingInvalid));
        assert_eq!(run(&[Ok(good), Ok(bad), padding]), Err(PrecompileHalt::NonCanonicalFp));
        assert_eq!(run(&[Ok(good), Ok(good)]), Ok([0; 96]));
    }
}
