//! What a message costs, at the sizes of a segment:
//! `cargo test --release measure -- --ignored --nocapture`, on one thread with
//! `RAYON_NUM_THREADS=1`.

use alloc::string::ToString;
use alloc::vec::Vec;
use std::fs;
use std::println;
use std::time::Instant;

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};

use super::super::Transcript;
use super::super::lookups::{Columns, Lookups};
use super::{Block, Layers, Memory, prove_layers, root, tree};

/// Columns, fields of a message, pairs of messages of a table.
const WIDTH: usize = 40;
const FIELDS: usize = 5;
const PAIRS: usize = 8;

/// Rows of the three tables.
const ROWS: [usize; 3] = [1 << 17, 90_000, 40_000];

/// Base-2 logarithm of the rows that there may be.
const ROW_VARIABLES: usize = 22;

/// Sends messages and receives the same ones.
struct Pairs;

impl BaseAir<F> for Pairs {
    fn width(&self) -> usize {
        WIDTH
    }
}

impl<B: AirBuilder<F = F> + InteractionBuilder> Air<B> for Pairs {
    fn eval(&self, builder: &mut B) {
        let window = builder.main();
        let row = window.current_slice();
        let message = |pair: usize| -> Vec<B::Expr> { (0..FIELDS).map(|field| row[(pair * 3 + field) % WIDTH].into()).collect() };
        let messages: Vec<(Vec<B::Expr>, B::Expr)> = (0..PAIRS).map(|pair| (message(pair), row[WIDTH - 1 - pair].into())).collect();
        for (fields, count) in messages {
            builder.push_interaction("pairs", fields.clone(), Count::provided(count.clone()));
            builder.push_interaction("pairs", fields, Count::provided(-count));
        }
    }
}

/// Nanoseconds that this process has computed, on all its threads.
pub(in super::super) fn computed() -> u64 {
    let tasks = fs::read_dir("/proc/self/task").map(|tasks| {
        let times = tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok());
        times.filter_map(|times| times.split(' ').next()?.parse::<u64>().ok()).sum()
    });
    tasks.unwrap_or(0)
}

#[test]
#[ignore = "a measurement"]
fn measure() {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        F::from_u64(state >> 20)
    };
    let tables = ROWS.map(|rows| RowMajorMatrix::new((0..rows * WIDTH).map(|_| noise()).collect(), WIDTH));
    let lookups = Lookups::new(&[Pairs, Pairs, Pairs]);
    let [alpha, beta] = [(); 2].map(|()| EF::from_basis_coefficients_fn(|_| noise()));
    let messages = (ROWS.iter().sum::<usize>() * 2 * PAIRS) as u64;
    let mut memory = Memory::default();
    for round in 0..5 {
        let times = core::cell::RefCell::new(Vec::new());
        let start = Instant::now();
        let stage = |name: &str| times.borrow_mut().push((name.to_string(), computed()));
        stage("");
        let fingerprints = lookups.with_challenges(alpha, beta);
        let blocks: Vec<Block> = tables
            .iter()
            .enumerate()
            .flat_map(|(number, main)| {
                let columns = Columns { main, fixed: None, public_values: &[] };
                fingerprints.blocks_in(number, &Pairs, &columns, &mut memory)
            })
            .collect();
        stage("leaves");
        let mut levels = tree::levels(blocks, ROW_VARIABLES, &mut memory);
        stage("tree");
        let mut transcript = Transcript::new(b"measurement", &[0; 32]);
        let layers = Layers::new(root(&mut levels), &mut transcript).expect("messages that cancel");
        prove_layers(layers, levels, &mut memory);
        stage("layers");
        let last: EF = transcript.challenge();
        println!("round {round}, {messages} messages, {:.2} s, ends with {last:?}", start.elapsed().as_secs_f64());
        for pair in times.borrow().windows(2) {
            println!("  {:>16} {:6.2} ns a message", pair[1].0, (pair[1].1 - pair[0].1) as f64 / messages as f64);
        }
    }
}
