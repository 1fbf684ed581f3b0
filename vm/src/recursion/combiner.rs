//! The recursion prover: lifts, joins and wraps proofs about one program.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tern_air::machine::MachineChip;
use tern_air::machine::segment::Statement;
use tern_fri::hash::Digest;
use tern_fri::multilinear::Proof;
use tern_fri::multilinear::params::{RECURSION_V2, SEGMENT_V2};
use tern_verifier::final_proof::Circuits;
use tern_verifier::multilinear::batch::{Rejected, UnusableTables};
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::multilinear::programs::{self, NodeRelation, SegmentRelation};
use tern_verifier::native::Native;
use tern_verifier::programs::ChainStatement;
use tern_verifier::segments::{Rejection, Segment, read_statement, write_statement};
use tern_verifier::wire::{Reader, WireError, Writer};
use tern_verifier::{Expected, VerifyingKey};
use thiserror::Error;

use super::builder::Run;
use super::circuits::{ARITY, CircuitId};
use super::nodes::{NodeCircuit, NodeError, run_nodes, run_segments};
use crate::prove::{Arity, Combine, Device, PlannedSegment, Span};

/// The recursion prover for one program.
pub struct Combiner {
    device: Option<Arc<Device>>,
    key: VerifyingKey,
    circuits: Circuits,
    segments: SegmentRelation,
    relation: NodeRelation,
    last: NodeRelation,
    setups: Mutex<HashMap<CircuitId, Arc<NodeCircuit>>>,
}

/// A recursion proof that has been verified.
pub struct Node {
    /// The statement of its part of the chain.
    statement: Statement,
    /// The proof.
    proof: Proof,
    /// The same as the child of another.
    child: programs::Node<Native>,
}

