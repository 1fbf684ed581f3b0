//! The guest's heap: a bump allocator with free lists by size class.
//!
//! Proving costs by the distinct 32-byte leaves a segment touches, so freed blocks are reused last-in
//! first-out, small blocks of one size lie together, and a block header does not exist. Fresh memory is zero,
//! which makes `alloc_zeroed` free for it.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;

/// Blocks up to this size are rounded to a multiple of [`GRAIN`]; larger ones to a quarter power of two.
const SMALL_LIMIT: usize = 1024;
const GRAIN: usize = 16;
const SMALL_CLASSES: usize = SMALL_LIMIT / GRAIN + 1;
/// Classes of larger blocks: four for each power of two from 2^10 to 2^31.
const LARGE_CLASSES: usize = 4 * 21;

/// A heap over one range of zeroed memory.
pub struct Heap {
    state: UnsafeCell<State>,
}

struct State {
    next: usize,
    end: usize,
    free: [*mut FreeBlock; SMALL_CLASSES + LARGE_CLASSES],
}

struct FreeBlock {
    next: *mut FreeBlock,
}

// SAFETY: a guest has one hart and no interrupts, so no two calls overlap.
unsafe impl Sync for Heap {}

impl Heap {
    /// An empty heap; see [`Heap::init`].
    pub const fn new() -> Self {
        let free = [ptr::null_mut(); SMALL_CLASSES + LARGE_CLASSES];
        Self { state: UnsafeCell::new(State { next: 0, end: 0, free }) }
    }

    /// Gives the heap its memory.
    ///
    /// # Safety
    ///
    /// `start..end` is zeroed, writable and used by nothing else. Call before the first allocation.
    pub unsafe fn init(&self, start: usize, end: usize) {
        // SAFETY: not shared yet, by the contract.
        let state = unsafe { &mut *self.state.get() };
        state.next = start;
        state.end = end;
    }
}

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

/// The class of a size and the size of its blocks.
#[inline(always)]
fn class_of(size: usize) -> (usize, usize) {
    if size <= SMALL_LIMIT {
        let class = size.div_ceil(GRAIN);
        return (class, class * GRAIN);
    }
    large_class_of(size)
}

/// Blocks of `2^k * (5, 6, 7, 8) / 4` bytes for sizes above `2^k`.
#[cold]
fn large_class_of(size: usize) -> (usize, usize) {
    let mut quarter = SMALL_LIMIT / 4;
    let mut class = SMALL_CLASSES;
    while size > 8 * quarter {
        quarter *= 2;
        class += 4;
    }
    let steps = size.div_ceil(quarter);
    (class + steps - 5, steps * quarter)
}

impl State {
    /// A block of a class, and whether it is known to be zero; null when memory is exhausted.
    #[inline(always)]
    fn take(&mut self, layout: Layout) -> (*mut u8, bool) {
        if layout.align() > GRAIN {
            return (self.take_aligned(layout), true);
        }
        let (class, bytes) = class_of(layout.size());
        // Sizes are below 2^31 for any class index to exist; larger ones cannot be satisfied.
        let Some(head) = self.free.get_mut(class) else {
            return (ptr::null_mut(), false);
        };
        if !head.is_null() {
            let block = *head;
            // SAFETY: a block in a free list is unused memory of this heap that starts with its link.
            *head = unsafe { (*block).next };
            return (block.cast(), false);
        }
        (self.bump(bytes), true)
    }

    #[inline(always)]
    fn bump(&mut self, bytes: usize) -> *mut u8 {
        let start = self.next;
        if bytes > self.end - start {
            return ptr::null_mut();
        }
        self.next = start + bytes;
        start as *mut u8
    }

    /// Resizes the newest block where it lies; false if it is another block or memory is exhausted.
    #[inline(always)]
    fn resize_last(&mut self, block: *mut u8, old_bytes: usize, new_bytes: usize) -> bool {
        let start = block as usize;
        let last = start + old_bytes == self.next && new_bytes <= self.end - start;
        // Only growth: memory given back to the bump range would no longer be zero.
        if last && new_bytes > old_bytes {
            self.next = start + new_bytes;
            return true;
        }
        false
    }

    /// Blocks with unusual alignment are fresh and never reused.
    #[cold]
    fn take_aligned(&mut self, layout: Layout) -> *mut u8 {
        let start = self.next.next_multiple_of(layout.align());
        let padding = start - self.next;
        let bytes = layout.size().next_multiple_of(GRAIN);
        if bytes > self.end - self.next || padding > self.end - self.next - bytes {
            return ptr::null_mut();
        }
        self.next = start + bytes;
        start as *mut u8
    }

    #[inline(always)]
    fn give(&mut self, block: *mut u8, layout: Layout) {
        if layout.align() > GRAIN {
            return;
        }
        let (class, _) = class_of(layout.size());
        let block: *mut FreeBlock = block.cast();
        // SAFETY: the block holds at least GRAIN bytes, aligned to GRAIN, and its owner has given it up.
        unsafe { (*block).next = self.free[class] };
        self.free[class] = block;
    }
}

