//! What a device does in a second: each kernel at several sizes, its results compared with the CPU's first.
//!
//! Prints one JSON object a line: what was measured, its size, the device, the seconds (median of
//! several), and the rate, as cells or hashes a second and as bytes moved a second.
//!
//! `bench [--device NAME] [--log-cells N] [--narrow] [--seconds S]`

use std::process::ExitCode;
use std::time::{Duration, Instant};

use p3_field::PrimeCharacteristicRing;
use tern_field::F;
use tern_field::word::Word;
use tern_fri::multilinear::Layout;
use tern_fri::multilinear::encoding::Columns;
use tern_fri::multilinear::merkle::MerkleTree;
use tern_fri::multilinear::recipe::{Cell, Recipe, Recorder};
use tern_fri::multilinear::source::{Records, Source};
use tern_gpu::adapters::{Choice, choose, list};
use tern_gpu::encode::Encoder;
use tern_gpu::fill::{Kernels, fill};
use tern_gpu::gpu::Options;
use tern_gpu::merkle::{DIGEST_WORDS, Leaves, Tree, hash_leaves};
use tern_gpu::{Gpu, GpuError};

/// Columns of the matrices.
const WIDTH: usize = 1 << LOG_WIDTH;

/// Their base-2 logarithm.
const LOG_WIDTH: usize = 7;

/// Rows of those that are compared with the CPU's.
const LOG_CHECKED: usize = 9;

/// What is asked for.
struct Args {
    choice: Choice,
    /// Base-2 logarithm of the cells of the largest matrix.
    log_cells: usize,
    options: Options,
    /// How long one measurement is repeated.
    budget: Duration,
}

