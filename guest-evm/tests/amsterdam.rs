//! Amsterdam: the official cases, block access lists, builder requests, and chains that cross into the fork.

#[path = "common/data.rs"]
mod data;
#[path = "common/files.rs"]
mod files;
#[path = "common/fixtures.rs"]
mod fixtures;
#[path = "common/official.rs"]
mod official;
#[path = "common/state.rs"]
mod state;

use alloy_consensus::{Header, SignableTransaction, TxLegacy};
use alloy_eips::eip2718::Encodable2718;
use alloy_eips::eip7928::{AccountChanges, validate_block_access_list};
use alloy_eips::{eip2935, eip4788, eip7002, eip7251, eip8282};
use alloy_primitives::{Address, B256, Signature, U256, keccak256};
use alloy_rlp::Decodable;
use data::data_dir;
use files::files;
use k256::ecdsa::SigningKey;
use official::Case;
use state::{Account, State, list};
use tern_guest_evm::access_list::AccessListError;
use tern_guest_evm::block::{RawBlock, Transaction, read_header, split};
use tern_guest_evm::execute::{self, Outcome, Rules};
use tern_guest_evm::forks::{ChainConfig, Fork, ForkRule};
use tern_guest_evm::header::HeaderError;
use tern_guest_evm::input::InputError;
use tern_guest_evm::json::{BlockFile, Parts};
use tern_guest_evm::salt::TEST_SALT;
use tern_guest_evm::sample::{SampleChain, sample_block};
use tern_guest_evm::state::WitnessDb;
use tern_guest_evm::{Invalid, chains, crypto, rlp, validate};

/// Cases of older rules whose gas no parameters of the EVM give, by the beginnings of their names. Of these, everything in the access
/// list but balances is compared.
const OTHER_GAS: &[(&str, &str)] = &[
    ("test_witness_codes_extcode", "EXTCODESIZE and EXTCODECOPY cost 100 more since (EIP-8038)"),
    ("test_validation_codes_extra_unused_bytecode", "the same"),
    ("test_validation_codes_unsorted_but_complete", "the same"),
    ("test_witness_codes_auth_nonce_mismatch", "an authorization was charged at once, not while it is processed (EIP-2780)"),
    ("test_witness_codes_delegation_set_in_same_block", "the same"),
    ("test_witness_codes_create_then_call_same_block", "a creation was charged at once"),
    ("test_witness_codes_initcode_calls_existing_contract", "the same"),
    ("test_witness_codes_reverted_create_same_hash_then_read", "the same"),
    ("test_witness_codes_selfdestruct_in_initcode", "the same"),
    ("test_witness_codes_reverted_transaction", "state gas of a transaction that reverts was not given back"),
];

/// Runs out of gas today, where it had just enough.
const JUST_ENOUGH: &str = "just_enough";

