//! `tern block fetch` from servers that speak as each node does, and from servers that fail in
//! every way; and witnesses as nodes gave them, with `--block`.

#[path = "../../../../guest-evm/tests/common/answers.rs"]
mod answers;
#[path = "../../../../guest-evm/tests/common/data.rs"]
mod data;
mod failures;
mod nodes;
mod raw;
mod requests;
mod server;
mod support;
