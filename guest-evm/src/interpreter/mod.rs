//! The loop over a frame's instructions.
//!
//! The instructions of which blocks mostly consist are done here, with program counter, stack and gas in registers. All
//! others are left to revm's table, and so is every instruction that would halt, before anything of it was done: which of its
//! errors comes first is for revm to say. So what stands here is only what an instruction does when it succeeds.
//!
//! The state in registers is written to the frame before revm's code runs, and read from it afterwards.

pub(crate) mod words;

#[cfg(test)]
mod tests;

use core::mem::MaybeUninit;
use core::ops::Deref;

use revm::bytecode::opcode;
use revm::context_interface::Host;
use revm::context_interface::cfg::GasParams;
use revm::interpreter::instructions::gas_table;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_types::{Immediates as _, Jumps as _, LoopControl as _};
use revm::interpreter::{GasTable, InstructionContext, InstructionTable, Interpreter, InterpreterAction, STACK_LIMIT};

use crate::code::Jumps;
use words::Word;

/// Gas of the instructions that are done here, the same in all forks.
const COSTS: GasTable = gas_table();

/// Most gas that is kept in a register.
const MOST_GAS: u64 = i64::MAX as u64;

/// The first instruction that may be in [`REMEMBERED`].
const FIRST_REMEMBERED: u8 = opcode::ADDRESS;

/// Instructions that push the same word each time until the frame calls or creates another: bits from [`FIRST_REMEMBERED`].
const REMEMBERED: u32 = {
    let list = [
        opcode::ADDRESS,
        opcode::ORIGIN,
        opcode::CALLER,
        opcode::CODESIZE,
        opcode::GASPRICE,
        opcode::COINBASE,
        opcode::TIMESTAMP,
        opcode::NUMBER,
        opcode::DIFFICULTY,
        opcode::GASLIMIT,
        opcode::CHAINID,
        opcode::SELFBALANCE,
        opcode::BASEFEE,
        opcode::BLOBBASEFEE,
    ];
    let mut bits = 0;
    let mut i = 0;
    while i < list.len() {
        bits |= 1 << (list[i] - FIRST_REMEMBERED);
        i += 1;
    }
    bits
};

