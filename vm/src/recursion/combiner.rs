//! The recursion prover: lifts, joins and wraps proofs about one program.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tern_air::recursion::WRAP_SHAPE;
use tern_air::segment::Statement;
use tern_air::shape::SHAPES;
use tern_field::EF;
use tern_fri::hash::Digest;
use tern_fri::{Proof, TableShape};
use tern_verifier::final_proof::Circuits;
use tern_verifier::native::Native;
use tern_verifier::programs::{ChainStatement, Child, LiftCircuit, Lifted, RecursionRelation};
use tern_verifier::segments::{Segment, preprocessed_digests, public_values, read_statement, seed, write_statement};
use tern_verifier::wire::{Reader, Writer};
use tern_verifier::{Expected, StarkVerifier, VerifyingKey, compact, decode};

use super::builder::Run;
use super::circuits::{ARITY, CircuitId, relation, run_join, run_lift, run_wrap, segment_verifier};
use super::setup::{Circuit, RecursionError};
use crate::prove::{Combine, proving_bytes};

/// The recursion prover for one program.
pub struct Combiner {
    key: VerifyingKey,
    circuits: Circuits,
    relation: RecursionRelation,
    wrapped: RecursionRelation,
    segments: Vec<OnceLock<Result<StarkVerifier, RecursionError>>>,
    setups: Mutex<HashMap<CircuitId, Arc<Circuit>>>,
}

/// A recursion proof that has been verified.
pub struct Node {
    /// Its position on the key list.
    position: u8,
    /// The statement of its part of the chain.
    statement: Statement,
    /// The proof.
    proof: Proof,
    /// The same as the child of another.
    child: Child<Native>,
}

impl Combiner {
    /// A prover for the program of this key.
    ///
    /// # Errors
    ///
    /// If the verifier's record of circuits or the heights are unusable: faults of this program.
    pub fn new(key: &VerifyingKey) -> Result<Self, RecursionError> {
        let circuits = Circuits::recorded().ok_or_else(|| RecursionError::Setup("the record of circuits is too short".to_owned()))?;
        let segments = SHAPES.iter().map(|_| OnceLock::new()).collect();
        let (wrapped, relation) = (relation(CircuitId::Wrap)?, relation(CircuitId::Join(ARITY))?);
        Ok(Self { key: key.clone(), circuits, relation, wrapped, segments, setups: Mutex::default() })
    }

    fn statement(&self, statement: &Statement) -> ChainStatement<Native> {
        ChainStatement::of(self.key.digest(), &self.key.bounds, self.circuits.list.root(), statement)
    }

    /// The circuit of a run, committed to when first needed and compared with the verifier's record.
    fn circuit(&self, id: CircuitId, run: &Run) -> Result<Arc<Circuit>, RecursionError> {
        let mut setups = self.setups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(circuit) = setups.get(&id) {
            return Ok(Arc::clone(circuit));
        }
        let circuit = tracing::info_span!("setup", ?id).in_scope(|| Circuit::new(id.params(), id.shape(), run))?;
        let recorded = match CircuitId::listed().position(|listed| listed == id) {
            Some(position) => self.circuits.list.leaves()[position] == circuit.leaf(),
            None => self.circuits.wrap == circuit.commitment().roots(),
        };
        if !recorded {
            return Err(RecursionError::Unrecorded { circuit: id });
        }
        let circuit = Arc::new(circuit);
        setups.insert(id, Arc::clone(&circuit));
        Ok(circuit)
    }

    /// Proves a run of a listed circuit and verifies the proof.
    fn prove(&self, id: CircuitId, run: &Run, statement: Statement) -> Result<Node, RecursionError> {
        let circuit = self.circuit(id, run)?;
        let position = CircuitId::listed().position(|listed| listed == id).and_then(|position| u8::try_from(position).ok());
        let position = position.ok_or_else(|| RecursionError::Verify("no circuit of the key list".to_owned()))?;
        self.node(position, statement, circuit.commitment().roots().to_vec(), circuit.prove(run)?)
    }

    /// Verifies a proof of the circuit at a position of the key list.
    fn node(&self, position: u8, statement: Statement, preprocessed: Vec<Digest>, proof: Proof) -> Result<Node, RecursionError> {
        let refuse = |reason: &str| RecursionError::Verify(reason.to_owned());
        let invalid = |error: &dyn core::fmt::Display| RecursionError::Verify(error.to_string());
        let leaf = tern_verifier::programs::leaf(&mut Native, &preprocessed);
        if self.circuits.list.leaves().get(usize::from(position)) != Some(&leaf) {
            return Err(refuse("its circuit is not the recorded one"));
        }
        let membership = self.circuits.list.membership(&leaf).ok_or_else(|| refuse("its circuit is not on the key list"))?;
        let stated = self.statement(&statement);
        let digest = stated.digest(&mut Native);
        let values = RecursionRelation::public_values(&mut Native, &digest);
        let RecursionRelation { stark, seed } = &self.relation;
        stark.shape().check(&proof).map_err(|error| invalid(&error))?;
        let (expanded, challenges) = stark.expand(&preprocessed, seed, &values, &proof).map_err(|error| invalid(&error))?;
        stark.check(&mut Native, &preprocessed, &values, &expanded, &challenges).map_err(|error| invalid(&error))?;
        Ok(Node { position, statement, proof, child: Child { statement: stated, preprocessed, membership, proof: expanded } })
    }

