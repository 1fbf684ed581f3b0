use alloc::vec::Vec;

use p3_field::{BasedVectorSpace, Field, PackedValue, PrimeCharacteristicRing, TwoAdicField};
use tern_field::{EF, F};

use super::domain::{Domain, POINTS};
use crate::multilinear::packed::Packed;
use crate::multilinear::polynomial::evaluate;

fn noise(seed: u64) -> impl Iterator<Item = F> {
    let step = |state: &u64| Some(state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f));
    core::iter::successors(Some(seed), step).skip(1).map(|state| F::from_u64(state >> 20))
}

fn ext(noise: &mut impl Iterator<Item = F>) -> EF {
    EF::from_basis_coefficients_fn(|_| noise.next().expect("noise does not end"))
}

#[test]
fn values_on_cosets() {
    let mut noise = noise(2);
    let root = F::two_adic_generator(5);
    for cosets in 1..6 {
        let domain = Domain::new(cosets);
        let lanes: Vec<Vec<F>> = (0..Packed::WIDTH).map(|_| noise.by_ref().take(POINTS).collect()).collect();
        let at = |lane: usize, x: F| lanes[lane].iter().rev().fold(F::ZERO, |value, coefficient| value * x + *coefficient);
        let point = |coset: u64, j: usize| F::GENERATOR.exp_u64(coset) * root.exp_u64(j as u64);
        let on_domain: Vec<Packed> = (0..2 * POINTS).map(|i| Packed::from_fn(|lane| at(lane, point(0, i / 2)))).collect();
        let mut line = [Packed::ZERO; POINTS];
        domain.inverse(&on_domain, 2, &mut line);
        for coset in 1..cosets {
            let mut values = [Packed::ZERO; 2 * POINTS];
            domain.coset(&line, coset, &mut [Packed::ZERO; POINTS], &mut values, 2);
            for (j, value) in values.iter().step_by(2).enumerate() {
                assert_eq!(*value, Packed::from_fn(|lane| at(lane, point(coset as u64, j))));
            }
        }
        let polynomial: Vec<EF> = (0..cosets * POINTS).map(|_| ext(&mut noise)).collect();
        let values = (0..cosets * POINTS).map(|i| evaluate(&polynomial, point((i / POINTS) as u64, i % POINTS).into()));
        assert_eq!(domain.coefficients(&values.collect::<Vec<EF>>()), polynomial);
    }
}
