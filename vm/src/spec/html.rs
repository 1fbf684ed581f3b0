//! One static page to browse the relation in: the export, and where it is in the sources.

use super::evidence::Evidence;

const TEMPLATE: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPTS: [&str; 3] = [include_str!("page/model.js"), include_str!("page/views.js"), include_str!("page/app.js")];

/// The page, with everything that it needs inside.
///
/// # Panics
///
/// Never: the evidence has no maps with other keys than strings.
pub fn html(json: &str, evidence: &[Evidence]) -> String {
    let evidence = serde_json::to_string(evidence).unwrap_or_else(|error| unreachable!("plain data can be written: {error}"));
    let parts = [
        ("{{style}}", STYLE.to_owned()),
        ("{{relation}}", in_script(json.trim_end())),
        ("{{evidence}}", in_script(&evidence)),
        ("{{script}}", SCRIPTS.concat()),
    ];
    let mut page = String::new();
    let mut rest = TEMPLATE;
    for (place, part) in parts {
        let (before, after) = rest.split_once(place).unwrap_or_else(|| unreachable!("the template has {place}"));
        page.push_str(before);
        page.push_str(&part);
        rest = after;
    }
    page + rest
}

/// JSON that cannot end the script element that it stands in: `<` occurs in strings only, where it
/// may be written as an escape.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_its_element() {
        let page = html(r#"{"name":"</script><script>alert(1)</script>{{script}}"}"#, &[]);
        assert!(page.contains(r#"{"name":"\u003c/script>\u003cscript>alert(1)\u003c/script>{{script}}"}"#));
        assert_eq!(page.matches("</script>").count(), 3);
        assert!(!SCRIPTS.concat().contains("</"), "a script that ends its own element");
    }
}