fn main() -> ExitCode {
    let args = match args(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(message) => {
            eprintln!("error: {message}\nusage: bench [--device NAME] [--log-cells N] [--narrow] [--seconds S]");
            return ExitCode::from(2);
        }
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn args(mut given: impl Iterator<Item = String>) -> Result<Args, String> {
    let mut args = Args { choice: Choice::Gpu, log_cells: 26, options: Options::default(), budget: Duration::from_secs(2) };
    while let Some(name) = given.next() {
        let mut value = || given.next().ok_or(format!("{name} wants a value"));
        match name.as_str() {
            "--device" => args.choice = Choice::Name(value()?),
            "--log-cells" => {
                let log = value()?.parse().ok().filter(|log| (16..=28).contains(log));
                args.log_cells = log.ok_or("--log-cells is a number from 16 to 28")?;
            }
            "--narrow" => args.options.narrow = true,
            "--seconds" => args.budget = Duration::from_secs_f64(value()?.parse().map_err(|_| "--seconds is a number")?),
            other => return Err(format!("{other} is not known")),
        }
    }
    Ok(args)
}

/// What a measurement's size is.
#[derive(Clone, Copy)]
struct Work {
    name: &'static str,
    /// Cells or hashes, and what they are.
    items: (usize, &'static str),
    /// Bytes that are read and written, at least.
    bytes: usize,
}

struct Bench<'a> {
    gpu: &'a Gpu,
    budget: Duration,
}

impl Bench<'_> {
    /// Repeats something as long as there is time, three times at least, and prints its median.
    fn measure(&self, work: Work, mut run: impl FnMut() -> Result<(), GpuError>) -> Result<(), GpuError> {
        // The first time compiles.
        run()?;
        self.gpu.wait()?;
        let started = Instant::now();
        let mut times = Vec::new();
        while times.len() < 3 || (started.elapsed() < self.budget && times.len() < 100) {
            let one = Instant::now();
            run()?;
            self.gpu.wait()?;
            times.push(one.elapsed().as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        let (count, items) = work.items;
        println!(
            "{{\"measured\":\"{}\",\"{items}\":{count},\"seconds\":{median:.6},\"giga_{items}_per_second\":{:.4},\"gigabytes_per_second\":{:.2},\"repeats\":{}}}",
            work.name,
            count as f64 / median / 1e9,
            work.bytes as f64 / median / 1e9,
            times.len()
        );
        Ok(())
    }
}

fn run(args: &Args) -> Result<(), GpuError> {
    let gpu = Gpu::new(choose(&args.choice, list())?, &args.options)?;
    let about = gpu.description();
    println!(
        "{{\"device\":{:?},\"backend\":\"{}\",\"kind\":\"{}\",\"driver\":{:?},\"wide\":{},\"binding_bytes\":{}}}",
        about.name,
        about.backend,
        about.kind.name(),
        about.driver,
        gpu.is_wide(),
        gpu.binding_bytes()
    );
    check(&gpu)?;
    check_rows(&gpu)?;
    println!("{{\"checked\":\"rows, codewords and trees of 2^{LOG_CHECKED} rows are the CPU's\"}}");
    let bench = Bench { gpu: &gpu, budget: args.budget };
    for log_cells in (16..=args.log_cells).step_by(4) {
        matrices(&bench, log_cells)?;
    }
    Ok(())
}

fn cells(count: usize) -> Vec<F> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        F::from_u64(state >> 20)
    };
    core::iter::repeat_with(next).take(count).collect()
}

/// Rows that are the halves of their records' words.
fn halves() -> Recipe {
    let recorder = Recorder::default();
    let words = recorder.record(WIDTH / 2);
    let halves = words.iter().flat_map(|word| [0, 16].map(|first| word.bits(first, 16)));
    let cells = halves.map(|half| Cell::Number(recorder.number_of(half))).collect();
    recorder.recipe(WIDTH / 2, cells, Vec::new())
}

/// Records of such rows: the places of their words.
struct Places(usize);

impl Records for Places {
    fn count(&self) -> usize {
        self.0
    }

    fn write(&self, first: usize, to: &mut [u32]) {
        to.iter_mut().zip((first * WIDTH / 2) as u32..).for_each(|(word, place)| *word = place.wrapping_mul(0x9e37_79b9));
    }
}

/// Compares rows that are made of records with the CPU's.
fn check_rows(gpu: &Gpu) -> Result<(), GpuError> {
    let (count, recipe) = (1 << LOG_CHECKED, halves());
    let mut words = vec![0; count * WIDTH / 2];
    Places(count).write(0, &mut words);
    let expected: Vec<F> = words.iter().flat_map(|word| [word & 0xffff, word >> 16]).map(F::from_u32).collect();
    let made = fill(gpu, &Kernels::default(), &Layout::new(&[WIDTH], LOG_WIDTH), &[Source::Records(&recipe, &Places(count))], &[count])?;
    let same = gpu.read_base(&made, 0, made.len())? == expected;
    if same { Ok(()) } else { Err(GpuError::Driver("rows made of records differ from the CPU's".into())) }
}

/// Compares a codeword and its tree with the CPU's.
fn check(gpu: &Gpu) -> Result<(), GpuError> {
    let cells = cells(WIDTH << LOG_CHECKED);
    let mut expected = F::zero_vec(cells.len());
    Columns { cells: &cells, width: WIDTH, log_rows: LOG_CHECKED }
        .encode(0, &mut expected, |_, rows, to: &mut [F]| to.copy_from_slice(rows));
    let encoder = Encoder::new(gpu, WIDTH, LOG_CHECKED, 0)?;
    let (given, values) = (gpu.upload(&cells)?, gpu.words(cells.len())?);
    encoder.encode(gpu, &given, cells.len(), 0, &values)?;
    let digests = gpu.words(DIGEST_WORDS << LOG_CHECKED)?;
    hash_leaves(gpu, &values, Leaves::Rows, (1 << LOG_CHECKED, WIDTH), &digests, 0)?;
    let tree = Tree::new(gpu, digests, 2)?;
    let same = gpu.read_base(&values, 0, values.len())? == expected && tree.cap() == MerkleTree::new(&expected, WIDTH, 2).cap();
    if same { Ok(()) } else { Err(GpuError::Driver("results differ from the CPU's".into())) }
}

fn matrices(bench: &Bench<'_>, log_cells: usize) -> Result<(), GpuError> {
    let (gpu, count) = (bench.gpu, 1 << log_cells);
    let log_rows = log_cells - WIDTH.ilog2() as usize;
    let cells = cells(count);
    let given = gpu.words(count)?;
    let upload = Work { name: "upload", items: (count, "cells"), bytes: 4 * count };
    bench.measure(upload, || gpu.write_base(&given, 0, &cells))?;
    let (recipe, layout, kernels) = (halves(), Layout::new(&[WIDTH], LOG_WIDTH), Kernels::default());
    let rows = Work { name: "rows of records, with their upload", items: (count, "cells"), bytes: 6 * count };
    bench.measure(rows, || {
        let records = Places(1 << log_rows);
        fill(gpu, &kernels, &layout, &[Source::Records(&recipe, &records)], &[1 << log_rows]).map(drop)
    })?;
    let encoder = Encoder::new(gpu, WIDTH, log_rows, 2)?;
    let values = gpu.words(count)?;
    let passes = log_rows.div_ceil(4);
    let encode = Work { name: "encode one coset", items: (count, "cells"), bytes: 8 * count * passes };
    bench.measure(encode, || encoder.encode(gpu, &given, count, 1, &values))?;
    let digests = gpu.words(DIGEST_WORDS << log_rows)?;
    let leaves = Work { name: "hash leaves", items: (count, "cells"), bytes: 4 * count + (32 << log_rows) };
    bench.measure(leaves, || hash_leaves(gpu, &values, Leaves::Rows, (1 << log_rows, WIDTH), &digests, 0))?;
    let tree = Work { name: "tree", items: (1 << log_rows, "hashes"), bytes: 96 << log_rows };
    bench.measure(tree, || {
        let leaves = gpu.words(DIGEST_WORDS << log_rows)?;
        gpu.copy(&digests, &leaves)?;
        Tree::new(gpu, leaves, 8.min(log_rows)).map(drop)
    })
}
