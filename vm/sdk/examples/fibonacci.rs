//! Proves and verifies a run of a guest: `cargo run --release -p tern-sdk --example fibonacci -- [N]`

use tern_sdk::{LargeBlocks, Program, Prover, verify};

#[global_allocator]
static ALLOCATOR: LargeBlocks = LargeBlocks;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let n: u32 = std::env::args().nth(1).map_or(Ok(1000), |argument| argument.parse())?;
    let program = Program::load(concat!(env!("CARGO_MANIFEST_DIR"), "/../../guest-evm/elf/fibonacci.elf"))?;
    let prover = Prover::new();

    let run = prover.execute(&program, &n.to_le_bytes())?;
    println!("executed: {} cycles, exit code {}", run.cycles, run.exit_code);

    let proof = prover.prove(&program, &n.to_le_bytes())?;
    println!("proved: {} bytes in {} segments", proof.bytes.len(), proof.summary.segments);

    let verified = verify(&proof.bytes, program.key())?;
    assert_eq!(verified.bytes, run.output);
    println!("verified: the program writes {} bytes", verified.bytes.len());
    Ok(())
}
