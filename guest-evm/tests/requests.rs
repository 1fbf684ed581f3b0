//! Payload requests alone, in EIP-8025's encoding and in those of the consensus layer's forks.

#[path = "common/data.rs"]
mod data;

use alloy_primitives::hex;
use data::data_dir;
use proptest::prelude::*;
use tern_guest_evm::genesis;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::stateless::{Layout, PayloadRequest, RequestError, decode};

/// The request of an empty block of a test network under BPO1, as lighthouse's types encode it: `crates/server/tests/fixture/new_payload_request.ssz`
/// of eth-act/zkboost `9be2085`.
const LIGHTHOUSE: &str = "\
2c0000004e020000963a647acb0e49c7f504079ad048e7773c165a1f114877e12af00360e95e91fe4e02000034f8d2a853f77331fed68abe51c6cda0\
613fcd597abd5444fb4ebd26f1fdda298943545177806ed17b9f23f0a21ee5948ecaa7767a939576c9d24e0464df49a085d994d44dc09e05591f8b21\
5fc77849cb3550d056e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b4210000000000000000000000000000000000000000\
000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000009b32ea7f\
33aa02461b4fea5f0875e4514d539fcdfb257f2d2e43f7d12b427293b0040000000000000051250200000000000000000000000079caae6900000000\
100200000700000000000000000000000000000000000000000000000000000000000000d476edae3156bde084857720103e5d5b58fbe2e0e23fa5e6\
5e95888cdfd7e3c6220200002202000000000000000000000000000000000000726574682f76312e31302e312f6c696e75780c0000000c0000000c00\
0000";

/// Its network, as far as rules go.
const NETWORK: &str = r#"{ "config": {
    "chainId": 3151908, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0, "byzantiumBlock": 0, "constantinopleBlock": 0,
    "petersburgBlock": 0, "istanbulBlock": 0, "berlinBlock": 0, "londonBlock": 0, "mergeNetsplitBlock": 0, "shanghaiTime": 0, "cancunTime": 0,
    "pragueTime": 0, "osakaTime": 0, "bpo1Time": 0, "terminalTotalDifficulty": 0, "depositContractAddress": "0x00000000219ab540356cbb839cbe05303d7705fa",
    "blobSchedule": {
        "cancun": { "baseFeeUpdateFraction": 3338477, "max": 6, "target": 3 }, "prague": { "baseFeeUpdateFraction": 5007716, "max": 9, "target": 6 },
        "osaka": { "baseFeeUpdateFraction": 5007716, "max": 9, "target": 6 }, "bpo1": { "baseFeeUpdateFraction": 8346193, "max": 15, "target": 10 }
    }
} }"#;

fn number(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(*bytes[at..].first_chunk().expect("an offset")) as usize
}

fn offset(value: usize) -> [u8; 4] {
    u32::try_from(value).expect("an offset").to_le_bytes()
}

/// A request of EIP-8025 without the fields of later forks: two of the payload, two kinds of requests or, of Deneb, all of them.
fn narrow(request: &[u8], has_requests: bool) -> Vec<u8> {
    let [payload, hashes, requests] = [0, 4, 40].map(|at| number(request, at));
    let (root, requests, hashes, payload) = (&request[8..40], &request[requests..], &request[hashes..requests], &request[payload..hashes]);
    let mut short = payload[..528].to_vec();
    for at in [436, 504, 508] {
        short[at..at + 4].copy_from_slice(&offset(number(payload, at) - 12));
    }
    short.extend(&payload[540..number(payload, 528)]);
    let mut kinds: Vec<u8> = [0, 4, 8].iter().flat_map(|&at| offset(number(requests, at) - 8)).collect();
    kinds.extend(&requests[20..number(requests, 12)]);
    let fixed = if has_requests { 44 } else { 40 };
    let mut narrow = [&offset(fixed)[..], &offset(fixed + short.len()), root].concat();
    if has_requests {
        narrow.extend(offset(fixed + short.len() + hashes.len()));
    }
    [&narrow[..], &short, hashes, if has_requests { &kinds } else { &[] }].concat()
}

/// The hash in the payload is that of the header that its fields make: all of them are read as they were meant.
#[test]
fn a_request_by_another_implementation_makes_its_block() {
    let config = genesis::parse(NETWORK.as_bytes()).expect("a network");
    let request = PayloadRequest::read(&hex::decode(LIGHTHOUSE).expect("hex")).expect("a request");
    let block = request.block(&config).expect("a block");
    assert_eq!((block.number, block.timestamp, block.access_list), (1200, 1_773_062_777, None));
    assert_eq!(block.hash.to_string(), "0xd476edae3156bde084857720103e5d5b58fbe2e0e23fa5e65e95888cdfd7e3c6");
    // what it is encoded to has the same root, and is read as itself
    assert_eq!(PayloadRequest::read(request.as_bytes()), Ok(request.clone()));
    // a time before the first fork of a chain
    let later = NETWORK.replace("Time\": 0", "Time\": 1800000000").replace("shanghaiTime\": 1800000000", "shanghaiTime\": 0");
    let later = genesis::parse(later.as_bytes()).expect("a network");
    assert_eq!(request.block(&later), Err(RequestError::Fork(1_773_062_777)));
}

#[test]
fn real_requests_in_every_encoding_are_the_same_and_make_the_same_input() {
    let Some(data) = data_dir() else { return };
    let mut counts = [0; 3];
    for entry in std::fs::read_dir(data.join("blocks")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let parts = BlockFile::parse(&std::fs::read(&path).expect("a file")).expect("a block").parts().expect("parts");
        let input = parts.stateless_input().expect("an input");
        let (_, decoded) = decode(&input).expect("an input");
        let root = decoded.request.root(Layout::Progressive);
        let whole = &input[2 + number(&input[2..], 0)..2 + number(&input[2..], 4)];
        let mut encodings = vec![whole.to_vec()];
        let is_old = decoded.request.payload.block_access_list.is_empty();
        if is_old {
            encodings.push(narrow(whole, true));
        }
        if is_old && path.to_string_lossy().contains("cancun") {
            encodings.push(narrow(whole, false));
        }
        for (encoding, count) in encodings.iter().zip(&mut counts) {
            let request = PayloadRequest::read(encoding).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!((request.root(), request.as_bytes()), (root, whole), "{}", path.display());
            assert_eq!(request.block(&parts.config).expect("a block").block, parts.block, "{}", path.display());
            assert_eq!(request.stateless_input(&parts).expect("an input"), input, "{}", path.display());
            *count += 1;
        }
    }
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}

proptest! {
    #[test]
    fn nothing_else_panics(at in 0_usize..602, value: u8, length in 0_usize..=602) {
        let mut bytes = hex::decode(LIGHTHOUSE).expect("hex");
        bytes[at] = value;
        bytes.truncate(length);
        if let Ok(request) = PayloadRequest::read(&bytes) {
            let config = genesis::parse(NETWORK.as_bytes()).expect("a network");
            let _ = request.block(&config);
            prop_assert_eq!(PayloadRequest::read(request.as_bytes()), Ok(request.clone()));
        }
    }
}
