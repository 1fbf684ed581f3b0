//! `claims.md`: for each claim of the specification the files that enforce it and its tests, as the
//! pages name them and the sources have them.
//!
//! The pages say it in lists ([`lists`]); here each name is looked up. A test that is renamed,
//! moved or left out by default, and a file that is gone, are faults until the page says so.

mod lists;
mod sources;

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::{fs, io};

use lists::{Enforcer, Named};
use sources::{Sources, Test, is_in, read_error};

/// Where the hand-written pages are, from the repository's root.
const FOLDER: &str = "spec";

/// The pages whose claims are numbered headings, and where the chips that they name are, the
/// nearest first.
const PAGES: [Page; 2] = [
    Page { name: "soundness", title: "Soundness", chips: ["air/src/machine", "air/src/recursion"] },
    Page { name: "recursion", title: "Recursion", chips: ["air/src/recursion", "air/src/machine"] },
];

/// The place that stands for every chip of a page's own.
const EACH_CHIP: &str = "each chip";

struct Page {
    name: &'static str,
    title: &'static str,
    chips: [&'static str; 2],
}

/// Why there is no page of claims.
#[derive(Debug, thiserror::Error)]
pub enum ClaimsError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A source file is no Rust.
    #[error("{path}: {error}")]
    NoRust {
        /// The file, from the repository's root.
        path: String,
        /// What the parser said.
        error: syn::Error,
    },
    /// Pages name what the sources do not have.
    #[error("pages and sources differ; mend the page, or the name in the sources:\n{0}")]
    Faults(Faults),
}

/// All that pages name and the sources do not have.
#[derive(Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Found>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(i, found)| write!(f, "{}{found}", if i == 0 { "" } else { "\n" }))
    }
}

/// A fault and where it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The page, from the repository's root.
    pub page: String,
    /// The claim's heading; empty outside of claims.
    pub claim: String,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { page, claim, fault } = self;
        if claim.is_empty() { write!(f, "{page}: {fault}") } else { write!(f, "{page}, claim {claim}: {fault}") }
    }
}

/// What a page says and the sources do not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A page has no numbered headings.
    #[error("no claim: expected headings like `## 1. Execution is one path`")]
    NoClaims,
    /// A claim has no list.
    #[error("no paragraph or line that begins with {0}")]
    NoList(&'static str),
    /// Something in backticks stands for nothing.
    #[error("`{0}` is neither a name that the list can hold nor a path from the repository's root")]
    Unread(String),
    /// A backtick or parenthesis has no end.
    #[error("not closed: {0}")]
    Unclosed(String),
    /// There is no such file or folder.
    #[error("`{0}`: no such file or folder")]
    NoPath(String),
    /// Nothing of this name is defined there.
    #[error("`{name}`: not defined in {place}")]
    NoItem {
        /// The name.
        name: String,
        /// Where it should be.
        place: String,
    },
    /// A name has no place.
    #[error("`{0}`: expected its file or chip in parentheses behind it")]
    NoPlace(String),
    /// There is no such test.
    #[error("`{name}`: no such test in {place}{}", elsewhere(others))]
    NoTest {
        /// The test.
        name: String,
        /// Where it should be.
        place: String,
        /// Files that have a test of this name.
        others: Vec<String>,
    },
    /// A test is left out by default, and the page does not say so, or the other way round.
    #[error("`{name}` ({file}) is {}marked #[ignore]: the remark behind its place says the contrary", if *is_ignored { "" } else { "not " })]
    Ignored {
        /// The test.
        name: String,
        /// Its file.
        file: String,
        /// Whether it is left out.
        is_ignored: bool,
    },
}

fn elsewhere(files: &[String]) -> String {
    if files.is_empty() { String::new() } else { format!(", but in {}", files.join(", ")) }
}

