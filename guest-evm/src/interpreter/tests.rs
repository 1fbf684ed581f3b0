//! Every instruction against revm's own loop.

use std::vec::Vec;

use super::*;
use crate::code;
use alloy_primitives::{Address, Bytes, U256};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use revm::bytecode::Bytecode;
use revm::context::{ContextTr as _, JournalTr as _};
use revm::database_interface::EmptyDB;
use revm::handler::MainnetContext;
use revm::interpreter::CallInput;
use revm::interpreter::instructions::{gas_table_spec, instruction_table};
use revm::interpreter::interpreter::{ExtBytecode, InputsImpl, SharedMemory};
use revm::primitives::hardfork::SpecId;
use revm::{Context, MainContext};

const SPECS: [SpecId; 4] = [SpecId::CANCUN, SpecId::PRAGUE, SpecId::OSAKA, SpecId::AMSTERDAM];
const MEMORY_LIMIT: u64 = 1 << 20;

/// Where the frames run.
const ADDRESS: Address = Address::repeat_byte(0xa1);

type State = MainnetContext<EmptyDB>;

fn state(spec: SpecId) -> State {
    let mut state: State = Context::mainnet();
    state.cfg.set_spec_and_mainnet_gas_params(spec);
    state.block.prevrandao = Some([0x9d; 32].into());
    state.block.beneficiary = Address::repeat_byte(0xc0);
    state.tx.caller = Address::repeat_byte(0x0e);
    state.tx.gas_price = 1 << 70;
    state.journal_mut().load_account(ADDRESS).unwrap();
    state
}

/// What a frame starts with.
#[derive(Clone, Debug)]
struct Start {
    code: Vec<u8>,
    stack: Vec<U256>,
    memory: Vec<u8>,
    data: Vec<u8>,
    /// Whether the call data lie in the memory of the calling frame.
    is_data_shared: bool,
    gas: u64,
}

impl Start {
    fn new(code: &[u8], stack: &[U256], gas: u64) -> Self {
        Self {
            code: code.to_vec(),
            stack: stack.to_vec(),
            memory: (1..=96).collect(),
            data: (101..=170).collect(),
            is_data_shared: true,
            gas,
        }
    }

    fn frame(&self, code: Bytecode, spec: SpecId) -> Interpreter {
        let mut callers = SharedMemory::new_with_memory_limit(MEMORY_LIMIT);
        callers.resize(self.data.len().next_multiple_of(32) + 32);
        callers.set(7, &self.data);
        let mut memory = callers.new_child_context();
        memory.resize(self.memory.len());
        memory.set(0, &self.memory);
        let shared = CallInput::SharedBuffer(7..7 + self.data.len());
        let input = if self.is_data_shared { shared } else { CallInput::Bytes(Bytes::copy_from_slice(&self.data)) };
        let inputs = InputsImpl {
            target_address: ADDRESS,
            bytecode_address: None,
            caller_address: Address::repeat_byte(0xc2),
            input,
            call_value: U256::from(77),
            depth: 1,
        };
        let mut frame = Interpreter::new(memory, ExtBytecode::new(code), inputs, false, spec, self.gas);
        for &word in &self.stack {
            assert!(frame.stack.push(word));
        }
        let words = self.memory.len() / 32;
        let cost = state(spec).gas_params().memory_cost(words);
        frame.gas.memory_mut().set_words_num(words, cost).unwrap();
        frame.return_data.0 = Bytes::from_static(b"returned");
        frame
    }

    /// Runs the code here, analysed and lazy, and by revm, in all forks.
    fn check(&self) {
        assert_eq!(self.memory.len() % 32, 0);
        for spec in SPECS {
            let (table, costs) = (instruction_table::<EthInterpreter, State>(), gas_table_spec(spec));
            let analysed = Bytecode::new_legacy(Bytes::copy_from_slice(&self.code));
            let mut theirs = self.frame(analysed.clone(), spec);
            let expected = theirs.run_plain(&table, &costs, &mut state(spec));
            let jumps = Jumps::new(self.code.len());
            for (code, jumps) in [(analysed, None), (code::lazy(&self.code, 0), Some(&jumps))] {
                let mut ours = self.frame(code, spec);
                let got = run(&mut ours, jumps, &table, &costs, &mut state(spec));
                assert_eq!(got, expected, "{spec:?} {self:?}");
                assert_eq!(ours.bytecode.pc(), theirs.bytecode.pc(), "{spec:?} {self:?}");
                assert_eq!(ours.stack, theirs.stack, "{spec:?} {self:?}");
                assert_eq!(ours.gas, theirs.gas, "{spec:?} {self:?}");
                assert_eq!(*ours.memory.context_memory(), *theirs.memory.context_memory(), "{spec:?} {self:?}");
            }
        }
    }
}

/// Words at the edges of dwords, shifts, signs and memory.
fn edges() -> Vec<U256> {
    let mut edges = Vec::new();
    for bits in [0, 1, 5, 6, 7, 8, 15, 31, 32, 63, 64, 65, 127, 128, 191, 192, 254, 255] {
        let power: U256 = U256::ONE << bits;
        edges.extend([power - U256::from(1), power, power.wrapping_neg()]);
    }
    edges.extend([3u64, 30, 31, 33, 62, 63, 64, 65, 66, 96, 97, 255, 256, 257, u64::MAX - 31].map(U256::from));
    edges.extend([U256::from_limbs([5, 0, 7, 0]), U256::from_limbs([0, 0, 0, 9]), U256::from_be_bytes([0x5b; 32])]);
    edges
}

fn word() -> impl Strategy<Value = U256> {
    let dword = prop_oneof![Just(0u64), Just(u64::MAX), 0u64..300, any::<u64>()];
    prop_oneof![
        2 => proptest::sample::select(edges()),
        2 => (0u64..300).prop_map(U256::from),
        3 => proptest::array::uniform4(dword).prop_map(U256::from_limbs),
    ]
}

