//! Sizes of a constraint system's chips, and a page for each.

use std::collections::BTreeMap;
use std::fmt::Write;

use tern_air::chip::{PublicField, System};
use tern_air::machine::MachineAir;
use tern_air::recursion::CircuitAir;
use tern_air::{bus, recursion};
use tern_fri::multilinear::Layout;
use tern_fri::multilinear::params::SEGMENT_V2;

use super::columns;
use super::dag::Dag;
use super::formula::{Names, formula};
use super::recorder::{Constraint, Recorder};

/// Most formulas that a label's row shows.
const MOST_FORMULAS: usize = 8;

/// What cells are, for the reader of a table of sizes.
pub const CELLS: &str =
    "Cells are committed base-field elements of a row: its main columns, up to a multiple of four. Nothing else is committed to.";

/// A constraint system that has pages.
pub trait Documented: System {
    /// What stands before a chip's name in the name of its page.
    const PREFIX: &'static str;
    /// The tags of its messages.
    const TAGS: &'static [(u32, &'static str)];
    /// How a verifier knows fixed columns.
    const FIXED: &'static str;
    /// What a tag that depends on columns chooses between.
    const CHOSEN: &'static str;

    /// A chip's sources that are read as text.
    fn sources(&self) -> Sources;
}

/// What is read of a chip's folder as text.
pub struct Sources {
    /// The folder, from the root of the repository.
    pub folder: &'static str,
    /// Its column structs, `columns.rs`.
    pub columns: &'static str,
    /// Its tests, `tests.rs`.
    pub tests: &'static str,
    /// The name of the file of its attacks.
    pub attacks_name: &'static str,
    /// Its attacks, a line each.
    pub attacks: &'static str,
}

/// Cells of a row in the dense matrix.
pub fn cells(width: usize) -> usize {
    Layout::new(&[width], SEGMENT_V2.log_width).cells(&[1])
}

/// The table of sizes.
pub fn sizes<A: Documented>() -> String {
    let mut page = String::from(
        "| chip | main | fixed | public values | messages | degree | constraints | cells |\n|---|---|---|---|---|---|---|---|\n",
    );
    for air in A::all() {
        let recorded = Recorder::of(&air);
        let _ = writeln!(
            page,
            "| [{name}]({prefix}{name}.md) | {} | {} | {} | {} | {} | {} | {} |",
            air.width(),
            air.preprocessed_width(),
            air.num_public_values(),
            recorded.messages().count(),
            air.degree(),
            recorded.constraints().count(),
            cells(air.width()),
            name = air.name(),
            prefix = A::PREFIX,
        );
    }
    page
}

/// A page for each chip: file name and text.
pub fn chip_pages<A: Documented>() -> impl Iterator<Item = (String, String)> {
    A::all().into_iter().map(|air| (format!("{}{}.md", A::PREFIX, air.name()), chip_page(&air)))
}

fn chip_page<A: Documented>(air: &A) -> String {
    let recorded = Recorder::of(air);
    let mut page = format!("# {}\n\n{} cells per row: {} main columns.\n", air.name(), cells(air.width()), air.width());
    if air.preprocessed_width() > 0 {
        let _ = writeln!(page, "\n{} fixed columns: {}.", air.preprocessed_width(), A::FIXED);
    }
    page + &columns_section(air) + &constraints_section(air, &recorded) + &messages_section(&recorded)
}

fn columns_section<A: Documented>(air: &A) -> String {
    let mut section = String::from("\n## Columns\n");
    for (name, fields) in columns::structs(air.sources().columns) {
        let fixed = if columns::is_preprocessed(&name) { ", fixed" } else { "" };
        let _ = write!(section, "\n`{name}`{fixed}\n\n| column | type | meaning |\n|---|---|---|\n");
        for column in fields {
            let _ = writeln!(section, "| `{}` | `{}` | {} |", column.name, column.ty, column.doc);
        }
    }
    section
}

