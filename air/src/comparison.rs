//! Which of two dwords is less: the columns, constraints and fill that branches and comparisons share.
//!
//! The highest limb at which the operands differ decides. A marker stands at that limb; above it
//! they are equal, and there their difference, taken in the order that `less` claims, is positive.
//! In signed comparisons bit 15 of the top limbs counts negative.

use p3_field::PrimeCharacteristicRing;
use tern_field::word::{Dword, Word};

use crate::builder::{ChipBuilder, Label};
use crate::columns;
use crate::gadgets::{self, Limbs};
use crate::lookups::Count;

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

/// The hints of a comparison, whose lookups are counted.
pub fn fill<W: Word>(a: Dword<W>, b: Dword<W>, is_signed: W, lookups: &mut impl Count<W>) -> ComparisonCols<W> {
    let (zero, full) = (W::from(0), W::from(16));
    let [sign_a, sign_b] = [a, b].map(|x| is_signed & x.sign());
    let (a, b) = (a.limbs(), b.limbs());
    let mut markers = [zero; 4];
    let [is_different, at_a, at_b] = mark_difference(&a, &b, &mut markers);
    let weight_of_signs = markers[3].then(sign_b.minus(sign_a) << full);
    let difference = at_b.minus(at_a).minus(weight_of_signs);
    let less = is_different & difference.bit(31).not();
    let gap = less.select(difference, zero.minus(difference));
    for x in [a, b] {
        lookups.count_bits(W::from(15), x[3].bits(0, 15), is_signed);
    }
    lookups.count_bits(full, gap.minus(W::from(1)), is_different);
    ComparisonCols { markers, less, gap, sign_a, sign_b }
}

/// Marks the highest limb at which two numbers differ, if they do. Whether they do, and the limbs
/// there, else zeros.
pub fn mark_difference<W: Word>(a: &[W], b: &[W], markers: &mut [W]) -> [W; 3] {
    let zero = W::from(0);
    let (mut is_different, mut at_a, mut at_b) = (zero, zero, zero);
    for ((&a, &b), marker) in a.iter().zip(b).zip(markers).rev() {
        *marker = is_different.not() & a.equals(b).not();
        (at_a, at_b) = (marker.select(a, at_a), marker.select(b, at_b));
        is_different = is_different | *marker;
    }
    [is_different, at_a, at_b]
}
