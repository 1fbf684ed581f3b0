//! The flat 4 GiB memory, reserved but not backed until touched, and its page permissions.

use std::io;

use memmap2::{MmapMut, MmapOptions};
use tern_air::events::Region;

use super::layout::{GUARD_END, GUARD_START, INPUT_BYTES_START, INPUT_START, MEMORY_BYTES, MEMORY_DWORDS, NULL_END, PAGE_BYTES};
use super::trap::{Access, MemoryFault, TrapReason};
use crate::elf::Program;

const PAGES: usize = (MEMORY_BYTES / PAGE_BYTES as u64) as usize;
const LOAD: u8 = 1;
const STORE: u8 = 2;
/// Marks text, so that the pages of each [`Region`] have a value of their own.
const TEXT: u8 = 4;

/// Memory without the registers: the null page holds nothing here.
pub struct Memory {
    bytes: MmapMut,
    /// What each page allows: a set of [`LOAD`], [`STORE`] and [`TEXT`]. Two pages lie in one
    /// region if these are equal.
    permissions: Box<[u8; PAGES]>,
}

impl Memory {
    /// The initial memory of `program` on `input`, whose length the caller has checked.
    pub(super) fn new(program: &Program, input: &[u8]) -> io::Result<Self> {
        let mut memory = Self { bytes: reserve(MEMORY_BYTES)?, permissions: permissions(program) };
        for (&page, bytes) in &program.pages {
            memory.copy_in(page * PAGE_BYTES, &bytes[..]);
        }
        memory.copy_in(INPUT_START, &(input.len() as u64).to_le_bytes());
        memory.copy_in(INPUT_BYTES_START, input);
        Ok(memory)
    }

    fn copy_in(&mut self, address: u32, bytes: &[u8]) {
        let start = address as usize;
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
    }

    /// The `N` (1, 2, 4 or 8) bytes at `address`, zero-extended.
    #[inline(always)]
    pub(super) fn load<const N: usize>(&self, address: u64) -> Result<u64, TrapReason> {
        let at = self.check(address, N as u64, LOAD)?;
        let mut value = [0; 8];
        value[..N].copy_from_slice(&self.bytes[at..at + N]);
        Ok(u64::from_le_bytes(value))
    }

    /// Stores the low `N` (1, 2, 4 or 8) bytes of `value`.
    #[inline(always)]
    pub(super) fn store<const N: usize>(&mut self, address: u64, value: u64) -> Result<(), TrapReason> {
        let at = self.check(address, N as u64, STORE)?;
        self.bytes[at..at + N].copy_from_slice(&value.to_le_bytes()[..N]);
        Ok(())
    }

    /// Checks an access that spans at most two pages.
    #[inline(always)]
    fn check(&self, address: u64, bytes: u64, needed: u8) -> Result<usize, TrapReason> {
        let page = address / u64::from(PAGE_BYTES);
        if page < PAGES as u64 {
            let offset = address % u64::from(PAGE_BYTES);
            let within = offset + bytes <= u64::from(PAGE_BYTES);
            if self.permissions[page as usize] & needed != 0 && (within || self.is_one_region(page, page + 1)) {
                return Ok(address as usize);
            }
        }
        Err(self.fault(address, bytes, needed))
    }

    /// Whether the pages from `first` to `last` all exist and lie in the same region.
    #[cold]
    fn is_one_region(&self, first: u64, last: u64) -> bool {
        let pages = self.permissions.get(first as usize..=last as usize);
        pages.is_some_and(|pages| pages.iter().all(|page| *page == pages[0]))
    }

