//! Reed-Solomon encoding: the columns of a matrix are coefficients, their values on a coset of the
//! subgroup come out in bit-reversed order, as on the host ([`tern_fri::multilinear::encoding`]).
//!
//! A pass takes up to four layers of decimation in frequency in registers: an invocation has
//! sixteen rows of one column. The first also scales by the powers of the coset's shift.

use core::fmt::Write;

use p3_field::{PrimeCharacteristicRing, PrimeField32, TwoAdicField};
use tern_field::F;

use crate::memory::Words;
use crate::{Gpu, GpuError, Kernel};

/// Layers of a pass, at most.
const LOG_RADIX: usize = 4;

/// Base-2 logarithm of the powers in the lower part of a table: a power is a product of one in each part.
pub(crate) const LOG_LOW: usize = 11;

/// Encodes matrices of one size.
pub struct Encoder {
    width: usize,
    log_rows: usize,
    /// Powers of the root of unity of order `2^log_rows`.
    twiddles: Words,
    /// Of each coset the powers of its shift, and the shift.
    shifts: Vec<(Words, F)>,
    /// The passes, each with its layers.
    passes: Vec<(Kernel, usize)>,
}

/// The powers of an element up to its `2^log`-th, in two parts.
pub(crate) fn powers(gpu: &Gpu, base: F, log: usize) -> Result<Words, GpuError> {
    let mut table = base.powers().collect_n(1 << LOG_LOW);
    table.extend(base.exp_power_of_2(LOG_LOW).powers().collect_n(1 << log.saturating_sub(LOG_LOW)));
    gpu.upload(&table)
}

impl Encoder {
    /// For `2^log_rows` rows of `width` cells.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn new(gpu: &Gpu, width: usize, log_rows: usize, log_blowup: usize) -> Result<Self, GpuError> {
        let generator = F::two_adic_generator(log_rows + log_blowup);
        let shift = |coset: usize| generator.exp_u64((coset.reverse_bits() >> (usize::BITS as usize - log_blowup)) as u64);
        let shifts = (0..1 << log_blowup).map(|coset| if log_blowup == 0 { F::ONE } else { shift(coset) });
        let shifts = shifts.map(|shift| Ok((powers(gpu, shift, log_rows)?, shift))).collect::<Result<_, GpuError>>()?;
        // Without layers there is still the first pass, which copies.
        let firsts = (0..log_rows.max(1)).step_by(LOG_RADIX);
        let pass = |first: usize| {
            let log_radix = LOG_RADIX.min(log_rows - first);
            (pass(log_radix, first == 0), log_radix)
        };
        let passes = firsts.map(pass).collect();
        Ok(Self { width, log_rows, twiddles: powers(gpu, F::two_adic_generator(log_rows), log_rows)?, shifts, passes })
    }

    /// Cosets of a codeword.
    #[must_use]
    pub const fn cosets(&self) -> usize {
        self.shifts.len()
    }

    /// Rows of a coset.
    #[must_use]
    pub const fn rows(&self) -> usize {
        1 << self.log_rows
    }

    /// The values on a coset of columns whose coefficients are the rows of `cells`, which are zero
    /// beyond `used` cells.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn encode(&self, gpu: &Gpu, cells: &Words, used: usize, coset: usize, to: &Words) -> Result<(), GpuError> {
        let (powers, shift) = &self.shifts[coset];
        let mut done = 0;
        for (kernel, log_radix) in &self.passes {
            let log_sub = self.log_rows - done - log_radix;
            let total = self.width << (self.log_rows - log_radix);
            let mut params = vec![self.width as u32, log_sub as u32, total as u32, done as u32, used as u32];
            params.extend(shift.exp_power_of_2(log_sub).powers().take(1 << log_radix).map(|power| power.to_unique_u32()));
            if done == 0 {
                gpu.dispatch(kernel, &params, &[to, &self.twiddles, cells, powers], total)?;
            } else {
                gpu.dispatch(kernel, &params, &[to, &self.twiddles], total)?;
            }
            done += log_radix;
        }
        Ok(())
    }
}

