//! Witnesses with their blocks, as nodes gave both.

use serde_json::json;
use tempfile::TempDir;

use crate::answers::{Node, block_object, decode, envelope};
use crate::server::Reply;
use crate::support::{chain_arguments, real_blocks, sample, tern, write};

#[test]
fn a_witness_and_its_block_are_taken_as_nodes_gave_them() {
    let folder = TempDir::new().expect("a folder");
    for file in [vec![sample()], real_blocks()].concat() {
        let block = decode(&file.block);
        let raws = [
            envelope(&json!(file.block)),
            envelope(&block_object(&block)),
            block_object(&block).to_string().into(),
            file.block.clone().into(),
        ];
        for (node, raw) in [Node::Reth, Node::Geth, Node::Nethermind, Node::Reth].into_iter().zip(&raws) {
            let raw = write(&folder, "raw", raw);
            for answer in [envelope(&node.witness(&file)), node.witness(&file).to_string().into_bytes()] {
                let witness = write(&folder, "witness", &answer);
                let run = tern(&[&["block", "validate", &witness, "--block", &raw], &*chain_arguments(&file)].concat());
                assert_eq!((run.status, &run.json["verdict"]), (Some(0), &json!("valid")), "{node:?}: {}", run.json);
                assert_eq!(run.json["block_hash"], json!(file.info.as_ref().unwrap().hash));
            }
        }
        // Without headers there is a verdict, as about any input.
        let (raw, witness) = (write(&folder, "raw", &raws[0]), write(&folder, "witness", &envelope(&Node::Maps.witness(&file))));
        let run = tern(&[&["block", "validate", &witness, "--block", &raw], &*chain_arguments(&file)].concat());
        assert_eq!((run.status, &run.json["reason"]), (Some(0), &json!("header: incomplete witness: no parent header")), "{}", run.json);
    }
}

#[test]
fn a_witness_without_its_block_or_chain_is_refused_with_what_to_do() {
    let (folder, file) = (TempDir::new().expect("a folder"), sample());
    let refused = |arguments: &[&str], code: &str, part: &str| {
        let run = tern(&[&["block", "validate"], arguments].concat());
        assert_eq!((run.status, &run.json["error"]["code"]), (Some(1), &json!(code)), "{}", run.json);
        assert!(run.json["error"].to_string().contains(part), "{}", run.json);
    };
    let witness = write(&folder, "witness", &envelope(&Node::Geth.witness(&file)));
    let raw = write(&folder, "raw", file.block.as_bytes());
    refused(&[&witness], "no_block", "--block FILE");
    refused(&[&witness, "--block", &raw], "unknown_chain", "--chain NAME");
    refused(&[&witness, "--block", &raw, "--chain", "sepolia"], "other_chain", "1337");
    refused(&[&raw, "--block", &raw, "--chain", "Osaka"], "bad_answer", "raw");
    refused(&[&witness, "--block", &witness], "bad_answer", "parentHash");
    let empty = write(&folder, "empty", file.block.replace("0x", "").as_bytes());
    refused(&[&witness, "--block", &empty], "bad_answer", "empty");
    let error = write(&folder, "error", &Reply::error_body(-32601, "no such method"));
    refused(&[&error], "node_error", "no such method");
    refused(&[&witness, "--block", &error], "node_error", "no such method");
    let html = write(&folder, "html", b"<html>");
    refused(&[&html], "not_a_block", "not a block file");
}
