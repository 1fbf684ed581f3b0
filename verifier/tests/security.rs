//! Every layer that the verifier accepts has the security that is stated.

use p3_air::BaseAir;
use p3_field::PrimeField32;
use tern_air::bus::EXECUTION;
use tern_air::events::{FIRST_TIME, MAX_TIME, TICKS_PER_INSTRUCTION};
use tern_air::machine::MachineAir;
use tern_air::messages::has_messages_of;
use tern_field::F;
use tern_fri::multilinear::FixedShape;
use tern_fri::multilinear::fixed::FixedTable;
use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2, SEGMENT_V2};
use tern_fri::multilinear::security::Bound;
use tern_fri::security::TARGET_BITS;
use tern_verifier::multilinear::circuit;
use tern_verifier::multilinear::machine::ROW_VARIABLES;
use tern_verifier::package::security;
use tern_verifier::security::layers;

/// 128 bits without a conjecture, by both theorems, and nothing that is worse by the conjecture.
#[test]
fn every_layer_has_128_proven_bits() {
    for layer in layers().expect("a record of circuits") {
        for accounting in &layer.proven {
            println!("{}: {accounting}", layer.params.name);
            assert!(accounting.bits >= TARGET_BITS, "{}: {accounting}", layer.params.name);
        }
        println!("{}: {}", layer.params.name, layer.conjectured);
        assert!(layer.conjectured.bits > layer.proven_bits());
    }
}

/// Circuits as large as the parameters allow have them too, whatever the record says.
#[test]
fn the_largest_circuits_have_128_proven_bits() {
    for params in [&RECURSION_V2, &FINAL_V2] {
        let tables = circuit::committed().into_iter().map(|table| FixedTable { table, height: 1 }).collect();
        // As many fixed columns as the parameters have room for.
        let shape = FixedShape { log_rows: params.max_log_rows, log_width: params.log_width, tables };
        let verifier =
            circuit::System::recorded().expect("a record").verifier(params, params.max_log_rows, shape).expect("recursion's chips");
        for bound in Bound::PROVEN {
            let accounting = verifier.accounting(bound);
            assert!(accounting.bits >= TARGET_BITS, "{}: {accounting}", params.name);
        }
    }
}

/// No matrix has room for so many instructions that their ticks could wrap around, or leave what accesses are compared in (`spec/soundness.md`, claim 1).
#[test]
fn instructions_are_fewer_than_2_to_the_24() {
    // All chips that take the execution on, which the segment's only starts and ends.
    let takes_part = |air: &&MachineAir| has_messages_of(*air, EXECUTION) && !matches!(air, MachineAir::Segment(_));
    let mut rows: Vec<u64> =
        MachineAir::all().iter().filter(takes_part).map(|air| BaseAir::<F>::width(air).next_multiple_of(4) as u64).collect();
    rows.sort_unstable();
    assert_eq!(rows.len(), 12, "{rows:?}");
    assert_eq!(rows[..3], [28, 32, 36], "the widths that `spec/soundness.md` counts with");
    // As many of the narrowest as a table has, then of the next.
    let mut left = 1_u64 << (SEGMENT_V2.max_log_rows + SEGMENT_V2.log_width);
    let mut instructions = 0;
    for cells in rows {
        let count = (left / cells).min(1 << ROW_VARIABLES);
        instructions += count;
        left -= count * cells;
    }
    println!("{instructions} instructions");
    assert_eq!(instructions / 100_000, 163, "16.3 million");
    assert!(instructions < 1 << 24, "{instructions}");
    // Ticks, and the differences that a bridge's ranges allow, are integers.
    let most = u64::from(FIRST_TIME) + u64::from(TICKS_PER_INSTRUCTION) * (1 << 24);
    assert!(most <= (1 << 27) + 16 && most + u64::from(MAX_TIME) + 1 < u64::from(F::ORDER_U32));
}

/// What the packages tell their callers, by kind of proof: the figures of the weakest layer.
#[test]
fn both_kinds_of_proofs_have_their_figures() {
    for kind in [1, 2] {
        let bits = security(kind).expect("there is such a kind");
        assert!(bits.proven >= TARGET_BITS && bits.conjectured > bits.proven, "{bits:?}");
    }
    assert_eq!(security(0), None);
}
