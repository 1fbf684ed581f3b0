//! The estimate of a proof's size holds for real proofs.

mod common;

use common::{AIRS, LOG_HEIGHTS, Proved, prove};
use p3_batch_stark::verify_batch;
use tern_fri::params::SEGMENT_V1;
use tern_fri::{Params, ProofSize, RelationShape};

/// Bytes of an element of the challenge field, of a digest and of a multiproof's count.
const EXTENSION: usize = 20;
const DIGEST: usize = 32;
const COUNT: usize = 2;

/// The bytes of a proof by part, counted in the proof itself.
struct Counted {
    size: ProofSize,
    row_digests: usize,
    sibling_digests: usize,
}

fn count(params: &Params, proved: &Proved) -> Counted {
    let proof = &proved.proof;
    let fri = &proof.opening_proof;
    let commitments = &proof.commitments;
    let input_caps = [Some(&commitments.main), commitments.permutation.as_ref(), Some(&commitments.quotient_chunks)];
    let caps = input_caps.into_iter().flatten().chain(&fri.commit_phase_commits).map(|cap| cap.num_roots());
    let openings = proof.opened_values.instances.iter().map(|table| {
        let base = &table.base_opened_values;
        let preprocessed = base.preprocessed.iter().map(|values| values.local.len() + values.next.iter().map(Vec::len).sum::<usize>());
        let chunks: usize = base.quotient_chunks.iter().map(Vec::len).sum();
        let next: usize = base.trace_next.iter().map(Vec::len).sum();
        base.trace_local.len() + next + preprocessed.sum::<usize>() + chunks + table.permutation_local.len() + table.permutation_next.len()
    });
    let pow = |bits: usize| usize::from(bits > 0);
    let witnesses = pow(params.lookup_pow_bits)
        + pow(params.ood_pow_bits)
        + pow(params.batch_pow_bits)
        + pow(params.commit_pow_bits) * fri.commit_pow_witnesses.len()
        + pow(params.query_pow_bits);
    let rows = fri.input_openings.iter().flat_map(|batch| &batch.opened_values).flatten().map(Vec::len);
    let siblings = fri.commit_phase_openings.iter().flat_map(|round| &round.sibling_values).map(Vec::len);
    let row_digests: usize = fri.input_openings.iter().map(|batch| batch.opening_proof.sibling_hashes.len()).sum();
    let sibling_digests: usize = fri.commit_phase_openings.iter().map(|round| round.opening_proof.sibling_hashes.len()).sum();
    let size = ProofSize {
        caps: caps.sum::<usize>() * DIGEST,
        openings: openings.sum::<usize>() * EXTENSION,
        claims: proof.lookup_terminals.iter().flatten().count() * EXTENSION + witnesses * 4,
        rows: rows.sum::<usize>() * 4,
        siblings: siblings.sum::<usize>() * EXTENSION,
        final_polynomial: fri.final_poly.len() * EXTENSION,
        row_paths: (row_digests * DIGEST + fri.input_openings.len() * COUNT) as f64,
        sibling_paths: (sibling_digests * DIGEST + fri.commit_phase_openings.len() * COUNT) as f64,
    };
    Counted { size, row_digests, sibling_digests }
}

#[test]
fn every_part_is_exact_and_paths_are_close() {
    let sets = [
        SEGMENT_V1,
        Params { cap_height: 0, log_final_poly_len: 0, ood_pow_bits: 1, ..SEGMENT_V1 },
        Params { log_blowup: 5, num_queries: 21, max_log_arity: 4, cap_height: 3, ..SEGMENT_V1 },
        Params { log_blowup: 3, num_queries: 7, max_log_arity: 1, lookup_pow_bits: 0, commit_pow_bits: 0, ..SEGMENT_V1 },
    ];
    for params in sets {
        let mut digests = [0; 2];
        let mut expected = [0.0; 2];
        for start in 0..64 {
            let proved = prove(&params, [start as u8; 32], start);
            verify_batch(&proved.config, &AIRS, &proved.proof, &proved.public_values, &proved.data.common).expect("the proof holds");
            let lookups = &proved.data.common.lookups;
            let shape = RelationShape::from_airs(&["counter", "bytes"], &AIRS, &LOG_HEIGHTS, lookups).expect("the lists match");
            let estimate = ProofSize::new(&params, &shape);
            let counted = count(&params, &proved);
            let exact = ProofSize { row_paths: counted.size.row_paths, sibling_paths: counted.size.sibling_paths, ..estimate.clone() };
            assert_eq!(exact, counted.size);
            assert_eq!(estimate.without_paths(), counted.size.without_paths());
            digests[0] += counted.row_digests;
            digests[1] += counted.sibling_digests;
            expected[0] += (estimate.row_paths - (proved.proof.opening_proof.input_openings.len() * COUNT) as f64) / DIGEST as f64;
            expected[1] +=
                (estimate.sibling_paths - (proved.proof.opening_proof.commit_phase_openings.len() * COUNT) as f64) / DIGEST as f64;
        }
        for (digests, expected) in digests.into_iter().zip(expected) {
            let ratio = digests as f64 / expected;
            assert!((0.98..1.02).contains(&ratio), "{digests} digests, {expected} expected");
        }
    }
}
