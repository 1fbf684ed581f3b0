//! Calls of Keccak in the tables of a whole proof: what is committed decides.

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use tern_fri::multilinear::keccak::permutation::{ROUNDS, State, stages};
use tern_fri::multilinear::keccak::{Layer, PART_ROUNDS, Tie, bit_row};
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::prove::{Lies, ProveError, Prover};
use tern_fri::multilinear::{Layout, OpeningShape, Params, Proof};
use tern_verifier::Reason;
use tern_verifier::multilinear::batch::{FixedColumns, Rejected, UnusableTables};
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::multilinear::{BatchVerifier, Claim, OpeningVerifier};
use tern_verifier::native::Native;
use tern_verifier::ops::MultilinearOps;

/// The two tables, beside one that is nothing to them.
#[derive(Clone, Copy, Debug)]
enum Toy {
    Other,
    /// A column, the flag, input limbs, another column, output limbs.
    Calls,
    Bits,
}

const TIE: Tie = Tie { calls: 1, real: 1, input: 2, output: 103, bits: 2, log_calls: 9 };
const WIDTH: usize = 203;
const ROW_VARIABLES: usize = 17;
const PARAMS: Params = Params { num_queries: 12, lookup_pow_bits: 0, column_pow_bits: 0, row_pow_bits: 0, query_pow_bits: 0, ..SEGMENT_V2 };

impl BaseAir<F> for Toy {
    fn width(&self) -> usize {
        match self {
            Self::Other => 2,
            Self::Calls => WIDTH,
            Self::Bits => 25,
        }
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        Vec::new()
    }
}

impl<AB: AirBuilder<F = F> + InteractionBuilder> Air<AB> for Toy {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let row: Vec<AB::Expr> = main.current_slice().iter().map(|column| (*column).into()).collect();
        match self {
            Self::Other => builder.push_interaction("other", [row[0].clone()], Count::bounded(row[1].clone(), 1)),
            Self::Calls => {
                builder.assert_bool(row[TIE.real].clone());
                builder.push_interaction("other", [row[0].clone()], Count::bounded(-row[TIE.real].clone(), 1));
            }
            Self::Bits => row.into_iter().for_each(|bit| builder.assert_bool(bit)),
        }
    }
}

struct Nothing;

impl FixedColumns for Nothing {
    fn fixed_at<O: MultilinearOps>(&self, _: &mut O, _: usize, _: &[O::Ext]) -> Option<Vec<O::Ext>> {
        None
    }
}

const AIRS: [Toy; 3] = [Toy::Other, Toy::Calls, Toy::Bits];

fn inputs(calls: usize) -> Vec<State> {
    let mut state = [3; 25];
    let next = |_| {
        keccak::f1600(&mut state);
        state
    };
    (0..calls).map(next).collect()
}

fn limbs(state: &State) -> impl Iterator<Item = F> {
    state.iter().flat_map(|lane| (0..4).map(move |limb| F::from_u16((lane >> (16 * limb)) as u16)))
}

/// Honest tables of calls.
fn tables(calls: usize) -> Vec<RowMajorMatrix<F>> {
    let mut rows = F::zero_vec(calls * WIDTH);
    let mut bits = F::zero_vec(calls.next_multiple_of(16) * 128 * 25);
    for (call, (row, input)) in rows.chunks_mut(WIDTH).zip(inputs(calls)).enumerate() {
        let (mut output, mut parts) = (input, [input; 2]);
        keccak::f1600(&mut output);
        parts[1] = (0..ROUNDS / 2).fold(input, |state, round| stages(&state, round).output);
        (row[0], row[TIE.real], row[102]) = (F::from_usize(call), F::ONE, F::TWO);
        row[TIE.input..].iter_mut().zip(limbs(&input)).for_each(|(cell, limb)| *cell = limb);
        row[TIE.output..].iter_mut().zip(limbs(&output)).for_each(|(cell, limb)| *cell = limb);
        for (part, state) in parts.iter().enumerate() {
            for z in 0..64 {
                let cells = &mut bits[bit_row(call, part, z) * 25..][..25];
                cells.iter_mut().zip(state).for_each(|(cell, lane)| *cell = F::from_bool(lane >> z & 1 == 1));
            }
        }
    }
    let other = (0..calls).flat_map(|call| [F::from_usize(call), F::ONE]).collect();
    vec![RowMajorMatrix::new(other, 2), RowMajorMatrix::new(rows, WIDTH), RowMajorMatrix::new(bits, 25)]
}

