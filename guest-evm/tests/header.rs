//! Every header rule, one change at a time.

use alloy_consensus::Header;
use alloy_primitives::{B64, B256, Bytes, U256};
use tern_guest_evm::chains;
use tern_guest_evm::forks::Fork;
use tern_guest_evm::header::{HeaderError, check, check_ancestors};
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::salt::TEST_SALT;
use tern_guest_evm::sample::sample_block;
use tern_guest_evm::{Invalid, block, validate};

const BLOB: u64 = 1 << 17;

/// A parent and a child that obey every rule of `fork`.
fn headers(fork: Fork) -> (Header, Header) {
    let parts = sample_block(0, 1).unwrap().parts().unwrap();
    let (mut child, _) = block::read_header(&parts.block).unwrap();
    let mut parent = block::decode_header("parent", &parts.headers[0]).unwrap();
    if fork < Fork::Prague {
        child.requests_hash = None;
        parent.requests_hash = None;
    }
    if fork >= Fork::Amsterdam {
        child.block_access_list_hash = Some(B256::ZERO);
        child.slot_number = Some(1);
    }
    (parent, child)
}

fn verdict(parent: &Header, child: &Header, fork: Fork) -> Result<(), HeaderError> {
    verdict_under(parent, child, fork.name())
}

/// The verdict under a fork of the public networks.
fn verdict_under(parent: &Header, child: &Header, fork: &str) -> Result<(), HeaderError> {
    let rule = chains::from_genesis(1, fork).unwrap().forks[0];
    check(child, parent, rule.fork, &rule.blob_params(), 1_000)
}

#[test]
fn headers_that_obey_the_rules_pass() {
    for fork in Fork::ALL {
        let (parent, child) = headers(fork);
        assert_eq!(verdict(&parent, &child, fork), Ok(()), "{fork:?}");
    }
}

#[test]
fn each_rule_refuses_its_breach() {
    use HeaderError as E;
    type Change = fn(&mut Header);
    let (parent, child) = headers(Fork::Prague);
    let number = |field, got, expected| E::Number { field, got, expected };
    let limit = parent.gas_limit;
    let step = limit / 1024;
    let cases: Vec<(Change, HeaderError)> = vec![
        (|h| h.number += 1, number("number", child.number + 1, child.number)),
        (|h| h.timestamp -= 12, E::Timestamp { got: parent.timestamp, parent: parent.timestamp }),
        (|h| h.gas_limit += h.gas_limit / 1024, E::GasLimit { got: limit + step, parent: limit }),
        (|h| h.gas_limit -= h.gas_limit / 1024, E::GasLimit { got: limit - step, parent: limit }),
        (|h| h.gas_used = h.gas_limit + 1, E::GasUsed { used: limit + 1, limit }),
        (|h| h.extra_data = Bytes::from_static(&[0; 33]), E::ExtraData(33)),
        (|h| h.difficulty = U256::from(1), E::ProofOfStake("difficulty")),
        (|h| h.nonce = B64::with_last_byte(1), E::ProofOfStake("nonce")),
        (|h| h.ommers_hash = B256::ZERO, E::ProofOfStake("ommers hash")),
        (|h| h.base_fee_per_gas = None, E::Missing("base fee")),
        (|h| h.base_fee_per_gas = Some(1), number("base fee", 1, 1_000_000_000)),
        (|h| h.withdrawals_root = None, E::Missing("withdrawals root")),
        (|h| h.blob_gas_used = None, E::Missing("blob gas used")),
        (|h| h.excess_blob_gas = None, E::Missing("excess blob gas")),
        (|h| h.parent_beacon_block_root = None, E::Missing("parent beacon block root")),
        (|h| h.requests_hash = None, E::Missing("requests hash")),
        (|h| h.block_access_list_hash = Some(B256::ZERO), E::Unexpected("block access list hash")),
        (|h| h.slot_number = Some(1), E::Unexpected("slot number")),
        (|h| h.blob_gas_used = Some(1), E::BlobGasUsed { got: 1, limit: 9 * BLOB }),
        (|h| h.blob_gas_used = Some(10 * BLOB), E::BlobGasUsed { got: 10 * BLOB, limit: 9 * BLOB }),
        (|h| h.excess_blob_gas = Some(BLOB), number("excess blob gas", BLOB, 0)),
    ];
    for (index, (change, expected)) in cases.into_iter().enumerate() {
        let mut changed = child.clone();
        change(&mut changed);
        assert_eq!(verdict(&parent, &changed, Fork::Prague), Err(expected), "case {index}");
    }
}