    fn segment_verifier(&self, position: usize) -> Result<&StarkVerifier, RecursionError> {
        self.segments[position].get_or_init(|| segment_verifier(&SHAPES[position])).as_ref().map_err(Clone::clone)
    }
}

impl Combine for Combiner {
    const ARITY: usize = ARITY;
    type Node = Node;
    type Error = RecursionError;

    fn lift(&self, segment: &Segment<'_>) -> Result<Node, RecursionError> {
        let id = CircuitId::lift(segment.shape);
        let CircuitId::Lift(position) = id else { unreachable!("a lift") };
        let stark = self.segment_verifier(position)?;
        let invalid = |error: &dyn core::fmt::Display| RecursionError::Verify(error.to_string());
        let proof = decode(segment.proof, stark.shape().max_bytes()).map_err(|error| invalid(&error))?;
        stark.shape().check(&proof).map_err(|error| invalid(&error))?;
        let values = public_values(&segment.statement, &self.key.bounds);
        let values: Vec<Vec<EF>> = values.into_iter().map(|values| values.into_iter().map(EF::from).collect()).collect();
        let (proof, _) =
            stark.expand(preprocessed_digests(), &seed(segment.shape, &self.key), &values, &proof).map_err(|error| invalid(&error))?;
        let lifted = Lifted { statement: self.statement(&segment.statement), proof };
        let run = run_lift(&LiftCircuit { stark, shape: segment.shape }, &lifted);
        self.prove(id, &run, segment.statement.clone())
    }

    fn join(&self, children: &[Node]) -> Result<Node, RecursionError> {
        let [first, .., last] = children else {
            return Err(RecursionError::Verify(format!("a join has at least two children, not {}", children.len())));
        };
        let proofs: Vec<&Child<Native>> = children.iter().map(|child| &child.child).collect();
        let statement = Statement { pc_in: first.statement.pc_in, root_in: first.statement.root_in, ..last.statement.clone() };
        self.prove(CircuitId::Join(children.len()), &run_join(&self.relation, &proofs), statement)
    }

    fn wrap(&self, root: &Node) -> Result<Vec<u8>, RecursionError> {
        let run = run_wrap(&self.relation, &root.child);
        let circuit = self.circuit(CircuitId::Wrap, &run)?;
        let proof = circuit.prove(&run)?;
        compact::encode(self.wrapped.stark.shape(), &proof).map_err(|error| RecursionError::Verify(error.to_string()))
    }

    fn verify_final(&self, proof: &[u8], exit_code: u32) -> Result<(), RecursionError> {
        let verified = tern_verifier::verify(proof, &self.key, &Expected { exit_code });
        verified.map(drop).map_err(|rejection| RecursionError::Verify(rejection.to_string()))
    }

    fn encode(&self, node: &Node) -> Result<Vec<u8>, RecursionError> {
        let mut writer = Writer::default();
        writer.u8(node.position);
        write_statement(&mut writer, &node.statement);
        node.child.preprocessed.iter().for_each(|digest| writer.bytes(digest));
        let proof = compact::encode(self.relation.stark.shape(), &node.proof);
        writer.bytes(&proof.map_err(|error| RecursionError::Verify(error.to_string()))?);
        Ok(writer.into_bytes())
    }

    fn decode_and_verify(&self, bytes: &[u8], expected: &Statement) -> Result<Node, RecursionError> {
        let refuse = |error: &dyn core::fmt::Display| RecursionError::Verify(error.to_string());
        let mut reader = Reader::new(bytes);
        let position = reader.u8().map_err(|error| refuse(&error))?;
        let statement = read_statement(&mut reader, 0).map_err(|error| refuse(&error))?;
        if statement != *expected {
            return Err(refuse(&"it states something else"));
        }
        let shape = self.relation.stark.shape();
        let preprocessed = (0..shape.preprocessed_digests()).map(|_| reader.array()).collect::<Result<Vec<Digest>, _>>();
        let preprocessed = preprocessed.map_err(|error| refuse(&error))?;
        let rest = reader.bytes(reader.left()).map_err(|error| refuse(&error))?;
        let proof = compact::decode(shape, rest).map_err(|error| refuse(&error))?;
        self.node(position, statement, preprocessed, proof)
    }

    fn circuits(&self) -> [u8; 32] {
        self.circuits.digest(&WRAP_SHAPE)
    }

    /// That of the wrap, whose blowup is large. A twelfth more is measured than its codewords take.
    fn step_bytes(&self) -> u64 {
        let bytes = |relation: &RecursionRelation| {
            let shape = relation.stark.shape();
            proving_bytes(shape.relation().tables.iter().map(TableShape::committed_cells).sum(), shape.params())
        };
        let largest = bytes(&self.relation).max(bytes(&self.wrapped));
        largest.saturating_add(largest / 12)
    }

    /// The preprocessed columns as the chips hold them, and their low-degree extension.
    fn circuit_bytes(&self) -> u64 {
        let bytes = |relation: &RecursionRelation| {
            let shape = relation.stark.shape();
            let cells = |table: &TableShape| (table.preprocessed_width as u64) << table.log_height;
            proving_bytes(shape.relation().tables.iter().map(cells).sum(), shape.params())
        };
        bytes(&self.relation).max(bytes(&self.wrapped))
    }
}
