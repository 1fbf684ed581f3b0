//! Where large blocks lie, and which pages the system has given: arithmetic only.

use std::collections::BTreeMap;

/// Blocks and gaps are whole multiples of this.
pub const GRAIN: usize = 512 << 10;

/// A region of addresses, by offsets from its start, cut into blocks and gaps.
///
/// The pages of a gap are either *kept*, so that the next block there costs nothing, or *returned*
/// to the system. Blocks and kept pages are never more than the region's blocks alone once were:
/// before a block takes pages from the system, as many others are returned as that needs.
#[derive(Debug)]
pub struct Pool {
    capacity: usize,
    /// Everything from here on was never used.
    end: usize,
    /// By offset. Neighbours with pages of one kind are one gap.
    gaps: BTreeMap<usize, Gap>,
    /// Bytes of blocks.
    live: usize,
    /// Bytes of gaps whose pages are kept.
    kept: usize,
    /// The most bytes that blocks ever had at a time.
    peak: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    len: usize,
    kept: bool,
}

/// A new block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where it starts.
    pub offset: usize,
    /// Whether its pages are new from the system, and so zero.
    pub is_zero: bool,
}

impl Pool {
    /// An empty region of this many bytes.
    pub const fn new(capacity: usize) -> Self {
        Self { capacity, end: 0, gaps: BTreeMap::new(), live: 0, kept: 0, peak: 0 }
    }

    /// Finds a place for a block of `len` bytes, a multiple of [`GRAIN`]; `release` is told which
    /// pages must go back to the system, and says whether they did. None if the region is full.
    pub fn take(&mut self, len: usize, release: impl FnMut(usize, usize) -> bool) -> Option<Block> {
        if let Some(offset) = self.smallest_gap(len, true) {
            self.cut(offset, len);
            self.kept -= len;
            self.add_live(len);
            return Some(Block { offset, is_zero: false });
        }
        let offset = match self.smallest_gap(len, false) {
            Some(offset) => {
                self.cut(offset, len);
                offset
            }
            None if len <= self.capacity - self.end => {
                self.end += len;
                self.end - len
            }
            None => return None,
        };
        self.add_live(len);
        self.make_room(release);
        Some(Block { offset, is_zero: true })
    }

    /// Takes a block back. Its pages are kept.
    pub fn give(&mut self, offset: usize, len: usize) {
        self.live -= len;
        self.kept += len;
        self.insert(offset, Gap { len, kept: true });
    }

    /// Makes a block longer where it is, from `len` to `new_len` bytes, if nothing stands in the
    /// way; `release` as in [`Self::take`].
    pub fn grow(&mut self, offset: usize, len: usize, new_len: usize, release: impl FnMut(usize, usize) -> bool) -> bool {
        let (next, more) = (offset + len, new_len - len);
        match self.gaps.get(&next).copied() {
            Some(gap) if gap.len >= more => {
                self.cut(next, more);
                if gap.kept {
                    self.kept -= more;
                }
            }
            None if next == self.end && more <= self.capacity - self.end => self.end += more,
            _ => return false,
        }
        self.add_live(more);
        self.make_room(release);
        true
    }

    const fn add_live(&mut self, len: usize) {
        self.live += len;
        if self.live > self.peak {
            self.peak = self.live;
        }
    }

    fn smallest_gap(&self, len: usize, kept: bool) -> Option<usize> {
        let fitting = self.gaps.iter().filter(|(_, gap)| gap.kept == kept && gap.len >= len);
        fitting.min_by_key(|(_, gap)| gap.len).map(|(offset, _)| *offset)
    }

    /// Takes the first `len` bytes of the gap at `offset` out.
    fn cut(&mut self, offset: usize, len: usize) {
        if let Some(gap) = self.gaps.remove(&offset)
            && gap.len > len
        {
            self.gaps.insert(offset + len, Gap { len: gap.len - len, ..gap });
        }
    }

    /// Returns kept pages, of the smallest gaps first, until blocks and kept pages are no more than
    /// blocks alone once were.
    fn make_room(&mut self, mut release: impl FnMut(usize, usize) -> bool) {
        while self.live + self.kept > self.peak {
            let smallest = self.gaps.iter().filter(|(_, gap)| gap.kept).min_by_key(|(_, gap)| gap.len);
            let Some((offset, gap)) = smallest.map(|(offset, gap)| (*offset, *gap)) else { return };
            let len = gap.len.min(self.live + self.kept - self.peak);
            if !release(offset, len) {
                return;
            }
            self.cut(offset, len);
            self.kept -= len;
            self.insert(offset, Gap { len, kept: false });
        }
    }

