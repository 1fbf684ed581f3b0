//! Changed proofs: our verdict is `p3-multi-stark`'s on every one, and the claim that fails is the
//! one that the changed value belongs to.

use std::collections::BTreeMap;

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use p3_sumcheck::OpeningEvals;
use tern_field::{EF, F};
use tern_verifier::Reason;
use tern_verifier::multilinear::{Claim, WorkSite};

use super::airs::TestAir;
use super::honest::{alone, chains, everything, least_with_lookups, powers};
use super::oracle::{Proof, Statement, Verdicts};

/// Which claim a change should break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Breaks {
    Claim(Claim),
    /// Some layer: the challenges before the layers change.
    SomeLayer,
    /// None: the value is of a column that nothing reads, and it is for the opening to find.
    Nothing,
}

type Place = (String, Breaks, Box<dyn Fn(&mut Proof) -> &mut EF>);

/// Every field of every message that is an element.
fn places(proof: &Proof) -> Vec<Place> {
    let mut places: Vec<Place> = vec![];
    let claim = Breaks::Claim;
    if let Some(lookup) = &proof.p3.lookup {
        places.push((
            "root".into(),
            claim(Claim::LookupLayer { layer: 0 }),
            Box::new(|p| &mut p.p3.lookup.as_mut().unwrap().root_denominator),
        ));
        for layer in 0..lookup.layers.len() {
            let breaks = claim(Claim::LookupLayer { layer });
            for (round, value) in (0..layer).flat_map(|round| (0..3).map(move |value| (round, value))) {
                places.push((
                    format!("layer {layer}, round {round}, value {value}"),
                    breaks,
                    Box::new(move |p| &mut p.p3.lookup.as_mut().unwrap().layers[layer].round_polys[round][value]),
                ));
            }
            for child in 0..4 {
                places.push((
                    format!("layer {layer}, child {child}"),
                    breaks,
                    Box::new(move |p| {
                        let claims = &mut p.p3.lookup.as_mut().unwrap().layers[layer].claims;
                        [&mut claims.n0, &mut claims.d0, &mut claims.n1, &mut claims.d1].into_iter().nth(child).unwrap()
                    }),
                ));
            }
        }
    }
    for (round, values) in proof.p3.sumcheck.round_polys.iter().enumerate() {
        for value in 0..values.len() {
            places.push((
                format!("round {round}, value {value}"),
                claim(Claim::Constraints),
                Box::new(move |p| &mut p.p3.sumcheck.round_polys[round][value]),
            ));
        }
    }
    places
}

/// The columns' values: table, whether it is of the preprocessed ones, number of values.
fn columns(proof: &Proof) -> Vec<(usize, bool, usize)> {
    let main = proof.p3.opening.values.iter().enumerate().map(|(i, v)| (i, false, v.current().len()));
    let fixed = proof.p3.preprocessed_opening.iter().flat_map(|o| o.values.iter().enumerate());
    main.chain(fixed.map(|(i, v)| (i, true, v.current().len()))).collect()
}

/// Changes one column's claimed value.
pub fn change_column(proof: &mut Proof, table: usize, fixed: bool, column: usize, change: impl Fn(EF) -> EF) {
    let opening = if fixed { proof.p3.preprocessed_opening.as_mut().unwrap() } else { &mut proof.p3.opening };
    let mut values = opening.values[table].current().to_vec();
    values[column] = change(values[column]);
    opening.values[table] = OpeningEvals::new(values, vec![]);
}