/// Runs `frame` until it ends or calls or creates another, as [`Interpreter::run_plain`] does.
///
/// `jumps` are the jump destinations of lazy bytecode ([`crate::code`]).
pub(crate) fn run<H: Host>(
    frame: &mut Interpreter,
    jumps: Option<&Jumps>,
    table: &InstructionTable<EthInterpreter, H>,
    costs: &GasTable,
    host: &mut H,
) -> InterpreterAction {
    // What may be jumped to: one bit a byte of code.
    let Some(destinations) = frame.bytecode.legacy_jump_table() else { return frame.run_plain(table, costs, host) };
    let code_len = destinations.len().min(frame.bytecode.len());
    let destinations = jumps.map_or(destinations.as_slice().as_ptr(), Jumps::known);
    let code = frame.bytecode.bytecode_ptr();
    let bottom = frame.stack.data_mut().as_mut_ptr().cast::<Word>();
    let limit = bottom.wrapping_add(STACK_LIMIT);
    // The last byte of memory and of call data at which a word begins, and one: zero as long as that is not known.
    let (mut memory, mut memory_end) = (core::ptr::null_mut::<u8>(), 0);
    let (mut data, mut data_end) = (core::ptr::null::<u8>(), 0);
    let mut remembered = [const { MaybeUninit::<Word>::uninit() }; 32];
    let mut is_remembered = 0u32;

    let (mut next, mut top, mut gas, mut more_gas);
    macro_rules! load {
        () => {
            next = frame.bytecode.read_slice(1).as_ptr();
            top = bottom.wrapping_add(frame.stack.len());
            more_gas = frame.gas.remaining().saturating_sub(MOST_GAS);
            gas = (frame.gas.remaining() - more_gas) as i64;
        };
    }
    load!();
    let end = 'run: loop {
        // SAFETY: the code is padded: wherever the instructions before lead, there is a byte.
        let op = unsafe { *next };
        'revm: {
            // Gas that is left after the instruction.
            macro_rules! spend {
                ($op:ident) => {{
                    let left = gas - COSTS[opcode::$op as usize] as i64;
                    if left < 0 {
                        break 'revm;
                    }
                    left
                }};
            }
            macro_rules! has {
                ($words:expr) => {
                    if top < bottom.wrapping_add($words) {
                        break 'revm;
                    }
                };
            }
            macro_rules! has_room {
                () => {
                    if top == limit {
                        break 'revm;
                    }
                };
            }
            // The word so far below the top.
            macro_rules! peek {
                ($depth:expr) => {
                    // SAFETY: `has!` looked at that.
                    unsafe { &mut *top.sub(1 + $depth) }
                };
            }
            macro_rules! push {
                ($word:expr) => {
                    let word: Word = $word;
                    // SAFETY: `has_room!` looked at that.
                    unsafe { top.write(word) };
                    top = top.wrapping_add(1);
                };
                ($op:ident, $bytes:literal) => {{
                    let left = spend!($op);
                    has_room!();
                    // SAFETY: the padding is as long as the bytes of any PUSH.
                    push!(unsafe { words::read_number::<$bytes>(next.add(1)) });
                    gas = left;
                    next = next.wrapping_add($bytes + 1);
                    continue 'run;
                }};
            }
            macro_rules! push_word {
                ($op:ident, $word:expr) => {{
                    let left = spend!($op);
                    has_room!();
                    push!($word);
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }};
            }
            macro_rules! dup {
                ($op:ident, $depth:literal) => {{
                    let left = spend!($op);
                    has!($depth);
                    has_room!();
                    push!(*peek!($depth - 1));
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }};
            }
            macro_rules! swap {
                ($op:ident, $depth:literal) => {{
                    let left = spend!($op);
                    has!($depth + 1);
                    core::mem::swap(peek!(0), peek!($depth));
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }};
            }
            // Replaces the words on top, as many as the function takes, by its result.
            macro_rules! replace {
                ($op:ident, 1, $f:expr) => {{
                    let left = spend!($op);
                    has!(1);
                    *peek!(0) = $f(peek!(0));
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }};
                ($op:ident, 2, $f:expr) => {{
                    let left = spend!($op);
                    has!(2);
                    *peek!(1) = $f(peek!(0), peek!(1));
                    top = top.wrapping_sub(1);
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }};
                ($op:ident, 3, $f:expr) => {{
                    let left = spend!($op);
                    has!(3);
                    *peek!(2) = $f(peek!(0), peek!(1), peek!(2));
                    top = top.wrapping_sub(2);
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }};
            }
            // Where the word at the top points to in memory, which is made to hold so many bytes from there.
            macro_rules! in_memory {
                ($bytes:expr, $left:ident) => {{
                    let Some(at) = words::small(peek!(0)) else { break 'revm };
                    if at >= memory_end {
                        let Some(left) = grow_memory(frame, host.gas_params(), at, $bytes, ($left as u64).wrapping_add(more_gas)) else {
                            break 'revm;
                        };
                        $left = left.wrapping_sub(more_gas) as i64;
                        let mut bytes = frame.memory.context_memory_mut();
                        (memory, memory_end) = (bytes.as_mut_ptr(), words_end(bytes.len()));
                        data_end = 0;
                    }
                    memory.wrapping_add(at as usize)
                }};
            }
            // Whether a jump may go there.
            macro_rules! is_destination {
                ($target:expr) => {{
                    let target: usize = $target;
                    // SAFETY: there is a bit for each byte of the code.
                    target < code_len
                        && (unsafe { *destinations.add(target / 8) } >> (target % 8) & 1 != 0
                            || jumps.is_some_and(|jumps| jumps.is_valid(frame.bytecode.original_byte_slice(), target)))
                }};
            }
            // Goes on at a destination, and over its JUMPDEST if there is gas for that.
            macro_rules! go_to {
                ($target:expr) => {
                    next = code.wrapping_add($target);
                    if gas >= COSTS[opcode::JUMPDEST as usize] as i64 {
                        gas -= COSTS[opcode::JUMPDEST as usize] as i64;
                        next = next.wrapping_add(1);
                    }
                };
            }
            // Jumps to where the word at the top says.
            macro_rules! jump {
                ($left:expr) => {{
                    let target = words::small(peek!(0)).unwrap_or(u64::MAX) as usize;
                    if !is_destination!(target) {
                        break 'revm;
                    }
                    gas = $left;
                    go_to!(target);
                }};
            }

            match op {
                opcode::ADD => replace!(ADD, 2, words::add),
                opcode::MUL => replace!(MUL, 2, words::mul),
                opcode::SUB => replace!(SUB, 2, words::sub),
                opcode::DIV => replace!(DIV, 2, words::div),
                opcode::SDIV => replace!(SDIV, 2, words::signed_div),
                opcode::MOD => replace!(MOD, 2, words::rem),
                opcode::SMOD => replace!(SMOD, 2, words::signed_rem),
                opcode::ADDMOD => replace!(ADDMOD, 3, words::add_mod),
                opcode::MULMOD => replace!(MULMOD, 3, words::mul_mod),
                opcode::SIGNEXTEND => replace!(SIGNEXTEND, 2, words::sign_extend),
                opcode::LT => replace!(LT, 2, |a: &Word, b: &Word| words::from_bool(words::less(a, b))),
                opcode::GT => replace!(GT, 2, |a: &Word, b: &Word| words::from_bool(words::less(b, a))),
                opcode::SLT => replace!(SLT, 2, |a: &Word, b: &Word| words::from_bool(words::signed_less(a, b))),
                opcode::SGT => replace!(SGT, 2, |a: &Word, b: &Word| words::from_bool(words::signed_less(b, a))),
                opcode::EQ => replace!(EQ, 2, |a: &Word, b: &Word| words::from_bool(words::is_zero(&words::map2(a, b, |a, b| a ^ b)))),
                opcode::ISZERO => replace!(ISZERO, 1, |a: &Word| words::from_bool(words::is_zero(a))),
                opcode::AND => replace!(AND, 2, |a: &Word, b: &Word| words::map2(a, b, |a, b| a & b)),
                opcode::OR => replace!(OR, 2, |a: &Word, b: &Word| words::map2(a, b, |a, b| a | b)),
                opcode::XOR => replace!(XOR, 2, |a: &Word, b: &Word| words::map2(a, b, |a, b| a ^ b)),
                opcode::NOT => replace!(NOT, 1, |a: &Word| words::map2(a, a, |a, _| !a)),
                opcode::BYTE => replace!(BYTE, 2, words::byte),
                opcode::SHL => replace!(SHL, 2, words::shl),
                opcode::SHR => replace!(SHR, 2, words::shr),
                opcode::SAR => replace!(SAR, 2, words::sar),
                opcode::POP => {
                    let left = spend!(POP);
                    has!(1);
                    top = top.wrapping_sub(1);
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }
                opcode::CALLVALUE => push_word!(CALLVALUE, *frame.input.call_value.as_limbs()),
                opcode::CALLDATASIZE => push_word!(CALLDATASIZE, words::from_u64(frame.input.input.len() as u64)),
                opcode::RETURNDATASIZE => push_word!(RETURNDATASIZE, words::from_u64(frame.return_data.0.len() as u64)),
                opcode::PC => push_word!(PC, words::from_u64((next.addr() - code.addr()) as u64)),
                opcode::MSIZE => push_word!(MSIZE, words::from_u64(frame.memory.len() as u64)),
                opcode::PUSH0 => push_word!(PUSH0, words::ZERO),
                opcode::CALLDATALOAD => {
                    let left = spend!(CALLDATALOAD);
                    has!(1);
                    let at = words::small(peek!(0)).unwrap_or(u64::MAX);
                    if at >= data_end {
                        let bytes = call_data(frame);
                        (data, data_end) = (bytes.as_ptr(), words_end(bytes.len()));
                        *peek!(0) = words::read_padded(&bytes, at);
                    } else {
                        // SAFETY: a word of the call data begins there.
                        *peek!(0) = unsafe { words::read(data.wrapping_add(at as usize)) };
                    }
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }
                opcode::MLOAD => {
                    let mut left = spend!(MLOAD);
                    has!(1);
                    let at = in_memory!(size_of::<Word>(), left);
                    // SAFETY: a word of the memory begins there.
                    *peek!(0) = unsafe { words::read(at) };
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }
                opcode::MSTORE => {
                    let mut left = spend!(MSTORE);
                    has!(2);
                    let (at, value) = (in_memory!(size_of::<Word>(), left), peek!(1));
                    // SAFETY: a word of the memory begins there.
                    unsafe { words::write(at, value) };
                    top = top.wrapping_sub(2);
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }
                opcode::MSTORE8 => {
                    let mut left = spend!(MSTORE8);
                    has!(2);
                    let (at, value) = (in_memory!(1, left), peek!(1));
                    // SAFETY: the byte is in memory.
                    unsafe { *at = value[0] as u8 };
                    top = top.wrapping_sub(2);
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }
                opcode::JUMP => {
                    let left = spend!(JUMP);
                    has!(1);
                    jump!(left);
                    top = top.wrapping_sub(1);
                    continue 'run;
                }
                opcode::JUMPI => {
                    let left = spend!(JUMPI);
                    has!(2);
                    if words::is_zero(peek!(1)) {
                        gas = left;
                        next = next.wrapping_add(1);
                    } else {
                        jump!(left);
                    }
                    top = top.wrapping_sub(2);
                    continue 'run;
                }
                opcode::GAS => {
                    let left = spend!(GAS);
                    has_room!();
                    push!(words::from_u64((left as u64).wrapping_add(more_gas)));
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }
                opcode::JUMPDEST => {
                    gas = spend!(JUMPDEST);
                    next = next.wrapping_add(1);
                    continue 'run;
                }
                opcode::ADDRESS
                | opcode::ORIGIN
                | opcode::CALLER
                | opcode::CODESIZE
                | opcode::GASPRICE
                | opcode::COINBASE
                | opcode::TIMESTAMP
                | opcode::NUMBER
                | opcode::DIFFICULTY
                | opcode::GASLIMIT
                | opcode::CHAINID
                | opcode::SELFBALANCE
                | opcode::BASEFEE
                | opcode::BLOBBASEFEE => {
                    let index = op - FIRST_REMEMBERED;
                    if is_remembered >> index & 1 == 0 {
                        break 'revm;
                    }
                    let left = gas - i64::from(costs[usize::from(op)]);
                    if left < 0 {
                        break 'revm;
                    }
                    has_room!();
                    // SAFETY: the bit says that there is a word.
                    push!(unsafe { remembered[usize::from(index)].assume_init() });
                    gas = left;
                    next = next.wrapping_add(1);
                    continue 'run;
                }
                opcode::PUSH2 => {
                    let left = spend!(PUSH2);
                    has_room!();
                    // SAFETY: a byte follows those of a PUSH.
                    let bytes = unsafe { next.add(1).cast::<[u8; 3]>().read() };
                    let target = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
                    // A jump that follows is done at once, if it succeeds.
                    if bytes[2] == opcode::JUMPI {
                        let left = left - COSTS[opcode::JUMPI as usize] as i64;
                        if left >= 0 && top != bottom {
                            if words::is_zero(peek!(0)) {
                                top = top.wrapping_sub(1);
                                gas = left;
                                next = next.wrapping_add(4);
                                continue 'run;
                            }
                            if is_destination!(target) {
                                top = top.wrapping_sub(1);
                                gas = left;
                                go_to!(target);
                                continue 'run;
                            }
                        }
                    } else if bytes[2] == opcode::JUMP {
                        let left = left - COSTS[opcode::JUMP as usize] as i64;
                        if left >= 0 && is_destination!(target) {
                            gas = left;
                            go_to!(target);
                            continue 'run;
                        }
                    }
                    push!(words::from_u64(target as u64));
                    gas = left;
                    next = next.wrapping_add(3);
                    continue 'run;
                }
                opcode::PUSH1 => push!(PUSH1, 1),
                opcode::PUSH3 => push!(PUSH3, 3),
                opcode::PUSH4 => push!(PUSH4, 4),
                opcode::PUSH5 => push!(PUSH5, 5),
                opcode::PUSH6 => push!(PUSH6, 6),
                opcode::PUSH7 => push!(PUSH7, 7),
                opcode::PUSH8 => push!(PUSH8, 8),
                opcode::PUSH9 => push!(PUSH9, 9),
                opcode::PUSH10 => push!(PUSH10, 10),
                opcode::PUSH11 => push!(PUSH11, 11),
                opcode::PUSH12 => push!(PUSH12, 12),
                opcode::PUSH13 => push!(PUSH13, 13),
                opcode::PUSH14 => push!(PUSH14, 14),
                opcode::PUSH15 => push!(PUSH15, 15),
                opcode::PUSH16 => push!(PUSH16, 16),
                opcode::PUSH17 => push!(PUSH17, 17),
                opcode::PUSH18 => push!(PUSH18, 18),
                opcode::PUSH19 => push!(PUSH19, 19),
                opcode::PUSH20 => push!(PUSH20, 20),
                opcode::PUSH21 => push!(PUSH21, 21),
                opcode::PUSH22 => push!(PUSH22, 22),
                opcode::PUSH23 => push!(PUSH23, 23),
                opcode::PUSH24 => push!(PUSH24, 24),
                opcode::PUSH25 => push!(PUSH25, 25),
                opcode::PUSH26 => push!(PUSH26, 26),
                opcode::PUSH27 => push!(PUSH27, 27),
                opcode::PUSH28 => push!(PUSH28, 28),
                opcode::PUSH29 => push!(PUSH29, 29),
                opcode::PUSH30 => push!(PUSH30, 30),
                opcode::PUSH31 => push!(PUSH31, 31),
                opcode::PUSH32 => push!(PUSH32, 32),
                opcode::DUP1 => dup!(DUP1, 1),
                opcode::DUP2 => dup!(DUP2, 2),
                opcode::DUP3 => dup!(DUP3, 3),
                opcode::DUP4 => dup!(DUP4, 4),
                opcode::DUP5 => dup!(DUP5, 5),
                opcode::DUP6 => dup!(DUP6, 6),
                opcode::DUP7 => dup!(DUP7, 7),
                opcode::DUP8 => dup!(DUP8, 8),
                opcode::DUP9 => dup!(DUP9, 9),
                opcode::DUP10 => dup!(DUP10, 10),
                opcode::DUP11 => dup!(DUP11, 11),
                opcode::DUP12 => dup!(DUP12, 12),
                opcode::DUP13 => dup!(DUP13, 13),
                opcode::DUP14 => dup!(DUP14, 14),
                opcode::DUP15 => dup!(DUP15, 15),
                opcode::DUP16 => dup!(DUP16, 16),
                opcode::SWAP1 => swap!(SWAP1, 1),
                opcode::SWAP2 => swap!(SWAP2, 2),
                opcode::SWAP3 => swap!(SWAP3, 3),
                opcode::SWAP4 => swap!(SWAP4, 4),
                opcode::SWAP5 => swap!(SWAP5, 5),
                opcode::SWAP6 => swap!(SWAP6, 6),
                opcode::SWAP7 => swap!(SWAP7, 7),
                opcode::SWAP8 => swap!(SWAP8, 8),
                opcode::SWAP9 => swap!(SWAP9, 9),
                opcode::SWAP10 => swap!(SWAP10, 10),
                opcode::SWAP11 => swap!(SWAP11, 11),
                opcode::SWAP12 => swap!(SWAP12, 12),
                opcode::SWAP13 => swap!(SWAP13, 13),
                opcode::SWAP14 => swap!(SWAP14, 14),
                opcode::SWAP15 => swap!(SWAP15, 15),
                opcode::SWAP16 => swap!(SWAP16, 16),
                // All others, each by its number: so the compiler looks up every opcode in one table, without a comparison.
                0x00 | 0x0a | 0x0c | 0x0d | 0x0e | 0x0f | 0x1e | 0x1f | 0x20 | 0x21 | 0x22 | 0x23 | 0x24 | 0x25 | 0x26 | 0x27 | 0x28
                | 0x29 | 0x2a | 0x2b | 0x2c | 0x2d | 0x2e | 0x2f | 0x31 | 0x37 | 0x39 | 0x3b | 0x3c | 0x3e | 0x3f | 0x40 | 0x49 | 0x4b
                | 0x4c | 0x4d | 0x4e | 0x4f | 0x54 | 0x55 | 0x5c | 0x5d | 0x5e | 0xa0 | 0xa1 | 0xa2 | 0xa3 | 0xa4 | 0xa5 | 0xa6 | 0xa7
                | 0xa8 | 0xa9 | 0xaa | 0xab | 0xac | 0xad | 0xae | 0xaf | 0xb0 | 0xb1 | 0xb2 | 0xb3 | 0xb4 | 0xb5 | 0xb6 | 0xb7 | 0xb8
                | 0xb9 | 0xba | 0xbb | 0xbc | 0xbd | 0xbe | 0xbf | 0xc0 | 0xc1 | 0xc2 | 0xc3 | 0xc4 | 0xc5 | 0xc6 | 0xc7 | 0xc8 | 0xc9
                | 0xca | 0xcb | 0xcc | 0xcd | 0xce | 0xcf | 0xd0 | 0xd1 | 0xd2 | 0xd3 | 0xd4 | 0xd5 | 0xd6 | 0xd7 | 0xd8 | 0xd9 | 0xda
                | 0xdb | 0xdc | 0xdd | 0xde | 0xdf | 0xe0 | 0xe1 | 0xe2 | 0xe3 | 0xe4 | 0xe5 | 0xe6 | 0xe7 | 0xe8 | 0xe9 | 0xea | 0xeb
                | 0xec | 0xed | 0xee | 0xef | 0xf0 | 0xf1 | 0xf2 | 0xf3 | 0xf4 | 0xf5 | 0xf6 | 0xf7 | 0xf8 | 0xf9 | 0xfa | 0xfb | 0xfc
                | 0xfd | 0xfe | 0xff => {}
            }
        }

        // SAFETY: the words below the top were written.
        unsafe { frame.stack.data_mut().set_len(top.offset_from_unsigned(bottom)) };
        let offset = next.addr() - code.addr();
        let (all_gas, cost) = ((gas as u64).wrapping_add(more_gas), u64::from(costs[usize::from(op)]));
        // The same step as revm's, which reads from the frame what is at hand here.
        let stepped = if all_gas >= cost {
            frame.bytecode.absolute_jump(offset + 1);
            frame.gas.set_remaining(all_gas - cost);
            table[usize::from(op)].execute(InstructionContext { interpreter: frame, host })
        } else {
            frame.bytecode.absolute_jump(offset);
            frame.gas.set_remaining(all_gas);
            frame.step(table, costs, host)
        };
        if let Err(end) = stepped {
            break 'run end;
        }
        load!();
        (memory_end, data_end) = (0, 0);
        let index = op.wrapping_sub(FIRST_REMEMBERED);
        if index < 32 && REMEMBERED >> index & 1 != 0 {
            is_remembered |= 1 << index;
            // SAFETY: the instruction has pushed a word.
            remembered[usize::from(index)].write(unsafe { *top.sub(1) });
        }
    };
    if frame.bytecode.action().is_none() {
        frame.halt(end);
    }
    frame.take_next_action()
}

/// Makes memory hold so many bytes from `at` on; the gas that is then left of `gas`. `None`, and nothing done, if it does not pay for
/// that or the limit is reached.
#[inline(never)]
fn grow_memory(frame: &mut Interpreter, params: &GasParams, at: u64, bytes: usize, gas: u64) -> Option<u64> {
    let before = frame.gas;
    frame.gas.set_remaining(gas);
    let grown = frame.resize_memory(params, at as usize, bytes);
    let left = frame.gas.remaining();
    if grown.is_err() {
        frame.gas = before;
        return None;
    }
    Some(left)
}

/// The place behind the last at which a word begins in so many bytes.
#[inline(always)]
fn words_end(len: usize) -> u64 {
    len.saturating_sub(31) as u64
}

/// The frame's call data, borrowed from the memory of the frame that called or its own.
fn call_data(frame: &Interpreter) -> impl Deref<Target = [u8]> + '_ {
    frame.input.input.as_bytes_memory(&frame.memory)
}
