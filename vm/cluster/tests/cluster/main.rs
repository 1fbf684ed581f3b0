//! Coordinators and workers with a real server, which may die, and workers that lie, hang, fail or
//! are of another version.

mod support;

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

use tern_cluster::{ClusterError, CoordinatorOptions, Link, StepName, Version, status};
use tern_vm::prove::Step;

use support::{LEASE, Place, Run, Said, Server, Steps, Worker, coordinator};

/// Steps begun by workers, and that none was begun twice but those that are given.
#[track_caller]
fn assert_once(begun: &Mutex<Vec<StepName>>, twice: &[StepName]) {
    let mut begun = begun.lock().expect("no panic").clone();
    for step in twice {
        let at = begun.iter().position(|other| other == step).unwrap_or_else(|| panic!("{step} was not begun"));
        begun.swap_remove(at);
    }
    let once: BTreeSet<StepName> = begun.iter().copied().collect();
    assert_eq!(once.len(), begun.len(), "something was done twice: {begun:?}");
}

const fn segment(index: u32) -> StepName {
    StepName(Step::Segment(index))
}

#[test]
fn three_workers_make_the_proof_that_one_machine_makes() {
    let Some(server) = Server::start() else { return };
    let (run, place, begun) = (Run::of_segments(6), Place::new(), Arc::default());
    let workers = ["a", "b", "c"].map(|name| Worker::start(&server.link(), name, Steps::new(&begun)));
    let (summary, report) = run.prove(&server.link(), &place, false, &Said::default()).expect("a proof");
    assert_eq!(place.read(), run.alone(), "the same proof, byte for byte");
    assert!(!place.parts().exists());
    assert_once(&begun, &[]);
    assert_eq!(begun.lock().expect("no panic").len() as u32, summary.segments);
    let deeds = report.iter().map(|worker| (worker.deeds.segments, worker.deeds.wrong + worker.deeds.failed));
    assert_eq!(deeds.fold((0, 0), |sum, deeds| (sum.0 + deeds.0, sum.1 + deeds.1)), (summary.segments, 0), "{report:?}");
    let said = Said::default();
    let status = status(&server.link(), &Version::own().expect("a version"), &said.say()).expect("a status");
    assert_eq!(status.workers.iter().map(|worker| worker.worker.name.as_str()).collect::<BTreeSet<_>>(), ["a", "b", "c"].into());
    assert!(status.jobs.is_empty() && status.queues.iter().all(|queue| queue.waiting + queue.in_work == 0), "{status:?}");
    let done: u64 = workers.map(|worker| worker.end().expect("an end").done).iter().sum();
    assert_eq!(done, u64::from(summary.segments));
}

#[test]
fn a_worker_that_lies_is_named_and_sent_away() {
    let Some(server) = Server::start() else { return };
    let (run, place, said) = (Run::of_segments(9), Place::new(), Said::default());
    let lies = Arc::new(AtomicU32::new(0));
    let (counted, begun) = (Arc::clone(&lies), Arc::default());
    let mut steps = Steps::new(&begun);
    // The proof of another segment than it says, a proof with a changed byte, or no proof.
    steps.after = Box::new(move |_, mut proof| {
        match counted.fetch_add(1, Ordering::SeqCst) {
            0 => {
                let place = proof.len() / 2;
                proof[place] ^= 1;
            }
            _ => proof.truncate(100),
        }
        proof
    });
    let liar = Worker::start(&server.link(), "liar", steps);
    let honest_begun = Arc::default();
    let link = server.link();
    let honest = std::thread::spawn({
        let (lies, honest_begun) = (Arc::clone(&lies), Arc::clone(&honest_begun));
        move || {
            // It comes when the other has had its chance.
            while lies.load(Ordering::SeqCst) < 2 {
                sleep(Duration::from_millis(10));
            }
            Worker::start(&link, "honest", Steps::new(&honest_begun))
        }
    });
    let (_, report) = run.prove(&server.link(), &place, false, &said).expect("a proof");
    assert_eq!(place.read(), run.alone());
    let of = |name: &str| report.iter().find(|worker| worker.name == name).unwrap_or_else(|| panic!("no {name} in {report:?}"));
    assert_eq!((of("liar").deeds.wrong, of("liar").deeds.segments), (2, 0));
    assert!(of("liar").dismissed.is_some() && of("honest").dismissed.is_none() && of("honest").deeds.wrong == 0);
    assert!(said.has("worker liar on cpu gets no more work") && said.has("does not verify"));
    assert!(matches!(liar.ended(), Err(ClusterError::Dismissed(reason)) if reason.contains("2 proofs")));
    assert_once(&honest_begun, &[]);
    honest.join().expect("no panic").end().expect("an end");
}

