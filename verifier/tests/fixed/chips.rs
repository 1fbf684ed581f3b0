//! A small circuit of the recursion's chips.

use std::time::Instant;

use p3_air::BaseAir;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use tern_air::layout::Columns;
use tern_air::recursion::alu::{AluCols, AluPreCols};
use tern_air::recursion::bus;
use tern_air::recursion::byte_table::{self, ByteLookup, ByteLookups};
use tern_air::recursion::compress::{self, CompressPreCols, Compression, IV};
use tern_air::recursion::half::{self, HalfCols, HalfPreCols};
use tern_air::recursion::interface::{InterfaceCols, InterfacePreCols};
use tern_air::recursion::{CircuitAir, CircuitChip};
use tern_field::{EF, F};
use tern_fri::multilinear::Proof;
use tern_fri::multilinear::params::RECURSION_V2;
use tern_fri::multilinear::prepare::FixedMatrix;
use tern_fri::multilinear::prove::Prover;
use tern_verifier::Reason;
use tern_verifier::multilinear::Claim;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::circuit::{System, committed};

const ROW_VARIABLES: usize = 18;
const LOG_ROWS: usize = 14;
const LOG_FIXED_WIDTH: usize = 5;
const SEED: [u8; 32] = [9; 32];

/// The first address of outputs of compressions, of words, and of results of arithmetic.
const OUTPUTS: usize = 1_000;
const WORDS: usize = 100_000;
const RESULTS: usize = 200_000;

fn f(x: usize) -> F {
    F::from_usize(x)
}

fn coordinates(x: EF) -> [F; 5] {
    core::array::from_fn(|i| x.as_basis_coefficients_slice()[i])
}

fn limbs(words: &[u32; 8]) -> [F; 16] {
    core::array::from_fn(|i| F::from_u32(words[i / 2] >> (16 * (i % 2)) & 0xffff))
}

/// Rows of columns, all zero.
fn zeros<C: Columns<F>>(rows: usize) -> RowMajorMatrix<F> {
    RowMajorMatrix::new(F::zero_vec(rows * C::WIDTH), C::WIDTH)
}

fn row<C: Columns<F>>(table: &mut RowMajorMatrix<F>, row: usize) -> &mut C {
    C::of_mut(table.row_mut(row))
}

/// A circuit's fixed columns, tables that satisfy it, and its public values.
struct Filled {
    fixed: Vec<RowMajorMatrix<F>>,
    main: Vec<RowMajorMatrix<F>>,
    public: Vec<Vec<F>>,
}