#[test]
fn official_cases_get_their_verdicts() {
    let Some(data) = data_dir() else { return };
    let cases: Vec<Case> = files(&data.join("eest-zkevm-amsterdam")).iter().flat_map(|path| Case::read(path)).collect();
    assert_eq!(cases.len(), 85);
    let (mut exact, mut alike, mut wrong) = (0, 0, Vec::new());
    for case in &cases {
        let has_other_gas = OTHER_GAS.iter().any(|(name, _)| case.name.starts_with(name));
        let verdict = case.verdict();
        if verdict.is_ok() == case.is_valid && (case.is_valid || verdict.as_ref().is_err_and(is_witness)) {
            exact += 1;
        } else if has_other_gas && case.is_valid {
            let [computed, official] = case.lists_without_balances().unwrap();
            let is_alike = computed == official || case.name.contains(JUST_ENOUGH);
            alike += 1;
            if !is_alike {
                wrong.push(format!("{}: {computed:#?}, expected {official:#?}", case.name));
            }
        } else {
            wrong.push(format!("{}: {verdict:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((exact, alike), (67, 18));
}

/// The cases that must be refused lack something in the witness.
fn is_witness(reason: &Invalid) -> bool {
    reason.is_incomplete_witness()
        || matches!(reason, Invalid::BlockRlp { part: "witness header", .. } | Invalid::Header(HeaderError::BrokenChain { .. }))
}

/// A chain that crosses into Amsterdam.
fn crossing() -> ChainConfig {
    let osaka = chains::from_genesis(77, "BPO2").unwrap();
    let amsterdam = chains::from_genesis(77, "Amsterdam").unwrap().forks[0];
    ChainConfig { forks: vec![osaka.forks[0], ForkRule { activation: 5_000, ..amsterdam }], ..osaka }
}

fn chain(timestamps: &[u64], txs: usize) -> Vec<BlockFile> {
    SampleChain { config: &crossing(), timestamps, txs, blobs: 2, seed: 5 }.make().unwrap()
}

fn reason(parts: &Parts) -> Option<Invalid> {
    validate(&parts.encode(&TEST_SALT)).reason
}

#[test]
fn chains_cross_into_amsterdam() {
    let config = crossing();
    let files = chain(&[4_976, 4_988, 5_000, 5_012, 5_024], 12);
    for (index, file) in files.iter().enumerate() {
        let parts = file.parts_on(&config).unwrap();
        assert_eq!(reason(&parts), None, "block {index}");
        let (header, _) = read_header(&parts.block).unwrap();
        let Some(list) = &parts.access_list else {
            assert!(index < 2 && header.block_access_list_hash.is_none() && header.slot_number.is_none());
            continue;
        };
        assert_eq!(header.block_access_list_hash, Some(keccak256(list)), "block {index}");
        assert_eq!(header.slot_number, Some(header.timestamp / 12));
        let list = Vec::<AccountChanges>::decode(&mut list.as_slice()).unwrap();
        // Twelve transactions, and one with blobs.
        assert_eq!(validate_block_access_list(&list, 13), Ok(()), "block {index}");
        // The list beside the block may be left out: its hash is in the header.
        assert_eq!(reason(&Parts { access_list: None, ..parts }), None);
    }
    // Sixteen withdrawals, all balances after the transactions.
    let last = files.last().unwrap().parts_on(&config).unwrap().access_list.unwrap();
    let list = Vec::<AccountChanges>::decode(&mut last.as_slice()).unwrap();
    let paid = list.iter().filter(|account| account.balance_changes.last().is_some_and(|change| change.block_access_index.get() == 14));
    assert_eq!(paid.count(), 16);
}

#[test]
fn the_second_of_the_activation_decides() {
    let files = chain(&[4_999, 5_000], 3);
    let moved = |activation| {
        let mut config = crossing();
        config.forks[1].activation = activation;
        config
    };
    let refused = |file: &BlockFile, activation| reason(&file.parts_on(&moved(activation)).unwrap()).unwrap();
    assert_eq!(refused(&files[0], 4_999), HeaderError::Missing("block access list hash").into());
    assert_eq!(refused(&files[1], 5_001), HeaderError::Unexpected("block access list hash").into());
}

/// The block with another header.
fn with_header(parts: &Parts, change: impl FnOnce(&mut Header)) -> Parts {
    let (mut header, _) = read_header(&parts.block).unwrap();
    change(&mut header);
    let mut rest = rlp::whole_list(&parts.block).unwrap();
    rlp::next_list(&mut rest).unwrap();
    Parts { block: list(&[alloy_rlp::encode(&header).as_slice(), rest].concat()), ..parts.clone() }
}

/// Each change of an entry is refused for itself: beside the block with the header's hash, with the hash of the changed list in
/// the header, and with that hash alone.
#[test]
fn lists_that_differ_in_an_entry_are_refused() {
    use AccessListError as E;
    let parts = chain(&[5_000], 12).remove(0).parts_on(&crossing()).unwrap();
    let (header, _) = read_header(&parts.block).unwrap();
    let right = Vec::<AccountChanges>::decode(&mut parts.access_list.as_deref().unwrap()).unwrap();
    let refused = |bytes: Vec<u8>| {
        let (right, other) = (header.block_access_list_hash.unwrap(), keccak256(&bytes));
        let field = "block access list hash";
        let beside = Parts { access_list: Some(bytes.clone()), ..parts.clone() };
        assert_eq!(reason(&beside), Some(Invalid::WrongHash { field, header: right, computed: other }));
        let alone = with_header(&Parts { access_list: None, ..parts.clone() }, |header| header.block_access_list_hash = Some(other));
        assert_eq!(reason(&alone), Some(Invalid::WrongHash { field, header: other, computed: right }));
        let both = with_header(&beside, |header| header.block_access_list_hash = Some(other));
        match reason(&both) {
            Some(Invalid::AccessList(error)) => error,
            reason => panic!("{reason:?}"),
        }
    };
    let changed = |change: &dyn Fn(&mut Vec<AccountChanges>)| {
        let mut list = right.clone();
        change(&mut list);
        assert_ne!(list, right);
        refused(alloy_rlp::encode(&list))
    };
    let find = |has: fn(&AccountChanges) -> bool| right.iter().position(has).unwrap();
    let balance = find(|account| !account.balance_changes.is_empty());
    let nonce = find(|account| !account.nonce_changes.is_empty());
    let code = find(|account| !account.code_changes.is_empty());
    let write = find(|account| !account.storage_changes.is_empty());
    let read = find(|account| !account.storage_reads.is_empty());
    let differs = |index: usize, part| E::Differs { address: right[index].address, part };
    assert_eq!(changed(&|list| list[balance].balance_changes[0].post_balance += U256::from(1)), differs(balance, "balance changes"));
    assert_eq!(changed(&|list| list[balance].balance_changes[0].block_access_index.increment()), differs(balance, "balance changes"));
    assert_eq!(changed(&|list| list[nonce].nonce_changes[0].new_nonce += 1), differs(nonce, "nonce changes"));
    assert_eq!(changed(&|list| _ = list[code].code_changes.pop()), differs(code, "code changes"));
    assert_eq!(changed(&|list| list[write].storage_changes[0].changes[0].new_value += U256::from(1)), differs(write, "storage changes"));
    assert_eq!(changed(&|list| _ = list[read].storage_reads.pop()), differs(read, "storage reads"));
    let more = AccountChanges::new(Address::repeat_byte(0xff));
    assert_eq!(changed(&|list| list.push(more.clone())), E::NotAccessed(more.address));
    let first = AccountChanges::new(Address::ZERO);
    assert_eq!(changed(&|list| list.insert(0, first.clone())), E::NotAccessed(first.address));
    for index in [0, read, right.len() - 1] {
        assert_eq!(changed(&|list| _ = list.remove(index)), E::NotListed(right[index].address));
    }
    assert_eq!(changed(&|list| list.swap(0, 1)), E::Form);
    assert!(matches!(refused(vec![0xc1]), E::Rlp(_)));
    assert!(matches!(refused([alloy_rlp::encode(&right).as_slice(), &[0]].concat()), E::Rlp(_)));
    assert_eq!(changed(&|list| list.clear()), E::NotListed(right[0].address));
}

#[test]
fn a_list_beside_an_older_block_is_refused() {
    let parts = sample_block(1, 1).unwrap().parts().unwrap();
    let parts = Parts { access_list: Some(vec![0xc0]), ..parts };
    assert_eq!(reason(&parts), Some(HeaderError::Unexpected("block access list").into()));
    let mut input = parts.encode(&TEST_SALT);
    let at = input.len() - 24;
    assert_eq!(input[at..at + 8], [1, 0, 0, 0, 0, 0, 0, 0]);
    input[at] = 2;
    let count = InputError::Count { part: "block access list", count: 2 };
    assert_eq!(validate(&input).reason, Some(count.into()));
}

/// What one block of these transactions gives on a state of the system contracts and these accounts.
fn run(accounts: &[(Address, Account)], transactions: &[Vec<u8>]) -> Result<(Outcome, Vec<AccountChanges>), Invalid> {
    crypto::install();
    let config = chains::from_genesis(1, "Amsterdam").unwrap();
    let state = State::new(accounts);
    let header = Header {
        parent_hash: B256::repeat_byte(8),
        number: 1,
        timestamp: 12,
        gas_limit: 60_000_000,
        base_fee_per_gas: Some(7),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::repeat_byte(9)),
        slot_number: Some(4_711),
        ..Header::default()
    };
    let transactions = transactions.iter().map(Vec::as_slice).collect();
    let block = RawBlock { header, hash: B256::ZERO, transactions, ommers: &[], raw_withdrawals: vec![], withdrawals: vec![] };
    let nodes: Vec<&[u8]> = state.nodes.iter().map(Vec::as_slice).collect();
    let codes: Vec<&[u8]> = state.codes.iter().map(Vec::as_slice).collect();
    let mut db = WitnessDb::new(&nodes, &codes, &state.root.0, 1, vec![B256::repeat_byte(8)]);
    let outcome = execute::run(&block, &Rules::new(&config, &block.header).unwrap(), None, &mut db)?;
    Ok((outcome, db.access_list().unwrap()))
}

fn contract(code: &[u8]) -> Account {
    Account { nonce: 1, code: code.to_vec(), ..Account::default() }
}

fn system_contracts() -> Vec<(Address, Account)> {
    vec![
        (eip4788::BEACON_ROOTS_ADDRESS, contract(&eip4788::BEACON_ROOTS_CODE)),
        (eip2935::HISTORY_STORAGE_ADDRESS, contract(&eip2935::HISTORY_STORAGE_CODE)),
        (eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, contract(&eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_CODE)),
        (eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS, contract(&eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_CODE)),
        (eip8282::BUILDER_DEPOSIT_CONTRACT_ADDRESS, contract(&eip8282::BUILDER_DEPOSIT_CONTRACT_CODE)),
        (eip8282::BUILDER_EXIT_CONTRACT_ADDRESS, contract(&eip8282::BUILDER_EXIT_CONTRACT_CODE)),
    ]
}

/// Someone's account, and his transaction.
fn send(to: Address, value: u64, input: &[u8]) -> ((Address, Account), Vec<u8>) {
    let key = SigningKey::from_slice(&[7; 32]).unwrap();
    let sender = Address::from_public_key(key.verifying_key());
    let unsigned = TxLegacy {
        chain_id: Some(1),
        gas_price: 10,
        gas_limit: 5_000_000,
        to: to.into(),
        value: U256::from(value),
        input: input.to_vec().into(),
        ..TxLegacy::default()
    };
    let (signature, recovery) = key.sign_prehash_recoverable(unsigned.signature_hash().as_slice()).unwrap();
    let transaction = Transaction::from(unsigned.into_signed(Signature::from((signature, recovery)))).encoded_2718();
    ((sender, Account { balance: U256::from(1u64 << 60), ..Account::default() }), transaction)
}

fn entry(list: &[AccountChanges], address: Address) -> &AccountChanges {
    list.iter().find(|account| account.address == address).unwrap()
}

#[test]
fn an_empty_block_lists_the_system_contracts() {
    let (outcome, list) = run(&system_contracts(), &[]).unwrap();
    assert_eq!((outcome.gas_used, outcome.requests.len()), (0, 0));
    let mut addresses: Vec<Address> = system_contracts().into_iter().map(|(address, _)| address).collect();
    addresses.sort();
    assert_eq!(list.iter().map(|account| account.address).collect::<Vec<_>>(), addresses);
    // EIP-2935: one slot; EIP-4788: two; both before the transactions. The queues are read, and empty.
    let writes = |address| -> Vec<(U256, u64, U256)> {
        let changes = entry(&list, address).storage_changes.iter();
        changes.map(|slot| (slot.slot, slot.changes[0].block_access_index.get(), slot.changes[0].new_value)).collect()
    };
    assert_eq!(writes(eip2935::HISTORY_STORAGE_ADDRESS), [(U256::ZERO, 0, U256::from_be_bytes([8; 32]))]);
    let root = U256::from_be_bytes([9; 32]);
    assert_eq!(writes(eip4788::BEACON_ROOTS_ADDRESS), [(U256::from(12), 0, U256::from(12)), (U256::from(8_191 + 12), 0, root)]);
    let reads = &entry(&list, eip8282::BUILDER_EXIT_CONTRACT_ADDRESS).storage_reads;
    assert_eq!(reads[..], [0, 1, 2, 3].map(U256::from));
}

#[test]
fn builders_requests_are_gathered() {
    let pubkey = [0xab; 48];
    let (sender, transaction) = send(eip8282::BUILDER_EXIT_CONTRACT_ADDRESS, 1, &pubkey);
    let address = sender.0;
    let (outcome, _) = run(&[system_contracts().as_slice(), &[sender]].concat(), &[transaction]).unwrap();
    assert!(outcome.receipts[0].success);
    // The type, then the sender and the public key.
    let expected = [&[4], address.as_slice(), &pubkey].concat();
    assert_eq!(outcome.requests.iter().map(|request| request.to_vec()).collect::<Vec<_>>(), [expected]);
}

#[test]
fn without_a_contract_for_builders_no_block_is_valid() {
    for missing in [eip8282::BUILDER_DEPOSIT_CONTRACT_ADDRESS, eip8282::BUILDER_EXIT_CONTRACT_ADDRESS] {
        let mut accounts = system_contracts();
        accounts.retain(|(address, _)| *address != missing);
        assert_eq!(run(&accounts, &[]).unwrap_err(), Invalid::MissingSystemContract(missing));
    }
}

/// EIP-8037: 30 million gas, and beside it what 16 new slots cost in state gas, which does not show.
#[test]
fn system_calls_have_gas_and_a_reserve() {
    // Stores GAS, which is 2 less by then, in slot 1, then 1 in the slots from 2 on.
    let mut code = vec![0x5a, 0x60, 1, 0x55];
    (2..=16).for_each(|slot| code.extend([0x60, 1, 0x60, slot, 0x55]));
    code.extend([0x5a, 0x60, 0, 0x55]);
    let mut accounts = system_contracts();
    accounts[0].1 = contract(&code);
    let (_, list) = run(&accounts, &[]).unwrap();
    let slots = &entry(&list, eip4788::BEACON_ROOTS_ADDRESS).storage_changes;
    assert_eq!(slots.len(), 17);
    assert_eq!(slots[1].changes[0].new_value, U256::from(30_000_000 - 2));
    // EIP-8038: a new slot costs 2,100 and 10,000, with nothing of its state gas while the reserve lasts.
    let used = 30_000_000 - slots[0].changes[0].new_value.to::<u64>();
    assert_eq!(used, 16 * 12_100 + 16 * 6 + 1);
}

#[test]
fn the_slot_number_is_shown() {
    let place = Address::repeat_byte(0x51);
    let (sender, transaction) = send(place, 0, &[]);
    let (outcome, list) =
        run(&[system_contracts().as_slice(), &[sender, (place, contract(&[0x4b, 0x5f, 0x55]))]].concat(), &[transaction]).unwrap();
    assert!(outcome.receipts[0].success);
    let change = &entry(&list, place).storage_changes[0].changes[0];
    assert_eq!((change.block_access_index.get(), change.new_value), (1, U256::from(4_711)));
}

/// A failed creation at a place with storage alone is an access that changes nothing there.
#[test]
fn a_failed_creation_changes_nothing_in_the_list() {
    let creator = Address::repeat_byte(0xc0);
    // CREATE2 of one zero byte with salt 0.
    let code = [0x60, 0, 0x60, 1, 0x60, 0, 0x60, 0, 0xf5, 0x00];
    let place = creator.create2(B256::ZERO, keccak256([0]));
    let orphan = Account { storage: vec![(U256::from(1), U256::from(2))], ..Account::default() };
    let (sender, transaction) = send(creator, 0, &[]);
    let (_, list) =
        run(&[system_contracts().as_slice(), &[sender, (creator, contract(&code)), (place, orphan)]].concat(), &[transaction]).unwrap();
    assert_eq!(*entry(&list, place), AccountChanges::new(place));
}

#[test]
fn transactions_are_counted_by_their_least_gas() {
    let parts = chain(&[5_000], 1).remove(0).parts_on(&crossing()).unwrap();
    let (header, hash) = read_header(&parts.block).unwrap();
    let junk = |count: usize| list(&[alloy_rlp::encode(&header), list(&vec![1; count]), list(&[]), list(&[])].concat());
    for (fork, least) in [(Fork::Osaka, 21_000), (Fork::Amsterdam, 12_000)] {
        let most = header.gas_limit / least;
        assert!(split(&junk(most as usize), header.clone(), hash, fork).is_ok());
        let error = split(&junk(most as usize + 1), header.clone(), hash, fork).unwrap_err();
        assert_eq!(error, Invalid::TooManyTransactions { gas_limit: header.gas_limit, most });
    }
}
