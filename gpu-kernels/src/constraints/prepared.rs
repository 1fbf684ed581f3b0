//! What all zerochecks of a relation share.

use core::cmp::Reverse;
use core::ops::Range;

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

/// Kernels and programs of all tables.
pub struct Prepared {
    pub(super) tables: Vec<Table>,
    /// All tables' programs.
    pub(super) code: Words,
}

/// Those of one.
pub(super) struct Table {
    /// The cell at each stored position: those that are needed on most cosets come first.
    pub(super) order: Vec<usize>,
    /// Of `D`, then of each coset, how many cells are needed there.
    pub(super) stored: Vec<usize>,
    /// From columns to cells.
    pub(super) cells: Interpreted,
    /// For each class of terms its parts: kernels, with the number of their first term.
    pub(super) classes: Vec<Vec<(Kernel, usize)>>,
    /// From cells to terms, in parts.
    pub(super) terms: Vec<Interpreted>,
    /// From the cell after the others to the rest.
    pub(super) rest: Interpreted,
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
    pub fn new(gpu: &Gpu, plans: &[Plan]) -> Result<Self, GpuError> {
        let mut words = Vec::new();
        let tables = plans.iter().map(|plan| table(plan, &mut words)).collect();
        Ok(Self { tables, code: gpu.upload_words(&words)? })
    }
}

fn table(plan: &Plan, words: &mut Vec<u32>) -> Table {
    let mut add = |code: Code| {
        let first = words.len();
        words.extend(code.words);
        Interpreted { words: first..words.len(), slots: code.slots }
    };
    let reach = plan.reach();
    let mut order: Vec<usize> = (0..plan.cells()).collect();
    order.sort_by_key(|cell| Reverse(reach[*cell]));
    let mut position = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, cell)| position[*cell] = place);
    let cosets = 1..reach.iter().copied().max().unwrap_or(0).max(1);
    let stored = core::iter::once(order.len()).chain(cosets.map(|coset| reach.iter().filter(|reach| **reach > coset).count())).collect();

    // Fixed columns that are known follow those that are committed to, of which there are the main ones alone then.
    let mut forms = code(plan.linear(), |column| column, |form| position[form]);
    for (i, column) in plan.known().iter().enumerate() {
        forms.copy((plan.forms().columns() + column) as u32, position[plan.forms().len() + i] as u32);
    }
    let polynomials = plan.polynomials();
    let classes = plan.classes().map(|(class, _)| {
        let parts = cut(&polynomials.part(class.clone()), Arithmetic::Base, TERM).into_iter();
        parts.map(|(terms, part)| (kernels::terms(&part, |cell| position[cell]), class.start + terms.start)).collect()
    });
    let classes: Vec<Vec<(Kernel, usize)>> = classes.collect();
    let terms = polynomials.part(0..plan.classes().map(|(class, _)| class.len()).sum());
    let parts = cut_at(&terms, Arithmetic::Base, 1, INTERPRETED).into_iter();
    let terms = parts.map(|(own, part)| add(code(&part, |cell| position[cell], |term| own.start + term))).collect();
    let mut rest = Code::default();
    rest.copy(order.len() as u32, 0);
    Table { cells: add(forms), classes, terms, rest: add(rest), order, stored }
}
