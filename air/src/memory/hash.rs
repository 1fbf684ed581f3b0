//! Hashing many nodes at once, on vector units and on all cores.

use alloc::vec::Vec;

use p3_field::{Field, PackedValue, PrimeCharacteristicRing};
use p3_maybe_rayon::prelude::*;
use tern_field::poseidon2::{WIDTH, permute};
use tern_field::{DIGEST_LEN, Digest, F, LEAF_LIMBS};

use super::LEAF_DWORDS;

type Packed = <F as Field>::Packing;

/// Packed permutations that one task computes.
const TASK: usize = 16;

/// The digests of `count` permutation inputs; `state` gives the input by its position.
pub(super) fn digests(count: usize, state: impl Fn(usize) -> [F; WIDTH] + Sync) -> Vec<Digest> {
    const ZERO: Digest = [F::ZERO; DIGEST_LEN];
    let mut digests = alloc::vec![ZERO; count];
    digests.par_chunks_mut(TASK * Packed::WIDTH).enumerate().for_each(|(task, chunk)| {
        for (group, lanes) in chunk.chunks_mut(Packed::WIDTH).enumerate() {
            let first = (task * TASK + group) * Packed::WIDTH;
            let inputs: Vec<_> = (first..first + lanes.len()).map(&state).collect();
            hash_lanes(&inputs, lanes);
        }
    });
    digests
}

/// One packed permutation with feed-forward; lanes behind the last input are zero.
fn hash_lanes(inputs: &[[F; WIDTH]], digests: &mut [Digest]) {
    let word = |lane: usize, i: usize| inputs.get(lane).map_or(F::ZERO, |input| input[i]);
    let mut state: [Packed; WIDTH] = core::array::from_fn(|i| Packed::from_fn(|lane| word(lane, i)));
    permute(&mut state);
    for (lane, (digest, input)) in digests.iter_mut().zip(inputs).enumerate() {
        *digest = core::array::from_fn(|i| state[i].as_slice()[lane] + input[i]);
    }
}

/// The limbs that a leaf is hashed as: four for each dword, lowest first.
pub fn leaf_limbs(dwords: &[u64; LEAF_DWORDS]) -> [F; LEAF_LIMBS] {
    core::array::from_fn(|i| F::from_u16((dwords[i / 4] >> (16 * (i % 4))) as u16))
}
