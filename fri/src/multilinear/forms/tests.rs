//! Roots are their polynomials in the forms and their rests, and weights are what weighted sums come to.

use alloc::vec;
use alloc::vec::Vec;

use p3_air::symbolic::AirLayout;
use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};
use tern_field::{EF, F};

use super::*;
use crate::numbers::{NumberReader, NumberWriter};

/// Expressions of all kinds over eight main columns, two fixed ones and a public value.
struct Toy;

const MAIN: usize = 8;
const FIXED: usize = 2;

impl<T> BaseAir<T> for Toy {
    fn width(&self) -> usize {
        MAIN
    }

    fn preprocessed_width(&self) -> usize {
        FIXED
    }

    fn num_public_values(&self) -> usize {
        1
    }
}

impl<B: AirBuilder<F = F> + InteractionBuilder> Air<B> for Toy {
    fn eval(&self, builder: &mut B) {
        let main = builder.main();
        let x: Vec<B::Expr> = main.current_slice().iter().map(|column| (*column).into()).collect();
        let fixed: Vec<B::Expr> = builder.preprocessed().current_slice().iter().map(|column| (*column).into()).collect();
        let public: B::Expr = builder.public_values()[0].into();
        let three = F::from_u8(3);
        let sum = x[0].clone() + x[1].clone() * three - x[2].clone();
        // One form, and a rest.
        builder.assert_zero(sum.clone() * (sum.clone() - F::ONE) + x[3].clone() - x[4].clone() + F::from_u8(7));
        // A multiple of it, another constant, and a public value.
        builder.assert_zero((sum.clone() * F::TWO + public.clone()) * x[5].clone());
        // Rests in a multiple of a sum, and with the other sign.
        builder.assert_zero((x[5].clone() * x[6].clone() + x[7].clone()) * three - x[0].clone());
        builder.assert_zero(x[3].clone() - x[5].clone() * x[6].clone());
        // Linear, constant and zero.
        builder.assert_zero(x[3].clone() - x[3].clone() + public.clone());
        // A fixed column, a product of known values, and a form that is none.
        builder.assert_zero(fixed[0].clone() * x[1].clone() + fixed[1].clone() * public.clone());
        builder.assert_zero((x[2].clone() - x[2].clone() + F::TWO) * x[4].clone() * x[4].clone());
        let fields = [x[6].clone() * x[6].clone() + x[0].clone(), B::Expr::ZERO, x[7].clone() + F::ONE];
        builder.push_interaction("bus", fields, Count::bounded(fixed[1].clone(), 1));
    }
}

fn builder() -> InteractionSymbolicBuilder<F, EF> {
    InteractionSymbolicBuilder::from_air(&Toy, AirLayout::from_air::<F>(&Toy))
}

fn noise(seed: u64, count: usize) -> Vec<EF> {
    let step = |state: &u64| Some(state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f));
    let mut numbers = core::iter::successors(Some(seed), step).skip(1).map(|state| F::from_u64(state >> 20));
    (0..count).map(|_| EF::from_basis_coefficients_fn(|_| numbers.next().expect("no end"))).collect()
}

/// What the expressions read.
struct Values {
    main: Vec<EF>,
    fixed: Vec<EF>,
    public: EF,
}

fn value(nodes: &[Node], node: usize, values: &Values, forms: &[EF]) -> EF {
    let of = |node| value(nodes, node, values, forms);
    match nodes[node] {
        Node::Leaf(Leaf::MainLocal(column)) => values.main[column],
        Node::Leaf(Leaf::PreprocessedLocal(column)) => values.fixed[column],
        Node::Leaf(Leaf::Public(_)) => values.public,
        Node::Leaf(Leaf::Form(form)) => forms[form],
        Node::Leaf(leaf) => panic!("{leaf:?}"),
        Node::Constant(value) => value.into(),
        Node::Add(x, y) => of(x) + of(y),
        Node::Sub(x, y) => of(x) - of(y),
        Node::Mul(x, y) => of(x) * of(y),
    }
}

