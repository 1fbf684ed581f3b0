//! From segments to one proof with a toy combiner: any number of segments in any order, failures in
//! every step, and resumption from whatever is left.

mod toy;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tern_fri::multilinear::params::SEGMENT_V2;

use super::claim::Claim;
use super::cost;
use super::error::ProveError;
use super::recursion::Combine;
use super::step::{Amount, Progress, Step};
use super::store::PartStore;
use super::tree::{Arity, Span, Tree};
use toy::{Archive, CELLS, LOG_ROWS, Toy, UNITS};

const ARITY: Arity = <Toy as Combine>::ARITY;

/// A generator of numbers that look random (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        (1..items.len()).rev().for_each(|last| items.swap(last, self.below(last + 1)));
    }
}

/// A folder for one proof.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn proof(&self) -> PathBuf {
        self.0.path().join("proof")
    }

    fn store(&self) -> PartStore {
        PartStore::open(&self.proof()).expect("a store")
    }

    /// The names of all files, of the proof's folder and of that of its parts.
    fn files(&self) -> Vec<String> {
        let names = |folder: &Path| -> Vec<String> {
            let entries = fs::read_dir(folder).into_iter().flatten();
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect()
        };
        let parts = names(self.store().folder()).into_iter().map(|name| format!("proof.segments/{name}"));
        let mut files: Vec<_> = names(self.0.path()).into_iter().filter(|name| name != "proof.segments").chain(parts).collect();
        files.sort();
        files
    }
}

/// All nodes of the tree, from the root down.
fn nodes(segments: u32) -> Vec<Span> {
    let tree = Tree::new(segments, ARITY);
    let mut nodes = vec![tree.root()];
    let mut next = 0;
    while next < nodes.len() {
        nodes.extend(tree.children(nodes[next]));
        next += 1;
    }
    nodes
}

/// Every step but the wrap.
fn parts(segments: u32) -> BTreeSet<Step> {
    let nodes = nodes(segments).into_iter().map(Step::of_node);
    nodes.chain((0..segments).map(Step::Segment)).collect()
}

/// The steps that are left to do where the files of `present` are on disk.
fn steps_left(segments: u32, present: &BTreeSet<Step>) -> BTreeSet<Step> {
    let covered = |span: Span| {
        let within = |node: &Span| node.first <= span.first && span.end <= node.end;
        nodes(segments).iter().filter(|node| within(node)).any(|node| present.contains(&Step::of_node(*node)))
    };
    let left = |step: &Step| match *step {
        Step::Segment(index) => !present.contains(step) && !covered(Span::one(index)),
        Step::Lift(span) | Step::Join(span) => !covered(span),
        Step::Wrap => true,
    };
    parts(segments).into_iter().chain([Step::Wrap]).filter(left).collect()
}

/// The files on disk, as the steps that made them.
fn on_disk(store: &PartStore, segments: u32) -> BTreeSet<Step> {
    parts(segments).into_iter().filter(|step| store.path(*step).exists()).collect()
}

/// Every part of a chain, as files in a folder.
fn archive(segments: u32) -> tempfile::TempDir {
    let (place, folder) = (Place::new(), tempfile::tempdir().expect("a folder"));
    let progress = Archive { store: &place.store(), folder: folder.path() };
    Toy::new(segments).run_in_order(&place.proof(), 1, &progress, |_| {}).expect("a proof");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), parts(segments).len());
    folder
}

/// Copies a part from an archive, and says where to.
fn restore(archive: &Path, store: &PartStore, step: Step) -> PathBuf {
    let path = store.path(step);
    fs::copy(archive.join(path.file_name().expect("a name")), &path).expect("a copy");
    path
}

#[test]
fn a_salt_of_nothing_goes_with_the_place() {
    let place = Place::new();
    let claim = Claim::take(&place.proof()).expect("a free place");
    assert_eq!(claim.store().salt(|| [1; 32]).expect("a salt"), [1; 32]);
    drop(claim);
    assert!(!PartStore::at(&place.proof()).folder().exists());
    // With a part beside it, it stays.
    let claim = Claim::take(&place.proof()).expect("a free place");
    assert_eq!(claim.store().salt(|| [2; 32]).expect("a salt"), [2; 32]);
    fs::write(claim.store().path(Step::Segment(0)), b"a part").expect("a file");
    drop(claim);
    assert_eq!(place.store().salt(|| [3; 32]).expect("a salt"), [2; 32]);
}

