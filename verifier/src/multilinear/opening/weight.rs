//! The weights of all claims together, at the opening's challenges.
//!
//! Cell `t + r 2^w + c` of a group has the weight `gamma_c` times that of row `r`, which is
//! `B(r mod 2^k) P(b)` for row `r` of block `b`, `B` and `P` products over the bits. Groups start
//! at whole blocks. So as a multilinear polynomial in the cell's index the group's weights are a
//! product: of `sum_c gamma_c eq(low, c)` for the lowest bits, of as simple sums for the bits of a
//! row in its block, and, in blocks, of `sum_(b < h) P(b) eq(high, t + b)`. With further claims
//! they are a sum of such products. The sum over blocks is computed bit by bit, the lowest first:
//! what is known of a block `b` after some bits is whether `t + b` carries, and whether those bits
//! of `b` are below those of `h`.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;
use tern_fri::multilinear::Layout;
use tern_fri::multilinear::layout::Group;

use super::super::claim::Claim;
use super::super::equality::{complement, inner_product, table, tables};
use super::{Claims, Form, OpeningVerifier, RowWeights};
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;

impl OpeningVerifier {
    /// The value at the rounds' challenges of the polynomial whose values are the cells' weights,
    /// from the weights of each table's columns and of the further claim.
    ///
    /// # Errors
    ///
    /// If the heights are not those of tables that fit.
    pub(super) fn weight<O: MultilinearOps>(
        &self,
        ops: &mut O,
        claims: &Claims<'_, O>,
        (by_table, further): (&[Vec<O::Ext>], Option<&O::Ext>),
        challenges: &[O::Ext],
    ) -> Checked<O, O::Ext> {
        let (columns, rows) = challenges.split_at_checked(self.shape.column_variables()).unwrap_or_default();
        let mut by_table = by_table;
        let mut forms = claims.forms.map_or(&[][..], |forms| &forms.forms);
        let mut weight = ops.constant(EF::ZERO);
        for (number, ((layout, start), heights)) in self.matrices().zip(claims.heights).enumerate() {
            let (tables, others) = by_table.split_at_checked(layout.widths().len()).unwrap_or_default();
            by_table = others;
            let (own, others) = columns.split_at_checked(layout.log_width()).unwrap_or_default();
            let matrix = Matrix {
                number,
                layout,
                heights,
                by_table: tables,
                columns: own,
                rows,
                weights: claims.rows,
                forms: core::mem::take(&mut forms),
            };
            let [mut own, of_forms] = matrix.weight(ops)?;
            if let Some(power) = further {
                own = ops.mul_add(power, &of_forms, &own);
            }
            for (bit, challenge) in (layout.log_width()..).zip(others) {
                let is_set = start.checked_shr(u32::try_from(bit).unwrap_or(u32::MAX)).is_some_and(|rest| rest & 1 == 1);
                let factor = if is_set { challenge.clone() } else { complement(ops, challenge) };
                own = ops.mul(&own, &factor);
            }
            weight = ops.add(&weight, &own);
        }
        Ok(weight)
    }
}

/// One matrix's tables and what its cells' weights are evaluated at.
struct Matrix<'a, O: MultilinearOps> {
    number: usize,
    layout: &'a Layout,
    heights: &'a [O::Ext],
    /// The weights of each table's columns.
    by_table: &'a [Vec<O::Ext>],
    /// The challenges of the column's bits.
    columns: &'a [O::Ext],
    /// The challenges of the row's bits.
    rows: &'a [O::Ext],
    /// The rows' weights.
    weights: &'a RowWeights<O>,
    /// Further sums over its tables.
    forms: &'a [Form<O>],
}

/// A group in the dense matrix, and what its cells' weights are evaluated at.
struct Placed<'a, O: MultilinearOps> {
    group: &'a Group,
    /// The bits of its first block's place.
    start: &'a [O::Bit],
    /// The bits of its height.
    height: &'a [O::Bit],
    /// `eq` of its column's challenges.
    columns: &'a [O::Ext],
    /// The challenges of the block's bits.
    high: &'a [O::Ext],
}

