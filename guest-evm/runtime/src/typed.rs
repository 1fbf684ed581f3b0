//! Typed input and output, in postcard's encoding.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::io;

/// Why the input is no value of the type that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputError {
    /// The bytes are no value of the type.
    Malformed(postcard::Error),
    /// So many bytes follow the value.
    TrailingBytes(usize),
}

impl fmt::Display for InputError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(formatter, "the input does not decode: {error}"),
            Self::TrailingBytes(count) => write!(formatter, "{count} bytes follow the value in the input"),
        }
    }
}

impl core::error::Error for InputError {}

/// Why a value cannot be output: its `Serialize` fails, or it has a sequence of unknown length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputError(postcard::Error);

impl fmt::Display for OutputError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the output does not encode: {}", self.0)
    }
}

impl core::error::Error for OutputError {}

/// The whole private input as one value, which may borrow from it.
///
/// Whoever runs the guest encodes it with `postcard::to_allocvec`. Every call reads the same input.
///
/// ```
/// use tern_guest::InputError;
///
/// tern_guest::host::set_input(vec![3, 1, 4, 1]);
/// assert_eq!(tern_guest::read(), Ok(vec![1u8, 4, 1]));
/// assert_eq!(tern_guest::read::<u8>(), Err(InputError::TrailingBytes(3)));
/// ```
///
/// # Errors
///
/// Where the bytes are no such value, or more than one. The run goes on; a main function that
/// returns the error ends it with exit code 1.
pub fn read<T: Deserialize<'static>>() -> Result<T, InputError> {
    let (value, rest) = postcard::take_from_bytes(io::read_input()).map_err(InputError::Malformed)?;
    if rest.is_empty() { Ok(value) } else { Err(InputError::TrailingBytes(rest.len())) }
}

/// Appends a value to the public output.
///
/// # Errors
///
/// Where the value does not encode; then nothing is output.
pub fn write<T: Serialize + ?Sized>(value: &T) -> Result<(), OutputError> {
    io::write_output(&postcard::to_allocvec(value).map_err(OutputError)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;
    use alloc::vec::Vec;

    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::host::{set_input, take_output};

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Transfer<'a> {
        to: &'a str,
        amount: u64,
        memo: Option<Vec<u8>>,
    }

    /// Varints of 7 bits, least first; a length before text; a byte for an option (postcard's
    /// specification).
    #[test]
    fn the_encoding_is_postcards() {
        let bytes = [3, b'b', b'o', b'b', 0xac, 0x02, 1, 2, 9, 8];
        let value = Transfer { to: "bob", amount: 300, memo: Some(vec![9, 8]) };
        set_input(bytes.to_vec());
        assert_eq!(read(), Ok(value));
        write(&Transfer { to: "bob", amount: 300, memo: Some(vec![9, 8]) }).expect("a value");
        write(&7u8).expect("a value");
        assert_eq!(take_output(), [&bytes[..], &[7]].concat());
    }

    #[test]
    fn what_does_not_decode_is_an_error() {
        let bytes = [3, b'b', b'o', b'b', 0xac, 0x02, 0];
        for length in 0..bytes.len() {
            set_input(bytes[..length].to_vec());
            let error = read::<Transfer<'_>>().expect_err("a part");
            assert_eq!(error, InputError::Malformed(postcard::Error::DeserializeUnexpectedEnd), "{length} bytes");
        }
        set_input([&bytes[..], &[0, 0]].concat());
        assert_eq!(read::<Transfer<'_>>(), Err(InputError::TrailingBytes(2)));
        set_input(vec![1, 0xff, 1, 0]);
        let error = read::<Transfer<'_>>().expect_err("no text");
        assert!(error.to_string().starts_with("the input does not decode: "), "{error}");
    }

    /// A length that the input does not have allocates no more than there are bytes for.
    #[test]
    fn a_false_length_is_an_error() {
        set_input(vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
        assert!(matches!(read::<Vec<u64>>(), Err(InputError::Malformed(_))));
    }

    #[test]
    fn what_does_not_encode_outputs_nothing() {
        struct Endless;
        impl Serialize for Endless {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(core::iter::repeat_n(1u8, 3).filter(|_| true))
            }
        }
        let error = write(&(5u8, Endless)).expect_err("a sequence of unknown length");
        assert!(error.to_string().starts_with("the output does not encode: "), "{error}");
        assert!(take_output().is_empty());
    }
}