fn prove(tables: &[RowMajorMatrix<F>]) -> Proof {
    let prover = Prover::new(&PARAMS, AIRS.to_vec(), ROW_VARIABLES).with_keccak(TIE).expect("the tables");
    prover.prove(&[7; 32], tables, &[vec![], vec![], vec![]]).expect("tables that fit")
}

fn verifier() -> BatchVerifier<Nothing> {
    BatchVerifier::new(&PARAMS, &AIRS, Nothing, ROW_VARIABLES).expect("the tables").with_keccak(TIE).expect("the tables")
}

fn verify(proof: &Proof) -> Result<(), Rejected> {
    verifier().verify(&[7; 32], &[vec![], vec![], vec![]], proof)
}

/// The claim that a proof fails.
fn rejected(proof: &Proof) -> Claim {
    match verify(proof).expect_err("a false proof") {
        Rejected::Claim(failure) => match failure.reason() {
            Reason::Multilinear(claim) => claim,
            other => panic!("a claim of version 1: {other}"),
        },
        other => panic!("{other}"),
    }
}

#[test]
fn any_number_of_calls_is_proved() {
    for calls in [0, 1, 15, 16, 17, 100, 511, 512] {
        let proof = prove(&tables(calls));
        assert_eq!(proof.keccak.is_some(), calls > 0);
        assert_eq!(verify(&proof), Ok(()), "{calls} calls");
    }
}

#[test]
fn more_calls_are_refused() {
    let prover = Prover::new(&PARAMS, AIRS.to_vec(), ROW_VARIABLES).with_keccak(TIE).expect("the tables");
    let error = prover.prove(&[7; 32], &tables(513), &[vec![], vec![], vec![]]).expect_err("more calls than there is room for");
    assert_eq!(error, ProveError::Rows { table: 1, row_variables: 9, got: 513 });
    // Without the argument they are proved, which the verifier does not take for one.
    let prover = Prover::new(&PARAMS, AIRS.to_vec(), ROW_VARIABLES);
    let mut proof = prover.prove(&[7; 32], &tables(513), &[vec![], vec![], vec![]]).expect("tables that fit");
    assert_eq!(rejected(&proof), Claim::KeccakCalls);
    proof.keccak = prove(&tables(3)).keccak;
    assert_eq!(rejected(&proof), Claim::KeccakCalls);
}

/// A prover that follows false tables: each ends where they contradict the argument.
#[test]
fn false_tables_are_rejected() {
    let changed = |change: &dyn Fn(&mut [RowMajorMatrix<F>])| {
        let mut tables = tables(20);
        change(&mut tables);
        rejected(&prove(&tables))
    };
    for (call, column) in [(0, 0), (7, 41), (19, 99)] {
        assert_eq!(changed(&|tables| tables[1].values[call * WIDTH + TIE.output + column] += F::ONE), Claim::WeightedSum);
        assert_eq!(changed(&|tables| tables[1].values[call * WIDTH + TIE.input + column] += F::ONE), Claim::WeightedSum);
    }
    for (call, z, lane) in [(0, 0, 0), (7, 31, 4), (19, 63, 24)] {
        // An input's bit: the argument is about another input than the limbs'.
        let flip = |tables: &mut [RowMajorMatrix<F>], part| {
            let cell = &mut tables[2].values[bit_row(call, part, z) * 25 + lane];
            *cell = F::ONE - *cell;
        };
        let first = Claim::Keccak { round: PART_ROUNDS - 1, layer: Layer::Chi };
        assert_eq!(changed(&|tables| flip(tables, 0)), first);
        // A bit between the parts: the first part's output is another.
        assert_eq!(changed(&|tables| flip(tables, 1)), first);
    }
    // Cells that are no bits.
    assert_eq!(changed(&|tables| tables[2].values[25 * 77 + 3] = F::TWO), Claim::Skip);
    // A call whose bits are not there.
    assert_eq!(changed(&|tables| tables[2].values.truncate(16 * 128 * 25)), Claim::Keccak { round: PART_ROUNDS - 1, layer: Layer::Chi });
    // A flag in a row of zeros, behind the calls and before them.
    let flagged = |tables: &mut [RowMajorMatrix<F>], row: Vec<F>, first: bool| {
        let place = if first { 0 } else { tables[1].values.len() };
        tables[1].values.splice(place..place, row);
        tables[0].values.extend([F::ZERO, F::ONE]);
    };
    let mut row = F::zero_vec(WIDTH);
    row[TIE.real] = F::ONE;
    for first in [false, true] {
        assert_eq!(changed(&|tables| flagged(tables, row.clone(), first)), Claim::Keccak { round: PART_ROUNDS - 1, layer: Layer::Chi });
    }
}