#[test]
fn a_worker_of_another_version_gets_no_work_and_both_sides_say_why() {
    let Some(server) = Server::start() else { return };
    let (run, place, said, begun) = (Run::of_segments(3), Place::new(), Said::default(), Arc::default());
    let own = Version::own().expect("a version");
    let other = Version { relation: "0123456789abcdef".into(), ..own.clone() };
    let stranger = Worker::start_of(&server.link(), "stranger", Steps::new(&begun), other.clone());
    let heard = stranger.said.clone();
    let link = server.link();
    let late = {
        let said = said.clone();
        std::thread::spawn(move || {
            said.wait_for("worker stranger on cpu gets no work");
            heard.wait_for("has no work for this worker");
            Worker::start(&link, "own", Steps::new(&Arc::default()))
        })
    };
    let (_, report) = run.prove(&server.link(), &place, false, &said).expect("a proof");
    assert!(said.has(&format!("it is of version {other}, not {own}")));
    assert!(stranger.said.has(&format!("a coordinator of version {own} has no work for this worker, which is of version {other}")));
    assert!(begun.lock().expect("no panic").is_empty(), "it began something");
    let told = report.iter().find(|worker| worker.name == "stranger").expect("a report");
    assert!(told.dismissed.as_ref().is_some_and(|why| why.contains("is of version")) && told.deeds.segments == 0);
    assert_eq!(stranger.end().expect("an end").done, 0);
    late.join().expect("no panic").end().expect("an end");
}

#[test]
fn a_step_that_takes_too_long_is_handed_out_again_alone() {
    let Some(server) = Server::start() else { return };
    let (run, place, said, begun) = (Run::of_segments(6), Place::new(), Said::default(), Arc::default());
    let hung = Arc::new(AtomicBool::new(false));
    let mut steps = Steps::new(&begun);
    let hangs = Arc::clone(&hung);
    steps.before = Box::new(move |order| {
        if order.step == segment(0) && order.attempt == 0 {
            hangs.store(true, Ordering::SeqCst);
            // Longer than the run takes.
            sleep(Duration::from_secs(600));
        }
        Ok(())
    });
    let slow = Worker::start(&server.link(), "slow", steps);
    let link = server.link();
    let late = {
        let begun = Arc::clone(&begun);
        std::thread::spawn(move || {
            while !hung.load(Ordering::SeqCst) {
                sleep(Duration::from_millis(10));
            }
            Worker::start(&link, "quick", Steps::new(&begun))
        })
    };
    let patience = CoordinatorOptions { step_limit: Duration::from_secs(40), ..coordinator(&server.link()) };
    let (_, report) = run.prove_with(patience, &place, false, &said).expect("a proof");
    assert_eq!(place.read(), run.alone());
    assert!(said.has("segment-0 is handed out again: worker slow on cpu has had it for"));
    assert_once(&begun, &[segment(0)]);
    let of = |name: &str| report.iter().find(|worker| worker.name == name).expect("a report");
    assert_eq!((of("slow").deeds.failed, of("slow").deeds.segments), (1, 0));
    slow.end().expect("an end");
    late.join().expect("no panic").end().expect("an end");
}

#[test]
fn a_step_that_fails_everywhere_ends_the_run_and_what_is_proved_stays() {
    let Some(server) = Server::start() else { return };
    let (run, place, said) = (Run::of_segments(6), Place::new(), Said::default());
    let fails = || {
        let mut steps = Steps::new(&Arc::default());
        steps.before = Box::new(|order| if order.step == segment(3) { Err(ClusterError::Setup("on purpose".into())) } else { Ok(()) });
        steps
    };
    let workers = ["a", "b"].map(|name| Worker::start(&server.link(), name, fails()));
    let error = run.prove(&server.link(), &place, false, &said).expect_err("a step that fails");
    match &error {
        ClusterError::Step { step, reasons } => {
            assert_eq!((*step, reasons.len()), (segment(3), 3));
            assert!(reasons.iter().all(|reason| reason.contains("on purpose")) && reasons.iter().any(|reason| reason.contains("worker b")));
            assert!(reasons.iter().any(|reason| reason.contains("worker a")), "tried by one worker only: {reasons:?}");
        }
        other => panic!("{other}"),
    }
    assert!(error.to_string().starts_with("segment-3 failed 3 times: worker "), "{error}");
    for worker in workers {
        worker.end().expect("an end");
    }
    let kept = std::fs::read_dir(place.parts()).expect("parts").count();
    assert!(kept >= 3, "{kept} files");
    // A worker that can does the rest.
    let begun = Arc::default();
    let worker = Worker::start(&server.link(), "c", Steps::new(&begun));
    let (summary, _) = run.prove(&server.link(), &place, false, &said).expect("a proof");
    assert_eq!(place.read(), run.alone());
    assert_eq!(begun.lock().expect("no panic").len() as u32, summary.segments - summary.resumed);
    assert!(summary.resumed >= 2);
    worker.end().expect("an end");
}

