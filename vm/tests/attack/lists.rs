//! Lists of attacks: what is read, and what is wrong with one that is not.

use std::collections::BTreeSet;

use tern_vm::attack::change::number;
use tern_vm::attack::check::CHECKS;
use tern_vm::attack::{AttackError, Base, ListError, built_in, parse};

use crate::target;

/// An attack with these changes, and lines before them.
fn list(more: &str, changes: &str) -> String {
    format!("[[attack]]\nname = \"one\"\nwhat = \"Something.\"\n{more}\nchanges = [{changes}]\n")
}

fn error(more: &str, changes: &str) -> ListError {
    parse(&list(more, changes)).expect_err("an error")
}

#[test]
fn the_built_in_list_is_whole() {
    let attacks = built_in();
    let names: BTreeSet<_> = attacks.iter().map(|attack| &attack.name).collect();
    assert_eq!(names.len(), attacks.len());
    for base in [Base::Chain, Base::Final, Base::Recursion] {
        let count = attacks.iter().filter(|attack| attack.on == base).count();
        println!("{}: {count}", base.name());
        assert!(count >= 15);
    }
    for attack in &attacks {
        assert!(attack.what.ends_with('.'), "{}", attack.name);
        assert!(!attack.control || attack.reject.is_none(), "{}: a control is accepted", attack.name);
        // What comes of cells that are drawn is not said of those that only run if they are asked for.
        assert!(attack.control || attack.heavy || attack.reject.is_some(), "{}: no check is named", attack.name);
    }
    let checks: BTreeSet<&str> = attacks.iter().filter_map(|attack| attack.reject.as_deref()).collect();
    println!("checks that some attack ends at: {checks:?}");
    assert!(checks.iter().all(|check| CHECKS.contains(check)));
}

#[test]
fn lists_that_cannot_be_used_say_why() {
    let cell = "{ cell = { chip = \"add_sub\", row = 0, column = \"pc\", add = 1 } }";
    assert_eq!(parse(&list("", cell)).expect("a list").len(), 1);
    assert_eq!(parse("").expect("no attacks").len(), 0);
    assert!(matches!(parse("attack = 3"), Err(ListError::Form(_))));
    assert!(matches!(parse(&list("colour = \"red\"", cell)), Err(ListError::Form(text)) if text.contains("colour")));
    assert!(
        matches!(error("", "{ sell = { chip = \"add_sub\" } }"), ListError::Form(text) if text.contains("sell") && text.contains("line 5"))
    );
    assert!(
        matches!(error("", "{ cell = { chip = \"add_sub\", row = 0, column = \"pc\", add = \"x\" } }"), ListError::Form(text) if text.contains("no number"))
    );
    assert_eq!(error("", ""), ListError::NoChanges("one".into()));
    assert_eq!(error("reject = \"luck\"", cell), ListError::Check { name: "one".into(), check: "luck".into() });
    assert_eq!(error("on = \"final\"", cell), ListError::Elsewhere { name: "one".into(), change: "cell", on: "final" });
    assert_eq!(parse(&[list("", cell), list("", cell)].concat()), Err(ListError::Repeated("one".into())));
    assert!(matches!(parse(&list("", cell).replace("\"one\"", "\"One two\"")), Err(ListError::Name(_))));
    // neither nothing nor two things
    for changes in [
        "{ cell = { chip = \"add_sub\", row = 0, column = \"pc\" } }",
        "{ cell = { chip = \"add_sub\", row = 0, column = \"pc\", add = 1, set = 2 } }",
        "{ cell = { chip = \"add_sub\", add = 1 } }",
        "{ record = { list = \"load\", index = 0, field = \"pc\" } }",
        "{ record = { list = \"load\", index = 0, step = 3, whole = \"dropped\" } }",
        "{ record = { list = \"load\", field = \"pc\", add = 1 } }",
        "{ segments = {} }",
        "{ lie = {} }",
        "{ bytes = { flip = 1 } }",
        "{ bytes = { at = 1, cut = true, flip = 1 } }",
        "{ header = { field = \"input_root\", length = \"longer\" } }",
        "{ proof = { field = \"/root\", set = 1, length = \"longer\" } }",
        &format!("{{ segments = {{ order = [{}] }} }}", "0,".repeat(65)),
    ] {
        assert!(matches!(error("", changes), ListError::Incomplete { .. }), "{changes}");
    }
    for changes in [
        "{ children = { step = \"lift\", order = [] } }",
        "{ children = { step = \"lift\", order = [0, 1, 2] } }",
        "{ children = { step = \"join\", order = [0, 1, 2, 0] } }",
        "{ children = { step = \"join\", order = [0], child = 0 } }",
    ] {
        assert!(matches!(error("on = \"recursion\"", changes), ListError::Incomplete { .. }), "{changes}");
    }
    assert_eq!([number("12"), number("-1"), number("0xff")], [Ok(12), Ok(u64::MAX), Ok(255)]);
    assert!(number("0x1_0000_0000_0000_0000").is_err() && number("seven").is_err());
}

