//! What a GPU proves of circuits is what the CPU proves. On the last adapter, which is software if
//! there is such.

use std::sync::Arc;

use tern_fri::multilinear::{Params, Proof};
use tern_gpu::adapters::list;
use tern_gpu::gpu::Options;
use tern_gpu::{Backend, Gpu};
use tern_verifier::multilinear::programs::NodeShape;
use tern_vm::prove::Device;
use tern_vm::recursion::{NodeCircuit, Run};

/// A circuit that is proved on a GPU; none if there is no adapter, which outside of CI is no failure.
pub struct Twin(Option<(NodeCircuit, Arc<Device>)>);

impl Twin {
    /// The circuit of a run.
    pub fn new(params: &Params, shape: &NodeShape, run: &Run) -> Self {
        let Some(found) = list().pop() else {
            assert!(std::env::var_os("CI").is_none(), "CI has a software adapter");
            eprintln!("skipped: no adapter; Debian's mesa-vulkan-drivers and libvulkan1 have a software one");
            return Self(None);
        };
        let backend = Backend::new(Gpu::new(found, &Options::default()).expect("a device"));
        let device = Arc::new(Device::new("the adapter".into(), Box::new(backend)));
        let circuit = NodeCircuit::new(params, shape, run).expect("a circuit").on(Some(device.clone()));
        Self(Some((circuit, device)))
    }

    /// Proves a run, and compares the proof with the CPU's.
    pub fn agrees(&self, run: &Run, proof: &Proof) {
        let Some((circuit, device)) = &self.0 else { return };
        let before = device.made();
        assert!(circuit.prove(run).expect("a proof") == *proof);
        assert_eq!((device.made(), device.failed()), (before + 1, 0));
    }
}