#[test]
fn a_salt_is_kept_until_the_proof_is_whole() {
    let place = Place::new();
    assert_eq!(place.store().salt(|| [1; 32]).expect("a salt"), [1; 32]);
    assert_eq!(place.store().salt(|| [2; 32]).expect("a salt"), [1; 32]);
    // One that was cut off is none.
    fs::write(place.store().folder().join("tern.salt"), [1; 31]).expect("a file");
    assert_eq!(place.store().salt(|| [3; 32]).expect("a salt"), [3; 32]);
    Toy::new(3).run_in_order(&place.proof(), 1, &(), |_| {}).expect("a proof");
    assert_eq!(place.store().salt(|| [4; 32]).expect("a salt"), [3; 32]);
    assert!(Claim::take(&place.proof()).expect("a free place").clear().is_empty());
    assert_eq!(place.store().salt(|| [5; 32]).expect("a salt"), [5; 32]);
}

#[test]
fn any_number_of_segments_in_any_order_gives_one_proof() {
    let mut random = Random(1);
    for segments in 1..=40 {
        for jobs in [1, 4] {
            let (toy, place) = (Toy::new(segments), Place::new());
            let assembled = toy.run_in_order(&place.proof(), jobs, &(), |order| random.shuffle(order)).expect("a proof");
            toy.assert_final(&assembled);
            assert_eq!(toy.steps(), steps_left(segments, &BTreeSet::new()));
            let joins = nodes(segments).iter().filter(|node| node.len() > 1).count() as u32;
            let cycles = u64::from(segments * (segments + 1) / 2);
            let (cells, matrix_cells) = (CELLS * u64::from(segments), u64::from(segments) << (LOG_ROWS + SEGMENT_V2.log_width));
            let units = cost::first_touch_units(matrix_cells / u64::from(segments))
                + u64::from(segments) * (UNITS + cost::LIFT + cost::LIFTED_SEGMENT)
                + u64::from(joins) * cost::JOIN
                + cost::WRAP;
            let made = Amount { segments, cycles, cells, matrix_cells, lifts: segments, joins, wraps: 1, units };
            assert_eq!((assembled.made, assembled.saved), (made, Amount::default()));
            let root = Step::of_node(Span { first: 0, end: segments });
            assert_eq!(on_disk(&place.store(), segments), [root].into(), "a node replaces what it is made of");
        }
    }
}

#[test]
fn one_worker_closes_the_tree_as_soon_as_it_can() {
    let toy = Toy::new(6);
    toy.run(&Place::new().proof(), 1).expect("a proof");
    let steps: Vec<_> = toy.done.lock().expect("no panic").iter().map(Step::to_string).collect();
    let each = |index| [format!("segment {index}"), format!("lift of segment {index}")];
    let join = |first, last| vec![format!("join of segments {first} to {last}")];
    let start = [0, 1, 2].into_iter().flat_map(each);
    let end = [3, 4, 5].into_iter().flat_map(each);
    let expected: Vec<_> = start.chain(join(0, 2)).chain(end).chain(join(3, 5)).chain(join(0, 5)).chain(["wrap".to_owned()]).collect();
    assert_eq!(steps, expected);
}

#[test]
fn a_step_that_fails_is_named_and_the_next_run_does_the_rest() {
    for segments in [1, 2, 3, 4, 7, 10] {
        for failing in parts(segments).into_iter().chain([Step::Wrap]) {
            for jobs in [1, 3] {
                let place = Place::new();
                let mut first = Toy::new(segments);
                first.failing = Some(failing);
                let error = first.run(&place.proof(), jobs).expect_err("a failing step");
                match (&error, failing) {
                    (ProveError::Backend { segment, .. }, Step::Segment(index)) => assert_eq!(*segment, index),
                    (ProveError::Combine { step, reason }, _) => assert_eq!((*step, reason.as_str()), (failing, "on purpose")),
                    _ => panic!("{failing}: {error}"),
                }
                assert!(error.to_string().contains(&failing.to_string()), "{error}");
                let second = Toy::new(segments);
                let present = on_disk(&place.store(), segments);
                second.assert_final(&second.run(&place.proof(), jobs).expect("a proof"));
                assert_eq!(second.steps(), steps_left(segments, &present));
                let again: BTreeSet<_> = first.steps().intersection(&second.steps()).copied().collect();
                assert_eq!(again, [failing].into(), "nothing but the failed step is done again");
            }
        }
    }
}

