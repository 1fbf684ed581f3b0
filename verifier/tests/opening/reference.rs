//! A slow prover that has every cell's weight before it, and can cheat.

use p3_dft::{Radix2Bowers, TwoAdicSubgroupDft};
use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing, TwoAdicField};
use p3_matrix::Matrix;
use p3_matrix::bitrev::BitReversibleMatrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_util::reverse_bits_len;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::merkle::MerkleTree;
use tern_fri::multilinear::proof::Opened;
use tern_fri::multilinear::{OpeningProof, Transcript, equality};

use crate::tables::{Instance, Opening};

/// What a prover does about a claim that is false, or with words that are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cheat {
    None,
    /// The first claim is wrong; each message is shifted so that the sums stay right, and so is the
    /// last polynomial.
    Carried,
    /// As `Carried`, and the last word is a codeword that matches the last polynomial.
    CarriedIntoLastWord,
    /// The first claim is wrong, all else honest.
    WrongClaim,
    /// A column has a polynomial of too high a degree.
    HighDegree,
    /// The first word is another codeword than the combination of the rows, of the same weighted sum.
    OtherFirstWord,
    /// All is honest, but the first column's codeword is wrong in half of the places.
    Corrupted,
    /// All is honest, but this proof of work has one bit too few; the last is that before the queries.
    WeakWork(usize),
    /// All is honest, but this round's proof of work is done before its message is sent.
    EarlyWork(usize),
}

/// The cells' indices: bits of the column, then of the row.
struct Dense {
    /// The matrices' cells, each with its width.
    matrices: Vec<(Vec<F>, usize)>,
    values: Vec<EF>,
    weights: Vec<EF>,
}

fn dense(instance: &Instance, gamma: EF) -> Dense {
    let shape = &instance.shape;
    let columns = shape.column_variables();
    let len = 1 << (columns + shape.log_rows);
    let (mut values, mut weights) = (EF::zero_vec(len), EF::zero_vec(len));
    let equality = instance.row_weights(&instance.rows);
    let of_forms: Vec<Vec<EF>> = instance.forms.iter().map(|form| instance.row_weights(&form.rows)).collect();
    let further = gamma.exp_u64(shape.columns() as u64);
    let mut matrices = Vec::new();
    let mut powers = gamma.powers();
    let mut start = 0;
    for ((layout, tables), stored) in shape.layouts.iter().zip(&instance.tables).zip(instance.stored()) {
        let mut cells = F::zero_vec(1 << (layout.log_width() + shape.log_rows));
        let by_table: Vec<Vec<EF>> = tables.iter().map(|table| powers.by_ref().take(table.width).collect()).collect();
        for (group, first) in layout.groups().iter().zip(layout.starts(&stored)) {
            let table = &tables[group.table];
            for (row, &weight) in equality.iter().enumerate().take(stored[group.table]) {
                for column in 0..group.columns {
                    let cell = first + (row << group.log_width) + column;
                    let value = if row < table.height() { table.values[row * table.width + group.first + column] } else { F::ZERO };
                    cells[cell] = value;
                    let width = 1 << layout.log_width();
                    let index = (cell / width) << columns | (start + cell % width);
                    values[index] = value.into();
                    weights[index] = by_table[group.table][group.first + column] * weight;
                    let forms = instance.forms.iter().zip(&of_forms).filter(|(form, _)| start == 0 && form.table == group.table);
                    for (form, rows) in forms {
                        weights[index] += further * form.columns[group.first + column] * rows[row];
                    }
                }
            }
        }
        matrices.push((cells, 1 << layout.log_width()));
        start += 1 << layout.log_width();
    }
    Dense { matrices, values, weights }
}

/// The columns' codewords in bit-reversed order.
fn codewords(cells: &[F], width: usize, log_blowup: usize) -> Vec<F> {
    let mut coefficients = cells.to_vec();
    coefficients.resize(cells.len() << log_blowup, F::ZERO);
    Radix2Bowers.dft_batch(RowMajorMatrix::new(coefficients, width)).bit_reverse_rows().to_row_major_matrix().values
}

fn flat(values: &[EF]) -> Vec<F> {
    values.iter().flat_map(|value| BasedVectorSpace::<F>::as_basis_coefficients_slice(value).to_vec()).collect()
}

fn codeword(coefficients: &[EF], log_blowup: usize) -> Vec<EF> {
    let words = codewords(&flat(coefficients), EXTENSION_DEGREE, log_blowup);
    words.chunks(EXTENSION_DEGREE).map(|c| EF::from_basis_coefficients_fn(|d| c[d])).collect()
}

