//! The opening of dense matrices: honest proofs, proofs of provers that cheat, and changed ones.

mod cheats;
mod honest;
mod lengths;
mod reference;
mod tables;
