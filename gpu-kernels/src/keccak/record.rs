//! Formulas as straight-line WGSL, from what they do to columns.
//!
//! The terms of a formula fall apart into *components* that share no columns, and most of these
//! compute the same: a row of chi, a column of theta. So a kernel has the code of one component,
//! and each of its invocations the numbers of the columns and terms of its own.

use core::cell::RefCell;
use core::fmt::Write;
use core::ops::{Add, Sub};

use tern_fri::multilinear::keccak::prover::Multiply;
use tern_fri::multilinear::keccak::prover::formula::{Element, Formula};

thread_local! {
    /// What the formula that is recorded computes.
    static NODES: RefCell<Vec<Node>> = const { RefCell::new(Vec::new()) };
}

/// A value of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Zero,
    One,
    Column(usize),
    Node(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    operation: Operation,
    operands: [Symbol; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Add,
    Sub,
    Mul,
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
        }
    }
}

fn node(operation: Operation, left: Symbol, right: Symbol) -> Symbol {
    NODES.with_borrow_mut(|nodes| {
        nodes.push(Node { operation, operands: [left, right] });
        Symbol::Node(nodes.len() - 1)
    })
}

impl Add for Symbol {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        node(Operation::Add, self, other)
    }
}

impl Sub for Symbol {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        node(Operation::Sub, self, other)
    }
}

impl Element for Symbol {
    const ZERO: Self = Self::Zero;
    const ONE: Self = Self::One;
}

struct Recorded;

impl Multiply<Symbol> for Recorded {
    fn times(left: &Symbol, right: &Symbol) -> Symbol {
        node(Operation::Mul, *left, *right)
    }
}

/// What a component computes of its columns, which are numbered as it uses them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    columns: usize,
    nodes: Vec<Node>,
    terms: Vec<Symbol>,
}

/// Components that compute the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// What they compute.
    pub program: Program,
    /// Of each, its columns, then its terms.
    pub components: Vec<Vec<u32>>,
}

/// The components of a formula.
#[must_use]
pub fn record<M: Formula>() -> Vec<Alike> {
    record_as::<M>(components)
}

/// Its terms, each a component of its own.
#[must_use]
pub fn record_terms<M: Formula>() -> Vec<Alike> {
    record_as::<M>(|_, terms| (0..terms.len()).map(|term| vec![term]).collect())
}

fn record_as<M: Formula>(components: impl Fn(&[Node], &[Symbol]) -> Vec<Vec<usize>>) -> Vec<Alike> {
    NODES.take();
    let columns: Vec<Symbol> = (0..M::COLUMNS).map(Symbol::Column).collect();
    let mut terms = vec![Symbol::Zero; M::TERMS];
    M::terms::<Symbol, Recorded>(&columns, &mut terms);
    let nodes = NODES.take();
    let mut all: Vec<Alike> = Vec::new();
    for own in components(&nodes, &terms) {
        let (program, columns) = program(&nodes, &terms, &own);
        let numbers = columns.iter().chain(&own).map(|&number| number as u32).collect();
        match all.iter_mut().find(|alike| alike.program == program) {
            Some(alike) => alike.components.push(numbers),
            None => all.push(Alike { program, components: vec![numbers] }),
        }
    }
    all
}

/// The nodes that values are made of, in their order.
fn needed(nodes: &[Node], roots: &[Symbol]) -> Vec<usize> {
    let mut needed = Vec::new();
    let mut open = roots.to_vec();
    while let Some(symbol) = open.pop() {
        if let Symbol::Node(number) = symbol
            && !needed.contains(&number)
        {
            needed.push(number);
            open.extend(nodes[number].operands);
        }
    }
    needed.sort_unstable();
    needed
}

/// The columns that values are made of, in the order of their use.
fn columns(nodes: &[Node], roots: &[Symbol]) -> Vec<usize> {
    let operands = needed(nodes, roots).into_iter().flat_map(|number| nodes[number].operands);
    let mut columns = Vec::new();
    for symbol in operands.chain(roots.iter().copied()) {
        if let Symbol::Column(column) = symbol
            && !columns.contains(&column)
        {
            columns.push(column);
        }
    }
    columns
}

/// The terms of each component.
fn components(nodes: &[Node], terms: &[Symbol]) -> Vec<Vec<usize>> {
    let mut components: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    for (term, root) in terms.iter().enumerate() {
        let (mut own, mut of_own) = (vec![term], columns(nodes, &[*root]));
        // Those that share a column with it become one.
        let (joined, apart): (Vec<_>, Vec<_>) =
            components.into_iter().partition(|(_, columns)| columns.iter().any(|column| of_own.contains(column)));
        for (terms, columns) in joined {
            own.extend(terms);
            of_own.extend(columns);
        }
        own.sort_unstable();
        components = apart;
        components.push((own, of_own));
    }
    let mut components: Vec<Vec<usize>> = components.into_iter().map(|(terms, _)| terms).collect();
    components.sort_unstable();
    components
}

