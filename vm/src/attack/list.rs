//! Attacks as they stand in a list: the TOML that `attacks.toml` and users' own files are written
//! in. `spec/attacks.md` describes it.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::change::Change;
use super::check::CHECKS;

/// The built-in list.
const BUILT_IN: &str = include_str!("attacks.toml");

/// A list that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It is no TOML, or has an entry of another form.
    #[error("{0}")]
    Form(String),
    /// Two attacks have one name.
    #[error("attack {0}: the name is given twice; each attack needs a name of its own")]
    Repeated(String),
    /// A name that could not be given on a command line.
    #[error("attack {0:?}: a name is made of lower-case letters, digits and hyphens")]
    Name(String),
    /// An attack that changes nothing.
    #[error("attack {0}: it has no changes; give at least one in `changes`")]
    NoChanges(String),
    /// The wanted check is none.
    #[error("attack {name}: there is no check {check:?}; known are {}", CHECKS.join(", "))]
    Check {
        /// The attack.
        name: String,
        /// What `reject` says.
        check: String,
    },
    /// A change that does not fit what is attacked.
    #[error("attack {name}: a change `{change}` is not for {on}; spec/attacks.md says which changes are")]
    Elsewhere {
        /// The attack.
        name: String,
        /// The kind of change.
        change: &'static str,
        /// What is attacked.
        on: &'static str,
    },
    /// A change that does not say what to do, or says two things.
    #[error("attack {name}: a change `{change}` needs {needs}")]
    Incomplete {
        /// The attack.
        name: String,
        /// The kind of change.
        change: &'static str,
        /// What it has to have.
        needs: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    attack: Vec<Attack>,
}

/// A malicious change, and what the verifier should say to it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// Its name, of lower-case letters, digits and hyphens.
    pub name: String,
    /// What is attacked, in a sentence.
    pub what: String,
    /// What it starts from.
    #[serde(default)]
    pub on: Base,
    /// Which built-in program's run it is, of a chain: the one that is attacked, if absent.
    #[serde(default)]
    pub program: BuiltIn,
    /// The check that should reject it; any, if absent.
    pub reject: Option<String>,
    /// It is no attack but a control: what it changes is free by design, and it must be accepted.
    #[serde(default)]
    pub control: bool,
    /// It takes long, and runs only if it is asked for.
    #[serde(default)]
    pub heavy: bool,
    /// What is changed, in this order within each stage of proving.
    pub changes: Vec<Change>,
}

/// What an attack starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Base {
    /// The run that is attacked, proved as a chain of segments.
    #[default]
    Chain,
    /// A final proof.
    Final,
    /// Proofs that recursion combines, of small circuits.
    Recursion,
}

/// Built-in programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuiltIn {
    /// The one that is attacked: of the user's, or every instruction family and accelerator.
    #[default]
    Main,
    /// Corner cases that other machines got wrong, in one segment.
    Corners,
    /// Cells that rest for long between accesses, so that they are bridged.
    Gaps,
}

impl Base {
    /// As a list names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Final => "final",
            Self::Recursion => "recursion",
        }
    }
}

/// The built-in list.
///
/// # Panics
///
/// If it cannot be used, which a test excludes.
#[must_use]
pub fn built_in() -> Vec<Attack> {
    parse(BUILT_IN).unwrap_or_else(|error| unreachable!("the built-in list can be used: {error}"))
}

/// Reads a list.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Attack>, ListError> {
    let List { attack: attacks } = toml::from_str(text).map_err(|error| ListError::Form(error.to_string().trim_end().to_owned()))?;
    let mut names = BTreeSet::new();
    for attack in &attacks {
        let name = || attack.name.clone();
        if attack.name.is_empty() || !attack.name.chars().all(|c| c == '-' || c.is_ascii_lowercase() || c.is_ascii_digit()) {
            return Err(ListError::Name(name()));
        }
        if !names.insert(&attack.name) {
            return Err(ListError::Repeated(name()));
        }
        if attack.changes.is_empty() {
            return Err(ListError::NoChanges(name()));
        }
        if let Some(check) = attack.reject.as_ref().filter(|check| !CHECKS.contains(&check.as_str())) {
            return Err(ListError::Check { name: name(), check: check.clone() });
        }
        for change in &attack.changes {
            if !change.fits(attack.on) {
                return Err(ListError::Elsewhere { name: name(), change: change.kind(), on: attack.on.name() });
            }
            if let Some(needs) = change.incomplete() {
                return Err(ListError::Incomplete { name: name(), change: change.kind(), needs });
            }
        }
    }
    Ok(attacks)
}
