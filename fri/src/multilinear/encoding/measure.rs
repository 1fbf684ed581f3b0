//! What encoding and hashing cost, at the size of a segment's matrix and of a recursion's:
//! `cargo test --release encoding::measure -- --ignored --nocapture`.

use alloc::collections::BTreeSet;
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
    for (log_rows, log_blowup, queries) in [(20, 2, 116), (19, 3, 77)] {
        let width = 128;
        let cells: Vec<F> = (0..width << log_rows).map(|i: usize| F::from_usize(i * 31 + 7)).collect();
        for _ in 0..3 {
            let columns = Columns { cells: &cells, width, log_rows };
            let run = |name: &str, f: &mut dyn FnMut()| {
                let (start, before) = (Instant::now(), computed());
                f();
                let cpu = (computed() - before) as f64 / 1e9;
                println!(
                    "2^{log_rows} rows, blowup {}, {name}: {:.2} s, {cpu:.2} s of CPU",
                    1 << log_blowup,
                    start.elapsed().as_secs_f64()
                );
            };
            let mut digests = vec![[0; DIGEST_BYTES]; 1 << (log_rows + log_blowup)];
            run("encoding and hashing", &mut || {
                columns.encode(log_blowup, &mut digests, |_, rows, digests| LeafHasher.hash_many(rows, digests))
            });
            let mut none = vec![(); 1 << (log_rows + log_blowup)];
            run("encoding", &mut || columns.encode(log_blowup, &mut none, |_, _, _| ()));
            let positions: Vec<usize> = (0..queries).map(|i| ((i * 2_654_435_761) % (1 << 32)) >> (32 - log_rows - log_blowup)).collect();
            let positions: Vec<usize> = positions.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
            let mut rows = Vec::new();
            run("queries", &mut || rows = columns.at(log_blowup, &positions));
            println!("{:?} {:?}", &digests[5][..4], rows[0][0]);
        }
    }
}
