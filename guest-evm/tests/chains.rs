//! Fork schedules: what blocks on either side of each activation obey, the configurations of the public networks, and that
//! a configuration has one encoding.

use alloy_hardforks::{EthereumHardfork, holesky, hoodi, mainnet, sepolia};
use alloy_primitives::keccak256;
use proptest::prelude::*;
use tern_guest_evm::chains;
use tern_guest_evm::forks::{ChainConfig, Fork, ForkName, ForkRule, MAX_FORKS, ScheduleError};
use tern_guest_evm::header::HeaderError;
use tern_guest_evm::input::{CONFIG_START, Input, InputError, encode_config};
use tern_guest_evm::json::{BlockFile, JsonError};
use tern_guest_evm::salt::TEST_SALT;
use tern_guest_evm::sample::{SampleChain, SampleError, sample_block};
use tern_guest_evm::{Invalid, validate};

fn rule(fork: Fork, activation: u64, target_blobs: u64, max_blobs: u64, update_fraction: u64) -> ForkRule {
    ForkRule { fork, activation, target_blobs, max_blobs, update_fraction }
}

fn config(forks: Vec<ForkRule>) -> ChainConfig {
    ChainConfig { chain_id: 77, deposit_contract: [0x11; 20].into(), forks }
}

/// Every kind of step: new rules, new blob parameters, both.
fn steps() -> ChainConfig {
    config(vec![
        rule(Fork::Cancun, 1_000, 3, 6, 3_338_477),
        rule(Fork::Cancun, 2_000, 4, 7, 3_400_000),
        rule(Fork::Prague, 3_000, 6, 9, 5_007_716),
        rule(Fork::Osaka, 4_000, 6, 9, 5_007_716),
        rule(Fork::Osaka, 5_000, 10, 16, 8_346_193),
        rule(Fork::Osaka, 6_000, 2, 3, 1_000_000),
    ])
}

fn make(config: &ChainConfig, timestamps: &[u64], blobs: u64) -> Result<Vec<BlockFile>, SampleError> {
    SampleChain { config, timestamps, txs: 5, blobs, seed: 3 }.make()
}

fn reason(file: &BlockFile, config: &ChainConfig) -> Option<Invalid> {
    validate(&file.parts_on(config).unwrap().encode(&TEST_SALT)).reason
}

#[test]
fn chains_cross_every_activation() {
    let config = steps();
    let timestamps: Vec<u64> = (1..=6).flat_map(|fork| [fork * 1_000 - 1, fork * 1_000, fork * 1_000 + 12]).skip(1).collect();
    let files = make(&config, &timestamps, 3).unwrap();
    let mut parent: Option<(alloy_primitives::B256, alloy_primitives::B256)> = None;
    let mut names = Vec::new();
    for (file, timestamp) in files.iter().zip(&timestamps) {
        let verdict = validate(&file.parts_on(&config).unwrap().encode(&TEST_SALT));
        assert_eq!(verdict.reason, None, "at {timestamp}");
        assert_eq!(verdict.output.config_hash, keccak256(encode_config(&config)));
        assert_eq!(verdict.output.chain_id, 77);
        if let Some((hash, root)) = parent {
            assert_eq!((verdict.output.parent_hash, verdict.output.pre_state_root), (hash, root), "at {timestamp}");
        }
        parent = Some((verdict.output.block_hash, verdict.output.post_state_root));
        names.push(file.info.clone().unwrap().fork_exact.unwrap());
    }
    names.dedup();
    assert_eq!(names, ["Cancun", "BPO1", "Prague", "Osaka", "BPO2", "BPO3"]);
    let expected: Vec<String> = config.names().map(|name| name.to_string()).collect();
    assert_eq!(names, expected);
}

/// The blocks on either side of an activation are valid under no schedule that has it one second later or earlier.
#[test]
fn an_activation_decides_to_the_second() {
    let config = steps();
    for index in 1..config.forks.len() {
        let activation = config.forks[index].activation;
        // So many blobs that each fork here, Osaka by EIP-7918, makes another excess of them for the next block.
        let blobs = config.forks[index].max_blobs.min(config.forks[index - 1].max_blobs) - 1;
        let files = make(&config, &[activation - 13, activation - 1, activation], blobs).unwrap();
        let (before, after) = (&files[1], &files[2]);
        let moved = |by: i64| {
            let mut other = config.clone();
            other.forks[index].activation = activation.wrapping_add_signed(by);
            other
        };
        assert_eq!(reason(before, &moved(1)), None, "fork {index}: not yet active in both");
        assert_eq!(reason(after, &moved(-1)), None, "fork {index}: active in both");
        for refused in [reason(before, &moved(-1)), reason(after, &moved(1))] {
            let Some(Invalid::Header(error)) = refused else { panic!("fork {index}: {refused:?}") };
            let is_requests = matches!(error, HeaderError::Missing("requests hash") | HeaderError::Unexpected("requests hash"));
            let is_excess = matches!(error, HeaderError::Number { field: "excess blob gas", .. });
            assert!(if index == 2 { is_requests } else { is_excess }, "fork {index}: {error}");
        }
    }
}

