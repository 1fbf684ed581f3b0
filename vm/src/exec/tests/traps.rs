use tern_air::isa::Opcode;

use super::{DATA, RODATA, TEXT, code, program, run_code, trap};
use crate::exec::{Access, ExecError, Machine, MemoryFault, Options, TrapReason, run};

#[test]
fn illegal_words() {
    let reason = |word| trap(code().nop().word(word)).reason;
    assert_eq!(reason(0x0010_0073), TrapReason::Breakpoint);
    assert_eq!(reason(0x3000_1073), TrapReason::CsrAccess { word: 0x3000_1073 });
    for word in [0, u32::MAX, 0x0000_100f, 0x3020_0073, 0x1000_202f, 0x0000_2007, 0x0000_8082] {
        assert_eq!(reason(word), TrapReason::IllegalInstruction { word });
    }
}

#[test]
fn a_trap_names_pc_symbol_and_cycle() {
    let trap = trap(code().nop().nop().word(0));
    assert_eq!((trap.pc, trap.symbol.as_deref(), trap.cycle), (TEXT + 8, Some("main"), 2));
    assert_eq!(trap.to_string(), "illegal instruction 0x00000000 at pc 0x00010008 in main, cycle 2");
}

#[test]
fn jumps_out_of_bounds() {
    let jump_to = |target: u64| trap(code().li(5, target).immediate(Opcode::Jalr, 0, 5, 0)).reason;
    assert_eq!(jump_to(u64::from(TEXT) + 2), TrapReason::MisalignedJump { target: u64::from(TEXT) + 2 });
    assert_eq!(jump_to(1 << 32), TrapReason::MisalignedJump { target: 1 << 32 });
    assert_eq!(jump_to(u64::MAX - 3), TrapReason::MisalignedJump { target: u64::MAX - 3 });
    assert_eq!(jump_to(0), TrapReason::FetchOutsideText);
    assert_eq!(jump_to(u64::from(RODATA)), TrapReason::FetchOutsideText);
    assert_eq!(jump_to(u64::from(DATA)), TrapReason::FetchOutsideText);
    assert_eq!(jump_to(u64::from(TEXT) - 4), TrapReason::FetchOutsideText);
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
    assert_eq!(trap(&start).reason, TrapReason::FetchOutsideText);
}

/// Every way to access memory of `bytes` bytes at `address`.
fn accesses(address: u64, bytes: u64) -> [(Access, TrapReason); 2] {
    let (load, store) = match bytes {
        1 => (Opcode::Lb, Opcode::Sb),
        2 => (Opcode::Lhu, Opcode::Sh),
        4 => (Opcode::Lw, Opcode::Sw),
        _ => (Opcode::Ld, Opcode::Sd),
    };
    let reason = |mut code: crate::testing::Asm| match run(&program(code.halt(0)), b"", Options::default()) {
        Err(ExecError::Trap(trap)) => trap.reason,
        Ok(_) => TrapReason::ScopeNotOpen,
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
            let expected = match fault {
                Some(fault) => TrapReason::Memory { access, address, bytes, fault },
                None => TrapReason::ScopeNotOpen,
            };
            // ScopeNotOpen stands for a run without a trap
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
    assert_eq!((trap.pc, trap.cycle), (TEXT, 100_000));
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
