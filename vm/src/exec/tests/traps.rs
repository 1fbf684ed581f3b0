use tern_air::isa::Opcode;

use super::{DATA, RODATA, TEXT, code, program, run_code, trap};
use crate::elf::Program;
use crate::exec::{Access, ExecError, Machine, MemoryFault, Options, TrapReason, run};
use crate::testing::{ElfFile, ElfSegment, PF_R, PF_X};

#[test]
fn illegal_words() {
    let reason = |word| trap(code().nop().word(word)).reason;
    assert_eq!(reason(0x0010_0073), TrapReason::Breakpoint);
    for word in [0, u32::MAX, 0x0001_0000, 0x0000_200f, 0x0000_707f, 0x0000_4073] {
        assert_eq!(reason(word), TrapReason::IllegalInstruction { word });
    }
    let named = [
        (0x3000_1073, "csrrw"),
        (0x0000_100f, "fence.i"),
        (0x3020_0073, "mret"),
        (0x1000_202f, "lr.w"),
        (0x0000_2007, "flw"),
        (0x0000_8082, "c.jr"),
        (0xffff_4501, "c.li"),
    ];
    for (word, name) in named {
        assert_eq!(reason(word), TrapReason::UnsupportedInstruction { name, word });
    }
}

#[test]
fn words_that_are_never_executed_do_no_harm() {
    let mut code = code();
    let behind = code.label();
    code.jal(0, behind);
    for word in [0, u32::MAX, 0x0000_8082, 0x1000_202f, 0x0000_2007, 0x3000_1073] {
        code.word(word);
    }
    code.bind(behind).halt(0);
    let mut file = ElfFile::new(TEXT.into(), vec![ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes())]);
    // as a compiler marks a file in which it may use compressed code, floating point, and everything else
    file.flags = u32::MAX;
    let program = Program::from_elf(&file.bytes()).expect("a valid program");
    assert_eq!(run(&program, b"", Options::default()).expect("a finished run").halt.exit_code, 0);
}

#[test]
fn a_trap_names_pc_symbol_and_cycle() {
    let illegal = trap(code().nop().nop().word(0));
    assert_eq!((illegal.place.pc, illegal.place.symbol.as_deref(), illegal.cycle), (TEXT + 8, Some("main"), 2));
    assert_eq!(illegal.to_string(), "illegal instruction 0x00000000 at pc 0x00010008 in main, cycle 2");
    let unsupported = trap(code().nop().word(0x1000_202f));
    let text = "lr.w (0x1000202f) is no instruction of the machine, RV64IM at pc 0x00010004 in main, cycle 1";
    assert_eq!(unsupported.to_string(), text);
}

#[test]
fn a_wild_jump_is_reported_where_it_was_made() {
    let expected = |pc: u32, cycle: u64, target: u32| {
        format!("execution goes to {target:#010x}, outside the text, at pc {pc:#010x} in main, cycle {cycle}")
    };
    let mut jump = code();
    jump.nop().li(5, DATA.into());
    let (pc, cycle) = (jump.pc(), jump.words().len() as u64);
    assert_eq!(trap(jump.immediate(Opcode::Jalr, 1, 5, 0)).to_string(), expected(pc, cycle, DATA));
    let mut branch = code();
    branch.nop().op(Opcode::Beq, 0, 0, 0, -0x800);
    assert_eq!(trap(&branch).to_string(), expected(TEXT + 4, 1, TEXT + 4 - 0x800));
    // the same where the run is cut between the jump and what follows it
    let program = program(&jump);
    let mut machine = Machine::new(&program, b"", Options::default()).expect("a machine");
    machine.run(&mut (), cycle + 1).expect("all but the last step");
    let error = machine.run(&mut (), 1).expect_err("a trap");
    assert_eq!(error.to_string(), expected(pc, cycle, DATA));
}

#[test]
fn a_jump_to_no_instruction_names_both() {
    let trap = trap(code().nop().op(Opcode::Jal, 0, 0, 0, 0x100));
    assert_eq!((trap.place.pc, trap.source.as_ref().map(|place| place.pc), trap.cycle), (TEXT + 0x104, Some(TEXT + 4), 2));
    let text = "illegal instruction 0x00000000 at pc 0x00010104 in main, jumped to from pc 0x00010004 in main, cycle 2";
    assert_eq!(trap.to_string(), text);
}

#[test]
fn a_trap_says_why_it_names_no_function() {
    let mut code = code();
    code.nop().word(0);
    let file = ElfFile::new(TEXT.into(), vec![ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes())]);
    let stripped = Program::from_elf(&file.bytes()).expect("a valid program");
    let error = run(&stripped, b"", Options::default()).expect_err("a trap").to_string();
    let text = "abnormal termination: illegal instruction 0x00000000 at pc 0x00010004, cycle 1 \
        (no function names: the file has no symbol table (it was stripped))";
    assert_eq!(error, text);
}

