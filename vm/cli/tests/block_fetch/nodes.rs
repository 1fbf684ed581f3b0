//! Nodes that answer, each in its way.

use serde_json::json;
use tempfile::TempDir;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::sample::sample_block;

use crate::answers::{Node, block_object, decode, envelope};
use crate::server::{Reply, Server};
use crate::support::{chain_arguments, fetch_into, good, output_of, real_blocks, sample, tern, text, write};

#[test]
fn every_node_gives_the_same_valid_block() {
    let folder = TempDir::new().expect("a folder");
    for file in [vec![sample()], real_blocks()].concat() {
        let info = file.info.clone().expect("info");
        let mut first: Option<BlockFile> = None;
        for (node, has_raw_block) in Node::ALL.into_iter().zip([true, false, true, false, false]) {
            let server = Server::new(good(node, &file, has_raw_block));
            let path = folder.path().join(format!("{node:?}.json"));
            let run = fetch_into(&server, &path, &[&[&*info.number.to_string()], &*chain_arguments(&file)].concat());
            assert_eq!(run.status, Some(0), "{node:?}: {}{}", run.json, run.stderr);
            assert_eq!((&run.json["verdict"], &run.json["block_hash"]), (&json!("valid"), &json!(info.hash)));
            assert_eq!((&run.json["number"], &run.json["client"]), (&json!(info.number), &json!(format!("{node:?}/v1.2.3"))));
            let mut fetched = BlockFile::parse(&std::fs::read(&path).expect("a file")).expect("a block file");
            assert_eq!(output_of(&fetched), output_of(&file), "{node:?}");
            assert_eq!(run.json["nodes_kept"], json!(fetched.witness.state.len()));
            let own = fetched.info.as_mut().expect("info");
            assert_eq!((own.chain_id, own.number, &own.hash, &own.chain), (info.chain_id, info.number, &info.hash, &info.chain));
            assert_eq!(own.client.take(), Some(format!("{node:?}/v1.2.3")));
            let first = first.get_or_insert_with(|| fetched.clone());
            assert_eq!(serde_json::to_value(&fetched).unwrap(), serde_json::to_value(&first).unwrap(), "{node:?}");
        }
    }
}

#[test]
fn a_fetched_file_and_a_raw_answer_give_the_same_output_in_the_machine() {
    let folder = TempDir::new().expect("a folder");
    let file = sample();
    let fetched = folder.path().join("block.json");
    let run = fetch_into(&Server::new(good(Node::Geth, &file, false)), &fetched, &["--chain", "osaka"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let raw = write(&folder, "raw", &envelope(&block_object(&decode(&file.block))));
    let witness = write(&folder, "witness", &envelope(&Node::Geth.witness(&file)));
    let expected = hex::encode(output_of(&file).encode());
    for arguments in [vec![&*text(&fetched)], vec![&witness, "--block", &raw, "--chain", "osaka"]] {
        let run = tern(&[&["block", "execute"], &*arguments].concat());
        assert_eq!((run.status, &run.json["verdict"], &run.json["output"]), (Some(0), &json!("valid"), &json!(expected)), "{}", run.stderr);
    }
}

#[test]
fn a_block_is_found_by_number_hash_and_as_the_latest() {
    let (folder, file) = (TempDir::new().expect("a folder"), sample());
    let info = file.info.clone().expect("info");
    let hash = info.hash.clone().expect("a hash");
    for id in [None, Some("latest"), Some(&*info.number.to_string()), Some(&*format!("{:#x}", info.number)), Some(&hash)] {
        for has_raw_block in [true, false] {
            let server = Server::new(good(Node::Reth, &file, has_raw_block));
            let run =
                fetch_into(&server, &folder.path().join("b"), &[&["--chain", "Osaka"], &*id.into_iter().collect::<Vec<_>>()].concat());
            assert_eq!((run.status, &run.json["block_hash"]), (Some(0), &json!(hash)), "{id:?}: {}", run.stderr);
            let block_call = server.calls().into_iter().find(|(method, _)| method == "debug_getRawBlock").expect("a call");
            let asked = id.unwrap_or("latest");
            let expected = if asked.starts_with("0x") || asked == "latest" { asked.to_owned() } else { format!("{:#x}", info.number) };
            assert_eq!(block_call.1, json!([expected]));
        }
    }
}

#[test]
fn a_witness_that_is_known_only_by_hash_or_lacks_ancestors_is_completed() {
    let folder = TempDir::new().expect("a folder");
    for file in [vec![sample()], real_blocks()].concat() {
        for by_hash in ["debug_executionWitness", "debug_executionWitnessByBlockHash", "debug_executionWitnessByHash"] {
            let answer = good(Node::Maps, &file, true);
            let hash = json!(file.info.as_ref().expect("info").hash);
            let witness = envelope(&Node::Maps.witness(&file));
            let server = Server::new(move |method, params| match method {
                _ if method == by_hash && params[0] == hash => Reply::Json(witness.clone()),
                // By number, the node gives a witness of another block.
                "debug_executionWitness" if params[0] != hash => Reply::Json(envelope(&Node::Geth.witness(&sample_block(1, 99).unwrap()))),
                _ if method.starts_with("debug_executionWitness") => Reply::error(-32602, "invalid argument 0"),
                _ => answer(method, params),
            });
            let run = fetch_into(&server, &folder.path().join("b"), &chain_arguments(&file));
            assert_eq!((run.status, &run.json["verdict"]), (Some(0), &json!("valid")), "{by_hash}: {}", run.stderr);
        }
    }
}
