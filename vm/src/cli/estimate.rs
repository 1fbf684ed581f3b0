//! How long the rest will take.

use std::time::Duration;

use crate::prove::{Amount, StageTimes};

/// Cells of segments that take as long as one lift, one join and the wrap, as long as this run has not done such a step. Typical.
const LIFT_CELLS: f64 = 2.5e8;
const JOIN_CELLS: f64 = 2.5e8;
const WRAP_CELLS: f64 = 3.75e8;

/// All work, and what of it is done by whom.
#[derive(Clone, Debug, Default)]
pub struct Estimate {
    /// All work.
    pub total: Amount,
    /// Work saved by earlier runs.
    pub saved: Amount,
    /// Work done by this run.
    pub done: Amount,
    /// The time that took, step by step.
    pub times: StageTimes,
}

impl Estimate {
    /// The share of the work that is done, whoever did it: 0 to 1.
    pub fn share(&self) -> f64 {
        let left: f64 = self.left().iter().zip(self.rates()).map(|(left, rate)| left * rate).sum();
        let all: f64 = sizes(&self.total).iter().zip(self.rates()).map(|(all, rate)| all * rate).sum();
        if all > 0.0 { 1.0 - left / all } else { 0.0 }
    }

    /// The time that the rest takes, if it goes on as it went in the `elapsed` time since the first step of this run began. Nobody knows before a step is done.
    pub fn time_left(&self, elapsed: Duration) -> Option<Duration> {
        let spent = self.spent().iter().sum::<f64>();
        if spent <= 0.0 {
            return None;
        }
        let left: f64 = self.left().iter().zip(self.rates()).map(|(left, rate)| left * rate).sum();
        // Steps that run at the same time share the cores: what counts is how much of them the clock has seen.
        Duration::try_from_secs_f64(left * elapsed.as_secs_f64() / spent).ok()
    }

    /// Sizes of the work left, by stage.
    fn left(&self) -> [f64; 4] {
        let (all, saved, done) = (sizes(&self.total), sizes(&self.saved), sizes(&self.done));
        core::array::from_fn(|stage| (all[stage] - saved[stage] - done[stage]).max(0.0))
    }

    /// Seconds for one unit of each stage's size: as measured, else in proportion to what is measured, else in typical proportion to each other.
    fn rates(&self) -> [f64; 4] {
        let typical = [1.0, LIFT_CELLS, JOIN_CELLS, WRAP_CELLS];
        let (done, spent) = (sizes(&self.done), self.spent());
        let usual: f64 = done.iter().zip(typical).map(|(done, typical)| done * typical).sum();
        let factor = if usual > 0.0 { spent.iter().sum::<f64>() / usual } else { 1.0 };
        core::array::from_fn(|stage| if done[stage] > 0.0 { spent[stage] / done[stage] } else { factor * typical[stage] })
    }

    /// Seconds spent, by stage.
    fn spent(&self) -> [f64; 4] {
        [self.times.segments, self.times.lift, self.times.join, self.times.wrap].map(|time| time.as_secs_f64())
    }
}

/// Sizes by stage: cells of segments, numbers of the others.
fn sizes(amount: &Amount) -> [f64; 4] {
    [amount.cells as f64, amount.lifts.into(), amount.joins.into(), amount.wraps.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(count: u32) -> Amount {
        Amount { segments: count, cells: u64::from(count) * 1_000_000, ..Amount::default() }
    }

    #[test]
    fn nobody_knows_the_time_left_while_only_saved_work_is_counted() {
        let estimate = Estimate { total: segments(4), saved: segments(3), ..Estimate::default() };
        assert_eq!(estimate.time_left(Duration::from_secs(1)), None);
        assert!((estimate.share() - 0.75).abs() < 1e-9);
    }

    #[test]
    fn what_is_saved_makes_nothing_faster() {
        let times = StageTimes { segments: Duration::from_secs(20), ..StageTimes::default() };
        let estimate = Estimate { total: segments(10), saved: segments(5), done: segments(2), times };
        // two segments in twenty seconds, three are left
        assert_eq!(estimate.time_left(Duration::from_secs(20)), Some(Duration::from_secs(30)));
        // two at the same time
        assert_eq!(estimate.time_left(Duration::from_secs(10)), Some(Duration::from_secs(15)));
    }

    #[test]
    fn stages_that_nobody_measured_take_their_typical_share() {
        let segment = Amount { segments: 1, cells: LIFT_CELLS as u64, ..Amount::default() };
        let total = Amount { lifts: 1, wraps: 1, ..segment };
        let times = StageTimes { segments: Duration::from_secs(15), ..StageTimes::default() };
        let estimate = Estimate { total, done: segment, times, ..Estimate::default() };
        // a lift as long as the segment, and half as much again for the wrap
        assert_eq!(estimate.time_left(Duration::from_secs(15)), Some(Duration::from_millis(37_500)));
        // a measured lift counts as measured
        let mut estimate = Estimate { done: Amount { lifts: 1, ..segment }, ..estimate };
        estimate.times.lift = Duration::from_secs(45);
        assert_eq!(estimate.time_left(Duration::from_secs(60)), Some(Duration::from_secs(45)));
    }

    #[test]
    fn all_done_leaves_no_time() {
        let times = StageTimes { segments: Duration::from_secs(20), ..StageTimes::default() };
        let estimate = Estimate { total: segments(2), done: segments(2), times, ..Estimate::default() };
        assert_eq!(estimate.time_left(Duration::from_secs(20)), Some(Duration::ZERO));
        assert!((estimate.share() - 1.0).abs() < 1e-9);
    }
}
