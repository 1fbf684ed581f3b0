//! The relation for Lean: a file for each chip, in the shape that `LeanZKCircuit-Plonky3` reads.

use std::fmt::Write;

use super::dag::{Node, Place};
use super::export::{ChipEntry, Exported, StatementEntry, chip};
use super::shared::Shared;

/// The variables of every definition.
const VARIABLES: &str = "{C : Type → Type → Type} {F ExtF : Type} [Field F] [Field ExtF] [Circuit F ExtF C] (c : C F ExtF)";

/// File name and text, for each chip of a system.
pub fn files<A: Exported>() -> impl Iterator<Item = (String, String)> {
    A::all().into_iter().map(|air| {
        let name = name::<A>(air.name());
        (format!("{name}.lean"), file(&name, A::SYSTEM, &chip(&air)))
    })
}

/// The namespace of a chip: `AddSub`, `RecursionAlu`.
fn name<A: Exported>(chip: &str) -> String {
    format!("{}{chip}", A::PREFIX).split('_').map(super::capitalised).collect()
}

fn file(name: &str, system: &str, chip: &ChipEntry) -> String {
    let mut file = format!(
        "-- The chip {} of Tern's {system} constraints, as `tern spec export --format lean` writes it.\n\
         -- Numbers are those of the field of 2013265921 elements, which F has to be.\n\n\
         import Mathlib\n\nimport LeanZKCircuit_Plonky3.Plonky3.Circuit\n\nopen Plonky3\n\nset_option linter.all false\n\n\
         register_simp_attr {name}_air_simplification\nregister_simp_attr {name}_constraint_and_interaction_simplification\n\n\
         namespace {name}.extraction\n\n",
        chip.name
    );
    columns(&mut file, chip);
    let shared = Shared::of(chip);
    let text = |place: Place| reference(chip, &shared, place);
    for place in shared.places() {
        let _ = writeln!(file, "def inter_{place} {VARIABLES} (row : ℕ) : F :=\n  {}\n", expression(chip, &shared, place));
    }
    let mut constraints = 0;
    let mut messages = Vec::new();
    for statement in &chip.statements {
        match statement {
            StatementEntry::Constraint { label, value } => {
                let _ = writeln!(
                    file,
                    "-- {label}\n@[simp]\ndef constraint_{constraints} {VARIABLES} (row : ℕ) : Prop :=\n  {} = 0\n",
                    text(*value)
                );
                constraints += 1;
            }
            StatementEntry::Message { label, tuple, multiplicity, .. } => {
                let tuple: Vec<String> = tuple.iter().map(|&place| text(place)).collect();
                messages.push(format!("    -- {label}\n    ({}, [{}])", text(*multiplicity), tuple.join(", ")));
            }
        }
    }
    let _ = write!(
        file,
        "@[simp]\ndef constrain_interactions {VARIABLES} : Prop :=\n  \
         Circuit.bus c = (List.range (Circuit.last_row c + 1)).flatMap (λ row => [\n{}])\n\nend {name}.extraction\n",
        messages.join(",\n")
    );
    file
}

/// What columns and public values are, as comments.
fn columns(file: &mut String, chip: &ChipEntry) {
    for (kind, columns) in [("main", &chip.main), ("preprocessed", &chip.fixed)] {
        for (place, column) in columns.iter().enumerate() {
            let _ = writeln!(file, "-- {kind} {place}: {}", column.name);
        }
    }
    for (place, name) in chip.public_names.iter().enumerate() {
        let _ = writeln!(file, "-- public_values {place}: {name}");
    }
    file.push('\n');
}

/// A node by its name, if it has one.
fn reference(chip: &ChipEntry, shared: &Shared, place: Place) -> String {
    if shared.is_named(place) { format!("(inter_{place} c row)") } else { expression(chip, shared, place) }
}

fn expression(chip: &ChipEntry, shared: &Shared, place: Place) -> String {
    let operand = |place| reference(chip, shared, place);
    let cell =
        |kind: &str, column: usize, rotation: u8| format!("(Circuit.{kind} c (column := {column}) (row := row) (rotation := {rotation}))");
    match chip.nodes[place] {
        Node::Constant(value) => value.to_string(),
        Node::Main(column) => cell("main", column, 0),
        Node::MainNext(column) => cell("main", column, 1),
        Node::Fixed(column) => cell("preprocessed", column, 0),
        Node::FixedNext(column) => cell("preprocessed", column, 1),
        Node::Public(value) => format!("(Circuit.public_values c (index := {value}))"),
        Node::IsFirstRow => "(Circuit.isFirstRow c row)".to_owned(),
        Node::IsLastRow => "(Circuit.isLastRow c row)".to_owned(),
        Node::IsTransition => "(Circuit.isTransitionRow c row)".to_owned(),
        Node::Coordinate(_) => unreachable!("statements are about rows"),
        Node::Add(x, y) => format!("({} + {})", operand(x), operand(y)),
        Node::Sub(x, y) => format!("({} - {})", operand(x), operand(y)),
        Node::Mul(x, y) => format!("({} * {})", operand(x), operand(y)),
        Node::Neg(x) => format!("(-{})", operand(x)),
    }
}
