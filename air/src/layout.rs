//! Rows as column structs.
//!
//! A chip's columns are one `#[repr(C)]` struct over a type parameter, made only of that type and
//! arrays of it. [`columns!`] gives it its width and the views of a row; the casts stand here and
//! nowhere else.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Debug;

/// A `#[repr(C)]` struct `Cols<T>` made only of `T`, seen as a row of `T`.
///
/// # Safety
///
/// `Self` has the size of `WIDTH` values of `T` and the alignment of `T`, and any row of valid `T`
/// is a valid `Self`.
pub unsafe trait Columns<T>: Sized {
    /// Number of columns.
    const WIDTH: usize = size_of::<Self>() / size_of::<T>();

    /// The columns of a row.
    ///
    /// # Panics
    ///
    /// If `row` has another length than `WIDTH`.
    fn of(row: &[T]) -> &Self {
        assert_eq!(row.len(), Self::WIDTH, "row width");
        // SAFETY: the trait's contract, and the length was checked.
        unsafe { &*row.as_ptr().cast::<Self>() }
    }

    /// The columns of a row, to fill.
    ///
    /// # Panics
    ///
    /// If `row` has another length than `WIDTH`.
    fn of_mut(row: &mut [T]) -> &mut Self {
        assert_eq!(row.len(), Self::WIDTH, "row width");
        // SAFETY: the trait's contract, and the length was checked.
        unsafe { &mut *row.as_mut_ptr().cast::<Self>() }
    }

    /// Its columns as a row.
    fn as_row(&self) -> &[T] {
        // SAFETY: the trait's contract.
        unsafe { core::slice::from_raw_parts(core::ptr::from_ref(self).cast::<T>(), Self::WIDTH) }
    }
}

// SAFETY: an array of rows of `T` is a longer row of `T`.
unsafe impl<T, C: Columns<T>, const ROWS: usize> Columns<T> for [C; ROWS] {}

/// Declares that a struct generic over one type, and over the named lengths of arrays if there are
/// any, is a row of that type. The struct must be `#[repr(C)]` and hold nothing but its parameter,
/// arrays of it, and other such structs.
#[macro_export]
macro_rules! columns {
    ($($name:ident $(<$($length:ident),+>)?),+ $(,)?) => {$(
        const _: () = {
            $($(const $length: usize = 1;)+)?
            assert!(align_of::<$name<u32 $($(, $length)+)?>>() == align_of::<u32>())
        };
        // SAFETY: `repr(C)` structs made only of `T` have no padding.
        unsafe impl<T $($(, const $length: usize)+)?> $crate::layout::Columns<T> for $name<T $($(, $length)+)?> {}
    )+};
}

/// The columns of a chip that has none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NoColumns<T>([T; 0]);

columns!(NoColumns);

/// A column struct as [`Debug`] shows it where every column holds its position: its fields' names,
/// and which columns they are.
pub fn positions<C: Columns<usize> + Debug>() -> String {
    let row: Vec<usize> = (0..C::WIDTH).collect();
    format!("{:?}", C::of(&row))
}
