//! Shows from a row's constraints that a count is -1, 0 or 1.
//!
//! Two ways. *By symbol*: some constraint is a multiple of `c (c - 1)` or `c (c + 1)` for the count
//! `c`. *By cases*: columns that some constraint leaves finitely many values are set to each of
//! them in turn; a case that breaks a constraint is closed, and in every case that stays open the
//! count has to be right. Constraints that are not looked at only make the proof harder, never
//! wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr, SymbolicVariable};
use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::stated::Expr;

/// What an expression depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Var {
    Main(usize),
    Next(usize),
    /// On the row before, where constraints of that row are looked at.
    Previous(usize),
    Fixed(usize),
    FixedNext(usize),
    Public(usize),
    First,
    Last,
    Transition,
}

/// Values of some variables.
pub type Values = BTreeMap<Var, F>;

/// Constraints on more variables are not looked at by cases.
const MAX_VARS: usize = 16;
/// Cases before a proof is given up.
const MAX_CASES: usize = 1 << 14;
/// Points at which polynomials are compared: other polynomials of degree at most 9 agree at all of
/// them with probability below 2^-100.
const POINTS: u64 = 4;

/// A constraint with what it depends on.
#[derive(Clone)]
pub struct Constraint {
    pub expr: Expr,
    pub vars: BTreeSet<Var>,
}

impl Constraint {
    pub fn new(expr: Expr) -> Self {
        let vars = variables(&expr);
        Self { expr, vars }
    }
}

/// All variables of an expression.
pub fn variables(expr: &Expr) -> BTreeSet<Var> {
    fn walk(expr: &Expr, seen: &mut BTreeSet<*const Expr>, vars: &mut BTreeSet<Var>) {
        match expr {
            SymbolicExpr::Leaf(leaf) => vars.extend(variable(leaf).ok()),
            SymbolicExpr::Neg { x, .. } => visit(x, seen, vars),
            SymbolicExpr::Add { x, y, .. } | SymbolicExpr::Sub { x, y, .. } | SymbolicExpr::Mul { x, y, .. } => {
                visit(x, seen, vars);
                visit(y, seen, vars);
            }
        }
    }
    fn visit(expr: &Arc<Expr>, seen: &mut BTreeSet<*const Expr>, vars: &mut BTreeSet<Var>) {
        if seen.insert(Arc::as_ptr(expr)) {
            walk(expr, seen, vars);
        }
    }
    let mut vars = BTreeSet::new();
    walk(expr, &mut BTreeSet::new(), &mut vars);
    vars
}

/// The variable of a leaf, or its constant.
fn variable(leaf: &BaseLeaf<F>) -> Result<Var, F> {
    Ok(match leaf {
        BaseLeaf::Constant(value) => return Err(*value),
        BaseLeaf::IsFirstRow => Var::First,
        BaseLeaf::IsLastRow => Var::Last,
        BaseLeaf::IsTransition => Var::Transition,
        BaseLeaf::Variable(variable) => match variable.entry {
            BaseEntry::Main { offset: 0 } => Var::Main(variable.index),
            BaseEntry::Main { offset: 1 } => Var::Next(variable.index),
            BaseEntry::Main { .. } => Var::Previous(variable.index),
            BaseEntry::Preprocessed { offset: 0 } => Var::Fixed(variable.index),
            BaseEntry::Preprocessed { .. } => Var::FixedNext(variable.index),
            BaseEntry::Public => Var::Public(variable.index),
            BaseEntry::Periodic => unreachable!("no chip has periodic columns"),
        },
    })
}

/// What a constraint of the row before says about a row and that one, on all rows but the first;
/// none if it says nothing.
///
/// The transition selector is not zero there, so a constraint that is a multiple of it holds as
/// well with 1 in its place.
pub fn of_previous_row(constraint: &Constraint) -> Option<Constraint> {
    fn moved(expr: &Expr) -> Option<Expr> {
        Some(match expr {
            SymbolicExpr::Leaf(leaf) => match variable(leaf) {
                Err(constant) => constant.into(),
                Ok(Var::Transition) => F::ONE.into(),
                Ok(Var::Main(index)) => SymbolicVariable::<F>::new(BaseEntry::Main { offset: 2 }, index).into(),
                Ok(Var::Next(index)) => SymbolicVariable::<F>::new(BaseEntry::Main { offset: 0 }, index).into(),
                Ok(Var::Public(_)) => expr.clone(),
                Ok(_) => return None,
            },
            SymbolicExpr::Neg { x, .. } => -moved(x)?,
            SymbolicExpr::Add { x, y, .. } => moved(x)? + moved(y)?,
            SymbolicExpr::Sub { x, y, .. } => moved(x)? - moved(y)?,
            SymbolicExpr::Mul { x, y, .. } => moved(x)? * moved(y)?,
        })
    }
    let is_usable = constraint.vars.len() <= MAX_VARS && is_multiple_of(&constraint.expr, Var::Transition);
    is_usable.then(|| moved(&constraint.expr)).flatten().map(Constraint::new)
}

