//! Answers of nodes: every shape gives the block and witness that it was made of, and nothing else is taken.

#[path = "common/answers.rs"]
mod answers;
#[path = "common/data.rs"]
mod data;
#[path = "common/files.rs"]
mod files;

use answers::{Node, block_object, decode, envelope, header_object};
use data::data_dir;
use files::files;
use proptest::prelude::*;
use serde_json::{Value, json};
use tern_guest_evm::json::{BlockFile, Parts};
use tern_guest_evm::prune::{PruneError, prune};
use tern_guest_evm::rpc::{AnswerError, RawWitness, TransactionError, chain_id, read_block, read_header};
use tern_guest_evm::salt::TEST_SALT;
use tern_guest_evm::sample::sample_block;
use tern_guest_evm::{Invalid, validate};

/// The sample block, and the real ones where there is data.
fn blocks() -> Vec<BlockFile> {
    let mut blocks = vec![sample_block(15, 4).unwrap()];
    if let Some(data) = data_dir() {
        blocks.extend(files(&data.join("blocks")).iter().map(|path| BlockFile::parse(&std::fs::read(path).unwrap()).unwrap()));
    }
    blocks
}

/// As sets: in maps by hash, nothing is there twice.
fn sorted(mut list: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    list.sort();
    list.dedup();
    list
}

#[test]
fn a_block_is_rebuilt_from_its_object_bit_by_bit() {
    for file in blocks() {
        let block = decode(&file.block);
        let object = block_object(&block);
        for answer in [
            envelope(&object),
            object.to_string().into_bytes(),
            envelope(&json!(file.block)),
            json!(file.block).to_string().into(),
            file.block.clone().into_bytes(),
            format!("{}\n", file.block).into(),
        ] {
            assert_eq!(read_block(&answer).unwrap(), block);
        }
    }
}

/// The object of the sample block of 20 transactions, of types 0 to 2, as alloy-consensus 2.5.0 writes it, whose types reth serves.
#[test]
fn the_object_of_another_implementation_is_read() {
    let object: &[u8] = include_bytes!("vectors/objects.json");
    let block = read_block(object).unwrap();
    assert!(block == decode(&sample_block(20, 0).unwrap().block));
    let header = tern_guest_evm::block::read_header(&block).unwrap();
    assert_eq!(header.1.to_string(), "0x6e4c899cd9499f59a02fa78731d5cc072bc1e7edec6f08349d5d2bad4f29358a");
    assert_eq!(read_header(object).unwrap(), alloy_rlp::encode(header.0));
    assert_eq!(chain_id(&block), Some(1337));
    // What the other tests make says the same, and adds what nodes add.
    let (theirs, mut ours): (Value, Value) = (serde_json::from_slice(object).unwrap(), block_object(&block));
    let mut types = Vec::new();
    for (theirs, ours) in theirs["transactions"].as_array().unwrap().iter().zip(ours["transactions"].as_array_mut().unwrap()) {
        ours.as_object_mut().unwrap().retain(|field, _| theirs.get(field).is_some());
        types.push(theirs["type"].clone());
        assert_eq!(ours, theirs);
    }
    types.sort_by_key(ToString::to_string);
    types.dedup();
    assert_eq!(json!(types), json!(["0x0", "0x1", "0x2"]));
}

#[test]
fn objects_may_leave_out_and_say_twice_what_nodes_do() {
    for file in blocks() {
        let block = decode(&file.block);
        let mut object = block_object(&block);
        for transaction in object["transactions"].as_array_mut().unwrap() {
            let fields = transaction.as_object_mut().unwrap();
            if fields["type"] == "0x0" {
                // Some leave the type and parity out; some state a chain id where the signature has none.
                fields.remove("type");
                fields.remove("yParity");
                fields.insert("chainId".into(), json!("0x1"));
            } else {
                let parity = fields.get("yParity").or(fields.get("v")).unwrap().clone();
                fields.remove("yParity");
                fields.insert("v".into(), parity);
            }
            for null in ["maxFeePerBlobGas", "authorizationList", "accessList", "maxFeePerGas", "to"] {
                fields.entry(null).or_insert(Value::Null);
            }
        }
        assert_eq!(read_block(&envelope(&object)).unwrap(), block);
        object.as_object_mut().unwrap().remove("hash");
        object.as_object_mut().unwrap().remove("uncles");
        assert_eq!(read_block(&envelope(&object)).unwrap(), block);
    }
}

#[test]
fn every_node_s_witness_gives_the_same_nodes_codes_and_chain_of_headers() {
    for file in blocks() {
        let expected = file.parts().unwrap();
        for node in Node::ALL {
            let result = node.witness(&file);
            for answer in [envelope(&result), result.to_string().into_bytes()] {
                let witness = RawWitness::read(&answer).unwrap();
                let parts = witness.parts(expected.config.clone(), expected.block.clone()).unwrap();
                assert_eq!(sorted(parts.nodes), sorted(expected.nodes.clone()), "{node:?}");
                assert_eq!(sorted(parts.codes), sorted(expected.codes.clone()), "{node:?}");
                match node {
                    Node::Erigon | Node::Maps => assert_eq!(parts.headers, Vec::<Vec<u8>>::new(), "no parent, no chain"),
                    _ => assert_eq!(parts.headers, expected.headers, "{node:?}"),
                }
            }
        }
    }
}

