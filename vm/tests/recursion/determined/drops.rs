//! Changed circuits: rows left out one at a time, rows that say less than they did, and columns that no
//! builder records. Each is found, by the check that is there for it.

use p3_field::{Field, PrimeCharacteristicRing};
use tern_air::layout::Columns;
use tern_air::recursion::CircuitChip;
use tern_air::recursion::alu::AluPreCols;
use tern_air::recursion::challenge::ChallengePreCols;
use tern_air::recursion::compress::CompressPreCols;
use tern_air::recursion::half::HalfPreCols;
use tern_air::recursion::interface::InterfacePreCols;
use tern_field::{EF, F};

use super::fixed::{Fixed, Port, Row, Tables, Value};
use super::programs::Program;
use super::weaknesses::wrap;
use super::{Check, Recorded, Report, analyse, check};

/// Rows that are left out, of each table those that write something and those that only compare.
const DROPPED: usize = 30;

/// Whether a row says nothing that could be missed: it has a free cell, or holds an input's bytes and no
/// more.
fn is_idle(row: &Row) -> bool {
    match row {
        Row::Alu(ports) => ports.contains(&None),
        Row::Half { words, canonical, .. } => words.is_empty() && !canonical,
        Row::Challenge { bits, .. } => bits.is_empty(),
        _ => false,
    }
}

/// Whether a row writes something.
fn writes(row: &Row) -> bool {
    match row {
        Row::Alu(ports) => ports.iter().flatten().any(|port| port.writes),
        Row::Cap { halves, limbs, .. } => halves.iter().flatten().chain(limbs).any(|port| port.writes),
        _ => true,
    }
}

/// A circuit that has lost a row: what the row wrote is the prover's choice.
#[test]
fn no_row_can_be_left_out() {
    for program in [wrap(), Program::Toys] {
        leave_rows_out(&program.circuit(None));
    }
}

fn leave_rows_out(Recorded { tables, inputs, asserted }: &Recorded) {
    let fixed = Fixed::read(tables);
    let mut found = std::collections::BTreeMap::new();
    for (chip, writing) in CircuitChip::ALL.iter().flat_map(|chip| [(chip, true), (chip, false)]) {
        let is_wanted = |(table, _, row): &(CircuitChip, usize, Row)| table == chip && writes(row) == writing && !is_idle(row);
        let places: Vec<usize> = (0..fixed.rows.len()).filter(|place| is_wanted(&fixed.rows[*place])).collect();
        let step = places.len().div_ceil(DROPPED).max(1);
        for place in places.iter().step_by(step) {
            let mut less = fixed.clone();
            let dropped = less.rows.remove(*place);
            let failed = check(&less, inputs, *asserted).failed();
            assert!(!failed.is_empty(), "{dropped:?} is not missed");
            *found.entry(format!("{chip:?} {failed:?}")).or_insert(0) += 1;
        }
    }
    println!("{found:#?}");
    assert!(found.len() > 5, "rows of several tables");
}

/// The first row that can be changed so is.
fn changed(fixed: &Fixed, what: &str, change: Change) -> Fixed {
    let mut changed = fixed.clone();
    let done = changed.rows.iter_mut().any(|(_, _, row)| change(fixed, row));
    assert!(done, "{what}: no row to change");
    changed
}

/// Whether the wire is the constant.
fn is(fixed: &Fixed, port: Port, value: EF) -> bool {
    matches!(port.value, Value::Wire(address) if fixed.constants.get(&address) == Some(&value))
}

type Change = fn(&Fixed, &mut Row) -> bool;

/// What a row may cease to say, and the check that finds it.
const LESS: [(&str, Change, Check); 9] = [
    (
        "an opened row's words may be p or more",
        |_, row| match row {
            Row::Half { words, canonical: canonical @ true, .. } if words.iter().all(|word| word.writes) => {
                core::mem::replace(canonical, false)
            }
            _ => false,
        },
        Check::Canonical,
    ),
    (
        "hashed words may be p or more",
        |_, row| match row {
            Row::Half { words, canonical: canonical @ true, .. } if words.iter().any(|word| !word.writes) => {
                core::mem::replace(canonical, false)
            }
            _ => false,
        },
        Check::Determined,
    ),
    (
        "a summed word is any",
        |_, row| match row {
            Row::Half { words, .. } if words.iter().any(|word| word.writes) => words.pop().is_some(),
            _ => false,
        },
        Check::Determined,
    ),
    (
        "an inverse times its element is zero",
        |fixed, row| match row {
            Row::Alu([Some(a), Some(_), Some(c), Some(d)]) if a.writes && is(fixed, *c, EF::ZERO) && is(fixed, *d, EF::ONE) => {
                *d = *c;
                true
            }
            _ => false,
        },
        Check::Determined,
    ),
    (
        "an entry is at any index",
        |_, row| match row {
            Row::Cap { index, .. } => index.take().is_some(),
            _ => false,
        },
        Check::Determined,
    ),
    (
        "an entry is not provided",
        |_, row| match row {
            Row::Cap { provides, .. } => core::mem::replace(provides, false),
            _ => false,
        },
        Check::Determined,
    ),
    (
        "two entries have one number",
        |_, row| match row {
            Row::Cap { provides: true, first, .. } => {
                *first += 1;
                true
            }
            _ => false,
        },
        Check::Determined,
    ),
    (
        "the end of a path is not compared",
        |_, row| match row {
            Row::Cap { halves: [Some(_), two @ Some(_)], index: Some(_), .. } => two.take().is_some(),
            _ => false,
        },
        Check::Bound,
    ),
    (
        "an element has no coordinates",
        |_, row| match row {
            Row::Pack { coordinates, .. } => {
                coordinates.pop();
                true
            }
            _ => false,
        },
        Check::Determined,
    ),
];

