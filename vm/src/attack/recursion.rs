//! Attacks on recursion: children that are others than they say, under the small parameters of tests.
//!
//! Two things have to refuse: the program that checks the children, on values; and the verifier of
//! the circuit that the program makes, given a proof that a forger makes of its false run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use p3_field::PrimeCharacteristicRing;
use tern_air::machine::MachineChip;
use tern_field::EF;
use tern_fri::multilinear::Params;
use tern_verifier::multilinear::batch::BatchValues;
use tern_verifier::native::Native;

use super::change::{Change, ChildChange, ChildrenChange, RecursionStep};
use super::check::{of_reason, of_rejected};
use super::{AttackError, Outcome, Tried};
use crate::recursion::{CircuitId, NodeCircuit, Run, blank_run, least_shape};
use crate::testing::recursion::{Claimed, Lifted, PARAMS, chain, liars};

/// Runs an attack.
pub fn attack(changes: &[Change]) -> Result<Tried, AttackError> {
    let mut outcome = None;
    for change in changes {
        if let Change::Children(change) = change {
            outcome = Some(combine(change)?);
        }
    }
    // A list that was read has changes, and here of this kind alone.
    Ok(Tried { outcome: outcome.ok_or(AttackError::NothingChanged)?, changed: Vec::new() })
}

fn combine(change: &ChildrenChange) -> Result<Outcome, AttackError> {
    let (reason, run) = match change.step {
        RecursionStep::Lift => {
            let mut children = pick(&chain().segments, &change.order)?;
            edit(change, &mut children, edit_segment)?;
            (chain().natively(&children).err(), chain().in_circuit(&children))
        }
        RecursionStep::Join => {
            let mut children = pick(&liars().chain, &change.order)?;
            edit(change, &mut children, edit_node)?;
            (liars().join_natively(&children).err(), liars().join_in_circuit(&children))
        }
    };
    if change.child.is_none() && change.order.windows(2).all(|pair| pair[0] + 1 == pair[1]) {
        return Err(AttackError::NothingChanged);
    }
    let circuit = circuit(change.step, change.order.len())?;
    let proof = match circuit.prove_unchecked(&run) {
        Ok(proof) => proof,
        Err(error) => return Ok(Outcome::Stopped { reason: error.to_string() }),
    };
    let verified = circuit.relation().verify(circuit.key(), &run.public_digest(), &proof);
    Ok(match (reason, verified) {
        (Some(reason), Err(rejected)) => Outcome::Rejected {
            check: of_reason(&reason),
            message: format!("{reason}; a proof of the circuit's false run: {rejected} ({})", of_rejected(&rejected)),
        },
        (_, Ok(())) | (None, _) => Outcome::Accepted,
    })
}

fn pick<T: Clone>(chain: &[T], order: &[usize]) -> Result<Vec<T>, AttackError> {
    let pick = |&got: &usize| chain.get(got).cloned().ok_or(AttackError::NoSegment { got, segments: chain.len() });
    order.iter().map(pick).collect()
}

fn edit<T>(
    change: &ChildrenChange,
    children: &mut [T],
    edit: impl Fn(&mut T, ChildChange, usize) -> Option<()>,
) -> Result<(), AttackError> {
    let (Some(child), Some(what)) = (change.child, change.change) else { return Ok(()) };
    let segments = children.len();
    let child = children.get_mut(child).ok_or(AttackError::NoSegment { got: child, segments })?;
    let unusable = || AttackError::Value { of: "child".to_owned(), field: format!("{what:?}[{}]", change.part) };
    edit(child, what, change.part).ok_or_else(unusable)
}

fn edit_segment(child: &mut Lifted, what: ChildChange, part: usize) -> Option<()> {
    match what {
        ChildChange::Statement => *child.stated.elements.get_mut(part)? += EF::ONE,
        ChildChange::KeyDigest => *child.stated.key_digest.get_mut(part)? ^= 1,
        ChildChange::ListRoot => *child.stated.list_root.get_mut(part)? ^= 1,
        ChildChange::Proof => edit_values(&mut child.values, MachineChip::Leaf as usize, part)?,
        ChildChange::Circuit | ChildChange::Position | ChildChange::Path => return None,
    }
    Some(())
}

fn edit_node(child: &mut Claimed, what: ChildChange, part: usize) -> Option<()> {
    match what {
        ChildChange::Statement => *child.stated.elements.get_mut(part)? += EF::ONE,
        ChildChange::KeyDigest => *child.stated.key_digest.get_mut(part)? ^= 1,
        ChildChange::ListRoot => *child.stated.list_root.get_mut(part)? ^= 1,
        ChildChange::Proof => edit_values(&mut child.values, 0, part)?,
        ChildChange::Circuit => child.key.get_mut(part)?[0] ^= 1,
        ChildChange::Position => {
            let bit = child.position.get_mut(part)?;
            *bit = EF::ONE - *bit;
        }
        ChildChange::Path => child.path.get_mut(part)?[0] ^= 1,
    }
    Some(())
}

/// Changes a value of a proof: a claimed form of a table, the sum's denominator, the claim about
/// the rests, the last polynomial, or a digest of the commitment.
fn edit_values(values: &mut BatchValues<Native>, table: usize, part: usize) -> Option<()> {
    match part {
        0 => *values.front.claims.tables.get_mut(table)?.first_mut()? += EF::ONE,
        1 => values.front.lookup.as_mut()?.root_denominator += EF::ONE,
        2 => values.front.claims.rest += EF::ONE,
        3 => *values.opening.last.first_mut()? += EF::ONE,
        4 => values.cap.first_mut()?[0] ^= 1,
        _ => return None,
    }
    Some(())
}

/// The circuits that are ready, by step and number of children.
static CIRCUITS: Mutex<BTreeMap<(RecursionStep, usize), Arc<NodeCircuit>>> = Mutex::new(BTreeMap::new());

/// The circuit of a step for so many children: that of the program's run on zeros.
fn circuit(step: RecursionStep, children: usize) -> Result<Arc<NodeCircuit>, AttackError> {
    let mut circuits = CIRCUITS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(circuit) = circuits.get(&(step, children)) {
        return Ok(Arc::clone(circuit));
    }
    let log_rows = chain().segments.first().map_or(0, |segment| segment.opening.shape().log_rows);
    let id = match (step, children) {
        (RecursionStep::Lift, 1) => CircuitId::Lift { log_rows, has_calls: false },
        (RecursionStep::Lift, 2) => CircuitId::LiftPair { log_rows, has_calls: [false; 2] },
        (RecursionStep::Join, 1) => CircuitId::Wrap,
        (RecursionStep::Join, children) => CircuitId::Join { children },
        (RecursionStep::Lift, children) => return Err(AttackError::NoSegment { got: children, segments: 2 }),
    };
    let fault = |error: &dyn std::fmt::Display| AttackError::Honest(error.to_string());
    let blank = blank_run(id, &chain().relation, &liars().relation).map_err(|error| fault(&error))?;
    let circuit = committed(&PARAMS, &blank).map_err(|error| fault(&error))?;
    let circuit = Arc::new(circuit);
    circuits.insert((step, children), Arc::clone(&circuit));
    Ok(circuit)
}

fn committed(params: &Params, blank: &Run) -> Result<NodeCircuit, crate::recursion::NodeError> {
    NodeCircuit::new(params, &least_shape(params, &[blank.counts()]), blank)
}
