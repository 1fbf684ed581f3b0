//! The region of large blocks.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::LargeBlocks;
use super::pool::{Block, GRAIN, Pool};

/// Blocks from this size on are large.
const LARGE: usize = 1 << 20;

/// Addresses that are reserved; only pages that are touched cost memory.
const CAPACITY: usize = 1 << 40;

static POOL: Mutex<Pool> = Mutex::new(Pool::new(CAPACITY));

/// Start of the region; zero if the system does not reserve it, and every block is `System`'s.
fn start() -> usize {
    static START: OnceLock<usize> = OnceLock::new();
    *START.get_or_init(|| {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address of the system's choice touches no memory that is in use.
        let region = unsafe { libc::mmap(ptr::null_mut(), CAPACITY + GRAIN, protection, flags, -1, 0) };
        if region == libc::MAP_FAILED {
            return 0;
        }
        let start = (region as usize).next_multiple_of(GRAIN);
        // SAFETY: advice on the mapping just made; a refusal changes nothing.
        unsafe { libc::madvise(start as *mut libc::c_void, CAPACITY, libc::MADV_HUGEPAGE) };
        start
    })
}

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The offset of a block of the region.
fn offset(block: *const u8) -> Option<usize> {
    let start = start();
    let offset = (block as usize).checked_sub(start)?;
    (start != 0 && offset < CAPACITY).then_some(offset)
}

/// Bytes that a block of `size` takes in the region.
const fn length(size: usize) -> usize {
    if size == 0 { GRAIN } else { size.next_multiple_of(GRAIN) }
}

/// Returns pages of a gap to the system: when they are touched again, they are zero.
fn release(offset: usize, len: usize) -> bool {
    let pages = (start() + offset) as *mut libc::c_void;
    // SAFETY: the pages belong to the region, and no block lies on them.
    unsafe { libc::madvise(pages, len, libc::MADV_DONTNEED) == 0 }
}

/// A block of the region, if the layout is one for it and there is room.
fn take(layout: Layout) -> Option<(*mut u8, bool)> {
    let wanted = layout.size() >= LARGE && layout.size() <= CAPACITY && layout.align() <= GRAIN && start() != 0;
    if !wanted {
        return None;
    }
    let Block { offset, is_zero } = pool().take(length(layout.size()), release)?;
    Some(((start() + offset) as *mut u8, is_zero))
}