#[test]
fn headers_that_do_not_lead_to_the_block_are_left_out() {
    let file = sample_block(3, 1).unwrap();
    let mut result = Node::Reth.witness(&file);
    let stranger = sample_block(3, 2).unwrap().witness.headers[0].clone();
    result["headers"].as_array_mut().unwrap().insert(0, json!(stranger));
    let expected = file.parts().unwrap();
    let parts = RawWitness::read(&envelope(&result)).unwrap().parts(expected.config, expected.block).unwrap();
    assert_eq!(parts.headers, expected.headers);
}

#[test]
fn a_changed_field_of_an_object_is_found_by_the_hashes() {
    let file = sample_block(5, 1).unwrap();
    let object = block_object(&decode(&file.block));
    let refused = |change: &dyn Fn(&mut Value), what: &str| {
        let mut changed = object.clone();
        change(&mut changed);
        match read_block(&envelope(&changed)) {
            Err(AnswerError::Hash { what: got, stated, computed }) => assert!(got == what && stated != computed),
            other => panic!("{what}: {other:?}"),
        }
    };
    refused(&|block| block["gasUsed"] = json!("0x1"), "hash");
    refused(&|block| drop(block.as_object_mut().unwrap().remove("requestsHash")), "hash");
    refused(&|block| block["hash"] = json!(format!("0x{}", "00".repeat(32))), "hash");
    refused(&|block| block["transactions"][1]["value"] = json!("0x1"), "transactionsRoot");
    refused(&|block| block["transactions"][0]["s"] = json!("0x1"), "transactionsRoot");
    refused(&|block| drop(block["transactions"].as_array_mut().unwrap().pop()), "transactionsRoot");
    refused(&|block| block["withdrawals"][0]["amount"] = json!("0x1"), "withdrawalsRoot");
    let header = header_object(&decode(&file.witness.headers[0]));
    assert_eq!(read_header(&envelope(&header)).unwrap(), decode(&file.witness.headers[0]));
    let mut changed = header;
    changed["timestamp"] = json!("0x1");
    assert!(matches!(read_header(&envelope(&changed)), Err(AnswerError::Hash { .. })));
}

#[test]
fn what_is_no_block_has_its_own_error() {
    let file = sample_block(5, 1).unwrap();
    let object = block_object(&decode(&file.block));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = object.clone();
        change(&mut changed);
        read_block(&envelope(&changed)).unwrap_err()
    };
    let transaction = |reason: TransactionError, error: AnswerError| {
        assert!(matches!(&error, AnswerError::Transaction { index: 1, reason: got } if *got == reason), "{error}");
    };
    transaction(TransactionError::Type(0x7e), with(&|block| block["transactions"][1]["type"] = json!("0x7e")));
    transaction(TransactionError::Missing("maxFeePerGas"), with(&|block| block["transactions"][1]["maxFeePerGas"] = Value::Null));
    transaction(TransactionError::Parity(2), with(&|block| block["transactions"][1]["yParity"] = json!("0x2")));
    assert!(matches!(with(&|block| block["uncles"] = json!([format!("0x{}", "00".repeat(32))])), AnswerError::Ommers));
    assert!(matches!(with(&|block| drop(block.as_object_mut().unwrap().remove("transactions"))), AnswerError::Missing("transactions")));
    let hashes = with(&|block| block["transactions"] = json!([format!("0x{}", "00".repeat(32))])).to_string();
    assert!(hashes.contains("a full transaction, not its hash"), "{hashes}");
    for (field, value, part) in [
        ("number", json!("0x"), "0x and hexadecimal digits"),
        ("number", json!("12"), "0x and hexadecimal digits"),
        ("gasLimit", json!("0x10000000000000000"), "too large"),
        ("miner", json!("0x00"), "20 bytes"),
        ("extraData", json!("0x0"), "bad hex"),
        ("extraData", json!("00"), "does not begin with 0x"),
        ("stateRoot", Value::Null, "0x and two hexadecimal digits"),
    ] {
        let error = with(&|block| block[field] = value.clone());
        assert!(matches!(error, AnswerError::Json(_)) && error.to_string().contains(part), "{field}: {error}");
    }
    assert!(matches!(read_block(b"0xc0"), Err(AnswerError::Rlp(_))));
    assert!(matches!(read_block(b"0xc"), Err(AnswerError::Json(_))));
}

