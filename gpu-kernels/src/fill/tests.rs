use std::collections::BTreeSet;

use p3_field::PrimeCharacteristicRing;
use tern_air::events::KeccakEvent;
use tern_air::layout::Columns as _;
use tern_air::machine::keccak_bits;
use tern_air::machine::poseidon2::{self, Poseidon2Chip};
use tern_air::memory::PermutationEvent;
use tern_air::recursion::byte_table::{self, ByteLookup, ByteLookups, CountPairs};
use tern_air::recursion::compress::{self, CompressRecord, Compression};
use tern_field::poseidon2::{DOMAIN_WORD, WIDTH as STATE};
use tern_field::word::Word;
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::recipe::{Cell, Element, Lookup, Name, Recorder};
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::source::Records;

use super::*;
use crate::tests::{gpus, noise};

/// Columns of the table whose rows are made, in groups of 32, 4 and 4, one of the last without a
/// column.
const WIDTH: usize = 39;

/// Words of a record.
const WORDS: usize = 3;

/// Columns and rows of the table that counts.
const COUNTING: (usize, usize) = (3, 64);

/// A row of each operation, of words of any kind, and what it looks up: a column, a row, and
/// whether that is counted.
fn row<W: Word>([a, b, c]: [W; WORDS]) -> ([W; WIDTH], [[W; 3]; 2]) {
    let by = c.bits(3, 5);
    let is_below = a.is_below(b);
    let made = [a.plus(b), a.minus(b), a.times(b), a & b, a | b, a ^ b, a << by, a >> by, a.equals(c), is_below, is_below.select(a, c)];
    let constants = [W::from(0), W::from(7), W::from(u32::MAX)];
    let cells = core::array::from_fn(|i| if i % 5 == 4 { constants[i / 5 % 3] } else { made[i % made.len()] ^ W::from(i as u32 / 11) });
    (cells, [[a.bits(1, 1), b.bits(0, 6), W::from(1)], [W::from(2), c.bits(0, 5), is_below]])
}

fn recipe(table: usize) -> Recipe {
    let recorder = Recorder::default();
    let words: Vec<Name<'_>> = recorder.record(WORDS);
    let (cells, lookups) = row([words[0], words[1], words[2]]);
    let lookups = lookups.map(|names| {
        let [column, row, active] = names.map(|name| recorder.number_of(name));
        Lookup { table, width: COUNTING.0, column, row, active }
    });
    recorder.recipe(WORDS, cells.map(|name| Cell::Number(recorder.number_of(name))).to_vec(), lookups.to_vec())
}

struct Numbers(Vec<[u32; WORDS]>);

impl Records for Numbers {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn write(&self, first: usize, to: &mut [u32]) {
        to.copy_from_slice(self.0[first..][..to.len() / WORDS].as_flattened());
    }
}

fn numbers(count: usize) -> Numbers {
    let words = noise(count as u64, WORDS * count);
    // Above the field's order too.
    Numbers(words.as_chunks::<WORDS>().0.iter().map(|words| words.map(|word| word.to_unique_u32().wrapping_mul(3))).collect())
}

/// Tables as a device fills them and as they are uploaded, of the rows that are stored.
fn assert_alike(sources: &[Source<'_>], expected: &[RowMajorMatrix<F>], batch: usize) {
    let layout = Layout::new(&expected.iter().map(|table| table.width).collect::<Vec<_>>(), SEGMENT_V2.log_width);
    let heights: Vec<usize> = expected.iter().map(|table| table.height().next_multiple_of(1 << LOG_BLOCK)).collect();
    assert!(sources.iter().map(Source::width).eq(layout.widths().iter().copied()));
    let uploaded: Vec<Source<'_>> = expected.iter().map(Source::Cells).collect();
    for gpu in gpus() {
        let kernels = Kernels { batch, ..Kernels::default() };
        let [filled, expected] = [sources, &uploaded].map(|tables| {
            let cells = fill(&gpu, &kernels, &layout, tables, &heights).expect("cells");
            gpu.read_base(&cells, 0, cells.len()).expect("cells")
        });
        assert!(filled == expected, "batches of {batch} words, {} cells", filled.len());
    }
}

#[test]
fn rows_are_made_of_records() {
    let recipe = recipe(1);
    for (count, batch) in [(0, 1), (1, 1), (900, 100 * WORDS), (1024, 512 * WORDS), (1300, BATCH)] {
        let records = numbers(count);
        let before: Vec<F> = (0..COUNTING.0 * COUNTING.1).map(F::from_usize).collect();
        let (mut cells, mut counts) = (Vec::new(), before.clone());
        for &record in &records.0 {
            let (row, lookups) = row(record);
            cells.extend(row.map(F::from_u32));
            for [column, row, _] in lookups.into_iter().filter(|[_, _, active]| *active == 1) {
                counts[row as usize * COUNTING.0 + column as usize] += F::ONE;
            }
        }
        let [before, counts] = [before, counts].map(|counts| RowMajorMatrix::new(counts, COUNTING.0));
        let others = RowMajorMatrix::new(noise(7, 5 * 40), 5);
        let sources = [Source::Records(&recipe, &records), Source::Counts(&before), Source::Cells(&others)];
        assert_alike(&sources, &[RowMajorMatrix::new(cells, WIDTH), counts, others.clone()], batch);
    }
}

#[test]
fn bits_are_made_of_states() {
    for (calls, batch) in [(0, 1), (1, BATCH), (16, BATCH), (53, 2 * SKIP * CALL_WORDS)] {
        let lanes = noise(calls as u64, 2 * LANES * calls);
        let event = |lanes: &[F]| KeccakEvent {
            time: 8,
            ptr: 0,
            state: core::array::from_fn(|i| u64::from(lanes[2 * i].to_unique_u32()) << 33 ^ u64::from(lanes[2 * i + 1].to_unique_u32())),
            t_mem: [0; LANES],
        };
        let events: Vec<KeccakEvent> = lanes.chunks_exact(2 * LANES).map(event).collect();
        let states = keccak_bits::states(&events);
        let source = Source::States(&states, keccak_bits::height(calls));
        assert_alike(&[source], &[keccak_bits::fill(&events)], batch);
    }
}

/// Of permutations, which are field arithmetic in parts.
#[test]
fn rows_are_made_in_parts() {
    let recorder = Recorder::default();
    let record = recorder.record(poseidon2::RECORD_WORDS);
    let inputs = core::array::from_fn(|i| Element(record[i]));
    let row = poseidon2::row(&Poseidon2Chip::default(), &inputs, || recorder.cut());
    let mut cells: Vec<Cell> = row.as_row().iter().map(|element| Cell::Element(recorder.number_of(element.0))).collect();
    // The last column is the count.
    cells.pop();
    cells.push(Cell::Number(recorder.number_of(record[poseidon2::RECORD_WORDS - 1])));
    let recipe = recorder.recipe(poseidon2::RECORD_WORDS, cells, Vec::new());
    let event = |i: usize| PermutationEvent {
        state: core::array::from_fn(|word| if word <= DOMAIN_WORD { noise(i as u64, STATE)[word] } else { F::ZERO }),
        count: i as u32,
    };
    let events: Vec<PermutationEvent> = (0..700).map(event).collect();
    let records = Permutations(&events);
    // The linear layer before all rounds, full rounds but the last, partial rounds, the last round.
    assert_eq!(kernels(&recipe), (30, 4));
    for batch in [BATCH, 100 * 80] {
        assert_alike(&[Source::Records(&recipe, &records)], &[poseidon2::fill(&events, events.len())], batch);
    }
}

struct Permutations<'a>(&'a [PermutationEvent]);

