//! Kernels against the CPU.

use std::sync::OnceLock;
use std::time::Duration;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use tern_fri::hash::{DIGEST_BYTES, Digest, LeafHasher};
use tern_fri::multilinear::Layout;
use tern_fri::multilinear::encoding::Columns;
use tern_fri::multilinear::merkle::MerkleTree;
use tern_fri::multilinear::opening::Committed;
use tern_fri::multilinear::params::{Params, SEGMENT_V2};
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::source::of_cells;

use crate::adapters::list;
use crate::encode::Encoder;
use crate::fill::Kernels;
use crate::gpu::{Fault, Options};
use crate::matrix::Matrix;
use crate::merkle::{DIGEST_WORDS, Gathered, Leaves, Tree, hash_leaves};
use crate::{Gpu, GpuError, Kernel};

/// The last adapter, which is software if there is such, with 64-bit integers and without. None if
/// there is no adapter, which outside of CI is no failure.
pub fn gpus() -> Vec<Gpu> {
    static SAID: OnceLock<()> = OnceLock::new();
    let gpu = |narrow| {
        let found = list().pop()?;
        Some(Gpu::new(found, &Options { narrow, ..Options::default() }).expect("a device"))
    };
    let gpus: Vec<Gpu> = [false, true].into_iter().filter_map(gpu).collect();
    if gpus.is_empty() {
        assert!(std::env::var_os("CI").is_none(), "CI has a software adapter");
        SAID.get_or_init(|| eprintln!("skipped: no adapter; Debian's mesa-vulkan-drivers and libvulkan1 have a software one"));
    }
    gpus
}

pub fn noise(seed: u64, count: usize) -> Vec<F> {
    let step = |state: &u64| Some(state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f));
    let states = core::iter::successors(Some(seed), step).skip(1);
    // Every fourth is extreme.
    let extremes = [F::ZERO, F::ONE, F::NEG_ONE, F::TWO.halve()];
    states.map(|state| if state >> 62 == 0 { extremes[(state >> 60) as usize & 3] } else { F::from_u64(state >> 20) }).take(count).collect()
}

pub fn ext_noise(seed: u64, count: usize) -> Vec<EF> {
    noise(seed, 5 * count).chunks_exact(5).map(|c| EF::from_basis_coefficients_fn(|d| c[d])).collect()
}

#[test]
fn arithmetic_is_that_of_the_field() {
    const FIELD: &str = "
@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read> b: array<u32>;
@group(0) @binding(3) var<storage, read_write> to: array<u32>;

fn ext(i: u32, n: u32, of_b: bool) -> Ext {
    if (of_b) {
        return Ext(b[i], b[n + i], b[2u * n + i], b[3u * n + i], b[4u * n + i]);
    }
    return Ext(a[i], a[n + i], a[2u * n + i], a[3u * n + i], a[4u * n + i]);
}

fn put(place: u32, n: u32, x: Ext) {
    to[place] = x.a;
    to[place + n] = x.b;
    to[place + 2u * n] = x.c;
    to[place + 3u * n] = x.d;
    to[place + 4u * n] = x.e;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    let n = params[0];
    if (i >= n) {
        return;
    }
    let x = ext(i, n, false);
    let y = ext(i, n, true);
    put(i, n, ext_add(x, y));
    put(5u * n + i, n, ext_sub(x, y));
    put(10u * n + i, n, ext_mul(x, y));
    put(15u * n + i, n, ext_scale(x, y.a));
    put(20u * n + i, n, ext_between(x, y, ext_param(1u)));
    put(25u * n + i, n, ext_add(ext_zero(), ext_of(x.b)));
    put(30u * n + i, n, ext_inverse(x));
}
";
    let field = Kernel::of_files(&[("test of the field", FIELD), ("inverse", include_str!("shaders/inverse.wgsl"))]);
    let (mut a, b) = (ext_noise(1, 1000), ext_noise(2, 1000));
    a[7] = EF::ZERO;
    let x = ext_noise(3, 9)[8];
    for gpu in gpus() {
        let [x_words] = [x.as_basis_coefficients_slice().iter().map(|c: &F| c.to_unique_u32()).collect::<Vec<u32>>()];
        let params = [[1000].to_vec(), x_words].concat();
        let to = gpu.words(35 * 1000).expect("memory");
        let (on_a, on_b) = (gpu.upload_ext(&a).expect("memory"), gpu.upload_ext(&b).expect("memory"));
        gpu.dispatch(&field, &params, &[&on_a, &on_b, &to], 1000).expect("a kernel");
        let words = gpu.read_base(&to, 0, 35_000).expect("results");
        let result = |which: usize, i: usize| EF::from_basis_coefficients_fn(|d| words[(5 * which + d) * 1000 + i]);
        let second = |i: usize| -> F { a[i].as_basis_coefficients_slice()[1] };
        for i in 0..1000 {
            let scale: F = b[i].as_basis_coefficients_slice()[0];
            let inverse = a[i].try_inverse().unwrap_or_default();
            let expected = [a[i] + b[i], a[i] - b[i], a[i] * b[i], a[i] * scale, a[i] + (b[i] - a[i]) * x, second(i).into(), inverse];
            assert_eq!(core::array::from_fn(|which| result(which, i)), expected, "{i}");
        }
    }
}

