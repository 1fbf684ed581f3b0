//! The verifier of version 2 against `p3-multi-stark`, which proves, and judges every proof and
//! every changed proof as well.

mod airs;
mod challenger;
mod cheating;
mod chips;
mod evaluate;
mod honest;
mod oracle;
mod pcs;
mod refusals;
mod skip;
mod slow_prover;
mod tampering;
mod unstopped;
