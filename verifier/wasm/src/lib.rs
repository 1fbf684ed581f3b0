//! The standalone verifier as a WebAssembly module: what `index.js` calls.
//!
//! The exports are written by hand, without a binding generator: they are few, and the module has no imports, so it needs nothing of its host.
//! The module owns all memory. The host asks for buffers, fills them, calls [`tern_verify`] or [`tern_verify_block`] and reads the result:
//!
//! ```text
//! accepted       = 0:u32 kind:u32 segments:u32 exit_code:u32 key_digest:32 output
//! accepted block = 0:u32 kind:u32 segments:u32 exit_code:u32 key_digest:32
//!                  chain_id:u64 gas_used:u64 valid:u32 chain_config:32 block_hash:32 parent_hash:32 pre_state_root:32 post_state_root:32 chain
//! rejected       = class:u32 reason
//! ```
//!
//! `segments` is 0 for a final proof, which does not tell. `chain` is the name of the known chain with this configuration, empty if there is none. Numbers are
//! little-endian, `chain` and `reason` are UTF-8, and the last field takes the rest of the bytes.

use std::cell::RefCell;
use std::ptr::{null, null_mut};

use tern_verifier::block::{BlockOutput, ExpectedBlock, Rules, UnknownRules, parse_hash};
use tern_verifier::package::{self, Bits, Refusal, Verified, security, verify, verify_block};

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

/// A buffer of `len` bytes for what [`tern_verify_block`] expects; null if there is no memory for it.
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

/// Verifies the proof in the buffers as one that a block is valid, and frees them. Returns the length of the result.
///
/// What is expected is text: rules as [`Rules`] reads them, and behind a blank the hash of the block, if it is known. Other text gives a result of class 8.
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

/// Conjectured bits of security of a kind of proofs; 0 for a kind that there is not. Takes about as long as a verification.
#[unsafe(no_mangle)]
pub extern "C" fn tern_conjectured_bits(kind: u32) -> f64 {
    bits(kind).map_or(0.0, |bits| bits.conjectured)
}

/// Proven bits of security of a kind of proofs; 0 for a kind that there is not. Takes about as long as a verification.
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
            let header = encode(Ok(Verified { output: Vec::new(), ..verified }));
            let hashes = [block.chain_config, block.block_hash, block.parent_hash, block.pre_state_root, block.post_state_root];
            let numbers = [block.chain_id, block.gas_used].map(u64::to_le_bytes);
            let valid = u32::from(block.is_valid()).to_le_bytes();
            let chain = block.chain().map_or("", |chain| chain.name());
            [&header, numbers.as_flattened(), &valid[..], hashes.as_flattened(), chain.as_bytes()].concat()
        }
        Err(refusal) => encode(Err(refusal)),
    }
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