impl Records for Permutations<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn write(&self, first: usize, to: &mut [u32]) {
        for (event, to) in self.0[first..].iter().zip(to.chunks_exact_mut(poseidon2::RECORD_WORDS)) {
            to.copy_from_slice(&poseidon2::record(event));
        }
    }
}

/// Parts of a recipe, and kernels that they are.
fn kernels(recipe: &Recipe) -> (usize, usize) {
    let layout = Layout::new(&[recipe.cells.len()], SEGMENT_V2.log_width);
    let (parts, _) = kernel::rows(recipe, Load::Record, &layout.groups().iter().collect::<Vec<_>>());
    let names: BTreeSet<&str> = parts.iter().map(|part| part.kernel.name.as_ref()).collect();
    (parts.len(), names.len())
}

/// Records what compressions look up in the second table.
struct Pairs<'a>(&'a Recorder, Vec<Lookup>);

impl<'a> CountPairs<Name<'a>> for Pairs<'a> {
    fn count_pair(&mut self, lookup: ByteLookup, a: Name<'a>, b: Name<'a>) {
        let names = [Name::from(lookup as u32), a.plus(b << Name::from(8)), Name::from(1)];
        let [column, row, active] = names.map(|name| self.0.number_of(name));
        self.1.push(Lookup { table: 1, width: byte_table::ByteTableCols::<u32>::WIDTH, column, row, active });
    }

    fn part(&mut self) {
        self.0.cut();
    }
}

struct Compressions(Vec<Compression>);

impl Records for Compressions {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn write(&self, first: usize, to: &mut [u32]) {
        for (of, to) in self.0[first..].iter().zip(to.chunks_exact_mut(CompressRecord::<u32>::WIDTH)) {
            to.copy_from_slice(CompressRecord::from(of).as_row());
        }
    }
}

/// Of BLAKE3's compressions, which look up in every part.
#[test]
fn lookups_are_counted_in_parts() {
    let recorder = Recorder::default();
    let record = recorder.record(CompressRecord::<u32>::WIDTH);
    let mut pairs = Pairs(&recorder, Vec::new());
    let row = compress::row(CompressRecord::of(&record), &mut pairs);
    let cells = row.as_row().iter().map(|&name| Cell::Number(recorder.number_of(name))).collect();
    let recipe = recorder.recipe(record.len(), cells, pairs.1);
    // Inputs, the four quarter rounds that take words from there, the others, of which some add words
    // in the other order, for they were made so, the output.
    assert_eq!(kernels(&recipe), (58, 8));
    let word = |i: usize, seed: u64| noise(seed, 30)[i].to_unique_u32().wrapping_mul(3);
    let compression = |i: u32| {
        let half = |first: usize| core::array::from_fn(|j| word(first + j, i.into()));
        Compression { cv: half(0), own: half(8), sibling: half(16), swapped: i.is_multiple_of(3), counter: i, len: i % 65, flags: i % 32 }
    };
    let compressions = Compressions((0..70).map(compression).collect());
    let mut lookups = ByteLookups::default();
    let cells = compress::fill(&compressions.0, compressions.0.len(), &mut lookups);
    let [none, counts] = [ByteLookups::default(), lookups].map(|lookups| byte_table::fill(&lookups));
    let sources = [Source::Records(&recipe, &compressions), Source::Counts(&none)];
    assert_alike(&sources, &[cells, counts], BATCH);
}