#[test]
fn the_requests_hash_belongs_to_prague() {
    let config = steps();
    let files = make(&config, &[2_999, 3_000], 0).unwrap();
    let mut later = config.clone();
    later.forks[2].activation += 1;
    let unexpected = HeaderError::Unexpected("requests hash");
    assert_eq!(reason(&files[1], &later), Some(unexpected.into()));
    let mut earlier = config;
    earlier.forks[2].activation -= 1;
    assert_eq!(reason(&files[0], &earlier), Some(HeaderError::Missing("requests hash").into()));
}

#[test]
fn a_fork_of_blob_parameters_allows_more_blobs_and_the_next_fewer() {
    let config = steps();
    let too_many = |timestamp, blobs| match make(&config, &[timestamp], blobs) {
        Ok(_) => false,
        Err(SampleError::Invalid(Invalid::BlobGasLimit { .. })) => true,
        Err(error) => panic!("at {timestamp}, {blobs} blobs: {error}"),
    };
    for (timestamp, most) in [(1_999, 6), (2_000, 7), (2_999, 7), (3_000, 9), (4_999, 9), (5_000, 16), (5_999, 16), (6_000, 3)] {
        assert!(!too_many(timestamp, most), "{most} blobs at {timestamp}");
        assert!(too_many(timestamp, most + 1), "{} blobs at {timestamp}", most + 1);
    }
}

#[test]
fn blocks_before_the_first_fork_are_refused() {
    let error = make(&steps(), &[999], 0).unwrap_err();
    assert!(matches!(error, SampleError::Invalid(Invalid::Header(HeaderError::UnsupportedFork(999)))), "{error}");
}

/// A schedule as long as allowed, of nothing but changes of blob parameters, is as good as any other.
#[test]
fn further_blob_forks_need_no_other_validator() {
    let mut forks = vec![rule(Fork::Osaka, 0, 1, 1, 1_000_000)];
    forks.extend((1..MAX_FORKS as u64).map(|index| rule(Fork::Osaka, index * 100, index % 9, 9, 5_000_000 + index)));
    let config = config(forks);
    assert_eq!(config.check_schedule(), Ok(()));
    let last = 100 * (MAX_FORKS as u64 - 1);
    let files = make(&config, &[last - 1, last], 2).unwrap();
    let names: Vec<_> = files.iter().map(|file| file.info.clone().unwrap().fork_exact.unwrap()).collect();
    assert_eq!(names, ["BPO62", "BPO63"]);
    let longer = ChainConfig { forks: [config.forks.as_slice(), &[rule(Fork::Osaka, last + 1, 1, 2, 3)]].concat(), ..config };
    assert_eq!(longer.check_schedule(), Err(ScheduleError::Count(65)));
}

