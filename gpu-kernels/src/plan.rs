//! How large a segment may be on a device, before anything is proved.

/// Bytes of the largest array for each cell of a segment's matrix: the fractions of its messages,
/// 24 bytes each, of which instructions have 0.38 to 0.5 a cell.
const ARRAY_BYTES: u64 = 12;

/// Bytes of device memory for each cell, in all.
const MEMORY_BYTES: u64 = 39;

/// Base-2 logarithm of the cells of the largest matrix that a device proves which binds so many
/// bytes and has so much memory.
#[must_use]
pub const fn largest_log_cells(binding_bytes: u64, memory: Option<u64>) -> usize {
    let of_binding = (binding_bytes / ARRAY_BYTES).ilog2();
    let of_memory = match memory {
        Some(bytes) => (bytes / MEMORY_BYTES).ilog2(),
        None => of_binding,
    };
    if of_memory < of_binding { of_memory as usize } else { of_binding as usize }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_cards() {
        let gibibytes = |count: u64| Some(count << 30);
        assert_eq!((largest_log_cells((1 << 31) - 1, None), largest_log_cells(1 << 32, None)), (27, 28));
        assert_eq!([24, 8, 4].map(|count| largest_log_cells((1 << 31) - 1, gibibytes(count))), [27, 27, 26]);
        assert_eq!(largest_log_cells(1 << 27, None), 23);
    }
}