impl<O: MultilinearOps> Matrix<'_, O> {
    /// The weights of all claims together, and of the further sums.
    ///
    /// No place wraps around the characteristic: each is at most twice the matrix's cells in units
    /// of its group's blocks, and the shape sees to it that the next one is below the
    /// characteristic before its range is checked ([`tern_fri::multilinear::OpeningShape::check`]).
    fn weight(&self, ops: &mut O) -> Checked<O, [O::Ext; 2]> {
        let reason = Reason::Multilinear(Claim::Heights { matrix: self.number });
        let mut heights = Vec::with_capacity(self.heights.len());
        for height in self.heights {
            let bits = ops.bits(height, self.weights.blocks.len().saturating_add(1), reason)?;
            at_most(ops, height, self.weights.blocks.len(), reason)?;
            heights.push(bits);
        }
        let low = tables(ops, self.columns);
        let log_block = self.weights.block.iter().fold(0_usize, |sum, factor| sum.saturating_add(log(factor.len())));
        let [mut weight, mut of_forms] = [(); 2].map(|()| ops.constant(EF::ZERO));
        let mut place = ops.constant(EF::ZERO);
        let mut log_unit = self.layout.log_width();
        let mut in_block: Option<(usize, O::Ext)> = None;
        for group in self.layout.groups() {
            let scale = ops.constant(power_of_two(log_unit.saturating_sub(group.log_width)));
            place = ops.mul(&place, &scale);
            log_unit = group.log_width;
            let (_, above) = self.columns.split_at_checked(log_unit).unwrap_or_default();
            let above: Vec<O::Ext> = above.iter().chain(self.rows).cloned().collect();
            let (block, high) = above.split_at_checked(log_block).unwrap_or_default();
            let start = ops.bits(&place, high.len().saturating_add(1), reason)?;
            let factor = match in_block {
                Some((known, factor)) if known == log_unit => factor,
                _ => block_weight(ops, &self.weights.block, block),
            };
            if let (Some(height), Some(bits), Some(weights), Some(columns)) =
                (self.heights.get(group.table), heights.get(group.table), self.by_table.get(group.table), low.get(log_unit))
            {
                let placed = Placed { group, start: &start, height: bits, columns, high };
                let own = placed.weight(ops, weights, &self.weights.blocks, &factor)?;
                weight = ops.add(&weight, &own);
                for form in self.forms.iter().filter(|form| form.table == group.table) {
                    let factor = block_weight(ops, &form.rows.block, block);
                    let own = placed.weight(ops, &form.columns, &form.rows.blocks, &factor)?;
                    of_forms = ops.add(&of_forms, &own);
                }
                place = ops.add(&place, height);
            }
            in_block = Some((log_unit, factor));
        }
        let log_cells = self.rows.len().saturating_add(self.layout.log_width()).saturating_sub(log_unit).saturating_sub(log_block);
        at_most(ops, &place, log_cells, reason)?;
        Ok([weight, of_forms])
    }
}

impl<O: MultilinearOps> Placed<'_, O> {
    /// The weight of all its cells, from those of its table's columns, of blocks, and of a block's
    /// rows together.
    fn weight(&self, ops: &mut O, columns: &[O::Ext], blocks: &[[O::Ext; 2]], in_block: &O::Ext) -> Checked<O, O::Ext> {
        let blocks = sum_of_blocks(ops, self.start, self.height, blocks, self.high)?;
        let rows = ops.mul(&blocks, in_block);
        let (_, columns) = columns.split_at_checked(self.group.first).unwrap_or_default();
        let columns = inner_product(ops, columns.get(..self.group.columns).unwrap_or_default(), self.columns);
        Ok(ops.mul(&rows, &columns))
    }
}

/// The sum over a block's rows of their weights, a product of such sums, at these challenges for
/// their bits.
fn block_weight<O: MultilinearOps>(ops: &mut O, factors: &[Vec<O::Ext>], challenges: &[O::Ext]) -> O::Ext {
    let mut rest = challenges;
    let one = ops.constant(EF::ONE);
    factors.iter().fold(one, |product, factor| {
        let (own, others) = rest.split_at_checked(log(factor.len())).unwrap_or_default();
        rest = others;
        let equality = table(ops, own);
        let sum = inner_product(ops, factor, &equality);
        ops.mul(&product, &sum)
    })
}

/// Asserts that a number below `2^(log + 1)`, or one whose difference is no number at all, is at
/// most `2^log`.
pub(in crate::multilinear) fn at_most<O: MultilinearOps>(ops: &mut O, value: &O::Ext, log: usize, reason: Reason) -> Checked<O, ()> {
    let bound = ops.constant(power_of_two(log));
    let left = ops.sub(&bound, value);
    ops.bits(&left, log.saturating_add(1), reason)?;
    Ok(())
}

