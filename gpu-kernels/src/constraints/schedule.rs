//! Which workgroup does what in the rounds after the skip. All of it is known before the first.

use core::ops::Range;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::zerocheck::Turns;

use super::prepared::Interpreted;
use super::{Data, LANES, Run};
use crate::kernel::GROUP;

/// A table's cells and its rests: `width` elements in each lane of its vectors. They lie cell by
/// cell, each coordinate by coordinate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) table: usize,
    pub(super) width: usize,
    pub(super) vectors: usize,
}

impl Share {
    pub(super) const fn rows(&self) -> usize {
        self.vectors * LANES
    }

    /// Words.
    pub(super) const fn len(&self) -> usize {
        self.width * self.rows() * EXTENSION_DEGREE
    }
}

/// Tables that share memory, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) shares: Vec<Share>,
}

impl Group {
    /// Groups of at most so many words, if each table alone is not more.
    pub(super) fn all(shares: impl Iterator<Item = Share>, limit: usize) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for share in shares {
            match groups.last_mut().filter(|group| group.words() + share.len() <= limit) {
                Some(group) => group.shares.push(share),
                None => groups.push(Self { shares: vec![share] }),
            }
        }
        groups
    }

    pub(super) fn words(&self) -> usize {
        self.shares.iter().map(Share::len).sum()
    }

    /// Each table with its first word.
    pub(super) fn places(&self) -> impl Iterator<Item = (&Share, usize)> {
        self.shares.iter().scan(0, |next, share| Some((share, core::mem::replace(next, *next + share.len()))))
    }

    /// After one bit of vectors is bound.
    pub(super) fn halved(&self) -> Self {
        Self { shares: self.shares.iter().map(|share| Share { vectors: share.vectors.div_ceil(2), ..*share }).collect() }
    }

    fn vectors(&self) -> usize {
        self.shares.iter().map(|share| share.vectors).sum()
    }
}

/// One group's kernels in a round.
pub(super) struct Turn {
    pub(super) workgroups: usize,
    /// Places in the list: of workgroups, of jobs, and of the tables that are bound.
    pub(super) first_workgroup: usize,
    pub(super) first_job: usize,
    pub(super) first_table: usize,
    /// Words of slots.
    pub(super) slots: usize,
}

/// A round.
pub(super) struct Round {
    pub(super) groups: Vec<Turn>,
    /// Partial sums.
    pub(super) partial: usize,
    /// The place in the list of the sums.
    pub(super) first_sum: usize,
    /// Of each table its sums.
    pub(super) sums: Vec<Range<usize>>,
}

/// All rounds on the device.
pub(super) struct Schedule {
    /// Weights and public values.
    pub(super) data: Data,
    /// Numbers that kernels read.
    pub(super) list: Vec<u32>,
    pub(super) rounds: Vec<Round>,
}

/// Where a table's values are in the data.
struct Places {
    terms: u32,
    public_values: u32,
    /// What is added to the terms' sum.
    offset: u32,
}

/// Places in the data that all tables share.
struct Common {
    zero: u32,
    one: u32,
    lanes: u32,
    /// Weights of pairs in a round.
    pairs: u32,
}

/// A part of a table's terms, or its rests, at one node: what `turns.wgsl` is told of it but for
/// its groups and partial sums.
struct Job<'a> {
    program: &'a Interpreted,
    words: [u32; 10],
    /// Rows between which the variable lies, in pairs.
    pairs: usize,
}

impl Job<'_> {
    /// Workgroups, if there may be so many.
    fn groups(&self, most: usize) -> usize {
        self.pairs.div_ceil(GROUP).min(most)
    }

    /// Words of a workgroup's slots.
    const fn slots(&self) -> usize {
        EXTENSION_DEGREE * GROUP * self.program.slots
    }
}

impl Schedule {
    pub(super) fn new(run: &Run<'_>, groups: &[&Group], turns: &Turns<'_>) -> Self {
        let mut data = Data::default();
        let (zero, one, lanes) = (data.ext(&[EF::ZERO]), data.ext(&[EF::ONE]), data.ext(&turns.lane_weights(0)));
        let place = |table| {
            let (instance, weights) = turns.table(table);
            Places {
                terms: data.ext(weights.terms.values()),
                public_values: data.base(instance.public_values),
                offset: data.ext(&[-weights.offset]),
            }
        };
        let places: Vec<Places> = (0..run.tables.len()).map(place).collect();
        let mut schedule = Self { data, list: Vec::new(), rounds: Vec::new() };
        let mut groups: Vec<Group> = groups.iter().map(|group| (*group).clone()).collect();
        for round in 0..turns.vector_rounds() {
            if groups.iter().map(Group::vectors).sum::<usize>() <= run.sizes.host_vectors {
                break;
            }
            let most = groups.iter().flat_map(|group| &group.shares).map(|share| share.vectors.div_ceil(2)).max().unwrap_or(0);
            let pairs = schedule.data.ext(&turns.pair_weights(round, most));
            schedule.add(run, turns, &groups, (&places, &Common { zero, one, lanes, pairs }));
            groups = groups.iter().map(Group::halved).collect();
        }
        schedule
    }