/// The page, for the repository with this root.
///
/// # Errors
///
/// If files cannot be read, and every name that a page has and the sources have not, paths in all
/// pages among them.
pub fn page(root: &Path) -> Result<String, ClaimsError> {
    let sources = Sources::read(root)?;
    let mut faults = Vec::new();
    let mut text = String::from(
        "# Claims\n\nWhat the lists *Enforced by* and *Tests* of [soundness](../soundness.md) and [recursion](../recursion.md) name, found in the sources: each file is there, each name is defined in it, each test is a function marked `#[test]` in the file that is shown. Tests that run only if they are asked for are marked; `.ci/heavy` asks for them.\n",
    );
    for page in PAGES {
        let path = format!("{FOLDER}/{}.md", page.name);
        let _ = write!(text, "\n## {}\n", page.title);
        let claims = claims(&read(root, &path)?);
        let found = |claim: &str, fault| Found { page: path.clone(), claim: claim.to_owned(), fault };
        if claims.is_empty() {
            faults.push(found("", Fault::NoClaims));
        }
        for Claim { heading, body } in claims {
            let mut of_claim = Vec::new();
            let section = section(&sources, &page, &body, &mut of_claim);
            let _ = write!(text, "\n### [{heading}](../{}.md#{})\n{section}", page.name, anchor(&heading));
            faults.extend(of_claim.into_iter().map(|fault| found(&heading, fault)));
        }
    }
    faults.extend(elsewhere_named(root, &sources)?);
    if faults.is_empty() { Ok(text) } else { Err(ClaimsError::Faults(Faults(faults))) }
}

fn read(root: &Path, path: &str) -> Result<String, ClaimsError> {
    let path = root.join(path);
    fs::read_to_string(&path).map_err(|error| read_error(&path, error))
}

/// A claim: its heading with its number, and what stands below.
struct Claim {
    heading: String,
    body: String,
}

/// The sections whose headings are numbered.
fn claims(page: &str) -> Vec<Claim> {
    let sections = page.split("\n## ").skip(1);
    let is_numbered = |heading: &str| heading.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    let claim = |section: &str| {
        let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
        is_numbered(heading).then(|| Claim { heading: heading.to_owned(), body: body.to_owned() })
    };
    sections.filter_map(claim).collect()
}

/// What follows a marker in its paragraph, up to the other marker.
fn list<'a>(body: &'a str, marker: &'static str, other: &str) -> Result<&'a str, Fault> {
    let (_, list) = body.split_once(&format!("\n{marker} ")).ok_or(Fault::NoList(marker))?;
    let ends = ["\n\n", &format!("\n{other} ")].map(|end| list.find(end).unwrap_or(list.len()));
    Ok(&list[..ends[0].min(ends[1])])
}

/// A claim's part of the page. What it names in vain is added to the faults.
fn section(sources: &Sources, page: &Page, body: &str, faults: &mut Vec<Fault>) -> String {
    let mut text = String::new();
    let [enforced, tests] = ["*Enforced by*", "*Tests*"];
    match list(body, enforced, tests).and_then(lists::enforcers) {
        Ok(enforcers) => enforcers.iter().for_each(|enforcer| text += &enforced_by(sources, enforcer, faults)),
        Err(fault) => faults.push(fault),
    }
    match list(body, tests, enforced).and_then(lists::tests) {
        Ok(named) => {
            text += "\n| test | in |\n|---|---|\n";
            named.iter().for_each(|named| text += &tested_by(sources, page, named, faults));
        }
        Err(fault) => faults.push(fault),
    }
    format!("\nEnforced by\n\n{text}")
}

/// The anchor that a heading has.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn link(path: &str) -> String {
    format!("[{path}](../../{path})")
}

/// A line for what enforces a claim.
fn enforced_by(sources: &Sources, enforcer: &Enforcer, faults: &mut Vec<Fault>) -> String {
    let (places, names) = match enforcer {
        Enforcer::Path { path, names } => {
            if sources.has_path(path) {
                let missing = names.iter().filter(|name| !sources.defines(path, name));
                faults.extend(missing.map(|name| Fault::NoItem { name: name.clone(), place: path.clone() }));
            } else {
                faults.push(Fault::NoPath(path.clone()));
            }
            (vec![path.clone()], names.clone())
        }
        Enforcer::Method { of, name } => {
            let places = sources.methods(of, name);
            if places.is_empty() {
                faults.push(Fault::NoItem { name: format!("{of}::{name}"), place: "any source".to_owned() });
            }
            (places, vec![format!("{of}::{name}")])
        }
    };
    let places: Vec<String> = places.iter().map(|path| link(path)).collect();
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("- {}{}{}\n", places.join(", "), if names.is_empty() { "" } else { ": " }, names.join(", "))
}

