//! Blocks validated in the machine: real ones, tampered ones, those on which validators were wrong
//! or slow, and the execution-spec-tests.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU64, AtomicUsize};

use tern_guest_evm::PublicOutput;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::rlp::{next_list, push_list_header, whole_list};
use tern_guest_evm::salt::{Salt, TEST_SALT};
use tern_guest_evm::sample::sample_block;
use tern_vm::elf::Program;
use tern_vm::exec::{Options, RunSummary, run};

use crate::support::read;

const GUEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-evm/elf/guest.elf");

/// The data folder: `TERN_DATA`, or `../shared/data` beside the workspace. Its absence is an error
/// where `CI=true`.
fn data_folder() -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("TERN_DATA").map_or_else(default, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no test data at {}", folder.display());
    println!("skipped: no test data at {}", folder.display());
    None
}

/// The files in a folder, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// All JSON files below a folder, by name.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let below = |path: PathBuf| if path.is_dir() { files_below(&path) } else { vec![path] };
    files(folder).into_iter().flat_map(below).filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect()
}

fn guest() -> Program {
    Program::from_elf(&read(Path::new(GUEST))).expect("the block guest")
}

fn parse(path: &Path) -> BlockFile {
    BlockFile::parse(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether the block is to be valid: by the end of the file's name, else by what the file says.
fn is_accepted(name: &str, block: &BlockFile) -> bool {
    if name.ends_with("__valid.json") || name.ends_with("__invalid.json") {
        return !name.ends_with("__invalid.json");
    }
    let info = block.info.as_ref().and_then(|info| info.expect.as_deref());
    match block.expect.as_deref().or(info) {
        Some("accept") => true,
        Some("reject") => false,
        other => panic!("{name}: expect is {other:?}"),
    }
}

/// Validates a block in the machine; the verdict natively must be the same in every field.
fn validate_salted(guest: &Program, name: &str, block: &BlockFile, salt: &Salt) -> (PublicOutput, RunSummary) {
    let input = block.salted_guest_input(salt).unwrap_or_else(|error| panic!("{name}: {error}"));
    let summary = run(guest, &input, Options::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(summary.halt.exit_code, 0, "{name}");
    let output = PublicOutput::decode(&summary.output).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(output, tern_guest_evm::validate(&input).output, "{name}");
    (output, summary)
}

/// Validates a block in the machine and compares with what the file expects.
fn validate(guest: &Program, name: &str, block: &BlockFile) -> RunSummary {
    let (output, summary) = validate_salted(guest, name, block, &TEST_SALT);
    assert_eq!(output.valid, is_accepted(name, block), "{name}");
    if let Some(hash) = block.info.as_ref().and_then(|info| info.hash.as_deref()) {
        assert_eq!(output.block_hash.to_string(), hash, "{name}");
    }
    summary
}

fn validate_folder(name: &str, count: usize) {
    let Some(data) = data_folder() else { return };
    let guest = guest();
    let files = files(&data.join(name));
    assert_eq!(files.len(), count);
    for path in files {
        let name = path.display().to_string();
        let summary = validate(&guest, &name, &parse(&path));
        println!("{name}: {} cycles, {:?}", summary.cycles, summary.counters);
    }
}

#[test]
fn real_blocks_get_their_verdicts_in_the_machine() {
    validate_folder("blocks", 10);
}

#[test]
fn tampered_blocks_get_their_verdicts_in_the_machine() {
    validate_folder("blocks-negative", 18);
}

/// The gas that the block's header says was used.
fn gas_used(block: &BlockFile) -> u64 {
    let parts = block.parts().expect("a block file");
    tern_guest_evm::block::read_header(&parts.block).expect("a header").0.gas_used
}

#[test]
fn findings_get_their_verdicts_in_the_machine() {
    let Some(data) = data_folder() else { return };
    let guest = guest();
    let files = files(&data.join("blocks-findings"));
    assert_eq!(files.len(), 6);
    for path in files {
        let (name, block) = (path.display().to_string(), parse(&path));
        // These two take half a gibibyte of EVM memory and billions of cycles: a test of their own.
        if name.contains("memory_limit") {
            continue;
        }
        let (cycles, gas) = (validate(&guest, &name, &block).cycles, gas_used(&block));
        println!("{name}: {cycles} cycles, {:.2} a gas", cycles as f64 / gas as f64);
        if name.contains("colliding_keys") {
            assert!(cycles < 20 * gas, "{name}: {cycles} cycles for {gas} gas");
        }
    }
}

#[test]
fn large_evm_memory_gets_its_verdicts_in_the_machine() {
    let Some(data) = data_folder() else { return };
    for file in ["memory_limit__valid.json", "memory_limit__invalid.json"] {
        let block = parse(&data.join("blocks-findings").join(file));
        let cycles = validate(&guest(), file, &block).cycles;
        println!("{file}: {cycles} cycles");
    }
}

#[test]
fn no_output_in_the_machine_depends_on_the_salt() {
    let Some(data) = data_folder() else { return };
    let guest = guest();
    let files = ["blocks", "blocks-findings"].map(|folder| files(&data.join(folder))).concat();
    for path in files.iter().filter(|path| !path.display().to_string().contains("memory_limit")) {
        let (name, block) = (path.display().to_string(), parse(path));
        let (expected, base) = validate_salted(&guest, &name, &block, &TEST_SALT);
        let mut cycles = vec![base.cycles];
        for salt in [[0; 32], [0xa5; 32]] {
            let (output, summary) = validate_salted(&guest, &name, &block, &salt);
            assert_eq!(output, expected, "{name} under salt {:02x}", salt[0]);
            cycles.push(summary.cycles);
        }
        println!("{name}: {cycles:?} cycles");
        // The order of the maps did change.
        assert_ne!(cycles[1], cycles[2], "{name}");
        assert!(cycles.iter().all(|cycles| cycles.abs_diff(base.cycles) < base.cycles / 20), "{name}: {cycles:?}");
    }
}

/// A sample block's parts with another body: payloads of the transactions and withdrawals.
fn with_body(transactions: &[u8], withdrawals: &[u8]) -> Vec<u8> {
    let list = |payload: &[u8]| {
        let mut list = Vec::new();
        push_list_header(&mut list, payload.len());
        [list.as_slice(), payload].concat()
    };
    let mut parts = sample_block(3, 1).expect("a block").parts().expect("a block file");
    let mut fields = whole_list(&parts.block).expect("a block");
    let header = next_list(&mut fields).expect("a header").raw.to_vec();
    parts.block = list(&[header, list(transactions), list(&[]), list(withdrawals)].concat());
    parts.encode(&TEST_SALT)
}

#[test]
fn a_million_junk_transactions_or_withdrawals_cost_little() {
    let guest = guest();
    // As long as a block may be (EIP-7934).
    let long = [&[0x87][..], &[2; 7]].concat();
    let bodies =
        [(vec![1], vec![]), (vec![0xc0], vec![]), (long, vec![]), (vec![], vec![0xc0]), (vec![], vec![0xc4, 0x80, 0x80, 0x80, 0x80])];
    for (transaction, withdrawal) in bodies {
        let input = with_body(&transaction.repeat(1_000_000), &withdrawal.repeat(1_000_000));
        let summary = run(&guest, &input, Options::default()).expect("a verdict");
        let output = PublicOutput::decode(&summary.output).expect("a verdict");
        assert!(!output.valid && summary.halt.exit_code == 0);
        println!("{} bytes of input: {} cycles", input.len(), summary.cycles);
        assert!(summary.cycles < 60_000_000, "{} cycles", summary.cycles);
    }
}

#[test]
fn eest_cases_get_their_verdicts_in_the_machine() {
    validate_cases("eest-plain", 993, |_, _, _| ());
}

/// The worst cases of the execution-spec-tests, of 1 and 10 million gas.
#[test]
fn worst_cases_cost_less_than_fifty_cycles_a_gas() {
    validate_cases("eest-benchmark-plain", 56, |name, cycles, gas| {
        // What an empty block costs, and the block's transactions before they run.
        const FIXED: u64 = 500_000;
        println!("{name}: {cycles} cycles, {:.2} a gas", cycles as f64 / gas.max(1) as f64);
        assert!(cycles < 50 * gas + FIXED, "{name}: {cycles} cycles for {gas} gas");
    });
}

/// Validates the execution-spec-tests in a folder, on as many threads as there are cores; `look`
/// gets each one's name, cycles and gas.
fn validate_cases(folder: &str, count: usize, look: impl Fn(&str, u64, u64) + Sync) {
    let Some(data) = data_folder() else { return };
    let guest = guest();
    let parse = |path: PathBuf| BlockFile::parse_list(&read(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases: Vec<BlockFile> = files_below(&data.join(folder)).into_iter().flat_map(parse).collect();
    assert_eq!(cases.len(), count);
    let (next, cycles) = (AtomicUsize::new(0), AtomicU64::new(0));
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Relaxed)) {
            let name = case.name.as_deref().expect("a name");
            let own = validate(&guest, name, case).cycles;
            look(name, own, gas_used(case));
            cycles.fetch_add(own, Relaxed);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    println!("{} cases: {} cycles", cases.len(), cycles.into_inner());
}
