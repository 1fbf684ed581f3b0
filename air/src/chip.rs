//! What every chip declares, and how a constraint system lists its chips.

use alloc::string::String;
use alloc::vec::Vec;

use p3_air::BaseAir;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::builder::{Buses, ChipBuilder};
use crate::layout::Columns;

/// A table of the constraint system.
pub trait Chip: Sync {
    /// Short name in `snake_case`; also the prefix of its labels.
    const NAME: &'static str;
    /// Bound on the degree of its constraints, LogUp included: one more than the messages that
    /// share a LogUp column.
    const DEGREE: usize = 5;
    /// The public values, in order.
    const PUBLIC: &'static [PublicField] = &[];

    /// The main columns of a row.
    type Main<T>: Columns<T>;
    /// The preprocessed columns of a row: [`crate::layout::NoColumns`] if there are none.
    type Fixed<T>: Columns<T>;

    /// Number of main columns.
    fn width(&self) -> usize {
        <Self::Main<F> as Columns<F>>::WIDTH
    }

    /// States every constraint and message of a row.
    fn constrain<B: ChipBuilder>(&self, builder: &mut B);

    /// Number of preprocessed columns.
    fn preprocessed_width(&self) -> usize {
        <Self::Fixed<F> as Columns<F>>::WIDTH
    }

    /// The preprocessed columns, of fixed height.
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        None
    }

    /// The main columns that constraints read on the next row.
    fn next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }
}

/// Public values that belong together.
#[derive(Clone, Copy, Debug)]
pub struct PublicField {
    /// Their name.
    pub name: &'static str,
    /// How many they are.
    pub len: usize,
    /// What they say, and what the verifier checks of them.
    pub meaning: &'static str,
}

/// Number of public values in all.
pub const fn count(fields: &[PublicField]) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < fields.len() {
        sum += fields[i].len;
        i += 1;
    }
    sum
}

/// A constraint system: the enum of its chips that [`registry!`] declares.
pub trait System: BaseAir<F> + Sized {
    /// Every chip once, in the order of the proof's tables.
    fn all() -> Vec<Self>;
    /// The buses that connect the chips.
    fn buses() -> &'static Buses;
    /// Short name of the chip.
    fn name(&self) -> &'static str;
    /// States the chip's constraints.
    fn constrain<B: ChipBuilder>(&self, builder: &mut B);
    /// Bound on the degree of the chip's constraints, LogUp included.
    fn degree(&self) -> usize;
    /// The public values, in order.
    fn public(&self) -> &'static [PublicField];
    /// The main and the preprocessed columns' structs as [`Debug`](core::fmt::Debug) shows them,
    /// where every column holds its position.
    fn layouts(&self) -> [String; 2];
}

/// Declares the enum of a constraint system's chips, in the order of the proof's tables, and the
/// enum of their names; makes the first an AIR whose messages are on the given buses.
macro_rules! registry {
    ($(#[$air_doc:meta])* $air:ident, $(#[$id_doc:meta])* $id:ident, $buses:expr; $($(#[$doc:meta])* $variant:ident($chip:ty)),+ $(,)?) => {
        $(#[$air_doc])*
        #[derive(Clone, Debug)]
        pub enum $air {
            $($(#[$doc])* $variant($chip),)+
        }

        $(#[$id_doc])*
        #[repr(usize)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $id {
            $($(#[$doc])* $variant),+
        }

        impl $id {
            /// All chips, in the order of the proof's tables.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Number of chips.
            pub const COUNT: usize = Self::ALL.len();
        }

        impl $air {
            /// Every chip once, in the order of the proof's tables.
            pub fn all() -> Vec<Self> {
                alloc::vec![$(Self::$variant(<$chip>::default())),+]
            }

            /// Short name of the chip.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => <$chip as Chip>::NAME),+ }
            }

            /// States the chip's constraints.
            pub fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
                match self { $(Self::$variant(chip) => chip.constrain(builder)),+ }
            }

            /// Bound on the degree of the chip's constraints, LogUp included.
            pub const fn degree(&self) -> usize {
                match self { $(Self::$variant(_) => <$chip as Chip>::DEGREE),+ }
            }
        }

        impl $crate::chip::System for $air {
            fn all() -> Vec<Self> {
                Self::all()
            }

            fn buses() -> &'static $crate::builder::Buses {
                &$buses
            }

            fn name(&self) -> &'static str {
                self.name()
            }

            fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
                self.constrain(builder);
            }

            fn degree(&self) -> usize {
                self.degree()
            }

            fn public(&self) -> &'static [$crate::chip::PublicField] {
                match self { $(Self::$variant(_) => <$chip as Chip>::PUBLIC),+ }
            }

            fn layouts(&self) -> [alloc::string::String; 2] {
                match self {
                    $(Self::$variant(_) => [
                        $crate::layout::positions::<<$chip as Chip>::Main<usize>>(),
                        $crate::layout::positions::<<$chip as Chip>::Fixed<usize>>(),
                    ]),+
                }
            }
        }

        impl<AB: AirBuilder<F = F> + InteractionBuilder> Air<AB> for $air {
            fn eval(&self, builder: &mut AB) {
                self.constrain(&mut Adapter::new(builder, &$buses));
            }
        }

        impl BaseAir<F> for $air {
            fn width(&self) -> usize {
                match self { $(Self::$variant(chip) => chip.width()),+ }
            }

            fn preprocessed_width(&self) -> usize {
                match self { $(Self::$variant(chip) => chip.preprocessed_width()),+ }
            }

            fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
                match self { $(Self::$variant(chip) => chip.preprocessed_trace()),+ }
            }

            fn main_next_row_columns(&self) -> Vec<usize> {
                match self { $(Self::$variant(chip) => chip.next_row_columns()),+ }
            }

            fn preprocessed_next_row_columns(&self) -> Vec<usize> {
                Vec::new()
            }

            fn max_constraint_degree(&self) -> Option<usize> {
                Some(self.degree())
            }

            fn num_public_values(&self) -> usize {
                match self { $(Self::$variant(_) => $crate::chip::count(<$chip as Chip>::PUBLIC)),+ }
            }
        }
    };
}
pub(crate) use registry;
