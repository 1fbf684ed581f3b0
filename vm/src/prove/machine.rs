//! The tables of a segment for version 2 of the proof system.

use p3_air::BaseAir;
use tern_air::leaf::Bounds;
use tern_air::machine::MachineAir;
use tern_air::segment::Statement;
use tern_field::F;

/// The public values of every table.
#[must_use]
pub fn machine_values(statement: &Statement, bounds: &Bounds) -> Vec<Vec<F>> {
    let of = |air: &MachineAir| match air {
        MachineAir::Leaf(_) => bounds.to_values().to_vec(),
        MachineAir::Segment(_) => statement.to_values(),
        air => vec![F::default(); air.num_public_values()],
    };
    MachineAir::all().iter().map(of).collect()
}
