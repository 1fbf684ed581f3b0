//! Rows of a matrix as vectors, one for each column.

use p3_field::{PackedFieldPow2, PackedValue, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::packed::{LANES, Packed};

/// The columns of as many rows as a machine's vector has lanes, from `first` on. Rows beyond the
/// matrix are zero.
pub fn gather(matrix: &RowMajorMatrix<F>, first: usize, columns: &mut [Packed]) {
    columns_of(matrix.values.get(first * matrix.width..).unwrap_or_default(), columns);
}

/// The same of the rows in `cells`, row after row.
fn columns_of(cells: &[F], columns: &mut [Packed]) {
    let width = columns.len();
    if width < LANES || cells.len() < LANES * width {
        for (column, vector) in columns.iter_mut().enumerate() {
            *vector = Packed::from_fn(|lane| cells.get(lane * width + column).copied().unwrap_or(F::ZERO));
        }
        return;
    }
    let (squares, rest) = columns.as_chunks_mut();
    for (i, square) in squares.iter_mut().enumerate() {
        transpose(cells, width, i * LANES, square);
    }
    // The last columns are in a square with some before them.
    if !rest.is_empty()
        && let Some(square) = columns.last_chunk_mut()
    {
        transpose(cells, width, width - LANES, square);
    }
}

/// As many columns as lanes, from `first` on.
#[inline(never)]
fn transpose(cells: &[F], width: usize, first: usize, columns: &mut [Packed; LANES]) {
    let cells = &cells[..LANES * width];
    let mut square = [Packed::ZERO; LANES];
    for lane in 0..LANES {
        square[lane] = *Packed::from_slice(&cells[lane * width + first..][..LANES]);
    }
    swap::<1>(&mut square);
    swap::<2>(&mut square);
    swap::<4>(&mut square);
    swap::<8>(&mut square);
    *columns = square;
}

/// Of each square of `2 LENGTH` by `2 LENGTH` cells, swaps the blocks that are not on the diagonal.
#[inline(always)]
fn swap<const LENGTH: usize>(square: &mut [Packed; LANES]) {
    if LENGTH >= LANES {
        return;
    }
    for i in 0..LANES {
        if i & LENGTH == 0 {
            (square[i], square[i + LENGTH]) = square[i].interleave(square[i + LENGTH], LENGTH);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn columns_of_rows() {
        for width in 0..3 * LANES + 2 {
            for rows in 0..LANES + 2 {
                let cells: Vec<F> = (1..=rows * width).map(F::from_usize).collect();
                let mut columns = Packed::zero_vec(width);
                columns_of(&cells, &mut columns);
                for (column, vector) in columns.iter().enumerate() {
                    let cell = |lane: usize| if lane < rows { cells[lane * width + column] } else { F::ZERO };
                    assert_eq!(*vector, Packed::from_fn(cell));
                }
            }
        }
    }
}
