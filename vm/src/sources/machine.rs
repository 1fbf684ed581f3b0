//! Of a segment's tables those that are made of records: each row of one, but for the bits of
//! Keccak's states.

use std::sync::OnceLock;

use tern_air::events::SegmentEvents;
use tern_air::fill::FillRow;
use tern_air::layout::Columns;
use tern_air::lookups::{Count, Lookups};
use tern_air::machine::bits_table::BitsTableCols;
use tern_air::machine::byte_table::ByteTableCols;
use tern_air::machine::leaf::Bounds;
use tern_air::machine::poseidon2::{self, Poseidon2Chip, Poseidon2Cols};
use tern_air::machine::{MachineChip, WithRows, fill_table, keccak_bits, with_rows};
use tern_air::memory::PermutationEvent;
use tern_field::word::Word;
use tern_fri::multilinear::recipe::{Cell, Element, Name, Recipe, Recorder};
use tern_fri::multilinear::source::Records;

use super::{Listed, Looked, Table};
use crate::prove::ExecutedSegment;

/// What the tables of a segment of a program with these bounds are made of, in the order of
/// [`MachineChip::ALL`].
pub fn segment_tables<'a>(segment: &'a ExecutedSegment, bounds: &Bounds) -> Vec<Table<'a>> {
    let ExecutedSegment { events, tree, cycles, .. } = segment;
    let mut lookups = Lookups::default();
    let table = |&chip: &MachineChip| {
        if let (Some(recipe), Some(records)) = (&recipes()[chip as usize], with_rows(chip, events, List)) {
            return Table::Records(recipe, records);
        }
        let mut cells = || fill_table(chip, events, tree, bounds, *cycles, &mut lookups);
        match chip {
            MachineChip::Poseidon2 => permutations(&tree.permutations),
            MachineChip::KeccakBits => Table::States(keccak_bits::states(&events.keccak)),
            // Tables that count are last, when the lookups of filled ones are counted.
            MachineChip::ByteTable | MachineChip::BitsTable => Table::Counts(cells()),
            _ => Table::Cells(cells()),
        }
    };
    MachineChip::ALL.iter().map(table).collect()
}

/// What the table of the memory tree's permutations is made of.
fn permutations(events: &[PermutationEvent]) -> Table<'_> {
    let write = |event: &PermutationEvent, to: &mut [u32]| to.copy_from_slice(&poseidon2::record(event));
    Table::Records(permutation_recipe(), Box::new(Listed { events, words: poseidon2::RECORD_WORDS, write }))
}

/// How the row of a permutation is made.
fn permutation_recipe() -> &'static Recipe {
    static RECIPE: OnceLock<Recipe> = OnceLock::new();
    RECIPE.get_or_init(|| {
        let recorder = Recorder::default();
        let record = recorder.record(poseidon2::RECORD_WORDS);
        let inputs = core::array::from_fn(|i| Element(record[i]));
        let row = poseidon2::row(&Poseidon2Chip::default(), &inputs, || recorder.cut());
        let mut cells: Vec<Cell> = row.as_row().iter().map(|element| Cell::Element(recorder.number_of(element.0))).collect();
        let positions: Vec<usize> = (0..cells.len()).collect();
        cells[Poseidon2Cols::of(&positions).multiplicity] = Cell::Number(recorder.number_of(record[poseidon2::RECORD_WORDS - 1]));
        recorder.recipe(poseidon2::RECORD_WORDS, cells, Vec::new())
    })
}

/// Lists a chip's events as records.
struct List;

impl<'a> WithRows<'a> for List {
    type Output = Box<dyn Records + 'a>;

    fn with_rows<C: FillRow>(self, events: &'a [C::Event]) -> Self::Output {
        Box::new(Listed {
            events,
            words: <C::Record<u32> as Columns<u32>>::WIDTH,
            write: |event, to| to.copy_from_slice(C::record(event).as_row()),
        })
    }
}

/// The recipes of chips each of whose rows is made of one record.
pub(super) fn recipes() -> &'static [Option<Recipe>] {
    static RECIPES: OnceLock<Vec<Option<Recipe>>> = OnceLock::new();
    RECIPES.get_or_init(|| {
        let none = SegmentEvents::default();
        MachineChip::ALL.iter().map(|&chip| with_rows(chip, &none, Record)).collect()
    })
}

/// Records how a chip's row is made.
struct Record;

impl WithRows<'_> for Record {
    type Output = Recipe;

    fn with_rows<C: FillRow>(self, _: &[C::Event]) -> Recipe {
        let recorder = Recorder::default();
        let words = <C::Record<u32> as Columns<u32>>::WIDTH;
        let record = recorder.record(words);
        let mut looked = Looked::new(&recorder);
        let row = C::row(C::Record::of(&record), &mut looked);
        looked.recipe(words, row.as_row())
    }
}

/// Lookups in the table of bits, whose row of `v < 2^k` is `2^k + v`.
impl<'a> Looked<'a> {
    fn look_up_bits(&mut self, column: impl FnOnce(&BitsTableCols<usize>) -> usize, row: Name<'a>, active: Name<'a>) {
        let positions: Vec<usize> = (0..BitsTableCols::<usize>::WIDTH).collect();
        let column = column(BitsTableCols::of(&positions));
        self.look_up((MachineChip::BitsTable as usize, positions.len()), Name::from(column as u32), row, active);
    }
}

impl<'a> Count<Name<'a>> for Looked<'a> {
    fn count_bits(&mut self, k: Name<'a>, v: Name<'a>, active: Name<'a>) {
        self.look_up_bits(|columns| columns.bits, (Name::from(1) << k).plus(v), active);
    }

    fn count_power(&mut self, k: Name<'a>, active: Name<'a>) {
        self.look_up_bits(|columns| columns.power, Name::from(1) << k, active);
    }

    fn count_byte(&mut self, lookup: Name<'a>, a: Name<'a>, b: Name<'a>, active: Name<'a>) {
        let table = (MachineChip::ByteTable as usize, ByteTableCols::<usize>::WIDTH);
        self.look_up(table, lookup, a.plus(b << Name::from(8)), active);
    }
}
