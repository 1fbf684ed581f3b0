//! Making a project from a template.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::{CreateError, Language};

/// The guest runtime, in the sources from which this program is compiled.
const RUNTIME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guest-evm/runtime");

/// Longest name of a program.
const MAX_NAME: usize = 64;

/// Names that are crates or keywords to Rust, or folders to cargo.
const RESERVED: [&str; 62] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "tern-guest",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "union",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// A file of a template: its path in the project and its contents.
type Template = (&'static str, &'static str);

const RUST: [Template; 4] = [
    (".gitignore", include_str!("../templates/gitignore")),
    ("README.md", include_str!("../templates/rust/README.md")),
    ("rust-toolchain.toml", include_str!("../../../rust-toolchain.toml")),
    ("src/main.rs", include_str!("../templates/rust/src/main.rs")),
];

const RUST_MANIFEST: &str = include_str!("../templates/rust/Cargo.toml.in");

const C: [Template; 11] = [
    (".gitignore", include_str!("../templates/gitignore")),
    ("README.md", include_str!("../templates/c/README.md")),
    ("src/main.c", include_str!("../templates/c/src/main.c")),
    ("src/words.c", include_str!("../templates/c/src/words.c")),
    ("src/words.h", include_str!("../templates/c/src/words.h")),
    ("native/zkvm.c", include_str!("../templates/c/native/zkvm.c")),
    ("tests/words.c", include_str!("../templates/c/tests/words.c")),
    ("include/tern.h", include_str!("../../../guest-evm/c/include/tern.h")),
    ("include/zkvm_accelerators.h", include_str!("../../../guest-evm/c/include/zkvm_accelerators.h")),
    ("include/zkvm_io.h", include_str!("../../../guest-evm/c/include/zkvm_io.h")),
    ("tern.ld", include_str!("../../../guest-evm/guest-build/tern.ld")),
];

const C_LIBRARY: &[u8] = include_bytes!("../../../guest-evm/c/lib/libtern.a");

/// Makes a project in a new folder, whose name becomes the program's.
///
/// One in Rust depends on the crate `tern-guest` in the folder `runtime`, by default in the sources
/// from which this program was compiled. One in C holds its library, headers and linker script.
///
/// # Errors
///
/// Where the folder exists or its name is none for a program, the runtime is not to be found, or
/// files cannot be written. No file remains.
pub fn create(directory: &Path, language: Language, runtime: Option<&Path>) -> Result<(), CreateError> {
    let name = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    check_name(&name)?;
    let files: Vec<(&str, Vec<u8>)> = match language {
        Language::Rust => {
            let manifest = RUST_MANIFEST.replace("{{runtime}}", &runtime_path(runtime)?);
            RUST.into_iter().chain([("Cargo.toml", manifest.as_str())]).map(|file| named(file, &name)).collect()
        }
        Language::C if runtime.is_some() => return Err(CreateError::RuntimeInC),
        Language::C => C.into_iter().map(|file| named(file, &name)).chain([("lib/libtern.a", C_LIBRARY.to_vec())]).collect(),
    };
    let failed = |path: &Path, error| CreateError::Io { path: path.to_owned(), error };
    fs::create_dir(directory).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => CreateError::Exists(directory.to_owned()),
        _ => failed(directory, error),
    })?;
    let written = files.into_iter().try_for_each(|(path, contents)| {
        let path = directory.join(path);
        let folder = path.parent().unwrap_or(directory);
        fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        fs::write(&path, contents).map_err(|error| failed(&path, error))
    });
    if written.is_err() {
        // the folder was made above, so all in it is ours; the first error is the one to report
        let _ = fs::remove_dir_all(directory);
    }
    written
}

/// A template's file for a program of this name.
fn named<'a>((path, text): (&'a str, &str), name: &str) -> (&'a str, Vec<u8>) {
    (path, text.replace("{{name}}", name).into_bytes())
}

fn check_name(name: &str) -> Result<(), CreateError> {
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let reason = if name.is_empty() {
        "the path must end in a name"
    } else if !name.bytes().all(is_usual) {
        "only letters, digits, - and _ may be in it"
    } else if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        "it must begin with a letter"
    } else if name.len() > MAX_NAME {
        "it is longer than 64 characters"
    } else if RESERVED.contains(&name) {
        "Rust has another use for it"
    } else {
        return Ok(());
    };
    Err(CreateError::Name { name: name.to_owned(), reason })
}

/// The runtime's folder as a TOML string.
fn runtime_path(runtime: Option<&Path>) -> Result<String, CreateError> {
    let path = runtime.unwrap_or(Path::new(RUNTIME));
    let is_runtime = |manifest: String| manifest.lines().any(|line| line.trim() == "name = \"tern-guest\"");
    let path = match (path.canonicalize(), fs::read_to_string(path.join("Cargo.toml")).is_ok_and(is_runtime)) {
        (Ok(path), true) => path,
        _ => return Err(CreateError::NoRuntime(path.to_owned())),
    };
    // every JSON string is a TOML string
    path.to_str().map(|text| serde_json::Value::from(text).to_string()).ok_or(CreateError::RuntimePath(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in ["hello", "a", "Hello_2-x", &"n".repeat(MAX_NAME)] {
            check_name(name).unwrap_or_else(|error| panic!("{error}"));
        }
        for name in ["", "2d", "-x", "_x", "a b", "a/b", "grün", "a.b", "fn", "test", "core", "tern-guest", &"n".repeat(MAX_NAME + 1)] {
            let error = check_name(name).expect_err(name);
            assert!(matches!(&error, CreateError::Name { name: named, .. } if named == name), "{error}");
        }
    }

    #[test]
    fn paths_are_written_as_toml() {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = folder.path().join("a \"quoted\" \\ folder");
        fs::create_dir(&runtime).expect("a folder");
        assert!(matches!(runtime_path(Some(&runtime)), Err(CreateError::NoRuntime(_))));
        fs::write(runtime.join("Cargo.toml"), "[package]\nname = \"tern-guest\"\n").expect("a file");
        let text = runtime_path(Some(&runtime)).expect("a runtime");
        assert!(text.ends_with(r#"/a \"quoted\" \\ folder""#), "{text}");
    }

    #[test]
    fn the_runtime_lies_in_the_sources() {
        runtime_path(None).expect("the runtime");
    }
}