/// The base-2 logarithm of a power of two.
fn log(len: usize) -> usize {
    len.checked_ilog2().and_then(|log| usize::try_from(log).ok()).unwrap_or(0)
}

/// `2^log` as an element.
fn power_of_two(log: usize) -> EF {
    EF::TWO.exp_u64(u64::try_from(log).unwrap_or(0))
}

/// Blocks by some bits of their numbers: their weight in all, and that of those below the height in
/// these bits.
struct Blocks<E> {
    all: E,
    below: E,
}

/// The sum over `b < height` of `P(b) eq(high, start + b)`, `P` the product of a factor for each
/// bit of `b`. Bits that have no factor, or that a point does not have, are zero.
fn sum_of_blocks<O: MultilinearOps>(
    ops: &mut O,
    start: &[O::Bit],
    height: &[O::Bit],
    factors: &[[O::Ext; 2]],
    high: &[O::Ext],
) -> Checked<O, O::Ext> {
    let [zero, one] = [EF::ZERO, EF::ONE].map(|value| ops.constant(value));
    let never = [one.clone(), zero.clone()];
    let unset = ops.assert_bit(&zero, Reason::Multilinear(Claim::Shape))?;
    // Without and with a carry.
    let mut plain = Blocks { all: one, below: zero.clone() };
    let mut carried = Blocks { all: zero.clone(), below: zero.clone() };
    for bit in 0..start.len().max(height.len()) {
        let (start, height) = (start.get(bit).unwrap_or(&unset), height.get(bit).unwrap_or(&unset));
        let (row, index) = (factors.get(bit).unwrap_or(&never), high.get(bit).unwrap_or(&zero));
        let weights = Weights::new(ops, row, index, start);
        // Below: where the height's bit is set, all blocks whose bit is not, and of the others
        // those that were below already.
        let plain_zero = ops.select(height, &plain.below, &plain.all);
        let carried_zero = ops.select(height, &carried.below, &carried.all);
        let plain_one = ops.select(height, &zero, &plain.below);
        let carried_one = ops.select(height, &zero, &carried.below);
        let all = weights.step(ops, [&plain.all, &carried.all], [&plain.all, &carried.all], start);
        let below = weights.step(ops, [&plain_zero, &carried_zero], [&plain_one, &carried_one], start);
        [plain, carried] = {
            let ([plain_all, carried_all], [plain_below, carried_below]) = (all, below);
            [Blocks { all: plain_all, below: plain_below }, Blocks { all: carried_all, below: carried_below }]
        };
    }
    Ok(plain.below)
}

/// The weights of one bit: of the row's bit being zero or one, and the index's equal to the start's or not.
struct Weights<E> {
    zero_same: E,
    zero_other: E,
    one_same: E,
    one_other: E,
}

impl<E: Clone> Weights<E> {
    fn new<O: MultilinearOps<Ext = E>>(ops: &mut O, [zero, one]: &[E; 2], index: &E, start: &O::Bit) -> Self {
        let other_index = complement(ops, index);
        let same = ops.select(start, &other_index, index);
        let zero_same = ops.mul(zero, &same);
        let zero_other = ops.sub(zero, &zero_same);
        let one_same = ops.mul(one, &same);
        let one_other = ops.sub(one, &one_same);
        Self { zero_same, zero_other, one_same, one_other }
    }

    /// From what `[plain, carried]` rows weigh whose next bit is zero, and is one, to what rows
    /// without and with a carry weigh after it. The sum of three bits carries if two of them are
    /// set, and is odd if one or three are.
    fn step<O: MultilinearOps<Ext = E>>(&self, ops: &mut O, zeros: [&E; 2], ones: [&E; 2], start: &O::Bit) -> [E; 2] {
        let none = ops.constant(EF::ZERO);
        // One of the row's bit and the carry is set: what is carried is the start's bit.
        let either = ops.mul(zeros[1], &self.zero_other);
        let either = ops.mul_add(ones[0], &self.one_other, &either);
        let to_carried = ops.select(start, &none, &either);
        let to_plain = ops.sub(&either, &to_carried);
        [ops.mul_add(zeros[0], &self.zero_same, &to_plain), ops.mul_add(ones[1], &self.one_same, &to_carried)]
    }
}
