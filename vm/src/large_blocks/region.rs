//! The region of large blocks.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::LargeBlocks;
use super::pool::{Block, GRAIN, Pool};

/// Blocks from this size on are large.
const LARGE: usize = 8 << 20;

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

/// A block of the region, if the layout is one for it and there is room.
fn take(layout: Layout) -> Option<(*mut u8, bool)> {
    let wanted = layout.size() >= LARGE && layout.size() <= CAPACITY && layout.align() <= GRAIN && start() != 0;
    if !wanted {
        return None;
    }
    let release = |offset, len| {
        let pages = (start() + offset) as *mut libc::c_void;
        // SAFETY: the pages belong to the region, and no block lies on them.
        unsafe { libc::madvise(pages, len, libc::MADV_DONTNEED) };
    };
    let Block { offset, is_zero } = pool().take(length(layout.size()), release)?;
    Some(((start() + offset) as *mut u8, is_zero))
}

// SAFETY: a large block is a range of a mapping that lives as long as the process; the pool gives no byte to two blocks at a time, and starts are multiples of `GRAIN`, hence of the
// alignment asked for. Whether a block is of the region follows from its address. All others go to `System`. Nothing here panics: the pool's
// arithmetic is on lengths that it gave out itself.
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
            if new <= old || pool().grow(offset, old, new) {
                return block;
            }
        } else if size < LARGE {
            // SAFETY: the block is `System`'s, and the caller's contract is its.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: the size is not zero and, rounded up to the alignment, no more than `isize::MAX`: the caller's contract.
        let new_layout = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: a layout of nonzero size.
        let new = unsafe { self.alloc(new_layout) };
        if !new.is_null() {
            // SAFETY: both blocks have the bytes of the smaller, the new one is nobody else's, and the old one came from here with this layout.
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
