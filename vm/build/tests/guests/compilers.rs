//! The compilers that are here.

use std::path::{Path, PathBuf};
use std::process::Command;

use tern_build::Options;

const GCC: &str = "riscv64-unknown-elf-gcc";

/// Where `guest-evm/guest-build/build.sh` puts its compiler.
const UNPACKED: &str = ".cache/tern/rustc-web-1.96/rustc";

/// Options with a Rust compiler that has its library sources: `TERN_RUSTC`, rustup's, or
/// `build.sh`'s. The absence of all is an error where `CI=true`.
pub fn rust_options() -> Option<Options> {
    let named = std::env::var_os("TERN_RUSTC").map(PathBuf::from);
    let unpacked = std::env::home_dir().map(|home| home.join(UNPACKED)).filter(|path| path.is_file());
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc");
    let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout).expect("a path").trim());
    let has_sources = sysroot.join("lib/rustlib/src/rust/library/core/src/lib.rs").is_file();
    let rustc = named.or(if has_sources { None } else { unpacked });
    if !has_sources && rustc.is_none() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no Rust compiler with library sources");
        println!("skipped: no Rust compiler with library sources (rustup component add rust-src)");
        return None;
    }
    Some(Options { rustc, ..Options::default() })
}

/// Whether the C compiler is there; its absence is an error where `CI=true`.
pub fn has_gcc() -> bool {
    let found = Command::new(GCC).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{GCC} is not installed");
        println!("skipped: {GCC} is not installed");
    }
    found
}

/// A path in Tern's sources.
pub fn sources(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the sources").join(path)
}