/// Instructions that do not call, create or read state.
fn is_plain(op: u8) -> bool {
    !matches!(op, opcode::CREATE..=opcode::DELEGATECALL | opcode::CREATE2 | opcode::STATICCALL)
}

#[test]
fn costs_are_the_same_in_all_forks() {
    for spec in SPECS {
        let costs = gas_table_spec(spec);
        // Those of the range are looked up.
        for op in (0..opcode::ADDRESS).chain(opcode::POP..=opcode::MSTORE8).chain(opcode::JUMP..=opcode::SWAP16) {
            assert_eq!(costs[usize::from(op)], COSTS[usize::from(op)], "{op:#x} {spec:?}");
        }
        assert_eq!(costs[usize::from(opcode::CALLDATALOAD)], COSTS[usize::from(opcode::CALLDATALOAD)]);
    }
}

#[test]
fn every_instruction_on_every_depth_and_gas() {
    for op in (0..=255).filter(|&op| is_plain(op)) {
        for depth in [0, 1, 2, 3, 4, 9, 15, 16, 17, 18, 1022, 1023, 1024] {
            let stack: Vec<U256> = (0..depth).map(|i| U256::from(i % 5)).collect();
            for gas in [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 100_000, u64::MAX] {
                Start::new(&[op, opcode::JUMPDEST, 0x7f, opcode::JUMPDEST, opcode::JUMPDEST, opcode::STOP], &stack, gas).check();
            }
        }
    }
}

#[test]
fn every_pair_of_edges() {
    let edges = edges();
    let plain = (0..=opcode::SAR + 1).chain([opcode::CALLDATALOAD]).chain(opcode::POP..=opcode::MSTORE8);
    for op in plain.chain(opcode::JUMP..=opcode::JUMPI) {
        for (i, &a) in edges.iter().enumerate() {
            for (j, &b) in edges.iter().enumerate() {
                // The third word for ADDMOD and MULMOD.
                let third = edges[(i + 7 * j) % edges.len()];
                Start::new(&[op], &[third, b, a], 100_000).check();
            }
        }
    }
}

#[test]
fn pushes_at_the_end_of_the_code() {
    let bytes: Vec<u8> = (0x61..=0x80).collect();
    for op in opcode::PUSH0..=opcode::PUSH32 {
        for len in 0..=32 {
            Start::new(&[&[op], &bytes[..len]].concat(), &[], 1000).check();
        }
    }
}

/// A jump right behind the PUSH2 of its destination is done together with it.
#[test]
fn pushed_jumps() {
    for jump in [opcode::JUMP, opcode::JUMPI, opcode::PC] {
        for target in 0..14 {
            let code = [
                opcode::PUSH2,
                0,
                target,
                jump,
                opcode::PC,
                opcode::JUMPDEST,
                opcode::PUSH1,
                opcode::JUMPDEST,
                opcode::JUMPDEST,
                opcode::PC,
            ];
            for condition in [U256::ZERO, U256::ONE, U256::ONE << 200] {
                for depth in [0, 1, 2, 1022, 1023, 1024] {
                    for gas in (0..30).chain([u64::MAX]) {
                        Start::new(&code, &[condition].repeat(depth), gas).check();
                    }
                }
            }
        }
    }
}

/// What a frame sees around it stays the same, the second time from memory.
#[test]
fn remembered_words() {
    for op in opcode::ADDRESS..=opcode::BLOBBASEFEE {
        for gas in [1, 2, 3, 4, 5, 7, 8, 100_000] {
            Start::new(&[op, op, op], &[], gas).check();
            Start::new(&[op; 3], &[U256::ZERO; 1022], gas).check();
        }
    }
}

#[test]
fn random_programs() {
    let op = prop_oneof![
        4 => proptest::sample::select((0..=255u8).filter(|&op| is_plain(op)).collect::<Vec<_>>()),
        2 => opcode::ADD..=opcode::SAR,
        2 => opcode::POP..=opcode::JUMPDEST,
        6 => opcode::PUSH0..=opcode::PUSH2,
        3 => opcode::DUP1..=opcode::SWAP16,
        1 => Just(opcode::JUMPDEST),
    ];
    let program = (
        proptest::collection::vec(op, 0..120),
        proptest::collection::vec(word(), 0..30),
        0usize..5,
        proptest::collection::vec(any::<u8>(), 0..80),
        any::<bool>(),
        prop_oneof![0u64..200, 0u64..5000, Just(u64::MAX)],
    );
    let mut runner = TestRunner::new(ProptestConfig { cases: 20_000, ..ProptestConfig::default() });
    let run = |(code, stack, words, data, is_data_shared, gas): (Vec<u8>, Vec<U256>, usize, Vec<u8>, bool, u64)| {
        let memory = (0..32 * words).map(|i| i as u8 | 1).collect();
        Start { code, stack, memory, data, is_data_shared, gas: if gas == u64::MAX { 1_000_000 } else { gas } }.check();
        Ok(())
    };
    runner.run(&program, run).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, ..ProptestConfig::default() })]

    /// Each of the arithmetic instructions on the same three words.
    #[test]
    fn random_words(words in proptest::array::uniform3(word())) {
        for op in opcode::ADD..=opcode::SAR + 1 {
            Start::new(&[op], &words, 1_000_000).check();
        }
        for op in [opcode::MSTORE, opcode::MSTORE8, opcode::MLOAD, opcode::CALLDATALOAD] {
            Start::new(&[op, opcode::PUSH0, opcode::MLOAD], &[words[0], words[1] % U256::from(140)], 1_000_000).check();
        }
    }
}
