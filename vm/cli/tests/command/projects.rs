//! Projects of guest programs: from `tern new` to a verified proof, and what is said where a tool
//! is missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Folder, Outcome};

const GCC: &str = "riscv64-unknown-elf-gcc";

/// Where `guest-evm/guest-build/build.sh` puts its compiler.
const UNPACKED: &str = ".cache/tern/rustc-web-1.96/rustc";

/// Keccak-256 of "abc", and one word.
const ABC: &str = "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c450100000000000000";

/// From nothing to a verified proof.
#[track_caller]
fn new_to_verified(folder: &Folder, language: &[&str], rustc: Option<&Path>) {
    let made = folder.run(&[&["new", "hello", "--json"], language].concat()).success().json();
    assert_eq!(made["project"], "hello");
    let mut build = folder.command(&["build", "hello", "--json"]);
    if let Some(rustc) = rustc {
        build.env("TERN_RUSTC", rustc);
    }
    let built = Outcome::new(build.output().expect("running tern")).success().json();
    let elf = built["elf"].as_str().expect("a path");
    assert!(elf.ends_with("/hello/target/tern/hello.elf"), "{elf}");
    assert_eq!(built["elf_bytes"].as_u64(), Some(fs::metadata(elf).expect("the ELF file").len()));
    let sum = Command::new("sha256sum").arg(elf).output().expect("running sha256sum").stdout;
    assert!(sum.starts_with(built["sha256"].as_str().expect("a digest").as_bytes()));

    folder.file("input.bin", "abc");
    let run = folder.run(&["execute", elf, "--input", "input.bin", "--json"]).success().json();
    assert_eq!(run["output"], ABC);
    let prove = ["prove", elf, "--input", "input.bin", "-o", "proof", "--kind", "segments", "--segment-rows", "16", "--device", "cpu"];
    folder.run(&prove).success();
    folder.run(&["vkey", elf, "-o", "vkey"]).success();
    let verified = folder.run(&["verify", "vkey", "proof", "--json"]).success().json();
    assert_eq!((&verified["output"], &verified["vkey"]), (&run["output"], &built["vkey"]));
}

#[test]
fn a_project_in_rust() {
    let named = std::env::var_os("TERN_RUSTC").map(PathBuf::from);
    let unpacked = std::env::home_dir().map(|home| home.join(UNPACKED)).filter(|path| path.is_file());
    let Some(rustc) = named.or(unpacked) else {
        println!("skipped: no TERN_RUSTC");
        return;
    };
    let folder = Folder::new();
    new_to_verified(&folder, &[], Some(&rustc));
    // bytes that are no text: an error of main, heard and with its exit code
    folder.file("input.bin", [0xff]);
    let refused = folder.run(&["execute", "hello/target/tern/hello.elf", "--input", "input.bin"]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("Error: Utf8Error") && refused.stderr.contains("exit code 1"), "{}", refused.stderr);
}

#[test]
fn a_project_in_c() {
    if !Command::new(GCC).arg("--version").output().is_ok_and(|output| output.status.success()) {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{GCC} is not installed");
        println!("skipped: {GCC} is not installed");
        return;
    }
    new_to_verified(&Folder::new(), &["--lang", "c"], None);
}

#[test]
fn names_and_folders_are_checked() {
    let folder = Folder::new();
    folder.run(&["new", "hello"]).success();
    assert_eq!(folder.names("hello"), [".gitignore", "Cargo.toml", "README.md", "rust-toolchain.toml", "src"]);
    for (arguments, code, part) in [
        (&["new", "hello"][..], "exists", "hello exists"),
        (&["new", "he llo"], "bad_name", "only letters"),
        (&["new", "fn"], "bad_name", "Rust has another use for it"),
        (&["new", "other", "--runtime", "hello"], "no_runtime", "--runtime PATH"),
        (&["new", "other", "--lang", "c", "--runtime", "hello"], "usage", "lib/libtern.a"),
        (&["new", "none/other"], "cannot_write", "none/other"),
        (&["build", "."], "not_a_project", "neither Cargo.toml nor tern.ld"),
        (&["build", "none"], "cannot_write", "none"),
        (&["build", "hello", "--bin", "other"], "no_program", "only: hello"),
        (&["build", "hello", "--rustc", "none"], "no_compiler", "none"),
    ] {
        folder.run(arguments).fails_with(&[part]);
        let failure = folder.run(&[arguments, &["--json"]].concat()).failure();
        assert!(failure.0 == code && failure.1.contains(part), "{arguments:?}: {failure:?}");
    }
    assert!(!folder.path("other").exists());
}

/// Each tool that may be missing is named, and what to type.
#[test]
fn missing_tools_are_named() {
    let folder = Folder::new();
    folder.run(&["new", "hello"]).success();
    folder.run(&["new", "--lang", "c", "hello-c"]).success();
    fs::create_dir(folder.path("bin")).expect("a folder");
    let build = |project: &str| {
        let mut command = folder.command(&["build", project]);
        Outcome::new(command.env("PATH", folder.path("bin")).env_remove("TERN_RUSTC").output().expect("running tern"))
    };
    build("hello").fails_with(&["cargo is not installed", "rustup"]);
    build("hello-c").fails_with(&["riscv64-unknown-elf-gcc is not installed", "apt-get install gcc-riscv64-unknown-elf"]);

    let tool = |name: &str, script: &str| {
        let path = folder.file(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
        assert!(Command::new("/bin/chmod").arg("+x").arg(path).status().expect("running chmod").success());
    };
    // cargo as it is, by its own path
    let cargo = Command::new("rustup").args(["which", "cargo"]).output().expect("running rustup").stdout;
    let cargo = String::from_utf8(cargo).expect("a path");
    tool("cargo", &format!("exec {} \"$@\"", cargo.trim()));
    build("hello").fails_with(&["rustc is not installed", "rustup"]);
    tool("rustc", &format!("echo {}", folder.path("bin").display()));
    build("hello").fails_with(&["rustup component add rust-src", "TERN_RUSTC"]);
    fs::create_dir_all(folder.path("bin/lib/rustlib/src/rust/library/core/src")).expect("a folder");
    folder.file("bin/lib/rustlib/src/rust/library/core/src/lib.rs", "");
    build("hello").fails_with(&["no rust-lld in"]);
}
