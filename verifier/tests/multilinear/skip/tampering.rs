//! Changed proofs and statements.

use std::collections::BTreeMap;

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_field::{EF, F};
use tern_verifier::Reason;
use tern_verifier::multilinear::Claim;
use tern_verifier::multilinear::front::{ColumnProof, Front};
use tern_verifier::native::Native;

use super::super::airs::TestAir;
use super::Case;
use super::cases::{chains, everything};
use super::slow::{HONEST, proof, prove, start, zerocheck};

type Proof = ColumnProof<Native>;

/// The claim that a value belongs to, none where no claim does, and the value.
type Place = (Option<Claim>, Box<dyn Fn(&mut Proof) -> &mut EF>);

/// Every value of a proof.
fn places(case: &Case, proof: &Proof) -> Vec<Place> {
    let mut places: Vec<Place> = vec![];
    for (layer, messages) in proof.lookup.iter().flat_map(|lookup| lookup.layers.iter().enumerate()) {
        let claim = Some(Claim::LookupLayer { layer });
        for (round, value) in (0..messages.rounds.len()).flat_map(|round| (0..3).map(move |value| (round, value))) {
            places.push((claim, Box::new(move |p| &mut p.lookup.as_mut().unwrap().layers[layer].rounds[round][value])));
        }
        for half in 0..2 {
            places.push((claim, Box::new(move |p| &mut p.lookup.as_mut().unwrap().layers[layer].numerators[half])));
            places.push((claim, Box::new(move |p| &mut p.lookup.as_mut().unwrap().layers[layer].denominators[half])));
        }
    }
    for place in 0..proof.skip.len() {
        places.push((Some(Claim::Skip), Box::new(move |p| &mut p.skip[place])));
    }
    for (round, value) in (0..proof.rounds.len()).flat_map(|round| (0..proof.rounds[round].len()).map(move |value| (round, value))) {
        places.push((Some(Claim::Constraints), Box::new(move |p| &mut p.rounds[round][value])));
    }
    for (table, columns) in proof.claims.iter().enumerate() {
        for column in 0..columns.main.len() {
            let unused = column == 3 && matches!(case.statement.airs[table], TestAir::Power { .. });
            places.push(((!unused).then_some(Claim::Constraints), Box::new(move |p| &mut p.claims[table].main[column])));
        }
        for column in 0..columns.preprocessed.len() {
            places.push((Some(Claim::Constraints), Box::new(move |p| &mut p.claims[table].preprocessed[column])));
        }
    }
    places
}

#[test]
fn changed_values() {
    let odd = EF::from_basis_coefficients_fn(|i| F::from_u32(17 + 1_000_003 * i as u32));
    let mut found = BTreeMap::<String, usize>::new();
    for case in [everything(9), chains(&[(3, 513), (1, 9)], 10)] {
        let (front, proof) = (case.front(), prove(&case, HONEST));
        for (number, (claim, place)) in places(&case, &proof).iter().enumerate() {
            for change in [|x: EF, _| x + EF::ONE, |x: EF, odd| x - odd, |_, _| EF::ZERO, |x: EF, _| -x] {
                let mut changed = proof.clone();
                let value = place(&mut changed);
                let before = *value;
                *value = change(before, odd);
                if *value == before {
                    continue;
                }
                let verdict = case.judge(&front, &changed).map_err(|failure| failure.reason());
                assert_eq!(verdict.as_ref().err().copied(), claim.map(Reason::Multilinear), "place {number}");
                let name = claim.map_or("accepted".into(), |claim| match claim {
                    Claim::LookupLayer { .. } => "a layer".into(),
                    claim => claim.to_string(),
                });
                *found.entry(name).or_default() += 1;
            }
        }
    }
    println!("{found:?}");
    assert!(found[&Claim::Skip.to_string()] >= 800 && found[&Claim::Constraints.to_string()] >= 250);
}

