//! Instructions in a second: run alone, recorded in segments, and recorded with the memory tree.
//! `cargo bench -p tern-vm`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tern_vm::elf::Program;
use tern_vm::exec::{Options, SegmentExecutor, run};
use tern_vm::prove::{Cost, LOG_ROWS, ProvableProgram, limits_of};

const PLAIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-evm/elf/plain.elf");

/// Which of the guest's programs, and how often it does its step.
const INPUTS: [(&str, u8, u32); 2] = [("fibonacci", 0, 50_000), ("sha-256 in software", 1, 200)];

fn execute(c: &mut Criterion) {
    let program = Program::from_elf(&std::fs::read(PLAIN).expect("a guest")).expect("a program");
    let provable = ProvableProgram::new(program.clone()).expect("a program that can be proved");
    let limits = limits_of(LOG_ROWS);
    for (name, kind, count) in INPUTS {
        let input = [&[kind][..], &count.to_le_bytes()].concat();
        let cycles = run(&program, &input, Options::default()).expect("a run").cycles;
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(cycles)).sample_size(20);
        group.bench_function("run", |b| b.iter(|| run(&program, black_box(&input), Options::default()).expect("a run")));
        group.bench_function("record", |b| {
            b.iter(|| {
                let mut executor = SegmentExecutor::new(&program, black_box(&input), Options::default()).expect("a machine");
                while let Some(segment) = executor.next_segment(&limits).expect("no trap") {
                    executor.recycle(segment.events);
                }
            });
        });
        group.bench_function("plan", |b| b.iter(|| Cost::of_run(&provable, black_box(&input), LOG_ROWS, u64::MAX).expect("a run")));
        group.finish();
    }
}

criterion_group!(benches, execute);
criterion_main!(benches);
