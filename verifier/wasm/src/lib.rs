//! The standalone verifier as a WebAssembly module: what `index.js` calls.
//!
//! The exports are written by hand, without a binding generator: they are few, and the module has
//! no imports, so it needs nothing of its host. The module owns all memory. The host asks for
//! buffers, fills them, calls one of the functions that verify and reads the result:
//!
//! ```text
//! accepted         = 0:u32 kind:u32 segments:u32 exit_code:u32 key_digest:32 output
//! accepted block   = 0:u32 kind:u32 segments:u32 exit_code:u32 key_digest:32
//!                    chain_id:u64 gas_used:u64 valid:u32 chain_config:32 block_hash:32 parent_hash:32 pre_state_root:32 post_state_root:32 chain
//! accepted payload = 0:u32 kind:u32 segments:u32 exit_code:u32 key_digest:32
//!                    chain_id:u64 schema_id:u32 valid:u32 request_root:32 chain
//! rejected         = class:u32 reason
//! ```
//!
//! `segments` is 0 for a final proof, which does not tell. `chain` is the name of the known chain
//! with this configuration (of a payload: with this id), empty if there is none. Numbers are
//! little-endian, `chain` and `reason` are UTF-8, and the last field takes the rest of the bytes.

use std::cell::RefCell;
use std::ptr::{null, null_mut};

use tern_verifier::block::{BlockOutput, Chain, ExpectedBlock, ExpectedPayload, PayloadOutput, Rules, UnknownRules, Verdict, parse_hash};
use tern_verifier::package::{self, Bits, Refusal, Verified, security, verify, verify_block, verify_known, verify_payload};

/// The class of a result that refuses what is expected, not the proof.
const ARGUMENT: u32 = 8;

/// What host and module exchange. The module has one thread.
#[derive(Default)]
struct Buffers {
    proof: Vec<u8>,
    key: Vec<u8>,
    expected: Vec<u8>,
    result: Vec<u8>,
}

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::default();
}

/// A buffer of `len` bytes for the proof; null if there is no memory for it.
#[unsafe(no_mangle)]
pub extern "C" fn tern_proof_buffer(len: usize) -> *mut u8 {
    BUFFERS.with_borrow_mut(|buffers| resize(&mut buffers.proof, len))
}

/// A buffer of `len` bytes for the key file; null if there is no memory for it.
#[unsafe(no_mangle)]
pub extern "C" fn tern_key_buffer(len: usize) -> *mut u8 {
    BUFFERS.with_borrow_mut(|buffers| resize(&mut buffers.key, len))
}

/// A buffer of `len` bytes for what [`tern_verify_block`] or [`tern_verify_payload`] expects; null
/// if there is no memory for it.
#[unsafe(no_mangle)]
pub extern "C" fn tern_expected_buffer(len: usize) -> *mut u8 {
    BUFFERS.with_borrow_mut(|buffers| resize(&mut buffers.expected, len))
}

/// Verifies the proof in the buffers and frees them. Returns the length of the result.
#[unsafe(no_mangle)]
pub extern "C" fn tern_verify(exit_code: u32) -> usize {
    BUFFERS.with_borrow_mut(|buffers| {
        let (proof, key) = (std::mem::take(&mut buffers.proof), std::mem::take(&mut buffers.key));
        buffers.result = encode(verify(&proof, &key, exit_code));
        buffers.result.len()
    })
}

/// Verifies the proof in the buffers as one that a block is valid, and frees them. Returns the
/// length of the result.
///
/// What is expected is text: rules as [`Rules`] reads them, and behind a blank the hash of the
/// block, if it is known. Other text gives a result of class 8.
#[unsafe(no_mangle)]
pub extern "C" fn tern_verify_block() -> usize {
    BUFFERS.with_borrow_mut(|buffers| {
        let Buffers { proof, key, expected, .. } = std::mem::take(buffers);
        buffers.result = match parse_expected(&String::from_utf8_lossy(&expected)) {
            Ok(expected) => encode_block(verify_block(&proof, &key, &expected)),
            Err(reason) => rejected(ARGUMENT, &reason),
        };
        buffers.result.len()
    })
}

/// Verifies the proof in the buffers as one that a payload request of EIP-8025 is valid, and frees
/// them. Returns the length of the result.
///
/// What is expected is text of three words: the request's root, the chain's id and the schema's id,
/// the numbers in decimal digits; `-` stands for what may be any. Other text gives a result of
/// class 8.
#[unsafe(no_mangle)]
pub extern "C" fn tern_verify_payload() -> usize {
    BUFFERS.with_borrow_mut(|buffers| {
        let Buffers { proof, key, expected, .. } = std::mem::take(buffers);
        buffers.result = match parse_expected_payload(&String::from_utf8_lossy(&expected)) {
            Ok(expected) => encode_payload(verify_payload(&proof, &key, &expected)),
            Err(reason) => rejected(ARGUMENT, &reason),
        };
        buffers.result.len()
    })
}