// SAFETY: a large block is a range of a mapping that lives as long as the process; the pool gives
// no byte to two blocks at a time, and starts are multiples of `GRAIN`, hence of the alignment
// asked for. Whether a block is of the region follows from its address. All others go to `System`.
// Nothing here panics: the pool's arithmetic is on lengths that it gave out itself.
unsafe impl GlobalAlloc for LargeBlocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match take(layout) {
            Some((block, _)) => block,
            // SAFETY: the caller's contract is that of `System`.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match take(layout) {
            Some((block, true)) => block,
            Some((block, false)) => {
                // SAFETY: the block is at least that long and nobody else's.
                unsafe { ptr::write_bytes(block, 0, layout.size()) };
                block
            }
            // SAFETY: as above.
            None => unsafe { System.alloc_zeroed(layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if let Some(offset) = offset(block) {
            let (old, new) = (length(layout.size()), length(size));
            if new < old {
                pool().give(offset + new, old - new);
            }
            if new <= old || pool().grow(offset, old, new, release) {
                return block;
            }
        } else if size < LARGE || start() == 0 {
            // SAFETY: the block is `System`'s, and the caller's contract is its.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: the size is not zero and, rounded up to the alignment, no more than `isize::MAX`:
        // the caller's contract.
        let new_layout = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: a layout of nonzero size.
        let new = unsafe { self.alloc(new_layout) };
        if !new.is_null() {
            // SAFETY: both blocks have the bytes of the smaller, the new one is nobody else's, and
            // the old one came from here with this layout.
            unsafe {
                ptr::copy_nonoverlapping(block, new, layout.size().min(size));
                self.dealloc(block, layout);
            }
        }
        new
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match offset(block) {
            Some(offset) => pool().give(offset, length(layout.size())),
            // SAFETY: a block outside the region is `System`'s.
            None => unsafe { System.dealloc(block, layout) },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 64).expect("a small alignment")
    }

    /// Writes to a block's first and last bytes, and every page between.
    fn mark(block: *mut u8, size: usize, mark: u8) {
        for at in (0..size).step_by(4096).chain([size - 1]) {
            // SAFETY: the test's block has `size` bytes.
            unsafe { block.add(at).write(mark) };
        }
    }

    fn is_marked(block: *mut u8, size: usize, mark: u8) -> bool {
        // SAFETY: as above.
        (0..size).step_by(4096).all(|at| unsafe { block.add(at).read() } == mark)
    }

    #[test]
    fn blocks_keep_their_bytes_through_every_change_of_size() {
        let sizes = [100, LARGE, LARGE + 1, 3 * LARGE, 5 * LARGE, 2 * LARGE, 4 * LARGE, 64, 2 * LARGE, 2 * LARGE - 1, 9];
        // SAFETY: each block is used within its size and freed once, with its own layout.
        unsafe {
            let mut size = sizes[0];
            let mut block = LargeBlocks.alloc(layout(size));
            mark(block, size, 0);
            for (new_size, round) in sizes[1..].iter().copied().zip(1..) {
                block = LargeBlocks.realloc(block, layout(size), new_size);
                assert!(is_marked(block, size.min(new_size), round - 1), "{size} to {new_size} bytes");
                assert!(block.cast::<u64>().is_aligned());
                size = new_size;
                mark(block, size, round);
            }
            LargeBlocks.dealloc(block, layout(size));
        }
    }

    #[test]
    fn zeroed_blocks_are_zero_on_kept_pages() {
        let size = 2 * LARGE + 5;
        for _ in 0..3 {
            // SAFETY: as above.
            unsafe {
                let block = LargeBlocks.alloc_zeroed(layout(size));
                assert!(std::slice::from_raw_parts(block, size).iter().all(|byte| *byte == 0));
                mark(block, size, 0xff);
                LargeBlocks.dealloc(block, layout(size));
            }
        }
    }

    /// The pages of the two small blocks go back to the system for the large one, unless another
    /// test's block takes them.
    #[test]
    fn returned_pages_are_zero() {
        let zeroed = |size: usize| {
            // SAFETY: as above.
            unsafe {
                let block = LargeBlocks.alloc_zeroed(layout(size));
                assert!(std::slice::from_raw_parts(block, size).iter().all(|byte| *byte == 0), "{size} bytes");
                mark(block, size, 0xff);
                block
            }
        };
        let sizes = [2 * LARGE, 3 * LARGE];
        for _ in 0..3 {
            let small = sizes.map(zeroed);
            // SAFETY: as above.
            unsafe { small.into_iter().zip(sizes).for_each(|(block, size)| LargeBlocks.dealloc(block, layout(size))) };
            let large = zeroed(9 * LARGE);
            let small = sizes.map(zeroed);
            // SAFETY: as above.
            unsafe {
                small.into_iter().zip(sizes).for_each(|(block, size)| LargeBlocks.dealloc(block, layout(size)));
                LargeBlocks.dealloc(large, layout(9 * LARGE));
            }
        }
    }

    #[test]
    fn threads_share_no_block() {
        let worker = |id: u8| {
            for round in 0..40_usize {
                let size = LARGE + (round * 7 + usize::from(id) * 3) % 5 * GRAIN;
                // SAFETY: as above.
                unsafe {
                    let block = LargeBlocks.alloc(layout(size));
                    mark(block, size, id);
                    thread::yield_now();
                    assert!(is_marked(block, size, id));
                    LargeBlocks.dealloc(block, layout(size));
                }
            }
        };
        thread::scope(|scope| (0..4).for_each(|id| drop(scope.spawn(move || worker(id)))));
    }
}
