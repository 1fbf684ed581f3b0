//! How much of the work is done, how fast it goes, and how long the rest will take.
//!
//! Work is counted in seconds of steps: sizes times what a unit of a stage takes. That is measured
//! where a step of the stage is done, else in proportion to what is measured, and before any step
//! is done what is usual. A step that is going on counts with what it has behind it.

use std::thread::available_parallelism;
use std::time::Duration;

use tern_vm::prove::{Amount, StageTimes};

/// Cells of segments that take as long as one lift, one join and the wrap. Typical.
const LIFT_CELLS: f64 = 2.9e7;
const JOIN_CELLS: f64 = 2.4e7;
const WRAP_CELLS: f64 = 3.3e7;
/// Cells of segments that a core proves in a second. Usual.
const CELLS_PER_CORE_SECOND: f64 = 1.5e6;
/// Seconds for which what is usual counts as if it had been measured: small steps say little about
/// large ones.
const USUAL_SECONDS: f64 = 20.0;
/// The part of its expected time after which a step is taken to slow down, so that one that takes
/// longer than expected never has nothing left.
const SLOWING: f64 = 0.8;

/// Positions of the stages in the arrays below.
const JOIN: usize = 2;
const WRAP: usize = 3;

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

/// A step that is going on.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// What it is of all work.
    pub amount: Amount,
    /// How long it has been going on.
    pub since: Duration,
}

/// What can be said at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// The share of the work that is done, whoever did it: 0 to 1.
    pub share: f64,
    /// The time that the rest takes.
    pub left: Duration,
    /// Whether a step is done, so that this does not rest on what is usual.
    pub measured: bool,
    /// Instructions in a second, each with everything that is to be done for it up to the end. None
    /// before anything is done.
    pub cycles_per_second: Option<f64>,
}

impl Estimate {
    /// What can be said when `elapsed` time has gone by since the first step of this run began, and
    /// the steps of `running` go on.
    pub fn outlook(&self, elapsed: Duration, running: &[Running]) -> Outlook {
        let elapsed = elapsed.as_secs_f64();
        let rates = self.rates(running);
        let (total, saved) = (seconds(&self.total, &rates), seconds(&self.saved, &rates));
        let rest: Vec<f64> = running.iter().map(|step| left_of(step, &rates)).collect();
        let behind: f64 = running.iter().zip(&rest).map(|(step, rest)| seconds(&step.amount, &rates) - rest).sum();
        let open = self.open();
        let left = (open.iter().zip(rates).map(|(open, rate)| open * rate).sum::<f64>() - behind).max(0.0);
        // Steps that run at the same time share the cores: what counts is how much of them the
        // clock has seen.
        let worked: f64 = self.spent().iter().sum::<f64>() + running.iter().map(|step| step.since.as_secs_f64()).sum::<f64>();
        let at_once = if elapsed > 0.0 && worked > 0.0 { worked / elapsed } else { 1.0 };
        // The last join and the wrap wait for all before them.
        let waiting = |stage: usize| {
            let begun: f64 = running.iter().map(|step| sizes(&step.amount)[stage]).sum();
            (open[stage] - begun).clamp(0.0, 1.0) * rates[stage]
        };
        let alone = rest.iter().copied().fold(0.0, f64::max) + waiting(JOIN) + waiting(WRAP);
        let own = total - saved - left;
        Outlook {
            share: if total > 0.0 { 1.0 - left / total } else { 0.0 },
            left: Duration::try_from_secs_f64((left / at_once).max(alone)).unwrap_or(Duration::MAX),
            measured: self.done != Amount::default(),
            cycles_per_second: (own > 0.0 && elapsed > 0.0).then(|| self.total.cycles as f64 * own / total / elapsed),
        }
    }

    /// Sizes of the work that is not done, by stage.
    fn open(&self) -> [f64; 4] {
        let (all, saved, done) = (sizes(&self.total), sizes(&self.saved), sizes(&self.done));
        core::array::from_fn(|stage| (all[stage] - saved[stage] - done[stage]).max(0.0))
    }