fn fold_vector(values: &[EF], challenge: EF) -> Vec<EF> {
    values.chunks(2).map(|pair| pair[0] + challenge * (pair[1] - pair[0])).collect()
}

/// One step of folding a word in bit-reversed order.
fn fold_word(word: &[EF], challenge: EF) -> Vec<EF> {
    let log_len = word.len().ilog2() as usize;
    let pair = |(i, pair): (usize, &[EF])| {
        let point = F::two_adic_generator(log_len).exp_u64(reverse_bits_len(2 * i, log_len) as u64);
        let even = (pair[0] + pair[1]).halve();
        let odd = (pair[0] - pair[1]) * (point.double()).inverse();
        even + challenge * (odd - even)
    };
    word.chunks(2).enumerate().map(pair).collect()
}

/// A proof by the definition.
pub fn prove(instance: &Instance, cheat: Cheat) -> Opening {
    let shape = &instance.shape;
    let (params, columns, rounds) = (&shape.params, shape.column_variables(), shape.rounds());
    let log_blowup = params.log_blowup;
    let bare = dense(instance, EF::ONE);
    let mut matrices: Vec<(Vec<F>, usize, MerkleTree)> = Vec::new();
    for (number, (cells, width)) in bare.matrices.into_iter().enumerate() {
        let mut words = codewords(&cells, width, log_blowup);
        if cheat == Cheat::HighDegree && number == 0 {
            // The monomial just above the degree bound, in the first column.
            let log_domain = shape.log_domain();
            for (position, row) in words.chunks_mut(width).enumerate() {
                let point = F::two_adic_generator(log_domain).exp_u64(reverse_bits_len(position, log_domain) as u64);
                row[0] += point.exp_power_of_2(shape.log_rows);
            }
        }
        if cheat == Cheat::Corrupted && number == 0 {
            words.chunks_mut(width).step_by(2).for_each(|row| row[0] += F::ONE);
        }
        let tree = MerkleTree::new(&words, width, shape.log_cap(shape.log_domain()));
        matrices.push((words, width, tree));
    }
    let caps: Vec<Vec<Digest>> = matrices.iter().map(|(_, _, tree)| tree.cap().to_vec()).collect();
    let mut claims = instance.claims();
    let wrong = matches!(cheat, Cheat::Carried | Cheat::CarriedIntoLastWord | Cheat::WrongClaim);
    if wrong {
        claims[0] += EF::ONE;
    }
    let mut transcript = instance.transcript(&caps);
    transcript.observe_extension(&claims);
    let gamma = transcript.challenge();
    let Dense { mut values, mut weights, .. } = dense(instance, gamma);

    // What the claimed sum exceeds the true one by.
    let carried = matches!(cheat, Cheat::Carried | Cheat::CarriedIntoLastWord);
    let mut excess = if carried { EF::ONE } else { EF::ZERO };
    let mut proof =
        OpeningProof { rounds: vec![], works: vec![], words: vec![], last: vec![], query_work: F::ZERO, rows: vec![], leaves: vec![] };
    let mut challenges: Vec<EF> = Vec::new();
    let mut words: Vec<(Vec<EF>, usize, MerkleTree)> = Vec::new();
    let folds = shape.folds();
    let mut next_word = columns;
    for round in 0..rounds {
        if round == next_word && words.len() < folds.len() {
            let fold = folds[words.len()];
            let is_last = words.len() + 1 == folds.len();
            let word = first_or_folded(&matrices, &words, &challenges, columns);
            if cheat == Cheat::OtherFirstWord && words.is_empty() {
                // Orthogonal to the weights.
                let mut places = (0..values.len()).filter(|&place| weights[place] != EF::ZERO);
                let (one, other) = (places.next().expect("a weight"), places.next().expect("another weight"));
                values[one] += weights[other];
                values[other] -= weights[one];
            }
            let word = match cheat {
                Cheat::OtherFirstWord | Cheat::Corrupted if words.is_empty() => codeword(&values, log_blowup),
                Cheat::CarriedIntoLastWord if is_last => codeword(&shifted(&values, &weights, excess), log_blowup),
                _ => word,
            };
            if cheat == Cheat::CarriedIntoLastWord && is_last {
                values = shifted(&values, &weights, excess);
                excess = EF::ZERO;
            }
            let tree = MerkleTree::new(&flat(&word), EXTENSION_DEGREE << fold, shape.log_cap(word.len().ilog2() as usize - fold));
            transcript.observe_digests(tree.cap());
            proof.words.push(tree.cap().to_vec());
            words.push((word, fold, tree));
            next_word += fold;
        }
        if round == rounds - shape.log_last() {
            if excess != EF::ZERO {
                values = shifted(&values, &weights, excess);
                excess = EF::ZERO;
            }
            proof.last = values.clone();
            transcript.observe_extension(&proof.last);
        }
        let pairs = || values.chunks(2).zip(weights.chunks(2));
        let at_zero: EF = pairs().map(|(v, w)| v[0] * w[0]).sum();
        let leading: EF = pairs().map(|(v, w)| (v[1] - v[0]) * (w[1] - w[0])).sum();
        // The excess is spread over zero and one alike, so it is the same everywhere on the line.
        let half = excess.halve();
        let message = [at_zero + half, leading];
        let bits = if round < columns { params.column_pow_bits } else { params.row_pow_bits };
        let early = (cheat == Cheat::EarlyWork(round)).then(|| transcript.work(bits));
        transcript.observe_extension(&message);
        proof.rounds.push(message);
        if round < rounds - shape.log_last() {
            proof.works.push(early.unwrap_or_else(|| work(&mut transcript, bits, cheat == Cheat::WeakWork(round))));
        }
        let challenge = transcript.challenge();
        excess = half;
        challenges.push(challenge);
        (values, weights) = (fold_vector(&values, challenge), fold_vector(&weights, challenge));
    }
    let weak = cheat == Cheat::WeakWork(proof.works.len());
    proof.query_work = work(&mut transcript, params.query_pow_bits, weak);
    open(instance, &mut proof, &mut transcript, &matrices, &words);
    Opening {
        caps,
        claims,
        heights: instance.heights(),
        rows: instance.rows.clone(),
        forms: instance.forms.clone(),
        sum: instance.sum(),
        proof,
    }
}

