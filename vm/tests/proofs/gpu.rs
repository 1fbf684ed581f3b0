//! What a GPU proves is what the CPU proves, byte for byte; and what fails there is done again. On
//! the last adapter, which is software if there is such.

use std::num::NonZeroUsize;
use std::sync::Arc;

use tern_gpu::adapters::list;
use tern_gpu::gpu::{Fault, Options};
use tern_gpu::{Backend, Gpu};
use tern_vm::exec::SegmentLimits;
use tern_vm::prove::{self, Device, SegmentProver};
use tern_vm::testing::workload;

use crate::chain::{chain, options};
use crate::support::{cut, provable, read};

/// An adapter, and the device that steps are proved on. None if there is none, which outside of CI
/// is no failure.
fn device(options: &Options) -> Option<(Backend, Arc<Device>)> {
    let Some(found) = list().pop() else {
        assert!(std::env::var_os("CI").is_none(), "CI has a software adapter");
        eprintln!("skipped: no adapter; Debian's mesa-vulkan-drivers and libvulkan1 have a software one");
        return None;
    };
    let backend = Backend::new(Gpu::new(found, options).expect("a device"));
    let device = Arc::new(Device::new("the adapter".into(), Box::new(backend.clone())));
    Some((backend, device))
}

/// The workload's segments use every table: all instructions, both accelerators, memory, input and output.
#[test]
fn segments_are_the_cpus() {
    let program = provable(&workload::elf());
    let segments = cut(&program, workload::INPUT, &SegmentLimits::cycles(workload::SEGMENT_CYCLES));
    let host = SegmentProver::new(&program.key, None).expect("the machine's tables");
    let expected: Vec<Vec<u8>> = segments.iter().map(|segment| host.prove(segment.clone()).expect("a proof").proof).collect();
    for narrow in [false, true] {
        let Some((backend, device)) = device(&Options { narrow, ..Options::default() }) else { return };
        let prover = SegmentProver::new(&program.key, Some(device.clone())).expect("the machine's tables");
        for (segment, expected) in segments.iter().zip(&expected) {
            let before = backend.gpu().traffic();
            let proved = prover.prove(segment.clone()).expect("a proof");
            assert!(proved.proof == *expected, "segment {}, narrow {narrow}", segment.index);
            let after = backend.gpu().traffic();
            let waits = after.waits - before.waits;
            // More by accident is a loop that waits.
            assert!(waits <= 10, "segment {}: {waits} waits", segment.index);
            println!(
                "segment {}: {} bytes up, {} down, {waits} waits, {} kernels, {} bytes of memory",
                segment.index,
                after.up - before.up,
                after.down - before.down,
                after.dispatches - before.dispatches,
                backend.gpu().peak_bytes(),
            );
        }
        assert_eq!((device.made(), device.redone()), (3, 0));
    }
}

/// Two at a time, which share the device's stream of work.
#[test]
fn several_proofs_are_in_flight() {
    let Some((_, device)) = device(&Options::default()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("proof");
    let jobs = NonZeroUsize::MIN.saturating_add(1);
    let options = prove::Options { device: Some(device.clone()), jobs, ..options() };
    prove::prove(&provable(&workload::elf()), workload::INPUT, &path, &options, &()).expect("a proof");
    assert!(read(&path) == chain().proof);
    assert_eq!((device.made(), device.failed(), device.redone()), (3, 0, 0));
}

/// A flipped bit, memory that is used up, a device that is lost: there is a proof nevertheless.
#[test]
fn what_fails_is_done_again() {
    let Some((backend, device)) = device(&Options::default()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("proof");
    let program = provable(&workload::elf());
    let options = prove::Options { device: Some(device.clone()), ..options() };
    let prove = || {
        let summary = prove::prove(&program, workload::INPUT, &path, &options, &()).expect("a proof");
        assert_eq!(summary.segments, 3);
        assert!(read(&path) == chain().proof);
        std::fs::remove_file(&path).expect("the proof");
        (device.made(), device.failed(), device.redone())
    };
    // In the lookups: a digest of a leaf that is not opened, or a witness that is not the smallest,
    // would make another valid proof.
    backend.gpu().fail_after(Fault::Flip, 300);
    assert_eq!(prove(), (3, 1, 0));
    backend.gpu().fail_after(Fault::Memory, 100);
    assert_eq!(prove(), (6, 2, 0));
    backend.gpu().fail_after(Fault::Lose, 1_200);
    let (made, failed, redone) = prove();
    assert_eq!((made + redone, failed), (9, 2 + 2 * redone));
    assert!(redone > 0, "a lost device proves nothing");
}
