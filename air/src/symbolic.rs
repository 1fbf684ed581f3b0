//! What builders share that record what a chip states, as symbolic expressions.

use p3_air::symbolic::{AirLayout, SymbolicAirBuilder};
use tern_field::F;

use crate::chip::System;

/// Plonky3's symbolic builder.
pub type Inner = SymbolicAirBuilder<F>;

/// That of a chip's columns and public values.
pub fn builder_of(air: &impl System) -> Inner {
    Inner::new(AirLayout {
        main_width: air.width(),
        preprocessed_width: air.preprocessed_width(),
        num_public_values: air.num_public_values(),
        ..Default::default()
    })
}

/// Makes a [`ChipBuilder`](crate::builder::ChipBuilder) an `AirBuilder` that reads the columns of
/// its field `inner`, a symbolic builder
/// ([`builder_of`](crate::symbolic::builder_of)).
#[macro_export]
macro_rules! symbolic_builder {
    ($name:ty) => {
        impl p3_air::AirBuilder for $name {
            type F = tern_field::F;
            type Expr = <$crate::symbolic::Inner as p3_air::AirBuilder>::Expr;
            type Var = <$crate::symbolic::Inner as p3_air::AirBuilder>::Var;
            type PreprocessedWindow = <$crate::symbolic::Inner as p3_air::AirBuilder>::PreprocessedWindow;
            type MainWindow = <$crate::symbolic::Inner as p3_air::AirBuilder>::MainWindow;
            type PublicVar = <$crate::symbolic::Inner as p3_air::AirBuilder>::PublicVar;
            type PeriodicVar = <$crate::symbolic::Inner as p3_air::AirBuilder>::PeriodicVar;

            fn main(&self) -> Self::MainWindow {
                self.inner.main()
            }

            fn preprocessed(&self) -> &Self::PreprocessedWindow {
                self.inner.preprocessed()
            }

            fn is_first_row(&self) -> Self::Expr {
                self.inner.is_first_row()
            }

            fn is_last_row(&self) -> Self::Expr {
                self.inner.is_last_row()
            }

            fn is_transition(&self) -> Self::Expr {
                self.inner.is_transition()
            }

            fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
                $crate::builder::ChipBuilder::check(self, "unlabelled", x);
            }

            fn public_values(&self) -> &[Self::PublicVar] {
                self.inner.public_values()
            }
        }
    };
}