/// The circuit: compressions one after the other from constants, the last output's bits being
/// public and its words taken by arithmetic; a sequence `x = x a + c` from a constant to another.
fn circuit(compressions: usize, steps: usize) -> Filled {
    let airs = CircuitAir::all();
    let empty = |width: usize| RowMajorMatrix::new(vec![], width);
    let mut fixed: Vec<_> = airs.iter().map(|air| empty(air.preprocessed_width())).collect();
    let mut main: Vec<_> = airs.iter().map(|air| empty(air.width())).collect();
    let mut lookups = ByteLookups::default();
    let mut interface = zeros::<InterfacePreCols<F>>(8);

    // Addresses 1 to 3 are the first chaining value and the halves of all blocks; wire 1 is the bit
    // of every second.
    let [own, sibling] = [3, 5].map(|step: u32| core::array::from_fn::<u32, 8, _>(|i| (i as u32 + step).wrapping_mul(0x9e37_79b9)));
    let mut calls: Vec<Compression> = vec![];
    for number in 0..compressions {
        let cv = calls.last().map_or(IV, Compression::output);
        calls.push(Compression { cv, own, sibling, swapped: number % 2 == 1, counter: 7, len: 64, flags: number as u32 % 5 });
    }
    let mut compress_fixed = zeros::<CompressPreCols<F>>(compressions);
    for (number, call) in calls.iter().enumerate() {
        *row(&mut compress_fixed, number) = CompressPreCols {
            real: F::ONE,
            addr_cv: f(if number == 0 { 1 } else { OUTPUTS + number - 1 }),
            addr_own: F::TWO,
            addr_sibling: f(3),
            addr_bit: F::ONE,
            read_bit: F::from_bool(call.swapped),
            counter: compress::counter(call.counter),
            len: F::from_u32(call.len),
            flags: F::from_u32(call.flags),
            addr_out: f(OUTPUTS + number),
            // The last is read by the public values and by its words.
            mult_out: f(if number + 1 == compressions { 2 } else { 1 }),
        };
    }
    fixed[CircuitChip::Compress as usize] = compress_fixed;
    main[CircuitChip::Compress as usize] = compress::fill(&calls, compressions, &mut lookups);
    for (number, (half, uses)) in [(IV, 1), (own, compressions), (sibling, compressions)].into_iter().enumerate() {
        let row: &mut InterfacePreCols<F> = row(&mut interface, number);
        (row.addr_half, row.mult_half, row.limbs) = (f(number + 1), f(uses), limbs(&half));
    }
    let output = calls.last().expect("a compression").output();
    let public: &mut InterfacePreCols<F> = row(&mut interface, 0);
    (public.addr_public, public.is_public) = (f(OUTPUTS + compressions - 1), F::ONE);

    let (mut half_fixed, mut half_main) = (zeros::<HalfPreCols<F>>(1), zeros::<HalfCols<F>>(1));
    let reads: &mut HalfPreCols<F> = row(&mut half_fixed, 0);
    reads.real = F::ONE;
    (reads.addr_half, reads.mult_half) = (f(OUTPUTS + compressions - 1), F::NEG_ONE);
    (reads.addr_word, reads.mult_word) = (f(WORDS), F::ONE);
    half::fill_row(row(&mut half_main, 0), &output);
    for (tag, value) in half::lookups(&output, false) {
        assert_eq!(tag, bus::U16);
        lookups.value(ByteLookup::U16, value as u16);
    }
    (fixed[CircuitChip::Half as usize], main[CircuitChip::Half as usize]) = (half_fixed, half_main);

    // Wires 1 to 5: the bit, the sequence's start, factor and summand, and its end.
    let some = |seed: usize| EF::from_basis_coefficients_fn(|i| f(seed * (i + 3)));
    let (mut x, factor, summand) = (some(1_000_003), some(77), some(31_337));
    let (mut alu_fixed, mut alu_main) = (zeros::<AluPreCols<F>>(steps + 8), zeros::<AluCols<F>>(steps + 8));
    let mut wire = |number: usize, value: EF, uses: usize| {
        let row: &mut InterfacePreCols<F> = row(&mut interface, number);
        (row.addr, row.mult, row.value) = (f(number), f(uses), coordinates(value));
    };
    wire(1, EF::ONE, compressions / 2);
    wire(2, x, 1);
    wire(3, factor, steps);
    wire(4, summand, steps);
    for step in 0..steps {
        let next = x * factor + summand;
        let [a, b, c, d] = [x, factor, summand, next].map(coordinates);
        *row(&mut alu_main, step) = AluCols { a, b, c, d };
        let address = |step: usize| if step == 0 { 2 } else { RESULTS + step };
        let (to, effect) = if step + 1 == steps { (5, F::NEG_ONE) } else { (address(step + 1), F::ONE) };
        *row(&mut alu_fixed, step) =
            AluPreCols { addr: [address(step), 3, 4, to].map(f), mult: [F::NEG_ONE, F::NEG_ONE, F::NEG_ONE, effect] };
        x = next;
    }
    wire(5, x, 1);
    for (word, &bits) in output.iter().enumerate() {
        let value = coordinates(half::element(bits).into());
        let zero = [F::ZERO; 5];
        *row(&mut alu_main, steps + word) = AluCols { a: zero, b: zero, c: value, d: value };
        *row(&mut alu_fixed, steps + word) =
            AluPreCols { addr: [0, 0, 0, WORDS + word].map(f), mult: [F::ZERO, F::ZERO, F::ZERO, F::NEG_ONE] };
    }
    (fixed[CircuitChip::Alu as usize], main[CircuitChip::Alu as usize]) = (alu_fixed, alu_main);
    fixed[CircuitChip::Interface as usize] = interface;
    // Not a row of main columns: they are zero.
    main[CircuitChip::Interface as usize] = zeros::<InterfaceCols<F>>(0);
    fixed[CircuitChip::ByteTable as usize] = byte_table::preprocessed();
    main[CircuitChip::ByteTable as usize] = byte_table::fill(&lookups);
    let mut public: Vec<Vec<F>> = airs.iter().map(|air| F::zero_vec(air.num_public_values())).collect();
    public[CircuitChip::Interface as usize] = limbs(&output).to_vec();
    Filled { fixed, main, public }
}

