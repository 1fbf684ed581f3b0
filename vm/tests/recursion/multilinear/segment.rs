//! The circuit that verifies a segment's proof of version 2, and what it costs.

use std::time::Instant;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::lookups::Lookups;
use tern_air::machine::{self, MachineAir, MachineChip};
use tern_air::recursion::{CircuitAir, CircuitChip};
use tern_air::relation::machine_digest;
use tern_field::{EF, F};
use tern_fri::multilinear::params::{RECURSION_V2, SEGMENT_V2};
use tern_fri::multilinear::prove::Prover;
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::{Layout, OpeningShape, Params, Proof, keccak};
use tern_verifier::multilinear::OpeningVerifier;
use tern_verifier::multilinear::front::{Front, TableShape};
use tern_verifier::multilinear::machine::{KECCAK, Machine, ROW_VARIABLES, public_values, verifier};
use tern_verifier::native::Native;
use tern_verifier::ops::Ops;
use tern_vm::elf::Program;
use tern_vm::exec::{Options, SegmentExecutor, SegmentLimits};
use tern_vm::prove::{ExecutedSegment, ProvableProgram};
use tern_vm::recursion::{CircuitBuilder, RowCounts, Run};
use tern_vm::testing::{fibonacci, permutations};

use super::toys::{Case, Stated};

/// The tables and public values of a program's first segment.
fn first_segment(elf: &[u8]) -> (Vec<RowMajorMatrix<F>>, Vec<Vec<F>>) {
    let program = ProvableProgram::new(Program::from_elf(elf).expect("a program of the machine")).expect("a program that can be proved");
    let mut memory = program.memory(&[]);
    let mut executor = SegmentExecutor::new(&program.program, &[], Options::default()).expect("a machine");
    let record = executor.next_segment(&SegmentLimits::cycles(1 << 21)).expect("a run without traps").expect("a segment");
    let segment = ExecutedSegment::new(record, &mut memory).expect("a segment");
    let tables = machine::fill(&segment.events, &segment.tree, &program.key.bounds, segment.cycles, Lookups::default());
    (tables, public_values(&segment.statement, &program.key.bounds))
}

fn prove(elf: &[u8]) -> (Proof, Vec<Vec<F>>) {
    let (tables, values) = first_segment(elf);
    let prover = Prover::new(&SEGMENT_V2, MachineAir::all(), ROW_VARIABLES).with_keccak(KECCAK).expect("the machine's tables");
    (prover.prove(&machine_digest(), &tables, &values).expect("a segment that fits"), values)
}

fn layout() -> Layout {
    let widths: Vec<usize> = MachineAir::all().iter().map(p3_air::BaseAir::width).collect();
    Layout::new(&widths, SEGMENT_V2.log_width)
}

/// What verifies segments in a matrix of as many rows.
fn case(params: &Params, log_rows: usize) -> Case<Machine> {
    let shape = OpeningShape { log_rows, ..OpeningShape::of_tables(params, &layout(), &[], ROW_VARIABLES) };
    Case {
        verifier: verifier(params).expect("the machine's chips"),
        opening: OpeningVerifier::new(shape).expect("a usable shape"),
        seed: machine_digest(),
    }
}

fn log_rows(proof: &Proof) -> usize {
    OpeningShape::of_tables(&SEGMENT_V2, &layout(), &proof.heights, ROW_VARIABLES).log_rows
}

/// Runs something and says how long it took.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{what}: {:.2?}", start.elapsed());
    result
}

