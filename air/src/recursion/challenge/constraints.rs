//! Constraints of the challenge chip.

use p3_air::WindowAccess;

use super::{ChallengeCols, ChallengePreCols};
use crate::builder::ChipBuilder;
use crate::layout::Columns;
use crate::recursion::bus;
use crate::recursion::gadgets::{base_wire, digest};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row: &ChallengeCols<B::Var> = ChallengeCols::of(main.current_slice());
    let fixed: ChallengePreCols<B::Var> = *ChallengePreCols::of(builder.preprocessed().current_slice());
    builder.fixed("challenge::half", bus::HALF, digest::<B>(fixed.addr_half, row.limbs), -fixed.real.into());
    bits(builder, row, &fixed);
}

/// Limb `i` of the used word: of degree two, as the selection is the circuit's.
fn used<B: ChipBuilder>(row: &ChallengeCols<B::Var>, fixed: &ChallengePreCols<B::Var>, i: usize) -> B::Expr {
    fixed.select.iter().zip(row.limbs.chunks_exact(4)).map(|(&select, word)| select.into() * word[i].into()).sum()
}

/// The bits are those of the used word's two low limbs, which are below 2^16, and 2^16 is below
/// `p`: there is one such sequence.
fn bits<B: ChipBuilder>(builder: &mut B, row: &ChallengeCols<B::Var>, fixed: &ChallengePreCols<B::Var>) {
    for (limb, bits) in row.bits.chunks_exact(16).enumerate() {
        let sum = bits.iter().zip(0..).map(|(&bit, i)| bit.into() * B::constant(1 << i)).sum::<B::Expr>();
        builder.check_eq("challenge::bits_of_word", sum, used::<B>(row, fixed, limb));
    }
    for (bit, i) in row.bits.into_iter().zip(0..) {
        builder.check_bool("challenge::bit_boolean", bit);
        let addr = fixed.addr_bits.into() + B::constant(i);
        builder.fixed("challenge::bit_wire", bus::WIRE, base_wire::<B>(addr, bit), fixed.mult_bits);
    }
}
