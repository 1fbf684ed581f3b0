//! RIPEMD-160 (ISO/IEC 10118-3), in software.

use ripemd::{Digest, Ripemd160};

/// The RIPEMD-160 digest of `bytes`.
#[must_use]
pub fn ripemd160(bytes: &[u8]) -> [u8; 20] {
    Ripemd160::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::ripemd160;

    /// Examples of the function's authors (Bosselaers, Dobbertin, Preneel 1996).
    #[test]
    fn published_digests() {
        let digests = [
            (&b""[..], "9c1185a5c5e9fc54612808977ee8f548b2258d31"),
            (b"abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
            (b"message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"),
            (&[b'a'; 1_000_000], "52783243c1697bdbe16d37f97f68f08325dc1528"),
        ];
        for (bytes, expected) in digests {
            assert_eq!(hex::encode(ripemd160(bytes)), expected);
        }
    }
}