/// Real segments' proofs, with and without calls of Keccak, satisfy the circuit that is built from
/// zeros, and changed ones do not.
#[test]
#[ignore = "takes a minute"]
fn a_segment_is_verified_in_a_circuit() {
    for elf in [fibonacci(1_000), permutations(20)] {
        let (proof, values) = timed("prove", || prove(&elf));
        let case = case(&SEGMENT_V2, log_rows(&proof));
        let stated = case.values(&proof, &values);
        assert_eq!(case.native(&stated), Ok(()));
        let run = timed("run", || case.run(&stated));
        assert_eq!(run.check(), Ok(()));
        println!("2^{} rows", case.opening.shape().log_rows);
        print_cost(&run.counts());
        let zeros = timed("run on zeros", || case.run(&case.zero(stated.values.keccak.is_some())));
        for (table, other) in run.fixed().iter().zip(zeros.fixed()) {
            assert!(table.values == other.values, "the circuit depends on values");
        }
        assert!(super::holds(&run));
        let reject = |change: &dyn Fn(&mut Stated<Native>)| {
            let mut changed = stated.clone();
            change(&mut changed);
            assert!(case.native(&changed).is_err() && case.run(&changed).check().is_err());
        };
        reject(&|stated| stated.values.heights[3] += EF::ONE);
        reject(&|stated| stated.values.front.claims.tables[2][1] += EF::ONE);
        reject(&|stated| stated.values.opening.queries[100].rows[0].0[77] += F::ONE);
        reject(&|stated| stated.public_values[MachineChip::Segment as usize][5] += EF::ONE);
        if let Some(argument) = &stated.values.keccak {
            let change = |change: &dyn Fn(&mut keccak::Proof<EF>)| {
                let mut argument = argument.clone();
                change(&mut argument);
                reject(&|stated| stated.values.keccak = Some(argument.clone()));
            };
            change(&|argument| argument.real += EF::ONE);
            change(&|argument| argument.middle[0] += EF::ONE);
            change(&|argument| argument.rounds[7][1].claims[30] += EF::ONE);
            change(&|argument| argument.rounds[11][2].claims[24] += EF::ONE);
            change(&|argument| argument.rounds[3][0].positions[6][3] += EF::ONE);
        } else {
            // Calls without an argument.
            reject(&|stated| stated.values.heights[MachineChip::Keccak as usize] += EF::ONE);
        }
    }
}

/// What the verifier's parts record, on zeros.
fn parts(params: &Params, log_rows: usize, has_calls: bool) -> [RowCounts; 3] {
    let case = case(params, log_rows);
    let mut builder = CircuitBuilder::new();
    let seed = builder.constant_digest(case.seed);
    let Stated { values, public_values } = case.zero(has_calls).import(&mut builder);
    let read = builder.counts();
    let Ok(replayed) = case.verifier.replay(&mut builder, &case.opening, &[], &seed, &public_values, &values);
    let transcript = builder.counts();
    let Ok(()) = case.verifier.check(&mut builder, &case.opening, &public_values, &values, &replayed);
    [read, transcript, builder.finish().counts()]
}

/// Main columns, preprocessed columns that are committed to, and messages of a row of each table.
fn widths() -> Vec<[usize; 3]> {
    let front = Front::with_skip(&CircuitAir::all(), ROW_VARIABLES, 0).expect("recursion's chips");
    let of = |(chip, table): (&CircuitChip, &TableShape)| {
        // The byte table's fixed columns have a closed form.
        [table.main, if *chip == CircuitChip::ByteTable { 0 } else { table.preprocessed }, table.messages]
    };
    CircuitChip::ALL.iter().zip(&front.shape().tables).map(of).collect()
}

/// Main cells, fixed cells and messages in all.
fn sums(counts: &RowCounts) -> [usize; 3] {
    let cells = counts.0.iter().zip(widths()).map(|(rows, widths)| widths.map(|width| rows * width));
    cells.fold([0; 3], |sums, cells| core::array::from_fn(|i| sums[i] + cells[i]))
}

/// What a circuit costs in version 2: rows, cells and messages by table.
fn print_cost(counts: &RowCounts) {
    println!("{:<10} {:>9} {:>12} {:>12} {:>12}", "table", "rows", "main cells", "fixed cells", "messages");
    for ((chip, rows), widths) in CircuitChip::ALL.iter().zip(counts.0).zip(widths()) {
        let [main, fixed, messages] = widths.map(|width| rows * width);
        println!("{:<10} {rows:>9} {main:>12} {fixed:>12} {messages:>12}", format!("{chip:?}"));
    }
    let [main, fixed, messages] = sums(counts);
    println!("{:<10} {:>9} {main:>12} {fixed:>12} {messages:>12}", "all", "");
    let blocks: Vec<usize> = counts.0.iter().map(|rows| rows.div_ceil(1 << LOG_BLOCK)).collect();
    let layout = Layout::new(&widths().iter().map(|widths| widths[0]).collect::<Vec<_>>(), RECURSION_V2.log_width);
    println!("in the dense matrix: {} cells", layout.cells(&blocks) << LOG_BLOCK);
}

