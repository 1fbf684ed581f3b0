//! What all zerochecks of a relation share.

use core::cmp::Reverse;
use core::ops::Range;

use tern_fri::multilinear::program::Program;
use tern_fri::multilinear::zerocheck::Plan;

use super::kernels;
use crate::interpreter::{Code, code};
use crate::memory::Words;
use crate::program::{Arithmetic, cut, cut_at};
use crate::{Gpu, GpuError, Kernel};

/// What a term costs beside its value, in operations: its weight.
const TERM: usize = 10;

/// Steps of a part of a table's terms that is interpreted.
const INTERPRETED: usize = 256;

/// How the skip round's terms are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    /// By kernels of their own: the fastest, but a compiler takes about a second for each, of which
    /// tables of many constraints have tens.
    Compiled,
    /// By one kernel for all tables.
    Interpreted,
}

/// Kernels and programs of all tables.
pub struct Prepared {
    pub(super) tables: Vec<Table>,
    /// All tables' programs.
    pub(super) code: Words,
    /// From cells' values on `D` to those on its cosets.
    pub(super) cosets: Kernel,
}

/// Those of one.
pub(super) struct Table {
    /// The cell at each stored position: those that are needed on most cosets come first.
    pub(super) order: Vec<usize>,
    /// Of `D`, then of each coset, how many cells are needed there.
    pub(super) stored: Vec<usize>,
    /// Where the list of cells that are columns is, each the column's number and the cell's position.
    pub(super) copied: Range<usize>,
    /// From columns to the other cells.
    pub(super) cells: Interpreted,
    /// Each class of terms.
    pub(super) classes: Vec<Class>,
    /// From the cell after the others to the rest.
    pub(super) rest: Interpreted,
}

impl Table {
    /// Most slots that the invocations of the skip round's sums need whose workgroups share the
    /// same blocks, two for each set of points.
    pub(super) fn skip_slots(&self) -> usize {
        let interpreted = self.classes.iter().filter(|class| class.kernels.is_empty()).flat_map(|class| &class.parts);
        2 * self.stored.len() * interpreted.map(|part| part.slots).max().unwrap_or(0)
    }
}

/// The terms of one degree.
pub(super) struct Class {
    /// Kernels, with the number of their first term; none if they are interpreted.
    pub(super) kernels: Vec<(Kernel, usize)>,
    /// From cells to terms, in parts.
    pub(super) parts: Vec<Interpreted>,
}

impl Class {
    /// Kernels or programs that make sums of the skip round.
    pub(super) const fn skip_parts(&self) -> usize {
        if self.kernels.is_empty() { self.parts.len() } else { self.kernels.len() }
    }
}

/// A program as data.
pub(super) struct Interpreted {
    /// Its words.
    pub(super) words: Range<usize>,
    /// Slots that it needs.
    pub(super) slots: usize,
}

impl Prepared {
    /// Makes the kernels' texts and puts programs on the device.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn new(gpu: &Gpu, plans: &[Plan], terms: Terms) -> Result<Self, GpuError> {
        let mut words = Vec::new();
        let tables = plans.iter().map(|plan| table(plan, terms, &mut words)).collect();
        Ok(Self { tables, code: gpu.upload_words(&words)?, cosets: kernels::cosets() })
    }
}

fn table(plan: &Plan, terms: Terms, words: &mut Vec<u32>) -> Table {
    let reach = plan.reach();
    let mut order: Vec<usize> = (0..plan.cells()).collect();
    order.sort_by_key(|cell| Reverse(reach[*cell]));
    let mut position = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, cell)| position[*cell] = place);
    let cosets = 1..reach.iter().copied().max().unwrap_or(0).max(1);
    let stored = core::iter::once(order.len()).chain(cosets.map(|coset| reach.iter().filter(|reach| **reach > coset).count())).collect();

    // Fixed columns that are known follow those that are committed to, of which there are the main
    // ones alone then.
    let linear = plan.linear();
    let (copied, made): (Vec<usize>, Vec<usize>) =
        (0..plan.forms().len()).partition(|form| (linear.places()[*form] as usize) < linear.given());
    let known = plan.known().iter().enumerate().map(|(i, column)| (linear.given() + column, position[plan.forms().len() + i]));
    let copied = copied.into_iter().map(|form| (linear.places()[form] as usize, position[form]));
    let mut copied: Vec<(usize, usize)> = copied.chain(known).collect();
    // Neighbours are copied together.
    copied.sort_unstable();
    let first_copied = words.len();
    words.extend(copied.iter().flat_map(|(column, position)| [*column as u32, *position as u32]));
    let copied = first_copied..words.len();
    let mut add = |code: Code| {
        let first = words.len();
        words.extend(code.words);
        Interpreted { words: first..words.len(), slots: code.slots }
    };
    let cells = add(code(&linear.part(made.iter().copied()), |column| column, |i| position[made[i]]));
    let polynomials = plan.polynomials();
    let classes = plan.classes().map(|(class, _)| {
        let program = polynomials.part(class.clone());
        let kernels = if terms == Terms::Compiled { cut(&program, Arithmetic::Base, TERM) } else { Vec::new() };
        let kernel = |(own, part): (Range<usize>, Program)| (kernels::terms(&part, |cell| position[cell]), class.start + own.start);
        let parts = cut_at(&program, Arithmetic::Base, 1, INTERPRETED).into_iter();
        let parts = parts.map(|(own, part)| add(code(&part, |cell| position[cell], |term| class.start + own.start + term)));
        Class { parts: parts.collect(), kernels: kernels.into_iter().map(kernel).collect() }
    });
    let classes = classes.collect();
    let rest = add(Code::copy(order.len(), 0));
    Table { copied, cells, classes, rest, order, stored }
}