/// Verifies the proof in the buffers as one that some block or payload is valid under the rules of
/// a known chain, and frees them. Returns the length of the result.
#[unsafe(no_mangle)]
pub extern "C" fn tern_verify_known() -> usize {
    BUFFERS.with_borrow_mut(|buffers| {
        let (proof, key) = (std::mem::take(&mut buffers.proof), std::mem::take(&mut buffers.key));
        buffers.result = encode(verify_known(&proof, &key));
        buffers.result.len()
    })
}

/// Makes the version of this package the result, as text. Returns its length.
#[unsafe(no_mangle)]
pub extern "C" fn tern_version() -> usize {
    BUFFERS.with_borrow_mut(|buffers| {
        buffers.result = package::VERSION.into();
        buffers.result.len()
    })
}

/// The version of the proof format that this package reads.
#[unsafe(no_mangle)]
pub extern "C" fn tern_proof_version() -> u32 {
    package::PROOF_VERSION.into()
}

/// The result of the last call that has one; valid until the next call of any function.
#[unsafe(no_mangle)]
pub extern "C" fn tern_result() -> *const u8 {
    BUFFERS.with_borrow(|buffers| if buffers.result.is_empty() { null() } else { buffers.result.as_ptr() })
}

/// Conjectured bits of security of a kind of proofs; 0 for a kind that there is not. Takes about as
/// long as a verification.
#[unsafe(no_mangle)]
pub extern "C" fn tern_conjectured_bits(kind: u32) -> f64 {
    bits(kind).map_or(0.0, |bits| bits.conjectured)
}

/// Proven bits of security of a kind of proofs; 0 for a kind that there is not. Takes about as long
/// as a verification.
#[unsafe(no_mangle)]
pub extern "C" fn tern_proven_bits(kind: u32) -> f64 {
    bits(kind).map_or(0.0, |bits| bits.proven)
}

fn bits(kind: u32) -> Option<Bits> {
    security(u8::try_from(kind).ok()?)
}

fn resize(buffer: &mut Vec<u8>, len: usize) -> *mut u8 {
    *buffer = Vec::new();
    if buffer.try_reserve_exact(len).is_err() {
        return null_mut();
    }
    buffer.resize(len, 0);
    buffer.as_mut_ptr()
}

fn encode(result: Result<Verified, Refusal>) -> Vec<u8> {
    match result {
        Ok(verified) => {
            let words = [0, u32::from(verified.kind), verified.segments, verified.exit_code].map(u32::to_le_bytes);
            [words.as_flattened(), &verified.key_digest, &verified.output].concat()
        }
        Err(Refusal { class, reason }) => rejected(class as u32, &reason),
    }
}

fn encode_block(result: Result<(Verified, BlockOutput), Refusal>) -> Vec<u8> {
    match result {
        Ok((verified, block)) => {
            let header = header(verified);
            let hashes = [block.chain_config, block.block_hash, block.parent_hash, block.pre_state_root, block.post_state_root];
            let numbers = [block.chain_id, block.gas_used].map(u64::to_le_bytes);
            let valid = u32::from(block.is_valid()).to_le_bytes();
            [&header, numbers.as_flattened(), &valid[..], hashes.as_flattened(), chain_name(block.chain())].concat()
        }
        Err(refusal) => encode(Err(refusal)),
    }
}

fn encode_payload(result: Result<(Verified, PayloadOutput), Refusal>) -> Vec<u8> {
    match result {
        Ok((verified, payload)) => {
            let words = [u32::from(payload.schema_id), u32::from(payload.verdict == Verdict::Valid)].map(u32::to_le_bytes);
            let chain_id = payload.chain_id.to_le_bytes();
            [&header(verified), &chain_id[..], words.as_flattened(), &payload.request_root, chain_name(payload.chain())].concat()
        }
        Err(refusal) => encode(Err(refusal)),
    }
}

/// What every accepted proof's result begins with.
fn header(verified: Verified) -> Vec<u8> {
    encode(Ok(Verified { output: Vec::new(), ..verified }))
}

fn chain_name(chain: Option<Chain>) -> &'static [u8] {
    chain.map_or("", Chain::name).as_bytes()
}

fn rejected(class: u32, reason: &str) -> Vec<u8> {
    [&class.to_le_bytes(), reason.as_bytes()].concat()
}

/// A valid block under the rules that the text names, with the hash behind them.
fn parse_expected(text: &str) -> Result<ExpectedBlock, String> {
    let (rules, hash) = text.split_once(' ').map_or((text, None), |(rules, hash)| (rules, Some(hash)));
    let rules: Rules = rules.parse().map_err(|error: UnknownRules| error.to_string())?;
    let expected = ExpectedBlock::valid(rules);
    let Some(hash) = hash else { return Ok(expected) };
    Ok(expected.with_hash(parse_hash(hash).ok_or_else(|| format!("{hash:?} is no block hash: expected 64 hexadecimal digits"))?))
}