#[test]
fn rows_cannot_say_less() {
    let Recorded { tables, inputs, asserted } = wrap().circuit(None);
    let fixed = Fixed::read(&tables);
    for (what, change, by) in LESS {
        let report = check(&changed(&fixed, what, change), &inputs, asserted);
        println!("{what}: {:?}; {}", report.failed(), report.summary());
        assert!(report.failed().contains(&by), "{what}: {by:?} finds nothing");
    }
}

/// A table's row as its columns.
fn row<C: Columns<F>>(tables: &mut Tables, chip: CircuitChip, index: usize) -> &mut C {
    C::of_mut(&mut tables[chip as usize].values[index * C::WIDTH..(index + 1) * C::WIDTH])
}

type Edit = fn(&mut Tables);

/// What no builder records.
const MALFORMED: [(&str, Edit); 12] = [
    ("a value with two writers", |tables| {
        let [first, second] = [1, 2].map(|index| row::<HalfPreCols<F>>(tables, CircuitChip::Half, index).addr_half);
        row::<HalfPreCols<F>>(tables, CircuitChip::Half, 2).addr_half = first;
        assert_ne!(first, second);
    }),
    ("a row of halves without its flag", |tables| row::<HalfPreCols<F>>(tables, CircuitChip::Half, 0).real = F::ZERO),
    ("a part of a row of halves", |tables| row::<HalfPreCols<F>>(tables, CircuitChip::Half, 0).real = F::TWO.inverse()),
    ("a copy too many", |tables| row::<HalfPreCols<F>>(tables, CircuitChip::Half, 0).mult_half += F::ONE),
    ("a reader too many", |tables| {
        let table = &mut tables[CircuitChip::Alu as usize];
        let spare = table.values.len() / AluPreCols::<F>::WIDTH;
        table.values.resize(table.values.len() + AluPreCols::<F>::WIDTH, F::ZERO);
        let first = *row::<AluPreCols<F>>(tables, CircuitChip::Alu, 0);
        let spare = row::<AluPreCols<F>>(tables, CircuitChip::Alu, spare);
        (spare.addr[0], spare.mult[0]) = (first.addr[0], F::NEG_ONE);
    }),
    ("half a reader", |tables| {
        let row = row::<CompressPreCols<F>>(tables, CircuitChip::Compress, 0);
        row.real = F::TWO.inverse();
    }),
    ("a compression without its flag", |tables| row::<CompressPreCols<F>>(tables, CircuitChip::Compress, 0).real = F::ZERO),
    ("a byte of a counter that is none", |tables| row::<CompressPreCols<F>>(tables, CircuitChip::Compress, 0).counter[0] = F::NEG_ONE),
    ("two words at once", |tables| row::<ChallengePreCols<F>>(tables, CircuitChip::Challenge, 0).select = [F::ONE; 4]),
    ("a part of a word", |tables| {
        let row = row::<HalfPreCols<F>>(tables, CircuitChip::Half, 0);
        row.canonical = F::TWO;
    }),
    ("a constant limb that is none", |tables| row::<InterfacePreCols<F>>(tables, CircuitChip::Interface, 0).limbs[3] = F::NEG_ONE),
    ("no public values", |tables| {
        let row = row::<InterfacePreCols<F>>(tables, CircuitChip::Interface, 0);
        (row.is_public, row.addr_public) = (F::ZERO, F::ZERO);
    }),
];

#[test]
fn malformed_columns_are_found() {
    let circuit = wrap().circuit(None);
    for (what, change) in MALFORMED {
        let mut tables = circuit.tables.clone();
        change(&mut tables);
        let report: Report = analyse(&Recorded { tables, inputs: circuit.inputs.clone(), asserted: circuit.asserted });
        println!("{what}: {:?}; {}", report.failed(), report.summary());
        assert!(report.failed().contains(&Check::WellFormed), "{what}");
    }
}