/// What a list names and there is not is an error, which says what there is; and so is a change
/// that changes nothing.
#[test]
fn attacks_that_name_what_there_is_not_are_errors() {
    let run = |changes: &str| target().attack(&parse(&list("", changes)).expect("a list")[0]).expect_err(changes);
    assert!(
        matches!(run("{ cell = { chip = \"adder\", row = 0, column = \"pc\", add = 1 } }"), AttackError::Chip { known, .. } if known.contains("add_sub"))
    );
    assert!(
        matches!(run("{ cell = { chip = \"load\", row = 0, column = \"resolt\", add = 1 } }"), AttackError::Column { known, .. } if known.contains("result[0]"))
    );
    assert!(matches!(run("{ cell = { chip = \"load\", row = 99999, column = \"pc\", add = 1 } }"), AttackError::NoRow { .. }));
    assert!(matches!(run("{ cell = { chip = \"load\", row = 0, column = \"pc\", set = \"0x78000001\" } }"), AttackError::Value { .. }));
    assert!(matches!(
        run("{ cell = { chip = \"load\", segment = 7, row = 0, column = \"pc\", add = 1 } }"),
        AttackError::NoSegment { got: 7, segments: 3 }
    ));
    assert!(matches!(run("{ record = { list = \"loads\", index = 0, field = \"pc\", add = 1 } }"), AttackError::List { .. }));
    assert!(matches!(run("{ record = { list = \"load\", index = 9999, field = \"pc\", add = 1 } }"), AttackError::NoRecord { .. }));
    assert!(
        matches!(run("{ record = { list = \"load\", index = 0, field = \"cp\", add = 1 } }"), AttackError::Field { known, .. } if known.contains("pc"))
    );
    assert!(matches!(
        run("{ record = { list = \"load\", index = 0, field = \"mem_old.0\", part = 1, add = 1 } }"),
        AttackError::Part { parts: 1, got: 1, .. }
    ));
    assert!(matches!(run("{ record = { list = \"load\", index = 0, field = \"rd\", set = 256 } }"), AttackError::Value { .. }));
    assert!(matches!(run("{ proof = { field = \"/luck\" } }"), AttackError::ProofField { known, .. } if known.contains("/cap/*")));
    assert!(matches!(run("{ proof = { field = \"/cap/*\", place = -100000 } }"), AttackError::ProofField { .. }));
    assert!(matches!(run("{ bytes = { at = 99999999, flip = 0 } }"), AttackError::NoByte { .. }));
    assert!(matches!(run("{ lie = { form = \"byte_table\" } }"), AttackError::Form { .. }));
    assert!(matches!(run("{ fault = { step = 99999, field = \"rd\", value = 0 } }"), AttackError::Fault(_)));
    assert!(matches!(run("{ fault = { step = 1, field = \"carry\", value = 0 } }"), AttackError::Fault(_)));
    assert!(matches!(run("{ fault = { step = 1, field = \"memory\", value = 0 } }"), AttackError::Fault(_)));
    // An immediate that the instruction does not have is in no column; a segment in its own place,
    // and a lie that is none, change no byte.
    for changes in [
        "{ record = { list = \"bitwise\", index = 0, field = \"imm\", add = 1 } }",
        "{ segments = { order = [0, 1, 2] } }",
        "{ header = { field = \"input_root\", add = 0 } }",
        "{ lie = { layers = 3 } }",
    ] {
        assert_eq!(run(changes), AttackError::NothingChanged, "{changes}");
    }
}
