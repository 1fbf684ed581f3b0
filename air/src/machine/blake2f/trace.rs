//! Filling the blake2f chip's table.

use core::array;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::columns::Bytes;
use super::{Blake2fCols, PLACES, ROWS, SIGMA, mix};
use crate::events::{Blake2fEvent, TICKS_BLAKE2F};
use crate::fill::fill_calls;
use crate::gadgets::{Limbs, count_access, limbs};
use crate::lookups::{ByteLookup, Lookups};

/// Fills a table of `height` rows, eight for each call.
///
/// An event that the call does not allow (a schedule of 10 or more) gets rows that satisfy no verifier.
///
/// # Panics
///
/// If the calls have more rows.
pub fn fill(events: &[Blake2fEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_calls(events, height, lookups, fill_call)
}

fn fill_call(event: &Blake2fEvent, rows: &mut [Blake2fCols<F>; ROWS], lookups: &mut Lookups) {
    let dwords = event.ptrs.map(|ptr| ptr % (1 << 16) / 8);
    dwords.into_iter().for_each(|dword| lookups.bits(13, dword));
    let (mut vector, mut times) = (event.vector, event.t_vector);
    for (function, row) in rows.iter_mut().enumerate() {
        let time = event.time + TICKS_BLAKE2F[1 + function / (ROWS / 2)];
        row.time = F::from_u32(event.time);
        row.functions[function] = F::ONE;
        if let Some(mark) = row.schedules.get_mut(event.schedule as usize) {
            *mark = F::ONE;
        }
        row.dwords = dwords.map(F::from_u32);
        row.ptr1s = event.ptrs.map(|ptr| F::from_u32(ptr >> 16));
        row.region = F::from_u8(event.region as u8);

        let schedule = &SIGMA[event.schedule as usize % SIGMA.len()];
        let indices = [schedule[2 * function], schedule[2 * function + 1]];
        row.indices = indices.map(F::from_usize);
        row.t_message = indices.map(|index| F::from_u32(event.t_message[index]));
        indices.into_iter().for_each(|index| count_access(lookups, event.t_message[index], event.time + TICKS_BLAKE2F[0]));
        let places = PLACES[function];
        row.t_vector = places.map(|place| F::from_u32(times[place]));
        places.into_iter().for_each(|place| count_access(lookups, times[place], time));

        let mixed = fill_function(places.map(|place| vector[place]), indices.map(|index| event.message[index]), row, lookups);
        for (place, word) in places.into_iter().zip(mixed) {
            (vector[place], times[place]) = (word, time);
        }
    }
}

/// Fills the words of a function, and gives what it makes of a, b, c and d.
fn fill_function(words: [u64; 4], [x, y]: [u64; 2], row: &mut Blake2fCols<F>, lookups: &mut Lookups) -> [u64; 4] {
    let [a, b, c, d] = words;
    let [[a_half, b_half, c_half, d_half], end] = mix(words, x, y);
    let [a_end, b_end, c_end, d_end] = end;
    row.x = limbs(x);
    [row.b, row.d] = [b, d].map(bytes);
    [row.a_half, row.c_half, row.a_end, row.c_end] = [a_half, c_half, a_end, c_end].map(bytes);
    let mut xor = |x: u64, y: u64| {
        x.to_le_bytes().into_iter().zip(y.to_le_bytes()).for_each(|(x, y)| lookups.byte(ByteLookup::Xor, x, y));
        bytes(x ^ y)
    };
    row.d_xor_half = xor(d, a_half);
    row.b_xor_half = xor(b, c_half);
    row.d_xor_end = xor(d_half, a_end);
    row.b_xor_end = xor(b_half, c_end);
    row.top_bits = array::from_fn(|limb| F::from_u64((b_half ^ c_end) >> (16 * limb + 15) & 1));
    row.a_carries = [carries([a, b, x]), carries([a_half, b_half, y])];
    row.c_carries = [carries([c, d_half, 0]), carries([c_half, d_end, 0])];
    lookups.limbs(b_end);
    end
}

fn bytes(word: u64) -> Bytes<F> {
    word.to_le_bytes().map(F::from_u8)
}

/// The carries out of the limbs of a sum.
fn carries(terms: [u64; 3]) -> Limbs<F> {
    let mut carry = 0;
    array::from_fn(|limb| {
        carry = (terms.iter().map(|term| term >> (16 * limb) & 0xffff).sum::<u64>() + carry) >> 16;
        F::from_u64(carry)
    })
}
