//! Genesis files in geth's form: what is read of them, and what is refused.

use alloy_primitives::{Address, address};
use serde_json::{Value, json};
use tern_guest_evm::chains;
use tern_guest_evm::forks::{ChainConfig, Fork, ForkRule, ScheduleError};
use tern_guest_evm::genesis::{GenesisError, parse};

/// The genesis file of a network that has all of today's forks, with what else such files hold.
fn file() -> Value {
    json!({
        "config": {
            "chainId": 1337,
            "homesteadBlock": 0,
            "daoForkSupport": true,
            "eip150Block": 0,
            "londonBlock": 0,
            "mergeNetsplitBlock": 0,
            "terminalTotalDifficulty": 0,
            "shanghaiTime": 0,
            "cancunTime": 0,
            "pragueTime": 100,
            "osakaTime": 200,
            "bpo1Time": 300,
            "bpo2Time": 400,
            "verkleTime": null,
            "depositContractAddress": "0x4242424242424242424242424242424242424242",
            "blobSchedule": {
                "cancun": { "target": 3, "max": 6, "baseFeeUpdateFraction": 3338477 },
                "prague": { "target": 6, "max": 9, "baseFeeUpdateFraction": 5007716 },
                "bpo1": { "target": 10, "max": 15, "baseFeeUpdateFraction": 8346193 },
                "bpo2": { "target": 14, "max": 21, "baseFeeUpdateFraction": 11684671 },
                "later": { "target": "much" }
            },
            "ethash": {}
        },
        "alloc": { "00000000219ab540356cbb839cbe05303d7705fa": { "balance": "0x0" } },
        "gasLimit": "0x1c9c380"
    })
}

fn read(file: &Value) -> Result<ChainConfig, GenesisError> {
    parse(&serde_json::to_vec(file).unwrap())
}

/// The file with other values in its `config`; null takes one out.
fn with(changes: &[(&str, Value)]) -> Result<ChainConfig, GenesisError> {
    let mut file = file();
    for (key, value) in changes {
        file["config"][*key] = value.clone();
    }
    read(&file)
}

fn forks(changes: &[(&str, Value)]) -> Vec<(Fork, u64, u64)> {
    with(changes).unwrap().forks.iter().map(|rule| (rule.fork, rule.activation, rule.max_blobs)).collect()
}

#[test]
fn a_genesis_file_gives_a_schedule() {
    let config = read(&file()).unwrap();
    assert_eq!((config.chain_id, config.deposit_contract), (1337, address!("4242424242424242424242424242424242424242")));
    let mainnet = chains::by_id(1).unwrap().forks;
    let expected: Vec<_> = mainnet.iter().zip([0, 100, 200, 300, 400]).map(|(rule, activation)| ForkRule { activation, ..*rule }).collect();
    assert_eq!(config.forks, expected);
    assert_eq!(with(&[("depositContractAddress", Value::Null)]).unwrap().deposit_contract, Address::ZERO);
}

/// geth's own configurations, from their forks' times alone, are those that are known by name.
#[test]
fn the_file_of_a_public_network_is_its_configuration() {
    for name in ["mainnet", "sepolia", "holesky", "hoodi"] {
        let known = chains::by_name(name).unwrap();
        let mut changes: Vec<(&str, Value)> = ["cancunTime", "pragueTime", "osakaTime", "bpo1Time", "bpo2Time"]
            .into_iter()
            .zip(&known.forks)
            .map(|(key, rule)| (key, json!(rule.activation)))
            .collect();
        changes.extend(known.forks.get(5).map(|rule| ("amsterdamTime", json!(rule.activation))));
        changes.push(("chainId", json!(known.chain_id)));
        changes.push(("depositContractAddress", json!(known.deposit_contract.to_string())));
        assert_eq!(with(&changes).unwrap(), known, "{name}");
    }
}