#[test]
fn fields_of_later_forks_are_refused() {
    let (parent, mut child) = headers(Fork::Cancun);
    child.requests_hash = Some(B256::ZERO);
    assert_eq!(verdict(&parent, &child, Fork::Cancun), Err(HeaderError::Unexpected("requests hash")));
}

#[test]
fn amsterdam_demands_its_fields() {
    let (parent, child) = headers(Fork::Amsterdam);
    let without = Header { block_access_list_hash: None, slot_number: None, ..child.clone() };
    assert_eq!(verdict(&parent, &without, Fork::Amsterdam), Err(HeaderError::Missing("block access list hash")));
    let without = Header { slot_number: None, ..child.clone() };
    assert_eq!(verdict(&parent, &without, Fork::Amsterdam), Err(HeaderError::Missing("slot number")));
    assert_eq!(verdict(&parent, &child, Fork::Osaka), Err(HeaderError::Unexpected("block access list hash")));
}

#[test]
fn gas_limits_stay_within_absolute_bounds() {
    let (mut parent, mut child) = headers(Fork::Prague);
    (parent.gas_limit, parent.gas_used, child.gas_used) = (5_100, 2_550, 0);
    child.gas_limit = 5_097;
    assert_eq!(verdict(&parent, &child, Fork::Prague), Ok(()));
    (parent.gas_limit, parent.gas_used, child.gas_limit) = (5_001, 2_500, 4_999);
    assert_eq!(verdict(&parent, &child, Fork::Prague), Err(HeaderError::GasLimit { got: 4_999, parent: 5_001 }));
    parent.gas_limit = i64::MAX as u64;
    child.gas_limit = parent.gas_limit + 1;
    let got = HeaderError::GasLimit { got: child.gas_limit, parent: parent.gas_limit };
    assert_eq!(verdict(&parent, &child, Fork::Prague), Err(got));
}

#[test]
fn base_fees_follow_eip_1559() {
    // Parent's gas used and limit, base fee, and the next base fee: the vectors come from the formula in the EIP by hand.
    for (used, limit, base_fee, next) in [
        (10_000_000, 20_000_000, 1_000_000_000, 1_000_000_000),
        (9_000_000, 20_000_000, 1_000_000_000, 987_500_000),
        (11_000_000, 20_000_000, 1_000_000_000, 1_012_500_000),
        (20_000_000, 20_000_000, 1_000_000_000, 1_125_000_000),
        (0, 20_000_000, 1_000_000_000, 875_000_000),
        (10_000_001, 20_000_000, 7, 8),
        (0, 20_000_000, 7, 7),
    ] {
        let (mut parent, mut child) = headers(Fork::Prague);
        (parent.gas_used, parent.gas_limit, parent.base_fee_per_gas) = (used, limit, Some(base_fee));
        (child.gas_limit, child.gas_used, child.base_fee_per_gas) = (limit, 0, Some(next));
        assert_eq!(verdict(&parent, &child, Fork::Prague), Ok(()), "{used} of {limit} at {base_fee}");
    }
    let (mut parent, child) = headers(Fork::Prague);
    (parent.gas_used, parent.base_fee_per_gas) = (parent.gas_limit, Some(u64::MAX));
    assert_eq!(verdict(&parent, &child, Fork::Prague), Err(HeaderError::BaseFeeOverflow));
}