#[test]
fn codewords_are_the_cpus() {
    for gpu in gpus() {
        for (width, log_rows, log_blowup, missing) in
            [(4, 0, 1, 0), (4, 1, 0, 0), (1, 3, 2, 0), (16, 4, 1, 3), (3, 5, 2, 7), (128, 9, 2, 130), (20, 10, 3, 0), (2, 13, 1, 5)]
        {
            let cells = noise(width as u64, (width << log_rows) - missing);
            let mut expected = F::zero_vec(width << (log_rows + log_blowup));
            let copy = |_: usize, rows: &[F], to: &mut [F]| to.copy_from_slice(rows);
            Columns { cells: &cells, width, log_rows }.encode(log_blowup, &mut expected, copy);
            let encoder = Encoder::new(&gpu, width, log_rows, log_blowup).expect("memory");
            let (on_gpu, to) = (gpu.upload(&cells).expect("memory"), gpu.words(width << log_rows).expect("memory"));
            for (coset, expected) in expected.chunks(width << log_rows).enumerate() {
                encoder.encode(&gpu, &on_gpu, cells.len(), coset, &to).expect("a codeword");
                assert_eq!(gpu.read_base(&to, 0, to.len()).expect("results"), expected, "width {width}, 2^{log_rows} rows, coset {coset}");
            }
        }
    }
}

#[test]
fn trees_are_the_cpus() {
    for gpu in gpus() {
        for (width, log_rows, log_cap) in [(1, 0, 0), (3, 1, 0), (16, 3, 2), (17, 4, 0), (80, 9, 3), (128, 6, 1), (256, 5, 5)] {
            let cells = noise(width as u64, width << log_rows);
            let expected = MerkleTree::new(&cells, width, log_cap);
            let on_gpu = gpu.upload(&cells).expect("memory");
            let digests = gpu.words(DIGEST_WORDS << log_rows).expect("memory");
            hash_leaves(&gpu, &on_gpu, Leaves::Rows, (1 << log_rows, width), &digests, 0).expect("digests");
            let tree = Tree::new(&gpu, digests, log_cap).expect("a tree");
            assert_eq!(tree.cap(), expected.cap());
            for positions in [&[][..], &[0], &[0, 1], &[1, 3, 4, 6, 7], &[5, 200, 201, 203, 500]] {
                let positions: Vec<usize> = positions.iter().copied().filter(|position| *position < 1 << log_rows).collect();
                assert_eq!(tree.path(&gpu, &positions).expect("a path"), expected.path(&positions));
            }
        }
        let elements = ext_noise(5, 64 * 8);
        let (on_gpu, digests) = (gpu.upload_ext(&elements).expect("memory"), gpu.words(DIGEST_WORDS * 64).expect("memory"));
        hash_leaves(&gpu, &on_gpu, Leaves::Planes(elements.len()), (64, 40), &digests, 0).expect("digests");
        let mut expected: Vec<Digest> = vec![[0; DIGEST_BYTES]; 64];
        let cells: Vec<F> = elements.iter().flat_map(|e| e.as_basis_coefficients_slice().to_vec()).collect();
        p3_symmetric::CryptographicHasher::hash_many(&LeafHasher, &cells, &mut expected);
        let words: Vec<u8> = gpu.read(&digests, 0, digests.len()).expect("digests").into_iter().flat_map(u32::to_le_bytes).collect();
        assert_eq!(words, expected.as_flattened());
    }
}

