//! The address space: see the table in `spec/machine.md`.

/// Bytes of a page.
pub const PAGE_BYTES: u32 = 4096;
/// End of the null page, whose first 33 dwords hold the registers.
pub const NULL_END: u32 = 0x1000;
/// End of the addresses that may hold text.
pub const TEXT_LIMIT: u32 = 0x4000_0000;
/// The guard page below the stack.
pub const GUARD_START: u32 = 0x7c00_0000;
/// End of the guard page, and lowest address of the stack.
pub const GUARD_END: u32 = GUARD_START + PAGE_BYTES;
/// First address of the private input, and end of the stack.
pub const INPUT_START: u32 = 0x8000_0000;
/// Where the input's bytes begin; the dword at [`INPUT_START`] holds their number.
pub const INPUT_BYTES_START: u32 = INPUT_START + 32;
/// Most bytes that the private input may have.
pub const MAX_INPUT_BYTES: u64 = (1 << 31) - 32;
/// Bytes of the whole address space.
pub const MEMORY_BYTES: u64 = 1 << 32;
/// Dwords of the whole address space.
pub const MEMORY_DWORDS: u32 = 1 << 29;
