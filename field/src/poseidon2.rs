//! The hash of the guest's memory tree: Poseidon2 of width 24 over BabyBear.
//!
//! Digests have nine elements: eight would give only 123.6 bits of collision resistance. Both
//! functions are one permutation with feed-forward (Davies-Meyer), and differ in the first capacity word.
//!
//! | words | [`compress`] | [`hash_leaf`] |
//! |---|---|---|
//! | 0..9 | left digest | limbs 0..9 |
//! | 9..16 | right digest, words 0..7 | limbs 9..16 |
//! | 16, 17 | right digest, words 7, 8 | 0 |
//! | 18 | [`NODE_DOMAIN`] | [`LEAF_DOMAIN`] |
//! | 19..24 | 0 | 0 |
//!
//! The parameters and round constants are the defaults that `p3-baby-bear` publishes for width 24
//! (Poseidon2, <https://eprint.iacr.org/2023/323>): S-box `x^7`, 4 + 4 full and 21 partial rounds.

use p3_baby_bear::{
    BABYBEAR_POSEIDON2_HALF_FULL_ROUNDS, BABYBEAR_POSEIDON2_PARTIAL_ROUNDS_24, BABYBEAR_POSEIDON2_RC_24_EXTERNAL_FINAL,
    BABYBEAR_POSEIDON2_RC_24_EXTERNAL_INITIAL, BABYBEAR_POSEIDON2_RC_24_INTERNAL, BABYBEAR_S_BOX_DEGREE,
    GenericPoseidon2LinearLayersBabyBear as LinearLayers,
};
use p3_field::{Algebra, InjectiveMonomial, PrimeCharacteristicRing};
use p3_poseidon2::{GenericPoseidon2LinearLayers, add_rc_and_sbox_generic};

use crate::F;

/// Number of field elements in the permutation's state.
pub const WIDTH: usize = 24;

/// Number of field elements in a digest.
pub const DIGEST_LEN: usize = 9;

/// Number of 16-bit limbs in a leaf: four dwords, each as four limbs, lowest first.
pub const LEAF_LIMBS: usize = 16;

/// The first capacity word, which tells leaves from inner nodes.
pub const DOMAIN_WORD: usize = 18;

/// Value of [`DOMAIN_WORD`] in [`hash_leaf`].
pub const LEAF_DOMAIN: F = F::new(1);

/// Value of [`DOMAIN_WORD`] in [`compress`].
pub const NODE_DOMAIN: F = F::new(2);

/// Degree of the S-box.
pub const SBOX_DEGREE: u64 = BABYBEAR_S_BOX_DEGREE;

/// Full rounds before, and again after, the partial rounds.
pub const HALF_FULL_ROUNDS: usize = BABYBEAR_POSEIDON2_HALF_FULL_ROUNDS;

/// Rounds that apply the S-box to word 0 only.
pub const PARTIAL_ROUNDS: usize = BABYBEAR_POSEIDON2_PARTIAL_ROUNDS_24;

/// Constants of the full rounds before the partial rounds.
pub const INITIAL_CONSTANTS: [[F; WIDTH]; HALF_FULL_ROUNDS] = BABYBEAR_POSEIDON2_RC_24_EXTERNAL_INITIAL;

/// Constants of the partial rounds, added to word 0.
pub const PARTIAL_CONSTANTS: [F; PARTIAL_ROUNDS] = BABYBEAR_POSEIDON2_RC_24_INTERNAL;

/// Constants of the full rounds after the partial rounds.
pub const FINAL_CONSTANTS: [[F; WIDTH]; HALF_FULL_ROUNDS] = BABYBEAR_POSEIDON2_RC_24_EXTERNAL_FINAL;

/// A node of the memory tree.
pub type Digest = [F; DIGEST_LEN];

/// Hashes two child digests into their parent.
pub fn compress(left: &Digest, right: &Digest) -> Digest {
    feed_forward(&node_state(left, right))
}

/// Hashes a leaf of four dwords, given as 16-bit limbs, lowest first.
///
/// The caller keeps the limbs below `2^16`: a larger one would be another preimage of no dwords.
pub fn hash_leaf(limbs: &[F; LEAF_LIMBS]) -> Digest {
    feed_forward(&leaf_state(limbs))
}

/// The permutation's input in [`compress`].
pub fn node_state(left: &Digest, right: &Digest) -> [F; WIDTH] {
    let mut state = [F::ZERO; WIDTH];
    state[..DIGEST_LEN].copy_from_slice(left);
    state[DIGEST_LEN..2 * DIGEST_LEN].copy_from_slice(right);
    state[DOMAIN_WORD] = NODE_DOMAIN;
    state
}

/// The permutation's input in [`hash_leaf`].
pub fn leaf_state(limbs: &[F; LEAF_LIMBS]) -> [F; WIDTH] {
    let mut state = [F::ZERO; WIDTH];
    state[..LEAF_LIMBS].copy_from_slice(limbs);
    state[DOMAIN_WORD] = LEAF_DOMAIN;
    state
}

