//! The sample's token contract, assembled by hand.
//!
//! `transfer(address,uint256)` and `balanceOf(address)` over one mapping in slot 0, with the usual
//! `Transfer` event; a transfer beyond the balance reverts.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256, b256, keccak256};
use revm::bytecode::opcode as op;

/// Balance that the creator of a deployed token gets.
pub(super) const SUPPLY: u32 = 1_000_000_000;

/// Keccak-256 of `Transfer(address,address,uint256)`.
const TRANSFER_TOPIC: B256 = b256!("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
const TRANSFER: [u8; 4] = [0xa9, 0x05, 0x9c, 0xbb];
const BALANCE_OF: [u8; 4] = [0x70, 0xa0, 0x82, 0x31];

/// Code whose jump targets are filled in at the end.
#[derive(Default)]
struct Assembler {
    code: Vec<u8>,
    /// Positions of one-byte jump targets and the label each stands for.
    jumps: Vec<(usize, usize)>,
    labels: [u8; 3],
}

impl Assembler {
    fn ops(&mut self, code: &[u8]) -> &mut Self {
        self.code.extend_from_slice(code);
        self
    }

    fn jump_if(&mut self, label: usize) -> &mut Self {
        self.jumps.push((self.code.len() + 1, label));
        self.ops(&[op::PUSH1, 0, op::JUMPI])
    }

    fn label(&mut self, label: usize) -> &mut Self {
        self.labels[label] = self.code.len() as u8;
        self.ops(&[op::JUMPDEST])
    }

    /// Pushes the storage slot of the balance of the address on top of the stack.
    fn balance_slot(&mut self) -> &mut Self {
        self.ops(&[op::PUSH0, op::MSTORE, op::PUSH1, 64, op::PUSH0, op::KECCAK256])
    }

    fn return_word(&mut self) -> &mut Self {
        self.ops(&[op::PUSH0, op::MSTORE, op::PUSH1, 32, op::PUSH0, op::RETURN])
    }

    fn finish(mut self) -> Vec<u8> {
        for (at, label) in self.jumps {
            self.code[at] = self.labels[label];
        }
        self.code
    }
}

/// The contract's code.
pub(super) fn code() -> Vec<u8> {
    const DO_TRANSFER: usize = 0;
    const DO_BALANCE: usize = 1;
    const FAIL: usize = 2;
    let mut asm = Assembler::default();
    asm.ops(&[op::PUSH0, op::CALLDATALOAD, op::PUSH1, 0xe0, op::SHR, op::DUP1, op::PUSH4])
        .ops(&TRANSFER)
        .ops(&[op::EQ])
        .jump_if(DO_TRANSFER)
        .ops(&[op::PUSH4])
        .ops(&BALANCE_OF)
        .ops(&[op::EQ])
        .jump_if(DO_BALANCE)
        .label(FAIL)
        .ops(&[op::PUSH0, op::PUSH0, op::REVERT]);
    // Stack comments: bottom to top.
    asm.label(DO_TRANSFER)
        .ops(&[op::POP, op::PUSH1, 36, op::CALLDATALOAD, op::CALLER])
        .balance_slot() // amount, slot
        .ops(&[op::DUP1, op::SLOAD]) // amount, slot, balance
        .ops(&[op::DUP3, op::DUP2, op::LT])
        .jump_if(FAIL)
        .ops(&[op::DUP3, op::SWAP1, op::SUB, op::SWAP1, op::SSTORE]) // amount
        .ops(&[op::PUSH1, 4, op::CALLDATALOAD])
        .balance_slot() // amount, slot
        .ops(&[op::DUP1, op::SLOAD, op::DUP3, op::ADD, op::SWAP1, op::SSTORE]) // amount
        .ops(&[op::PUSH0, op::MSTORE, op::PUSH1, 4, op::CALLDATALOAD, op::CALLER, op::PUSH32])
        .ops(TRANSFER_TOPIC.as_slice())
        .ops(&[op::PUSH1, 32, op::PUSH0, op::LOG3, op::PUSH1, 1])
        .return_word();
    asm.label(DO_BALANCE).ops(&[op::PUSH1, 4, op::CALLDATALOAD]).balance_slot().ops(&[op::SLOAD]).return_word();
    asm.finish()
}

/// Code that deploys the contract and gives its creator [`SUPPLY`].
pub(super) fn init_code() -> Vec<u8> {
    let runtime = code();
    let mut asm = Assembler::default();
    asm.ops(&[op::PUSH4]).ops(&SUPPLY.to_be_bytes()).ops(&[op::CALLER]).balance_slot();
    asm.ops(&[op::SSTORE, op::PUSH1, runtime.len() as u8, op::DUP1, op::PUSH1]);
    let tail = [op::PUSH0, op::CODECOPY, op::PUSH0, op::RETURN];
    let offset = asm.code.len() + 1 + tail.len();
    asm.ops(&[offset as u8]).ops(&tail).ops(&runtime);
    asm.finish()
}

/// Call data of `transfer(to, amount)`.
pub(super) fn transfer_call(to: Address, amount: u64) -> Vec<u8> {
    let mut data = TRANSFER.to_vec();
    data.extend_from_slice(to.into_word().as_slice());
    data.extend_from_slice(&U256::from(amount).to_be_bytes::<32>());
    data
}

/// Storage slot of an address's balance.
pub(super) fn balance_slot(owner: Address) -> B256 {
    let mut preimage = [0; 64];
    preimage[12..32].copy_from_slice(owner.as_slice());
    keccak256(preimage)
}
