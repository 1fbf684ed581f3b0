//! Machine cycles a gas of blocks:
//! `cargo run --release -p tern-vm --example cycles_per_gas -- [--guest ELF] FILE...`
//!
//! A file is a block file or a list of fixtures. One line a block, of tab-separated columns: gas
//! used, cycles, cycles a gas, calls of each accelerator, whether the block is valid, and its name.
//! Blocks run on as many threads as there are cores; lines come in the files' order. Exit status 1
//! if a file cannot be read or a run does not end with an output.

use std::error::Error;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use tern_guest_evm::PublicOutput;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::salt::TEST_SALT;
use tern_vm::elf::Program;
use tern_vm::exec::{Options, run};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut elf = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-evm/elf/guest.elf").to_string();
    if arguments.first().is_some_and(|argument| argument == "--guest") {
        elf = arguments.drain(..2).next_back().ok_or("--guest needs an ELF")?;
    }
    let guest = Program::from_elf(&std::fs::read(&elf)?)?;
    let mut blocks = Vec::new();
    for path in &arguments {
        blocks.extend(read(Path::new(path)).map_err(|error| format!("{path}: {error}"))?);
    }
    println!("gas\tcycles\tcycles/gas\tkeccak\tmulmod\tmulmod384\tsha256\tblake2f\tvalid\tname");
    let lines = Mutex::new(vec![None; blocks.len()]);
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let at = next.fetch_add(1, Relaxed);
            let Some((name, block)) = blocks.get(at) else { return };
            let line = measure(&guest, block).unwrap_or_else(|error| format!("failed: {error}"));
            lines.lock().expect("no thread panics")[at] = Some(format!("{line}\t{name}"));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let lines = lines.into_inner().expect("no thread panics");
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    println!("{}", lines.join("\n"));
    match lines.iter().any(|line| line.starts_with("failed")) {
        true => Err("some blocks have no verdict".into()),
        false => Ok(()),
    }
}

/// The blocks in a file with their names.
fn read(path: &Path) -> Result<Vec<(String, BlockFile)>, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'[') {
        return Ok(vec![(stem, BlockFile::parse(&bytes)?)]);
    }
    let cases = BlockFile::parse_list(&bytes)?;
    Ok(cases.into_iter().map(|case| (format!("{stem}: {}", case.name.as_deref().unwrap_or("?")), case)).collect())
}

/// The line of a block.
fn measure(guest: &Program, block: &BlockFile) -> Result<String, Box<dyn Error>> {
    let gas = tern_guest_evm::block::read_header(&block.parts()?.block)?.0.gas_used;
    let run = run(guest, &block.salted_guest_input(&TEST_SALT)?, Options::default())?;
    let valid = PublicOutput::decode(&run.output)?.valid;
    let ratio = run.cycles as f64 / gas.max(1) as f64;
    let counters = &run.counters;
    let calls = [counters.keccak_calls, counters.mulmod_calls, counters.mulmod384_calls, counters.sha256_calls, counters.blake2f_calls];
    let calls = calls.map(|calls| calls.to_string()).join("\t");
    Ok(format!("{gas}\t{}\t{ratio:.2}\t{calls}\t{valid}", run.cycles))
}
