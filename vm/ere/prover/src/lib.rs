//! ere's prover for Tern: [`tern_sdk`] behind ere's traits.

use std::time::{Duration, Instant};

use ere_compiler_core::Elf;
use ere_prover_core::{
    CommonError, Input, ProgramExecutionReport, ProgramProvingReport, ProverResource, ProverResourceKind, PublicValues, zkVMProver,
};
use ere_verifier_tern::{TernProgramVk, TernProof, TernVerifier};
use tern_sdk::{Program, Prover};

/// Runs and proves one program.
///
/// Input is what the guest reads. There is no stream of proofs beside it ([`Input::proofs`]): a
/// guest that verifies proofs reads them as input.
pub struct TernProver {
    prover: Prover,
    program: Program,
    verifier: TernVerifier,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input or a resource that there is not for this zkVM.
    #[error(transparent)]
    Common(#[from] CommonError),
    /// The program could not be loaded, run or proved.
    #[error(transparent)]
    Sdk(#[from] tern_sdk::Error),
    /// A proof is rejected.
    #[error(transparent)]
    Verifier(#[from] ere_verifier_tern::Error),
    /// There is no GPU that can prove.
    #[cfg(feature = "gpu")]
    #[error("no GPU that can prove: {0}")]
    Gpu(#[from] tern_gpu::GpuError),
}

impl TernProver {
    /// Loads a program and computes its verifying key.
    ///
    /// # Errors
    ///
    /// If the machine cannot run the program, or there is no such resource: the CPU, and with the
    /// feature `gpu` the first GPU.
    pub fn new(elf: &Elf, resource: &ProverResource) -> Result<Self, Error> {
        let prover = prover(resource)?;
        let program = Program::from_elf(elf)?;
        let verifier = TernVerifier::new(TernProgramVk(program.key().clone()));
        Ok(Self { prover, program, verifier })
    }
}

impl zkVMProver for TernProver {
    type Verifier = TernVerifier;
    type Error = Error;

    fn verifier(&self) -> &TernVerifier {
        &self.verifier
    }

    fn execute(&self, input: &Input) -> Result<(PublicValues, ProgramExecutionReport), Error> {
        let started = Instant::now();
        let run = self.prover.execute(&self.program, bytes(input)?)?;
        let mut report = ProgramExecutionReport::new(run.cycles);
        report.execution_duration = started.elapsed();
        for scope in run.scopes {
            report.insert_region(scope.path, scope.cycles);
        }
        Ok((run.output.into(), report))
    }

    fn prove(&self, input: &Input) -> Result<(PublicValues, TernProof, ProgramProvingReport), Error> {
        let started = Instant::now();
        let proof = self.prover.prove(&self.program, bytes(input)?)?;
        let run = proof.summary.run;
        let report = report(started.elapsed(), run.cycles);
        Ok((run.output.into(), TernProof(proof.bytes), report))
    }
}

/// What the guest reads.
fn bytes(input: &Input) -> Result<&[u8], CommonError> {
    match input.proofs {
        None => Ok(input.stdin()),
        Some(_) => Err(CommonError::unsupported_input("there is no stream of proofs; give them to the guest as input")),
    }
}

fn report(proving_time: Duration, cycles: u64) -> ProgramProvingReport {
    ProgramProvingReport { total_num_cycles: Some(cycles), ..ProgramProvingReport::new(proving_time) }
}

fn prover(resource: &ProverResource) -> Result<Prover, Error> {
    match resource {
        ProverResource::Cpu => Ok(Prover::new()),
        #[cfg(feature = "gpu")]
        ProverResource::Gpu => gpu(),
        other => Err(CommonError::unsupported_prover_resource_kind(other.kind(), RESOURCES.iter().copied()).into()),
    }
}

#[cfg(feature = "gpu")]
const RESOURCES: &[ProverResourceKind] = &[ProverResourceKind::Cpu, ProverResourceKind::Gpu];
#[cfg(not(feature = "gpu"))]
const RESOURCES: &[ProverResourceKind] = &[ProverResourceKind::Cpu];

/// A prover on the first GPU.
#[cfg(feature = "gpu")]
fn gpu() -> Result<Prover, Error> {
    use std::sync::Arc;

    use tern_gpu::adapters::{self, Choice};
    use tern_gpu::gpu::Options;
    use tern_gpu::{Backend, Gpu};
    use tern_sdk::Device;

    let gpu = Gpu::new(adapters::choose(&Choice::Gpu, adapters::list())?, &Options::default())?;
    let name = gpu.description().name.clone();
    Ok(Prover::new().device(Arc::new(Device::new(name, Box::new(Backend::new(gpu))))))
}
