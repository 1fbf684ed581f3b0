//! Which pages of memory may be used how.

use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use crate::chip::PublicField;

/// The public values: [`Bounds::to_values`]. The verifying key fixes them, and [`Bounds::check`]
/// says what the verifier knows of them.
pub(super) const PUBLIC: [PublicField; PUBLIC_VALUES] = [
    PublicField { name: "ro_start", len: 1, meaning: "First page of the read-only data; from the verifying key." },
    PublicField { name: "ro_end", len: 1, meaning: "Page behind the read-only data; from the verifying key." },
    PublicField { name: "text_start", len: 1, meaning: "First page of the text; from the verifying key." },
    PublicField { name: "text_end", len: 1, meaning: "Page behind the text; from the verifying key." },
];
/// Their number.
const PUBLIC_VALUES: usize = 4;

/// Leaves in a page of 4 KiB.
pub const PAGE_LEAVES: u32 = 128;

/// First page above the text's reach: `pc` stays below 2^30.
const TEXT_LIMIT: u32 = 0x4_0000;
/// The guard page below the stack.
const GUARD: u32 = 0x7_c000;
/// First page of the private input.
const INPUT: u32 = 0x8_0000;
/// Pages of the address space.
const PAGES: u32 = 0x10_0000;

/// The program's ranges of pages, which the verifying key fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// First page of the read-only data.
    pub ro_start: u32,
    /// Page behind the read-only data.
    pub ro_end: u32,
    /// First page of the text.
    pub text_start: u32,
    /// Page behind the text.
    pub text_end: u32,
}

/// Bounds that no program may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bounds {0:?} break 1 <= ro_start <= text_start <= text_end <= ro_end <= {GUARD:#x}, text_end <= {TEXT_LIMIT:#x}")]
pub struct BoundsError(pub Bounds);

/// The ranges of pages, as positions in [`super::LeafCols::ranges`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Range {
    /// The page whose first dwords are the registers.
    Registers = 0,
    /// Writable memory below the program's read-only data.
    LowMemory = 1,
    /// Read-only data below the text.
    LowReadOnly = 2,
    /// The text.
    Text = 3,
    /// Read-only data above the text.
    HighReadOnly = 4,
    /// Writable memory above the program's read-only data.
    HighMemory = 5,
    /// The stack.
    Stack = 6,
    /// The private input.
    Input = 7,
}

impl Range {
    /// Number of ranges.
    pub const COUNT: usize = 8;

    /// All ranges, in the order of their positions.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Registers, Self::LowMemory, Self::LowReadOnly, Self::Text, Self::HighReadOnly, Self::HighMemory, Self::Stack, Self::Input];

    /// The region part of its cells' keys: a [`crate::events::Region`], or 3 for registers.
    pub const fn key_region(self) -> u32 {
        match self {
            Self::LowMemory | Self::HighMemory | Self::Stack => 0,
            Self::LowReadOnly | Self::HighReadOnly | Self::Input => 1,
            Self::Text => 2,
            Self::Registers => 3,
        }
    }

    /// Its first page and the page behind its last, from the public values and constants.
    pub fn pages<E: Clone>(self, bounds: &[E; PUBLIC_VALUES], constant: impl Fn(u32) -> E) -> [E; 2] {
        let [ro_start, ro_end, text_start, text_end] = bounds.clone();
        match self {
            Self::Registers => [constant(0), constant(1)],
            Self::LowMemory => [constant(1), ro_start],
            Self::LowReadOnly => [ro_start, text_start],
            Self::Text => [text_start, text_end],
            Self::HighReadOnly => [text_end, ro_end],
            Self::HighMemory => [ro_end, constant(GUARD)],
            Self::Stack => [constant(GUARD + 1), constant(INPUT)],
            Self::Input => [constant(INPUT), constant(PAGES)],
        }
    }
}

impl Bounds {
    /// Whether a program may have these bounds; the leaf chip assumes it of its public values.
    ///
    /// # Errors
    ///
    /// [`BoundsError`] where the ranges would overlap, reach the null or guard page, or the text
    /// leave the reach of `pc`.
    pub fn check(&self) -> Result<(), BoundsError> {
        let ascending = [1, self.ro_start, self.text_start, self.text_end, self.ro_end, GUARD];
        if ascending.is_sorted() && self.text_end <= TEXT_LIMIT { Ok(()) } else { Err(BoundsError(*self)) }
    }

    /// The public values: `ro_start`, `ro_end`, `text_start`, `text_end` in pages.
    pub fn to_values(&self) -> [F; PUBLIC_VALUES] {
        self.pages().map(F::from_u32)
    }

    /// The range that a page lies in, if any, with its first page and the page behind its last.
    pub(crate) fn range_of(&self, page: u32) -> Option<(Range, [u32; 2])> {
        let mut ranges = Range::ALL.into_iter().map(|range| (range, range.pages(&self.pages(), |page| page)));
        ranges.find(|(_, [first, end])| (*first..*end).contains(&page))
    }

    fn pages(&self) -> [u32; PUBLIC_VALUES] {
        [self.ro_start, self.ro_end, self.text_start, self.text_end]
    }
}
