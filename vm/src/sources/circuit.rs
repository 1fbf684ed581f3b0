//! Of a recursion proof's tables the one of compressions, which has most of the cells.

use std::sync::OnceLock;

use tern_air::layout::Columns;
use tern_air::recursion::CircuitChip;
use tern_air::recursion::byte_table::{ByteLookup, ByteTableCols, CountPairs};
use tern_air::recursion::compress::{self, CompressRecord, Compression};
use tern_field::word::Word;
use tern_fri::multilinear::recipe::{Name, Recipe, Recorder};

use super::{Listed, Looked, Table};

/// What a table of compressions is made of.
pub fn compressions(compressions: &[Compression]) -> Table<'_> {
    let write = |of: &Compression, to: &mut [u32]| to.copy_from_slice(CompressRecord::from(of).as_row());
    Table::Records(recipe(), Box::new(Listed { events: compressions, words: recipe().words, write }))
}

/// How the row of a compression is made.
pub(super) fn recipe() -> &'static Recipe {
    static RECIPE: OnceLock<Recipe> = OnceLock::new();
    RECIPE.get_or_init(|| {
        let recorder = Recorder::default();
        let words = CompressRecord::<u32>::WIDTH;
        let record = recorder.record(words);
        let mut looked = Looked::new(&recorder);
        let row = compress::row(CompressRecord::of(&record), &mut looked);
        looked.recipe(words, row.as_row())
    })
}

impl<'a> CountPairs<Name<'a>> for Looked<'a> {
    fn count_pair(&mut self, lookup: ByteLookup, a: Name<'a>, b: Name<'a>) {
        let table = (CircuitChip::ByteTable as usize, ByteTableCols::<usize>::WIDTH);
        self.look_up(table, Name::from(lookup as u32), a.plus(b << Name::from(8)), Name::from(1));
    }

    fn part(&mut self) {
        self.recorder.cut();
    }
}
