//! Malicious provers: `tern_vm::attack` and its list.

mod known_bugs;
mod lists;
mod outcomes;
mod trace;

use std::sync::OnceLock;

use tern_vm::attack::{Attack, Target, built_in};

/// The built-in run, proved honestly when first needed.
pub fn target() -> &'static Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    TARGET.get_or_init(|| Target::built_in().expect("an honest proof that is accepted"))
}

/// The attack of the built-in list with this name.
pub fn listed(name: &str) -> Attack {
    built_in().into_iter().find(|attack| attack.name == name).unwrap_or_else(|| panic!("no attack {name}"))
}
