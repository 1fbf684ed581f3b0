//! Devices that prove, and what is done when one fails.
//!
//! No proof is kept that does not verify. One that a device makes and that does not is made again
//! there, then on the host; so is one that a device cannot make. Both give the same bytes.

use core::fmt::Display;
use core::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use p3_air::BaseAir;
use tern_field::F;
use tern_fri::multilinear::backend::{Backend, Place, Usage};
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::prove::{Prover, ProverAir};

/// How often a device may try to make one proof.
const TRIALS: u32 = 2;

/// A device that proves.
#[derive(Debug)]
pub struct Device {
    name: String,
    backend: Box<dyn Backend>,
    made: AtomicU32,
    failed: AtomicU32,
    redone: AtomicU32,
}

impl Device {
    /// A device of this name.
    #[must_use]
    pub fn new(name: String, backend: Box<dyn Backend>) -> Self {
        Self { name, backend, made: AtomicU32::new(0), failed: AtomicU32::new(0), redone: AtomicU32::new(0) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Proofs that it made.
    #[must_use]
    pub fn made(&self) -> u32 {
        self.made.load(Ordering::Relaxed)
    }

    /// Trials of the device that failed.
    #[must_use]
    pub fn failed(&self) -> u32 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Proofs that the host made because the device failed.
    #[must_use]
    pub fn redone(&self) -> u32 {
        self.redone.load(Ordering::Relaxed)
    }

    /// Base-2 logarithm of the rows of the largest segment's matrix that it has room to prove.
    #[must_use]
    pub fn largest_log_rows(&self) -> usize {
        self.backend.largest_log_cells().saturating_sub(SEGMENT_V2.log_width)
    }

    /// What it was used for.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.backend.usage()
    }
}

/// Where a prover's proofs are made.
pub(crate) struct Use {
    device: Option<Arc<Device>>,
    /// Whether the device could prepare.
    is_ready: bool,
}

impl Use {
    /// Of the host only.
    pub(crate) const fn host() -> Self {
        Self { device: None, is_ready: false }
    }

    /// Lets a prover prove on a device, if there is one. If it cannot, the host proves, and a
    /// warning says why.
    pub(crate) fn of<A: ProverAir + BaseAir<F>>(device: Option<Arc<Device>>, prover: &mut Prover<A>) -> Self {
        let Some(device) = device else { return Self::host() };
        let is_ready = match prover.set_backend(&*device.backend) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!("{}: {error}; the CPU proves instead", device.name);
                false
            }
        };
        Self { device: Some(device), is_ready }
    }

    /// Whether there is a device.
    pub(crate) const fn has_device(&self) -> bool {
        self.device.is_some()
    }

    /// Makes a proof, which is checked where it is made: on the device if there is one, and else,
    /// or if that fails, on the host.
    pub(crate) fn prove<P, E: Display>(&self, prove: impl Fn(Place) -> Result<P, E>) -> Result<P, E> {
        let Some(device) = &self.device else { return prove(Place::Host) };
        for trial in 1..=if self.is_ready { TRIALS } else { 0 } {
            match prove(Place::Device) {
                Ok(proof) => {
                    device.made.fetch_add(1, Ordering::Relaxed);
                    return Ok(proof);
                }
                Err(error) => {
                    device.failed.fetch_add(1, Ordering::Relaxed);
                    let next = if trial < TRIALS { "it tries once more" } else { "the CPU proves instead" };
                    tracing::warn!("{}: {error}; {next}", device.name);
                }
            }
        }
        device.redone.fetch_add(1, Ordering::Relaxed);
        prove(Place::Host)
    }
}

#[cfg(test)]
mod tests {
    use core::cell::RefCell;

    use tern_fri::multilinear::backend::{BackendError, Prepared, Relation};

    use super::*;

    #[derive(Debug)]
    struct Nothing;

    impl Backend for Nothing {
        fn prepare(&self, _: &Relation<'_>) -> Result<Box<dyn Prepared>, BackendError> {
            Err(BackendError { device: "nothing".into(), reason: "it does nothing".into() })
        }

        fn largest_log_cells(&self) -> usize {
            0
        }

        fn usage(&self) -> Usage {
            Usage::default()
        }
    }

    /// The places that are tried, if so many on the device fail.
    fn places(used: &Use, failures: usize) -> (Result<u32, String>, Vec<Place>) {
        let tried = RefCell::new(Vec::new());
        let proved = used.prove(|place| {
            tried.borrow_mut().push(place);
            if place == Place::Device && tried.borrow().len() <= failures { Err("does not verify".to_owned()) } else { Ok(7) }
        });
        (proved, tried.into_inner())
    }

    #[test]
    fn what_fails_on_a_device_is_done_again_and_then_by_the_host() {
        let device = Arc::new(Device::new("a device".into(), Box::new(Nothing)));
        let used = Use { device: Some(device.clone()), is_ready: true };
        assert_eq!(places(&Use::host(), 0), (Ok(7), vec![Place::Host]));
        assert_eq!(places(&used, 0), (Ok(7), vec![Place::Device]));
        assert_eq!(places(&used, 1), (Ok(7), vec![Place::Device; 2]));
        assert_eq!((device.made(), device.failed(), device.redone()), (2, 1, 0));
        assert_eq!(places(&used, 2), (Ok(7), vec![Place::Device, Place::Device, Place::Host]));
        assert_eq!((device.made(), device.failed(), device.redone()), (2, 3, 1));
        let refused: Result<u32, String> = used.prove(|_| Err("unbalanced".to_owned()));
        assert_eq!(refused, Err("unbalanced".to_owned()));
        // A device that could not prepare is not asked.
        let unready = Use { is_ready: false, ..used };
        assert_eq!(places(&unready, 0), (Ok(7), vec![Place::Host]));
        assert_eq!((device.made(), device.failed(), device.redone()), (2, 5, 3));
    }
}