/// The roots as they are stated.
fn stated(values: &Values) -> Vec<EF> {
    let Values { main: x, fixed, public } = values;
    let sum = x[0] + x[1] * F::from_u8(3) - x[2];
    vec![
        sum * (sum - EF::ONE) + x[3] - x[4] + EF::from_u8(7),
        (sum.double() + *public) * x[5],
        (x[5] * x[6] + x[7]) * F::from_u8(3) - x[0],
        x[3] - x[5] * x[6],
        *public,
        fixed[0] * x[1] + fixed[1] * *public,
        x[4].square().double(),
        fixed[1],
        x[6].square() + x[0],
        EF::ZERO,
        x[7] + EF::ONE,
    ]
}

fn columns(values: &Values, committed: Committed) -> Vec<EF> {
    values.main.iter().chain(&values.fixed[..committed.fixed]).copied().collect()
}

#[test]
fn roots_are_polynomials_and_rests() {
    for fixed in [0, FIXED] {
        let committed = Committed { main: MAIN, fixed };
        let forms = Forms::new(&builder(), committed).expect("its own row");
        for seed in 0..10 {
            let noise = noise(seed, MAIN + FIXED + 1);
            let values = Values { main: noise[..MAIN].to_vec(), fixed: noise[MAIN..MAIN + FIXED].to_vec(), public: noise[MAIN + FIXED] };
            let columns = columns(&values, committed);
            let sums = linear::values(&forms.sums, &columns);
            let of_forms = forms.values(&columns);
            let (nodes, roots) = forms.polynomials();
            let roots = roots.iter().zip(forms.rest_places());
            // A polynomial reads no column that is committed to.
            let hidden = Values { main: vec![], fixed: if fixed == 0 { values.fixed.clone() } else { vec![] }, public: values.public };
            let roots = roots.map(|(node, rest)| value(nodes, *node, &hidden, &of_forms) + rest.map_or(EF::ZERO, |place| sums[place]));
            assert_eq!(roots.collect::<Vec<EF>>(), stated(&values));
        }
    }
}

#[cfg(feature = "prover")]
#[test]
fn programs_give_whole_roots() {
    use crate::multilinear::packed::{PackedExt, unpack};
    use crate::multilinear::program::{OfExt, Program};

    for fixed in [0, FIXED] {
        let committed = Committed { main: MAIN, fixed };
        let forms = Forms::new(&builder(), committed).expect("its own row");
        let (noise, public) = (noise(1, MAIN + FIXED), F::from_u8(99));
        let values = Values { main: noise[..MAIN].to_vec(), fixed: noise[MAIN..].to_vec(), public: public.into() };
        let expected = stated(&values);
        for roots in [(0..expected.len()).collect(), vec![9], vec![10, 3, 4], vec![8, 0, 8]] {
            let program = Program::of_roots(&forms, &roots);
            let given: Vec<EF> = columns(&values, committed).into_iter().chain(forms.known().iter().map(|i| values.fixed[*i])).collect();
            assert_eq!(program.given(), given.len());
            for part in [&program, &program.part(0..roots.len())] {
                let mut list = part.list::<OfExt>(&[public]);
                list.iter_mut().zip(&given).for_each(|(place, value)| *place = (*value).into());
                part.run::<OfExt>(&mut list);
                let mut wanted = PackedExt::zero_vec(roots.len());
                part.wanted(&list, &mut wanted);
                let wanted: Vec<EF> = wanted.iter().map(|value| unpack(&[*value])[0]).collect();
                assert_eq!(wanted, roots.iter().map(|root| expected[*root]).collect::<Vec<EF>>());
            }
        }
    }
}

#[test]
fn linear_operands_are_forms() {
    let forms = |fixed| Forms::new(&builder(), Committed { main: MAIN, fixed }).expect("its own row");
    // The sum; columns 5, 6, 1 and 4; both fixed columns besides.
    assert_eq!((forms(0).len(), forms(FIXED).len()), (5, 7));
    let rests = |forms: &Forms| forms.rest_places().iter().map(Option::is_some).collect::<Vec<bool>>();
    let expected = [true, false, true, true, false, false, false, false, true, false, true];
    assert_eq!(rests(&forms(0)), expected);
    // A count that is a fixed column is linear if that is committed to. Its product with a public
    // value is none of the linear forms.
    let mut committed = expected;
    committed[7] = true;
    assert_eq!(rests(&forms(FIXED)), committed);
}