/// Where the compressions go.
fn print_compressions(shape: &OpeningShape, claims: usize, counts: &RowCounts) {
    let queries = shape.params.num_queries;
    let path = |log_leaves: usize| log_leaves - shape.log_cap(log_leaves);
    let (mut left, mut leaves, mut paths) = (shape.log_domain(), 0, 0);
    for fold in shape.folds() {
        left -= fold;
        leaves += (20_usize << fold).div_ceil(64);
        paths += path(left);
    }
    let matrix = (4_usize << shape.params.log_width).div_ceil(64);
    let parts = [("matrix leaves", matrix), ("their paths", path(shape.log_domain())), ("words' leaves", leaves), ("their paths", paths)];
    let all = counts.0[CircuitChip::Compress as usize];
    let of_queries: usize = parts.iter().map(|(_, count)| queries * count).sum();
    for (what, count) in parts {
        println!("{what}: {} ({count} a query), {:.1} %", queries * count, 100.0 * (queries * count) as f64 / all as f64);
    }
    // Blocks, and the tree over chunks.
    let hashed = |bytes: usize| bytes.div_ceil(64) + bytes.div_ceil(1024).saturating_sub(1);
    let (claimed, cap) = (hashed(20 * claims), hashed(32 << shape.params.cap_height));
    let caps = shape.folds().len() + 1;
    println!(
        "transcript: {}, {:.1} %; of these {claimed} for {claims} claims and {} for {caps} caps",
        all - of_queries,
        100.0 * (all - of_queries) as f64 / all as f64,
        caps * cap
    );
}

#[test]
#[ignore = "a measurement"]
fn measured() {
    let claims: usize = layout().widths().iter().sum();
    let cases = [
        ("least", LOG_BLOCK, false),
        ("2^15 rows", 15, false),
        ("2^21 rows, Keccak", 21, true),
        ("2^22 rows", 22, false),
        ("2^22 rows, Keccak", 22, true),
    ];
    for (name, log_rows, has_calls) in cases {
        let case = case(&SEGMENT_V2, log_rows);
        println!("\n=== {name}");
        let run: Run = timed("build, from zeros", || case.run(&case.zero(has_calls)));
        let fixed = timed("fixed columns", || run.fixed());
        drop(fixed);
        let filled = timed("fill", || run.witness());
        drop(filled);
        let counts = run.counts();
        print_cost(&counts);
        print_compressions(case.opening.shape(), claims, &counts);
        let [read, replayed, whole] = parts(&SEGMENT_V2, log_rows, has_calls);
        let [one, two] = [1, 2].map(|num_queries| parts(&Params { num_queries, ..SEGMENT_V2 }, log_rows, has_calls)[2]);
        println!("rows when values are read: {:?}\nafter the transcript: {:?}\nin all: {:?}", read.0, replayed.0, whole.0);
        let a_query: Vec<usize> = two.0.iter().zip(one.0).map(|(two, one)| two - one).collect();
        println!("rows a query: {a_query:?}");
    }
    println!("\nother parameters, 2^22 rows: compressions, main cells, fixed cells, messages");
    let variants = [
        ("as they are", SEGMENT_V2),
        ("caps of 2^9", Params { cap_height: 9, ..SEGMENT_V2 }),
        ("caps of 2^10", Params { cap_height: 10, ..SEGMENT_V2 }),
        ("leaves of 8 values", Params { log_arity: 3, ..SEGMENT_V2 }),
        ("leaves of 32 values", Params { log_arity: 5, ..SEGMENT_V2 }),
        ("blowup 4, 118 queries", Params { log_blowup: 2, num_queries: 118, ..SEGMENT_V2 }),
    ];
    for (what, params) in variants {
        let [_, _, counts] = parts(&params, 22, true);
        println!("{what}: {}, {:?}", counts.0[CircuitChip::Compress as usize], sums(&counts));
    }
}
