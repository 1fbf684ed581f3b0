//! The synthetic example block.

use tern_guest_evm::json::BlockFile;
use tern_guest_evm::sample::{SampleError, sample_block};
use tern_guest_evm::{Invalid, validate};

#[test]
fn sample_blocks_are_valid_through_their_files() {
    for (txs, seed) in [(0, 1), (1, 1), (5, 2), (30, 3), (200, 4)] {
        let file = sample_block(txs, seed).unwrap();
        let json = serde_json::to_vec(&file).unwrap();
        let read = BlockFile::parse(&json).unwrap();
        let verdict = validate(&read.guest_input().unwrap());
        assert_eq!(verdict.reason, None, "{txs} transactions");
        assert_eq!(file.info.unwrap().hash.unwrap(), verdict.output.block_hash.to_string());
        assert_ne!(verdict.output.pre_state_root, verdict.output.post_state_root);
        println!(
            "{txs} transactions: {} nodes, {} codes, {} bytes of JSON",
            read.witness.state.len(),
            read.witness.codes.len(),
            json.len()
        );
    }
}

#[test]
fn samples_are_deterministic_and_seeded() {
    let file = |seed| serde_json::to_string(&sample_block(6, seed).unwrap()).unwrap();
    assert_eq!(file(7), file(7));
    assert_ne!(file(7), file(8));
}

#[test]
fn the_recorded_witness_holds_nothing_to_spare() {
    let file = sample_block(12, 5).unwrap();
    let part_count = file.witness.state.len() + file.witness.codes.len();
    for lost in 0..part_count {
        let mut cut = file.clone();
        match lost.checked_sub(cut.witness.state.len()) {
            None => cut.witness.state.remove(lost),
            Some(code) => cut.witness.codes.remove(code),
        };
        let reason = validate(&cut.guest_input().unwrap()).reason;
        let is_incomplete = reason.as_ref().is_some_and(Invalid::is_incomplete_witness);
        assert!(is_incomplete, "without part {lost} of {part_count}: {reason:?}");
    }
}

#[test]
fn too_many_transactions_are_refused() {
    assert!(matches!(sample_block(100_000, 0), Err(SampleError::TooMany(100_000))));
}
