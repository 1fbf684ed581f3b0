//! Honest openings are accepted, and are those of the reference prover.

use tern_fri::multilinear::Params;

use crate::reference::{Cheat, prove};
use crate::tables::{Instance, PARAMS, verify};

fn check(instance: &Instance) {
    let opening = instance.prove();
    assert_eq!(verify(&instance.shape, &opening), Ok(()), "heights {:?}", instance.heights());
    let reference = prove(instance, Cheat::None);
    assert_eq!(reference.caps, opening.caps);
    assert!(reference.proof == opening.proof, "the same proof, heights {:?}", instance.heights());
}

#[test]
fn tables_of_any_heights() {
    let sizes: [&[(usize, usize)]; 7] = [
        &[(7, 5), (36, 3), (1, 8)],
        &[(16, 0), (4, 0)],
        &[(3, 1)],
        &[(20, 8), (16, 7), (5, 0), (2, 6)],
        // Every cell is used.
        &[(16, 16), (16, 16), (32, 16), (64, 16), (128, 16)],
        &[(4, 16), (8, 13)],
        &[(28, 15), (12, 16), (16, 11), (24, 9)],
    ];
    for (seed, sizes) in (0..).zip(sizes) {
        check(&Instance::new(PARAMS, 8, 4, &[(4, sizes)], seed));
    }
}

/// From matrices of so few rows that nothing is folded to those with several words, the last of
/// them folded by less.
#[test]
fn matrices_of_any_number_of_rows() {
    for log_rows in 3..=12 {
        check(&Instance::new(PARAMS, log_rows, log_rows + 1, &[(4, &[(16, (1 << log_rows) - 3), (8, 2), (4, 1)])], 100));
    }
    for log_blowup in [1, 3, 5] {
        let params = Params { log_blowup, log_arity: 3, log_last: 2, cap_height: 0, ..PARAMS };
        check(&Instance::new(params, 9, 7, &[(5, &[(33, 100), (18, 77)])], 7));
    }
}

#[test]
fn two_matrices() {
    check(&Instance::new(PARAMS, 8, 6, &[(4, &[(7, 50), (36, 33)]), (4, &[(5, 50), (3, 64)])], 1));
    check(&Instance::new(PARAMS, 9, 6, &[(5, &[(70, 50), (36, 33)]), (2, &[(3, 64), (1, 7)])], 2));
    check(&Instance::new(PARAMS, 8, 6, &[(6, &[(70, 50), (36, 33)]), (3, &[(3, 0), (1, 0)])], 3));
}

/// Tables in whole blocks, whose rows have weights of their own.
#[test]
fn rows_in_blocks() {
    check(&Instance::in_blocks(PARAMS, 8, (&[1, 2], 4), &[(4, &[(7, 50), (36, 33), (1, 9), (20, 0)])], 1));
    check(&Instance::in_blocks(PARAMS, 9, (&[1, 1, 3], 2), &[(5, &[(70, 50), (36, 33)]), (2, &[(3, 64), (1, 7)])], 2));
    check(&Instance::in_blocks(PARAMS, 9, (&[5], 3), &[(4, &[(5, 256), (3, 1), (12, 33)])], 3));
    check(&Instance::in_blocks(PARAMS, 9, (&[9], 0), &[(4, &[(3, 500)])], 4));
}

/// A table may be higher than the matrix has rows.
#[test]
fn tables_higher_than_the_matrix() {
    check(&Instance::new(PARAMS, 6, 9, &[(4, &[(1, 200), (4, 30)])], 4));
}

/// Further sums over tables of the first matrix, several over one, of settled and of open groups.
#[test]
fn forms() {
    for tables in [&[0][..], &[1], &[3, 3, 1], &[0, 1, 2, 3]] {
        check(&Instance::in_blocks(PARAMS, 8, (&[1, 2], 4), &[(4, &[(7, 50), (36, 33), (1, 9), (20, 0)])], 1).with_forms(tables));
    }
    check(
        &Instance::in_blocks(PARAMS, 9, (&[1, 1, 3], 2), &[(5, &[(70, 50), (36, 33)]), (2, &[(3, 64), (1, 7)])], 2).with_forms(&[1, 0, 1]),
    );
    check(&Instance::new(PARAMS, 8, 4, &[(4, &[(16, 16), (16, 16), (32, 16), (64, 16), (128, 16)])], 3).with_forms(&[4, 2]));
}