/// A valid payload of the request, chain and schema that the text names.
fn parse_expected_payload(text: &str) -> Result<ExpectedPayload, String> {
    let mut words = text.split(' ').map(|word| (word != "-").then_some(word));
    let (Some(root), Some(chain), Some(schema), None) = (words.next(), words.next(), words.next(), words.next()) else {
        return Err(format!("{text:?} names no payload: expected its root, a chain id and a schema id"));
    };
    let request_root = root
        .map(|root| parse_hash(root).ok_or_else(|| format!("{root:?} is no root of a payload request: expected 64 hexadecimal digits")))
        .transpose()?;
    let chain_id = chain.map(|id| id.parse().map_err(|_| format!("{id:?} is no chain id: expected a number of 64 bits"))).transpose()?;
    let schema_id = schema.map(|id| id.parse().map_err(|_| format!("{id:?} is no schema id: expected a number of 16 bits"))).transpose()?;
    Ok(ExpectedPayload { request_root, chain_id, schema_id, ..ExpectedPayload::any_valid() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_proof_are_rejected_with_class_and_reason() {
        assert!(!tern_proof_buffer(5).is_null());
        assert!(!tern_key_buffer(0).is_null());
        let len = tern_verify(0);
        let result = BUFFERS.with_borrow(|buffers| buffers.result.clone());
        assert_eq!(result.len(), len);
        assert_eq!(result[..4], 1u32.to_le_bytes());
        assert!(std::str::from_utf8(&result[4..]).expect("text").contains("key"));
        assert!(!tern_result().is_null());
    }

    #[test]
    fn an_accepted_proof_is_encoded_as_documented() {
        let verified = Verified { kind: 1, output: b"out".to_vec(), exit_code: 7, segments: 3, key_digest: [9; 32] };
        let bytes = encode(Ok(verified));
        assert_eq!(bytes[..16], [[0, 0, 0, 0], [1, 0, 0, 0], [3, 0, 0, 0], [7, 0, 0, 0]].concat());
        assert_eq!(bytes[16..48], [9; 32]);
        assert_eq!(&bytes[48..], b"out");
    }

    /// The result of the frozen proof of this name for the expectation in this text.
    fn block_result(name: &str, expected: &str) -> Vec<u8> {
        let file = |name| std::fs::read(format!("{}/../tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a frozen file");
        BUFFERS.with_borrow_mut(|buffers| {
            (buffers.proof, buffers.key, buffers.expected) = (file(name), file("block.vkey"), expected.into());
        });
        let len = tern_verify_block();
        let result = BUFFERS.with_borrow(|buffers| buffers.result.clone());
        assert_eq!(result.len(), len);
        result
    }

    #[test]
    fn an_accepted_block_is_encoded_as_documented() {
        let result = block_result("block-mainnet.final", "mainnet");
        assert_eq!(result[..16], [[0, 0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]].concat());
        assert_eq!((&result[48..56], &result[56..64]), (&1u64.to_le_bytes()[..], &999_962u64.to_le_bytes()[..]));
        assert_eq!(result[64..68], 1u32.to_le_bytes());
        let hash = parse_hash("c19ed13283a0ccd0015cf8baf764f89b7e4ce60c452913f666b2381d4d6f3198").expect("a hash");
        assert_eq!((&result[100..132], &result[228..]), (&hash[..], &b"mainnet"[..]));
        // The chain of an invented configuration has no name.
        assert_eq!(block_result("block-invented.final", "any").len(), 228);
    }

    #[test]
    fn blocks_that_are_not_as_expected_are_refused() {
        let other = "11".repeat(32);
        for (name, expected, class, part) in [
            ("block-invented.final", "known", 12, "with chain id 1, which no known chain has"),
            ("block-invented.final", "mainnet", 12, "not of mainnet"),
            ("block-mainnet.final", "sepolia", 12, "under the rules of mainnet, not of sepolia"),
            ("block-mainnet.final", &format!("known 0x{other}"), 13, "is about block 0xc19e"),
            ("block-invalid.final", "any", 11, "\"invalid\""),
            ("block.vkey", "any", 2, "this is a verifying key, not a proof"),
            ("block-mainnet.final", "mainet", ARGUMENT, "names no rules"),
            ("block-mainnet.final", "", ARGUMENT, "names no rules"),
            ("block-mainnet.final", "mainnet 0x12", ARGUMENT, "no block hash"),
            ("block-mainnet.final", "mainnet ", ARGUMENT, "no block hash"),
        ] {
            let result = block_result(name, expected);
            let reason = std::str::from_utf8(&result[4..]).expect("text");
            assert!(result[..4] == class.to_le_bytes() && reason.contains(part), "{expected}: {reason}");
        }
    }

    #[test]
    fn an_accepted_payload_is_encoded_as_documented() {
        let payload = PayloadOutput { request_root: [7; 32], verdict: Verdict::Valid, chain_id: 560_048, schema_id: 0x1501 };
        let verified = Verified { kind: 2, output: vec![1; 43], exit_code: 0, segments: 0, key_digest: [9; 32] };
        let bytes = encode_payload(Ok((verified, payload)));
        assert_eq!(bytes[..48], encode(Ok(Verified { kind: 2, output: vec![], exit_code: 0, segments: 0, key_digest: [9; 32] })));
        assert_eq!((&bytes[48..56], &bytes[56..64]), (&560_048u64.to_le_bytes()[..], &[1, 0x15, 0, 0, 1, 0, 0, 0][..]));
        assert_eq!((&bytes[64..96], &bytes[96..]), (&[7; 32][..], &b"hoodi"[..]));
    }

    #[test]
    fn the_expectation_of_a_payload_is_read_exactly() {
        let root = "11".repeat(32);
        let expected = parse_expected_payload(&format!("0x{root} 1 5377")).expect("an expectation");
        assert_eq!(expected, ExpectedPayload::valid([0x11; 32], 1, 0x1501));
        assert_eq!(parse_expected_payload("- - -"), Ok(ExpectedPayload::any_valid()));
        let chain = ExpectedPayload { chain_id: Some(u64::MAX), ..ExpectedPayload::any_valid() };
        assert_eq!(parse_expected_payload(&format!("- {} -", u64::MAX)), Ok(chain));
        let long = format!("{root} 1 1 1");
        for (text, part) in [
            ("", "names no payload"),
            ("- -", "names no payload"),
            (&long, "names no payload"),
            ("0x11 - -", "no root"),
            ("- 18446744073709551616 -", "no chain id: expected a number of 64 bits"),
            ("- -1 -", "no chain id"),
            ("- - 65536", "no schema id: expected a number of 16 bits"),
            ("- - 0x1501", "no schema id"),
        ] {
            let reason = parse_expected_payload(text).expect_err("refused");
            assert!(reason.contains(part), "{text}: {reason}");
        }
    }

    /// The class of the frozen proof's result, and its reason, by the function that takes proof and
    /// key alone.
    fn known(proof: &str, key: &str) -> (u32, String) {
        let file = |name| std::fs::read(format!("{}/../tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a frozen file");
        BUFFERS.with_borrow_mut(|buffers| (buffers.proof, buffers.key) = (file(proof), file(key)));
        tern_verify_known();
        let result = BUFFERS.with_borrow(|buffers| buffers.result.clone());
        let (class, rest) = result.split_first_chunk().expect("a class");
        (u32::from_le_bytes(*class), String::from_utf8_lossy(rest).into_owned())
    }

    #[test]
    fn proofs_of_known_chains_alone_are_accepted_without_an_expectation() {
        assert_eq!(known("block-mainnet.final", "block.vkey").0, 0);
        for (proof, key, class, part) in [
            ("block-invented.final", "block.vkey", 12, "which no known chain has"),
            ("block-invalid.final", "block.vkey", 11, "\"invalid\""),
            ("fibonacci.final", "fibonacci.vkey", 10, "not that of the block guest"),
            ("fibonacci.final", "block.vkey", 5, "another program"),
            ("block.vkey", "block.vkey", 2, "not a proof"),
        ] {
            let (got, reason) = known(proof, key);
            assert!(got == class && reason.contains(part), "{proof}: {got} {reason}");
        }
    }

    #[test]
    fn versions_can_be_asked_for() {
        let len = tern_version();
        assert_eq!(BUFFERS.with_borrow(|buffers| buffers.result.clone()), env!("CARGO_PKG_VERSION").as_bytes()[..len]);
        assert_eq!(tern_proof_version(), 2);
    }

    #[test]
    fn every_kind_of_proof_has_its_security() {
        for (kind, figures) in [(1, ["138.63", "128.26"]), (2, ["138.20", "128.17"])] {
            let (conjectured, proven) = (tern_conjectured_bits(kind), tern_proven_bits(kind));
            println!("kind {kind}: {conjectured:.2} conjectured, {proven:.2} proven");
            assert_eq!([conjectured, proven].map(|bits| format!("{bits:.2}")), figures);
        }
        assert_eq!((tern_conjectured_bits(0), tern_proven_bits(258)), (0.0, 0.0));
    }

    #[test]
    fn memory_that_does_not_exist_is_refused() {
        assert!(tern_proof_buffer(usize::MAX).is_null());
    }
}
