//! Untrusted bytes cannot make the decoder allocate without bound.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use tern_verifier::{DecodeError, decode};

/// The system's allocator, counting.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::SeqCst) + layout.size();
        PEAK.fetch_max(live, Ordering::SeqCst);
        // SAFETY: the caller's contract is the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::SeqCst);
        // SAFETY: the caller's contract is the system allocator's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Most bytes that decoding `bytes` has allocated at one time.
fn peak(bytes: &[u8]) -> usize {
    let before = LIVE.load(Ordering::SeqCst);
    PEAK.store(before, Ordering::SeqCst);
    assert!(decode(bytes, bytes.len()).is_err());
    PEAK.load(Ordering::SeqCst) - before
}

/// A list length of `2^62` in postcard's encoding.
const HUGE: [u8; 9] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40];

#[test]
fn memory_is_bounded_by_the_length_of_the_bytes() {
    const LEN: usize = 1 << 20;
    // Two commitments of one digest, the second with or without the lookups' before it.
    let caps = |lookups: u8| {
        let mut bytes = vec![1];
        bytes.extend([0; 32]);
        bytes.push(lookups);
        if lookups == 1 {
            bytes.push(1);
            bytes.extend([0; 32]);
        }
        bytes.push(1);
        bytes.extend([0; 32]);
        bytes.push(0);
        bytes
    };
    let mut cases: Vec<Vec<u8>> = vec![HUGE.to_vec(), HUGE.repeat(LEN / HUGE.len())];
    for lookups in [0, 1] {
        let prefix = caps(lookups);
        for fill in [0, 1, 2, 0x7f, 0xff] {
            // As many tables as claimed, made of nothing but short lists.
            let mut bytes = prefix.clone();
            bytes.extend(HUGE);
            bytes.resize(LEN, fill);
            cases.push(bytes);
        }
        let mut nested = prefix;
        nested.extend(HUGE.repeat(1_000));
        cases.push(nested);
    }
    for bytes in cases {
        let peak = peak(&bytes);
        let bound = 64 * bytes.len() + (8 << 20);
        assert!(peak <= bound, "{peak} for {} bytes", bytes.len());
    }

    // Too long is refused before anything is allocated.
    let bytes = vec![0; LEN];
    let before = LIVE.load(Ordering::SeqCst);
    PEAK.store(before, Ordering::SeqCst);
    assert!(matches!(decode(&bytes, LEN - 1), Err(DecodeError::TooLong { .. })));
    assert_eq!(PEAK.load(Ordering::SeqCst), before);
}
