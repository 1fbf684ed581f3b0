//! Every layer that the verifier accepts has the security that is stated.

use std::fs;
use std::path::Path;

use p3_air::BaseAir;
use p3_field::PrimeField32;
use tern_air::bus::EXECUTION;
use tern_air::events::{FIRST_TIME, MAX_TIME, TICKS_PER_INSTRUCTION};
use tern_air::machine::MachineAir;
use tern_air::messages::has_messages_of;
use tern_air::recursion::CircuitChip;
use tern_field::F;
use tern_fri::multilinear::FixedShape;
use tern_fri::multilinear::fixed::FixedTable;
use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2, SEGMENT_V2};
use tern_fri::multilinear::security::Bound;
use tern_fri::security::TARGET_BITS;
use tern_verifier::final_proof::Circuits;
use tern_verifier::multilinear::circuit;
use tern_verifier::multilinear::front::TableShape;
use tern_verifier::multilinear::machine::{self, ROW_VARIABLES};
use tern_verifier::package::security;
use tern_verifier::security::{Layer, layers};

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

/// No matrix has room for so many instructions that their ticks could wrap around, or leave what
/// accesses are compared in (`spec/soundness.md`, claim 1).
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

/// Hand-written pages state the figures that the verifier computes.
#[test]
fn pages_have_the_figures() {
    let layers = layers().expect("a record of circuits");
    let row = |first: &str, cells: [String; 3], last: &str| {
        let cells = cells.map(|cell| if cell.is_empty() { " |".to_owned() } else { format!(" {cell} |") });
        format!("| {first} |{}{last}", cells.concat())
    };
    let bits = |theorem: usize| layers.each_ref().map(|layer| format!("{:.1}", layer.proven[theorem].bits));
    let bold = |cells: [String; 3]| cells.map(|cell| format!("**{cell}**"));
    let [first, second] = [bits(0), bits(1)];
    let least = format!("{:.1}", layers.iter().map(Layer::proven_bits).fold(f64::INFINITY, f64::min));
    let smallest = layers.each_ref().map(|layer| {
        let term = layer.proven[0].terms.iter().min_by(|one, other| one.bits.total_cmp(&other.bits)).expect("a term");
        format!("{:.2}, {}", term.bits, term.source.trim_start_matches("opening: "))
    });
    let of_term = |source: &str| {
        let term = |layer: &Layer| layer.proven[0].terms.iter().find(|term| term.source == source).map(|term| format!("{:.2}", term.bits));
        layers.each_ref().map(|layer| term(layer).unwrap_or_default())
    };
    let mut argument: Vec<String> = layers[0].proven[0].terms.iter().map(|term| row(term.source, of_term(term.source), "")).collect();
    argument.extend([row("**all, by BCHKS25**", bold(first.clone()), ""), row("**all, by DKT26**", bold(second.clone()), "")]);
    let [segment, recursion, last] = &first;
    argument.push(format!("`e_seg = 2^-{segment}`, `e_rec = 2^-{recursion}`, `e_fin = 2^-{last}`"));
    argument.push(format!("**a final proof has {least} bits**"));
    let both = |layer: usize| format!("{} / {}", first[layer], second[layer]);
    let conjectured = layers.each_ref().map(|layer| format!("{:.1}", layer.conjectured.bits));
    let soundness = vec![
        row("proven, by BCHKS25", bold(first.clone()), " theorems up to the Johnson bound |"),
        row("proven, by DKT26", second.clone(), " the same |"),
        row("smallest term by BCHKS25", smallest, " |"),
        row("by random words", conjectured, " a conjecture; no figure of Tern rests on it |"),
        format!("those of the weakest layer, {least}"),
    ];
    let readme = ["segments", "lift, join", "wrap"].iter().zip(first.iter().zip(&second));
    let mut readme: Vec<String> = readme.map(|(layer, (first, second))| format!("| {layer} | {first} | {second} |")).collect();
    readme.push(format!("| {least} bits, the least of the layers"));
    let [of_systems, of_compress] = forms();
    let multilinear = vec![row("proven bits, BCHKS25 / DKT26", [0, 1, 2].map(both), ""), of_systems];
    for (page, figures) in [
        ("spec/security-argument.md", argument),
        ("spec/soundness.md", soundness),
        ("spec/multilinear.md", multilinear),
        ("spec/recursion.md", vec![format!("at least {least} proven bits"), of_compress]),
        ("README.md", readme),
    ] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page)).expect(page);
        let text = text.replace('\n', " ");
        for figure in figures {
            assert!(text.contains(&figure), "{page} does not say: {figure}");
        }
    }
}

/// How many columns both systems have that are committed to, and how many forms of them are
/// claimed; the same of compress.
fn forms() -> [String; 2] {
    let machine = machine::verifier(&SEGMENT_V2).expect("the machine's chips");
    let machine = &machine.front_shape().tables;
    let circuits = Circuits::recorded().expect("a record").node.relation(&RECURSION_V2).expect("a usable shape");
    let circuits = &circuits.verifier.front_shape().tables;
    let main = |tables: &[TableShape]| tables.iter().map(|table| table.main).sum::<usize>();
    let claimed = |tables: &[TableShape]| tables.iter().map(|table| table.forms).sum::<usize>();
    let fixed: usize = circuit::committed().iter().map(|table| circuits[*table].preprocessed).sum();
    let (of_machine, of_circuit) = (claimed(machine), claimed(circuits));
    let compress = circuits[CircuitChip::Compress as usize];
    [
        format!("{} columns of the machine have {of_machine} forms, {} of a circuit {of_circuit}", main(machine), main(circuits) + fixed),
        format!("compress has {} forms for {} columns", compress.forms, compress.main + compress.preprocessed),
    ]
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