/// The constraints by label, as formulas where they are short and few.
fn constraints_section<'a, A: Documented>(air: &A, recorded: &'a Recorder) -> String {
    let mut labels: BTreeMap<&str, Vec<&Constraint>> = BTreeMap::new();
    recorded.constraints().for_each(|constraint| labels.entry(constraint.label).or_default().push(constraint));
    if labels.is_empty() {
        return "\n## Constraints\n\nNone but those of its messages.\n".to_owned();
    }
    let [main, fixed] = air.layouts().map(|layout| columns::named(&layout).into_iter().map(|column| column.name).collect::<Vec<_>>());
    let public = public_names(air);
    let names = Names { main: &main, fixed: &fixed, public: &public };
    let mut dag = Dag::default();
    let mut section = String::from("\n## Constraints\n\n| label | number | degree | what is zero |\n|---|---|---|---|\n");
    for (label, constraints) in labels {
        let degree = constraints.iter().map(|constraint| constraint.expr.degree_multiple()).max().unwrap_or_default();
        let mut formulas = |constraint: &'a Constraint| {
            let place = dag.place(&constraint.expr);
            formula(&dag.nodes, place, &names).map_or_else(|| "[long](export.md)".to_owned(), |formula| format!("`{formula}`"))
        };
        let mut shown: Vec<String> = constraints.iter().copied().take(MOST_FORMULAS).map(&mut formulas).collect();
        shown.dedup();
        if constraints.len() > MOST_FORMULAS {
            shown.push("[and so on](export.md)".to_owned());
        }
        let _ = writeln!(section, "| `{label}` | {} | {degree} | {} |", constraints.len(), shown.join("<br>"));
    }
    section
}

/// The names of a chip's public values.
pub fn public_names<A: Documented>(air: &A) -> Vec<String> {
    let name = |field: &PublicField, i: usize| if field.len == 1 { field.name.to_owned() } else { format!("{}[{i}]", field.name) };
    air.public().iter().flat_map(|field| (0..field.len).map(move |i| name(field, i))).collect()
}

fn messages_section(recorded: &Recorder) -> String {
    let mut section =
        String::from("\n## Messages\n\n| label | number | tag | elements | degree of the count | |\n|---|---|---|---|---|---|\n");
    let mut messages: BTreeMap<(&str, &str), (usize, usize, usize, &str)> = BTreeMap::new();
    for message in recorded.messages() {
        let entry = messages.entry((message.label, message.tag)).or_insert((0, message.tuple.len(), 0, message.direction.name()));
        entry.0 += 1;
        entry.2 = entry.2.max(message.multiplicity.degree_multiple());
    }
    for ((label, tag), (number, len, degree, how)) in messages {
        let _ = writeln!(section, "| `{label}` | {number} | {tag} | {len} | {degree} | {how} |");
    }
    section
}

/// The sources of the chip in a folder of `air/src`.
macro_rules! sources {
    ($folder:literal) => {
        sources!($folder, "attacks.txt")
    };
    ($folder:literal, $attacks:literal) => {
        Sources {
            folder: concat!("air/src/", $folder),
            columns: sources!(@file $folder, "columns.rs"),
            tests: sources!(@file $folder, "tests.rs"),
            attacks_name: $attacks,
            attacks: sources!(@file $folder, $attacks),
        }
    };
    (@file $folder:literal, $file:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../air/src/", $folder, "/", $file))
    };
}

impl Documented for MachineAir {
    const PREFIX: &'static str = "";
    const FIXED: &'static str = "the verifier evaluates them in closed form";
    const TAGS: &'static [(u32, &'static str)] = &[
        (bus::EXECUTION, "EXECUTION"),
        (bus::PROGRAM, "PROGRAM"),
        (bus::MEMORY, "MEMORY"),
        (bus::BITS, "BITS"),
        (bus::POWER, "POWER"),
        (bus::AND, "AND"),
        (bus::OR, "OR"),
        (bus::XOR, "XOR"),
        (bus::BYTES, "BYTES"),
        (bus::NODE, "NODE"),
        (bus::PERMUTATION, "PERMUTATION"),
        (bus::KECCAK, "KECCAK"),
        (bus::MULMOD, "MULMOD"),
        (bus::HALT, "HALT"),
        (bus::MULMOD384, "MULMOD384"),
        (bus::SHA256, "SHA256"),
        (bus::SHA256_STATE, "SHA256_STATE"),
        (bus::SHA256_ROUNDS, "SHA256_ROUNDS"),
        (bus::SHA256_SCHEDULE, "SHA256_SCHEDULE"),
        (bus::BLAKE2F, "BLAKE2F"),
        (bus::BLAKE2F_NEXT, "BLAKE2F_NEXT"),
    ];
    const CHOSEN: &'static str = "AND, OR or XOR";

    fn sources(&self) -> Sources {
        match self {
            Self::AddSub(_) => sources!("machine/add_sub"),
            Self::Bitwise(_) => sources!("machine/bitwise"),
            Self::Shift(_) => sources!("machine/shift"),
            Self::Compare(_) => sources!("machine/compare"),
            Self::Branch(_) => sources!("machine/branch"),
            Self::Jump(_) => sources!("machine/jump"),
            Self::Load(_) => sources!("machine/load"),
            Self::Store(_) => sources!("machine/store"),
            Self::Misaligned(_) => sources!("machine/misaligned"),
            Self::Mul(_) => sources!("machine/mul"),
            Self::DivRem(_) => sources!("machine/div_rem"),
            Self::Ecall(_) => sources!("machine/ecall"),
            Self::Keccak(_) => sources!("machine/keccak"),
            Self::KeccakBits(_) => sources!("machine/keccak_bits"),
            Self::MulMod(_) => sources!("machine/mulmod"),
            Self::MulMod384(_) => sources!("machine/mulmod", "attacks384.txt"),
            Self::Sha256(_) => sources!("machine/sha256"),
            Self::Sha256Rounds(_) => sources!("machine/sha256_rounds"),
            Self::Blake2f(_) => sources!("machine/blake2f"),
            Self::Bridge(_) => sources!("machine/bridge"),
            Self::Decode(_) => sources!("machine/decode"),
            Self::Leaf(_) => sources!("machine/leaf"),
            Self::Tree(_) => sources!("machine/tree"),
            Self::Poseidon2(_) => sources!("machine/poseidon2"),
            Self::Segment(_) => sources!("machine/segment"),
            Self::ByteTable(_) => sources!("machine/byte_table"),
            Self::BitsTable(_) => sources!("machine/bits_table"),
        }
    }
}