/// Coefficients exchanged, or moved by 32 places, have the same sum where they stand for the same
/// power on the domain; then the later rounds find it.
#[test]
fn moved_coefficients() {
    let case = chains(&[(3, 513), (1, 9)], 10);
    let (front, proof) = (case.front(), prove(&case, HONEST));
    for place in 0..proof.skip.len() - 1 {
        for (other, claim) in [(place + 1, Claim::Skip), (place + 32, Claim::Constraints)] {
            if other < proof.skip.len() && proof.skip[place] != proof.skip[other] {
                let mut changed = proof.clone();
                changed.skip.swap(place, other);
                assert_eq!(case.judge(&front, &changed).expect_err("changed").reason(), Reason::Multilinear(claim));
            }
        }
        if place + 32 < proof.skip.len() {
            let mut changed = proof.clone();
            let moved = changed.skip[place];
            changed.skip[place + 32] += moved;
            changed.skip[place] = EF::ZERO;
            assert_eq!(case.judge(&front, &changed).expect_err("changed").reason(), Reason::Multilinear(Claim::Constraints));
        }
    }
}

#[test]
fn changed_lengths() {
    let case = everything(9);
    let (front, proof) = (case.front(), prove(&case, HONEST));
    let changes: [&dyn Fn(&mut Proof); 7] = [
        &|p| p.skip.clear(),
        &|p| p.skip.truncate(155),
        &|p| p.skip.push(EF::ZERO),
        &|p| p.rounds.truncate(3),
        &|p| p.rounds.push(vec![EF::ZERO; 6]),
        &|p| p.rounds[0].truncate(5),
        &|p| p.claims[3].main.push(EF::ZERO),
    ];
    for change in changes {
        let mut changed = proof.clone();
        change(&mut changed);
        assert_eq!(case.judge(&front, &changed).expect_err("changed").reason(), Reason::Multilinear(Claim::Shape));
    }
    let without = Front::new(&case.statement.airs, 9, 0).expect("usable");
    assert!(!proof.fits(without.shape()));
}

#[test]
fn changed_statements() {
    let case = everything(9);
    let proof = prove(&case, HONEST);
    for (index, value) in [(0, 0), (0, 12), (1, 12), (1, 14)] {
        let mut changed = case.clone();
        changed.statement.public_values[8][index] = F::from_u32(value);
        assert!(changed.judge(&case.front(), &proof).is_err());
    }
    // Without messages the point is drawn after the public values and with them.
    let mut chain = chains(&[(2, 513)], 10);
    let proof = prove(&chain, HONEST);
    assert!(chain.judge(&chain.front(), &proof).is_ok());
    chain.statement.airs[0] = TestAir::Chain { width: 3 };
    assert!(chain.judge(&chain.front(), &proof).is_err());
    let mut public = everything(9);
    public.statement.airs.drain(..8);
    public.main.drain(..8);
    public.fixed.drain(..8);
    public.statement.public_values.drain(..8);
    let proof = prove(&public, HONEST);
    assert!(public.judge(&public.front(), &proof).is_ok());
    public.statement.public_values[0][0] += F::ONE;
    assert!(public.judge(&public.front(), &proof).is_err());
}

/// With another point of the bits that are not skipped, or other weights of the messages, than the
/// transcript's, the polynomial is another one.
#[test]
fn other_points() {
    let case = everything(9);
    for coordinate in 5..10 {
        let (lookup, mut challenges, mut transcript) = start(&case, HONEST);
        *challenges.tau.get_mut(coordinate).unwrap_or(&mut challenges.eta) += EF::ONE;
        let played = zerocheck(&case, lookup.as_ref(), &challenges, &mut transcript, HONEST);
        let verdict = case.judge(&case.front(), &proof(lookup.as_ref(), played));
        assert_eq!(verdict.expect_err("another point").reason(), Reason::Multilinear(Claim::Skip), "coordinate {coordinate}");
    }
}