/// Why proofs are not combined, or a node is not taken over.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecursionError {
    /// The verifier's record of circuits is unusable: a fault of this program.
    #[error("the record of circuits: {0}")]
    Record(#[from] WireError),
    /// There are no proofs of the recorded circuits: a fault of this program.
    #[error(transparent)]
    Unusable(#[from] UnusableTables),
    /// The verifier knows another circuit: one of the two is of another version.
    #[error("{circuit:?}: not the circuit that the verifier records; write the record anew with `tern spec`")]
    Unrecorded {
        /// Which circuit.
        circuit: CircuitId,
    },
    /// A circuit cannot be committed to or proved.
    #[error(transparent)]
    Circuit(#[from] NodeError),
    /// The bytes are no proof.
    #[error(transparent)]
    Bytes(#[from] BytesError),
    /// A proof does not verify.
    #[error("the proof does not verify: {0}")]
    Verify(#[from] Rejected),
    /// A whole proof is rejected.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A node is of another part of the chain, or of a circuit that is not recorded.
    #[error("the node {0}")]
    Node(&'static str),
    /// No circuit lifts so many segments, or segments of these sizes together.
    #[error("no circuit lifts these segments ({0}) together")]
    Lift(usize),
    /// A join has another number of children.
    #[error("expected two to {most} children of a join, got {0}", most = ARITY.nodes)]
    Children(usize),
}

impl Node {
    /// What it proves about its part of the chain.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }
}

/// Whether there is a circuit that lifts these neighbours together.
#[must_use]
pub fn lifts_together(segments: &[PlannedSegment]) -> bool {
    let kinds: Vec<_> = segments.iter().map(|segment| (segment.size.log_rows, segment.has_calls)).collect();
    CircuitId::lift(&kinds).is_some()
}

impl Combiner {
    /// A prover for the program of this key, on a device if there is one.
    ///
    /// # Errors
    ///
    /// If the verifier's record of circuits is unusable: a fault of this program.
    pub fn new(key: &VerifyingKey, device: Option<Arc<Device>>) -> Result<Self, RecursionError> {
        let circuits = Circuits::recorded()?;
        let segments = SegmentRelation::new(&SEGMENT_V2)?;
        let (relation, last) = (circuits.node.relation(&RECURSION_V2)?, circuits.relation()?);
        Ok(Self { device, key: key.clone(), circuits, segments, relation, last, setups: Mutex::default() })
    }

    /// Verifies the encoded batch proof that [`wrap`](Combine::wrap) makes: that it proves `statement`.
    ///
    /// # Errors
    ///
    /// If it is anything else.
    pub fn verify_wrap(&self, batch: &[u8], statement: &Statement) -> Result<(), RecursionError> {
        let proof = self.last.verifier.decode(batch)?;
        Ok(self.last.verify(&self.circuits.wrap, &self.statement(statement).digest(&mut Native), &proof)?)
    }

    fn statement(&self, statement: &Statement) -> ChainStatement<Native> {
        ChainStatement::of(self.key.digest(), &self.key.bounds, self.circuits.list.root(), statement)
    }

    /// The circuit of a run, committed to when first needed and compared with the verifier's record.
    fn circuit(&self, id: CircuitId, run: &Run) -> Result<Arc<NodeCircuit>, RecursionError> {
        let mut setups = self.setups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(circuit) = setups.get(&id) {
            return Ok(Arc::clone(circuit));
        }
        let shape = if id == CircuitId::Wrap { &self.circuits.last } else { &self.circuits.node };
        let circuit = tracing::info_span!("setup", ?id).in_scope(|| NodeCircuit::new(id.params(), shape, run))?;
        let recorded = match CircuitId::listed().position(|listed| listed == id) {
            Some(position) => self.circuits.list.leaves().get(position) == Some(&circuit.leaf()),
            None => self.circuits.wrap == circuit.key(),
        };
        if !recorded {
            return Err(RecursionError::Unrecorded { circuit: id });
        }
        let circuit = Arc::new(circuit.on(self.device.clone()));
        setups.insert(id, Arc::clone(&circuit));
        Ok(circuit)
    }

    /// Proves a run of a listed circuit.
    fn prove(&self, id: CircuitId, run: &Run, statement: Statement) -> Result<Node, RecursionError> {
        let circuit = self.circuit(id, run)?;
        let proof = circuit.prove(run)?;
        self.node(statement, circuit.key().to_vec(), proof)
    }

    /// A node of a proof, whose opening nobody has checked.
    fn node(&self, statement: Statement, key: Vec<Digest>, proof: Proof) -> Result<Node, RecursionError> {
        let leaf = self.relation.leaf(&mut Native, &key);
        let membership = self.circuits.list.membership(&leaf).ok_or(RecursionError::Node("is of a circuit that is not on the key list"))?;
        let stated = self.statement(&statement);
        let values = self.relation.values(&key, &stated.digest(&mut Native), &proof)?;
        Ok(Node { statement, proof, child: programs::Node { statement: stated, key, membership, values } })
    }

    /// Digests of a circuit's key.
    fn key_digests(&self) -> usize {
        let shape = self.relation.opening.shape();
        1 << shape.log_cap(shape.log_domain())
    }
}

impl Combine for Combiner {
    const ARITY: Arity = ARITY;
    type Node = Node;
    type Error = RecursionError;

    fn lifts_together(&self, segments: &[PlannedSegment]) -> bool {
        lifts_together(segments)
    }

    fn lift(&self, _: Span, segments: &[Segment<'_>]) -> Result<Node, RecursionError> {
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Err(RecursionError::Lift(0)) };
        let statement = Statement { pc_in: first.statement.pc_in, root_in: first.statement.root_in, ..last.statement.clone() };
        let (mut kinds, mut openings, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for segment in segments {
            let proof = self.segments.verifier.decode(segment.proof)?;
            let opening = self.segments.verifier.opening(&proof.heights)?;
            kinds.push((opening.shape().log_rows, proof.heights[MachineChip::Keccak as usize] > 0));
            openings.push(opening);
            values.push(self.segments.values(self.statement(&segment.statement), &proof)?);
        }
        let id = CircuitId::lift(&kinds).ok_or(RecursionError::Lift(segments.len()))?;
        self.prove(id, &run_segments(&self.segments, &openings, &values), statement)
    }

    fn join(&self, _: Span, children: Vec<Node>) -> Result<Node, RecursionError> {
        let [first, .., last] = &children[..] else { return Err(RecursionError::Children(children.len())) };
        let count = children.len();
        if count > ARITY.nodes as usize {
            return Err(RecursionError::Children(children.len()));
        }
        let statement = Statement { pc_in: first.statement.pc_in, root_in: first.statement.root_in, ..last.statement.clone() };
        let children: Vec<programs::Node<Native>> = children.into_iter().map(|node| node.child).collect();
        self.prove(CircuitId::Join { children: count }, &run_nodes(&self.relation, &children), statement)
    }

    fn wrap(&self, root: Node) -> Result<Vec<u8>, RecursionError> {
        let run = run_nodes(&self.relation, &[root.child]);
        let circuit = self.circuit(CircuitId::Wrap, &run)?;
        Ok(self.last.verifier.encode(&circuit.prove(&run)?)?)
    }

    fn verify_final(&self, proof: &[u8], exit_code: u32) -> Result<(), RecursionError> {
        tern_verifier::verify(proof, &self.key, &Expected { exit_code })?;
        Ok(())
    }

    fn encode(&self, node: &Node) -> Result<Vec<u8>, RecursionError> {
        let mut writer = Writer::default();
        write_statement(&mut writer, &node.statement);
        node.child.key.iter().for_each(|digest| writer.bytes(digest));
        writer.bytes(&self.relation.verifier.encode(&node.proof)?);
        Ok(writer.into_bytes())
    }

    fn decode_and_verify(&self, bytes: &[u8], expected: &Statement) -> Result<Node, RecursionError> {
        let mut reader = Reader::new(bytes);
        let statement = read_statement(&mut reader, 0)?;
        if statement != *expected {
            return Err(RecursionError::Node("states something else"));
        }
        let key = (0..self.key_digests()).map(|_| reader.array()).collect::<Result<Vec<Digest>, WireError>>()?;
        let proof = self.relation.verifier.decode(reader.bytes(reader.left())?)?;
        self.relation.verify(&key, &self.statement(&statement).digest(&mut Native), &proof)?;
        self.node(statement, key, proof)
    }

    fn circuits(&self) -> [u8; 32] {
        self.circuits.digest(&self.last)
    }

    fn step_bytes(&self) -> u64 {
        STEP_BYTES
    }

    fn circuit_bytes(&self) -> u64 {
        CIRCUIT_BYTES
    }
}

/// Memory of the heaviest step, in bytes: measured.
const STEP_BYTES: u64 = 4 << 30;

/// Memory of a circuit that is ready, in bytes: its fixed columns, and the digests of their tree.
const CIRCUIT_BYTES: u64 = 5 << 26;
