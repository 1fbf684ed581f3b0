//! Accounts with storage, but neither code nor nonce: a contract cannot be created there (EIP-7610), and that is all.

#[path = "common/state.rs"]
mod state;

use alloy_consensus::{Header, SignableTransaction, TxLegacy};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, KECCAK256_EMPTY, Signature, TxKind, U256, address, keccak256};
use k256::ecdsa::SigningKey;
use state::{Account, State};
use tern_guest_evm::block::{RawBlock, Transaction};
use tern_guest_evm::chains;
use tern_guest_evm::execute::{self, Rules};
use tern_guest_evm::state::WitnessDb;

const CREATOR: Address = address!("00000000000000000000000000000000000c0de0");
/// Deploys nothing.
const INIT_CODE: [u8; 1] = [0x00];

/// Where the creator's CREATE2 with this salt leads.
fn place(salt: u8) -> Address {
    CREATOR.create2(U256::from(salt).to_be_bytes::<32>(), keccak256(INIT_CODE))
}

/// Code that gathers words in memory and logs them.
#[derive(Default)]
struct Code {
    bytes: Vec<u8>,
    words: u8,
}

impl Code {
    fn push(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.push(0x5f + bytes.len() as u8);
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn op(&mut self, opcodes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(opcodes);
        self
    }

    /// Stores the topmost word as the next one of the log.
    fn keep(&mut self) -> &mut Self {
        let at = 32 * self.words;
        self.words += 1;
        self.push(&[at]).op(&[0x52])
    }

    fn code_hash(&mut self, address: Address) -> &mut Self {
        self.push(address.as_slice()).op(&[0x3f]).keep()
    }

    /// CREATE2 of one zero byte of memory that is never written, at 480.
    fn create(&mut self, salt: u8) -> &mut Self {
        self.push(&[salt]).push(&[1]).push(&[1, 0xe0]).push(&[0]).op(&[0xf5]).keep()
    }

    /// Gas that a call with one wei and no gas takes, the surrounding opcodes included.
    fn call_cost(&mut self, address: Address) -> &mut Self {
        self.op(&[0x5a]);
        for _ in 0..4 {
            self.push(&[0]);
        }
        self.push(&[1]).push(address.as_slice()).push(&[0]).op(&[0xf1, 0x50, 0x5a, 0x90, 0x03]).keep()
    }

    fn finish(&mut self) -> Vec<u8> {
        let len = 32 * usize::from(self.words);
        self.push(&(len as u16).to_be_bytes()).push(&[0]).op(&[0xa0, 0x00]);
        self.bytes.clone()
    }
}

/// The words that `code` logs, run by one transaction on a state with storage, but no more, at `place(0)` and `place(1)`.
/// A failed creation burns all but a 64th of the gas; two leave enough for the log.
fn run(code: Vec<u8>) -> Vec<U256> {
    let key = SigningKey::from_slice(&[7; 32]).unwrap();
    let sender = Address::from_public_key(key.verifying_key());
    let config = chains::from_genesis(1, "Cancun").unwrap();
    let orphan = Account { storage: vec![(U256::from(1), U256::from(2))], ..Account::default() };
    let state = State::new(&[
        (sender, Account { balance: U256::from(1u64 << 60), ..Account::default() }),
        (CREATOR, Account { nonce: 1, balance: U256::from(100), code, ..Account::default() }),
        (place(0), orphan.clone()),
        (place(1), orphan),
    ]);
    let unsigned = TxLegacy { chain_id: Some(1), gas_price: 10, gas_limit: 29_000_000, to: TxKind::Call(CREATOR), ..TxLegacy::default() };
    let (signature, recovery) = key.sign_prehash_recoverable(unsigned.signature_hash().as_slice()).unwrap();
    let transaction = Transaction::from(unsigned.into_signed(Signature::from((signature, recovery)))).encoded_2718();
    let header = Header {
        number: 1,
        timestamp: 12,
        gas_limit: 30_000_000,
        base_fee_per_gas: Some(7),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        ..Header::default()
    };
    let block =
        RawBlock { header, hash: B256::ZERO, transactions: vec![&transaction], ommers: &[], raw_withdrawals: vec![], withdrawals: vec![] };
    let nodes: Vec<&[u8]> = state.nodes.iter().map(Vec::as_slice).collect();
    let codes: Vec<&[u8]> = state.codes.iter().map(Vec::as_slice).collect();
    let mut db = WitnessDb::new(&nodes, &codes, &state.root.0, 1, vec![B256::ZERO]);
    let rules = Rules::new(&config, &block.header).unwrap();
    let outcome = execute::run(&block, &rules, None, &mut db).unwrap();
    assert!(outcome.receipts[0].success);
    outcome.receipts[0].logs[0].data.data.chunks(32).map(U256::from_be_slice).collect()
}

/// CALL with value of a warm account: 100 and 9,000, back the stipend of 2,300; eight pushes and POP, GAS.
const WARM_CALL: u64 = 100 + 9_000 - 2_300 + 7 * 3 + 2 + 2;
const NEW_ACCOUNT: u64 = 25_000;

#[test]
fn an_orphan_is_empty_to_all_but_creation() {
    let empty = U256::from_be_bytes(KECCAK256_EMPTY.0);
    let orphan = place(0);
    // Looked at before the creation, so that the EVM has loaded it.
    let words = run(Code::default().code_hash(orphan).create(0).code_hash(orphan).call_cost(orphan).code_hash(orphan).create(0).finish());
    let zero = U256::ZERO;
    assert_eq!(words, [zero, zero, zero, U256::from(WARM_CALL + NEW_ACCOUNT), empty, zero]);
    // Not looked at before, so that the creation loads it; a second one fails as well.
    let words = run(Code::default().create(1).code_hash(place(1)).call_cost(place(1)).create(1).finish());
    assert_eq!(words, [zero, zero, U256::from(WARM_CALL + NEW_ACCOUNT), zero]);
}

#[test]
fn elsewhere_creation_succeeds() {
    let words = run(Code::default().code_hash(place(2)).create(2).code_hash(place(2)).call_cost(place(2)).create(2).finish());
    let created = U256::from_be_bytes(place(2).into_word().0);
    let empty = U256::from_be_bytes(KECCAK256_EMPTY.0);
    // The second one meets the nonce of the first.
    assert_eq!(words, [U256::ZERO, created, empty, U256::from(WARM_CALL), U256::ZERO]);
}
