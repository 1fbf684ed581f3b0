//! `tern spec export`: every format in its place, and places that are none.

use crate::support::{Folder, read};

#[test]
fn every_format_is_written_to_its_place() {
    let folder = Folder::new();
    for (format, first) in [("json", "{\"format\":\"tern-relation\""), ("html", "<!doctype html>")] {
        folder.run(&["spec", "export", "--format", format, "-o", "relation"]).success();
        assert!(read(&folder.path("relation")).starts_with(first.as_bytes()), "{format}");
    }
    for (format, name, first) in [("lean", "AddSub.lean", "-- The chip add_sub"), ("picus", "add_sub.picus", "; The chip add_sub")] {
        let arguments = ["spec", "export", "--format", format, "-o", format, "--json"];
        let file = format!("{format}/{name}");
        let files = folder.run(&arguments).success().json()["files"].clone();
        assert!(files.as_array().is_some_and(|files| files.contains(&file.as_str().into())), "{files}");
        let text = read(&folder.path(&file));
        assert!(text.starts_with(first.as_bytes()), "{format}");
        // The folder may be there already.
        folder.run(&arguments).success();
        assert_eq!(read(&folder.path(&file)), text);
    }
}

#[test]
fn places_that_are_none_are_refused() {
    let folder = Folder::new();
    folder.file("taken", "mine");
    folder.run(&["spec", "export", "--format", "lean"]).fails_with(&["no folder", "-o DIR"]);
    folder.run(&["spec", "export", "--format", "picus", "-o", "taken"]).fails_with(&["cannot make the folder taken"]);
    folder.run(&["spec", "export", "--format", "picus", "-o", "missing/folder"]).fails_with(&["cannot make the folder missing/folder"]);
    folder.run(&["spec", "export", "--format", "html", "-o", "missing/page.html"]).fails_with(&["cannot write missing/page.html"]);
    assert_eq!(read(&folder.path("taken")), b"mine");
}