const HEAD: &str = "
@group(0) @binding(1) var<storage, read_write> values: array<u32>;
@group(0) @binding(2) var<storage, read> twiddles: array<u32>;
";

const SCALED: &str = "
@group(0) @binding(3) var<storage, read> cells: array<u32>;
@group(0) @binding(4) var<storage, read> shifts: array<u32>;

fn cell(place: u32) -> u32 {
    if (place >= params[4]) {
        return 0u;
    }
    return cells[place];
}
";

/// One pass of `log_radix` layers. Params are the cells of a row, the logarithm of how far an
/// invocation's rows are apart, the number of invocations, the layers before; and for the first
/// pass the used cells, and the powers of the shift between an invocation's rows.
fn pass(log_radix: usize, is_first: bool) -> Kernel {
    let radix = 1 << log_radix;
    let mut text = HEAD.to_owned();
    if is_first {
        text.push_str(SCALED);
    }
    text.push_str("\n@compute @workgroup_size(256)\nfn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {\n");
    text.push_str(
        "let t = invocation(group, groups, local);\nif (t >= params[2]) { return; }\nlet width = params[0];\nlet log_sub = params[1];\n",
    );
    let _ = writeln!(
        text,
        "let i = t / width;\nlet off = i & ((1u << log_sub) - 1u);\nlet place = (((i >> log_sub) << (log_sub + {log_radix}u)) + off) * width + t % width;\nlet step = width << log_sub;"
    );
    if is_first {
        let _ = writeln!(text, "let scale = mul(shifts[off & {}u], shifts[{}u + (off >> {LOG_LOW}u)]);", (1 << LOG_LOW) - 1, 1 << LOG_LOW);
    }
    for k in 0..radix {
        let _ = if is_first {
            writeln!(text, "var v{k} = mul(cell(place + {k}u * step), mul(scale, params[{}]));", 5 + k)
        } else {
            writeln!(text, "var v{k} = values[place + {k}u * step];")
        };
    }
    // Layers of decimation in frequency, with the roots of unity of order `2^log_radix`.
    text.push_str("var a = 0u;\n");
    for layer in 0..log_radix {
        let half = radix >> (layer + 1);
        for first in (0..radix).step_by(2 * half) {
            for j in 0..half {
                let (low, high) = (first + j, first + j + half);
                let root = F::two_adic_generator(log_radix).exp_u64((j << layer) as u64).to_unique_u32();
                let _ = if j == 0 {
                    writeln!(text, "a = v{low}; v{low} = add(a, v{high}); v{high} = sub(a, v{high});")
                } else {
                    writeln!(text, "a = v{low}; v{low} = add(a, v{high}); v{high} = mul(sub(a, v{high}), {root}u);")
                };
            }
        }
    }
    // The factors between these layers and the next ones, which number `off` has.
    let _ = writeln!(
        text,
        "let e = off << params[3];\nlet t1 = mul(twiddles[e & {}u], twiddles[{}u + (e >> {LOG_LOW}u)]);",
        (1 << LOG_LOW) - 1,
        1 << LOG_LOW
    );
    text.push_str("values[place] = v0;\n");
    for f in 1..radix {
        if f > 1 {
            let _ = writeln!(text, "let t{f} = mul(t{}, t{});", f / 2, f - f / 2);
        }
        let slot = f.reverse_bits() >> (usize::BITS as usize - log_radix);
        let _ = writeln!(text, "values[place + {slot}u * step] = mul(v{slot}, t{f});");
    }
    text.push_str("}\n");
    let name = format!("transform of {log_radix} layers{}", if is_first { ", scaled" } else { "" });
    Kernel { name: name.into(), parts: vec![text.into()].into() }
}