    /// Seconds for one unit of each stage's size: measured, else usual in proportion to what is
    /// measured, or to a step that takes longer before it is done.
    fn rates(&self, running: &[Running]) -> [f64; 4] {
        let cores = available_parallelism().map_or(1, usize::from) as f64;
        let usual = [1.0, LIFT_CELLS, JOIN_CELLS, WRAP_CELLS].map(|cells| cells / (CELLS_PER_CORE_SECOND * cores));
        let slower = |took: f64, amount: &Amount| (took + USUAL_SECONDS) / (seconds(amount, &usual) + USUAL_SECONDS);
        let (done, spent) = (sizes(&self.done), self.spent());
        let factor = if self.done == Amount::default() {
            running.iter().map(|step| slower(step.since.as_secs_f64(), &step.amount)).fold(1.0, f64::max)
        } else {
            slower(spent.iter().sum(), &self.done)
        };
        core::array::from_fn(|stage| if done[stage] > 0.0 { spent[stage] / done[stage] } else { factor * usual[stage] })
    }

    /// Seconds spent, by stage.
    fn spent(&self) -> [f64; 4] {
        [self.times.segments, self.times.lift, self.times.join, self.times.wrap].map(|time| time.as_secs_f64())
    }
}

/// Seconds that a step has before it.
fn left_of(step: &Running, rates: &[f64; 4]) -> f64 {
    let expected = seconds(&step.amount, rates);
    if expected <= 0.0 {
        return 0.0;
    }
    let gone = step.since.as_secs_f64() / expected;
    let open = 1.0 - SLOWING;
    expected * if gone <= SLOWING { 1.0 - gone } else { open * (-(gone - SLOWING) / open).exp() }
}

/// Seconds of all stages together.
fn seconds(amount: &Amount, rates: &[f64; 4]) -> f64 {
    sizes(amount).iter().zip(rates).map(|(size, rate)| size * rate).sum()
}

