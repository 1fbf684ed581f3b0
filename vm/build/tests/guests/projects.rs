//! New projects: what is in them, what they compile to, and what is said where something is
//! missing.

use std::fs;
use std::path::Path;
use std::process::Command;

use tern_build::{BuildError, Compiled, CreateError, Language, Options, compile, create};
use tern_guest::accelerators::keccak256;

use crate::compilers::{has_gcc, rust_options, sources};

#[track_caller]
fn built(directory: &Path, options: &Options) -> Compiled {
    compile(directory, options).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn made(directory: &Path, language: Language) {
    create(directory, language, None).unwrap_or_else(|error| panic!("{error}"));
}

#[track_caller]
fn succeeds(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Two projects of one name in different folders, with Rust's runtime in different folders, built:
/// the same bytes, in which no folder is named.
#[track_caller]
fn reproduced(language: Language, options: &Options) {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    // one of them deeper
    let parents = [folders[0].path().to_owned(), folders[1].path().join("below/it")];
    let other_runtime = folders[1].path().join("runtime");
    succeeds(Command::new("cp").arg("-r").arg(sources("guest-evm/runtime")).arg(&other_runtime));
    let runtimes = [None, Some(&*other_runtime).filter(|_| language == Language::Rust)];
    let compiled: Vec<_> = (0..2)
        .map(|i| {
            fs::create_dir_all(&parents[i]).expect("a folder");
            let project = parents[i].join("hello");
            create(&project, language, runtimes[i]).unwrap_or_else(|error| panic!("{error}"));
            built(&project, options)
        })
        .collect();
    let (first, second) = (&compiled[0], &compiled[1]);
    assert_eq!(first.language, language);
    assert!(first.bytes == second.bytes, "{}", language_name(language));
    assert_eq!(first.sha256(), second.sha256());
    for (parent, compiled) in parents.iter().zip(&compiled) {
        assert_eq!(compiled.elf, parent.canonicalize().expect("a folder").join("hello/target/tern/hello.elf"));
        let text = String::from_utf8_lossy(&compiled.bytes);
        assert!(!text.contains(&*parent.to_string_lossy()) && !text.contains(&*sources("").to_string_lossy()));
        assert!(!text.contains("/.cargo/"));
    }
    // what is built again stays the same
    let again = built(&parents[0].join("hello"), options);
    assert!(again.bytes == first.bytes);
}

fn language_name(language: Language) -> &'static str {
    if language == Language::Rust { "Rust" } else { "C" }
}

#[test]
fn rust_is_reproducible() {
    if let Some(options) = rust_options() {
        reproduced(Language::Rust, &options);
    }
}

#[test]
fn c_is_reproducible() {
    if has_gcc() {
        reproduced(Language::C, &Options::default());
    }
}

/// Keccak-256 of "abc", and one word.
const ABC: &str = "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c450100000000000000";

#[test]
fn rust_runs_natively() {
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("hello");
    made(&project, Language::Rust);
    for command in ["test", "build"] {
        succeeds(Command::new("cargo").args([command, "--quiet"]).current_dir(&project).env_remove("CARGO_TARGET_DIR"));
    }
    assert_eq!(hex::encode(piped(&project.join("target/debug/hello"), b"abc", &project)), ABC);
}

#[test]
fn c_runs_natively() {
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("hello");
    made(&project, Language::C);
    // as its README says
    let readme = fs::read_to_string(project.join("README.md")).expect("a file");
    for line in readme.lines().filter(|line| line.starts_with("cc ") || line.starts_with("mkdir ")) {
        succeeds(Command::new("sh").args(["-ec", line]).current_dir(&project));
    }
    assert_eq!(hex::encode(piped(&project.join("target/native"), b"abc", &project)), ABC);
    // around the ends of blocks of the hash
    for length in [0, 134, 135, 136, 137, 271, 272, 5000] {
        let text = vec![b'x'; length];
        let expected = [&keccak256(&text)[..], &u64::from(length > 0).to_le_bytes()].concat();
        assert_eq!(piped(&project.join("target/native"), &text, &project), expected, "{length} bytes");
    }
}

fn piped(program: &Path, input: &[u8], project: &Path) -> Vec<u8> {
    let path = project.join("input.bin");
    fs::write(&path, input).expect("a file");
    succeeds(Command::new(program).stdin(fs::File::open(path).expect("a file")))
}

#[test]
fn folders_and_names_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("taken");
    fs::create_dir(&place).expect("a folder");
    fs::write(place.join("kept"), "x").expect("a file");
    for language in [Language::Rust, Language::C] {
        let error = create(&place, language, None).expect_err("a folder that exists");
        assert!(matches!(&error, CreateError::Exists(path) if *path == place), "{error}");
        assert_eq!(fs::read_dir(&place).expect("a folder").count(), 1, "nothing was written");
        let error = create(&folder.path().join("a.b"), language, None).expect_err("a dot");
        assert!(matches!(error, CreateError::Name { .. }), "{error}");
        let error = create(&folder.path().join("none/hello"), language, None).expect_err("no parent");
        assert!(matches!(&error, CreateError::Io { path, .. } if path.ends_with("none/hello")), "{error}");
    }
    let error = create(&folder.path().join("hello"), Language::Rust, Some(folder.path())).expect_err("no runtime");
    assert!(matches!(error, CreateError::NoRuntime(_)) && error.to_string().contains("--runtime PATH"), "{error}");
    let error = create(&folder.path().join("hello"), Language::C, Some(folder.path())).expect_err("a runtime");
    assert!(matches!(error, CreateError::RuntimeInC), "{error}");
    assert!(!folder.path().join("hello").exists());
}