impl Documented for CircuitAir {
    const PREFIX: &'static str = "recursion_";
    const FIXED: &'static str = "committed to once for a circuit, but those of the byte table, which the verifier evaluates in closed form";
    const TAGS: &'static [(u32, &'static str)] = &[
        (recursion::bus::WIRE, "WIRE"),
        (recursion::bus::HALF, "HALF"),
        (recursion::bus::CAP, "CAP"),
        (recursion::bus::XOR, "XOR"),
        (recursion::bus::XOR_12, "XOR_12"),
        (recursion::bus::XOR_7, "XOR_7"),
        (recursion::bus::U16, "U16"),
        (recursion::bus::TOP, "TOP"),
    ];
    const CHOSEN: &'static str = "U16 or TOP";

    fn sources(&self) -> Sources {
        match self {
            Self::Alu(_) => sources!("recursion/alu"),
            Self::Pack(_) => sources!("recursion/pack"),
            Self::Half(_) => sources!("recursion/half"),
            Self::Compress(_) => sources!("recursion/compress"),
            Self::Challenge(_) => sources!("recursion/challenge"),
            Self::Cap(_) => sources!("recursion/cap"),
            Self::Interface(_) => sources!("recursion/interface"),
            Self::ByteTable(_) => sources!("recursion/byte_table"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use p3_air::BaseAir;
    use tern_field::F;

    use super::*;

    /// The hand-written pages of a folder, one after the other.
    fn pages(folder: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec").join(folder);
        let files = fs::read_dir(folder).expect("the pages").map(|entry| entry.expect("a page").path());
        let pages = files.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
        pages.map(|path| fs::read_to_string(path).expect("a page")).collect::<Vec<_>>().join("\n")
    }

    /// Chips whose page does not say how wide their rows are, each with the width.
    fn without_width<A: Documented + BaseAir<F>>(pages: &str) -> Vec<String> {
        let says = |air: &A| {
            let (name, width) = (air.name(), BaseAir::<F>::width(air));
            let own = pages.split("\n# ").find(|page| page.split([' ', '\n']).next() == Some(name)).unwrap_or_default();
            let (_, columns) = own.split_once("\n## Columns\n\n").unwrap_or_default();
            let starts = [format!("{width}, "), format!("{width} main "), format!("{width} in {name} ")];
            // Where two chips share a page.
            let others = [format!("`{name}`: {width}, "), format!("`{name}`: {width}. "), format!("`{name}`: {width} columns")];
            let others = others.into_iter().chain([format!(" {width} in {name} ")]);
            starts.iter().any(|start| columns.starts_with(start)) || others.into_iter().any(|other| pages.contains(&other))
        };
        A::all().iter().filter(|air| !says(air)).map(|air| format!("{}: {}", air.name(), BaseAir::<F>::width(air))).collect()
    }

    #[test]
    fn pages_have_the_widths() {
        let none: [String; 0] = [];
        assert_eq!(without_width::<MachineAir>(&format!("\n{}", pages("chips"))), none);
        assert_eq!(without_width::<CircuitAir>(&format!("\n{}", pages("chips/recursion"))), none);
    }
}
