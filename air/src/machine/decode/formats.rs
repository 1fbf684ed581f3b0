//! Where each format keeps its immediate.
//!
//! Source: *The RISC-V Instruction Set Manual, Volume I*, section "Immediate Encoding Variants".

use crate::isa::Format;

/// How a format's immediate is made of the word's bits.
pub(super) struct Immediate {
    /// The bits that are copied: (lowest bit of the immediate, lowest bit of the word, number of bits).
    pub pieces: &'static [(u32, u32, u32)],
    /// If the immediate is signed: its lowest bit that repeats the word's bit 31.
    pub sign_from: Option<u32>,
}

/// The immediate of a format; formats without one have no pieces.
pub(super) const fn immediate(format: Format) -> Immediate {
    match format {
        Format::R | Format::Fence | Format::System => Immediate { pieces: &[], sign_from: None },
        Format::I => Immediate { pieces: &[(0, 20, 11)], sign_from: Some(11) },
        Format::Shift64 => Immediate { pieces: &[(0, 20, 6)], sign_from: None },
        Format::Shift32 => Immediate { pieces: &[(0, 20, 5)], sign_from: None },
        Format::S => Immediate { pieces: &[(0, 7, 5), (5, 25, 6)], sign_from: Some(11) },
        Format::B => Immediate { pieces: &[(1, 8, 4), (5, 25, 6), (11, 7, 1)], sign_from: Some(12) },
        Format::U => Immediate { pieces: &[(12, 12, 19)], sign_from: Some(31) },
        Format::J => Immediate { pieces: &[(1, 21, 10), (11, 20, 1), (12, 12, 8)], sign_from: Some(20) },
    }
}

impl Immediate {
    /// The bit of the word that immediate bit `bit` copies, if it is not always zero.
    pub fn source(&self, bit: u32) -> Option<u32> {
        if self.sign_from.is_some_and(|from| bit >= from) {
            return Some(31);
        }
        let &(immediate, word, _) = self.pieces.iter().find(|&&(low, _, len)| (low..low + len).contains(&bit))?;
        Some(bit - immediate + word)
    }
}

/// All formats that have an immediate.
pub(super) const WITH_IMMEDIATE: [Format; 7] = [Format::I, Format::Shift64, Format::Shift32, Format::S, Format::B, Format::U, Format::J];
