//! Where labels are in the sources: the statements themselves, and what the tests have about them.

use serde::Serialize;
use tern_air::machine::MachineAir;
use tern_air::recursion::CircuitAir;

use super::chips::{Documented, Sources};
use super::recorder::Recorder;

/// Where a chip's statements are, and its tests.
#[derive(Serialize)]
pub struct Evidence {
    folder: &'static str,
    /// Files that places name, from the root of the repository.
    files: Vec<String>,
    /// Of each statement, in order.
    statements: Vec<At>,
    attacks: Vec<Attack>,
    /// The test that checks every attack.
    gate: Option<Named>,
    /// Functions and constants of the tests that name a label.
    named: Vec<Named>,
}

/// A file's place in [`Evidence::files`], and a line.
type At = (usize, u32);

/// A line of a file of attacks.
#[derive(Serialize)]
struct Attack {
    /// The statement or range that alone rejects it: `shift::split_left[2]`, a message `shift::power!`.
    name: &'static str,
    at: At,
}

/// An item of the tests, and where in it a label is.
#[derive(Serialize)]
struct Named {
    label: &'static str,
    item: &'static str,
    at: At,
}

/// Of every chip, in the order of the export.
pub fn evidence() -> Vec<Evidence> {
    of_system::<MachineAir>().chain(of_system::<CircuitAir>()).collect()
}

fn of_system<A: Documented>() -> impl Iterator<Item = Evidence> {
    A::all().into_iter().map(|air| Evidence::of(&air))
}

impl Evidence {
    fn of<A: Documented>(air: &A) -> Self {
        let Sources { folder, tests, attacks_name, attacks, .. } = air.sources();
        let recorded = Recorder::of(air);
        let mut files = Files(vec![format!("{folder}/{attacks_name}"), format!("{folder}/tests.rs")]);
        let statements =
            recorded.statements.iter().map(|statement| (files.place(in_repository(statement.at().file())), statement.at().line()));
        let statements = statements.collect();
        let mut labels: Vec<&'static str> = recorded.statements.iter().map(super::recorder::Statement::label).collect();
        labels.sort_unstable();
        labels.dedup();
        let attacks = numbered(attacks).filter_map(|(line, text)| text.split_once(": ").map(|(name, _)| Attack { name, at: (0, line) }));
        let named = mentions(tests).flat_map(|mention| {
            let label = labels.iter().find(|label| mention.names(label))?;
            Some(Named { label, item: mention.item, at: (1, mention.line) })
        });
        let gate = calls_of_the_gate(tests).map(|(item, line)| Named { label: "", item, at: (1, line) });
        Self { folder, statements, attacks: attacks.collect(), gate, named: named.collect(), files: files.0 }
    }
}

/// Names of files, each once.
struct Files(Vec<String>);

impl Files {
    fn place(&mut self, file: &str) -> usize {
        self.0.iter().position(|known| known == file).unwrap_or_else(|| {
            self.0.push(file.to_owned());
            self.0.len() - 1
        })
    }
}

/// The path of one of the chips' files from the root of the repository: compilers may know it by a
/// longer one.
fn in_repository(path: &str) -> &str {
    path.rfind("air/src/").and_then(|at| path.get(at..)).unwrap_or(path)
}

fn numbered(text: &'static str) -> impl Iterator<Item = (u32, &'static str)> {
    (1..).zip(text.lines())
}

/// A string in the text of tests, and the function or constant that it is in.
struct Mention {
    item: &'static str,
    line: u32,
    text: &'static str,
}

impl Mention {
    /// Whether it is a label, or one with what [`Attack::name`] has behind it, in which the chip's
    /// name may be left to a function that adds it.
    fn names(&self, label: &str) -> bool {
        let claim = label.split_once("::").map_or(label, |(_, claim)| claim);
        let behind = |name| self.text.strip_prefix(name);
        let marked = |rest: &str| rest.starts_with(['[', '!', '+']);
        behind(label).is_some_and(|rest| rest.is_empty() || marked(rest)) || behind(claim).is_some_and(marked)
    }
}