    /// The dword with this index (address / 8), without any check of permissions; 0 beyond the memory.
    #[inline(always)]
    #[must_use]
    pub fn dword(&self, index: u32) -> u64 {
        let at = index as usize * 8;
        self.bytes[..]
            .get(at..at + 8)
            .map_or(0, |bytes| u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]))
    }

    /// Sets the dword with this index, without any check of permissions; nothing beyond the memory.
    #[cfg(feature = "attack")]
    pub(super) fn set_dword(&mut self, index: u32, value: u64) {
        if let Some(bytes) = self.bytes.get_mut(index as usize * 8..).and_then(|rest| rest.first_chunk_mut::<8>()) {
            *bytes = value.to_le_bytes();
        }
    }

    /// The four dwords of leaf `index` (address / 32).
    #[must_use]
    pub fn leaf(&self, index: u32) -> [u64; 4] {
        std::array::from_fn(|i| self.dword(4 * index + i as u32))
    }

    /// Any number of bytes, all of which must allow loads.
    pub fn bytes(&self, address: u64, length: u64) -> Result<&[u8], TrapReason> {
        self.check_range(address, length, LOAD)?;
        Ok(&self.bytes[address as usize..(address + length) as usize])
    }

    /// `N` dwords at `address`, a multiple of 8, all of which must allow loads.
    pub(super) fn load_dwords<const N: usize>(&self, address: u64) -> Result<[u64; N], TrapReason> {
        self.check_operand::<N>(address, LOAD)?;
        let first = (address / 8) as u32;
        Ok(std::array::from_fn(|i| self.dword(first + i as u32)))
    }

    /// Checks that `N` dwords at `address`, a multiple of 8, may be stored to.
    pub(super) fn check_store_dwords<const N: usize>(&self, address: u64) -> Result<(), TrapReason> {
        self.check_operand::<N>(address, STORE)
    }

    pub(super) fn store_dwords<const N: usize>(&mut self, address: u64, dwords: &[u64; N]) -> Result<(), TrapReason> {
        self.check_operand::<N>(address, STORE)?;
        for (i, dword) in dwords.iter().enumerate() {
            let at = address as usize + 8 * i;
            self.bytes[at..at + 8].copy_from_slice(&dword.to_le_bytes());
        }
        Ok(())
    }

    fn check_operand<const N: usize>(&self, address: u64, needed: u8) -> Result<(), TrapReason> {
        if !address.is_multiple_of(8) {
            return Err(TrapReason::MisalignedOperand { address });
        }
        self.check_range(address, 8 * N as u64, needed)
    }

    fn check_range(&self, address: u64, length: u64, needed: u8) -> Result<(), TrapReason> {
        if length == 0 {
            return Ok(());
        }
        let page_bytes = u64::from(PAGE_BYTES);
        let allowed = match address.checked_add(length - 1) {
            Some(last) if last < MEMORY_BYTES => {
                let (first_page, last_page) = (address / page_bytes, last / page_bytes);
                self.permissions[first_page as usize] & needed != 0 && self.is_one_region(first_page, last_page)
            }
            _ => false,
        };
        if allowed { Ok(()) } else { Err(self.fault(address, length, needed)) }
    }

    /// Says why an access that was refused was refused.
    #[cold]
    fn fault(&self, address: u64, bytes: u64, needed: u8) -> TrapReason {
        let access = if needed == LOAD { Access::Load } else { Access::Store };
        let page_bytes = u64::from(PAGE_BYTES);
        let fault = match address.checked_add(bytes - 1) {
            Some(last) if last < MEMORY_BYTES => {
                let refused = (address / page_bytes..=last / page_bytes)
                    .find(|&page| self.permissions[page as usize] & needed == 0)
                    .map(|page| (page * page_bytes) as u32);
                match refused {
                    Some(0) => MemoryFault::NullPage,
                    Some(GUARD_START) => MemoryFault::GuardPage,
                    Some(_) => MemoryFault::ReadOnly,
                    None => MemoryFault::StraddlesRegions,
                }
            }
            _ => MemoryFault::BeyondMemory,
        };
        TrapReason::Memory { access, address, bytes, fault }
    }

    /// The region of a dword, by its index.
    #[inline(always)]
    pub(super) fn region(&self, dword: u32) -> Region {
        let page = u64::from(dword) * 8 / u64::from(PAGE_BYTES);
        match self.permissions[page as usize % PAGES] {
            LOAD => Region::ReadOnly,
            permission if permission & TEXT != 0 => Region::Text,
            _ => Region::ReadWrite,
        }
    }
}

/// Zeroed memory of which only what is touched costs anything.
fn reserve(bytes: u64) -> io::Result<MmapMut> {
    let length = usize::try_from(bytes).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    MmapOptions::new().len(length).no_reserve_swap().map_anon()
}

fn permissions(program: &Program) -> Box<[u8; PAGES]> {
    let mut pages = vec![LOAD | STORE; PAGES];
    let mut set = |start: u32, end: u64, permission| {
        let range = (start / PAGE_BYTES) as usize..(end / u64::from(PAGE_BYTES)) as usize;
        pages[range].fill(permission);
    };
    set(0, NULL_END.into(), 0);
    set(program.ro_start, program.ro_end.into(), LOAD);
    set(program.text_start, program.text_end.into(), LOAD | TEXT);
    set(GUARD_START, GUARD_END.into(), 0);
    set(INPUT_START, MEMORY_BYTES, LOAD);
    let Ok(pages) = pages.into_boxed_slice().try_into() else { unreachable!("the vector has PAGES elements") };
    pages
}

/// A time per dword of memory, zero until set.
pub(super) struct DwordTimes(MmapMut);

impl DwordTimes {
    pub fn new() -> io::Result<Self> {
        reserve(4 * u64::from(MEMORY_DWORDS)).map(Self)
    }

    #[inline(always)]
    pub fn get(&self, dword: u32) -> u32 {
        let at = dword as usize * 4;
        self.0.get(at..at + 4).map_or(0, |bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    #[inline(always)]
    pub fn set(&mut self, dword: u32, time: u32) {
        let at = dword as usize * 4;
        if let Some(bytes) = self.0.get_mut(at..at + 4) {
            bytes.copy_from_slice(&time.to_le_bytes());
        }
    }

    /// The times of the four dwords of leaf `index`.
    pub fn leaf(&self, index: u32) -> [u32; 4] {
        std::array::from_fn(|i| self.get(4 * index + i as u32))
    }

    pub fn clear_leaf(&mut self, index: u32) {
        for dword in 4 * index..4 * index + 4 {
            self.set(dword, 0);
        }
    }
}