/// An argument that passes, about other tables than are committed to: what it leaves is false of these.
#[test]
fn arguments_about_other_tables_are_rejected() {
    let prover = Prover::new(&PARAMS, AIRS.to_vec(), ROW_VARIABLES).with_keccak(TIE).expect("the tables");
    let argued = tables(20);
    let verdict = |change: &dyn Fn(&mut [RowMajorMatrix<F>])| {
        let mut committed = argued.clone();
        change(&mut committed);
        let proof = prover
            .prove_lying(&[7; 32], &committed, &[vec![], vec![], vec![]], &Lies { argued: Some(&argued), ..Lies::default() })
            .expect("tables that fit");
        verify(&proof)
    };
    assert_eq!(verdict(&|_| {}), Ok(()));
    let weighted_sum = |change: &dyn Fn(&mut [RowMajorMatrix<F>])| match verdict(change) {
        Err(Rejected::Claim(failure)) => assert_eq!(failure.reason(), Reason::Multilinear(Claim::WeightedSum)),
        other => panic!("{other:?}"),
    };
    for (call, z, lane) in [(0, 0, 0), (7, 31, 4), (19, 63, 24)] {
        for part in 0..2 {
            weighted_sum(&|tables| {
                let cell = &mut tables[2].values[bit_row(call, part, z) * 25 + lane];
                *cell = F::ONE - *cell;
            });
        }
    }
    weighted_sum(&|tables| tables[1].values[7 * WIDTH + TIE.output + 41] += F::ONE);
    weighted_sum(&|tables| tables[1].values[7 * WIDTH + TIE.input + 41] += F::ONE);
    // A call that is not said to be one, and with it nobody that asks for it.
    weighted_sum(&|tables| {
        tables[1].values[19 * WIDTH + TIE.real] = F::ZERO;
        tables[0].values.truncate(2 * 19);
    });
}

/// Without a flag nothing is taken from a row, and its cells must be those of padding all the same.
#[test]
fn unflagged_rows_are_padding() {
    let mut tables = tables(20);
    tables[1].values[19 * WIDTH + TIE.real] = F::ZERO;
    tables[0].values.truncate(2 * 19);
    assert_eq!(rejected(&prove(&tables)), Claim::WeightedSum);
    // Bits that no call has, of a state whose columns are the difference to padding's.
    tables[1].values.truncate(19 * WIDTH);
    assert_eq!(rejected(&prove(&tables)), Claim::WeightedSum);
}

/// Every list's length and every value of the argument is bound.
#[test]
fn the_argument_is_bound() {
    let honest = prove(&tables(20));
    let mut without = honest.clone();
    without.keccak = None;
    assert_eq!(rejected(&without), Claim::KeccakCalls);
    let mut shorter = honest.clone();
    shorter.keccak.as_mut().expect("the argument").middle.clear();
    assert_eq!(verify(&shorter), Err(Rejected::Shape));
    let mut extra = prove(&tables(0));
    extra.keccak.clone_from(&honest.keccak);
    assert!(verify(&extra).is_err());
    let claims = honest.keccak.as_ref().expect("the argument").rounds[PART_ROUNDS - 1][2].claims.len();
    for claim in 0..claims {
        let mut changed = honest.clone();
        changed.keccak.as_mut().expect("the argument").rounds[PART_ROUNDS - 1][2].claims[claim] += EF::ONE;
        assert_eq!(rejected(&changed), Claim::Keccak { round: 0, layer: Layer::Parity });
    }
    // A system without the argument takes no proof with one.
    let verifier = BatchVerifier::new(&PARAMS, &AIRS, Nothing, ROW_VARIABLES).expect("the tables");
    assert_eq!(verifier.verify(&[7; 32], &[vec![], vec![], vec![]], &honest), Err(Rejected::Shape));
}

