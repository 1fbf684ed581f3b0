//! The states before each round of the parts, as columns of bits.
//!
//! Only the parts' inputs are uploaded. The states of a round are made from them anew, with what
//! theta makes of them and the lanes that rho and pi move.

use core::fmt::Write;

use tern_fri::multilinear::keccak::permutation::{LANES, MOVES, ROUNDS, constant};
use tern_fri::multilinear::keccak::prover::{POSITIONS, Witness};
use tern_fri::multilinear::keccak::{PART_ROUNDS, PARTS, SKIP};

use crate::memory::Words;
use crate::{Gpu, GpuError, Kernel};

/// Lanes of a round: the 25 of its input, the five parities, these at the bit below, then the 25
/// moved ones.
const ALL: usize = 2 * LANES + 10;

/// 32-bit words of a lane.
const HALVES: usize = 2;

/// Columns in a word of planes.
const PAIR: usize = 2;

/// The parts' inputs.
pub struct States {
    held: usize,
    inputs: Words,
    lanes: Words,
    round: Kernel,
    planes: Kernel,
}

/// The columns of a round.
pub struct Round {
    /// The lanes and the parities.
    pub lanes: Words,
    /// The moved lanes.
    pub moved: Words,
}

impl States {
    /// Uploads a witness of whole blocks.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn new(gpu: &Gpu, witness: &Witness) -> Result<Self, GpuError> {
        let states = witness.padded_inputs();
        let inputs = gpu.words(states.len() * LANES * HALVES)?;
        let words = states.as_flattened();
        gpu.write(&inputs, 0, inputs.len(), |i| (words[i / HALVES] >> (32 * (i % HALVES))) as u32)?;
        let lanes = gpu.words(states.len() * ALL * HALVES)?;
        Ok(Self { held: witness.held(), inputs, lanes, round: round(), planes: planes() })
    }

    /// Blocks of instances in each part.
    #[must_use]
    pub const fn blocks(&self) -> usize {
        self.held / SKIP
    }

    /// The columns of a round of the parts.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn round(&self, gpu: &Gpu, round: usize) -> Result<Round, GpuError> {
        let constants = (0..ROUNDS).map(constant).flat_map(|word| [word as u32, (word >> 32) as u32]);
        let params: Vec<u32> = [self.held as u32, self.blocks() as u32, round as u32].into_iter().chain(constants).collect();
        gpu.dispatch(&self.round, &params, &[&self.inputs, &self.lanes], PARTS * self.held)?;
        Ok(Round { lanes: self.planes(gpu, 0, LANES + 10)?, moved: self.planes(gpu, LANES + 10, LANES)? })
    }

    fn planes(&self, gpu: &Gpu, first: usize, columns: usize) -> Result<Words, GpuError> {
        let pairs = columns.div_ceil(PAIR);
        let to = gpu.words(pairs * POSITIONS * self.blocks())?;
        let params = [self.held, self.blocks(), pairs, first].map(|number| number as u32);
        gpu.dispatch(&self.planes, &params, &[&self.lanes, &to], pairs * PARTS * HALVES * self.blocks())?;
        Ok(to)
    }
}

/// The word of a lane rotated, of a vector of its halves.
fn rotated(word: &str, by: u32) -> String {
    let (low, high) = if by < 32 { ("x", "y") } else { ("y", "x") };
    match by % 32 {
        0 => format!("vec2({word}.{low}, {word}.{high})"),
        by => {
            let rest = 32 - by;
            format!("vec2(({word}.{low} << {by}u) | ({word}.{high} >> {rest}u), ({word}.{high} << {by}u) | ({word}.{low} >> {rest}u))")
        }
    }
}