/// Sizes by stage: cells of segments, numbers of the others.
fn sizes(amount: &Amount) -> [f64; 4] {
    [amount.cells as f64, amount.lifts.into(), amount.joins.into(), amount.wraps.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEGMENT: Amount =
        Amount { segments: 1, cycles: 500, cells: 1_000_000, matrix_cells: 1_000_000, lifts: 0, joins: 0, wraps: 0, units: 0 };

    fn segments(count: u32) -> Amount {
        Amount { segments: count, cycles: u64::from(count) * SEGMENT.cycles, cells: u64::from(count) * SEGMENT.cells, ..Amount::default() }
    }

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn running(amount: Amount, since: u64) -> [Running; 1] {
        [Running { amount, since: secs(since) }]
    }

    /// Asserts a time to a millisecond.
    #[track_caller]
    fn assert_left(outlook: Outlook, seconds: f64) {
        assert!((outlook.left.as_secs_f64() - seconds).abs() < 1e-3, "{outlook:?}, expected {seconds} s");
    }

    #[test]
    fn before_a_step_is_done_the_usual_time_is_said() {
        let estimate = Estimate { total: segments(400), ..Estimate::default() };
        let outlook = estimate.outlook(Duration::ZERO, &[]);
        let cores = available_parallelism().map_or(1, usize::from) as f64;
        assert!(!outlook.measured && outlook.cycles_per_second.is_none());
        assert_left(outlook, 4e8 / (CELLS_PER_CORE_SECOND * cores));
        // it is saved work that is done
        let estimate = Estimate { total: segments(4), saved: segments(3), ..Estimate::default() };
        assert!((estimate.outlook(secs(1), &[]).share - 0.75).abs() < 1e-9);
    }

    #[test]
    fn a_first_step_that_takes_longer_than_usual_makes_the_rest_longer() {
        let large = Amount { cells: 1_000_000_000, ..SEGMENT };
        let total = Amount { segments: 10, cells: 10 * large.cells, ..Amount::default() };
        let estimate = Estimate { total, ..Estimate::default() };
        let usual = estimate.outlook(Duration::ZERO, &[]).left;
        let [soon, later] = [1000, 2000].map(|since| estimate.outlook(secs(since), &running(large, since)).left);
        assert!(usual < soon && 2 * soon > later && later > soon, "{usual:?} {soon:?} {later:?}");
        // a small step that takes long says little about the others
        let small = Amount { cells: 1, ..large };
        let late = estimate.outlook(secs(10), &running(small, 10)).left;
        assert!(late < 2 * usual, "{late:?} {usual:?}");
    }

    #[test]
    fn what_is_saved_makes_nothing_faster() {
        let times = StageTimes { segments: secs(20), ..StageTimes::default() };
        let estimate = Estimate { total: segments(10), saved: segments(5), done: segments(2), times };
        // two segments in twenty seconds, three are left
        let outlook = estimate.outlook(secs(20), &[]);
        assert_left(outlook, 30.0);
        assert_eq!((outlook.measured, outlook.cycles_per_second), (true, Some(50.0)));
        // two at the same time
        assert_left(estimate.outlook(secs(10), &[]), 15.0);
    }

    #[test]
    fn time_left_and_share_move_while_a_step_goes_on() {
        let times = StageTimes { segments: secs(20), ..StageTimes::default() };
        let estimate = Estimate { total: segments(4), done: segments(2), times, ..Estimate::default() };
        let at = |since: u64| estimate.outlook(secs(20 + since), &running(SEGMENT, since));
        for since in 0..=8 {
            assert_left(at(since), 20.0 - since as f64);
            assert!((at(since).share - (20 + since) as f64 / 40.0).abs() < 1e-9);
        }
        // slower from there on, but never with nothing left of the step
        let late: Vec<_> = (8..40).map(|since| at(since).left).collect();
        assert!(late.windows(2).all(|pair| pair[1] < pair[0]) && late.iter().all(|left| *left > secs(9)), "{late:?}");
    }

    #[test]
    fn stages_that_nobody_measured_take_their_usual_share() {
        let segment = Amount { segments: 1, cells: LIFT_CELLS as u64, ..Amount::default() };
        let total = Amount { lifts: 1, wraps: 1, ..segment };
        let cores = available_parallelism().map_or(1, usize::from) as f64;
        let usual = LIFT_CELLS / (CELLS_PER_CORE_SECOND * cores);
        // the segment took three times as long as usual
        let times = StageTimes { segments: Duration::from_secs_f64(3.0 * usual), ..StageTimes::default() };
        let estimate = Estimate { total, done: segment, times, ..Estimate::default() };
        let factor = (3.0 * usual + USUAL_SECONDS) / (usual + USUAL_SECONDS);
        // a lift as long as a segment, and the wrap in its proportion to that
        assert_left(estimate.outlook(times.segments, &[]), (1.0 + WRAP_CELLS / LIFT_CELLS) * usual * factor);
        // a measured lift counts as measured
        let done = Amount { lifts: 1, ..segment };
        let estimate = Estimate { total: Amount { lifts: 2, ..segment }, done, ..estimate };
        let times = StageTimes { lift: secs(45), ..times };
        let elapsed = times.segments + times.lift;
        assert_left(Estimate { times, ..estimate }.outlook(elapsed, &[]), 45.0);
    }

    #[test]
    fn the_wrap_is_not_done_at_the_same_time_as_anything_else() {
        let total = Amount { lifts: 4, wraps: 1, ..Amount::default() };
        let times = StageTimes { lift: secs(40), ..StageTimes::default() };
        let done = Amount { lifts: 4, ..Amount::default() };
        let estimate = Estimate { total, done, times, ..Estimate::default() };
        // four lifts at once, and then one wrap that takes as long as if it were all there is
        let alone = estimate.outlook(secs(40), &[]);
        assert_eq!(estimate.outlook(secs(10), &[]).left, alone.left);
        let wrap = Amount { wraps: 1, ..Amount::default() };
        let begun = estimate.outlook(secs(12), &running(wrap, 2));
        assert_left(begun, alone.left.as_secs_f64() - 2.0);
    }

    #[test]
    fn the_rate_is_that_of_the_whole() {
        // a thousand instructions, and two lifts that take as long each as their segment
        let segment = Amount { segments: 1, cycles: 1000, cells: LIFT_CELLS as u64, ..Amount::default() };
        let (total, done) = (Amount { lifts: 2, ..segment }, Amount { lifts: 1, ..segment });
        let times = StageTimes { segments: secs(10), lift: secs(10), ..StageTimes::default() };
        let rate = Estimate { total, done, times, ..Estimate::default() }.outlook(secs(20), &[]).cycles_per_second.expect("a rate");
        assert!((rate - 1000.0 / 30.0).abs() < 1e-9, "{rate}");
    }

    #[test]
    fn all_done_leaves_no_time() {
        let times = StageTimes { segments: secs(20), ..StageTimes::default() };
        let estimate = Estimate { total: segments(2), done: segments(2), times, ..Estimate::default() };
        let outlook = estimate.outlook(secs(20), &[]);
        assert_eq!((outlook.left, outlook.share), (Duration::ZERO, 1.0));
    }
}