#[test]
fn ties_to_other_tables_are_refused() {
    let refuse = |tie: Tie| {
        assert!(Prover::new(&PARAMS, AIRS.to_vec(), ROW_VARIABLES).with_keccak(tie).is_err());
        assert!(BatchVerifier::new(&PARAMS, &AIRS, Nothing, ROW_VARIABLES).expect("the tables").with_keccak(tie).is_err());
    };
    refuse(Tie { output: 104, ..TIE });
    // Columns that are two things.
    refuse(Tie { output: TIE.input + 50, ..TIE });
    refuse(Tie { output: TIE.input + 99, ..TIE });
    refuse(Tie { real: TIE.input, ..TIE });
    refuse(Tie { real: TIE.output + 99, ..TIE });
    refuse(Tie { bits: 1, calls: 1, ..TIE });
    refuse(Tie { input: usize::MAX, ..TIE });
    refuse(Tie { real: WIDTH, ..TIE });
    refuse(Tie { calls: 3, ..TIE });
    refuse(Tie { calls: 0, ..TIE });
    refuse(Tie { bits: 1, ..TIE });
    refuse(Tie { log_calls: 8, ..TIE });
    refuse(Tie { log_calls: 11, ..TIE });
    refuse(Tie { log_calls: usize::MAX, ..TIE });
}

/// A proof has one encoding, and every other string of bytes is refused or another proof.
#[test]
fn proofs_are_their_bytes() {
    for calls in [0, 20] {
        let proof = prove(&tables(calls));
        let bytes = verifier().encode(&proof).expect("a proof of the system");
        assert_eq!(verifier().decode(&bytes), Ok(proof.clone()));
        for len in (0..bytes.len()).step_by(977).chain([bytes.len() - 1]) {
            assert!(matches!(verifier().decode(&bytes[..len]), Err(BytesError::Wire(_) | BytesError::Heights(_))), "{len} bytes");
        }
        assert_eq!(verifier().decode(&[&bytes[..], &[0]].concat()), Err(BytesError::Trailing { got: 1 }));
        for place in (0..bytes.len()).step_by(211) {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            if let Ok(other) = verifier().decode(&changed) {
                assert_ne!(other, proof);
                assert_eq!(verifier().encode(&other), Ok(changed), "byte {place}");
                // Of tables without rows all words are zero, whatever the challenges are: a word's
                // digest that no query opens may be any.
                let is_unopened = calls == 0 && other.opening.words != proof.opening.words;
                assert!(is_unopened || verify(&other).is_err(), "byte {place}");
            }
        }
        // A list of another length has no encoding.
        let refuse = |change: &dyn Fn(&mut Proof)| {
            let mut changed = proof.clone();
            change(&mut changed);
            assert!(verifier().encode(&changed).is_err());
        };
        refuse(&|proof| _ = proof.cap.pop());
        refuse(&|proof| _ = proof.heights.pop());
        refuse(&|proof| _ = proof.layers[3].rounds.pop());
        refuse(&|proof| _ = proof.forms[1].pop());
        refuse(&|proof| proof.forms.push(Vec::new()));
        refuse(&|proof| _ = proof.opening.words[0].pop());
        refuse(&|proof| _ = proof.opening.rows[0].leaves[0].pop());
        refuse(&|proof| proof.heights[1] = if calls == 0 { 1 } else { 0 });
        refuse(&|proof| proof.heights[0] = usize::MAX);
    }
    // More leaves than queries are refused before they are read.
    let bytes = verifier().encode(&prove(&tables(0))).expect("a proof of the system");
    let most = PARAMS.num_queries;
    let refused = (0..bytes.len() - 1).any(|place| {
        let mut changed = bytes.clone();
        changed[place..place + 2].copy_from_slice(&u16::MAX.to_le_bytes());
        verifier().decode(&changed) == Err(BytesError::Count { oracle: 0, what: "leaves", most, got: usize::from(u16::MAX) })
    });
    assert!(refused);
    assert!(verifier().decode(&[0xff; 4096]).is_err());
}

