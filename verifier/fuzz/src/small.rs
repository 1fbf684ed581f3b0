//! A proof small enough to check hundreds of times a second: of the toy circuit that the verifier's
//! tests prove.

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/fixed/airs.rs"]
mod airs;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/fixed/circuit.rs"]
mod circuit;

use std::sync::OnceLock;

use airs::{Toy, Toys};
use circuit::{COMMITTED, CONSTANTS, Case, GATE, ROW_VARIABLES, SEED, constants, gates};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use serde_json::Value;
use tern_field::F;
use tern_fri::hash::Digest;
use tern_fri::multilinear::prepare::FixedMatrix;
use tern_fri::multilinear::prove::{ProveError, Prover};
use tern_fri::multilinear::{Params, Proof};
use tern_verifier::multilinear::BatchVerifier;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::bytes::BytesError;

use crate::fields::fields_of;
use crate::mutation::Program;

/// Few queries and little proof of work, so that a proof is made and checked quickly; a name of its
/// own, since the committed corpus holds proofs made under it. A change is still accepted only by
/// chance: every value is hashed into the transcript or checked against a commitment, and even a
/// witness for the queries alone that fits must lead to the same three of 2^13 places.
const PARAMS: Params = Params { name: "fuzz-tiny", num_queries: 3, cap_height: 1, ..circuit::PARAMS };

/// Base-2 logarithms of the rows and columns of the matrix of fixed columns.
const SIZE: (usize, usize) = (10, 4);
/// Gates, constants and more constants, and the main rows of each. Every gate that has main columns
/// is one: nothing is left free.
const ROWS: [usize; 3] = [30, 20, 10];
const MAIN: [usize; 3] = [25, 3, 2];

/// The proof with what a verifier needs.
pub struct SmallProof {
    case: Case,
    verifier: BatchVerifier<Toys>,
    key: Vec<Digest>,
    /// The proof.
    pub proof: Proof,
    /// Its encoding.
    pub bytes: Vec<u8>,
    /// The same as a tree of fields.
    pub fields: Value,
}

/// Why bytes are no proof of the circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// They are not the encoding of one.
    Encoding(BytesError),
    /// The proof is false.
    Proof(Rejected),
}

/// The circuit whose gate of this number has another factor.
fn case(gate: usize, change: F) -> Case {
    let mut gates = gates(ROWS[GATE]);
    gates.values[2 * gate + 1] += change;
    Case::of(gates, constants(ROWS[1], 1_000), constants(ROWS[2], 900_000), MAIN)
}

fn matrix(airs: &[Toy]) -> FixedMatrix {
    FixedMatrix::new(&PARAMS, airs, &COMMITTED, ROW_VARIABLES, SIZE).expect("a matrix")
}

/// What `airs` prove, under the key of a circuit with this matrix.
fn prove(airs: &[Toy], tables: &[RowMajorMatrix<F>], matrix: FixedMatrix) -> Result<Proof, ProveError> {
    Prover::with_fixed(&PARAMS, airs.to_vec(), ROW_VARIABLES, matrix).prove(&SEED, tables, &vec![vec![]; airs.len()])
}

impl SmallProof {
    /// The one proof of this process. The prover is deterministic, so it is the same in every one.
    ///
    /// # Panics
    ///
    /// If the proof cannot be made.
    pub fn get() -> &'static Self {
        static SMALL: OnceLock<SmallProof> = OnceLock::new();
        SMALL.get_or_init(|| {
            let case = case(0, F::ZERO);
            let matrix = matrix(&case.airs);
            let (key, shape) = (matrix.cap().to_vec(), matrix.shape().clone());
            let forget = |air: &Toy| match air {
                Toy::Gate(_) => Toy::Gate(None),
                Toy::Constants(_) => Toy::Constants(None),
                other => other.clone(),
            };
            let airs: Vec<Toy> = case.airs.iter().map(forget).collect();
            let verifier = BatchVerifier::with_fixed(&PARAMS, &airs, Toys(airs.clone()), ROW_VARIABLES, shape).expect("a circuit");
            let proof = prove(&case.airs, &case.tables, matrix).expect("a proof");
            let bytes = verifier.encode(&proof).expect("the proof has its lengths");
            let fields = fields_of(&proof);
            Self { case, verifier, key, proof, bytes, fields }
        })
    }

    /// What the prover makes of false tables, which `program` encodes: a cell that has to be zero,
    /// a gate's output with the message that takes it, the gates of another circuit, or a few cells
    /// anywhere. Every hash and every proof of work of it holds. None if nothing is changed.
    ///
    /// # Panics
    ///
    /// If there is no such place: a fault of this crate.
    #[must_use]
    pub fn prove_falsely(&self, program: &[u8]) -> Option<Result<Proof, ProveError>> {
        let mut program = Program(program);
        let (kind, place, change) = (program.byte() % 4, program.below(1 << 20), F::new(u32::from(program.byte())));
        let Case { airs, tables } = &self.case;
        let mut tables = tables.clone();
        match kind {
            0 => tables[CONSTANTS].values[place % MAIN[CONSTANTS]] += change,
            1 => {
                let gate = 3 * (place % MAIN[GATE]);
                let [x, y] = [tables[GATE].values[gate], tables[GATE].values[gate + 1]];
                let sink = tables[GATE + COMMITTED.len()].values.as_chunks_mut::<3>().0.iter_mut();
                sink.filter(|row| row[..2] == [x, y]).for_each(|row| row[1] += change);
                tables[GATE].values[gate + 1] += change;
            }
            2 if change == F::ZERO => (),
            2 => {
                let pretended = case(place % MAIN[GATE], change);
                return Some(prove(&pretended.airs, &pretended.tables, matrix(airs)));
            }
            _ => {
                while !program.0.is_empty() {
                    let table = usize::from(program.byte()) % tables.len();
                    let cell = program.below(tables[table].values.len());
                    tables[table].values[cell] += F::new(u32::from(program.byte()));
                }
            }
        }
        (tables != self.case.tables).then(|| prove(airs, &tables, matrix(airs)))
    }

    /// The encoding of a proof.
    ///
    /// # Errors
    ///
    /// If a list has another length than the heights give it.
    pub fn encode(&self, proof: &Proof) -> Result<Vec<u8>, Rejected> {
        self.verifier.encode(proof)
    }

    /// Checks a proof.
    ///
    /// # Errors
    ///
    /// Unless it proves the circuit.
    pub fn judge(&self, proof: &Proof) -> Result<(), Rejected> {
        self.verifier.verify_under(&self.key, &SEED, &vec![vec![]; self.case.airs.len()], proof)
    }

    /// Checks bytes.
    ///
    /// # Errors
    ///
    /// Unless they prove the circuit.
    ///
    /// # Panics
    ///
    /// If they are a second encoding of a proof.
    pub fn verify(&self, bytes: &[u8]) -> Result<(), Refused> {
        let proof = self.verifier.decode(bytes).map_err(Refused::Encoding)?;
        assert_eq!(self.encode(&proof).as_deref(), Ok(bytes), "a proof has one encoding");
        self.judge(&proof).map_err(Refused::Proof)
    }
}
