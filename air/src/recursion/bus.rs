//! The tagged messages that connect the recursion chips.
//!
//! As [`crate::bus`], with tags of their own. A digest or half of a BLAKE3 block is 32 bytes: eight
//! little-endian words, each as its low and its high 16-bit limb.
//!
//! | tag | payload | sent by | received by |
//! |---|---|---|---|
//! | [`WIRE`] | address, five coefficients of an extension element | the one row that computes it, once for every use | its uses |
//! | [`HALF`] | address, 16 limbs | the one row that computes it, once for every use | its uses |
//! | [`CAP`] | address, 16 limbs | cap | cap |
//! | [`XOR`], [`XOR_12`], [`XOR_7`] | bytes a, b, and their sum in one or two parts | compress | the byte table |
//! | [`U16`], [`TOP`] | a 16-bit value | half | the byte table |

use crate::builder::Buses;

/// The buses of the recursion chips.
pub const BUSES: Buses = Buses { names: ["recursion", "recursion-wide"], widths: [message_len(WIRE), message_len(HALF)] };

/// `(address, v0, …, v4)`: an extension element; elements of the base field and bits have
/// `v1 = … = v4 = 0`.
pub const WIRE: u32 = 32;
/// `(address, 16 limbs)`: 32 bytes.
pub const HALF: u32 = 33;
/// `(address, 16 limbs)`: an entry of a list of digests.
pub const CAP: u32 = 34;
/// `(a, b, a ^ b)` of bytes.
pub const XOR: u32 = 35;
/// `(a, b, high nibble of a ^ b, low nibble)` of bytes.
pub const XOR_12: u32 = 36;
/// `(a, b, highest bit of a ^ b, the other seven)` of bytes.
pub const XOR_7: u32 = 37;
/// `(v)` with `v < 2^16`.
pub const U16: u32 = 38;
/// `(v)` with `v <=` [`MAX_TOP`].
pub const TOP: u32 = 39;

/// Every tag has a length, which fits one of the buses.
const _: () = {
    let mut tag = WIRE;
    while tag <= TOP {
        assert!(message_len(tag) >= 2 && message_len(tag) <= BUSES.widths[1]);
        tag += 1;
    }
    assert!(BUSES.widths[0] < BUSES.widths[1]);
};

/// The high limb of the field's order: canonical words have no larger one.
pub const MAX_TOP: u32 = 0x7800;

/// Length of a tuple with its tag, for each tag.
pub const fn message_len(tag: u32) -> usize {
    match tag {
        WIRE => 7,
        HALF | CAP => 18,
        XOR => 4,
        XOR_12 | XOR_7 => 5,
        U16 | TOP => 2,
        _ => 0,
    }
}
