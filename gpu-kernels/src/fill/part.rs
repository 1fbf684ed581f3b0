//! Parts of a recipe: what each reads, makes and leaves to those behind it.
//!
//! A recipe that is long has parts, each of which is a kernel's. What steps of a part are used
//! behind it are kept for each row in *slots*. All places are parameters, so that parts that do the
//! same are one kernel.

use std::collections::{BTreeMap, BTreeSet};

use tern_fri::multilinear::recipe::{Cell, Lookup, Number, Recipe, Step};

/// A part of a recipe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Its steps, in order: numbers and words of the record among them.
    pub steps: Vec<Number>,
    /// Steps of parts before, with their slots.
    pub loaded: Vec<(Number, usize)>,
    /// Steps that parts behind use, with their slots.
    pub kept: Vec<(Number, usize)>,
    /// The columns that it makes, with their steps.
    pub cells: Vec<(usize, Cell)>,
    /// The lookups that it counts.
    pub lookups: Vec<Lookup>,
}

/// Takes a recipe apart; gives the number of slots too.
pub fn parts(recipe: &Recipe) -> (Vec<Part>, usize) {
    let part_of = |number: Number| recipe.cuts.partition_point(|&cut| cut <= number);
    let is_kept = |number: Number| !matches!(recipe.steps[number as usize], Step::Record(_) | Step::Constant(_));
    // A cell is made where its step is, a lookup where the last of its steps is.
    let mut parts = vec![Part::default(); recipe.cuts.len() + 1];
    for (column, &cell) in recipe.cells.iter().enumerate() {
        parts[part_of(cell.step())].cells.push((column, cell));
    }
    for lookup in &recipe.lookups {
        let last = [lookup.column, lookup.row, lookup.active].into_iter().filter(|&number| is_kept(number)).map(part_of).max();
        parts[last.unwrap_or(0)].lookups.push(*lookup);
    }
    // From the last part to the first: what is made there for it and those behind it.
    let mut last_use: BTreeMap<Number, usize> = BTreeMap::new();
    for (number, part) in parts.iter_mut().enumerate().rev() {
        let cells = part.cells.iter().map(|(_, cell)| cell.step());
        let lookups = part.lookups.iter().flat_map(|lookup| [lookup.column, lookup.row, lookup.active]);
        let behind = last_use.keys().copied().filter(|&step| part_of(step) == number);
        let mut open: Vec<Number> = cells.chain(lookups).chain(behind).collect();
        let mut own: BTreeSet<Number> = BTreeSet::new();
        while let Some(step) = open.pop() {
            if is_kept(step) && part_of(step) < number {
                last_use.entry(step).or_insert(number);
            } else if own.insert(step) {
                open.extend(used(&recipe.steps[step as usize]));
            }
        }
        part.steps = own.into_iter().collect();
    }
    let slots = give_slots(recipe, &mut parts, &last_use);
    (parts, slots)
}

/// What a step is made of.
pub fn used(step: &Step) -> &[Number] {
    match step {
        Step::Of(_, of) => of,
        Step::Select(of) => of,
        Step::Record(_) | Step::Constant(_) => &[],
    }
}

/// Gives steps that are kept slots of their own until the last part that uses them.
fn give_slots(recipe: &Recipe, parts: &mut [Part], last_use: &BTreeMap<Number, usize>) -> usize {
    let mut slots: BTreeMap<Number, usize> = BTreeMap::new();
    let (mut free, mut count) = (Vec::new(), 0);
    for (number, part) in parts.iter_mut().enumerate() {
        let uses = part.steps.iter().flat_map(|&step| used(&recipe.steps[step as usize]).iter().copied());
        let uses = uses.chain(part.cells.iter().map(|(_, cell)| cell.step()));
        let uses = uses.chain(part.lookups.iter().flat_map(|lookup| [lookup.column, lookup.row, lookup.active]));
        // In the order of use, which is the same in parts that do the same.
        for step in uses {
            if let Some(&slot) = slots.get(&step)
                && part.loaded.iter().all(|(known, _)| *known != step)
            {
                part.loaded.push((step, slot));
            }
        }
        // A slot that is read here is not written here: rows of a part may be read after its writes.
        for &step in part.steps.iter().filter(|step| last_use.contains_key(step)) {
            let slot = free.pop().unwrap_or_else(|| {
                count += 1;
                count - 1
            });
            slots.insert(step, slot);
            part.kept.push((step, slot));
        }
        let done: Vec<Number> = slots.keys().copied().filter(|step| last_use[step] == number).collect();
        free.extend(done.iter().filter_map(|step| slots.remove(step)));
    }
    count
}

#[cfg(test)]
mod tests {
    use tern_field::word::Word;
    use tern_fri::multilinear::recipe::Recorder;

    use super::*;

    /// Two words that are mixed again and again, with a cell and a lookup each time.
    fn recipe(rounds: usize) -> Recipe {
        let recorder = Recorder::default();
        let record = recorder.record(3);
        let [mut a, mut b, c] = [record[0], record[1], record[2]];
        let (mut cells, mut lookups) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            recorder.cut();
            (a, b) = (b.plus(a ^ c), a.times(b));
            let [column, active] = [0, 1].map(|number| recorder.number_of(number.into()));
            lookups.push(Lookup { table: 0, width: 1, column, row: recorder.number_of(a.bits(0, 8)), active });
            cells.push(Cell::Number(recorder.number_of(b)));
        }
        cells.push(Cell::Number(recorder.number_of(a)));
        recorder.recipe(3, cells, lookups)
    }

    #[test]
    fn parts_do_what_the_whole_does() {
        let recipe = recipe(9);
        let (parts, slots) = parts(&recipe);
        assert_eq!((parts.len(), slots), (10, 4));
        let record = [3, 5, 0xffff_fff7];
        let expected = recipe.values(&record);
        let (mut kept, mut cells, mut lookups) = (vec![None; slots], BTreeMap::new(), 0);
        for part in &parts {
            let mut values: BTreeMap<Number, u32> = BTreeMap::new();
            values.extend(part.loaded.iter().map(|&(step, slot)| (step, kept[slot].expect("a word"))));
            for &step in &part.steps {
                let made = recipe.steps[step as usize].value(&record, |number| values[&number]);
                values.insert(step, made);
            }
            // A slot that is written here is none that is read here.
            assert!(part.kept.iter().all(|(_, slot)| part.loaded.iter().all(|(_, other)| slot != other)));
            part.kept.iter().for_each(|(step, slot)| kept[*slot] = Some(values[step]));
            cells.extend(part.cells.iter().map(|&(column, cell)| (column, values[&cell.step()])));
            for lookup in &part.lookups {
                assert!(values[&lookup.row] == expected[lookup.row as usize] && values[&lookup.active] == 1);
                lookups += 1;
            }
        }
        let made: Vec<u32> = cells.into_values().collect();
        assert_eq!((made, lookups), (recipe.cells.iter().map(|cell| expected[cell.step() as usize]).collect(), 9));
        // All but the first, which has nothing to do, and the last, which makes one cell more, do
        // the same with other words.
        assert!(parts[0].steps.is_empty());
        let shape = |part: &Part| (part.steps.len(), part.loaded.len(), part.kept.len(), part.cells.len());
        assert!(parts[2..9].iter().all(|part| shape(part) == shape(&parts[2])));
    }
}