#[test]
fn excess_blob_gas_follows_the_fork() {
    // Parent's excess and used blobs, its base fee in wei, and the child's excess in blobs.
    for (fork, excess, used, base_fee, next) in [
        ("Cancun", 0, 3, 7, 0),
        ("Cancun", 2, 6, 7, 5),
        ("Prague", 2, 6, 7, 2),
        ("Prague", 0, 9, 7, 3),
        // EIP-7918: one blob costs 2^17 wei here. From a base fee of 17 wei on, 2^13 execution gas cost more, and a full
        // block adds a third of its blobs (3 of 9, 5 of 15, 7 of 21) instead of those above the target.
        ("Osaka", 2, 9, 16, 5),
        ("Osaka", 6, 6, 16, 6),
        ("Osaka", 6, 6, 17, 8),
        ("BPO1", 10, 15, 16, 15),
        ("BPO1", 10, 12, 17, 14),
        ("BPO2", 14, 18, 16, 18),
        ("BPO2", 14, 18, 17, 20),
        ("BPO2", 0, 13, 17, 0),
    ] {
        let (mut parent, mut child) = headers(chains::from_genesis(1, fork).unwrap().forks[0].fork);
        parent.base_fee_per_gas = Some(base_fee);
        child.base_fee_per_gas = Some(base_fee);
        (parent.excess_blob_gas, parent.blob_gas_used) = (Some(excess * BLOB), Some(used * BLOB));
        child.excess_blob_gas = Some(next * BLOB);
        assert_eq!(verdict_under(&parent, &child, fork), Ok(()), "{fork}: {excess} + {used} at {base_fee}");
    }
    // A parent before Cancun has used none.
    let (mut parent, child) = headers(Fork::Cancun);
    (parent.excess_blob_gas, parent.blob_gas_used) = (None, None);
    assert_eq!(verdict(&parent, &child, Fork::Cancun), Ok(()));
}

#[test]
fn extreme_parents_neither_hang_nor_panic() {
    for fork in Fork::ALL {
        let (mut parent, child) = headers(fork);
        parent.excess_blob_gas = Some(u64::MAX);
        parent.blob_gas_used = Some(u64::MAX);
        assert!(matches!(verdict(&parent, &child, fork), Err(HeaderError::Number { .. })));
        parent.number = u64::MAX;
        assert!(verdict(&parent, &child, fork).is_err());
        parent = headers(fork).0;
        parent.gas_limit = 1;
        assert!(verdict(&parent, &child, fork).is_err());
    }
}

#[test]
fn blocks_are_limited_in_size_from_osaka_on() {
    let params = |fork: Fork| chains::from_genesis(1, fork.name()).unwrap().forks[0].blob_params();
    for (fork, size, is_ok) in [(Fork::Prague, 8_388_609, true), (Fork::Osaka, 8_388_608, true), (Fork::Osaka, 8_388_609, false)] {
        let (parent, child) = headers(fork);
        assert_eq!(check(&child, &parent, fork, &params(fork), size).is_ok(), is_ok, "{fork:?} {size}");
    }
}

#[test]
fn ancestors_form_a_chain() {
    let mut headers: Vec<Header> = Vec::new();
    for number in 0..300 {
        let parent_hash = headers.last().map_or(B256::ZERO, Header::hash_slow);
        headers.push(Header { number, parent_hash, ..Header::default() });
    }
    let newest: Vec<Vec<u8>> = headers.iter().rev().map(alloy_rlp::encode).collect();
    let newest: Vec<&[u8]> = newest.iter().map(Vec::as_slice).collect();
    let tip = headers.last().unwrap().hash_slow();
    let (parent, hashes) = check_ancestors(&newest[..256], tip).unwrap();
    assert_eq!(parent.number, 299);
    let expected: Vec<B256> = headers.iter().rev().take(257).map(Header::hash_slow).collect();
    assert_eq!(hashes, expected);
    let error = |headers: &[&[u8]], tip| check_ancestors(headers, tip).unwrap_err();
    assert_eq!(error(&newest[..257], tip), HeaderError::TooManyAncestors(257).into());
    assert_eq!(error(&[], tip), HeaderError::NoParent.into());
    let gap = [newest[0], newest[2]];
    assert!(matches!(error(&gap, tip), Invalid::Header(HeaderError::BrokenChain { index: 1, .. })));
    assert!(matches!(error(&newest[1..3], tip), Invalid::Header(HeaderError::BrokenChain { index: 0, .. })));
}

#[test]
fn blocks_before_cancun_are_refused() {
    let file: BlockFile = sample_block(0, 1).unwrap();
    let mut parts = file.parts().unwrap();
    parts.config.forks[0].activation = u64::MAX;
    let reason = validate(&parts.encode(&TEST_SALT)).reason.unwrap();
    assert!(matches!(reason, Invalid::Header(HeaderError::UnsupportedFork(_))), "{reason}");
}
