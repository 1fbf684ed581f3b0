//! Untrusted bytes cannot make the decoder allocate without bound.

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "fixed/airs.rs"]
mod airs;
#[expect(dead_code, reason = "other tests use more of it")]
#[path = "fixed/circuit.rs"]
mod circuit;
mod counting;

use circuit::{Case, Circuit, Rows};
use counting::peak;
use tern_fri::multilinear::Proof;
use tern_fri::multilinear::params::{RECURSION_V2, SEGMENT_V2};
use tern_verifier::final_proof::Circuits;
use tern_verifier::multilinear::bytes::BytesError;
use tern_verifier::multilinear::machine;

/// A proof of the largest heights that opens nothing has fewer bytes in memory.
const BLANK: usize = 512 << 10;
/// Most bytes in memory for a byte of a proof: vectors grow by doubling, and a leaf has a vector of
/// its own.
const FACTOR: usize = 4;

type Decode<'a> = &'a dyn Fn(&[u8]) -> Result<Proof, BytesError>;

#[test]
fn memory_is_bounded_by_the_length_of_the_bytes() {
    const LEN: usize = 1 << 20;
    let segments = machine::verifier(&SEGMENT_V2).expect("the machine");
    let circuits = Circuits::recorded().expect("a record");
    let (nodes, last) = (circuits.node.relation(&RECURSION_V2).expect("circuits"), circuits.relation().expect("a circuit"));
    let toys = Circuit::new(&Case::new(Rows(6, 5), Rows(5, 1), Rows(4, 1)).airs, 10);
    let systems: [(&str, usize, Decode<'_>); 4] = [
        ("segments", segments.front_shape().tables.len(), &|bytes| segments.decode(bytes)),
        ("circuits", nodes.verifier.front_shape().tables.len(), &|bytes| nodes.verifier.decode(bytes)),
        ("the last circuit", last.verifier.front_shape().tables.len(), &|bytes| last.verifier.decode(bytes)),
        ("toys", toys.verifier.front_shape().tables.len(), &|bytes| toys.verifier.decode(bytes)),
    ];
    for (system, tables, decode) in systems {
        let mut largest = 0;
        let mut check = |bytes: &[u8]| {
            let mut decoded = None;
            let peak = peak(|| decoded = Some(decode(bytes)));
            assert!(decoded.is_some_and(|decoded| decoded.is_err()), "{system}: no proof is made of these bytes");
            assert!(peak <= BLANK + FACTOR * bytes.len(), "{system}: {peak} bytes for {}", bytes.len());
            largest = largest.max(peak.saturating_sub(FACTOR * bytes.len()));
        };
        // Any heights: of no table, of one, of all, the largest, and those that no table has.
        let mut heights: Vec<Vec<u32>> =
            [0, 1, 2, 16, 1 << 9, 1 << 13, 1 << 22, 0x7fff_ffff, u32::MAX].map(|height| vec![height; tables]).into();
        for table in 0..tables {
            for height in [1, 1 << 4, 1 << 9, 1 << 13, u32::MAX] {
                let mut one = vec![0; tables];
                one[table] = height;
                heights.push(one);
            }
        }
        for heights in &heights {
            let prefix: Vec<u8> = heights.iter().flat_map(|height| height.to_le_bytes()).collect();
            // Nothing behind them, and as much as claimed, made of nothing but short lists.
            check(&prefix);
            for fill in [0, 1, 2, 0x7f, 0xff] {
                for len in [4_096, 65_536, LEN] {
                    let mut bytes = prefix.clone();
                    bytes.resize(len, fill);
                    check(&bytes);
                }
            }
        }
        // Counts of all leaves and digests that two bytes can tell, wherever they stand.
        let mut bytes = vec![0; LEN];
        for at in (0..LEN).step_by(97) {
            bytes[at..(at + 2).min(LEN)].fill(0xff);
        }
        check(&bytes);
        println!("{system}: {largest} bytes beyond {FACTOR} for each");
    }
}
