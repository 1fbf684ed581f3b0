//! Expressions as people write them.

use p3_field::PrimeField32;
use tern_field::F;

use super::dag::{Node, Place};

/// Longest formula, in characters.
pub const LONGEST: usize = 200;

/// The names of what formulas are about.
pub struct Names<'a> {
    /// Of main columns.
    pub main: &'a [String],
    /// Of fixed columns.
    pub fixed: &'a [String],
    /// Of public values.
    pub public: &'a [String],
}

/// How tightly the outermost operation of a text binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Atom,
}

/// The formula of a node, if it is short. Constants are numbers of least size modulo p, and `2^-k`
/// is the inverse of `2^k`.
pub fn formula(nodes: &[Node], place: Place, names: &Names<'_>) -> Option<String> {
    text(nodes, place, names).map(|(text, _)| text)
}

fn text(nodes: &[Node], place: Place, names: &Names<'_>) -> Option<(String, Binding)> {
    let within = |place: Place, least: Binding| {
        let (text, binding) = text(nodes, place, names)?;
        Some(if binding < least { format!("({text})") } else { text })
    };
    let atom = |text: String| (text, Binding::Atom);
    let (text, binding) = match nodes[place] {
        Node::Constant(value) => constant(value),
        Node::Main(column) => atom(names.main[column].clone()),
        Node::MainNext(column) => atom(format!("next {}", names.main[column])),
        Node::Fixed(column) => atom(names.fixed[column].clone()),
        Node::FixedNext(column) => atom(format!("next {}", names.fixed[column])),
        Node::Public(value) => atom(names.public[value].clone()),
        Node::Coordinate(bit) => atom(format!("x_{bit}")),
        Node::IsFirstRow => atom("is_first_row".to_owned()),
        Node::IsLastRow => atom("is_last_row".to_owned()),
        Node::IsTransition => atom("is_transition".to_owned()),
        Node::Add(x, y) => (format!("{} + {}", within(x, Binding::Sum)?, within(y, Binding::Product)?), Binding::Sum),
        Node::Sub(x, y) => (format!("{} - {}", within(x, Binding::Sum)?, within(y, Binding::Product)?), Binding::Sum),
        Node::Mul(x, y) => (format!("{} * {}", within(x, Binding::Product)?, within(y, Binding::Product)?), Binding::Product),
        Node::Neg(x) => (format!("-{}", within(x, Binding::Atom)?), Binding::Sum),
    };
    (text.len() <= LONGEST).then_some((text, binding))
}

/// A constant: of least size, or as the inverse of a power of two.
fn constant(value: u32) -> (String, Binding) {
    let order = u64::from(F::ORDER_U32);
    let scaled = |k: u32| u64::from(value) * (1 << k) % order;
    if let Some(k) = (1..=30).find(|&k| scaled(k) == 1) {
        return (format!("2^-{k}"), Binding::Atom);
    }
    if let Some(k) = (1..=30).find(|&k| scaled(k) == order - 1) {
        return (format!("-2^-{k}"), Binding::Sum);
    }
    if 2 * u64::from(value) < order {
        return (value.to_string(), Binding::Atom);
    }
    (format!("-{}", order - u64::from(value)), Binding::Sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_as_people_write_them() {
        let names = |stem: &str| (0..2).map(|i| format!("{stem}{i}")).collect::<Vec<String>>();
        let (main, fixed, public) = (names("a"), names("f"), names("v"));
        let names = Names { main: &main, fixed: &fixed, public: &public };
        let minus_one = 2_013_265_920;
        let half = 1_006_632_961;
        let nodes = [
            Node::Main(0),
            Node::Fixed(1),
            Node::Sub(0, 1),
            Node::Mul(0, 2),
            Node::Constant(minus_one),
            Node::Add(3, 4),
            Node::Constant(half),
            Node::Mul(5, 6),
            Node::Neg(7),
            Node::Sub(1, 5),
            Node::Public(1),
            Node::Mul(10, 8),
        ];
        let shown = |place| formula(&nodes, place, &names);
        assert_eq!(shown(3).as_deref(), Some("a0 * (a0 - f1)"));
        assert_eq!(shown(5).as_deref(), Some("a0 * (a0 - f1) + (-1)"));
        assert_eq!(shown(7).as_deref(), Some("(a0 * (a0 - f1) + (-1)) * 2^-1"));
        assert_eq!(shown(8).as_deref(), Some("-((a0 * (a0 - f1) + (-1)) * 2^-1)"));
        assert_eq!(shown(9).as_deref(), Some("f1 - (a0 * (a0 - f1) + (-1))"));
        assert_eq!(shown(11).as_deref(), Some("v1 * (-((a0 * (a0 - f1) + (-1)) * 2^-1))"));
        // A tree of 2^40 leaves is found long without being written.
        let mut nodes = vec![Node::Main(0)];
        nodes.extend((0..40).map(|place| Node::Mul(place, place)));
        assert_eq!(formula(&nodes, 40, &names), None);
    }
}
