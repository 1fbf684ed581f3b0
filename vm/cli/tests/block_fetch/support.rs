//! Running the command against servers.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use tern_guest_evm::json::BlockFile;
use tern_guest_evm::salt::TEST_SALT;
use tern_guest_evm::sample::sample_block;
use tern_guest_evm::{PublicOutput, validate};

use crate::answers::{Node, block_object, decode, envelope, header_object};
use crate::data;
use crate::server::{Reply, Server};

/// What `tern` gave: exit status, the object on standard output, and standard error.
pub struct Run {
    pub status: Option<i32>,
    pub json: Value,
    pub stderr: String,
}

/// Runs `tern`, out of reach of this process's proxies.
pub fn tern(arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tern"));
    for name in ["TERN_RPC", "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    let output = command.arg("--json").args(arguments).output().expect("running tern");
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    Run { status: output.status.code(), json, stderr: String::from_utf8(output.stderr).expect("UTF-8") }
}

/// A block of one's own network.
pub fn sample() -> BlockFile {
    sample_block(8, 3).expect("a block")
}

/// Real blocks, if there is data: with BLOCKHASH, and with transactions of types 0 to 4.
pub fn real_blocks() -> Vec<BlockFile> {
    let Some(data) = data::data_dir() else { return Vec::new() };
    let names = ["hoodi_1265656_prague", "mainnet_22615247_prague", "mainnet_24647140_osaka"];
    names
        .map(|name| {
            BlockFile::parse(&std::fs::read(data.join("blocks").join(name).with_extension("json")).expect("a file")).expect("a block")
        })
        .into()
}

/// What a block file's validation makes public.
pub fn output_of(file: &BlockFile) -> PublicOutput {
    validate(&file.salted_guest_input(&TEST_SALT).expect("an input")).output
}

/// The arguments that name the rules of a block's chain to a node that has no public network's chain id.
pub fn chain_arguments(file: &BlockFile) -> Vec<&'static str> {
    if file.info.as_ref().expect("info").chain == "synthetic" { vec!["--chain", "Osaka"] } else { vec![] }
}

/// `tern block fetch` of the latest block, unless the arguments say another.
pub fn fetch_into(server: &Server, output: &Path, arguments: &[&str]) -> Run {
    let output = output.to_str().expect("a path in UTF-8");
    tern(&[&["block", "fetch", "--rpc", &server.url, "-o", output], arguments].concat())
}

/// What a node that speaks as `node` does answers about a block. Without raw blocks, as some
/// providers have it.
pub fn good(node: Node, file: &BlockFile, has_raw_block: bool) -> impl Fn(&str, &Value) -> Reply + Send + Sync + 'static {
    let file = file.clone();
    let info = file.info.clone().expect("info");
    let headers: Vec<Vec<u8>> = file.parts().expect("parts").headers;
    move |method, params| {
        let is_block = |id: &Value| *id == json!("latest") || *id == json!(format!("{:#x}", info.number)) || *id == json!(info.hash);
        let missing = || Reply::error(-32601, &format!("the method {method} does not exist/is not available"));
        let result = match (method, &params[0]) {
            ("web3_clientVersion", _) => json!(format!("{node:?}/v1.2.3")),
            ("eth_chainId", _) => json!(format!("{:#x}", info.chain_id)),
            ("debug_getRawBlock", id) if has_raw_block && is_block(id) => json!(file.block),
            ("eth_getBlockByNumber" | "eth_getBlockByHash", id) if is_block(id) && params[1] == true => block_object(&decode(&file.block)),
            ("eth_getBlockByHash", id) => {
                let objects = headers.iter().map(|header| header_object(header));
                objects.into_iter().find(|header| header["hash"] == *id).unwrap_or(Value::Null)
            }
            // reth's takes numbers only.
            ("debug_executionWitness", id) if is_block(id) && (node != Node::Reth || *id != json!(info.hash)) => node.witness(&file),
            ("debug_executionWitnessByBlockHash", id) if node == Node::Reth && is_block(id) => node.witness(&file),
            _ => return missing(),
        };
        Reply::Json(envelope(&result))
    }
}

/// A file of the folder, written.
pub fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("writing");
    text(&path)
}

/// A path as an argument.
pub fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// What is in the folder, with contents.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}