    fn add(&mut self, run: &Run<'_>, turns: &Turns<'_>, groups: &[Group], (places, common): (&[Places], &Common)) {
        let mut round = Round { groups: Vec::new(), partial: 0, first_sum: 0, sums: vec![0..0; run.tables.len()] };
        // The first partial sum of each sum, and how many there are.
        let mut sums: Vec<u32> = Vec::new();
        for group in groups {
            let mut jobs = Vec::new();
            for (share, first) in group.places() {
                let of_table = jobs_of(run, turns, (share, first), &places[share.table], common);
                let first_sum = sums.len() / 2 + jobs.len();
                round.sums[share.table] = first_sum..first_sum + of_table.len();
                jobs.extend(of_table);
            }
            let slots = |most: usize| jobs.iter().flatten().map(|job| job.groups(most) * job.slots()).sum::<usize>();
            let most = core::iter::successors(Some(run.sizes.groups), |most| Some(most / 2).filter(|half| *half > 0));
            let most = most.take_while(|most| *most > 1).find(|most| slots(*most) <= run.sizes.scratch).unwrap_or(1);
            let turn = self.turn(group, &jobs, most, (&mut sums, &mut round.partial));
            round.groups.push(turn);
        }
        round.first_sum = self.list.len();
        self.list.extend(sums);
        self.rounds.push(round);
    }

    /// Lists the workgroups of jobs, of which each sum has some.
    fn turn(&mut self, group: &Group, jobs: &[Vec<Job<'_>>], most: usize, (sums, partial): (&mut Vec<u32>, &mut usize)) -> Turn {
        let mut turn = Turn { workgroups: 0, first_workgroup: 0, first_job: self.list.len(), first_table: 0, slots: 0 };
        let mut workgroups: Vec<u32> = Vec::new();
        let mut number = 0;
        for jobs in jobs {
            let first = *partial;
            for job in jobs {
                let groups = job.groups(most);
                self.list.extend(job.words.iter().chain(&[groups as u32, *partial as u32]));
                *partial += groups;
                for own in 0..groups {
                    workgroups.extend([number, turn.slots as u32, own as u32]);
                    turn.slots += job.slots();
                }
                number += 1;
            }
            sums.extend([first as u32, (*partial - first) as u32]);
        }
        turn.workgroups = workgroups.len() / 3;
        turn.first_workgroup = self.list.len();
        self.list.extend(workgroups);
        turn.first_table = self.list.len();
        let after = group.halved();
        for ((before, first), (after, to)) in group.places().zip(after.places()) {
            let words = [to / EXTENSION_DEGREE, first, before.rows(), to, after.rows()];
            self.list.extend(words.map(|word| word as u32));
        }
        turn
    }
}

/// The jobs of each of a table's sums in a round: of its terms at every node, then of its rests at
/// zero and one.
fn jobs_of<'a>(run: &Run<'a>, turns: &Turns<'_>, (share, first): (&Share, usize), places: &Places, common: &Common) -> Vec<Vec<Job<'a>>> {
    let table = &run.prepared.tables[share.table];
    let job = |program: &'a Interpreted, node: usize, weights, added| {
        let [start, end] = [program.words.start, program.words.end].map(|place| place as u32);
        let [node, first, rows] = [F::from_usize(node).to_unique_u32(), first as u32, share.rows() as u32];
        let words = [start, end, node, first, rows, weights, places.public_values, common.pairs, common.lanes, added];
        Job { program, words, pairs: share.vectors.div_ceil(2) * LANES }
    };
    let terms = |node: usize| {
        // What is added is added once.
        let added = core::iter::once(places.offset).chain(core::iter::repeat(common.zero));
        let parts = table.classes.iter().flat_map(|class| &class.parts).zip(added);
        parts.map(|(program, added)| job(program, node, places.terms, added)).collect()
    };
    let has_rests = share.width > table.order.len();
    let rests = |node: usize| has_rests.then(|| job(&table.rest, node, common.one, common.zero)).into_iter().collect();
    turns.nodes(share.table).into_iter().map(terms).chain([0, 1].map(rests)).collect()
}
