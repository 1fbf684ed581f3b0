//! Runs that fail, outputs that cannot be written, and that nothing of the user's is lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use tern_vm::testing::workload;

use crate::support::{FIBONACCI, Folder, Outcome, read, workload_proof};

const PANIC: &str = "guest panicked at src/main.rs:1: on purpose \x1b[31m";

/// Arguments that prove the workload in three segments.
fn prove_workload(folder: &Folder) -> Vec<String> {
    folder.file("workload.elf", workload::elf());
    folder.file("input", workload::INPUT);
    let limit = workload::SEGMENT_CYCLES.to_string();
    ["prove", "workload.elf", "--input", "input", "-o", "proof", "--kind", "segments", "--segment-cycles", &limit]
        .map(str::to_owned)
        .to_vec()
}

fn with<'a>(arguments: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().map(String::as_str).chain(more.iter().copied()).collect()
}

#[test]
fn a_guest_that_fails_fails_the_command_and_is_heard() {
    let folder = Folder::new();
    folder.file("panics.elf", workload::printing_elf(PANIC, 101));
    // what would change the terminal is not handed on to it
    let shown = PANIC.replace('\x1b', "\u{fffd}");
    let outcome = folder.run(&["execute", "panics.elf"]);
    assert_eq!((outcome.status, outcome.stderr), (1, format!("{shown}\nerror: the guest halted with exit code 101\n")));
    assert!(outcome.stdout.starts_with("halted with exit code 101 after "), "{}", outcome.stdout);
    let outcome = folder.run(&["execute", "panics.elf", "--json"]);
    let json = outcome.json();
    assert_eq!((outcome.status, &json["exit_code"], &json["printed"]), (1, &101.into(), &PANIC.into()));
    assert_eq!(outcome.failure(), ("guest_failed".into(), "the guest halted with exit code 101".into()));
}

#[test]
fn a_run_that_fails_is_proved_only_if_that_is_expected() {
    let folder = Folder::new();
    folder.file("panics.elf", workload::printing_elf(PANIC, 101));
    let arguments = ["prove", "panics.elf", "-o", "proof", "--kind", "segments"];
    let outcome = folder.run(&arguments);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (1, ""));
    for part in ["on purpose", "error: the guest halted with exit code 101, expected 0; nothing was proved", "hint: ", "--exit-code 101"] {
        assert!(outcome.stderr.contains(part), "no {part:?} in {}", outcome.stderr);
    }
    assert_eq!(folder.names(""), ["panics.elf"]);
    let proved = folder.run(&[&arguments[..], &["--exit-code", "101"]].concat()).success();
    assert!(proved.stdout.starts_with("proved: the program halts with exit code 101 and writes no output"), "{}", proved.stdout);
    let last = proved.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with("proof written: chain of segments, ") && last.contains(" bytes, verified, in "), "{last}");
    // the guest is heard once, though the run is executed three times
    assert_eq!(proved.stderr.matches("on purpose").count(), 1, "{}", proved.stderr);
    assert!(!proved.stderr.contains('\x1b'), "{}", proved.stderr);
    folder.run(&["verify", "panics.elf", "proof"]).fails_with(&["exit code 101, expected 0"]);
    folder.run(&["verify", "panics.elf", "proof", "--exit-code", "101"]).success();
    let other = folder.run(&[&arguments[..], &["--exit-code", "7", "--json"]].concat());
    assert_eq!(other.failure().0, "guest_failed");
}

#[test]
fn wrong_usage_is_one_object_too() {
    let folder = Folder::new();
    for (arguments, part) in [
        (&["frobnicate", "--json"][..], "frobnicate"),
        (&["--json"], "Usage"),
        (&["prove", "x.elf", "--json"], "--output"),
        (&["prove", "x.elf", "-o", "p", "--segment-cycles", "5", "--json"], "takes as long to prove as one of 256"),
        (&["prove", "x.elf", "-o", "p", "--jobs", "0", "--json"], "nothing is proved without a job"),
        (&["prove", "x.elf", "-o", "p", "--jobs", "1000000", "--json"], "only take memory"),
        (&["execute", "x.elf", "--cycle-limit", "0", "--json"], "--cycle-limit"),
    ] {
        let outcome = folder.run(arguments);
        let (code, message) = outcome.failure();
        assert_eq!((outcome.status, code.as_str(), outcome.stderr.as_str()), (2, "usage", ""), "{arguments:?}");
        assert!(message.contains(part) && !message.contains('\x1b'), "{arguments:?}: {message}");
        let plain: Vec<_> = arguments.iter().copied().filter(|argument| *argument != "--json").collect();
        let outcome = folder.run(&plain);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{plain:?}");
        assert!(outcome.stderr.contains(part), "{plain:?}: {}", outcome.stderr);
    }
    // after `--` nothing is an option
    assert!(folder.run(&["execute", "--", "--json", "more"]).stderr.contains("more"));
}

