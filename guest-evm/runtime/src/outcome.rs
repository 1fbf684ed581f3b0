//! Where a guest begins, and what its main function may return.

use core::fmt::Debug;

/// Makes a function the guest's entry point.
///
/// The function takes no arguments and returns an [`Outcome`]. It has to be called `main`, because
/// natively nothing but its name makes it the program's start.
///
/// ```
/// tern_guest::entry!(main);
///
/// fn main() {
///     tern_guest::write_output(b"hello");
/// }
/// ```
#[macro_export]
macro_rules! entry {
    ($main:ident) => {
        #[cfg(target_os = "none")]
        const _: () = {
            #[unsafe(export_name = "tern_main")]
            fn start() -> u32 {
                $crate::Outcome::exit_code($main())
            }
        };
    };
}

/// What a guest's main function may return; the same as natively, with the same exit codes.
pub trait Outcome {
    /// The run's exit code. An error is printed.
    fn exit_code(self) -> u32;
}

/// Success.
impl Outcome for () {
    fn exit_code(self) -> u32 {
        0
    }
}

/// An error ends the run with exit code 1.
impl<T: Outcome, E: Debug> Outcome for Result<T, E> {
    fn exit_code(self) -> u32 {
        match self {
            Ok(outcome) => outcome.exit_code(),
            Err(error) => {
                crate::println!("Error: {error:?}");
                1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn codes_are_those_of_std() {
        assert_eq!(().exit_code(), 0);
        assert_eq!(Ok::<_, &str>(()).exit_code(), 0);
        assert_eq!(Err::<(), _>("no").exit_code(), 1);
        assert_eq!(Ok::<_, &str>(Err::<(), _>(7)).exit_code(), 1);
    }
}