/// Certificate and key of this machine, in a folder.
fn certificate() -> (tempfile::TempDir, [PathBuf; 2]) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| folder.path().join(name));
    std::fs::write(&certificate, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    (folder, [certificate, key])
}

#[test]
fn a_server_with_certificate_and_password_is_reached_by_who_knows_them() {
    let (_folder, [certificate, key]) = certificate();
    let Some(server) = Server::start_locked(&certificate, &key) else { return };
    let link = Link { url: server.address("tls://tern:open%20sesame@"), ca: Some(certificate), ..Link::default() };
    let (run, place) = (Run::of_segments(3), Place::new());
    let worker = Worker::start(&link, "a", Steps::new(&Arc::default()));
    run.prove(&link, &place, false, &Said::default()).expect("a proof");
    assert_eq!(place.read(), run.alone());
    worker.end().expect("an end");
    let strangers = [
        Link { ca: None, ..link.clone() },
        Link { url: server.address("tls://tern:wrong@"), ..link.clone() },
        Link { url: server.address("tls://"), ..link },
    ];
    for stranger in strangers {
        let error = status(&stranger, &Version::own().expect("a version"), &Said::default().say()).expect_err("a locked server");
        println!("{error}");
        assert!(matches!(&error, ClusterError::Connect { url, .. } if !url.contains("wrong") && !url.contains("sesame")), "{error}");
    }
}

/// How long a run may take whose server dies.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs a test in a thread of its own, and fails if it does not end.
fn in_time(test: fn()) {
    let (sender, ended) = channel();
    let thread = spawn(move || {
        test();
        let _ = sender.send(());
    });
    match ended.recv_timeout(PATIENCE) {
        Err(RecvTimeoutError::Timeout) => panic!("no end within {PATIENCE:?}"),
        // It ended, or panicked.
        _ => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
    }
}

/// Kills the server when the third step begins, and starts it again when a lease is over.
fn with_a_server_that_dies(is_empty: bool) {
    let Some(server) = Server::start() else { return };
    let (run, place, said, begun) = (Run::of_segments(9), Place::new(), Said::default(), Arc::default());
    let (link, server) = (server.link(), Arc::new(Mutex::new(server)));
    let begun_before = Arc::new(AtomicU32::new(0));
    let steps = || {
        let mut steps = Steps::new(&begun);
        let (server, begun_before) = (Arc::clone(&server), Arc::clone(&begun_before));
        steps.before = Box::new(move |_| {
            if begun_before.fetch_add(1, Ordering::SeqCst) == 3 {
                let mut server = server.lock().expect("no panic");
                server.kill();
                // Longer than a lease.
                sleep(LEASE + Duration::from_secs(1));
                if is_empty { server.restart_empty() } else { server.restart() }
            }
            Ok(())
        });
        steps
    };
    let workers = ["a", "b", "c"].map(|name| Worker::start(&link, name, steps()));
    let (_, report) = run.prove(&link, &place, false, &said).expect("a proof");
    assert_eq!(place.read(), run.alone());
    assert!(said.has("connection to") && said.has("lost; trying again"));
    assert!(report.iter().all(|worker| worker.deeds.wrong == 0 && worker.dismissed.is_none()), "{report:?}");
    let begun = begun.lock().expect("no panic");
    let once: BTreeSet<StepName> = begun.iter().copied().collect();
    println!("{} steps begun for {}", begun.len(), once.len());
    // A server that came back empty knows nothing of what was in work, and has lost the proofs that
    // were handed in and not fetched.
    let lost = if is_empty { workers.len() + said.count("its proof is lost") } else { 0 };
    assert!(begun.len() <= once.len() + lost, "{begun:?}");
    drop(begun);
    for worker in workers {
        worker.end().expect("an end");
    }
}

#[test]
#[ignore = "half a minute"]
fn a_server_that_is_killed_and_comes_back_costs_nothing() {
    in_time(|| with_a_server_that_dies(false));
}

#[test]
#[ignore = "half a minute"]
fn what_a_server_forgot_is_handed_out_again() {
    in_time(|| with_a_server_that_dies(true));
}

#[test]
fn a_server_that_is_not_there_is_said_to_be() {
    let Some(mut server) = Server::start() else { return };
    server.kill();
    let error = Run::of_segments(3).prove(&server.link(), &Place::new(), false, &Said::default()).expect_err("no server");
    assert!(matches!(&error, ClusterError::Connect { url, .. } if *url == server.link().url), "{error}");
}