#[test]
fn schedules_that_another_one_could_replace_are_refused() {
    let refused = |change: &dyn Fn(&mut Vec<ForkRule>)| {
        let mut changed = steps();
        change(&mut changed.forks);
        let error = changed.check_schedule().unwrap_err();
        // The same in the input, unless there is none.
        let bytes = [&3u64.to_le_bytes()[..], &TEST_SALT, &encode_config(&changed)].concat();
        assert_eq!(Input::parse_config(&bytes), Err(InputError::Schedule(error)));
        error
    };
    assert_eq!(refused(&|forks| forks.clear()), ScheduleError::Count(0));
    let order = |index, name| ScheduleError::Order { index, name };
    // Two at the same time, of which one hides the other; two out of order.
    assert_eq!(refused(&|forks| forks[1].activation = 1_000), order(1, ForkName::Bpo(1)));
    assert_eq!(refused(&|forks| forks[2].activation = 1_500), order(2, ForkName::Rules(Fork::Prague)));
    assert_eq!(refused(&|forks| forks.swap(4, 5)), order(5, ForkName::Bpo(3)));
    assert_eq!(refused(&|forks| forks[5].fork = Fork::Prague), ScheduleError::OlderRules { index: 5, fork: Fork::Prague });
    let again = |forks: &mut Vec<ForkRule>| forks[5] = ForkRule { activation: 6_000, ..forks[4] };
    assert_eq!(refused(&again), ScheduleError::NoChange { index: 5, name: ForkName::Bpo(3) });
    for (target_blobs, max_blobs, update_fraction) in [(7, 6, 1), (0, 0, 1), (1, 1 << 20 | 1, 1), (3, 6, 0)] {
        let error = refused(&|forks| forks[0] = rule(Fork::Cancun, 1_000, target_blobs, max_blobs, update_fraction));
        assert!(matches!(error, ScheduleError::Blobs { index: 0, name: ForkName::Rules(Fork::Cancun), .. }), "{error:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    /// What decodes encodes to the same bytes again: no two sections of bytes are one configuration.
    #[test]
    fn a_configuration_has_one_encoding(at in any::<prop::sample::Index>(), byte in any::<u8>(), more in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 0..4)) {
        let mut bytes = [&3u64.to_le_bytes()[..], &TEST_SALT, &encode_config(&steps())].concat();
        for (at, byte) in std::iter::once((at, byte)).chain(more) {
            let at = CONFIG_START + at.index(bytes.len() - CONFIG_START);
            bytes[at] = byte;
        }
        if let Ok((config, section)) = Input::parse_config(&bytes) {
            prop_assert_eq!(encode_config(&config), section);
            prop_assert!(bytes[CONFIG_START..].starts_with(section));
            prop_assert_eq!(config.check_schedule(), Ok(()));
        }
    }
}

#[test]
fn the_public_networks_have_the_schedules_that_others_know() {
    let times = |network: &str| -> Vec<u64> {
        let config = chains::by_name(network).unwrap();
        assert_eq!(Some(&config), chains::by_id(config.chain_id).as_ref());
        assert_eq!(config.check_schedule(), Ok(()));
        config.forks.iter().map(|rule| rule.activation).collect()
    };
    let known = |at: &dyn Fn(EthereumHardfork) -> Option<u64>| -> Vec<u64> {
        use EthereumHardfork as F;
        [F::Cancun, F::Prague, F::Osaka, F::Bpo1, F::Bpo2, F::Amsterdam].into_iter().filter_map(at).collect()
    };
    assert_eq!(times("mainnet"), known(&|fork| fork.mainnet_activation_timestamp()));
    assert_eq!(times("sepolia"), known(&|fork| fork.sepolia_activation_timestamp()));
    assert_eq!(times("holesky"), known(&|fork| fork.holesky_activation_timestamp()));
    // Amsterdam on Hoodi was called off, and has the largest number there.
    assert_eq!(times("hoodi"), known(&|fork| fork.hoodi_activation_timestamp().filter(|time| *time != u64::MAX)));
    assert_eq!(times("mainnet")[4], mainnet::MAINNET_BPO2_TIMESTAMP);
    assert_eq!(times("sepolia")[5], sepolia::SEPOLIA_AMSTERDAM_TIMESTAMP);
    assert_eq!(times("holesky")[4], holesky::HOLESKY_BPO2_TIMESTAMP);
    assert_eq!(times("hoodi")[4], hoodi::HOODI_BPO2_TIMESTAMP);
    assert_eq!(chains::by_name("holesky").unwrap().chain_id, 17_000);
    let ids: Vec<u64> = chains::names().map(|name| chains::by_name(name).unwrap().chain_id).collect();
    assert_eq!(ids, [1, 11_155_111, 17_000, 560_048]);
    assert_eq!((chains::by_name("goerli"), chains::by_id(5)), (None, None));
}

#[test]
fn the_schedule_decides_the_fork() {
    let mainnet = chains::by_id(1).unwrap();
    for (timestamp, name) in [
        (1_710_338_134, None),
        (1_710_338_135, Some("Cancun")),
        (1_746_612_310, Some("Cancun")),
        (1_746_612_311, Some("Prague")),
        (1_764_798_551, Some("Osaka")),
        (1_765_290_071, Some("BPO1")),
        (1_767_747_671, Some("BPO2")),
        (u64::MAX, Some("BPO2")),
    ] {
        assert_eq!(mainnet.name_at(timestamp).map(|name| name.to_string()).as_deref(), name, "{timestamp}");
    }
    let prague = chains::from_genesis(1, "Prague").unwrap();
    assert_eq!(prague.rule_at(u64::MAX), Some(&prague.forks[0]));
    let bpo2 = chains::from_genesis(1, "BPO2").unwrap();
    assert_eq!(bpo2.forks, [ForkRule { activation: 0, ..mainnet.forks[4] }]);
    assert_eq!(chains::from_genesis(1, "BPO9"), None);
}

#[test]
fn a_given_configuration_must_be_of_the_blocks_chain() {
    let file = sample_block(2, 1).unwrap();
    let error = file.parts_on(&chains::by_id(1).unwrap()).unwrap_err();
    assert!(matches!(error, JsonError::OtherChain { block: 1337, given: 1 }), "{error}");
    let same = file.parts().unwrap().config;
    assert_eq!(file.parts_on(&same).unwrap().config, same);
}