/// Makes the lanes of a round: params are the instances of a part, the blocks of these, the round
/// in the parts, and all constants of iota. Lanes come out half by half, of all instances: first of
/// each block, then the second of each, and so on.
fn round() -> Kernel {
    let mut text = "
@group(0) @binding(1) var<storage, read> inputs: array<u32>;
@group(0) @binding(2) var<storage, read_write> lanes: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
let t = invocation(group, groups, local);
"
    .to_owned();
    let _ = writeln!(
        text,
        "let held = params[0];
if (t >= {PARTS}u * held) {{ return; }}
let part = t / held;
let own = t % held;
let instance = own % params[1] * {SKIP}u + own / params[1];
let first = (part * held + instance) * {}u;
let place = part * {}u * held + own;",
        LANES * HALVES,
        ALL * HALVES,
    );
    for lane in 0..LANES {
        let _ = writeln!(text, "var a{lane} = vec2(inputs[first + {}u], inputs[first + {}u]);", HALVES * lane, HALVES * lane + 1);
    }
    text.push_str("for (var round = 0u; round <= params[2]; round++) {\n");
    for x in 0..5 {
        let _ = writeln!(text, "let c{x} = a{x} ^ a{} ^ a{} ^ a{} ^ a{};", x + 5, x + 10, x + 15, x + 20);
        let _ = writeln!(text, "let r{x} = {};", rotated(&format!("c{x}"), 1));
    }
    for (lane, place) in MOVES.iter().enumerate() {
        let x = lane % 5;
        let _ = writeln!(text, "let f{lane} = a{lane} ^ c{} ^ r{};", (x + 4) % 5, (x + 1) % 5);
        let _ = writeln!(text, "let b{} = {};", place.target, rotated(&format!("f{lane}"), place.rotation));
    }
    text.push_str("if (round == params[2]) {\n");
    let own = (0..LANES).map(|lane| format!("a{lane}")).chain((0..5).map(|x| format!("c{x}"))).chain((0..5).map(|x| format!("r{x}")));
    for (number, name) in own.chain((0..LANES).map(|lane| format!("b{lane}"))).enumerate() {
        let _ = writeln!(text, "lanes[place + {}u * held] = {name}.x;\nlanes[place + {}u * held] = {name}.y;", 2 * number, 2 * number + 1);
    }
    text.push_str("}\n");
    for lane in 0..LANES {
        let (x, row) = (lane % 5, lane - lane % 5);
        let _ = writeln!(text, "a{lane} = b{lane} ^ (~b{} & b{});", row + (x + 1) % 5, row + (x + 2) % 5);
    }
    let _ = writeln!(text, "let iota = 3u + 2u * (part * {PART_ROUNDS}u + round);\na0 ^= vec2(params[iota], params[iota + 1u]);\n}}\n}}");
    Kernel { name: "keccak round".into(), parts: vec![text.into()].into() }
}

/// Makes planes of lanes: params are the instances of a part, their blocks, the pairs of columns,
/// and the first lane. An invocation transposes 32 bits of two columns in a block.
fn planes() -> Kernel {
    let mut text = "
@group(0) @binding(1) var<storage, read> lanes: array<u32>;
@group(0) @binding(2) var<storage, read_write> planes: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
let t = invocation(group, groups, local);
var s = 0u;
"
    .to_owned();
    let parts = PARTS * HALVES;
    let _ = writeln!(
        text,
        "let blocks = params[1];
let block = t % blocks;
let piece = t / blocks % {parts}u;
let pair = t / blocks / {parts}u;
if (pair >= params[2]) {{ return; }}
// The last column may be alone; the other is not read.
let c0 = min(params[3] + 2u * pair, {last}u);
let c1 = min(params[3] + 2u * pair + 1u, {last}u);
let first0 = ((piece / 2u * {ALL}u + c0) * 2u + piece % 2u) * params[0] + block;
let first1 = ((piece / 2u * {ALL}u + c1) * 2u + piece % 2u) * params[0] + block;",
        last = ALL - 1,
    );
    for j in 0..2 * SKIP {
        let _ = writeln!(text, "var v{j} = lanes[first{} + {}u * blocks];", j / SKIP, j % SKIP);
    }
    // Halves off the diagonal are swapped, in blocks of 32, then of 16, and so on.
    let mut half = 16;
    while half > 0 {
        let mask = (0..32).filter(|bit| bit & half == 0).fold(0_u32, |mask, bit| mask | 1 << bit);
        for low in (0..32).filter(|row| row & half == 0) {
            let high = low + half;
            let _ = writeln!(text, "s = ((v{low} >> {half}u) ^ v{high}) & {mask}u;\nv{low} ^= s << {half}u;\nv{high} ^= s;");
        }
        half /= 2;
    }
    let _ = writeln!(text, "let place = (pair * {POSITIONS}u + piece * 32u) * blocks + block;");
    for z in 0..32 {
        let _ = writeln!(text, "planes[place + {z}u * blocks] = v{z};");
    }
    text.push_str("}\n");
    Kernel { name: "keccak planes".into(), parts: vec![text.into()].into() }
}
