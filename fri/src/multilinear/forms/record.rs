//! Forms as bytes, for verifiers that do not take expressions apart.

use alloc::vec::Vec;

use super::{Committed, Forms, Leaf, Node, Sum};
use crate::numbers::{Malformed, NumberReader, NumberWriter};

impl Forms {
    /// Appends all but what the expressions read before they were taken apart.
    pub fn write(&self, writer: &mut NumberWriter) {
        let Self { committed, nodes, polynomials, sums, forms, rests, leaves: _ } = self;
        writer.number(committed.main);
        writer.number(committed.fixed);
        writer.list(nodes.iter().enumerate(), |writer, (number, node)| write_node(writer, number, *node));
        writer.list(sums.iter().enumerate(), |writer, (number, sum)| write_sum(writer, number, *sum));
        writer.list(polynomials.iter().zip(rests), |writer, (polynomial, rest)| {
            writer.number(*polynomial);
            writer.number(rest.map_or(0, |rest| rest + 1));
        });
        writer.list(forms.iter(), |writer, form| writer.number(*form));
    }

    /// Reads what [`Forms::write`] writes. Operands come before what is made of them, and what is
    /// referred to exists.
    ///
    /// # Errors
    ///
    /// If that is not so.
    pub fn read(reader: &mut NumberReader<'_>) -> Result<Self, Malformed> {
        let committed = Committed { main: reader.number()?, fixed: reader.number()? };
        let nodes = reader.list(|reader, before| read_node(reader, before.len()))?;
        let columns = committed.main.checked_add(committed.fixed).ok_or(reader.malformed())?;
        let sums = reader.list(|reader, before| read_sum(reader, before.len(), columns))?;
        let rest = |reader: &mut NumberReader<'_>| Ok(reader.below(sums.len().saturating_add(1))?.checked_sub(1));
        let roots = reader.list(|reader, _: &[(usize, Option<usize>)]| Ok((reader.below(nodes.len())?, rest(reader)?)))?;
        let forms: Vec<usize> = reader.list(|reader, _| reader.below(sums.len()))?;
        if nodes.iter().any(|node| matches!(node, Node::Leaf(Leaf::Form(form)) if *form >= forms.len())) {
            return Err(reader.malformed());
        }
        let (polynomials, rests) = roots.into_iter().unzip();
        Ok(Self { committed, leaves: Vec::new(), nodes, polynomials, sums, forms, rests })
    }
}

/// Operands are written by how far before it they are.
fn write_node(writer: &mut NumberWriter, number: usize, node: Node) {
    let (tag, operands): (usize, [Option<usize>; 2]) = match node {
        Node::Leaf(leaf) => {
            let (tag, number) = match leaf {
                Leaf::Form(form) => (0, Some(form)),
                Leaf::Public(index) => (1, Some(index)),
                Leaf::PreprocessedLocal(column) => (2, Some(column)),
                Leaf::PreprocessedNext(column) => (3, Some(column)),
                Leaf::MainLocal(column) => (4, Some(column)),
                Leaf::MainNext(column) => (5, Some(column)),
                Leaf::IsFirst => (6, None),
                Leaf::IsLast => (7, None),
                Leaf::IsTransition => (8, None),
            };
            (tag, [number, None])
        }
        Node::Constant(value) => {
            writer.number(9);
            return writer.element(value);
        }
        Node::Add(x, y) => (10, [x, y].map(|operand| Some(number - operand))),
        Node::Sub(x, y) => (11, [x, y].map(|operand| Some(number - operand))),
        Node::Mul(x, y) => (12, [x, y].map(|operand| Some(number - operand))),
    };
    writer.number(tag);
    operands.into_iter().flatten().for_each(|operand| writer.number(operand));
}

fn read_node(reader: &mut NumberReader<'_>, number: usize) -> Result<Node, Malformed> {
    Ok(match reader.number()? {
        0 => Node::Leaf(Leaf::Form(reader.number()?)),
        1 => Node::Leaf(Leaf::Public(reader.number()?)),
        2 => Node::Leaf(Leaf::PreprocessedLocal(reader.number()?)),
        3 => Node::Leaf(Leaf::PreprocessedNext(reader.number()?)),
        4 => Node::Leaf(Leaf::MainLocal(reader.number()?)),
        5 => Node::Leaf(Leaf::MainNext(reader.number()?)),
        6 => Node::Leaf(Leaf::IsFirst),
        7 => Node::Leaf(Leaf::IsLast),
        8 => Node::Leaf(Leaf::IsTransition),
        9 => Node::Constant(reader.element()?),
        10 => Node::Add(earlier(reader, number)?, earlier(reader, number)?),
        11 => Node::Sub(earlier(reader, number)?, earlier(reader, number)?),
        12 => Node::Mul(earlier(reader, number)?, earlier(reader, number)?),
        _ => return Err(reader.malformed()),
    })
}

fn write_sum(writer: &mut NumberWriter, number: usize, sum: Sum) {
    match sum {
        Sum::Column(column) => [0, column].into_iter().for_each(|part| writer.number(part)),
        Sum::Add(x, y) => [1, number - x, number - y].into_iter().for_each(|part| writer.number(part)),
        Sum::Sub(x, y) => [2, number - x, number - y].into_iter().for_each(|part| writer.number(part)),
        Sum::Scale(factor, x) => {
            writer.number(3);
            writer.element(factor);
            writer.number(number - x);
        }
    }
}

fn read_sum(reader: &mut NumberReader<'_>, number: usize, columns: usize) -> Result<Sum, Malformed> {
    Ok(match reader.number()? {
        0 => Sum::Column(reader.below(columns)?),
        1 => Sum::Add(earlier(reader, number)?, earlier(reader, number)?),
        2 => Sum::Sub(earlier(reader, number)?, earlier(reader, number)?),
        3 => Sum::Scale(reader.element()?, earlier(reader, number)?),
        _ => return Err(reader.malformed()),
    })
}

/// An operand's number.
fn earlier(reader: &mut NumberReader<'_>, number: usize) -> Result<usize, Malformed> {
    let distance = reader.number()?;
    number.checked_sub(distance).filter(|_| distance > 0).ok_or(reader.malformed())
}