/// Lines for tests.
fn tested_by(sources: &Sources, page: &Page, named: &Named, faults: &mut Vec<Fault>) -> String {
    let each = named.places.iter().any(|place| place == EACH_CHIP);
    let places: Vec<String> = named.places.iter().flat_map(|place| folders(sources, page, place, faults)).collect();
    let mut text = String::new();
    if named.names.is_empty() {
        for place in &places {
            let all = sources.tests_in(place).count();
            if all == 0 {
                faults.push(Fault::NoTest { name: "any".to_owned(), place: place.clone(), others: Vec::new() });
            }
            let _ = writeln!(text, "| all {all} | {} |", link(place));
        }
        return text;
    }
    for name in &named.names {
        let found: Vec<(&str, &Test)> =
            places.iter().flat_map(|place| sources.tests_in(place)).filter(|(_, test)| test.name == *name).collect();
        // Of each chip every one, of several places at least one.
        let missing = places.iter().filter(|place| !found.iter().any(|(file, _)| is_in(file, place)));
        let missing: Vec<&String> = if each || found.is_empty() { missing.collect() } else { Vec::new() };
        let no_test = |place: &&String| Fault::NoTest { name: name.clone(), place: (*place).clone(), others: sources.tests_named(name) };
        faults.extend(missing.iter().map(no_test));
        let other = found.iter().filter(|(_, test)| test.is_ignored != named.is_ignored);
        faults.extend(other.map(|(file, test)| Fault::Ignored {
            name: name.clone(),
            file: (*file).to_owned(),
            is_ignored: test.is_ignored,
        }));
        let files: Vec<String> = found.iter().map(|(file, _)| link(file)).collect();
        let _ = writeln!(text, "| `{name}`{} | {} |", if named.is_ignored { ", if asked for" } else { "" }, files.join(", "));
    }
    text
}

/// The files or folders that a place stands for.
fn folders(sources: &Sources, page: &Page, place: &str, faults: &mut Vec<Fault>) -> Vec<String> {
    if place == EACH_CHIP {
        return sources.folders_with(page.chips[0], "tests.rs");
    }
    if place.contains('/') {
        if sources.has_path(place) {
            return vec![place.to_owned()];
        }
    } else if let Some(folder) = page.chips.iter().find(|folder| sources.has_path(&format!("{folder}/{place}/tests.rs"))) {
        return vec![format!("{folder}/{place}")];
    } else if sources.is_of_a_package(place) {
        return vec![place.to_owned()];
    }
    faults.push(Fault::NoPath(place.to_owned()));
    Vec::new()
}

/// What hand-written pages name elsewhere and is not there: paths into packages, names of several
/// words, and in sections about tests the tests.
fn elsewhere_named(root: &Path, sources: &Sources) -> Result<Vec<Found>, ClaimsError> {
    let mut faults = Vec::new();
    for page in sources::pages(&root.join(FOLDER), FOLDER)? {
        // Of a fenced block the lines are no prose.
        let text = read(root, &page)?;
        let prose: String = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
        let (mut about_tests, mut named) = (false, Vec::new());
        for paragraph in prose.split("\n\n").filter(|paragraph| !paragraph.starts_with("    ")) {
            if let Some(heading) = paragraph.strip_prefix("## ") {
                about_tests = heading.starts_with("Tests");
            }
            match lists::codes(paragraph) {
                Ok(codes) => named.extend(codes.into_iter().filter_map(|code| missing(sources, code, about_tests))),
                Err(fault) => named.push(fault),
            }
        }
        faults.extend(named.into_iter().map(|fault| Found { page: page.clone(), claim: String::new(), fault }));
    }
    Ok(faults)
}

/// What is wrong with something in backticks outside of lists.
fn missing(sources: &Sources, code: &str, about_tests: bool) -> Option<Fault> {
    if lists::is_path(code) {
        return (sources.is_of_a_package(code) && !sources.has_path(code)).then(|| Fault::NoPath(code.to_owned()));
    }
    if !lists::is_sentence(code) {
        return None;
    }
    let (name, place) = (code.to_owned(), "any source".to_owned());
    if about_tests {
        return sources.tests_named(code).is_empty().then(|| Fault::NoTest { name, place, others: Vec::new() });
    }
    (!sources.mention(code)).then_some(Fault::NoItem { name, place })
}

#[cfg(test)]
mod tests;