#[test]
fn matrices_are_the_cpus() {
    const PARAMS: Params = Params { num_queries: 3, ..SEGMENT_V2 };
    let layout = Layout::new(&[36, 5, 0, 130], PARAMS.log_width);
    let table = |width: usize, rows: usize| RowMajorMatrix::new(noise(rows as u64, width * rows), width);
    let tables = [table(36, 700), table(5, 40), table(0, 0), table(130, 1100)];
    let expected = Committed::new(&PARAMS, &layout, &tables, (11, LOG_BLOCK)).expect("a matrix");
    for gpu in gpus() {
        let matrix = Matrix::commit(&gpu, &PARAMS, &layout, (&Kernels::default(), &of_cells(&tables)), (11, LOG_BLOCK)).expect("a matrix");
        assert_eq!(matrix.cap(), expected.cap());
        for positions in [&[0, 1, 2047, 2048, 5000, 8191][..], &[], &[4096]] {
            let gathered = [matrix.gathered(&gpu, positions).expect("rows")];
            assert_eq!(Gathered::read(&gpu, &gathered).expect("rows"), [expected.opened(positions)]);
        }
    }
}

#[test]
fn kernels_are_kept_and_bad_files_left_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    let gpu = || {
        let found = list().pop()?;
        let options = Options { cache: Some(folder.path().join("kernels")), ..Options::default() };
        Some(Gpu::new(found, &options).expect("a device"))
    };
    let run = |gpu: &Gpu| {
        let digests = gpu.upload_words(&[0; 2 * DIGEST_WORDS]).expect("memory");
        Tree::new(gpu, digests, 0).expect("a tree").cap().to_vec()
    };
    let Some(first) = gpu() else { return };
    let expected = run(&first);
    drop(first);
    let files = || {
        std::fs::read_dir(folder.path().join("kernels")).expect("a folder").map(|entry| entry.expect("a file").path()).collect::<Vec<_>>()
    };
    let [path] = &files()[..] else { panic!("one file") };
    for change in 0..3 {
        assert_eq!(run(&gpu().expect("a device")), expected);
        let mut bytes = std::fs::read(path).expect("a file");
        match change {
            0 => bytes.truncate(40),
            1 => bytes[50] ^= 1,
            _ => bytes.clear(),
        }
        std::fs::write(path, bytes).expect("a file");
    }
    assert_eq!(run(&gpu().expect("a device")), expected);
    assert_eq!(files().len(), 1);
}