/// Elements of the base field that a proof holds, a digest being eight.
fn elements(proof: &Proof) -> usize {
    let opening = &proof.opening;
    let lists = |lists: &[Vec<EF>]| lists.iter().map(Vec::len).sum::<usize>();
    let layers: usize = proof.layers.iter().map(|layer| 3 * layer.rounds.len() + 4).sum();
    let own = 1 + layers + proof.skip.len() + lists(&proof.rounds) + 1 + lists(&proof.forms);
    let caps = proof.cap.len() + opening.words.iter().map(Vec::len).sum::<usize>();
    let paths = opening.rows.iter().map(|rows| rows.path.len()).chain(opening.leaves.iter().map(|word| word.path.len()));
    let cells: usize = opening.rows.iter().flat_map(|rows| &rows.leaves).map(Vec::len).sum();
    let values: usize = opening.leaves.iter().flat_map(|word| &word.leaves).map(Vec::len).sum();
    5 * (own + 2 * opening.rounds.len() + opening.last.len() + values) + cells + opening.works.len() + 8 * (caps + paths.sum::<usize>())
}

#[test]
fn a_circuit_is_proved() {
    let Filled { fixed, main, public } = circuit(400, 3_000);
    let airs = CircuitAir::with_preprocessed(fixed.clone());
    let matrix = FixedMatrix::new(&RECURSION_V2, &airs, &committed(), ROW_VARIABLES, (LOG_ROWS, LOG_FIXED_WIDTH)).expect("a matrix");
    let (key, shape) = (matrix.cap().to_vec(), matrix.shape().clone());
    let verifier = System::recorded().expect("a record").verifier(&RECURSION_V2, ROW_VARIABLES, shape).expect("the chips of recursion");
    let cells = |tables: &[RowMajorMatrix<F>]| tables.iter().map(|table| table.values.len()).sum::<usize>();
    let own: Vec<RowMajorMatrix<F>> = committed().into_iter().map(|table| fixed[table].clone()).collect();
    println!("{} main cells, {} fixed ones", cells(&main), cells(&own));

    let prover = Prover::with_fixed(&RECURSION_V2, airs, ROW_VARIABLES, matrix);
    let start = Instant::now();
    let proof = prover.prove(&SEED, &main, &public).expect("a proof");
    let proved = start.elapsed().as_secs_f64();
    let start = Instant::now();
    assert_eq!(verifier.verify_under(&key, &SEED, &public, &proof), Ok(()));
    let verified = start.elapsed().as_secs_f64();
    let claims: usize = proof.forms.iter().map(Vec::len).sum();
    println!("{} elements, {claims} linear forms, proved in {proved:.2} s, verified in {verified:.3} s", elements(&proof));
    assert_eq!(proof.heights[CircuitChip::Interface as usize], 0);

    let mut other = public.clone();
    other[CircuitChip::Interface as usize][0] += F::ONE;
    assert!(verifier.verify_under(&key, &SEED, &other, &proof).is_err());
    let mut changed = proof.clone();
    changed.forms[CircuitChip::Alu as usize][0] += EF::ONE;
    assert!(verifier.verify_under(&key, &SEED, &public, &changed).is_err());

    // A prover who keeps to the key's transcript, but pretends a circuit in which one step does not
    // read its factor.
    let mut pretended = fixed.clone();
    let alu: &mut AluPreCols<F> = row(&mut pretended[CircuitChip::Alu as usize], 7);
    alu.mult[1] = F::ZERO;
    let factor: &mut InterfacePreCols<F> = row(&mut pretended[CircuitChip::Interface as usize], 3);
    factor.mult -= F::ONE;
    let matrix =
        FixedMatrix::new(&RECURSION_V2, &CircuitAir::with_preprocessed(fixed), &committed(), ROW_VARIABLES, (LOG_ROWS, LOG_FIXED_WIDTH));
    let prover = Prover::with_fixed(&RECURSION_V2, CircuitAir::with_preprocessed(pretended), ROW_VARIABLES, matrix.expect("a matrix"));
    let proof = prover.prove(&SEED, &main, &public).expect("a proof");
    match verifier.verify_under(&key, &SEED, &public, &proof) {
        Err(Rejected::Claim(failure)) => assert_eq!(failure.reason(), Reason::Multilinear(Claim::WeightedSum)),
        verdict => panic!("{verdict:?}"),
    }
}
