//! Helpers for the tests of the recursion chips.

pub mod blake3;

use alloc::vec;
use alloc::vec::Vec;

use p3_air::BaseAir;
use p3_air::symbolic::AirLayout;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_lookup::InteractionSymbolicBuilder;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};

use super::{Circuit, CircuitAir, bus};
use crate::check::{Report, check};
use crate::layout::Columns;
use crate::testing::gate;

/// A table of one chip: what a circuit fixes and what a prover fills.
#[derive(Clone)]
pub struct Table {
    pub chip: fn(Circuit) -> CircuitAir,
    pub fixed: RowMajorMatrix<F>,
    pub main: RowMajorMatrix<F>,
    pub public: Vec<F>,
}

impl Table {
    /// An empty table.
    pub fn new(chip: fn(Circuit) -> CircuitAir, height: usize) -> Self {
        let air = chip(Circuit::default());
        let zeros = |width: usize| RowMajorMatrix::new(F::zero_vec(height * width), width);
        Self { chip, fixed: zeros(air.preprocessed_width()), main: zeros(air.width()), public: vec![F::ZERO; air.num_public_values()] }
    }

    /// What the circuit fixes of a row.
    pub fn fixed<C: Columns<F>>(&mut self, row: usize) -> &mut C {
        C::of_mut(self.fixed.row_mut(row))
    }

    /// What the prover fills of a row.
    pub fn main<C: Columns<F>>(&mut self, row: usize) -> &mut C {
        C::of_mut(self.main.row_mut(row))
    }

    /// The same table after a change.
    pub fn but(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    pub fn air(&self) -> CircuitAir {
        (self.chip)(Circuit::new(self.fixed.clone()))
    }

    pub fn report(&self) -> Report {
        check(&self.air(), &self.main, &self.public)
    }

    /// Asserts that all constraints hold, and that no message is counted more often than its count may be.
    pub fn assert_satisfied(&self) -> Report {
        let report = self.report();
        assert!(report.failures.is_empty() && report.overcounted.is_empty(), "{report:?}");
        report
    }

    /// Asserts that a constraint does not hold.
    pub fn assert_fails(&self, label: &str) {
        let report = self.report();
        assert!(report.failures.contains_key(label), "{label} holds; failing: {:?}", report.failures);
    }

    /// Asserts that all constraints hold, but the bus is left otherwise than by `honest`.
    pub fn assert_unbalanced(&self, honest: &Self) {
        assert_ne!(self.assert_satisfied().balance, honest.assert_satisfied().balance);
    }

    /// Asserts that all constraints hold, but something is looked up that is not in the byte table.
    pub fn assert_unprovided(&self) {
        let unprovided = |tuple: &Vec<u32>| match tuple[0] {
            bus::U16 => tuple[1] >= 1 << 16,
            bus::TOP => tuple[1] > bus::MAX_TOP,
            _ => false,
        };
        let balance = self.assert_satisfied().balance;
        assert!(balance.keys().any(unprovided), "all of {balance:?} is provided");
    }

    /// The table with rows to attack.
    pub fn attacked(&self, rows: &[usize]) -> gate::Table {
        gate::Table { main: self.main.clone(), fixed: self.fixed.clone(), public: self.public.clone(), rows: rows.to_vec() }
    }

    /// Asserts that every weakness of the chip is needed by an attack on one of these tables, but
    /// for `exceptions`.
    pub fn assert_gate(tables: &[(&Self, &[usize])], attacks: &gate::File, exceptions: &[(&str, &str)]) {
        let chip = (tables[0].0.chip)(Circuit::default());
        let tables: Vec<gate::Table> = tables.iter().map(|(table, rows)| table.attacked(rows)).collect();
        gate::assert_gate(&chip, &tables, attacks, exceptions);
    }

    /// Asserts that every cell of a row that has everything, the circuit's and the public ones
    /// included, changes the bus or violates a constraint.
    pub fn assert_cells_matter(&self, row: usize) {
        let honest = self.assert_satisfied().balance;
        let assert_matters = |what: &str, column: usize, changed: &Self| {
            let report = changed.report();
            assert!(!report.failures.is_empty() || report.balance != honest, "{what} {column} of row {row} changes nothing");
        };
        for column in 0..self.main.width() {
            assert_matters("main column", column, &self.but(|table| table.main.row_mut(row)[column] += F::ONE));
        }
        for column in 0..self.fixed.width() {
            assert_matters("preprocessed column", column, &self.but(|table| table.fixed.row_mut(row)[column] += F::ONE));
        }
        for column in 0..self.public.len() {
            assert_matters("public value", column, &self.but(|table| table.public[column] += F::ONE));
        }
    }

    /// Asserts that Plonky3 finds the declared degree enough.
    pub fn assert_accepted(&self) {
        let air = self.air();
        let symbolic = InteractionSymbolicBuilder::<F, EF>::from_air(&air, AirLayout::from_air(&air));
        assert!(symbolic.base_constraints().iter().all(|constraint| constraint.degree_multiple() <= air.degree()));
    }
}

/// Elements that look random.
pub struct Random(pub u64);

impl Random {
    pub fn word(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 32) as u32
    }

    pub fn element(&mut self) -> F {
        F::from_u32(self.word())
    }

    pub fn extension(&mut self) -> EF {
        EF::from_basis_coefficients_fn(|_| self.element())
    }
}

/// The coordinates of an element.
pub fn coordinates(x: EF) -> [F; 5] {
    core::array::from_fn(|i| x.as_basis_coefficients_slice()[i])
}

/// A [`bus::WIRE`] message.
pub fn wire(addr: u32, value: EF) -> Vec<u32> {
    let coordinates = coordinates(value).map(|x| p3_field::PrimeField32::as_canonical_u32(&x));
    [bus::WIRE, addr].into_iter().chain(coordinates).collect()
}

/// A [`bus::HALF`] or [`bus::CAP`] message of 32 bytes.
pub fn digest(tag: u32, addr: u32, bytes: &[u8; 32]) -> Vec<u32> {
    let limbs = bytes.chunks_exact(2).map(|pair| u32::from(u16::from_le_bytes([pair[0], pair[1]])));
    [tag, addr].into_iter().chain(limbs).collect()
}

/// 32 bytes as limbs.
pub fn limbs(bytes: &[u8; 32]) -> [F; 16] {
    core::array::from_fn(|i| F::from_u16(u16::from_le_bytes([bytes[2 * i], bytes[2 * i + 1]])))
}
