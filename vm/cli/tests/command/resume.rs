//! A prover that is killed, and the next one.

use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use tern_vm::testing::workload;

use crate::support::{Folder, Outcome};

#[test]
fn a_killed_process_is_continued_by_the_next() {
    let folder = Folder::new();
    folder.file("workload.elf", workload::elf());
    folder.file("input", workload::INPUT);
    let limit = workload::SEGMENT_CYCLES.to_string();
    let prove = || {
        let arguments = ["prove", "workload.elf", "--input", "input", "-o", "proof", "--kind", "segments", "--json"];
        let mut command = folder.command(&[&arguments[..], &["--segment-cycles", &limit]].concat());
        command.stderr(Stdio::null());
        command
    };
    let mut killed = prove().stdout(Stdio::null()).spawn().expect("running tern");
    while !folder.path("proof.segments/segment-000000").exists() {
        assert!(killed.try_wait().expect("a process").is_none(), "it ended before its first segment was seen");
        sleep(Duration::from_millis(2));
    }
    killed.kill().expect("killing tern");
    killed.wait().expect("the end of tern");
    assert!(!folder.path("proof").exists());
    let json = Outcome::new(prove().output().expect("running tern")).success().json();
    assert_eq!((&json["kind"], &json["segments"]), (&"segments".into(), &3.into()), "{json}");
    assert!(json["segments_resumed"].as_u64().is_some_and(|resumed| resumed >= 1), "{json}");
    let seconds = |stage: &str| json["seconds"][stage].as_f64().unwrap_or_else(|| panic!("no {stage} in {json}"));
    assert!(seconds("execute") > 0.0 && seconds("segments") > 0.0 && seconds("lift") == 0.0, "{json}");
    folder.run(&["verify", "workload.elf", "proof"]).success();
}
