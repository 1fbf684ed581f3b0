//! Which of two dwords is less: the columns, constraints and fill that branches and comparisons share.
//!
//! The highest limb at which the operands differ decides. A marker stands at that limb; above it
//! they are equal, and there their difference, taken in the order that `less` claims, is positive.
//! In signed comparisons bit 15 of the top limbs counts negative.

use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use crate::builder::{ChipBuilder, Label};
use crate::columns;
use crate::gadgets::{self, Limbs};
use crate::lookups::Lookups;

/// The hints of a comparison; all of them zero on padding rows.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ComparisonCols<T> {
    /// Where the operands differ first, from the top: boolean, at most one set, none if they are
    /// equal. Nondeterministic: a marker too low leaves a difference above it, one too high finds
    /// none.
    pub markers: [T; 4],
    /// Whether `a < b`: boolean. Nondeterministic, pinned by the range of `gap`.
    pub less: T,
    /// `|b - a|` at the marked limb, 1 to 2^16; zero if the operands are equal.
    pub gap: T,
    /// Bit 63 of `a` in signed comparisons, else zero; pinned by the range check of the bits below it.
    pub sign_a: T,
    /// Bit 63 of `b` in signed comparisons, else zero; as above.
    pub sign_b: T,
}

columns!(ComparisonCols);

/// Labels of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct ComparisonLabels {
    /// Markers are boolean.
    pub marker_boolean: Label,
    /// At most one marker is set, and none on padding rows.
    pub markers_exclusive: Label,
    /// No difference stands above the marker.
    pub equal_above: Label,
    /// Signs are boolean, and zero in unsigned comparisons.
    pub sign_boolean: Label,
    /// Lookup of the bits below the signs.
    pub sign: Label,
    /// `less` is boolean, and zero if the operands are equal.
    pub less_boolean: Label,
    /// `gap` is the difference at the marker in the order claimed.
    pub gap: Label,
    /// Lookup that proves the gap positive.
    pub gap_range: Label,
}

/// The labels of a comparison: `comparison_labels!("branch")` is `branch::marker_boolean` and so on.
#[macro_export]
macro_rules! comparison_labels {
    ($chip:literal) => {
        $crate::comparison::ComparisonLabels {
            marker_boolean: concat!($chip, "::marker_boolean"),
            markers_exclusive: concat!($chip, "::markers_exclusive"),
            equal_above: concat!($chip, "::equal_above"),
            sign_boolean: concat!($chip, "::sign_boolean"),
            sign: concat!($chip, "::sign"),
            less_boolean: concat!($chip, "::less_boolean"),
            gap: concat!($chip, "::gap"),
            gap_range: concat!($chip, "::gap_range"),
        }
    };
}

impl<V: Copy> ComparisonCols<V> {
    /// Whether the operands differ: boolean by the constraints.
    pub fn is_different<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.markers.into_iter().map(Into::into).sum()
    }
}

/// Given limbs `a` and `b` below 2^16 and booleans `is_signed <= is_real`, proves that `less` says
/// whether `a < b`, as signed numbers where `is_signed`, and [`ComparisonCols::is_different`]
/// whether `a != b`.
///
/// All limbs and signs are small, so that no difference wraps around the field: `gap` is at most
/// 2^16 in size, and only its claimed sign puts it among 1 to 2^16.
pub fn constrain<B: ChipBuilder>(
    builder: &mut B,
    labels: ComparisonLabels,
    cols: &ComparisonCols<B::Var>,
    a: Limbs<B::Var>,
    b: Limbs<B::Var>,
    is_signed: B::Expr,
    is_real: B::Expr,
) {
    let is_different: B::Expr = cols.is_different();
    for marker in cols.markers {
        builder.check_bool(labels.marker_boolean, marker);
    }
    builder.check(labels.markers_exclusive, is_different.clone() * (is_different.clone() - is_real));
    for i in 0..4 {
        let marked: B::Expr = cols.markers[i..].iter().map(|&m| m.into()).sum();
        builder.check(labels.equal_above, (B::Expr::ONE - marked) * (b[i] - a[i]));
    }

    for (sign, limb) in [(cols.sign_a, a[3]), (cols.sign_b, b[3])] {
        builder.check(labels.sign_boolean, sign * (sign.into() - is_signed.clone()));
        let below_sign = limb - sign * B::constant(1 << 15);
        gadgets::bits(builder, labels.sign, 15, below_sign, is_signed.clone());
    }

    builder.check(labels.less_boolean, cols.less * (cols.less.into() - is_different.clone()));
    let weight_of_signs = (cols.sign_b - cols.sign_a) * B::constant(1 << 16);
    let at_marker = (0..4).map(|i| cols.markers[i] * (b[i] - a[i])).sum::<B::Expr>() - cols.markers[3] * weight_of_signs;
    let order = cols.less.into().double() - B::Expr::ONE;
    builder.check_eq(labels.gap, cols.gap, order * at_marker);
    gadgets::bits(builder, labels.gap_range, 16, cols.gap - B::Expr::ONE, is_different);
}

/// Fills the hints of a comparison and counts its lookups.
pub fn fill(cols: &mut ComparisonCols<F>, a: u64, b: u64, is_signed: bool, lookups: &mut Lookups) {
    let limb = |x: u64, i: usize| i64::from((x >> (16 * i)) as u16);
    let (sign_a, sign_b) = (is_signed && a >> 63 == 1, is_signed && b >> 63 == 1);
    cols.sign_a = F::from_bool(sign_a);
    cols.sign_b = F::from_bool(sign_b);
    if is_signed {
        lookups.bits(15, (a >> 48) as u32 & 0x7fff);
        lookups.bits(15, (b >> 48) as u32 & 0x7fff);
    }
    if let Some(marked) = (0..4).rev().find(|&i| limb(a, i) != limb(b, i)) {
        let weight_of_signs = if marked == 3 { (i64::from(sign_b) - i64::from(sign_a)) << 16 } else { 0 };
        let difference = limb(b, marked) - limb(a, marked) - weight_of_signs;
        let gap = difference.unsigned_abs() as u32;
        cols.markers[marked] = F::ONE;
        cols.less = F::from_bool(difference > 0);
        cols.gap = F::from_u32(gap);
        lookups.bits(16, gap - 1);
    }
}