#[test]
fn nobody_to_write_to_is_a_failure_and_no_panic() {
    let folder = Folder::new();
    let commands =
        [&["--help"][..], &["--version"], &["prove", "--help"], &["security"], &["security", "--json"], &["frobnicate", "--json"]];
    for arguments in commands {
        // a pipe that nobody reads from, and a device that is full
        let (reader, closed) = std::io::pipe().expect("a pipe");
        drop(reader);
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        for (stdout, part) in [(Stdio::from(closed), "Broken pipe"), (Stdio::from(full), "No space left on device")] {
            let outcome = Outcome::new(folder.command(arguments).stdout(stdout).output().expect("running tern"));
            assert_eq!(outcome.status, 1, "{arguments:?}: {}", outcome.stderr);
            assert!(
                outcome.stderr.starts_with(&format!("error: cannot write standard output: {part}")),
                "{arguments:?}: {}",
                outcome.stderr
            );
        }
    }
    // standard error that takes nothing makes nothing worse
    folder.file("panics.elf", workload::printing_elf(PANIC, 101));
    let outcome = folder.run_in_shell(r#""$@" 2> /dev/full"#, &["execute", "panics.elf"]);
    assert_eq!(outcome.status, 1);
    let script = r#"TERN_LOG=info "$@" 2> /dev/full"#;
    folder.run_in_shell(script, &["prove", "panics.elf", "-o", "proof", "--kind", "segments", "--exit-code", "101"]).success();
    let outcome =
        folder.run_in_shell(r#"TERN_LOG=info "$@""#, &["prove", "panics.elf", "-o", "proof", "--kind", "segments", "--exit-code", "101"]);
    assert!(outcome.stderr.contains("INFO") && !outcome.stderr.contains('\x1b'), "{}", outcome.stderr);
}

#[test]
fn an_output_that_cannot_be_written_is_named_before_anything_is_proved() {
    let folder = Folder::new();
    folder.file("ten", 10u32.to_le_bytes());
    fs::create_dir(folder.path("folder")).expect("a folder");
    let protected = folder.file("protected", "text");
    fs::set_permissions(protected, fs::Permissions::from_mode(0o444)).expect("permissions");
    folder.file("obstacle.segments", "text");
    fs::copy(FIBONACCI, folder.path("guest.elf")).expect("a copy");
    let before = folder.names("");
    for (output, part) in [
        ("folder", "cannot write folder: it is a folder; name a file in it"),
        ("folder/", "it is a folder"),
        ("absent/", "it names no file"),
        ("absent/proof", "there is no folder absent"),
        ("/dev/full", "it is no regular file"),
        ("/dev/null", "it is no regular file"),
        ("/proc/proof", "cannot write /proc/proof: "),
        ("protected", "write-protected"),
        ("obstacle", "cannot write obstacle.segments: it is in the way"),
        ("ten", "ten is read and would be overwritten"),
        ("./guest.elf", "is read and would be overwritten"),
    ] {
        let outcome = folder.run(&["prove", "guest.elf", "--input", "ten", "-o", output]);
        assert_eq!(outcome.status, 1, "{output}");
        assert!(outcome.stderr.starts_with("error: ") && outcome.stderr.contains(part), "{output}: {}", outcome.stderr);
        println!("{}", outcome.stderr.trim_end());
    }
    folder.run(&["execute", "guest.elf", "--profile", "guest.elf"]).fails_with(&["guest.elf is read and would be overwritten"]);
    folder.run(&["vkey", "guest.elf", "-o", "guest.elf"]).fails_with(&["guest.elf is read and would be overwritten"]);
    folder.run(&["vkey", "guest.elf", "-o", "/dev/full"]).fails_with(&["cannot write /dev/full: No space left on device"]);
    folder.run(&["block", "sample", "-o", "folder"]).fails_with(&["cannot write folder: Is a directory"]);
    assert_eq!(folder.names(""), before);
    assert_eq!(read(&folder.path("guest.elf")), fs::read(FIBONACCI).expect("a guest"));
}

#[test]
fn files_of_others_stay_and_are_named() {
    let folder = Folder::new();
    let arguments = prove_workload(&folder);
    fs::create_dir(folder.path("proof.segments")).expect("a folder");
    for name in ["notes.txt", "segment-000000.bak", "segment-1"] {
        folder.file(&format!("proof.segments/{name}"), "text");
    }
    folder.file("proof.tmp", "text");
    let outcome = folder.run(&with(&arguments, &["--json"])).success();
    assert_eq!(outcome.json()["parts_folder"], "proof.segments");
    assert!(outcome.stderr.contains("proof.segments stays: 3 other files are in it (notes.txt and 2 more)"), "{}", outcome.stderr);
    assert_eq!(folder.names("proof.segments"), ["notes.txt", "segment-000000.bak", "segment-1"]);
    assert_eq!(read(&folder.path("proof.tmp")), b"text");
    folder.run(&["verify", "workload.elf", "proof"]).success();
}

#[test]
fn the_second_of_two_runs_says_who_has_the_output() {
    let folder = Folder::new();
    let arguments = prove_workload(&folder);
    let mut first =
        folder.command(&with(&arguments, &["--json"])).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("running tern");
    while !folder.path("proof.segments/tern.lock").exists() {
        assert!(first.try_wait().expect("a process").is_none(), "it ended before it had the place");
        sleep(Duration::from_millis(1));
    }
    // it is locked and written a moment after it is there
    sleep(Duration::from_millis(20));
    let second = folder.run(&with(&arguments, &["--json"]));
    let process = first.id();
    let message = format!("proof: another run (process {process}) is proving it");
    assert_eq!((second.status, second.failure()), (1, ("busy".into(), message)));
    Outcome::new(first.wait_with_output().expect("the end of tern")).success();
    assert_eq!(folder.names(""), ["input", "proof", "workload.elf"]);
    // a run that is killed has it no longer
    let mut killed = folder.command(&with(&arguments, &[])).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("running tern");
    while !folder.path("proof.segments/segment-000000").exists() {
        assert!(killed.try_wait().expect("a process").is_none(), "it ended before its first segment was seen");
        sleep(Duration::from_millis(2));
    }
    killed.kill().expect("killing tern");
    killed.wait().expect("the end of tern");
    assert!(folder.path("proof.segments/tern.lock").exists());
    folder.run(&with(&arguments, &[])).success();
    assert_eq!(folder.names(""), ["input", "proof", "workload.elf"]);
}

#[test]
fn too_little_memory_is_said_before_anything_is_proved() {
    let folder = Folder::new();
    folder.file("ten", 10u32.to_le_bytes());
    folder.file("many", 200_000u32.to_le_bytes());
    // an address space that holds the machine and small proofs, but none of a segment of 2^28 cells
    let script = r#"ulimit -v 10000000; exec "$@""#;
    let outcome = folder.run_in_shell(script, &["prove", FIBONACCI, "--input", "many", "-o", "proof"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (1, ""), "{}", outcome.stderr);
    for part in ["error: too little memory: proving takes about ", " are available; nothing was proved", "hint: ", "--any-memory"] {
        assert!(outcome.stderr.contains(part), "no {part:?} in {}", outcome.stderr);
    }
    println!("{}", outcome.stderr);
    assert_eq!(folder.names(""), ["many", "ten"]);
    // a chain of small segments fits
    folder.run_in_shell(script, &["prove", FIBONACCI, "--input", "ten", "-o", "proof", "--kind", "segments"]).success();
}

#[test]
fn a_file_system_that_is_full_keeps_what_is_proved() {
    let folder = Folder::new();
    let arguments = prove_workload(&folder);
    // a file system of one and a half segments, if this test may mount one
    let size = workload_proof().len() / 2;
    fs::create_dir(folder.path("small")).expect("a folder");
    let mounted = folder.run_in_shell(&format!("mount -t tmpfs -o size={size} tmpfs small"), &[]).status == 0;
    if !mounted {
        println!("skipped: no file system can be mounted here");
        return;
    }
    let arguments: Vec<_> = arguments.iter().map(|argument| if argument == "proof" { "small/proof" } else { argument }).collect();
    let failed = folder.run(&[&arguments[..], &["--json"]].concat());
    let left = folder.names("small/proof.segments");
    let unmounted = folder.run_in_shell("mount -o remount,size=100M small", &[]).status;
    let proved = folder.run(&[&arguments[..], &["--json"]].concat());
    let verified = folder.run(&["verify", "workload.elf", "small/proof"]);
    let names = folder.names("small");
    assert_eq!(folder.run_in_shell("umount small", &[]).status, 0);
    let (code, message) = failed.failure();
    assert!(
        code == "cannot_write" && message.contains("No space left on device") && message.contains("kept in small/proof.segments"),
        "{message}"
    );
    println!("{message}");
    assert!(
        !left.is_empty() && left.len() < 3 && left.iter().all(|name| name.starts_with("segment-") && !name.ends_with(".tmp")),
        "{left:?}"
    );
    assert_eq!((unmounted, proved.status, names), (0, 0, vec!["proof".to_owned()]), "{}{}", proved.stdout, proved.stderr);
    assert_eq!(proved.json()["segments_resumed"], left.len());
    verified.success();
}
