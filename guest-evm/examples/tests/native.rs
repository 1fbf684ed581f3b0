//! The examples natively, on published inputs and outputs (`vectors.json`).

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs an example on an input.
fn run(example: &str, input: &[u8]) -> Output {
    let program = std::env::current_exe().expect("a path").ancestors().nth(2).expect("a folder").join(example);
    let child = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    child.stdin.take().expect("a pipe").write_all(input).expect("writing the input");
    child.wait_with_output().expect("an end")
}

#[test]
fn examples_give_published_outputs() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../vectors.json")).expect("cases");
    assert!(cases.len() > 90);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    for case in &cases {
        let ended = run(&text(&case["example"]), &hex::decode(text(&case["input"])).expect("bytes"));
        let got = (ended.status.code().map(i64::from), hex::encode(ended.stdout));
        assert_eq!(got, (case["exit_code"].as_i64(), text(&case["output"])), "{}", case["source"]);
    }
}

/// Natively as in the machine: an error is printed and makes the exit code 1.
#[test]
fn an_input_that_does_not_decode_is_an_error() {
    let ended = run("typed", &[2, 5]);
    assert_eq!((ended.status.code(), ended.stdout.len()), (Some(1), 0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "Error: Input(Malformed(DeserializeUnexpectedEnd))\n");
}
