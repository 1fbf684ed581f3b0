//! `tern serve` over HTTP on the loopback address, with real processes, a small guest and real proofs.
#![cfg(feature = "serve")]

#[expect(dead_code, reason = "what nodes answer beside witnesses is asked for in other tests")]
#[path = "../../../../guest-evm/tests/common/answers.rs"]
mod answers;
mod endpoints;
mod guest;
mod http;
mod isolation;
#[expect(dead_code, reason = "servers fail in other tests")]
#[path = "../block_fetch/server.rs"]
mod node;
mod refusals;
mod restart;
mod service;
#[cfg(feature = "otel")]
mod traces;
mod verifications;
mod witness;