/// A way to change an element, with its name.
type Change = (&'static str, fn(EF) -> EF);

/// Ways to change an element.
fn changes() -> Vec<Change> {
    fn odd() -> EF {
        EF::from_basis_coefficients_fn(|i| F::from_u32(17 + 1_000_003 * i as u32))
    }
    vec![
        ("plus 1", |x| x + EF::ONE),
        ("plus the generator", |x| x + EF::from_basis_coefficients_fn(|i| F::from_bool(i == 1))),
        ("minus the generator^4", |x| x - EF::from_basis_coefficients_fn(|i| F::from_bool(i == 4))),
        ("zero", |_| EF::ZERO),
        ("twice", |x| x + x),
        ("negated", |x| -x),
        ("something", |_| odd()),
    ]
}

/// What was found.
#[derive(Default)]
struct Tally(BTreeMap<String, usize>);

impl Tally {
    fn judge(&mut self, what: &str, verdicts: &Verdicts, breaks: Breaks) {
        assert_eq!(verdicts.p3.is_ok(), verdicts.ours.is_ok(), "{what}: {verdicts:?}");
        let found = verdicts.ours.as_ref().map_err(|failure| failure.reason());
        match (breaks, found) {
            (Breaks::Nothing, Ok(_)) => {}
            (Breaks::Claim(claim), Err(reason)) => assert_eq!(reason, Reason::Multilinear(claim), "{what}"),
            (Breaks::SomeLayer, Err(Reason::Multilinear(Claim::LookupLayer { .. }))) => {}
            (_, found) => panic!("{what}: expected {breaks:?}, got {found:?}"),
        }
        let name = found.err().map_or("accepted".into(), |reason| match reason {
            Reason::Multilinear(Claim::LookupLayer { .. }) => "a layer".into(),
            reason => reason.to_string(),
        });
        *self.0.entry(name).or_default() += 1;
    }

    fn total(&self) -> usize {
        self.0.values().sum()
    }
}

/// Changes every element of a proof in every way.
fn change_elements(tally: &mut Tally, (statement, traces): &(Statement, Vec<RowMajorMatrix<F>>)) {
    let proof = statement.prove(traces);
    let verifier = statement.verifier();
    for (name, breaks, place) in places(&proof) {
        for (how, change) in changes() {
            let mut changed = proof.clone();
            let value = place(&mut changed);
            let before = *value;
            *value = change(before);
            if *value == before {
                continue;
            }
            let zero_root = name == "root" && *value == EF::ZERO;
            let breaks = if zero_root { Breaks::Claim(Claim::RootDenominator) } else { breaks };
            tally.judge(&format!("{name}, {how}"), &verifier.judge(statement, &changed, true), breaks);
        }
    }
    for (table, fixed, len) in columns(&proof) {
        for column in 0..len {
            let unused = !fixed && column == 3 && matches!(statement.airs[table], TestAir::Power { .. });
            let breaks = if unused { Breaks::Nothing } else { Breaks::Claim(Claim::Constraints) };
            for (how, change) in changes() {
                let mut changed = proof.clone();
                change_column(&mut changed, table, fixed, column, change);
                let what = format!("table {table}, column {column}, {how}");
                if changed.p3.opening.values == proof.p3.opening.values
                    && changed.p3.preprocessed_opening.as_ref().map(|o| &o.values)
                        == proof.p3.preprocessed_opening.as_ref().map(|o| &o.values)
                {
                    continue;
                }
                tally.judge(&what, &verifier.judge(statement, &changed, true), breaks);
                assert!(verifier.judge_p3(statement, &changed, false).is_err(), "{what}: the opening takes it");
            }
        }
    }
}

#[test]
fn changed_elements() {
    let n = least_with_lookups();
    let mut tally = Tally::default();
    for case in [everything(n), powers(&[4], n), alone(n), chains(&[3, 1], 3)] {
        change_elements(&mut tally, &case);
    }
    println!("{:?}", tally.0);
    assert!(tally.total() >= 1_000, "{}", tally.total());
    for claim in [Claim::RootDenominator, Claim::Constraints] {
        assert!(tally.0.contains_key(&Reason::Multilinear(claim).to_string()));
    }
    assert!(tally.0.contains_key("a layer") && tally.0.contains_key("accepted"));
}

#[test]
fn swapped_elements() {
    let (statement, traces) = everything(least_with_lookups());
    let (proof, verifier) = (statement.prove(&traces), statement.verifier());
    let places = places(&proof);
    let mut tally = Tally::default();
    for pair in places.windows(2) {
        let mut changed = proof.clone();
        let (a, b) = (*pair[0].2(&mut changed), *pair[1].2(&mut changed));
        if a == b {
            continue;
        }
        (*pair[0].2(&mut changed), *pair[1].2(&mut changed)) = (b, a);
        // The first of the two that is looked at fails.
        let breaks = if pair[0].0 == "root" && b == EF::ZERO { Breaks::Claim(Claim::RootDenominator) } else { pair[0].1 };
        tally.judge(&format!("{} and {}", pair[0].0, pair[1].0), &verifier.judge(&statement, &changed, true), breaks);
    }
    println!("{:?}", tally.0);
    assert!(tally.total() >= 100);
}

#[test]
fn changed_statements() {
    let n = least_with_lookups();
    let (statement, traces) = everything(n);
    let proof = statement.prove(&traces);
    let verifier = statement.verifier();
    let mut tally = Tally::default();
    for index in 0..2 {
        for value in [0, 1, 12, 14, 2_000_000_000] {
            let mut changed = statement.clone();
            changed.public_values[5][index] = F::from_u32(value);
            tally.judge(&format!("public value {index}: {value}"), &verifier.judge(&changed, &proof, true), Breaks::SomeLayer);
        }
    }
    let mut changed = proof.clone();
    changed.p3.commitment.0[7] ^= 1;
    tally.judge("commitment", &verifier.judge(&statement, &changed, true), Breaks::SomeLayer);
    // Another number of rows. The table of squares has columns of its own for each.
    for (log_rows, n) in [(n + 1, n), (n + 2, n), (n, n + 1), (n, n + 2)] {
        for (case, other) in
            [(everything(n), everything(log_rows)), (powers(&[3], n), powers(&[3], log_rows)), (chains(&[2], n), chains(&[2], log_rows))]
        {
            let proof = case.0.prove(&case.1);
            tally.judge(&format!("{n} rows' proof for {log_rows}"), &other.0.judge(&proof, true), Breaks::Claim(Claim::Shape));
        }
    }
    // Other tables of the same sizes.
    let (mut other, _) = powers(&[3], n);
    let (case, traces) = powers(&[3], n);
    other.airs[0] = TestAir::Power { degree: 2 };
    let proof = case.prove(&traces);
    assert!(other.judge(&proof, true).p3.is_err() && other.judge_ours(&proof).is_err());
    let (case, traces) = chains(&[2], 4);
    let proof = case.prove(&traces);
    let mut other = case.clone();
    other.airs[0] = TestAir::Chain { width: 3 };
    assert!(other.judge(&proof, true).p3.is_err() && other.judge_ours(&proof).is_err());
    println!("{:?}", tally.0);
}

#[test]
fn changed_lengths() {
    let (statement, traces) = everything(least_with_lookups());
    let (proof, verifier) = (statement.prove(&traces), statement.verifier());
    let mut tally = Tally::default();
    let mut case = |what: &str, change: &dyn Fn(&mut Proof)| {
        let mut changed = proof.clone();
        change(&mut changed);
        tally.judge(what, &verifier.judge(&statement, &changed, true), Breaks::Claim(Claim::Shape));
    };
    let layers = proof.p3.lookup.as_ref().unwrap().layers.len();
    case("no lookups", &|p| p.p3.lookup = None);
    case("no layers", &|p| p.p3.lookup.as_mut().unwrap().layers.clear());
    case("a layer less", &|p| {
        p.p3.lookup.as_mut().unwrap().layers.pop();
    });
    case("a layer more", &|p| {
        let lookup = p.p3.lookup.as_mut().unwrap();
        let layer = lookup.layers[layers - 1].clone();
        lookup.layers.push(layer);
    });
    case("layers swapped", &|p| p.p3.lookup.as_mut().unwrap().layers.swap(3, 4));
    for layer in 0..layers {
        if layer > 0 {
            case("a round less in a layer", &|p| {
                p.p3.lookup.as_mut().unwrap().layers[layer].round_polys.pop();
            });
        }
        case("a round more in a layer", &|p| p.p3.lookup.as_mut().unwrap().layers[layer].round_polys.push([EF::ONE; 3]));
    }
    case("no rounds", &|p| p.p3.sumcheck.round_polys.clear());
    case("a round less", &|p| {
        p.p3.sumcheck.round_polys.pop();
    });
    case("a round more", &|p| p.p3.sumcheck.round_polys.push(vec![EF::ZERO; 6]));
    for round in 0..proof.p3.sumcheck.round_polys.len() {
        case("a value less in a round", &|p| {
            p.p3.sumcheck.round_polys[round].pop();
        });
        case("a value more in a round", &|p| p.p3.sumcheck.round_polys[round].push(EF::ZERO));
        case("no values in a round", &|p| p.p3.sumcheck.round_polys[round].clear());
    }
    for (table, fixed, _) in columns(&proof) {
        let resize = |p: &mut Proof, more: bool| {
            let opening = if fixed { p.p3.preprocessed_opening.as_mut().unwrap() } else { &mut p.p3.opening };
            let mut values = opening.values[table].current().to_vec();
            if more || values.len() == 1 {
                values.push(EF::ZERO);
            } else {
                values.truncate(values.len() - 1);
            }
            opening.values[table] = OpeningEvals::new(values, vec![]);
        };
        case("a column less", &|p| resize(p, false));
        case("a column more", &|p| resize(p, true));
    }
    case("a table less", &|p| {
        p.p3.opening.values.pop();
    });
    case("a table more", &|p| p.p3.opening.values.push(OpeningEvals::new(vec![EF::ZERO], vec![])));
    case("no preprocessed values", &|p| p.p3.preprocessed_opening = None);
    println!("{:?}", tally.0);
    let (statement, traces) = chains(&[2], 3);
    let mut changed = statement.prove(&traces);
    changed.p3.lookup = proof.p3.lookup.clone();
    let mut tally = Tally::default();
    tally.judge("lookups that nobody sends", &statement.judge(&changed, true), Breaks::Claim(Claim::Shape));
}

#[test]
fn wrong_proofs_of_work() {
    let work = Breaks::Claim(Claim::Work(WorkSite::Lookup));
    for bits in [0, 5] {
        let (mut statement, traces) = everything(least_with_lookups());
        statement.work_bits = bits;
        let (proof, verifier) = (statement.prove(&traces), statement.verifier());
        let mut tally = Tally::default();
        for offset in 1..=40 {
            let mut changed = proof.clone();
            changed.work += F::from_u32(offset);
            let verdicts = verifier.judge(&statement, &changed, true);
            // Another witness that passes leads to other challenges.
            let passes = matches!(verdicts.ours.as_ref().map_err(|f| f.reason()), Err(Reason::Multilinear(Claim::LookupLayer { .. })));
            assert!(bits > 0 || !passes);
            tally.judge(&format!("{bits} bits, {offset}"), &verdicts, if passes { Breaks::SomeLayer } else { work });
        }
        println!("{:?}", tally.0);
        assert!(tally.0.get("proof of work before the lookup challenges").is_some_and(|count| *count >= 30));
    }
}

/// The sum that the zerocheck starts from is a value of `p3-multi-stark`'s proofs, not of ours.
#[test]
fn the_claimed_sum_is_not_part_of_our_proofs() {
    for (statement, traces) in [everything(least_with_lookups()), chains(&[2], 3)] {
        let mut changed = statement.prove(&traces);
        changed.p3.sumcheck.claimed_sum += EF::ONE;
        let verdicts = statement.judge(&changed, true);
        assert!(verdicts.p3.is_err() && verdicts.ours.is_ok());
    }
}
