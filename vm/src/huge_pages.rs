//! An allocator that asks the system for huge pages where a block is large.
//!
//! The prover's matrices are hundreds of megabytes each and short-lived. With pages of 4 KiB a quarter of its time goes into page faults; many systems give huge pages
//! only to those who ask.

use std::alloc::{GlobalAlloc, Layout, System};

/// Blocks from this size on are worth huge pages.
const LARGE: usize = 8 << 20;

/// The system's allocator, with huge pages for large blocks on Linux.
pub struct HugePages;

// SAFETY: every call goes to `System` unchanged; advice about pages does not change what they hold.
unsafe impl GlobalAlloc for HugePages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is that of `System`.
        advise(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        advise(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        advise(unsafe { System.realloc(block, layout, size) }, size)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Advises the system to back a large block with huge pages.
#[cfg(target_os = "linux")]
fn advise(block: *mut u8, size: usize) -> *mut u8 {
    const PAGE: usize = 4096;
    if size >= LARGE && !block.is_null() {
        let offset = block.align_offset(PAGE);
        let length = (size - offset.min(size)) / PAGE * PAGE;
        // SAFETY: the pages lie inside the block, and this advice leaves their contents alone. A refusal changes nothing.
        unsafe { libc::madvise(block.add(offset.min(size)).cast(), length, libc::MADV_HUGEPAGE) };
    }
    block
}

#[cfg(not(target_os = "linux"))]
fn advise(block: *mut u8, _size: usize) -> *mut u8 {
    block
}
