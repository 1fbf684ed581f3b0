//! An allocator for a prover's matrices: large blocks lie on huge pages, and their pages are kept when they are freed.
//!
//! The matrices are hundreds of megabytes each and short-lived. With pages of 4 KiB a quarter of the prover's time goes into page faults; with huge pages given back and
//! taken anew for each matrix the system still clears every page, and in a virtual machine whose host reclaims free memory a page that is
//! touched for the first time costs many times as much (measured: 2.7 s a GiB, against 0.14 s to clear it). Kept pages never make the process larger than its blocks alone once were (`pool.rs`).

#[cfg(any(target_os = "linux", test))]
mod pool;
#[cfg(target_os = "linux")]
mod region;

#[cfg(not(target_os = "linux"))]
use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, with an own region for large blocks on Linux.
pub struct LargeBlocks;

#[cfg(not(target_os = "linux"))]
// SAFETY: every call goes to `System` unchanged.
unsafe impl GlobalAlloc for LargeBlocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}