/// More operands than columns in them: the columns are the forms.
#[test]
fn no_more_forms_than_columns() {
    struct Crossed;
    impl<T> BaseAir<T> for Crossed {
        fn width(&self) -> usize {
            3
        }
    }
    impl<B: AirBuilder<F = F>> Air<B> for Crossed {
        fn eval(&self, builder: &mut B) {
            let main = builder.main();
            let x: Vec<B::Expr> = main.current_slice().iter().map(|column| (*column).into()).collect();
            for (a, b) in [(1, 2), (3, 5), (2, 7)] {
                builder.assert_zero(
                    (x[0].clone() + x[1].clone() * F::from_u8(a)) * (x[0].clone() + x[1].clone() * F::from_u8(b)) - x[2].clone(),
                );
            }
        }
    }
    let builder = InteractionSymbolicBuilder::<F, EF>::from_air(&Crossed, AirLayout::from_air::<F>(&Crossed));
    let forms = Forms::new(&builder, Committed { main: 3, fixed: 0 }).expect("its own row");
    assert_eq!(forms.len(), 2);
    let columns = noise(5, 3);
    assert_eq!(forms.values(&columns), &columns[..2]);
    let (nodes, roots) = forms.polynomials();
    let none = Values { main: vec![], fixed: vec![], public: EF::ZERO };
    let at = |a: u8, b: u8| (columns[0] + columns[1] * F::from_u8(a)) * (columns[0] + columns[1] * F::from_u8(b));
    let polynomials: Vec<EF> = roots.iter().map(|root| value(nodes, *root, &none, &columns[..2])).collect();
    assert_eq!(polynomials, [at(1, 2), at(3, 5), at(2, 7)]);
}

#[test]
fn column_weights_give_the_weighted_sum() {
    for fixed in [0, FIXED] {
        let committed = Committed { main: MAIN, fixed };
        let forms = Forms::new(&builder(), committed).expect("its own row");
        let columns = noise(1, forms.columns());
        let (of_forms, of_rests) = (noise(2, forms.len()), noise(3, forms.rest_places().len()));
        let sums = linear::values(&forms.sums, &columns);
        let rests = forms.rest_places().iter().zip(&of_rests).filter_map(|(place, weight)| place.map(|place| sums[place] * *weight));
        let expected = forms.values(&columns).iter().zip(&of_forms).map(|(value, weight)| *value * *weight).chain(rests).sum::<EF>();
        let weights = forms.column_weights(&of_forms, &of_rests);
        assert_eq!(weights.len(), columns.len());
        assert_eq!(weights.iter().zip(&columns).map(|(weight, value)| *weight * *value).sum::<EF>(), expected);
    }
}

#[test]
fn forms_are_read_as_they_were_written() {
    for fixed in [0, FIXED] {
        let forms = Forms::new(&builder(), Committed { main: MAIN, fixed }).expect("its own row");
        let mut writer = NumberWriter::default();
        forms.write(&mut writer);
        let bytes = writer.into_bytes();
        let mut reader = NumberReader::new(&bytes);
        assert_eq!(Forms::read(&mut reader), Ok(Forms { leaves: vec![], ..forms }));
        assert_eq!(reader.end(), Ok(()));
        // What is cut off is refused, and what is changed is refused or refers to what there is.
        assert!((0..bytes.len()).all(|len| Forms::read(&mut NumberReader::new(&bytes[..len])).is_err()));
        for (at, byte) in (0..bytes.len()).flat_map(|at| [0, 1, 0x7f, 0xff].map(|byte| (at, byte))) {
            let mut bytes = bytes.clone();
            bytes[at] = byte;
            if let Ok(forms) = Forms::read(&mut NumberReader::new(&bytes)) {
                assert_eq!(forms.values(&noise(1, forms.columns())).len(), forms.len());
                assert_eq!(forms.column_weights(&noise(2, forms.len()), &noise(3, forms.rests.len())).len(), forms.columns());
            }
        }
    }
}