#[test]
fn different_files_of_one_chain_give_one_configuration() {
    // All at once from genesis: one entry, of the last.
    let now = |keys: &[&'static str]| keys.iter().map(|key| (*key, json!(0))).collect::<Vec<_>>();
    let all = now(&["pragueTime", "osakaTime", "bpo1Time", "bpo2Time"]);
    assert_eq!(forks(&all), [(Fork::Osaka, 0, 21)]);
    assert_eq!(with(&all).unwrap().forks, chains::from_genesis(1, "BPO2").unwrap().forks);
    // At the same time as Osaka, the change of blob parameters counts.
    assert_eq!(forks(&[("bpo1Time", json!(200)), ("bpo2Time", Value::Null)])[2..], [(Fork::Osaka, 200, 15)]);
    // A fork that changes nothing, alone or together with another one.
    let mut same = file();
    same["config"]["blobSchedule"]["bpo2"] = same["config"]["blobSchedule"]["bpo1"].clone();
    assert_eq!(read(&same).unwrap().forks.len(), 4);
    same["config"]["bpo3Time"] = json!(400);
    same["config"]["blobSchedule"]["bpo3"] = same["config"]["blobSchedule"]["bpo1"].clone();
    same["config"]["blobSchedule"]["bpo2"]["max"] = json!(16);
    assert_eq!(read(&same).unwrap().forks.len(), 4);
    // Osaka may say what it keeps, or change it.
    let mut osaka = file();
    osaka["config"]["blobSchedule"]["osaka"] = osaka["config"]["blobSchedule"]["prague"].clone();
    assert_eq!(read(&osaka).unwrap(), read(&file()).unwrap());
    osaka["config"]["blobSchedule"]["osaka"]["max"] = json!(8);
    assert_eq!(read(&osaka).unwrap().forks[2].max_blobs, 8);
    // Forks before Cancun may be left out.
    assert_eq!(with(&[("londonBlock", Value::Null), ("shanghaiTime", Value::Null)]).unwrap(), read(&file()).unwrap());
}

#[test]
fn any_number_of_blob_forks_is_read() {
    let mut file = file();
    for fork in 3..=20 {
        file["config"][format!("bpo{fork}Time")] = json!(1_000 + fork);
        file["config"]["blobSchedule"][format!("bpo{fork}")] = json!({ "target": fork, "max": 30, "baseFeeUpdateFraction": 9_000_000 });
    }
    let config = read(&file).unwrap();
    assert_eq!(config.forks.len(), 23);
    let tail: Vec<_> = config.forks[5..].iter().map(|rule| (rule.activation, rule.target_blobs)).collect();
    assert_eq!(tail, (3..=20).map(|fork| (1_000 + fork, fork)).collect::<Vec<_>>());
    for fork in 21..=80 {
        file["config"][format!("bpo{fork}Time")] = json!(1_000 + fork);
        file["config"]["blobSchedule"][format!("bpo{fork}")] = json!({ "target": fork, "max": 99, "baseFeeUpdateFraction": 9_000_000 });
    }
    let error = read(&file).unwrap_err();
    assert!(matches!(error, GenesisError::Schedule(ScheduleError::Count(83))), "{error}");
}

#[test]
fn amsterdam_keeps_the_blob_parameters_before_it() {
    assert_eq!(forks(&[("amsterdamTime", json!(500))])[5..], [(Fork::Amsterdam, 500, 21)]);
    // Together with a change of blob parameters, it takes that over; a later one keeps its rules.
    assert_eq!(forks(&[("amsterdamTime", json!(400))])[4..], [(Fork::Amsterdam, 400, 21)]);
    let mut later = file();
    later["config"]["amsterdamTime"] = json!(350);
    assert_eq!(
        read(&later).unwrap().forks[4..].iter().map(|rule| (rule.fork, rule.max_blobs)).collect::<Vec<_>>(),
        [(Fork::Amsterdam, 15), (Fork::Amsterdam, 21)]
    );
    let names: Vec<String> = read(&later).unwrap().names().map(|name| name.to_string()).collect();
    assert_eq!(names, ["Cancun", "Prague", "Osaka", "BPO1", "Amsterdam", "BPO2"]);
    refused(&[("amsterdamTime", json!(199))], "amsterdam is scheduled before osaka, or without it");
}

#[track_caller]
fn refused(changes: &[(&str, Value)], text: &str) {
    let error = with(changes).expect_err("a refusal").to_string();
    assert!(error.contains(text), "{error}");
}

#[test]
fn bad_files_say_what_is_wrong() {
    for bytes in [&b""[..], b"<html>", b"[]", b"{}", br#"{"config": 3}"#] {
        assert!(matches!(parse(bytes), Err(GenesisError::Json(_))), "{bytes:?}");
    }
    let whole = serde_json::to_vec(&file()).unwrap();
    for len in (0..whole.len()).step_by(7) {
        assert!(matches!(parse(&whole[..len]), Err(GenesisError::Json(_))), "{len}");
    }
    refused(&[("chainId", Value::Null)], "config.chainId is missing");
    for bad in [json!("0x539"), json!(-1), json!(1.5), json!([1])] {
        refused(&[("chainId", bad.clone())], "config.chainId is not a whole number");
        refused(&[("cancunTime", bad)], "config.cancunTime is not a whole number");
    }
    for bad in [json!("0x42"), json!(42), json!("4242424242424242424242424242424242424242")] {
        refused(&[("depositContractAddress", bad)], "config.depositContractAddress is not an address");
    }
}

#[test]
fn forks_that_are_not_known_or_too_early_are_named() {
    for key in ["homesteadBlock", "daoForkBlock", "londonBlock", "mergeNetsplitBlock", "shanghaiTime"] {
        refused(&[(key, json!(7))], &format!("config.{key} is 7: forks before Cancun must be active from genesis"));
    }
    for key in ["verkleTime", "bogotaTime", "bpoTime", "bpo0Time", "bpo01Time", "bpo-1Time", "CancunTime", "Time"] {
        refused(&[(key, json!(0))], &format!("config.{key} schedules a fork that this validator does not know"));
    }
    // What only looks a little like it.
    assert!(with(&[("timeout", json!(1)), ("terminalTotalDifficultyPassed", json!(true))]).is_ok());
}

#[test]
fn impossible_schedules_are_refused() {
    refused(&[("cancunTime", Value::Null)], "prague is scheduled before cancun, or without it");
    refused(&[("pragueTime", Value::Null)], "osaka is scheduled before prague, or without it");
    refused(&[("osakaTime", json!(99))], "osaka is scheduled before prague, or without it");
    refused(&[("osakaTime", Value::Null)], "bpo1 is scheduled before osaka, or without it");
    refused(&[("bpo1Time", json!(199))], "bpo1 is scheduled before osaka, or without it");
    refused(&[("bpo2Time", json!(299))], "bpo2 is scheduled before bpo1, or without it");
    refused(&[("bpo3Time", json!(500))], "config.blobSchedule.bpo3 is missing");
    refused(&[("blobSchedule", Value::Null)], "config.blobSchedule.cancun is missing");
    for (bad, text) in [
        (json!({ "target": 3, "max": 6 }), "config.blobSchedule.cancun is not an object with the numbers target, max"),
        (json!({ "target": -3, "max": 6, "baseFeeUpdateFraction": 1 }), "config.blobSchedule.cancun is not an object"),
        (json!({ "target": 7, "max": 6, "baseFeeUpdateFraction": 1 }), "fork 0 (Cancun) has blob parameters that make no sense"),
        (json!({ "target": 3, "max": 6, "baseFeeUpdateFraction": 0 }), "fork 0 (Cancun) has blob parameters that make no sense"),
    ] {
        let mut schedule = file()["config"]["blobSchedule"].clone();
        schedule["cancun"] = bad;
        refused(&[("blobSchedule", schedule)], text);
    }
    let none: Vec<_> = ["cancunTime", "pragueTime", "osakaTime", "bpo1Time", "bpo2Time"].map(|key| (key, Value::Null)).into();
    refused(&none, "fork schedule: 0 forks");
}