/// What a component computes, and its columns.
fn program(nodes: &[Node], terms: &[Symbol], own: &[usize]) -> (Program, Vec<usize>) {
    let roots: Vec<Symbol> = own.iter().map(|&term| terms[term]).collect();
    let (numbers, columns) = (needed(nodes, &roots), columns(nodes, &roots));
    let place = |list: &[usize], number: usize| list.iter().position(|&other| other == number).expect("it is needed");
    let local = |symbol: Symbol| match symbol {
        Symbol::Column(column) => Symbol::Column(place(&columns, column)),
        Symbol::Node(number) => Symbol::Node(place(&numbers, number)),
        constant => constant,
    };
    let of_own = numbers.iter().map(|&number| Node { operands: nodes[number].operands.map(local), ..nodes[number] });
    let program = Program { columns: columns.len(), nodes: of_own.collect(), terms: roots.iter().map(|&root| local(root)).collect() };
    (program, columns)
}

impl Program {
    /// Number of columns that it reads.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Number of terms.
    #[must_use]
    pub const fn terms(&self) -> usize {
        self.terms.len()
    }

    /// Statements on columns `x0, x1, ...` of the base field, and an expression for each term.
    #[must_use]
    pub fn base(&self) -> (String, Vec<String>) {
        let name = |symbol: Symbol| match symbol {
            Symbol::Zero => "0u".to_owned(),
            Symbol::One => "ONE".to_owned(),
            Symbol::Column(column) => format!("x{column}"),
            Symbol::Node(number) => format!("n{number}"),
        };
        let mut text = String::new();
        for (number, Node { operation, operands: [left, right] }) in self.nodes.iter().enumerate() {
            let _ = writeln!(text, "let n{number} = {}({}, {});", operation.name(), name(*left), name(*right));
        }
        (text, self.terms.iter().map(|&term| name(term)).collect())
    }

    /// The same on columns of the challenge field. Where `is_value` is not true, terms are what
    /// they have of this degree in the columns.
    #[must_use]
    pub fn ext(&self, degree: usize) -> (String, Vec<String>) {
        let name = |symbol: Symbol| match symbol {
            Symbol::Zero => "ext_zero()".to_owned(),
            Symbol::One => "ext_of(ONE)".to_owned(),
            Symbol::Column(column) => format!("x{column}"),
            Symbol::Node(number) => format!("n{number}"),
        };
        let mut degrees: Vec<usize> = Vec::new();
        let degree_of = |symbol: Symbol, degrees: &[usize]| match symbol {
            Symbol::Zero | Symbol::One => 0,
            Symbol::Column(_) => 1,
            Symbol::Node(number) => degrees[number],
        };
        let of_degree = |symbol: Symbol, own: usize, wanted: usize| {
            if own < wanted { format!("ext_if({}, is_value)", name(symbol)) } else { name(symbol) }
        };
        let mut text = String::new();
        for (number, Node { operation, operands: [left, right] }) in self.nodes.iter().enumerate() {
            let own = [degree_of(*left, &degrees), degree_of(*right, &degrees)];
            let (wanted, together) = match operation {
                Operation::Mul => ([0, 0], own[0] + own[1]),
                Operation::Add | Operation::Sub => ([own[0].max(own[1]); 2], own[0].max(own[1])),
            };
            let [left, right] = [of_degree(*left, own[0], wanted[0]), of_degree(*right, own[1], wanted[1])];
            let _ = writeln!(text, "let n{number} = ext_{}({left}, {right});", operation.name());
            degrees.push(together);
        }
        let terms = self.terms.iter().map(|&term| of_degree(term, degree_of(term, &degrees), degree)).collect();
        (text, terms)
    }
}

#[cfg(test)]
mod tests {
    use tern_fri::multilinear::keccak::prover::formula::{Chi, Linear, Parity, Products, Theta, ThetaSums};

    use super::*;

    /// Of each kind: columns, terms, and components.
    fn sizes<M: Formula>() -> Vec<[usize; 3]> {
        record::<M>().iter().map(|alike| [alike.program.columns(), alike.program.terms(), alike.components.len()]).collect()
    }

    #[test]
    fn components_are_alike() {
        assert_eq!(sizes::<Chi>(), [[5, 5, 5]]);
        assert_eq!(sizes::<Theta>(), [[7, 5, 5]]);
        assert_eq!(sizes::<ThetaSums>(), [[3, 1, 5]]);
        assert_eq!(sizes::<Products>(), [[5, 1, 5]]);
        assert_eq!(sizes::<Linear>(), [[1, 1, 25]]);
        assert_eq!(sizes::<Parity>(), [[5, 1, 5], [1, 1, 1]]);
        let terms = |all: Vec<Alike>| all.iter().map(|alike| [alike.program.columns(), alike.components.len()]).collect::<Vec<_>>();
        assert_eq!(terms(record_terms::<Chi>()), [[3, 25]]);
        assert_eq!(terms(record_terms::<Theta>()), [[3, 25]]);
        assert_eq!(terms(record_terms::<Parity>()), [[5, 5], [1, 1]]);
        assert_eq!(record::<Theta>()[0].components[1], [30 - 5, 37 - 5, 1, 6, 11, 16, 21, 1, 6, 11, 16, 21]);
    }
}