/// Proof of work, or the first witness that lacks one bit of it.
fn work(transcript: &mut Transcript, bits: usize, is_weak: bool) -> F {
    if !is_weak {
        return transcript.work(bits);
    }
    let lacks_one = |witness: &F| transcript.clone().check_work(bits - 1, *witness) && !transcript.clone().check_work(bits, *witness);
    let witness = (0..).map(F::from_u32).find(lacks_one).expect("a witness");
    transcript.check_work(bits - 1, witness);
    witness
}

/// The word that an honest prover commits to next.
fn first_or_folded(
    matrices: &[(Vec<F>, usize, MerkleTree)],
    words: &[(Vec<EF>, usize, MerkleTree)],
    challenges: &[EF],
    columns: usize,
) -> Vec<EF> {
    if let Some((word, fold, _)) = words.last() {
        return challenges[challenges.len() - fold..].iter().fold(word.clone(), |word, &challenge| fold_word(&word, challenge));
    }
    let scales = equality::table(&challenges[..columns]);
    let len = matrices[0].0.len() / matrices[0].1;
    let mut word = EF::zero_vec(len);
    let mut start = 0;
    for (codewords, width, _) in matrices {
        for (value, row) in word.iter_mut().zip(codewords.chunks(*width)) {
            *value += row.iter().zip(&scales[start..]).map(|(&cell, &scale)| scale * cell).sum::<EF>();
        }
        start += width;
    }
    word
}

/// Values whose weighted sum is higher by `excess`.
fn shifted(values: &[EF], weights: &[EF], excess: EF) -> Vec<EF> {
    let mut values = values.to_vec();
    let place = weights.iter().position(|weight| *weight != EF::ZERO).expect("a weight");
    values[place] += excess * weights[place].inverse();
    values
}

fn open(
    instance: &Instance,
    proof: &mut OpeningProof,
    transcript: &mut Transcript,
    matrices: &[(Vec<F>, usize, MerkleTree)],
    words: &[(Vec<EF>, usize, MerkleTree)],
) {
    let shape = &instance.shape;
    let mut positions: Vec<usize> = (0..shape.params.num_queries).map(|_| transcript.index(shape.log_domain())).collect();
    positions.sort_unstable();
    positions.dedup();
    for (codewords, width, tree) in matrices {
        let leaves = positions.iter().map(|position| codewords[position * width..(position + 1) * width].to_vec()).collect();
        proof.rows.push(Opened { leaves, path: tree.path(&positions) });
    }
    for (word, fold, tree) in words {
        positions.iter_mut().for_each(|position| *position >>= fold);
        positions.dedup();
        let leaves = positions.iter().map(|position| word[position << fold..(position + 1) << fold].to_vec()).collect();
        proof.leaves.push(Opened { leaves, path: tree.path(&positions) });
    }
}