// SAFETY: blocks are disjoint, live in the heap's range, and hold their class's size with alignment GRAIN or the
// one asked for.
unsafe impl GlobalAlloc for Heap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: one hart, and no reference outlives a call.
        unsafe { (*self.state.get()).take(layout).0 }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`; the block holds `layout.size()` bytes.
        unsafe {
            let (block, zero) = (*self.state.get()).take(layout);
            if !zero && !block.is_null() {
                ptr::write_bytes(block, 0, layout.size());
            }
            block
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as in `alloc`; the block came from here with this layout.
        unsafe { (*self.state.get()).give(block, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as in `alloc`; both layouts have a valid size and the same alignment.
        unsafe {
            let new_layout = Layout::from_size_align_unchecked(new_size, layout.align());
            if layout.align() <= GRAIN {
                let (old_class, old_bytes) = class_of(layout.size());
                let (new_class, new_bytes) = class_of(new_size);
                if old_class == new_class || (*self.state.get()).resize_last(block, old_bytes, new_bytes) {
                    return block;
                }
            }
            let new_block = self.alloc(new_layout);
            if !new_block.is_null() {
                ptr::copy_nonoverlapping(block, new_block, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            new_block
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    const BYTES: usize = 1 << 20;

    struct Block {
        start: *mut u8,
        layout: Layout,
        fill: u8,
    }

    impl Block {
        fn bytes(&mut self) -> &mut [u8] {
            // SAFETY: a live block of the heap under test.
            unsafe { core::slice::from_raw_parts_mut(self.start, self.layout.size()) }
        }

        fn check(&mut self) {
            let fill = self.fill;
            assert!(self.bytes().iter().all(|&byte| byte == fill), "a block was overwritten");
        }
    }

    proptest! {
        /// Blocks are aligned, keep their contents through anything that happens to others, and are zero where asked.
        #[test]
        fn blocks_do_not_overlap(steps in proptest::collection::vec((0u8..5, 1usize..6000, 0u32..8, any::<u8>()), 1..200)) {
            let mut memory = vec![0u64; BYTES / 8];
            let start = memory.as_mut_ptr() as usize;
            let start = start.next_multiple_of(GRAIN);
            let heap = Heap::new();
            // SAFETY: the range is ours, zeroed, and outlives the heap.
            unsafe { heap.init(start, start + BYTES - 2 * GRAIN) };
            let mut blocks: Vec<Block> = Vec::new();
            for (step, size, align, fill) in steps {
                let layout = Layout::from_size_align(size, 1 << align).expect("a layout");
                match step {
                    0 | 1 => {
                        // SAFETY: the size is not zero.
                        let start = unsafe { if step == 0 { heap.alloc(layout) } else { heap.alloc_zeroed(layout) } };
                        if start.is_null() {
                            continue;
                        }
                        prop_assert_eq!(start as usize % layout.align(), 0);
                        let mut block = Block { start, layout, fill: 0 };
                        if step == 1 {
                            block.check();
                        }
                        block.fill = fill;
                        block.bytes().fill(fill);
                        blocks.push(block);
                    }
                    2 if !blocks.is_empty() => {
                        let mut block = blocks.swap_remove(size % blocks.len());
                        block.check();
                        // SAFETY: the block came from this heap with this layout.
                        unsafe { heap.dealloc(block.start, block.layout) };
                    }
                    3 | 4 if !blocks.is_empty() => {
                        let at = size % blocks.len();
                        let block = &mut blocks[at];
                        // SAFETY: as above, and the new size is not zero.
                        let start = unsafe { heap.realloc(block.start, block.layout, size) };
                        if start.is_null() {
                            continue;
                        }
                        let kept = block.layout.size().min(size);
                        block.start = start;
                        block.layout = Layout::from_size_align(size, block.layout.align()).expect("a layout");
                        let fill = block.fill;
                        assert!(block.bytes()[..kept].iter().all(|&byte| byte == fill), "moving lost bytes");
                        block.bytes().fill(fill);
                    }
                    _ => {}
                }
            }
            blocks.iter_mut().for_each(Block::check);
        }
    }

    #[test]
    fn classes_hold_their_sizes() {
        for size in (1..5000).chain([1 << 20, (1 << 20) + 1, (1 << 30) - 1, 1 << 31]) {
            let (class, bytes) = class_of(size);
            assert!(bytes >= size && bytes.is_multiple_of(GRAIN));
            assert!(bytes <= size + size / 4 + GRAIN, "{size} wastes {bytes}");
            assert!(class < SMALL_CLASSES + LARGE_CLASSES);
            assert_eq!(class_of(bytes), (class, bytes));
        }
    }

    #[test]
    fn exhaustion_gives_null() {
        let heap = Heap::new();
        let layout = |size| Layout::from_size_align(size, 8).expect("a layout");
        // SAFETY: nothing is ever written to the range, which holds no block of these sizes.
        unsafe {
            heap.init((1 << 20) + 64, (1 << 20) + 128);
            assert!(heap.alloc(layout(65)).is_null());
            assert!(heap.alloc(layout(1 << 40)).is_null());
            assert!(heap.alloc(Layout::from_size_align(64, 4096).expect("a layout")).is_null());
        }
    }
}
