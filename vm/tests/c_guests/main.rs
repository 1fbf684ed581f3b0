//! Guests in C and C++, written to the Ethereum zkVM standards, compiled by Debian's
//! `gcc-riscv64-unknown-elf` and linked to `libtern.a` by GNU ld and by LLD, in the machine.

mod accelerators;

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tern_guest::accelerators::keccak256;
use tern_vm::elf::Program;
use tern_vm::exec::{self, ExecError, Options, RunSummary, TrapReason};

const GCC: &str = "riscv64-unknown-elf-gcc";
const GXX: &str = "riscv64-unknown-elf-g++";
const FLAGS: [&str; 9] = ["-march=rv64im", "-mabi=lp64", "-mcmodel=medany", "-ffreestanding", "-O2", "-Wall", "-Wextra", "-Werror", "-c"];

/// Whether the compilers are there; their absence is an error where `CI=true`.
fn has_compilers() -> bool {
    let found = [GCC, GXX].iter().all(|tool| Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success()));
    if !found {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{GCC} is not installed");
        println!("skipped: {GCC} is not installed");
    }
    found
}

fn guests(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest-evm").join(path)
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c_guests").join(path)
}

#[track_caller]
fn stdout(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Compiles a source with the flags above and some more.
fn compile(folder: &TempDir, source: &Path, more: &[&str]) -> PathBuf {
    let object = folder.path().join("guest.o");
    let is_c = source.extension().is_some_and(|extension| extension == "c");
    let mut compiler = Command::new(if is_c { GCC } else { GXX });
    compiler.args(if is_c { &["-std=c11"][..] } else { &["-std=c++17", "-fno-exceptions", "-fno-rtti"] });
    stdout(compiler.args(FLAGS).args(more).arg("-I").arg(guests("c/include")).arg("-o").args([&object, source]));
    object
}

/// Links by GNU ld, through the compiler, as `guest-evm/c/README.md` says.
fn link_gnu(folder: &TempDir, object: &Path) -> Vec<u8> {
    let elf = folder.path().join("gnu.elf");
    let mut linker = Command::new(GCC);
    linker.args(["-march=rv64im", "-mabi=lp64", "-nostdlib", "-static", "-Wl,--gc-sections", "-Wl,--fatal-warnings", "-T"]);
    stdout(linker.arg(guests("guest-build/tern.ld")).arg("-o").args([&elf, object]).arg(guests("c/lib/libtern.a")).arg("-lgcc"));
    std::fs::read(elf).expect("a linked guest")
}

/// Links by the LLD that comes with the Rust toolchain.
fn link_lld(folder: &TempDir, object: &Path) -> Vec<u8> {
    let sysroot = stdout(Command::new("rustc").args(["--print", "sysroot"]));
    let host = stdout(Command::new("rustc").arg("-vV"));
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let lld = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin/rust-lld");
    let elf = folder.path().join("lld.elf");
    let mut linker = Command::new(lld);
    linker.args(["-flavor", "gnu", "--gc-sections", "--fatal-warnings", "-T"]).arg(guests("guest-build/tern.ld"));
    stdout(linker.arg("-o").args([&elf, object]).arg(guests("c/lib/libtern.a")));
    std::fs::read(elf).expect("a linked guest")
}

/// The programs that both linkers make of a source.
fn build(source: &Path) -> [Program; 2] {
    let folder = tempfile::tempdir().expect("a folder");
    let object = compile(&folder, source, &[]);
    [link_gnu(&folder, &object), link_lld(&folder, &object)].map(|elf| Program::from_elf(&elf).expect("a program of the machine"))
}

/// Builds a source given as text.
fn build_text(name: &str, text: &str) -> [Program; 2] {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join(name);
    std::fs::write(&source, text).expect("a file");
    build(&source)
}

#[track_caller]
fn run(program: &Program, input: &[u8]) -> RunSummary {
    exec::run(program, input, Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_guest_in_c() {
    if !has_compilers() {
        return;
    }
    for program in build(&guests("c/examples/digest.c")) {
        for input in [&b"a"[..], b"input", &[7; 1000]] {
            let summary = run(&program, input);
            assert_eq!(summary.halt.exit_code, 0);
            assert_eq!(summary.output, [&keccak256(input)[..], &[3]].concat());
        }
        let refused = run(&program, b"");
        assert_eq!((refused.halt.exit_code, refused.output.len()), (2, 0));
        assert!(program.symbols.as_slice().iter().any(|symbol| symbol.name == "main"));
    }
}

#[test]
fn a_guest_in_cpp() {
    if !has_compilers() {
        return;
    }
    for program in build(&guests("c/examples/counter.cpp")) {
        let summary = run(&program, &[100, 200, 77]);
        let sum = 377u64.to_le_bytes();
        let mut digest = tern_guest::abi::Bytes([0; 32]);
        // SAFETY: eight readable bytes, and room for the digest.
        let status = unsafe { tern_guest::abi::accelerators::zkvm_sha256(sum.as_ptr(), sum.len(), &mut digest) };
        assert_eq!(status, tern_guest::abi::Status::Ok);
        assert_eq!(summary.output, [&sum[..], &digest.0, b"sc"].concat());
        assert_eq!(summary.halt.exit_code, 377 % 256);
    }
}

/// Constructors before `main`, destructors behind it, newest first, one that registers another
/// among them; and an exit code is 32 bits of `int`.
#[test]
fn static_objects_live_around_main() {
    if !has_compilers() {
        return;
    }
    for program in build(&here("lifetime.cpp")) {
        let summary = run(&program, b"");
        assert_eq!(String::from_utf8_lossy(&summary.output), "PabcdmeExlLDCz");
        assert_eq!(summary.halt.exit_code, u32::MAX);
    }
}

#[test]
fn the_heap_is_the_programs_own() {
    if !has_compilers() {
        return;
    }
    for program in build(&here("heap.c")) {
        assert_eq!(run(&program, b"").halt.exit_code, 0);
    }
}

#[test]
fn abort_fails_the_run() {
    if !has_compilers() {
        return;
    }
    let text = "#include \"zkvm_io.h\"\n_Noreturn void abort(void);\n\
        int main(void) { write_output((const uint8_t *)\"x\", 1); abort(); }\n";
    for program in build_text("abort.c", text) {
        let summary = run(&program, b"");
        assert_eq!((summary.halt.exit_code, &summary.output[..]), (134, &b"x"[..]));
    }
}

/// The whole header is in the library, and nothing but that: each function that it declares is linked.
#[test]
fn every_declared_function_exists() {
    if !has_compilers() {
        return;
    }
    let header = std::fs::read_to_string(guests("c/include/zkvm_accelerators.h")).expect("the header");
    let declared = |line: &str| Some(line.strip_prefix("zkvm_status ")?.split_once('(')?.0.to_owned());
    let names: Vec<String> = header.lines().filter_map(declared).collect();
    assert_eq!(names.len(), 19);
    let table: String = names.iter().map(|name| format!("(void (*)(void)){name},\n")).collect();
    let text = format!(
        "#include \"zkvm_accelerators.h\"\nvoid (*volatile functions[])(void) = {{\n{table}}};\n\
         int main(void) {{ int count = 0; for (int i = 0; i < {}; i++) count += functions[i] != 0; return count; }}\n",
        names.len()
    );
    for program in build_text("all.c", &text) {
        assert_eq!(run(&program, b"").halt.exit_code as usize, names.len());
    }
}

/// A program whose `main` lies in a library of its own.
#[test]
fn main_may_lie_in_an_archive() {
    if !has_compilers() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("five.c");
    std::fs::write(&source, "int main(void) { return 5; }\n").expect("a file");
    let (object, archive) = (compile(&folder, &source, &[]), folder.path().join("libfive.a"));
    stdout(Command::new("riscv64-unknown-elf-ar").arg("rc").args([&archive, &object]));
    for elf in [link_gnu(&folder, &archive), link_lld(&folder, &archive)] {
        let program = Program::from_elf(&elf).expect("a program of the machine");
        assert_eq!(run(&program, b"").halt.exit_code, 5);
    }
}

/// Compiled for an extension that the machine lacks, a guest loads; it runs as far as it does not use it.
#[test]
fn other_extensions_are_refused_where_they_are_executed() {
    if !has_compilers() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("atomic.c");
    let text = "#include \"zkvm_io.h\"\nstatic uint64_t counter;\nint main(void) {\n\
        const uint8_t *input; size_t size; read_input(&input, &size);\n\
        return size == 0 ? 0 : (int)__atomic_add_fetch(&counter, size, __ATOMIC_SEQ_CST); }\n";
    std::fs::write(&source, text).expect("a file");
    let object = compile(&folder, &source, &["-march=rv64ima"]);
    for elf in [link_gnu(&folder, &object), link_lld(&folder, &object)] {
        let program = Program::from_elf(&elf).expect("a program of the machine");
        assert_eq!(run(&program, b"").halt.exit_code, 0);
        let error = exec::run(&program, b"input", Options::default()).expect_err("a trap");
        let ExecError::Trap(trap) = &error else { panic!("{error}") };
        assert!(matches!(trap.reason, TrapReason::UnsupportedInstruction { name: "amoadd.d", .. }), "{error}");
        assert_eq!(trap.place.symbol.as_deref(), Some("main"));
    }
}

/// Flags that promise compressed code, floating point and whatever else, and code without them.
#[test]
fn the_flags_of_the_file_do_not_matter() {
    if !has_compilers() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let object = compile(&folder, &guests("c/examples/digest.c"), &[]);
    for mut elf in [link_gnu(&folder, &object), link_lld(&folder, &object)] {
        elf[48..52].fill(0xff);
        let program = Program::from_elf(&elf).expect("a program of the machine");
        assert_eq!(run(&program, b"input").halt.exit_code, 0);
    }
}
