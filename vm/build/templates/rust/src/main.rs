//! Proves how many words a text has, and nothing else about it but its digest.
//!
//! Input: the text. Output: its Keccak-256 digest (32 bytes), then the number of its words (8
//! bytes, little-endian). Bytes that are not UTF-8 end the run with exit code 1.
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::str::Utf8Error;

use tern_guest::accelerators::keccak256;
use tern_guest::{cycle_scope, read_input, write_output};

tern_guest::entry!(main);

fn main() -> Result<(), Utf8Error> {
    let text = core::str::from_utf8(read_input())?;
    let words = cycle_scope("count", || count_words(text));
    write_output(&keccak256(text.as_bytes()));
    write_output(&words.to_le_bytes());
    Ok(())
}

/// Words are separated by white space.
fn count_words(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

#[cfg(test)]
mod tests {
    use tern_guest::host::{set_input, take_output};

    #[test]
    fn words_are_counted() {
        assert_eq!(super::count_words(" one\ttwo  three\n"), 3);
        assert_eq!(super::count_words(""), 0);
    }

    #[test]
    fn the_output_is_digest_and_count() {
        set_input(b"abc".to_vec());
        super::main().expect("text");
        let output = take_output();
        // Keccak-256 of "abc" begins so
        assert_eq!(output[..4], [0x4e, 0x03, 0x65, 0x7a]);
        assert_eq!(output[32..], 1u64.to_le_bytes());
    }

    #[test]
    fn other_bytes_are_refused() {
        set_input(vec![0xff]);
        assert!(super::main().is_err());
        assert!(take_output().is_empty());
    }
}
