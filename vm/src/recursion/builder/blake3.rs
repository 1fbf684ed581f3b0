//! BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn: "BLAKE3: one function, fast everywhere"),
//! section 2: the tree of chunks.

use ::blake3::hazmat::hash_derive_key_context;
use ::blake3::platform::Platform;
use ::blake3::{BLOCK_LEN, CHUNK_LEN};
use tern_air::recursion::compress;
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_verifier::ops::HashMode;

use super::records::CompressRow;
use super::{CircuitBuilder, Half, Wire, is_set, words};

// Table 3.
const CHUNK_START: u32 = 1 << 0;
const CHUNK_END: u32 = 1 << 1;
const PARENT: u32 = 1 << 2;
const ROOT: u32 = 1 << 3;
const KEYED_HASH: u32 = 1 << 4;
const DERIVE_KEY_MATERIAL: u32 = 1 << 6;

/// Flags of a message of one block.
pub(super) const SINGLE_BLOCK: u32 = CHUNK_START | CHUNK_END | ROOT;

/// The first chaining value of the plain hash, as bytes.
pub(super) const IV: Digest = iv();

/// Halves in a chunk.
const CHUNK_HALVES: usize = CHUNK_LEN / DIGEST_BYTES;
/// Halves in a block.
const BLOCK_HALVES: usize = BLOCK_LEN / DIGEST_BYTES;

const fn iv() -> Digest {
    let mut bytes = [0; DIGEST_BYTES];
    let mut i = 0;
    while i < DIGEST_BYTES {
        bytes[i] = compress::IV[i / 4].to_le_bytes()[i % 4];
        i += 1;
    }
    bytes
}

/// What a compression depends on beside its halves.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    pub counter: u32,
    pub len: u32,
    pub flags: u32,
}

impl CircuitBuilder {
    /// BLAKE3 of all bytes of the halves but the last one's, and of `last_len` of that one.
    pub(super) fn blake3(&mut self, mode: HashMode, halves: &[Half], last_len: usize) -> Half {
        let (key, flags) = match mode {
            HashMode::Plain => (IV, 0),
            HashMode::DeriveKey(context) => (hash_derive_key_context(context), DERIVE_KEY_MATERIAL),
        };
        let key = self.constant_half(key);
        self.tree(&key, flags, halves, last_len)
    }

    /// BLAKE3 under a key of all bytes of the halves.
    pub(super) fn keyed_blake3(&mut self, key: &Half, halves: &[Half]) -> Half {
        self.tree(key, KEYED_HASH, halves, DIGEST_BYTES)
    }

    /// The tree of chunks over the halves, of which the last has `last_len` bytes, in the mode that
    /// key and flags are.
    fn tree(&mut self, key: &Half, flags: u32, halves: &[Half], last_len: usize) -> Half {
        let len = halves.len().saturating_sub(1) * DIGEST_BYTES + last_len;
        if halves.len() <= CHUNK_HALVES {
            return self.chunk(key, halves, len, 0, flags, ROOT);
        }
        let chunks = halves.chunks(CHUNK_HALVES).enumerate();
        let mut level: Vec<Half> =
            chunks.map(|(index, chunk)| self.chunk(key, chunk, CHUNK_LEN.min(len - index * CHUNK_LEN), index as u32, flags, 0)).collect();
        while level.len() > 1 {
            let flags = flags | PARENT | if level.len() == 2 { ROOT } else { 0 };
            let setting = Setting { counter: 0, len: BLOCK_LEN as u32, flags };
            let merge = |pair: &[Half]| match pair {
                [left, right] => self.compress(key, left, right, None, setting),
                _ => pair[0],
            };
            level = level.chunks(2).map(merge).collect();
        }
        level[0]
    }

    /// One chunk of `len` bytes.
    fn chunk(&mut self, key: &Half, halves: &[Half], len: usize, counter: u32, flags: u32, last: u32) -> Half {
        let zero = self.constant_half([0; DIGEST_BYTES]);
        let blocks = halves.len().div_ceil(BLOCK_HALVES).max(1);
        let mut cv = *key;
        for index in 0..blocks {
            let half = |i: usize| halves.get(index * BLOCK_HALVES + i).copied().unwrap_or(zero);
            let (left, right) = (half(0), half(1));
            let first = if index == 0 { CHUNK_START } else { 0 };
            let end = if index + 1 == blocks { CHUNK_END | last } else { 0 };
            let block_len = BLOCK_LEN.min(len - index * BLOCK_LEN) as u32;
            cv = self.compress(&cv, &left, &right, None, Setting { counter, len: block_len, flags: flags | first | end });
        }
        cv
    }

    /// One compression. The bit exchanges the halves.
    pub(super) fn compress(&mut self, cv: &Half, own: &Half, sibling: &Half, bit: Option<&Wire>, setting: Setting) -> Half {
        let Setting { counter, len, flags } = setting;
        let exchanged = bit.is_some_and(|bit| is_set(&bit.value()));
        let block = if exchanged { [sibling.value, own.value] } else { [own.value, sibling.value] };
        let value = compression(cv.value, &block, setting);
        for half in [cv, own, sibling] {
            self.halves.read(half.address);
        }
        let bit = bit.map(|bit| self.read(bit));
        let out = self.halves.allocate(value);
        self.halves.write(out);
        self.compress.push(CompressRow { cv: cv.address, own: own.address, sibling: sibling.address, bit, counter, len, flags, out });
        Half { address: out, value }
    }
}

fn compression(cv: Digest, block: &[Digest; 2], setting: Setting) -> Digest {
    let mut words = words(&cv);
    let mut bytes = [0; BLOCK_LEN];
    bytes.copy_from_slice(block.as_flattened());
    platform().compress_in_place(&mut words, &bytes, setting.len as u8, setting.counter.into(), setting.flags as u8);
    let mut out = [0; DIGEST_BYTES];
    for (word, bytes) in words.iter().zip(out.as_chunks_mut::<4>().0) {
        *bytes = word.to_le_bytes();
    }
    out
}

/// The vector instructions to use; looking for them is done once.
fn platform() -> Platform {
    static PLATFORM: std::sync::LazyLock<Platform> = std::sync::LazyLock::new(Platform::detect);
    *PLATFORM
}