/// A point over the calls that has coordinates for the blocks' bits too.
#[test]
fn calls_of_several_blocks() {
    const LARGE: Tie = Tie { log_calls: 11, ..TIE };
    let prover = Prover::new(&PARAMS, AIRS.to_vec(), 18).with_keccak(LARGE).expect("the tables");
    let verifier = BatchVerifier::new(&PARAMS, &AIRS, Nothing, 18).expect("the tables").with_keccak(LARGE).expect("the tables");
    let verdict = |tables: &[RowMajorMatrix<F>]| {
        let proof = prover.prove(&[7; 32], tables, &[vec![], vec![], vec![]]).expect("tables that fit");
        verifier.verify(&[7; 32], &[vec![], vec![], vec![]], &proof)
    };
    assert_eq!(verdict(&tables(1100)), Ok(()));
    assert_eq!(verdict(&tables(2048)), Ok(()));
    for (row, column) in [(513, TIE.output + 3), (1099, TIE.input)] {
        let mut wrong = tables(1100);
        wrong[1].values[row * WIDTH + column] += F::ONE;
        assert!(verdict(&wrong).is_err());
    }
}

/// Rows that are not committed to are zeros: a table that would say something there is refused.
#[test]
fn tables_that_speak_on_zeros_are_refused() {
    #[derive(Clone, Copy)]
    enum Loud {
        Constraint,
        Message,
        Fine,
    }
    impl BaseAir<F> for Loud {
        fn width(&self) -> usize {
            2
        }

        fn main_next_row_columns(&self) -> Vec<usize> {
            Vec::new()
        }

        fn preprocessed_next_row_columns(&self) -> Vec<usize> {
            Vec::new()
        }
    }
    impl<AB: AirBuilder<F = F> + InteractionBuilder> Air<AB> for Loud {
        fn eval(&self, builder: &mut AB) {
            let main = builder.main();
            let row: Vec<AB::Expr> = main.current_slice().iter().map(|column| (*column).into()).collect();
            let one = AB::Expr::ONE;
            let (constraint, count) = match self {
                Self::Constraint => (row[0].clone() - one, row[1].clone()),
                Self::Message => (row[0].clone(), row[1].clone() - one),
                Self::Fine => (row[0].clone(), row[1].clone()),
            };
            builder.assert_zero(constraint);
            builder.push_interaction("bus", [row[0].clone(), row[1].clone()], Count::bounded(count, 1));
        }
    }
    let prepare = |airs: &[Loud]| BatchVerifier::new(&PARAMS, airs, Nothing, ROW_VARIABLES).err();
    assert_eq!(prepare(&[Loud::Fine, Loud::Fine]), None);
    assert_eq!(prepare(&[Loud::Fine, Loud::Constraint]), Some(UnusableTables::ZeroRows(1)));
    assert_eq!(prepare(&[Loud::Message, Loud::Fine]), Some(UnusableTables::ZeroRows(0)));
}

/// A verifier takes no opening of other parameters or tables than its own: fewer queries would be fewer.
#[test]
fn other_openings_are_refused() {
    let proof = prove(&tables(3));
    let verifier = verifier();
    let honest = verifier.opening(&proof.heights).expect("an opening").shape().clone();
    let public_values = [vec![], vec![], vec![]];
    let replay = |shape: OpeningShape| {
        let opening = OpeningVerifier::new(shape).expect("a usable shape");
        let values = verifier.full_values(&[], &[7; 32], &public_values, &proof).expect("a valid transcript");
        verifier.replay(&mut Native, &opening, &[], &[7; 32], &public_values, &values).map(|_| ()).map_err(|failure| failure.reason())
    };
    assert_eq!(replay(honest.clone()), Ok(()));
    let refused = Err(Reason::Multilinear(Claim::Shape));
    let params = honest.params;
    for params in [
        Params { num_queries: 1, ..params },
        Params { log_blowup: params.log_blowup + 1, ..params },
        Params { log_arity: 3, ..params },
        Params { cap_height: 2, ..params },
        Params { query_pow_bits: 1, ..params },
    ] {
        assert_eq!(replay(OpeningShape { params, ..honest.clone() }), refused);
    }
    assert_eq!(replay(OpeningShape { block_variables: honest.block_variables + 1, ..honest.clone() }), refused);
    assert_eq!(replay(OpeningShape { block: vec![9], ..honest.clone() }), refused);
    assert_eq!(replay(OpeningShape { layouts: vec![Layout::new(&[25, WIDTH, 2], 7)], ..honest }), refused);
}