/// All strings of a source file. Items are told by their first lines, which suffices for formatted sources.
fn mentions(tests: &'static str) -> impl Iterator<Item = Mention> {
    let mut item = "";
    numbered(tests).flat_map(move |(line, text)| {
        item = item_name(text).unwrap_or(item);
        text.split('"').skip(1).step_by(2).map(move |text| Mention { item, line, text })
    })
}

/// The name of the function, constant or static that begins on a line.
fn item_name(line: &str) -> Option<&str> {
    let words = line.trim_start();
    let words = words.strip_prefix("pub ").or_else(|| words.strip_prefix("pub(super) ")).unwrap_or(words);
    let rest = ["const fn ", "fn ", "const ", "static "].iter().find_map(|keyword| words.strip_prefix(keyword))?;
    let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    rest.get(..end).filter(|name| !name.is_empty())
}

fn calls_of_the_gate(tests: &'static str) -> Option<(&'static str, u32)> {
    let mut item = "";
    numbered(tests).find_map(|(line, text)| {
        item = item_name(text).unwrap_or(item);
        text.contains("assert_gate(").then_some((item, line))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn line(path: &str, number: u32) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text = fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        text.lines().nth(number as usize - 1).unwrap_or_else(|| panic!("{path} has a line {number}")).to_owned()
    }

    /// The line of a statement calls a method of the builder; where it has a label, it is the statement's.
    fn check<A: Documented>() {
        for air in A::all() {
            let evidence = Evidence::of(&air);
            let recorded = Recorder::of(&air);
            assert_eq!(evidence.statements.len(), recorded.statements.len());
            for (statement, &(file, number)) in recorded.statements.iter().zip(&evidence.statements) {
                let (path, label) = (&evidence.files[file], statement.label());
                let text = line(path, number);
                let calls = ["check", "check_eq", "check_bool", "send", "receive", "message", "provide", "fixed"];
                assert!(calls.iter().any(|call| text.contains(&format!("builder.{call}("))), "{label}: {path}:{number}: {text}");
                let named = text.split('"').skip(1).step_by(2).find(|text| text.contains("::"));
                assert!(named.is_none_or(|named| named == label), "{label}: {path}:{number}: {text}");
            }
        }
    }

    #[test]
    fn statements_are_where_the_page_says() {
        check::<MachineAir>();
        check::<CircuitAir>();
    }

    #[test]
    fn every_chip_has_attacks_and_a_gate() {
        for air in MachineAir::all() {
            let evidence = Evidence::of(&air);
            let labels: BTreeSet<&str> = Recorder::of(&air).statements.iter().map(|statement| statement.label()).collect();
            assert!(evidence.gate.is_some(), "{}", evidence.folder);
            for attack in &evidence.attacks {
                let end = attack.name.find(['[', '!', '+']).unwrap_or(attack.name.len());
                assert!(labels.contains(&attack.name[..end]), "{}: {}", evidence.folder, attack.name);
                assert!(line(&evidence.files[attack.at.0], attack.at.1).starts_with(attack.name));
            }
            for named in evidence.named.iter().chain(&evidence.gate) {
                assert!(!named.item.is_empty(), "{}: line {}", evidence.folder, named.at.1);
            }
        }
    }

    #[test]
    fn strings_name_labels_with_and_without_their_chip() {
        let of = |text| Mention { item: "", line: 1, text };
        assert!(of("mul::low_word").names("mul::low_word") && of("mul::low_word[0]").names("mul::low_word"));
        assert!(of("low_word[{i}]").names("mul::low_word") && of("call!").names("mulmod::call"));
        assert!(!of("mul::low_words").names("mul::low_word") && !of("low_word").names("mul::low_word"));
        assert_eq!(item_name("    pub(super) fn wrapped<const D: usize>() {"), Some("wrapped"));
        assert_eq!(item_name("const TWICE: [(&str, &str); 6] = ["), Some("TWICE"));
        assert_eq!(item_name("// fn no"), None);
    }
}