/// Whether an expression is a selector times one without it.
pub fn is_multiple_of(expr: &Expr, selector: Var) -> bool {
    (0..POINTS).all(|point| {
        let other = pseudo_random(point);
        let at = |x: F| value(expr, &|var| if var == selector { x } else { other(var) });
        at(F::ZERO) == F::ZERO && at(F::ONE) != F::ZERO && at(F::TWO) == at(F::ONE).double()
    })
}

/// An expression's value, where all its variables have one.
pub fn value(expr: &Expr, of: &impl Fn(Var) -> F) -> F {
    match expr {
        SymbolicExpr::Leaf(leaf) => variable(leaf).map_or_else(|constant| constant, of),
        SymbolicExpr::Neg { x, .. } => -value(x, of),
        SymbolicExpr::Add { x, y, .. } => value(x, of) + value(y, of),
        SymbolicExpr::Sub { x, y, .. } => value(x, of) - value(y, of),
        SymbolicExpr::Mul { x, y, .. } => value(x, of) * value(y, of),
    }
}

/// The coefficients, lowest first, of an expression as a polynomial in `unknown`, where all other
/// variables have values.
fn polynomial(expr: &Expr, values: &Values, unknown: Var) -> Vec<F> {
    let zip = |x: Vec<F>, y: Vec<F>, f: fn(F, F) -> F| -> Vec<F> {
        let at = |v: &[F], i: usize| v.get(i).copied().unwrap_or(F::ZERO);
        (0..x.len().max(y.len())).map(|i| f(at(&x, i), at(&y, i))).collect()
    };
    let of = |x: &Expr| polynomial(x, values, unknown);
    let mut coefficients = match expr {
        SymbolicExpr::Leaf(leaf) => match variable(leaf) {
            Err(constant) => vec![constant],
            Ok(var) if var == unknown => vec![F::ZERO, F::ONE],
            Ok(var) => vec![values[&var]],
        },
        SymbolicExpr::Neg { x, .. } => of(x).into_iter().map(|c| -c).collect(),
        SymbolicExpr::Add { x, y, .. } => zip(of(x), of(y), |a, b| a + b),
        SymbolicExpr::Sub { x, y, .. } => zip(of(x), of(y), |a, b| a - b),
        SymbolicExpr::Mul { x, y, .. } => {
            let (x, y) = (of(x), of(y));
            let mut product = F::zero_vec((x.len() + y.len()).max(1) - 1);
            x.iter().enumerate().for_each(|(i, a)| y.iter().enumerate().for_each(|(j, b)| product[i + j] += *a * *b));
            product
        }
    };
    while coefficients.last() == Some(&F::ZERO) {
        coefficients.pop();
    }
    coefficients
}

/// All roots of a polynomial that is not zero; none if not all were found.
fn roots(mut coefficients: Vec<F>) -> Option<BTreeSet<F>> {
    let mut roots = BTreeSet::new();
    let candidates = (0..=64).flat_map(|x| [F::from_u32(x), -F::from_u32(x)]);
    for candidate in candidates {
        loop {
            if coefficients.len() == 2 {
                roots.insert(-coefficients[0] / coefficients[1]);
                return Some(roots);
            }
            if coefficients.len() == 1 {
                return Some(roots);
            }
            let at = coefficients.iter().rev().fold(F::ZERO, |sum, &c| sum * candidate + c);
            if at != F::ZERO {
                break;
            }
            roots.insert(candidate);
            coefficients = divided(&coefficients, candidate);
        }
    }
    None
}

/// A polynomial divided by `x - root`.
fn divided(coefficients: &[F], root: F) -> Vec<F> {
    let mut quotient = F::zero_vec(coefficients.len() - 1);
    let mut carry = F::ZERO;
    for (place, &coefficient) in quotient.iter_mut().zip(&coefficients[1..]).rev() {
        carry = carry * root + coefficient;
        *place = carry;
    }
    quotient
}