    /// Adds a gap, and joins it with its neighbours of the same kind.
    fn insert(&mut self, mut offset: usize, mut gap: Gap) {
        if let Some((before, left)) = self.gaps.range(..offset).next_back().map(|(before, left)| (*before, *left))
            && before + left.len == offset
            && left.kept == gap.kept
        {
            self.gaps.remove(&before);
            offset = before;
            gap.len += left.len;
        }
        if let Some(right) = self.gaps.get(&(offset + gap.len)).copied()
            && right.kept == gap.kept
        {
            self.gaps.remove(&(offset + gap.len));
            gap.len += right.len;
        }
        self.gaps.insert(offset, gap);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sizes of everything, recounted.
    fn check(pool: &Pool, blocks: &[(usize, usize)], pages: &[bool]) {
        let bytes = |kept| pool.gaps.values().filter(|gap| gap.kept == kept).map(|gap| gap.len).sum::<usize>();
        let live: usize = blocks.iter().map(|(_, len)| len).sum();
        assert_eq!((pool.live, pool.kept), (live, bytes(true)));
        assert_eq!(live + bytes(true) + bytes(false), pool.end, "blocks and gaps fill the region");
        assert!(pool.live + pool.kept <= pool.peak, "kept pages make the process larger");
        let mut ends: Vec<(usize, usize)> = blocks.to_vec();
        ends.extend(pool.gaps.iter().map(|(offset, gap)| (*offset, gap.len)));
        ends.sort_unstable();
        assert!(ends.windows(2).all(|pair| pair[0].0 + pair[0].1 == pair[1].0), "nothing overlaps");
        let gaps: Vec<(&usize, &Gap)> = pool.gaps.iter().collect();
        assert!(
            gaps.windows(2).all(|pair| pair[0].0 + pair[0].1.len < *pair[1].0 || pair[0].1.kept != pair[1].1.kept),
            "neighbours are joined"
        );
        assert_eq!(pages.iter().filter(|page| **page).count(), pool.live + pool.kept, "pages of the system");
    }

    proptest! {
        #[test]
        fn blocks_never_overlap_and_pages_never_exceed_the_peak(steps in prop::collection::vec((0..4_u8, 1..9_usize, any::<usize>()), 1..80)) {
            const CAPACITY: usize = 64;
            let mut pool = Pool::new(CAPACITY);
            let mut blocks: Vec<(usize, usize)> = Vec::new();
            let mut pages = [false; CAPACITY];
            for (step, len, pick) in steps {
                match step {
                    0 | 1 => {
                        let mut returned = Vec::new();
                        let block = pool.take(len, |offset, len| {
                            returned.push(offset..offset + len);
                            true
                        });
                        returned.into_iter().for_each(|range| pages[range].fill(false));
                        if let Some(Block { offset, is_zero }) = block {
                            prop_assert!(pages[offset..offset + len].iter().all(|page| *page != is_zero), "old pages are not zero, new ones are");
                            pages[offset..offset + len].fill(true);
                            blocks.push((offset, len));
                        }
                    }
                    2 if !blocks.is_empty() => {
                        let (offset, len) = blocks.swap_remove(pick % blocks.len());
                        pool.give(offset, len);
                    }
                    3 if !blocks.is_empty() => {
                        let index = pick % blocks.len();
                        let block = &mut blocks[index];
                        let mut returned = Vec::new();
                        let grown = pool.grow(block.0, block.1, block.1 + len, |offset, len| {
                            returned.push(offset..offset + len);
                            true
                        });
                        returned.into_iter().for_each(|range| pages[range].fill(false));
                        if grown {
                            pages[block.0 + block.1..][..len].fill(true);
                            block.1 += len;
                        }
                    }
                    _ => {}
                }
                check(&pool, &blocks, &pages);
            }
        }
    }

    #[test]
    fn a_block_of_the_same_size_costs_no_page() {
        let mut pool = Pool::new(10 * GRAIN);
        let first = pool.take(3 * GRAIN, |_, _| panic!("nothing is kept")).expect("it fits");
        pool.give(first.offset, 3 * GRAIN);
        let second = pool.take(3 * GRAIN, |_, _| panic!("no page is needed"));
        assert_eq!(second, Some(Block { offset: first.offset, is_zero: false }));
        assert_eq!(pool.take(8 * GRAIN, |_, _| true), None);
    }

    /// Pages that the system does not take back are not zero: they stay kept.
    #[test]
    fn pages_that_stay_are_kept() {
        let mut pool = Pool::new(10 * GRAIN);
        let first = pool.take(2 * GRAIN, |_, _| true).expect("it fits");
        pool.give(first.offset, 2 * GRAIN);
        assert!(pool.take(3 * GRAIN, |_, _| false).is_some());
        assert_eq!(pool.take(2 * GRAIN, |_, _| false), Some(Block { offset: first.offset, is_zero: false }));
    }
}
