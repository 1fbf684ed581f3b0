//! What a guest printed last.

use std::sync::{Mutex, PoisonError};

/// Most bytes kept.
const LIMIT: usize = 4096;

/// The end of what a guest printed: its panic's message, for example. Several threads may add to it.
#[derive(Debug, Default)]
pub struct LastPrinted(Mutex<String>);

impl LastPrinted {
    /// Adds what the guest has printed.
    pub fn add(&self, text: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_str(text);
        if kept.len() > 2 * LIMIT {
            let start = kept.ceil_char_boundary(kept.len() - LIMIT);
            kept.drain(..start);
        }
    }

    /// The end: at most 4,096 bytes.
    #[must_use]
    pub fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept[kept.ceil_char_boundary(kept.len().saturating_sub(LIMIT))..].to_owned()
    }
}
