//! Labels of the mulmod chips: the same claims under each chip's own name.

use crate::access_labels;
use crate::builder::Label;
use crate::gadgets::AccessLabels;

/// Labels of a chip's constraints and messages.
pub(super) struct Labels {
    pub is_real_boolean: Label,
    pub call: Label,
    pub aligned: Label,
    /// Of the bytes of a, b, m and q.
    pub bytes: [Label; 4],
    /// Of the reads of a, b, c and m.
    pub operands: [AccessLabels; 4],
    pub region: Label,
    pub carry_range: Label,
    pub equation: Label,
    pub differs_boolean: Label,
    pub upper_limbs_agree: Label,
    pub differs_once: Label,
    pub excess: Label,
    pub remainder_below_modulus: Label,
    pub r_range: Label,
    pub dst: AccessLabels,
}

/// The labels of the chip of a name.
macro_rules! labels {
    ($chip:literal) => {
        Labels {
            is_real_boolean: concat!($chip, "::is_real_boolean"),
            call: concat!($chip, "::call"),
            aligned: concat!($chip, "::aligned"),
            bytes: [concat!($chip, "::a_bytes"), concat!($chip, "::b_bytes"), concat!($chip, "::m_bytes"), concat!($chip, "::q_bytes")],
            operands: [
                access_labels!($chip, "::a"),
                access_labels!($chip, "::b"),
                access_labels!($chip, "::c"),
                access_labels!($chip, "::m"),
            ],
            region: concat!($chip, "::region"),
            carry_range: concat!($chip, "::carry_range"),
            equation: concat!($chip, "::equation"),
            differs_boolean: concat!($chip, "::differs_boolean"),
            upper_limbs_agree: concat!($chip, "::upper_limbs_agree"),
            differs_once: concat!($chip, "::differs_once"),
            excess: concat!($chip, "::excess"),
            remainder_below_modulus: concat!($chip, "::remainder_below_modulus"),
            r_range: concat!($chip, "::r_range"),
            dst: access_labels!($chip, "::dst"),
        }
    };
}

/// Labels of the chip of `mulmod256`.
pub(super) const MULMOD: Labels = labels!("mulmod");
/// Labels of the chip of `mulmod384`.
pub(super) const MULMOD384: Labels = labels!("mulmod384");