#[test]
fn neighbours_are_lifted_together() {
    for segments in 1..=20 {
        let (mut toy, place) = (Toy::new(segments), Place::new());
        toy.together = true;
        let assembled = toy.run(&place.proof(), 1 + segments as usize % 3).expect("a proof");
        toy.assert_final(&assembled);
        let lifts: Vec<Span> = toy.steps().iter().filter_map(|step| if let Step::Lift(span) = step { Some(*span) } else { None }).collect();
        assert!(lifts.iter().flat_map(|span| span.first..span.end).eq(0..segments), "{lifts:?}");
        assert_eq!(lifts.len() as u32, segments.div_ceil(ARITY.segments));
        let joins = toy.steps().iter().filter(|step| matches!(step, Step::Join(_))).count();
        assert_eq!((assembled.made.lifts as usize, assembled.made.joins as usize), (lifts.len(), joins));
    }
}

#[test]
fn a_kill_after_any_step_loses_nothing() {
    /// Ends the run with a panic after some steps.
    struct Kill(AtomicUsize);
    impl Progress for Kill {
        fn done(&self, _: Step, _: &Amount, _: Duration) {
            let left = self.0.fetch_sub(1, Ordering::Relaxed);
            assert!(left != 1, "on purpose");
        }
    }
    let segments = 7;
    let toy = |together: bool| {
        let mut toy = Toy::new(segments);
        toy.together = together;
        toy
    };
    for together in [false, true] {
        let whole = toy(together);
        whole.run(&Place::new().proof(), 1).expect("a proof");
        for (kill_after, jobs) in (1..=whole.steps().len()).flat_map(|kill_after| [(kill_after, 1), (kill_after, 2)]) {
            let (first, place) = (toy(together), Place::new());
            let run = || first.run_in_order(&place.proof(), jobs, &Kill(AtomicUsize::new(kill_after)), |_| {});
            assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
            let second = toy(together);
            second.assert_final(&second.run(&place.proof(), jobs).expect("a proof"));
            let again: BTreeSet<_> = first.steps().intersection(&second.steps()).copied().collect();
            assert!(again.is_subset(&[Step::Wrap].into()), "{again:?}");
        }
    }
}

#[test]
fn whatever_files_are_left_the_rest_is_done() {
    let mut random = Random(2);
    for segments in [1, 2, 3, 5, 9, 11] {
        let archive = archive(segments);
        for round in 0..60 {
            let (toy, place) = (Toy::new(segments), Place::new());
            let (store, mut present) = (place.store(), BTreeSet::new());
            for step in parts(segments) {
                if random.below(4) == 0 {
                    restore(archive.path(), &store, step);
                    present.insert(step);
                }
            }
            let assembled = toy.run_in_order(&place.proof(), 1 + round % 3, &(), |order| random.shuffle(order)).expect("a proof");
            toy.assert_final(&assembled);
            assert_eq!(toy.steps(), steps_left(segments, &present), "{segments} segments, {present:?}");
            let count = |kind: fn(&Step) -> bool| toy.steps().iter().filter(|step| kind(step)).count() as u32;
            assert_eq!(assembled.made.segments, count(|step| matches!(step, Step::Segment(_))));
            assert_eq!(assembled.saved.lifts, segments - count(|step| matches!(step, Step::Lift(_))));
        }
    }
}

#[test]
fn files_that_do_not_verify_are_made_again() {
    let mut random = Random(3);
    let segments = 9;
    let archive = archive(segments);
    for damaged in parts(segments) {
        for damage in 0..4 {
            let (toy, place) = (Toy::new(segments), Place::new());
            let store = place.store();
            let path = restore(archive.path(), &store, damaged);
            let mut bytes = fs::read(&path).expect("a file");
            match damage {
                0 => {
                    let place = random.below(bytes.len());
                    bytes[place] ^= 1 << random.below(8);
                }
                1 => bytes.truncate(random.below(bytes.len())),
                2 => bytes.push(0),
                // the file of another part
                _ => {
                    let others: Vec<_> = parts(segments).into_iter().filter(|step| *step != damaged).collect();
                    let other = store.path(others[random.below(others.len())]);
                    bytes = fs::read(archive.path().join(other.file_name().expect("a name"))).expect("a file");
                }
            }
            fs::write(&path, bytes).expect("a damaged file");
            toy.assert_final(&toy.run(&place.proof(), 2).expect("a proof"));
            assert_eq!(toy.steps(), steps_left(segments, &BTreeSet::new()), "{damaged}, damage {damage}");
        }
    }
}

