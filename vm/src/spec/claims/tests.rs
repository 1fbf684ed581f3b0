//! The repository's own pages and sources, and small ones with one fault each.

use super::*;

/// The repository that this package is in.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The committed page is what the pages say and the sources have.
#[test]
fn the_committed_page_is_current() {
    let page = page(&repository()).unwrap_or_else(|error| panic!("{error}"));
    let committed = fs::read_to_string(repository().join("spec/generated/claims.md")).expect("the page");
    assert!(committed.ends_with(&page), "`tern spec` writes the page");
    for (name, claims) in [("Soundness", 13), ("Recursion", 9)] {
        let (_, of_page) = page.split_once(&format!("## {name}\n")).expect("the page's part");
        let headings = of_page.lines().take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("### "));
        assert_eq!(headings.count(), claims, "{name}");
    }
}

/// A repository of one package with one chip, and pages of one claim each.
fn small(soundness: &str, source: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("air/Cargo.toml", "");
    write("air/src/machine/jump/tests.rs", source);
    write("air/src/machine/jump/constraints.rs", "struct Key; impl Key { fn check() { state(\"jump::target\") } }");
    write("air/src/recursion/alu/tests.rs", "#[test] fn sums() {}");
    write("spec/soundness.md", soundness);
    write("spec/recursion.md", "# R\n\n## 1. Sums\n\n*Enforced by* `air/src/recursion`.\n*Tests* `sums` (alu).\n");
    root
}

const SOURCE: &str = "#[test] fn lands() {} #[test] #[ignore] fn slow() {}";

const SOUNDNESS: &str = "# S\n\n## Claim\n\nNo list.\n\n## 1. Jumps\n\nWhy.\n\n*Enforced by* `air/src/machine/jump/constraints.rs` (`target`, `Key`), `Key::check`.\n*Tests* `lands` (jump), `slow` (`air`: ignored); `lands` (each chip); all of `air/src/machine`.\n\n### More\n\n`anything`\n";

/// The faults of a small repository whose page of claims is changed.
fn faults(soundness: &str, source: &str) -> Vec<Fault> {
    match page(small(soundness, source).path()) {
        Ok(_) => Vec::new(),
        Err(ClaimsError::Faults(Faults(found))) => found.into_iter().map(|found| found.fault).collect(),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn names_are_found_with_their_places() {
    let page = page(small(SOUNDNESS, SOURCE).path()).unwrap_or_else(|error| panic!("{error}"));
    let file = "[air/src/machine/jump/tests.rs](../../air/src/machine/jump/tests.rs)";
    for line in [
        "### [1. Jumps](../soundness.md#1-jumps)",
        "- [air/src/machine/jump/constraints.rs](../../air/src/machine/jump/constraints.rs): `target`, `Key`",
        "- [air/src/machine/jump/constraints.rs](../../air/src/machine/jump/constraints.rs): `Key::check`",
        &format!("| `lands` | {file} |"),
        &format!("| `slow`, if asked for | {file} |"),
        "| all 2 | [air/src/machine](../../air/src/machine) |",
        "| `sums` | [air/src/recursion/alu/tests.rs](../../air/src/recursion/alu/tests.rs) |",
    ] {
        assert!(page.lines().any(|other| other == line), "no line {line} in\n{page}");
    }
}

#[test]
fn what_the_sources_do_not_have_is_a_fault() {
    assert_eq!(faults(SOUNDNESS, SOURCE), []);
    let no_test = |name: &str, place: &str, others: &[&str]| Fault::NoTest {
        name: name.to_owned(),
        place: place.to_owned(),
        others: others.iter().map(ToString::to_string).collect(),
    };
    // The test is renamed, moved to another chip, no test any more.
    let jump = "air/src/machine/jump";
    let renamed = [no_test("lands", jump, &[]), no_test("lands", jump, &[])];
    assert_eq!(faults(SOUNDNESS, &SOURCE.replace("lands", "lands_well")), renamed);
    assert_eq!(faults(SOUNDNESS, &SOURCE.replace("#[test] fn lands", "fn lands")), renamed);
    let moved = SOUNDNESS.replace("`lands` (jump)", "`sums` (jump)");
    assert_eq!(faults(&moved, SOURCE), [no_test("sums", jump, &["air/src/recursion/alu/tests.rs"])]);
    // Left out by default, and no longer.
    let ignored = |name: &str, is_ignored| Fault::Ignored { name: name.to_owned(), file: format!("{jump}/tests.rs"), is_ignored };
    assert_eq!(faults(&SOUNDNESS.replace(": ignored", ""), SOURCE), [ignored("slow", true)]);
    assert_eq!(faults(SOUNDNESS, &SOURCE.replace("#[ignore] ", "")), [ignored("slow", false)]);
    // Places, files and what is in them.
    let no_path = |path: &str| Fault::NoPath(path.to_owned());
    assert_eq!(faults(&SOUNDNESS.replace("(jump)", "(jmp)"), SOURCE), [no_path("jmp")]);
    assert_eq!(
        faults(&SOUNDNESS.replace("jump/constraints", "jump/rows"), SOURCE),
        [no_path("air/src/machine/jump/rows.rs"), no_path("air/src/machine/jump/rows.rs")]
    );
    let no_item = |name: &str, place: &str| Fault::NoItem { name: name.to_owned(), place: place.to_owned() };
    assert_eq!(faults(&SOUNDNESS.replace("`target`", "`carry`"), SOURCE), [no_item("carry", "air/src/machine/jump/constraints.rs")]);
    assert_eq!(faults(&SOUNDNESS.replace("Key::check", "Key::look"), SOURCE), [no_item("Key::look", "any source")]);
    // Lists that are missing or hold something else, pages without claims, and paths anywhere.
    assert_eq!(faults(&SOUNDNESS.replace("*Enforced by* ", "By "), SOURCE), [Fault::NoList("*Enforced by*")]);
    assert_eq!(faults(&SOUNDNESS.replace("`lands` (jump)", "`fn lands` (jump)"), SOURCE), [Fault::Unread("fn lands".to_owned())]);
    assert_eq!(faults("# S\n", SOURCE), [Fault::NoClaims]);
    assert_eq!(faults(&SOUNDNESS.replace("`anything`", "`air/src/gone.rs`, `other/gone.rs`"), SOURCE), [no_path("air/src/gone.rs")]);
    let about_tests =
        format!("{SOUNDNESS}\n## Tests\n\n| what | `lands`, `it_is_gone` |\n\n## More\n\n`it_is_nowhere_at_all`, `one_word`\n");
    assert_eq!(faults(&about_tests, SOURCE), [no_test("it_is_gone", "any source", &[]), no_item("it_is_nowhere_at_all", "any source")]);
}
