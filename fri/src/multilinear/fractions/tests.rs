use alloc::vec;
use alloc::vec::Vec;

use p3_field::{BasedVectorSpace, Field, PackedValue, PrimeCharacteristicRing};
use tern_field::{EF, F};

use super::*;
use crate::multilinear::equality;
use crate::multilinear::packed::{LANES, PARTS, Packed, PackedExt, ROWS, binding_order, pack};

struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        self.0 >> 20
    }

    fn ext(&mut self) -> EF {
        EF::from_basis_coefficients_fn(|_| F::from_u64(self.next()))
    }
}

/// Fractions of messages on so many rows each, of which the last one's last makes the sum zero.
fn fractions(rows: &[usize], seed: u64) -> Vec<Vec<(F, EF)>> {
    let mut noise = Noise(seed);
    let mut blocks: Vec<Vec<(F, EF)>> =
        rows.iter().map(|&rows| (0..rows).map(|_| (F::from_u64(noise.next() % 5) - F::TWO, noise.ext())).collect()).collect();
    let last = blocks.iter_mut().rev().find_map(|block| block.pop()).expect("a fraction");
    let sum: EF = blocks.iter().flatten().map(|&(n, d)| d.inverse() * n).sum();
    let (numerator, denominator) = if sum == EF::ZERO { (F::ZERO, last.1) } else { (F::ONE, -sum.inverse()) };
    let block = blocks.iter_mut().zip(rows).rev().find(|(block, rows)| block.len() < **rows).expect("the block").0;
    block.push((numerator, denominator));
    blocks
}

/// The denominator of a message's padding; that of messages that do not exist is one.
fn padding(block: usize) -> EF {
    Noise(block as u64 + 77).ext()
}

fn packed(number: usize, fractions: &[(F, EF)]) -> Block {
    let mut block = Block { padding: padding(number), ..Block::default() };
    for rows in fractions.chunks(ROWS) {
        let mut rows = rows.to_vec();
        rows.resize(ROWS, (F::ZERO, block.padding));
        let numerators: Vec<F> = rows.iter().map(|row| row.0).collect();
        block.numerators.extend(numerators.chunks_exact(LANES).map(|lanes| *Packed::from_slice(lanes)));
        block.denominators.extend::<[PackedExt; PARTS]>(pack(&rows.iter().map(|row| row.1).collect::<Vec<_>>()));
    }
    block
}

/// Every fraction at its index, whose first bit is the highest of the point's.
fn table(blocks: &[Vec<(F, EF)>], row_variables: usize) -> Vec<(EF, EF)> {
    let block_bits = blocks.len().max(1).next_power_of_two().ilog2() as usize;
    let bits = block_bits + row_variables;
    let mut all = vec![(EF::ZERO, EF::ONE); 1 << bits];
    for (block, fractions) in blocks.iter().enumerate() {
        all[block << row_variables..(block + 1) << row_variables].fill((EF::ZERO, padding(block)));
        for (row, &(n, d)) in fractions.iter().enumerate() {
            let row_index = binding_order(row_variables).fold(0, |index, bit| index << 1 | (row >> bit & 1));
            all[block << row_variables | row_index] = (n.into(), d);
        }
    }
    all
}

/// The verifier, by the definition.
fn verify(proof: &FractionsProof, variables: usize, transcript: &mut Transcript) -> Option<Claim> {
    transcript.observe_extension(&[proof.root]);
    let mut claim = Claim { point: vec![], numerator: EF::ZERO, denominator: proof.root };
    if proof.root == EF::ZERO || proof.layers.len() != variables {
        return None;
    }
    for (i, layer) in proof.layers.iter().enumerate() {
        let lambda = transcript.challenge();
        let mut sum = claim.numerator + lambda * claim.denominator;
        let mut point = vec![];
        if layer.rounds.len() != i {
            return None;
        }
        for round in &layer.rounds {
            transcript.observe_extension(round);
            let challenge = transcript.challenge();
            let values = [round[0], sum - round[0], round[1], round[2]];
            sum = lagrange(&values, challenge);
            point.push(challenge);
        }
        let [n0, d0, n1, d1] = layer.halves;
        if sum != equality::at(&claim.point, &point) * (n0 * d1 + n1 * d0 + lambda * d0 * d1) {
            return None;
        }
        transcript.observe_extension(&layer.halves);
        let branch = transcript.challenge();
        point.insert(0, branch);
        claim = Claim { point, numerator: n0 + branch * (n1 - n0), denominator: d0 + branch * (d1 - d0) };
    }
    Some(claim)
}

/// The value at `x` of the polynomial with these values at zero, one, two, ….
fn lagrange(values: &[EF], x: EF) -> EF {
    let node = |i: usize| EF::from_usize(i);
    let term = |i: usize| {
        let others = (0..values.len()).filter(|&j| j != i);
        values[i] * others.map(|j| (x - node(j)) * (node(i) - node(j)).inverse()).product::<EF>()
    };
    (0..values.len()).map(term).sum()
}

fn check(rows: &[usize], row_variables: usize, seed: u64) {
    let blocks = fractions(rows, seed);
    let all = table(&blocks, row_variables);
    let transcript = || Transcript::new(b"fractions", &[seed as u8; 32]);
    let (proof, claim) =
        prove(blocks.iter().enumerate().map(|(number, block)| packed(number, block)).collect(), row_variables, &mut transcript())
            .expect("a sum of zero");
    let variables = all.len().ilog2() as usize;
    assert_eq!(verify(&proof, variables, &mut transcript()).as_ref(), Some(&claim), "{rows:?}");
    let point: Vec<EF> = claim.point.iter().rev().copied().collect();
    let weights = equality::table(&point);
    assert_eq!(claim.numerator, all.iter().zip(&weights).map(|(&(n, _), &weight)| weight * n).sum());
    assert_eq!(claim.denominator, all.iter().zip(&weights).map(|(&(_, d), &weight)| weight * d).sum());
}

#[test]
fn sums_of_any_blocks_are_proved() {
    check(&[16], 4, 1);
    check(&[3], 4, 2);
    // More than a chunk and than a task, unequal ones, none.
    check(&[513, 0, 8193, 1500, 7, 16, 0, 9000], 14, 9);
    check(&[40, 7], 6, 3);
    check(&[100, 0, 33], 7, 4);
    check(&[1, 2, 3, 4, 5], 5, 5);
    check(&[200, 16, 17, 0, 64, 31, 0, 128, 5], 9, 6);
    check(&[5; 17], 8, 7);
}

#[test]
fn other_sums_are_refused() {
    let mut blocks = fractions(&[40, 7, 20], 8);
    let prove = |blocks: &[Vec<(F, EF)>]| {
        let blocks = blocks.iter().enumerate().map(|(number, block)| packed(number, block)).collect();
        prove(blocks, 6, &mut Transcript::new(b"fractions", &[8; 32])).map(|_| ())
    };
    assert_eq!(prove(&blocks), Ok(()));
    blocks[1][3].0 += F::ONE;
    assert_eq!(prove(&blocks), Err(Unbalanced));
}