#[test]
fn jumps_out_of_bounds() {
    let jump_to = |target: u64| trap(code().li(5, target).immediate(Opcode::Jalr, 0, 5, 0)).reason;
    assert_eq!(jump_to(u64::from(TEXT) + 2), TrapReason::MisalignedJump { target: u64::from(TEXT) + 2 });
    assert_eq!(jump_to(1 << 32), TrapReason::MisalignedJump { target: 1 << 32 });
    assert_eq!(jump_to(u64::MAX - 3), TrapReason::MisalignedJump { target: u64::MAX - 3 });
    for target in [0, RODATA, DATA, TEXT - 4] {
        assert_eq!(jump_to(target.into()), TrapReason::FetchOutsideText { target });
    }
    let misaligned = TrapReason::MisalignedJump { target: u64::from(TEXT) + 6 };
    assert_eq!(trap(code().op(Opcode::Jal, 1, 0, 0, 6)).reason, misaligned);
    assert_eq!(trap(code().op(Opcode::Beq, 0, 0, 0, 6)).reason, misaligned);
    // a branch that is not taken may name any target
    assert!(run_code(code().op(Opcode::Bne, 0, 0, 0, 6).halt(0)).is_ok());
    // and running off the end of the text
    let mut code = code();
    code.pad_to(TEXT + 0xffc).nop();
    let mut start = super::code();
    start.op(Opcode::Jal, 0, 0, 0, 0xffc).pad_to(TEXT + 0xffc).nop();
    let fallen = trap(&start);
    assert_eq!((fallen.place.pc, fallen.reason), (TEXT + 0xffc, TrapReason::FetchOutsideText { target: TEXT + 0x1000 }));
}

/// Every way to access memory of `bytes` bytes at `address`, and the trap that each meets, if any.
fn accesses(address: u64, bytes: u64) -> [(Access, Option<TrapReason>); 2] {
    let (load, store) = match bytes {
        1 => (Opcode::Lb, Opcode::Sb),
        2 => (Opcode::Lhu, Opcode::Sh),
        4 => (Opcode::Lw, Opcode::Sw),
        _ => (Opcode::Ld, Opcode::Sd),
    };
    let reason = |mut code: crate::testing::Asm| match run(&program(code.halt(0)), b"", Options::default()) {
        Err(ExecError::Trap(trap)) => Some(trap.reason),
        Ok(_) => None,
        Err(other) => panic!("{other}"),
    };
    let mut loads = code();
    loads.li(5, address).immediate(load, 6, 5, 0);
    let mut stores = code();
    stores.li(5, address).store(store, 6, 5, 0);
    [(Access::Load, reason(loads)), (Access::Store, reason(stores))]
}

#[test]
fn memory_regions() {
    use MemoryFault::*;
    // address, width, what a load meets, what a store meets
    let cases: &[(u64, u64, Option<MemoryFault>, Option<MemoryFault>)] = &[
        (0, 8, Some(NullPage), Some(NullPage)),
        (0xfff, 1, Some(NullPage), Some(NullPage)),
        (0xfff, 2, Some(NullPage), Some(NullPage)),
        (0x1000, 8, None, None),
        (u64::from(TEXT), 4, None, Some(ReadOnly)),
        (u64::from(TEXT) - 1, 1, None, None),
        (u64::from(TEXT) - 1, 2, Some(StraddlesRegions), Some(ReadOnly)),
        (u64::from(TEXT) + 0xffd, 4, Some(StraddlesRegions), Some(ReadOnly)),
        (u64::from(RODATA), 8, None, Some(ReadOnly)),
        (u64::from(RODATA) + 0xffc, 8, Some(StraddlesRegions), Some(ReadOnly)),
        (u64::from(RODATA) + 0x1000, 8, None, None),
        (0x7bff_fff8, 8, None, None),
        (0x7bff_fff9, 8, Some(GuardPage), Some(GuardPage)),
        (0x7c00_0000, 1, Some(GuardPage), Some(GuardPage)),
        (0x7c00_0fff, 1, Some(GuardPage), Some(GuardPage)),
        (0x7c00_1000, 1, None, None),
        (0x7fff_fff8, 8, None, None),
        (0x7fff_fffc, 8, Some(StraddlesRegions), Some(ReadOnly)),
        (0x8000_0000, 8, None, Some(ReadOnly)),
        (0xffff_fff8, 8, None, Some(ReadOnly)),
        (0xffff_fff9, 8, Some(BeyondMemory), Some(BeyondMemory)),
        (0x1_0000_0000, 1, Some(BeyondMemory), Some(BeyondMemory)),
        (0x1_2000_0000, 4, Some(BeyondMemory), Some(BeyondMemory)),
        (u64::MAX, 1, Some(BeyondMemory), Some(BeyondMemory)),
        (u64::MAX, 8, Some(BeyondMemory), Some(BeyondMemory)),
    ];
    for &(address, bytes, load, store) in cases {
        for ((access, reason), fault) in accesses(address, bytes).into_iter().zip([load, store]) {
            let expected = fault.map(|fault| TrapReason::Memory { access, address, bytes, fault });
            assert_eq!(reason, expected, "{access} of {bytes} at {address:#x}");
        }
    }
}

#[test]
fn endless_loops_end_at_the_cycle_limit() {
    let mut code = code();
    code.op(Opcode::Jal, 0, 0, 0, 0);
    let trap = trap(&code);
    assert_eq!(trap.reason, TrapReason::CycleLimit { limit: 100_000 });
    assert_eq!((trap.place.pc, trap.cycle), (TEXT, 100_000));
}

#[test]
fn a_program_may_halt_in_its_last_allowed_cycle() {
    let mut code = code();
    code.halt(3);
    let limit = code.words().len() as u64;
    let with = |cycle_limit| run(&program(&code), b"", Options { cycle_limit, ..Options::default() });
    assert_eq!(with(limit).expect("a finished run").cycles, limit);
    assert!(matches!(with(limit - 1), Err(ExecError::Trap(_))));
}

#[test]
fn stack_and_registers_start_at_zero_and_x0_stays() {
    let mut code = code();
    code.li(0, 77).immediate(Opcode::Addi, 5, 0, 1).halt(0);
    let mut machine = Machine::new(&program(&code), b"", Options::default()).expect("a machine");
    assert!((0..33).all(|register| machine.register(register) == 0));
    machine.run(&mut (), 2).expect("two steps");
    assert_eq!((machine.register(0), machine.register(5), machine.register(32)), (0, 1, 77));
}
