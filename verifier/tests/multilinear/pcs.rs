//! A commitment scheme for the tests: the commitment is a hash of the tables, an opening sends the
//! tables and their values, and the verifier computes both again.

use std::sync::Arc;

use p3_commit::MultilinearPcs;
use p3_field::PrimeField32;
use p3_multi_stark::config::MultiStarkConfig;
use p3_multilinear_util::point::Point;
use p3_sumcheck::layout::Table;
use p3_sumcheck::{OpeningEvals, OpeningProtocol, PrescribedPointPcs};
use serde::{Deserialize, Serialize};
use tern_field::{EF, F};

use super::challenger::Scripted;

/// A commitment: BLAKE3 of all columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed(pub [u8; 32]);

/// The columns of all tables, and their values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Opened {
    pub tables: Vec<Vec<Vec<F>>>,
    pub values: Vec<OpeningEvals<EF>>,
}

/// Why an opening is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Tables,
    Shape,
    Values,
}

/// The scheme. One that trusts takes any values, so that only what is done with them is judged.
#[derive(Clone, Copy, Debug)]
pub struct ClearPcs {
    pub trusts: bool,
}

/// Plonky3's configuration around it.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub pcs: ClearPcs,
}

fn columns(tables: &[Table<F>]) -> Vec<Vec<Vec<F>>> {
    tables.iter().map(|table| (0..table.num_polys()).map(|column| table.poly(column).as_slice().to_vec()).collect()).collect()
}

fn hash(tables: &[Vec<Vec<F>>]) -> Committed {
    let mut hasher = blake3::Hasher::new();
    for value in tables.iter().flatten().flatten() {
        hasher.update(&value.as_canonical_u32().to_le_bytes());
    }
    Committed(hasher.finalize().into())
}

/// The multilinear extension of a column: the first coordinate belongs to the highest bit of the position.
pub fn evaluate(column: &[F], point: &[EF]) -> EF {
    let mut values: Vec<EF> = column.iter().map(|value| (*value).into()).collect();
    for coordinate in point {
        let (low, high) = values.split_at(values.len() / 2);
        values = low.iter().zip(high).map(|(low, high)| *low + *coordinate * (*high - *low)).collect();
    }
    values[0]
}

fn values(tables: &[Vec<Vec<F>>], protocol: &OpeningProtocol, points: &[Point<EF>]) -> Vec<OpeningEvals<EF>> {
    let openings = protocol.iter_openings().zip(points).map(|((table, batch), point)| {
        assert!(batch.next().is_empty(), "no next rows");
        OpeningEvals::new(batch.current().iter().map(|column| evaluate(&tables[table][*column], point.as_slice())).collect(), vec![])
    });
    openings.collect()
}

impl MultilinearPcs<EF, Scripted> for ClearPcs {
    type Val = F;
    type Commitment = Committed;
    type ProverData = Arc<Vec<Table<F>>>;
    type Proof = Opened;
    type Error = Fault;
    type ProverError = Fault;
    type Witness = Vec<Table<F>>;
    type OpeningProtocol = OpeningProtocol;

    fn num_vars(&self) -> usize {
        0
    }

    fn commit(&self, tables: Vec<Table<F>>, challenger: &mut Scripted) -> Result<(Committed, Self::ProverData), Fault> {
        let commitment = hash(&columns(&tables));
        self.observe_commitment(&commitment, challenger);
        Ok((commitment, Arc::new(tables)))
    }

    fn observe_commitment(&self, commitment: &Committed, challenger: &mut Scripted) {
        p3_challenger::CanObserve::observe(challenger, *commitment);
    }

    fn open(&self, _: Self::ProverData, _: OpeningProtocol, _: &mut Scripted) -> Result<Opened, Fault> {
        unreachable!("points are prescribed")
    }

    fn verify(&self, _: &Committed, _: &Opened, _: &mut Scripted, _: OpeningProtocol) -> Result<(), Fault> {
        unreachable!("points are prescribed")
    }
}

impl PrescribedPointPcs<EF, Scripted> for ClearPcs {
    fn open_at(&self, data: Self::ProverData, protocol: &OpeningProtocol, points: &[Point<EF>], _: &mut Scripted) -> Result<Opened, Fault> {
        let tables = columns(&data);
        let values = values(&tables, protocol, points);
        Ok(Opened { tables, values })
    }

    fn verify_at(
        &self,
        commitment: &Committed,
        proof: &Opened,
        protocol: &OpeningProtocol,
        points: &[Point<EF>],
        _: &mut Scripted,
    ) -> Result<Vec<OpeningEvals<EF>>, Fault> {
        let fits = proof.values.len() == protocol.num_openings()
            && protocol.iter_openings().zip(&proof.values).all(|((_, batch), values)| batch.has_same_shape(values));
        if !fits {
            return Err(Fault::Shape);
        }
        if hash(&proof.tables) != *commitment {
            return Err(Fault::Tables);
        }
        if !self.trusts && values(&proof.tables, protocol, points) != proof.values {
            return Err(Fault::Values);
        }
        Ok(proof.values.clone())
    }
}

impl MultiStarkConfig for Config {
    type Val = F;
    type Challenge = EF;
    type Challenger = Scripted;
    type Pcs = ClearPcs;

    fn pcs(&self) -> &ClearPcs {
        &self.pcs
    }

    fn preprocessed_pcs(&self) -> &ClearPcs {
        &self.pcs
    }

    fn min_num_variables(&self) -> usize {
        0
    }

    fn build_witness(&self, tables: Vec<Table<F>>) -> Vec<Table<F>> {
        tables
    }

    fn committed_table<'a>(&self, data: &'a Arc<Vec<Table<F>>>, table: usize) -> &'a Table<F> {
        &data[table]
    }
}
