//! Limits of the validator's own, and bodies that are refused before they cost anything.

#[path = "common/data.rs"]
mod data;
#[path = "common/state.rs"]
mod state;

use std::time::Instant;

use alloy_consensus::Header;
use alloy_consensus::transaction::SignerRecoverable;
use alloy_primitives::{Address, U256, address};
use data::data_dir;
use state::{Account, State, list};
use tern_guest_evm::block::{decode_transaction, read_header};
use tern_guest_evm::evm::MAX_EVM_MEMORY;
use tern_guest_evm::json::{BlockFile, Parts};
use tern_guest_evm::rlp;
use tern_guest_evm::salt::TEST_SALT;
use tern_guest_evm::sample::sample_block;
use tern_guest_evm::trie::ordered_root;
use tern_guest_evm::{Invalid, validate};

/// `bytes` as an RLP string.
fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    rlp::push_string(&mut out, bytes);
    out
}

/// A block's RLP from its header and the payloads of its transactions and withdrawals.
fn block(header: &Header, transactions: &[u8], withdrawals: &[u8]) -> Vec<u8> {
    list(&[alloy_rlp::encode(header), list(transactions), list(&[]), list(withdrawals)].concat())
}

fn sample() -> (Parts, Header) {
    let parts = sample_block(3, 1).unwrap().parts().unwrap();
    let (header, _) = read_header(&parts.block).unwrap();
    (parts, header)
}

fn reason(parts: &Parts) -> Invalid {
    validate(&parts.encode(&TEST_SALT)).reason.unwrap()
}

#[test]
fn a_million_junk_transactions_are_refused_at_once() {
    let (mut parts, header) = sample();
    // As long as a block may be (EIP-7934).
    for junk in [vec![1], list(&[]), string(&[2; 7])] {
        parts.block = block(&header, &junk.repeat(1_000_000), &[]);
        let input = parts.encode(&TEST_SALT);
        let started = Instant::now();
        let most = header.gas_limit / 21_000;
        assert_eq!(validate(&input).reason, Some(Invalid::TooManyTransactions { gas_limit: header.gas_limit, most }));
        println!("{} bytes: {:?}", input.len(), started.elapsed());
    }
    // As many as the gas limit pays for are looked at.
    let most = (header.gas_limit / 21_000) as usize;
    parts.block = block(&header, &[1].repeat(most), &[]);
    assert!(matches!(reason(&parts), Invalid::WrongHash { field: "transactions root", .. }));
}

#[test]
fn a_million_junk_withdrawals_are_refused_at_the_first() {
    let (mut parts, header) = sample();
    for junk in [list(&[]), list(&[0x80; 4]), list(&[7; 6])] {
        parts.block = block(&header, &[], &junk.repeat(1_000_000));
        assert!(matches!(reason(&parts), Invalid::WithdrawalRlp(0, _)));
    }
    parts.block = block(&header, &[], &[1].repeat(1_000_000));
    assert!(matches!(reason(&parts), Invalid::BlockRlp { part: "withdrawals", .. }));
}

/// The official case whose transaction carries 882 billion gas, with `code` at the address that it calls, and that state.
fn with_code(data: &std::path::Path, code: Vec<u8>) -> Parts {
    const CALLED: Address = address!("1000000000000000000000000000000000000000");
    let file = BlockFile::parse(&std::fs::read(data.join("blocks-findings/memory_limit__valid.json")).unwrap()).unwrap();
    let mut parts = file.parts().unwrap();
    let (mut header, _) = read_header(&parts.block).unwrap();
    let mut fields = rlp::whole_list(&parts.block).unwrap();
    rlp::next_list(&mut fields).unwrap();
    let transactions = rlp::next_list(&mut fields).unwrap().payload.to_vec();
    let sender = decode_transaction(0, &transactions).unwrap().recover_signer().unwrap();
    let rich = Account { balance: U256::MAX >> 8, ..Account::default() };
    let state = State::new(&[(sender, rich), (CALLED, Account { code, nonce: 1, ..Account::default() })]);
    let mut parent = tern_guest_evm::block::decode_header("parent", &parts.headers[0]).unwrap();
    parent.state_root = state.root;
    header.parent_hash = parent.hash_slow();
    assert_eq!(header.transactions_root, ordered_root(&[&transactions]));
    parts.headers = vec![alloy_rlp::encode(&parent)];
    parts.block = block(&header, &transactions, &[]);
    (parts.nodes, parts.codes) = (state.nodes, state.codes);
    parts
}

#[test]
fn memory_that_the_gas_pays_for_and_the_validator_lacks_is_a_fault() {
    let Some(data) = data_dir() else { return };
    // MSTORE8 at 4 MiB, then a call of itself with all gas: level 256 exceeds the limit.
    let code = [&[0x60, 0, 0x62, 0x40, 0, 0, 0x53][..], &[0x60, 0].repeat(5), &[0x30, 0x5a, 0xf1, 0x00]].concat();
    assert_eq!(reason(&with_code(&data, code)), Invalid::MemoryLimit(MAX_EVM_MEMORY));
}

#[test]
fn memory_that_the_gas_does_not_pay_for_is_out_of_gas() {
    let Some(data) = data_dir() else { return };
    // MSTORE8 at 2^32, 2^44 and 2^63: each costs more than the transaction has, and is beyond the limit too.
    for offset in [[0, 0, 0, 1, 0, 0, 0, 0], [0, 0, 0x10, 0, 0, 0, 0, 0], [0x80, 0, 0, 0, 0, 0, 0, 0]] {
        let code = [&[0x60, 0, 0x67][..], &offset, &[0x53, 0x00]].concat();
        let reason = reason(&with_code(&data, code));
        assert!(matches!(reason, Invalid::WrongNumber { field: "gas used", computed: 882_500_000_000, .. }), "{reason}");
    }
}

/// A transaction of `count` fields, each zero but the one at `place`, which holds `bytes`.
fn transaction(kind: Option<u8>, count: usize, place: usize, bytes: &[u8]) -> Vec<u8> {
    let fields: Vec<u8> = (0..count).flat_map(|field| string(if field == place { bytes } else { &[] })).collect();
    kind.into_iter().chain(list(&fields)).collect()
}

#[test]
fn fees_beyond_128_bits_are_named() {
    let beyond = [&[1][..], &[0; 16]].concat();
    let cases = [
        (None, 9, 1, "gas price"),
        (Some(1), 11, 2, "gas price"),
        (Some(2), 12, 2, "max priority fee per gas"),
        (Some(2), 12, 3, "max fee per gas"),
        (Some(3), 14, 9, "max fee per blob gas"),
        (Some(4), 13, 3, "max fee per gas"),
    ];
    for (kind, count, place, fee) in cases {
        let reason = decode_transaction(7, &transaction(kind, count, place, &beyond)).unwrap_err();
        assert_eq!(reason, Invalid::FeeTooLarge { index: 7, fee });
        assert!(reason.to_string().contains("2^128"), "{reason}");
        // Other fields, and fees that fit, have other reasons.
        for (place, bytes) in [(0, beyond.as_slice()), (place, &[1; 16]), (place, &[0; 17]), (place, &[1; 33])] {
            let reason = decode_transaction(7, &transaction(kind, count, place, bytes)).unwrap_err();
            assert!(matches!(reason, Invalid::TransactionRlp { index: 7, .. }), "{kind:?} {place}: {reason}");
        }
    }
}
