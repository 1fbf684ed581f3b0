//! What the zerocheck's prover takes. Run it in a release build, on one thread:
//! `RAYON_NUM_THREADS=1 cargo test --release -p tern-verifier --test zerocheck_speed -- --ignored --nocapture`.

use p3_air::BaseAir;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use tern_air::machine::MachineAir;
use tern_field::{EF, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::zerocheck::{Challenges, Link, Plan, Slot, Table, Zerocheck};

/// Numbers that look random.
fn noise(seed: u64) -> impl Iterator<Item = F> {
    let step = |state: &u64| Some(state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f));
    std::iter::successors(Some(seed), step).skip(1).map(|state| F::from_u64(state >> 20))
}

/// Seconds of CPU that all threads of the process took, as Linux counts them: other processes do
/// not matter.
fn cpu_time() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").expect("threads");
    let of_task = |task: std::io::Result<std::fs::DirEntry>| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    };
    tasks.filter_map(of_task).sum::<f64>() / 1e9
}

/// Prints nanoseconds a cell of one table, by step. The time does not depend on the cells' values.
fn measure(air: &MachineAir, log_rows: usize) {
    let mut noise = noise(3);
    let width = air.width();
    let main = RowMajorMatrix::new(noise.by_ref().take(width << log_rows).collect(), width);
    let cells = main.values.len() as f64;
    let mut next = || EF::from_basis_coefficients_fn(|_| noise.next().expect("noise does not end"));
    let plan = Plan::new(air, false);
    let slots = (0..plan.messages()).map(|_| Slot { weight: next(), bus: 0 }).collect();
    let link = Link { theta: next(), powers: (0..64).map(|_| next()).collect(), bases: vec![next()], slots: vec![slots] };
    let challenges = Challenges { alpha: next(), beta: next(), eta: next(), tau: (0..log_rows).map(|_| next()).collect() };
    let public_values = vec![F::ZERO; air.num_public_values()];
    let tables = [Table { plan: &plan, main: &main, preprocessed: None, public_values: &public_values }];
    let mut best = [f64::INFINITY; 4];
    for _ in 0..3 {
        let mut transcript = Transcript::new(b"speed", &[0; 32]);
        let mut times = vec![cpu_time()];
        let mut zerocheck = Zerocheck::new(&tables, &challenges, Some(&link));
        times.push(cpu_time());
        let skip = zerocheck.skip();
        times.push(cpu_time());
        let rounds = zerocheck.bind(&skip, transcript.challenge());
        times.push(cpu_time());
        let _ = rounds.play(&mut transcript);
        times.push(cpu_time());
        for (best, pair) in best.iter_mut().zip(times.windows(2)) {
            *best = best.min((pair[1] - pair[0]) * 1e9 / cells);
        }
    }
    let [weights, skip, fold, rounds] = best;
    println!(
        "{:>10}, {width:3} columns, degree {}: {:5.2} ns a cell = weights {weights:.2}, skip round {skip:.2}, fold {fold:.2}, later rounds {rounds:.2}",
        air.name(),
        plan.degree(),
        best.iter().sum::<f64>()
    );
}

#[test]
#[ignore = "measures"]
fn nanoseconds_a_cell() {
    for air in MachineAir::all() {
        match air {
            MachineAir::Load(_) => measure(&air, 20),
            // They have fixed columns.
            MachineAir::Segment(_) | MachineAir::ByteTable(_) | MachineAir::BitsTable(_) => {}
            _ => measure(&air, 16),
        }
    }
}
