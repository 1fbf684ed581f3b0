//! The weights of all claims together, at the opening's challenges.
//!
//! Cell `t + r 2^w + c` of a group has the weight `gamma_c eq(point, r)`. As a multilinear polynomial in the cell's index, whose lowest bits are `c`, the group's weights are the product of
//! `sum_c gamma_c eq(low, c)` and, with `t / 2^w` for `t`, `sum_(r < h) eq(point, r) eq(high, t + r)`. The second sum is computed bit by bit, the lowest first: what is known of a row `r` after some bits is
//! whether `t + r` carries, and whether those bits of `r` are below those of `h`.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;
use tern_fri::multilinear::Layout;

use super::super::claim::Claim;
use super::super::equality::{complement, inner_product, tables};
use super::{Claims, OpeningVerifier};
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;

impl OpeningVerifier {
    /// The value at the rounds' challenges of the polynomial whose values are the cells' weights; `powers` are those of the challenge that tells the claims apart.
    ///
    /// # Errors
    ///
    /// If the heights are not those of tables that fit.
    pub(super) fn weight<O: MultilinearOps>(
        &self,
        ops: &mut O,
        claims: &Claims<'_, O>,
        powers: &[O::Ext],
        challenges: &[O::Ext],
    ) -> Checked<O, O::Ext> {
        let (columns, rows) = challenges.split_at_checked(self.shape.column_variables()).unwrap_or_default();
        let mut powers = powers.iter();
        let mut weight = ops.constant(EF::ZERO);
        for (number, ((layout, start), heights)) in self.matrices().zip(claims.heights).enumerate() {
            let by_table: Vec<Vec<O::Ext>> = layout.widths().iter().map(|&width| powers.by_ref().take(width).cloned().collect()).collect();
            let (own, others) = columns.split_at_checked(layout.log_width()).unwrap_or_default();
            let matrix = Matrix { number, layout, heights, by_table: &by_table, columns: own, rows, point: claims.point };
            let mut own = matrix.weight(ops)?;
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
    /// The point at which columns are claimed.
    point: &'a [O::Ext],
}

impl<O: MultilinearOps> Matrix<'_, O> {
    /// No place overflows: each is below twice the matrix's cells in units of its group's width, at most `2^28`, before a height of at most `2^23` is added and at most five bits are shifted in.
    fn weight(&self, ops: &mut O) -> Checked<O, O::Ext> {
        let reason = Reason::Multilinear(Claim::Heights { matrix: self.number });
        let mut heights = Vec::with_capacity(self.heights.len());
        for height in self.heights {
            heights.push(ops.bits(height, self.point.len().saturating_add(1), reason)?);
        }
        let low = tables(ops, self.columns);
        let mut weight = ops.constant(EF::ZERO);
        let mut place = ops.constant(EF::ZERO);
        let mut log_unit = self.layout.log_width();
        for group in self.layout.groups() {
            let scale = ops.constant(power_of_two(log_unit.saturating_sub(group.log_width)));
            place = ops.mul(&place, &scale);
            log_unit = group.log_width;
            let (_, above) = self.columns.split_at_checked(log_unit).unwrap_or_default();
            let high: Vec<O::Ext> = above.iter().chain(self.rows).cloned().collect();
            let start = ops.bits(&place, high.len().saturating_add(1), reason)?;
            if let (Some(height), Some(bits), Some(weights), Some(table)) =
                (self.heights.get(group.table), heights.get(group.table), self.by_table.get(group.table), low.get(log_unit))
            {
                let rows = sum_of_rows(ops, &start, bits, self.point, &high)?;
                let (_, weights) = weights.split_at_checked(group.first).unwrap_or_default();
                let columns = inner_product(ops, weights.get(..group.columns).unwrap_or_default(), table);
                weight = ops.mul_add(&rows, &columns, &weight);
                place = ops.add(&place, height);
            }
        }
        let log_cells = self.rows.len().saturating_add(self.layout.log_width()).saturating_sub(log_unit);
        let cells = ops.constant(power_of_two(log_cells));
        let left = ops.sub(&cells, &place);
        ops.bits(&left, log_cells.saturating_add(1), reason)?;
        Ok(weight)
    }
}

/// `2^log` as an element.
fn power_of_two(log: usize) -> EF {
    EF::TWO.exp_u64(u64::try_from(log).unwrap_or(0))
}

/// The rows that some of their bits agree with: their weight in all, and that of those below the height in these bits.
struct Rows<E> {
    all: E,
    below: E,
}

/// The sum over `r < height` of `eq(point, r) eq(high, start + r)`. Bits that a point does not have are zero.
fn sum_of_rows<O: MultilinearOps>(
    ops: &mut O,
    start: &[O::Bit],
    height: &[O::Bit],
    point: &[O::Ext],
    high: &[O::Ext],
) -> Checked<O, O::Ext> {
    let [zero, one] = [EF::ZERO, EF::ONE].map(|value| ops.constant(value));
    let unset = ops.assert_bit(&zero, Reason::Multilinear(Claim::Shape))?;
    // Without and with a carry.
    let mut plain = Rows { all: one, below: zero.clone() };
    let mut carried = Rows { all: zero.clone(), below: zero.clone() };
    for bit in 0..start.len().max(height.len()) {
        let (start, height) = (start.get(bit).unwrap_or(&unset), height.get(bit).unwrap_or(&unset));
        let (row, index) = (point.get(bit).unwrap_or(&zero), high.get(bit).unwrap_or(&zero));
        let weights = Weights::new(ops, row, index, start);
        // Below: where the height's bit is set, all rows whose bit is not, and of the others those that were below already.
        let plain_zero = ops.select(height, &plain.below, &plain.all);
        let carried_zero = ops.select(height, &carried.below, &carried.all);
        let plain_one = ops.select(height, &zero, &plain.below);
        let carried_one = ops.select(height, &zero, &carried.below);
        let all = weights.step(ops, [&plain.all, &carried.all], [&plain.all, &carried.all], start);
        let below = weights.step(ops, [&plain_zero, &carried_zero], [&plain_one, &carried_one], start);
        [plain, carried] = {
            let ([plain_all, carried_all], [plain_below, carried_below]) = (all, below);
            [Rows { all: plain_all, below: plain_below }, Rows { all: carried_all, below: carried_below }]
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
    fn new<O: MultilinearOps<Ext = E>>(ops: &mut O, row: &E, index: &E, start: &O::Bit) -> Self {
        let other_index = complement(ops, index);
        let same = ops.select(start, &other_index, index);
        let zero = complement(ops, row);
        let zero_same = ops.mul(&zero, &same);
        let zero_other = ops.sub(&zero, &zero_same);
        let one_same = ops.mul(row, &same);
        let one_other = ops.sub(row, &one_same);
        Self { zero_same, zero_other, one_same, one_other }
    }

    /// From what `[plain, carried]` rows weigh whose next bit is zero, and is one, to what rows without and with a carry weigh after it. The sum of three bits carries if two of them
    /// are set, and is odd if one or three are.
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
