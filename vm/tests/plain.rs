//! The programs that the machine is measured by, against values that another implementation
//! computed (Python's `hashlib` and integers).

use tern_vm::elf::Program;
use tern_vm::exec::{self, Options, RunSummary};

fn run(kind: u8, n: u32) -> RunSummary {
    let elf = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-evm/elf/plain.elf")).expect("the program");
    let input = [&[kind], n.to_le_bytes().as_slice()].concat();
    exec::run(&Program::from_elf(&elf).expect("a program"), &input, Options::default()).expect("no trap")
}

#[test]
fn outputs_are_those_of_another_implementation() {
    let chain = "12771355e46cd47c71ed1721fd5319b383cca3a1f9fce3aa1c8cd3bd37af20d7";
    let expected = [(0, 1000, 5965_u32.to_le_bytes().to_vec()), (1, 3, hex::decode(chain).expect("a digest")), (1, 0, vec![0; 32])];
    for (kind, n, output) in expected {
        let run = run(kind, n);
        assert_eq!((run.halt.exit_code, run.output), (0, output), "{kind} {n}");
        let counters = run.counters;
        let calls = [counters.keccak_calls, counters.mulmod_calls, counters.mulmod384_calls, counters.sha256_calls, counters.blake2f_calls];
        assert_eq!(calls, [0; 5], "no accelerator");
    }
    assert_eq!(run(2, 1).halt.exit_code, 2);
}