#[test]
fn folders_without_a_project_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = compile(folder.path(), &Options::default()).expect_err("an empty folder");
    assert!(matches!(error, BuildError::NoProject(_)), "{error}");
    let error = compile(&folder.path().join("none"), &Options::default()).expect_err("no folder");
    assert!(matches!(error, BuildError::Io { .. }), "{error}");
    fs::write(folder.path().join("Cargo.toml"), "[workspace]\nresolver = \"3\"\n").expect("a file");
    let error = compile(folder.path(), &Options::default()).expect_err("a workspace");
    assert!(matches!(error, BuildError::NoPackage(_)), "{error}");
    fs::write(folder.path().join("Cargo.toml"), "no manifest").expect("a file");
    let error = compile(folder.path(), &Options::default()).expect_err("no manifest");
    assert!(matches!(&error, BuildError::Failed { messages, .. } if messages.contains("Cargo.toml")), "{error}");
}

#[test]
fn programs_are_chosen_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("hello");
    made(&project, Language::Rust);
    let refused = |bin: Option<&str>| {
        let options = Options { bin: bin.map(str::to_owned), ..Options::default() };
        compile(&project, &options).expect_err("no such program")
    };
    assert!(matches!(refused(Some("other")), BuildError::NoSuchProgram { others, .. } if others == ["hello"]));
    fs::create_dir(project.join("src/bin")).expect("a folder");
    fs::write(project.join("src/bin/second.rs"), "fn main() {}\n").expect("a file");
    assert!(matches!(refused(None), BuildError::SeveralPrograms(names) if names == ["hello", "second"]));
    fs::remove_dir_all(project.join("src")).expect("a folder");
    fs::create_dir(project.join("src")).expect("a folder");
    fs::write(project.join("src/lib.rs"), "").expect("a file");
    assert!(matches!(refused(None), BuildError::NoProgram(name) if name == "hello"));
}

