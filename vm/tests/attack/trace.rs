//! The trace of a run: every instruction once, and what it writes.

use std::collections::HashMap;

use tern_air::isa;
use tern_vm::elf::Program;
use tern_vm::exec::{Options, Tracer, run, run_observed};
use tern_vm::testing::workload;

#[test]
fn a_trace_replays_the_run() {
    let program = Program::from_elf(&workload::elf()).expect("a program");
    let mut tracer = Tracer::new(Vec::new());
    let summary = run_observed(&program, workload::INPUT, Options::default(), &mut tracer).expect("a run");
    let text = String::from_utf8(tracer.finish().expect("a vector takes all")).expect("text");
    assert_eq!(text.lines().count() as u64, summary.cycles);
    let number = |text: &str| u64::from_str_radix(text.strip_prefix("0x").expect("hexadecimal"), 16).expect("a number");
    let (mut registers, mut memory, mut stores) = ([0_u64; 32], HashMap::<u64, u64>::new(), 0);
    for (step, line) in text.lines().enumerate() {
        let parts: Vec<&str> = line.split(' ').collect();
        let [at, pc, word, mnemonic, writes @ ..] = &parts[..] else { panic!("{line}") };
        assert_eq!((at.parse(), number(pc) % 4), (Ok(step), 0), "{line}");
        let instruction = isa::decode(number(word) as u32).expect("an instruction");
        assert_eq!(instruction.op.mnemonic(), *mnemonic, "{line}");
        // Sums, which this test can do itself, from what the lines before have written.
        let (a, b) = (registers[usize::from(instruction.rs1)], registers[usize::from(instruction.rs2)]);
        match writes {
            [] => {}
            [write] if write.starts_with('x') => {
                let (register, value) = write[1..].split_once('=').expect("a value");
                let (register, value): (usize, u64) = (register.parse().expect("a register"), number(value));
                match *mnemonic {
                    "add" => assert_eq!(value, a.wrapping_add(b), "{line}"),
                    "addi" => assert_eq!(value, a.wrapping_add_signed(instruction.imm.into()), "{line}"),
                    "xor" => assert_eq!(value, a ^ b, "{line}"),
                    "divu" => assert_eq!(value, a.checked_div(b).unwrap_or(u64::MAX), "{line}"),
                    "ld" => {
                        let address = a.wrapping_add_signed(instruction.imm.into());
                        memory.get(&address).iter().for_each(|stored| assert_eq!(value, **stored, "{line}"));
                    }
                    _ => {}
                }
                registers[register] = value;
            }
            [write] => {
                let (address, rest) = write.strip_prefix('[').and_then(|write| write.split_once(']')).expect("an address");
                let (bytes, value) = rest.split_once('=').expect("a value");
                assert_eq!(number(address), a.wrapping_add_signed(instruction.imm.into()), "{line}");
                let bits: u32 = 8 * bytes.parse::<u32>().expect("bytes");
                assert_eq!(number(value), b & (u64::MAX >> (64 - bits)), "{line}");
                if *mnemonic == "sd" {
                    memory.insert(number(address), number(value));
                }
                stores += 1;
            }
            _ => panic!("{line}"),
        }
    }
    assert_eq!(stores, 2 * workload::ROUNDS);
    // The last line is the halt, with its exit code and the digest's first part in registers.
    assert!(text.lines().last().is_some_and(|line| line.ends_with(" ecall")));
    assert_eq!((registers[10], registers[17]), (u64::from(summary.halt.exit_code), 0));
    let digest = summary.halt.output_digest;
    assert_eq!(registers[11], u64::from_le_bytes(digest[..8].try_into().expect("eight bytes")));
    assert_eq!(run(&program, workload::INPUT, Options::default()).expect("a run").cycles, summary.cycles);
}
