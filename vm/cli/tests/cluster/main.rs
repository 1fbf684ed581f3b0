//! `tern cluster` as people run it: a server, workers and a coordinator, each of which may be killed.
#![cfg(feature = "cluster")]

mod support;

use std::fs;

use serde_json::Value;

use support::{Process, Site, steps, wait_for};

/// Rounds of the workload that make six segments, or seven.
const ROUNDS: u32 = 60;

/// Ends all workers, and gives what they said.
fn end(workers: Vec<Process>) -> Vec<String> {
    workers.into_iter().flat_map(Process::terminate).collect()
}

/// Steps of a kind that workers did, by the report.
fn done(report: &Value, kind: &str) -> u64 {
    let workers = report["workers"].as_array().expect("workers");
    workers.iter().map(|worker| worker[kind].as_u64().expect("a number")).sum()
}

/// Proves by three workers; the one that first begins a step of this class is killed, and a fourth
/// comes instead. Gives the report, and what all workers said.
fn with_a_worker_killed_in(site: &Site, class: &str, kind: &str) -> (Value, Vec<String>) {
    let mut workers = site.workers();
    let coordinator = site.coordinator(kind);
    let at = wait_for(class, || workers.iter().position(|worker| worker.says(&[class, "begun"])));
    let mut said = workers.remove(at).kill();
    workers.push(site.worker("d"));
    let report = coordinator.json();
    said.extend(end(workers));
    (report, said)
}

/// That what was lost with a worker was done again, and nothing else.
fn assert_only_the_lost_step_is_redone(said: &[String]) {
    let (begun, proved) = (steps(said, "begun"), steps(said, "proved"));
    let mut once = proved.clone();
    once.dedup();
    assert_eq!(once, proved, "proved twice");
    assert!(begun.len() <= proved.len() + 1, "begun {begun:?}, proved {proved:?}");
}

#[test]
fn a_worker_that_is_killed_is_replaced() {
    let Some(site) = Site::new(ROUNDS) else { return };
    let (report, said) = with_a_worker_killed_in(&site, "segment", "segments");
    assert_only_the_lost_step_is_redone(&said);
    let segments = report["segments"].as_u64().expect("a number");
    assert_eq!((done(&report, "segments"), done(&report, "wrong")), (segments, 0), "{report}");
    let verified = site.run(&["verify", "workload.elf", "proof", "--json"]);
    assert_eq!((&verified["segments"], &verified["output"]), (&report["segments"], &report["output"]));
    assert!(!site.path("proof.segments").exists());
}

/// Whether a file among the parts is a whole segment.
fn is_segment(name: &str) -> bool {
    name.strip_prefix("segment-").is_some_and(|number| number.parse::<u32>().is_ok())
}

#[test]
fn a_coordinator_that_is_killed_is_continued_by_the_next() {
    let Some(site) = Site::new(ROUNDS) else { return };
    let workers = site.workers();
    let mut killed = site.coordinator("segments");
    wait_for("second segment", || {
        assert!(!killed.has_ended(), "it ended before two segments were seen");
        let files = fs::read_dir(site.path("proof.segments")).ok()?;
        (files.filter(|file| file.as_ref().is_ok_and(|file| is_segment(&file.file_name().to_string_lossy()))).count() > 1).then_some(())
    });
    killed.kill();
    assert!(!site.path("proof").exists());
    let report = site.coordinator("segments").json();
    let segments = report["segments"].as_u64().expect("a number");
    let resumed = report["segments_resumed"].as_u64().expect("a number");
    assert!((2..segments).contains(&resumed), "{report}");
    // What was in work when the first one died is taken by the second.
    let proved = steps(&end(workers), "proved");
    assert_eq!(proved.len() as u64, segments, "{proved:?}");
    site.run(&["verify", "workload.elf", "proof", "--json"]);
}

#[test]
fn workers_that_end_give_back_what_they_do() {
    let Some(site) = Site::new(ROUNDS) else { return };
    let first = site.worker("first");
    let coordinator = site.coordinator("segments");
    wait_for("step", || first.says(&["segment-0", "begun"]).then_some(()));
    let said = first.terminate();
    let second = site.worker("second");
    let report = coordinator.json();
    let all: Vec<String> = said.into_iter().chain(second.terminate()).collect();
    assert_only_the_lost_step_is_redone(&all);
    assert_eq!(done(&report, "failed"), 0, "{report}");
}

