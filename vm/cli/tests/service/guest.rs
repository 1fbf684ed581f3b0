//! A small guest that says about a payload request what its input tells it to, and how long it
//! takes to, or how it fails.
//!
//! Its input is a stateless input as the service makes and takes them. What it is to do stands in
//! the last bytes, which are those of the public keys: nothing else in the service looks at them.

use std::path::{Path, PathBuf};

use tern_air::isa::Opcode;
use tern_guest_evm::stateless::input::{ExecutionPayload, ExecutionRequests, ExecutionWitness, NewPayloadRequest, StatelessInput};
use tern_guest_evm::stateless::{Layout, Schema, StatelessOutput};
use tern_vm::exec::ecall;
use tern_vm::testing::workload::call;
use tern_vm::testing::{Asm, ElfFile, ElfSegment, PF_R, PF_X};

const TEXT: u32 = 0x1_0000;
const RODATA: u32 = 0x1_8000;
const INPUT: u64 = 0x8000_0000;
/// Length of what the guest is told.
const TOLD: u64 = 128;
/// Where in it the digest of the output, the rounds and the exit code are. The output is at its beginning.
const DIGEST: i32 = 48;
const ROUNDS: i32 = 80;
const EXIT_CODE: i32 = 88;

/// What the guest prints before it fails.
pub const LAST_WORDS: &str = "panicked at guest.rs:1: the test wants it";

/// Writes the guest into the folder.
pub fn write(folder: &Path) -> PathBuf {
    let path = folder.join("guest.elf");
    std::fs::write(&path, elf()).expect("writing the guest");
    path
}

fn elf() -> Vec<u8> {
    let mut code = Asm::new(TEXT);
    let (again, good) = (code.label(), code.label());
    // x5 = where it is told
    code.li(6, INPUT).immediate(Opcode::Ld, 5, 6, 0).register(Opcode::Add, 5, 5, 6).immediate(Opcode::Addi, 5, 5, 32 - TOLD as i32);
    code.immediate(Opcode::Ld, 7, 5, ROUNDS).immediate(Opcode::Ld, 8, 5, EXIT_CODE);
    code.bind(again).immediate(Opcode::Addi, 7, 7, -1).branch(Opcode::Bne, 7, 0, again);
    code.branch(Opcode::Beq, 8, 0, good);
    call(&mut code, ecall::PRINT, &[RODATA.into(), LAST_WORDS.len() as u64]);
    code.bind(good).mv(10, 5).li(11, 43).li(17, ecall::WRITE_OUTPUT).ecall();
    code.mv(10, 8);
    for (register, dword) in (11..).zip(0..4) {
        code.immediate(Opcode::Ld, register, 5, DIGEST + 8 * dword);
    }
    code.li(17, ecall::HALT).ecall();
    let text = ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes());
    let rodata = ElfSegment::new(RODATA.into(), PF_R, LAST_WORDS.as_bytes().to_vec());
    ElfFile::new(TEXT.into(), vec![text, rodata]).bytes()
}

/// What the guest does with an input.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// The block's number, by which requests differ.
    pub number: u64,
    /// Rounds of two instructions.
    pub rounds: u64,
    /// The exit code.
    pub exit_code: u64,
}

impl Task {
    /// A quick one that succeeds.
    pub fn quick(number: u64) -> Self {
        Self { number, rounds: 100, exit_code: 0 }
    }

    /// One that would take for ever.
    pub fn endless(number: u64) -> Self {
        Self { rounds: 1 << 34, ..Self::quick(number) }
    }

    /// The input and its request's root.
    pub fn input(&self) -> (Vec<u8>, String) {
        let (hash, bloom) = ([7; 32], [0; 256]);
        let request = NewPayloadRequest {
            payload: ExecutionPayload {
                parent_hash: &hash,
                fee_recipient: &[1; 20],
                state_root: &hash,
                receipts_root: &hash,
                logs_bloom: &bloom,
                prev_randao: &hash,
                block_number: self.number,
                gas_limit: 30_000_000,
                gas_used: 0,
                timestamp: 1_790_000_000,
                extra_data: b"test",
                base_fee_per_gas: &hash,
                block_hash: &hash,
                transactions: Vec::new(),
                withdrawals: &[],
                blob_gas_used: 0,
                excess_blob_gas: 0,
                block_access_list: &[],
                slot_number: 0,
            },
            versioned_hashes: &[],
            parent_beacon_block_root: &hash,
            requests: ExecutionRequests::Typed([&[]; 5]),
        };
        let schema = Schema::from_id(0x1401).expect("a schema");
        let request_root = request.root(Layout::Progressive);
        let output = StatelessOutput { request_root, is_valid: true, chain_id: 1, schema_id: schema.id() }.encode();
        let mut keys = [[0_u8; 65]; 2];
        let told = &mut keys.as_flattened_mut()[2..];
        assert_eq!(told.len() as u64, TOLD);
        told[..output.len()].copy_from_slice(&output);
        let digest = blake3::hash(&output);
        let parts: [(i32, &[u8]); 3] =
            [(DIGEST, digest.as_bytes()), (ROUNDS, &self.rounds.to_le_bytes()), (EXIT_CODE, &self.exit_code.to_le_bytes())];
        for (at, bytes) in parts {
            told[at as usize..][..bytes.len()].copy_from_slice(bytes);
        }
        let witness = ExecutionWitness { state: Vec::new(), codes: Vec::new(), headers: Vec::new() };
        let input = StatelessInput { request, witness, chain_id: 1, public_keys: Some(&keys) };
        (input.encode(schema), request_root.to_string())
    }
}