/// What goes wrong is said, and what was promised of memory is kept.
#[test]
fn faults_are_errors() {
    let Some(found) = list().pop() else { return };
    let gpu = Gpu::new(found, &Options { memory: Some(1 << 20), ..Options::default() }).expect("a device");
    let matrix = || {
        let layout = Layout::new(&[5], SEGMENT_V2.log_width);
        let table = RowMajorMatrix::new(noise(1, 5 * 512), 5);
        Matrix::commit(&gpu, &SEGMENT_V2, &layout, (&Kernels::default(), &of_cells(&[table])), (9, LOG_BLOCK))
            .map(|matrix| matrix.cap().to_vec())
    };
    assert!(matches!(gpu.words(1 << 19), Err(GpuError::Memory { wanted: 2_097_152, .. })));
    let expected = matrix().expect("a matrix");
    gpu.fail_after(Fault::Memory, 2);
    assert!(matches!(matrix(), Err(GpuError::Memory { .. })));
    // The fourth dispatch hashes leaves.
    gpu.fail_after(Fault::Flip, 4);
    assert!(matrix().expect("a matrix") != expected);
    assert!(matrix().expect("a matrix") == expected);
    assert!(gpu.peak_bytes() <= 1 << 20);
    let broken = Kernel::of_files(&[("not WGSL", "fn main() -> {")]);
    assert!(matches!(gpu.dispatch(&broken, &[0], &[], 1), Err(GpuError::Compile { kernel, .. }) if kernel == "not WGSL"));
    assert!(matrix().expect("a matrix") == expected);
    gpu.fail_after(Fault::Lose, 2);
    assert!(matches!(matrix(), Err(GpuError::Lost(_) | GpuError::Driver(_))));
    assert!(matrix().is_err());
}

/// A device is given up when it takes longer than it is waited for.
#[test]
fn work_that_takes_too_long_is_given_up() {
    const SQUARES: &str = "
@group(0) @binding(1) var<storage, read_write> to: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
    let i = invocation(group, groups, local);
    var x = i + 2u;
    for (var round = 0u; round < params[0]; round++) {
        x = mul(x, x);
    }
    if (i < params[1]) {
        to[i] = x;
    }
}
";
    let squares = Kernel::of_files(&[("test of patience", SQUARES)]);
    let waited = |patience: Option<Duration>, rounds: u32, groups: usize| {
        let found = list().pop()?;
        if found.description.name.starts_with("llvmpipe") {
            eprintln!("skipped: a wait for Mesa's software device ends when it is done");
            return None;
        }
        let gpu = Gpu::new(found, &Options { patience, ..Options::default() }).expect("a device");
        let to = gpu.words(256).expect("memory");
        for _ in 0..3 {
            gpu.dispatch(&squares, &[rounds, 256], &[&to], 256 * groups).expect("a kernel");
            gpu.flush().expect("a submission");
        }
        Some(gpu.wait())
    };
    assert_eq!(waited(None, 1, 1).unwrap_or(Ok(())), Ok(()));
    let short = Duration::from_micros(1);
    let given_up = Err(GpuError::Timeout(short));
    assert_eq!(waited(Some(short), 1 << 12, 1 << 8).unwrap_or_else(|| given_up.clone()), given_up);
}

/// Each run is measured, by name; results are those without a clock.
#[test]
fn kernels_are_measured() {
    let Some(found) = list().pop() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("times.json");
    let gpu = match Gpu::new(found, &Options { times: Some(file.clone()), ..Options::default() }) {
        Err(GpuError::NoClock { adapter }) => return eprintln!("skipped: {adapter} has no clock"),
        gpu => gpu.expect("a device"),
    };
    let words = noise(3, 700 * DIGEST_WORDS);
    let cap = |gpu: &Gpu| {
        let digests = gpu.words(1024 * DIGEST_WORDS).expect("memory");
        gpu.write(&digests, 0, digests.len(), |i| words.get(i).map_or(7, |word| word.to_unique_u32())).expect("memory");
        Tree::new(gpu, digests, 2).expect("a tree").cap().to_vec()
    };
    let measured = cap(&gpu);
    assert!(gpus().iter().all(|gpu| cap(gpu) == measured));
    let times = gpu.times();
    assert_eq!(times.values().map(|time| time.runs).sum::<u64>(), gpu.traffic().dispatches);
    assert!(times.values().all(|time| time.invocations >= 256 && time.bytes > 0 && time.seconds >= 0.0));
    assert!(times.values().any(|time| time.seconds > 0.0), "{times:?}");
    drop(gpu);
    let text = std::fs::read_to_string(file).expect("a file");
    assert_eq!(text.lines().count(), times.len());
    assert!(times.keys().all(|kernel| text.contains(&format!("{{\"kernel\":{kernel:?},\"runs\":"))));
}