#[test]
fn parts_of_a_longer_run_are_made_again() {
    let place = Place::new();
    let archive = archive(11);
    for step in parts(11) {
        restore(archive.path(), &place.store(), step);
    }
    let toy = Toy::new(10);
    let assembled = toy.run(&place.proof(), 2).expect("a proof");
    toy.assert_final(&assembled);
    // all but the end is the same in both
    assert!(assembled.saved.segments == 9 && assembled.made.segments == 1, "{assembled:?}");
}

#[test]
fn a_file_that_goes_while_the_run_is_on_is_missed() {
    let (place, archive) = (Place::new(), archive(3));
    for step in [Step::Lift(Span::one(0)), Step::Segment(1)] {
        restore(archive.path(), &place.store(), step);
    }
    let toy = Toy::new(3);
    let path = place.store().path(Step::Lift(Span::one(0)));
    let error = toy.run_in_order(&place.proof(), 1, &(), |_| fs::remove_file(&path).expect("a file")).expect_err("a missing file");
    assert!(matches!(&error, ProveError::Lost { path: lost } if *lost == path), "{error}");
    // the next run makes it again
    let toy = Toy::new(3);
    toy.assert_final(&toy.run(&place.proof(), 1).expect("a proof"));
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    for step in parts(4) {
        let place = Place::new();
        let path = place.store().path(step);
        let obstacle = path.with_extension("tmp");
        fs::create_dir(&obstacle).expect("an obstacle");
        let error = Toy::new(4).run(&place.proof(), 2).expect_err("no place for a part");
        assert!(matches!(&error, ProveError::Io { path: of, kept, .. } if *of == path && *kept == place.store().folder()), "{error}");
        fs::remove_dir(&obstacle).expect("removing the obstacle");
        let toy = Toy::new(4);
        toy.assert_final(&toy.run(&place.proof(), 2).expect("a proof"));
    }
}

#[test]
fn a_run_that_changes_between_its_executions_is_noticed() {
    let error = Toy::new(4).run_in_order(&Place::new().proof(), 2, &(), |order| order.truncate(3)).expect_err("too few segments");
    assert!(matches!(error, ProveError::Incomplete { planned: 4, got: 3 }), "{error}");
}

#[test]
fn a_proof_takes_its_place_only_if_it_verifies() {
    let place = Place::new();
    fs::write(place.proof(), "an earlier proof").expect("a file");
    fs::write(place.store().path(Step::Lift(Span::one(0))), "a part").expect("a file");
    let refused = place.store().write_proof(b"a proof", |bytes| if bytes == b"a proof" { Err("on purpose".into()) } else { Ok(()) });
    let error = refused.expect_err("a proof that does not verify");
    assert!(matches!(&error, ProveError::FinalCheck { reason, .. } if reason == "on purpose"), "{error}");
    assert_eq!(fs::read(place.proof()).expect("a file"), b"an earlier proof");
    assert_eq!(place.files(), ["proof", "proof.segments/lift-000000"]);
    assert_eq!(place.store().write_proof(b"a proof", |_| Ok(())).expect("a proof"), 7);
    assert_eq!(fs::read(place.proof()).expect("a file"), b"a proof");
    // the parts go only when all of that is done
    assert_eq!(place.files(), ["proof", "proof.segments/lift-000000"]);
}

#[test]
fn files_of_others_stay_in_the_folder_of_the_parts() {
    let place = Place::new();
    let claim = Claim::take(&place.proof()).expect("a free place");
    let put = |name: &str| fs::write(place.store().folder().join(name), "text").expect("a file");
    for own in ["segment-000000", "segment-000003.tmp", "lift-000001", "join-000000-000004", "proof.tmp"] {
        put(own);
    }
    put("notes.txt");
    put("segment-000000.bak");
    fs::create_dir(place.store().folder().join("segment-000007")).expect("a folder");
    assert_eq!(claim.clear(), ["notes.txt", "segment-000000.bak", "segment-000007"]);
    assert_eq!(place.files(), ["notes.txt", "segment-000000.bak", "segment-000007"].map(|name| format!("proof.segments/{name}")));

    let place = Place::new();
    let claim = Claim::take(&place.proof()).expect("a free place");
    assert!(claim.clear().is_empty());
    assert!(!place.proof().with_extension("segments").exists());
}
