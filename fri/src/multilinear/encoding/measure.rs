//! What encoding and hashing cost, at the size of a segment's matrix and of a recursion's: `cargo test --release encoding::measure -- --ignored --nocapture`.

use alloc::vec;
use alloc::vec::Vec;
use std::println;
use std::time::Instant;

use p3_field::PrimeCharacteristicRing;
use p3_symmetric::CryptographicHasher;
use tern_field::F;

use super::super::fractions::measure::computed;
use super::Columns;
use crate::hash::{DIGEST_BYTES, LeafHasher};

#[test]
#[ignore = "a measurement"]
fn measure() {
    for (log_rows, log_blowup) in [(20, 2), (19, 3)] {
        let width = 128;
        let cells: Vec<F> = (0..width << log_rows).map(|i: usize| F::from_usize(i * 31 + 7)).collect();
        for _ in 0..3 {
            let columns = Columns { cells: &cells, width, log_rows };
            let (start, before) = (Instant::now(), computed());
            let mut digests = vec![[0; DIGEST_BYTES]; 1 << (log_rows + log_blowup)];
            let codewords = columns.encode(log_blowup, &mut digests, |_, rows, digests| LeafHasher.hash_many(rows, digests));
            let cpu = (computed() - before) as f64 / 1e9;
            println!(
                "2^{log_rows} rows, blowup {}: {:.2} s, {cpu:.2} s of CPU, {:?}",
                1 << log_blowup,
                start.elapsed().as_secs_f64(),
                &digests[5][..4]
            );
            assert_eq!(codewords.row(5).len(), width);
            drop(codewords);
            let (start, before) = (Instant::now(), computed());
            let mut none = vec![(); 1 << (log_rows + log_blowup)];
            columns.encode_for(log_blowup, &mut none, |_, _, _| ());
            println!("  without hashing: {:.2} s, {:.2} s of CPU", start.elapsed().as_secs_f64(), (computed() - before) as f64 / 1e9);
        }
    }
}
