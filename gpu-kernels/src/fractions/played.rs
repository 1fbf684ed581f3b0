//! What a device has played, played again with the host's transcript.

use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::fractions::{Layers, Rounds};

use super::places::{HALVES, Places};
use crate::gpu::ext_elements;
use crate::{GpuError, rounds};

/// Sends what the record has of layers, and draws the challenges.
///
/// # Errors
///
/// If the device drew others.
pub(super) fn play(layers: &mut Layers<'_>, all: &[Places], record: &[F]) -> Result<(), GpuError> {
    all.iter().try_for_each(|places| layers.layer(|rounds| play_layer(rounds, places, record)))
}

fn play_layer(rounds: &mut Rounds<'_>, places: &Places, record: &[F]) -> Result<[EF; 4], GpuError> {
    let elements = |first: usize, count: usize| ext_elements(&record[first..first + EXTENSION_DEGREE * count]);
    let check = |place: usize, challenge: EF| rounds::check(elements(place, 1)[0], challenge);
    check(places.coordinate(0), rounds.point()[0])?;
    check(places.lambda(), rounds.lambda())?;
    for number in 0..places.rounds {
        let sums = elements(places.sums(number), 2);
        let challenge = if number == 0 { rounds.first(sums[1]) } else { rounds.round(sums[0], sums[1]) };
        check(places.challenge(number), challenge)?;
    }
    let halves = elements(places.halves(), HALVES);
    Ok(core::array::from_fn(|i| halves[i]))
}