/// Applies the permutation in place, to one state of field elements or to packed states.
///
/// It equals `p3_baby_bear::default_babybear_poseidon2_24`, without that type's allocations.
pub fn permute<R: Algebra<F> + InjectiveMonomial<SBOX_DEGREE>>(state: &mut [R; WIDTH]) {
    external_linear_layer(state);
    for constants in &INITIAL_CONSTANTS {
        full_round(state, constants);
    }
    for &constant in &PARTIAL_CONSTANTS {
        add_rc_and_sbox_generic(&mut state[0], constant);
        internal_linear_layer(state);
    }
    for constants in &FINAL_CONSTANTS {
        full_round(state, constants);
    }
}

/// The linear layer of the full rounds, also applied before the first of them.
pub fn external_linear_layer<R: PrimeCharacteristicRing>(state: &mut [R; WIDTH]) {
    <LinearLayers as GenericPoseidon2LinearLayers<WIDTH>>::external_linear_layer(state);
}

/// The linear layer of the partial rounds.
pub fn internal_linear_layer<R: PrimeCharacteristicRing>(state: &mut [R; WIDTH]) {
    <LinearLayers as GenericPoseidon2LinearLayers<WIDTH>>::internal_linear_layer(state);
}

/// The round constants in the form that `p3-poseidon2-air` takes.
#[cfg(feature = "poseidon2-air")]
pub const fn air_round_constants() -> p3_poseidon2_air::RoundConstants<F, WIDTH, HALF_FULL_ROUNDS, PARTIAL_ROUNDS> {
    p3_poseidon2_air::RoundConstants::new(INITIAL_CONSTANTS, PARTIAL_CONSTANTS, FINAL_CONSTANTS)
}

fn full_round<R: Algebra<F> + InjectiveMonomial<SBOX_DEGREE>>(state: &mut [R; WIDTH], constants: &[F; WIDTH]) {
    for (word, &constant) in state.iter_mut().zip(constants) {
        add_rc_and_sbox_generic(word, constant);
    }
    external_linear_layer(state);
}

fn feed_forward(input: &[F; WIDTH]) -> Digest {
    let mut state = *input;
    permute(&mut state);
    core::array::from_fn(|i| state[i] + input[i])
}

#[cfg(test)]
mod tests {
    use p3_baby_bear::default_babybear_poseidon2_24;
    use p3_field::{Field, PackedValue, PrimeField32};
    use p3_symmetric::Permutation;

    use super::*;

    fn counting<const N: usize>(start: u32) -> [F; N] {
        core::array::from_fn(|i| F::new(start + i as u32))
    }

    fn canonical(digest: Digest) -> [u32; DIGEST_LEN] {
        digest.map(|word| word.as_canonical_u32())
    }

    #[test]
    fn permute_equals_the_published_default() {
        for start in [0, 1, 1_000_000, 2_013_265_000] {
            let input: [F; WIDTH] = counting(start);
            let mut state = input;
            permute(&mut state);
            assert_eq!(state, default_babybear_poseidon2_24().permute(input));
        }
    }

    #[test]
    fn permute_acts_on_packed_states_lane_by_lane() {
        type Packed = <F as Field>::Packing;
        let mut packed: [Packed; WIDTH] = core::array::from_fn(|word| Packed::from_fn(|lane| F::new((lane * WIDTH + word) as u32)));
        permute(&mut packed);
        for lane in 0..Packed::WIDTH {
            let mut state: [F; WIDTH] = counting((lane * WIDTH) as u32);
            permute(&mut state);
            let unpacked = packed.map(|word| word.as_slice()[lane]);
            assert_eq!(unpacked, state);
        }
    }

    #[test]
    fn known_answers() {
        assert_eq!(canonical(compress(&counting(0), &counting(9))), NODE_ANSWER);
        assert_eq!(canonical(hash_leaf(&counting(0))), LEAF_ANSWER);
        assert_eq!(canonical(hash_leaf(&[F::ZERO; LEAF_LIMBS])), EMPTY_LEAF_ANSWER);
    }

    /// Computed by a separate program from the paper's matrices and the published constants.
    const NODE_ANSWER: [u32; DIGEST_LEN] =
        [1025689353, 660599228, 140053053, 928052987, 296339063, 1124981932, 1642772952, 38723861, 1427890420];
    const LEAF_ANSWER: [u32; DIGEST_LEN] =
        [787395708, 66087015, 1377897419, 410430343, 319184744, 1590769274, 1970202204, 1469314457, 463050324];
    const EMPTY_LEAF_ANSWER: [u32; DIGEST_LEN] =
        [1241352808, 1179008412, 1909387075, 101121380, 927468514, 1570950361, 683134115, 1913537824, 1078981887];

    #[test]
    fn leaves_and_nodes_are_kept_apart() {
        let limbs: [F; LEAF_LIMBS] = counting(5);
        let mut right = [F::ZERO; DIGEST_LEN];
        right[..LEAF_LIMBS - DIGEST_LEN].copy_from_slice(&limbs[DIGEST_LEN..]);
        let left: Digest = core::array::from_fn(|i| limbs[i]);
        assert_ne!(hash_leaf(&limbs), compress(&left, &right));
        assert_ne!(compress(&left, &right), compress(&right, &left));
    }
}
