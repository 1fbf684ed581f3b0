//! Every bug of others in `spec/known-bugs.md` has an attack or a reason why there is none.

use std::collections::BTreeSet;

use tern_vm::attack::built_in;

const PAGE: &str = include_str!("../../../spec/known-bugs.md");

/// The cells of the page's tables, without their heads.
fn rows() -> Vec<[&'static str; 3]> {
    let cells = |line: &'static str| -> Option<[&'static str; 3]> {
        let inner = line.strip_prefix("| ")?.strip_suffix(" |")?;
        inner.split(" | ").collect::<Vec<_>>().try_into().ok()
    };
    PAGE.lines().filter(|line| line.starts_with("| ")).map(|line| cells(line).unwrap_or_else(|| panic!("no row: {line}"))).collect()
}

/// The attacks that a cell names, with the checks behind them.
fn named(cell: &str) -> Vec<(&str, &str)> {
    cell.split("), ")
        .map(|entry| {
            let (name, check) =
                entry.trim_end_matches(')').split_once("` (").unwrap_or_else(|| panic!("no attack with its check: {entry}"));
            (name.trim_start_matches('`'), check)
        })
        .collect()
}

#[test]
fn every_known_bug_has_an_attack_or_a_reason() {
    let attacks = built_in();
    let rows: Vec<_> = rows().into_iter().filter(|[entry, ..]| *entry != "entry").collect();
    let entries: BTreeSet<&str> = rows.iter().map(|[entry, ..]| *entry).collect();
    assert_eq!(entries.len(), rows.len(), "an entry is there twice");
    let (mut tried, mut reasons) = (0, 0);
    for [entry, wrong, here] in &rows {
        assert!(wrong.len() > 20 && wrong.ends_with('.'), "{entry}: a sentence");
        if let Some(reason) = here.strip_prefix("not applicable: ") {
            assert!(reason.len() > 40, "{entry}: a reason");
            reasons += 1;
            continue;
        }
        for (name, check) in named(here) {
            let attack = attacks.iter().find(|attack| attack.name == name).unwrap_or_else(|| panic!("{entry}: no attack {name}"));
            assert_eq!(attack.reject.as_deref(), Some(check), "{entry}: {name}");
            assert!(!attack.control, "{entry}: {name} is a control");
            tried += 1;
        }
    }
    println!("{} entries, {tried} attacks named, {reasons} not applicable", rows.len());
    // The catalogue's entries for RISC-V zkVMs, Plonky3 and PIL, and what is published elsewhere.
    let of_catalogue =
        |entry: &&&str| ["openvm-org/", "succinctlabs/", "risc0/", "0xPolygonHermez/"].iter().any(|owner| entry.starts_with(owner));
    assert_eq!((entries.iter().filter(of_catalogue).count(), rows.len()), (13, 24));
}