#[test]
fn compilers_that_do_not_serve_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("hello");
    made(&project, Language::Rust);
    let with = |rustc: &Path| compile(&project, &Options { rustc: Some(rustc.to_owned()), ..Options::default() }).expect_err("no compiler");
    let error = with(&folder.path().join("none"));
    assert!(matches!(&error, BuildError::Rustc { path, .. } if path.ends_with("none")), "{error}");
    let script = |text: &str| {
        let path = folder.path().join("rustc");
        fs::write(&path, text).expect("a file");
        succeeds(Command::new("chmod").arg("+x").arg(&path));
        path
    };
    let error = with(&script("#!/bin/sh\necho broken >&2\nexit 3\n"));
    assert!(matches!(&error, BuildError::Rustc { error, .. } if error == "broken"), "{error}");
    let error = with(&script(&format!("#!/bin/sh\necho {}\n", folder.path().display())));
    assert!(matches!(&error, BuildError::NoLibrarySources(path) if path == folder.path()), "{error}");
    assert!(error.to_string().contains("rustup component add rust-src"), "{error}");
}

/// What is wrong with a program's source is said by the compiler, but for what it cannot know.
#[test]
fn programs_in_rust_that_do_not_compile_are_refused() {
    let Some(options) = rust_options() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("hello");
    made(&project, Language::Rust);
    let main = project.join("src/main.rs");
    let source = fs::read_to_string(&main).expect("a file");
    fs::write(&main, source.replace("tern_guest::entry!(main);", "")).expect("a file");
    let error = compile(&project, &options).expect_err("no entry");
    assert!(matches!(error, BuildError::NoEntry(_)) && error.to_string().contains("tern_guest::entry!(main)"), "{error}");
    fs::write(&main, source.replace("count_words(text)", "count_words(7)")).expect("a file");
    let error = compile(&project, &options).expect_err("a wrong type");
    assert!(matches!(&error, BuildError::Failed { messages, .. } if messages.contains("mismatched types")), "{error}");
    fs::remove_file(project.join("Cargo.lock")).expect("a file");
    let error = compile(&project, &Options { locked: true, ..options }).expect_err("no lock file");
    assert!(matches!(&error, BuildError::Failed { messages, .. } if messages.contains("--locked")), "{error}");
}

#[test]
fn programs_in_c_that_do_not_compile_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("hello");
    made(&project, Language::C);
    let locked = Options { locked: true, ..Options::default() };
    assert!(matches!(compile(&project, &locked), Err(BuildError::RustOption(_))));
    if !has_gcc() {
        return;
    }
    let main = project.join("src/main.c");
    let source = fs::read_to_string(&main).expect("a file");
    fs::write(&main, source.replace("int main(void)", "int domain(void)")).expect("a file");
    let error = compile(&project, &Options::default()).expect_err("no main");
    assert!(matches!(error, BuildError::NoEntry(_)) && error.to_string().contains("int main(void)"), "{error}");
    fs::write(&main, source.replace("count_words", "count_lines")).expect("a file");
    let error = compile(&project, &Options::default()).expect_err("no function");
    assert!(matches!(&error, BuildError::Failed { messages, .. } if messages.contains("count_lines")), "{error}");
    fs::remove_dir_all(project.join("src")).expect("a folder");
    assert!(matches!(compile(&project, &Options::default()), Err(BuildError::Io { .. })));
    fs::create_dir(project.join("src")).expect("a folder");
    assert!(matches!(compile(&project, &Options::default()), Err(BuildError::NoSources(_))));
}

/// A program in C++ is compiled and linked with what it needs.
#[test]
fn sources_in_cpp_are_compiled() {
    if !has_gcc() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("hello");
    made(&project, Language::C);
    let examples = sources("guest-evm/c/examples");
    fs::remove_dir_all(project.join("src")).expect("a folder");
    fs::create_dir_all(project.join("src/deep")).expect("a folder");
    fs::copy(examples.join("counter.cpp"), project.join("src/deep/counter.cpp")).expect("a file");
    assert!(built(&project, &Options::default()).bytes.starts_with(b"\x7fELF"));
}