/// A value of each variable that looks random.
fn pseudo_random(point: u64) -> impl Fn(Var) -> F {
    move |var| {
        let (kind, index) = match var {
            Var::Main(i) => (1, i),
            Var::Next(i) => (2, i),
            Var::Fixed(i) => (3, i),
            Var::FixedNext(i) => (4, i),
            Var::Public(i) => (5, i),
            Var::First => (6, 0),
            Var::Last => (7, 0),
            Var::Transition => (8, 0),
            Var::Previous(i) => (9, i),
        };
        let mut x = (point << 56 | kind << 48 | index as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
        for _ in 0..3 {
            x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^= x >> 31;
        }
        F::from_u64(x)
    }
}

/// Whether some constraint is a multiple of `c (c - 1)` or of `c (c + 1)`, or the count is a
/// constant of these values.
pub fn by_symbol(count: &Expr, constraints: &[Constraint]) -> bool {
    let vars = variables(count);
    let at_points = |expr: &Expr| -> Vec<F> { (0..POINTS).map(|point| value(expr, &pseudo_random(point))).collect() };
    let counts = at_points(count);
    if vars.is_empty() {
        return is_right(counts[0]);
    }
    let is_multiple = |values: &[F], shift: F| {
        let ratios: Vec<F> = values.iter().zip(&counts).map(|(&k, &c)| k * (c * (c + shift)).inverse()).collect();
        ratios[0] != F::ZERO && ratios.iter().all(|ratio| *ratio == ratios[0])
    };
    constraints.iter().filter(|constraint| constraint.vars == vars).any(|constraint| {
        let values = at_points(&constraint.expr);
        is_multiple(&values, F::NEG_ONE) || is_multiple(&values, F::ONE)
    })
}

pub fn is_right(count: F) -> bool {
    [F::NEG_ONE, F::ZERO, F::ONE].contains(&count)
}

/// Whether the count is right in all cases that keep to the constraints and to the values given.
pub fn by_cases(count: &Expr, constraints: &[Constraint], given: &Values) -> Result<(), Values> {
    let usable: Vec<&Constraint> = constraints.iter().filter(|constraint| constraint.vars.len() <= MAX_VARS).collect();
    let needed = variables(count);
    let beside = usable.iter().filter(|constraint| !constraint.vars.is_disjoint(&needed));
    let near = beside.flat_map(|constraint| constraint.vars.iter().copied()).collect();
    let mut search = Search { count, needed, near, constraints: usable, cases: 0 };
    search.all_right(&mut given.clone())
}

struct Search<'a> {
    count: &'a Expr,
    needed: BTreeSet<Var>,
    /// What stands in a constraint with one of these.
    near: BTreeSet<Var>,
    constraints: Vec<&'a Constraint>,
    cases: usize,
}

impl Search<'_> {
    /// Whether the count is right in all cases that extend `values`; if not, one in which it is not
    /// known to be.
    fn all_right(&mut self, values: &mut Values) -> Result<(), Values> {
        self.cases += 1;
        if self.known_count(values).is_some_and(is_right) {
            return Ok(());
        }
        if self.cases > MAX_CASES {
            return Err(values.clone());
        }
        let Some((var, cases)) = self.next_split(values) else { return Err(values.clone()) };
        for case in cases {
            values.insert(var, case);
            let result = if self.is_open(values, var) { self.all_right(values) } else { Ok(()) };
            values.remove(&var);
            result?;
        }
        Ok(())
    }

    /// The count, where at most one of its variables has no value and it does not depend on that.
    fn known_count(&self, values: &Values) -> Option<F> {
        let mut unknown = self.needed.iter().filter(|var| !values.contains_key(var));
        match (unknown.next(), unknown.next()) {
            (None, _) => Some(value(self.count, &|var| values[&var])),
            (Some(&var), None) => match polynomial(self.count, values, var)[..] {
                [] => Some(F::ZERO),
                [constant] => Some(constant),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether no constraint on `var` is broken.
    fn is_open(&self, values: &Values, var: Var) -> bool {
        let is_known =
            |constraint: &&&Constraint| constraint.vars.contains(&var) && constraint.vars.iter().all(|var| values.contains_key(var));
        self.constraints.iter().filter(is_known).all(|constraint| value(&constraint.expr, &|var| values[&var]) == F::ZERO)
    }

    /// A variable without a value that some constraint leaves few values, and those: one that the
    /// count needs, if possible, else one that stands in a constraint with such a variable or with
    /// one that has a value.
    fn next_split(&self, values: &Values) -> Option<(Var, BTreeSet<F>)> {
        let mut helper = None;
        for constraint in &self.constraints {
            let mut unknown = constraint.vars.iter().filter(|var| !values.contains_key(var));
            let (Some(&var), None) = (unknown.next(), unknown.next()) else { continue };
            let is_needed = self.needed.contains(&var);
            let is_near = constraint.vars.len() > 1 || self.near.contains(&var);
            if !(is_needed || is_near && helper.is_none()) {
                continue;
            }
            let coefficients = polynomial(&constraint.expr, values, var);
            if coefficients.is_empty() {
                continue;
            }
            let Some(roots) = roots(coefficients) else { continue };
            if is_needed {
                return Some((var, roots));
            }
            helper = Some((var, roots));
        }
        helper
    }
}
