use p3_field::{BasedVectorSpace, PackedFieldExtension, PackedValue, PrimeCharacteristicRing, PrimeField32};
use tern_air::machine::MachineAir;
use tern_field::{EF, F};
use tern_fri::multilinear::packed::{Packed, PackedExt};
use tern_fri::multilinear::program::{Constant, OfBase, OfExt, Program, Step};
use tern_fri::multilinear::zerocheck::Plan;

use super::{Arithmetic, LIMIT, body, cut};
use crate::memory::Words;
use crate::tests::{gpus, noise};
use crate::{Gpu, Kernel};

/// A program with so many steps on values chosen by noise.
fn random(seed: u64, given: usize, steps: usize, wanted: usize) -> Program {
    let mut choices = noise(seed, 8 * (steps + wanted)).into_iter().map(|choice| choice.as_canonical_u32() >> 3);
    let mut choice = |below: usize| choices.next().expect("choices") % below as u32;
    let constants = vec![Constant::Value(F::from_u32(77)), Constant::Public(1), Constant::Value(F::NEG_ONE), Constant::Public(0)];
    let first = given + constants.len();
    let step = |i: usize| {
        // Mostly of early ones, so that few steps lead to a value.
        let mut place = || if choice(4) > 0 { choice(first) } else { choice(first + i) };
        let [x, y, z] = [place(), place(), place()];
        match choice(5) {
            0 => Step::Add(x, y),
            1 => Step::Sub(x, y),
            2 => Step::Mul(x, y),
            3 => Step::MulAdd(x, y, z),
            _ => Step::Scale(F::from_u32(choice(1 << 20)), x),
        }
    };
    let steps: Vec<Step> = (0..steps).map(step).collect();
    let places = (0..wanted).map(|_| choice(first + steps.len())).collect();
    Program::new(given, constants, steps, places)
}

/// The wanted values on a device, of `rows` rows; given values lie one after the other.
fn run(gpu: &Gpu, program: &Program, arithmetic: Arithmetic, name: &str, given: &Words, rows: usize, publics: &[u32]) -> Words {
    let is_ext = arithmetic == Arithmetic::Ext;
    let degree = if is_ext { 5 } else { 1 };
    let to = gpu.words(degree * rows * program.places().len()).expect("memory");
    for (number, (wanted, part)) in cut(program, arithmetic, 1).into_iter().enumerate() {
        let read = |i: usize| if is_ext { format!("element(t, {i}u)") } else { format!("given[t + {i}u * params[0]]") };
        let body = body(&part, arithmetic, read, |index| format!("params[{}]", 1 + index));
        let mut text = "
@group(0) @binding(1) var<storage, read> given: array<u32>;
@group(0) @binding(2) var<storage, read_write> to: array<u32>;
fn element(t: u32, i: u32) -> Ext {
    let p = 5u * i * params[0] + t;
    let n = params[0];
    return Ext(given[p], given[p + n], given[p + 2u * n], given[p + 3u * n], given[p + 4u * n]);
}
fn put(t: u32, i: u32, x: Ext) {
    let p = 5u * i * params[0] + t;
    let n = params[0];
    to[p] = x.a;
    to[p + n] = x.b;
    to[p + 2u * n] = x.c;
    to[p + 3u * n] = x.d;
    to[p + 4u * n] = x.e;
}
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
let t = invocation(group, groups, local);
if (t >= params[0]) { return; }
// A part may need nothing that is given.
if (params[0] == 0u) { to[0] = given[0]; }
"
        .to_owned();
        text.push_str(&body.text);
        for (number, value) in wanted.zip(&body.wanted) {
            let put = if is_ext { format!("put(t, {number}u, {value});\n") } else { format!("to[t + {number}u * params[0]] = {value};\n") };
            text.push_str(&put);
        }
        text.push('}');
        let kernel = Kernel { name: format!("{name}, part {number}").into(), parts: vec![text.into()].into() };
        let params = [&[rows as u32], publics].concat();
        gpu.dispatch(&kernel, &params, &[given, &to], rows).expect("a kernel");
    }
    to
}

/// Compares a program's values with the host's.
fn check(gpu: &Gpu, program: &Program, public_values: &[F], name: &str) {
    const ROWS: usize = 33;
    let publics: Vec<u32> = public_values.iter().map(F::to_unique_u32).collect();
    let given = noise(3, 5 * ROWS * program.given().max(1));
    let on_gpu = gpu.upload(&given).expect("memory");
    let base = run(gpu, program, Arithmetic::Base, &format!("{name}, base"), &on_gpu, ROWS, &publics);
    let ext = run(gpu, program, Arithmetic::Ext, &format!("{name}, ext"), &on_gpu, ROWS, &publics);
    let (base, ext) = (gpu.read_base(&base, 0, base.len()).expect("values"), gpu.read_base(&ext, 0, ext.len()).expect("values"));
    let count = program.places().len();
    let (mut base_list, mut ext_list) = (program.list::<OfBase>(public_values), program.list::<OfExt>(public_values));
    for row in 0..ROWS {
        let of_ext = |words: &[F], i: usize| EF::from_basis_coefficients_fn(|d| words[(5 * i + d) * ROWS + row]);
        for i in 0..program.given() {
            base_list[i] = given[i * ROWS + row].into();
            ext_list[i] = of_ext(&given, i).into();
        }
        program.run::<OfBase>(&mut base_list);
        program.run::<OfExt>(&mut ext_list);
        let (mut of_base, mut expected) = (vec![Packed::ZERO; count], vec![PackedExt::ZERO; count]);
        program.wanted(&base_list, &mut of_base);
        program.wanted(&ext_list, &mut expected);
        for i in 0..count {
            assert_eq!(base[i * ROWS + row], of_base[i].as_slice()[0], "{name}: value {i}, row {row}");
            assert_eq!(of_ext(&ext, i), expected[i].extract(0), "{name}: value {i}, row {row}");
        }
    }
}

#[test]
fn random_programs_are_the_hosts() {
    for gpu in gpus() {
        for (seed, (given, steps, wanted)) in [(1, 0, 1), (0, 3, 4), (5, 12, 3), (20, 60, 30)].into_iter().enumerate() {
            check(&gpu, &random(seed as u64, given, steps, wanted), &noise(9, 2), &format!("program {seed}"));
        }
    }
}

#[test]
fn parts_are_within_the_limit() {
    let program = random(4, 20, 3000, 400);
    let parts = cut(&program, Arithmetic::Base, 2);
    assert!(parts.len() > 1 && parts.iter().map(|(wanted, _)| wanted.len()).sum::<usize>() == 400);
    for (wanted, part) in &parts {
        assert!(wanted.len() == 1 || part.steps().len() + 2 * wanted.len() <= LIMIT);
    }
}

#[test]
fn programs_of_chips_are_the_hosts() {
    let chips = MachineAir::all();
    for gpu in gpus().into_iter().skip(1) {
        for name in ["branch", "segment", "bits_table"] {
            let air = chips.iter().find(|air| air.name() == name).expect("a chip");
            let plan = Plan::new(air, false);
            let roots: Vec<usize> = (0..plan.forms().rest_places().len()).collect();
            let program = Program::of_roots(plan.forms(), &roots);
            check(&gpu, &program, &noise(9, 512), name);
        }
    }
}