#[test]
fn what_is_no_answer_has_its_own_error() {
    let error = |answer: &[u8]| RawWitness::read(answer).unwrap_err();
    let node = error(br#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"the method does\nnot exist"}}"#);
    assert_eq!(node.to_string(), "the node answered with error -32601: the method does not exist");
    assert_eq!(error(br#"{"error":"rate limited"}"#).to_string(), "the node answered with error 0: \"rate limited\"");
    let long = format!(r#"{{"error":{{"code":1,"message":"{}"}}}}"#, "x".repeat(100_000));
    assert!(error(long.as_bytes()).to_string().len() < 400);
    assert!(matches!(error(br#"{"jsonrpc":"2.0","id":1,"result":null}"#), AnswerError::Null));
    assert!(matches!(error(b"null"), AnswerError::Null));
    assert!(matches!(error(b"<!DOCTYPE html><html>"), AnswerError::NotJson(start) if start.starts_with("<!DOCTYPE")));
    assert!(matches!(error(b""), AnswerError::Truncated(_)));
    assert!(matches!(error(br#"{"state":[1]}"#), AnswerError::Json(_)));
    assert!(matches!(error(br#"{"codes":[]}"#), AnswerError::Json(_)), "without state");
    assert!(matches!(error(br#"{"state":[],"codes":[],"headers":["0xc0"]}"#), AnswerError::Rlp(_)));
    // Deep nesting ends with an error, not with the stack.
    assert!(matches!(error(&b"[".repeat(1_000_000)), AnswerError::Json(_) | AnswerError::Truncated(_)));
    let deep = [br#"{"result":{"state":"#.as_slice(), &b"[".repeat(1_000_000)].concat();
    assert!(matches!(error(&deep), AnswerError::Json(_) | AnswerError::Truncated(_)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_witness_that_is_cut_is_refused_as_cut(cut in any::<prop::sample::Index>(), node in 0usize..5) {
        let answer = envelope(&Node::ALL[node].witness(&sample_block(2, 7).unwrap()));
        let error = RawWitness::read(&answer[..cut.index(answer.len())]).unwrap_err();
        prop_assert!(matches!(error, AnswerError::Truncated(_)), "{error}");
    }

    #[test]
    fn changed_answers_are_read_or_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let file = sample_block(2, 7).unwrap();
        for mut answer in [envelope(&Node::Geth.witness(&file)), envelope(&block_object(&decode(&file.block)))] {
            let at = at.index(answer.len());
            answer[at] = byte;
            let _ = RawWitness::read(&answer);
            if let Ok(block) = read_block(&answer) {
                prop_assert_eq!(block, decode(&file.block), "an object is what it states");
            }
        }
    }
}

#[test]
fn a_pruned_witness_holds_what_the_block_reads_and_nothing_else() {
    for file in blocks() {
        let parts = file.parts().unwrap();
        let expected = validate(&parts.encode(&TEST_SALT)).output;
        let mut swollen = parts.clone();
        swollen.nodes.extend((0..100u8).map(|byte| vec![byte; 40]));
        swollen.codes.extend((0..100u8).map(|byte| vec![byte; 40]));
        let (pruned, output) = prune(&swollen).unwrap();
        assert_eq!(output, expected);
        assert_eq!(validate(&pruned.encode(&TEST_SALT)).output, expected);
        assert!(pruned.nodes.is_sorted() && pruned.codes.is_sorted());
        assert!(pruned.nodes.len() <= parts.nodes.len() && pruned.codes.len() <= parts.codes.len());
        println!(
            "{}: {} of {} nodes, {} of {} codes, {} of {} headers",
            output.block_hash,
            pruned.nodes.len(),
            parts.nodes.len(),
            pruned.codes.len(),
            parts.codes.len(),
            pruned.headers.len(),
            parts.headers.len()
        );
        // The same again, and the same from a witness in another order.
        let mut reversed = parts;
        reversed.nodes.reverse();
        reversed.codes.reverse();
        assert_same(&prune(&reversed).unwrap().0, &pruned);
        lacks(&pruned, 7);
    }
}

fn assert_same(a: &Parts, b: &Parts) {
    assert_eq!((&a.nodes, &a.codes, &a.headers, &a.block), (&b.nodes, &b.codes, &b.headers, &b.block));
}

/// Without any of `tries` parts, spread evenly, and without its last header, the witness is incomplete.
fn lacks(pruned: &Parts, tries: usize) {
    type Part = fn(&mut Parts) -> &mut Vec<Vec<u8>>;
    let cuts: [Part; 3] = [|parts| &mut parts.nodes, |parts| &mut parts.codes, |parts| &mut parts.headers];
    for list in cuts {
        let count = list(&mut pruned.clone()).len();
        for at in (0..tries).map(|index| (count * (index + 1) / tries).saturating_sub(1)) {
            let mut cut = pruned.clone();
            list(&mut cut).truncate(count);
            list(&mut cut).remove(at);
            match prune(&cut) {
                Err(PruneError::Invalid(reason)) => {
                    let is_broken_chain = matches!(reason, Invalid::Header(tern_guest_evm::header::HeaderError::BrokenChain { .. }));
                    assert!(reason.is_incomplete_witness() || is_broken_chain, "without {at} of {count}: {reason}");
                }
                other => panic!("without {at} of {count}: {:?}", other.map(|_| ())),
            }
        }
    }
}