#[test]
fn a_server_or_a_job_that_is_not_there_is_said_to_be() {
    let Some(mut site) = Site::new(ROUNDS) else { return };
    let status = site.run(&["cluster", "status", "--json"]);
    assert_eq!((status["workers"].as_array().map(Vec::len), status["queues"].as_array().map(Vec::len)), (Some(0), Some(4)), "{status}");
    let failure = |arguments: &[&str]| {
        let output = site.command(arguments).output().expect("running tern");
        let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(output.status.code(), Some(1), "{json}");
        json["error"]["code"].as_str().expect("a code").to_owned()
    };
    assert_eq!(failure(&["cluster", "forget", "../x", "--json"]), "bad_job");
    assert_eq!(failure(&["cluster", "status", "--creds", "absent", "--json"]), "cannot_read");
    site.kill_server();
    let failure = |arguments: &[&str]| {
        let output = site.command(arguments).output().expect("running tern");
        let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        json["error"]["code"].as_str().expect("a code").to_owned()
    };
    assert_eq!(failure(&["cluster", "status", "--json"]), "no_server");
    assert_eq!(failure(&["cluster", "worker", "--device", "cpu", "--json"]), "no_server");
    assert_eq!(failure(&["cluster", "prove", "workload.elf", "--input", "input", "-o", "proof", "--json"]), "no_server");
}

/// By a worker on the CPU and one on a GPU, in software where there is none.
#[cfg(feature = "gpu")]
#[test]
#[ignore = "minutes"]
fn workers_on_different_devices_make_the_proof_of_one() {
    let Some(site) = Site::new(ROUNDS) else { return };
    let devices = site.run(&["devices", "--json"]);
    let gpu = devices["devices"].as_array().expect("devices").iter().find(|device| device["kind"] != "cpu");
    let Some(gpu) = gpu.map(|gpu| gpu["device"].as_str().expect("a number")) else {
        assert!(std::env::var("CI").is_err(), "no GPU, not even in software");
        return println!("skipped: no GPU, not even in software");
    };
    let on_gpu = site.worker_on(gpu, "gpu");
    let coordinator = site.coordinator("segments");
    wait_for("step of the GPU's", || on_gpu.says(&["segment", "begun"]).then_some(()));
    let workers = vec![on_gpu, site.worker("cpu")];
    let report = coordinator.json();
    let name = |device: &Value| device["device"].as_str().expect("a device").to_owned();
    let mut used: Vec<String> =
        report["workers"].as_array().expect("workers").iter().filter(|worker| worker["segments"] != 0).map(name).collect();
    used.sort();
    assert!(used.len() == 2 && used.contains(&"cpu".into()), "{report}");
    assert_eq!((done(&report, "wrong"), done(&report, "failed")), (0, 0), "{report}");
    let by_both = fs::read(site.path("proof")).expect("a proof");
    drop(end(workers));
    fs::remove_file(site.path("proof")).expect("a proof");
    let worker = site.worker("alone");
    site.coordinator("segments").json();
    worker.terminate();
    assert!(fs::read(site.path("proof")).expect("a proof") == by_both, "another proof");
}

/// To a final proof, with a worker killed in each stage: the same statement, and only what was lost
/// is done again.
#[test]
#[ignore = "minutes"]
fn workers_killed_in_each_stage_change_nothing() {
    for class in ["segment", "lift", "join", "wrap"] {
        let Some(site) = Site::new(ROUNDS) else { return };
        let (report, said) = with_a_worker_killed_in(&site, class, "final");
        assert_only_the_lost_step_is_redone(&said);
        for kind in ["segments", "lifts", "joins"] {
            assert_eq!(done(&report, kind), report[kind].as_u64().expect("a number"), "{kind} of {report}");
        }
        assert_eq!((done(&report, "wraps"), done(&report, "wrong")), (1, 0), "{report}");
        let verified = site.run(&["verify", "workload.elf", "proof", "--json"]);
        assert_eq!((&verified["kind"], &verified["output"]), (&"final".into(), &report["output"]), "{class}");
        let size = fs::metadata(site.path("proof")).expect("a proof").len();
        println!(
            "killed in {class}: {} steps begun, {} proved, proof of {size} bytes",
            steps(&said, "begun").len(),
            steps(&said, "proved").len()
        );
    }
}

/// To a final proof, with the server killed while a proof is being combined.
#[test]
#[ignore = "minutes"]
fn a_server_killed_in_the_middle_changes_nothing() {
    let Some(mut site) = Site::new(ROUNDS) else { return };
    let workers = site.workers();
    let coordinator = site.coordinator("final");
    wait_for("lift", || workers.iter().any(|worker| worker.says(&["lift", "begun"])).then_some(()));
    site.kill_server();
    std::thread::sleep(std::time::Duration::from_secs(3));
    site.start_server();
    let report = coordinator.json();
    let said = end(workers);
    let (begun, proved) = (steps(&said, "begun"), steps(&said, "proved"));
    assert_eq!(begun, proved, "something was done twice, or lost");
    assert_eq!((done(&report, "wraps"), done(&report, "wrong") + done(&report, "failed")), (1, 0), "{report}");
    site.run(&["verify", "workload.elf", "proof", "--json"]);
}
