//! An allocator for a prover's matrices: large blocks lie on huge pages, and their pages are kept
//! when they are freed.
//!
//! The matrices are hundreds of megabytes each and short-lived. With pages of 4 KiB a quarter of
//! the prover's time goes into page faults; with huge pages given back and taken anew for each
//! matrix the system still clears every page, and in a virtual machine whose host reclaims free
//! memory a page that is touched for the first time costs many times as much (measured: 2.7 s a
//! GiB, against 0.14 s to clear it). Large blocks and kept pages are never more than large blocks
//! alone once were (`pool.rs`).

#[cfg(any(all(target_os = "linux", target_pointer_width = "64"), test))]
mod pool;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod region;

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, with an own region for large blocks on 64-bit Linux.
pub struct LargeBlocks;

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
// SAFETY: every call goes to `System` unchanged.
unsafe impl GlobalAlloc for LargeBlocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}
