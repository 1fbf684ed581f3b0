//! How a page lists what enforces a claim and what tests it.
//!
//! ```text
//! *Enforced by* `path` (`name`, `name`: remark), `Type::method`, and any words.
//! *Tests* `name`, `name` (place, place: remark); `path`; and any words.
//! ```
//!
//! A list ends with its paragraph. A path has a slash and starts at the repository's root. A place
//! is a path in backticks, or the name of a chip, which stands for its folder, or *each chip*. It
//! belongs to all names since the place before. A remark that says `ignored` says that these tests
//! run only if they are asked for. A path among the tests stands for all tests in it.

use super::Fault;

/// What a list holds, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part<'a> {
    /// Text in backticks.
    Code(&'a str),
    /// Text in parentheses that are no link's.
    Aside(&'a str),
}

/// Something that enforces a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enforcer {
    /// A file or folder, and what of it.
    Path { path: String, names: Vec<String> },
    /// A method or associated function, or a function of a module.
    Method { of: String, name: String },
}

/// Some tests, and where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// No names stand for all tests in the places.
    pub names: Vec<String>,
    pub places: Vec<String>,
    pub is_ignored: bool,
}

/// Reads what enforces a claim.
///
/// # Errors
///
/// The first thing in backticks that is none of what the list holds.
pub fn enforcers(list: &str) -> Result<Vec<Enforcer>, Fault> {
    let mut found: Vec<Enforcer> = Vec::new();
    for part in parts(list)? {
        match part {
            Part::Code(code) if is_path(code) => found.push(Enforcer::Path { path: code.to_owned(), names: Vec::new() }),
            Part::Code(code) => match code.split_once("::") {
                Some((of, name)) if is_name(of) && is_name(name) => {
                    found.push(Enforcer::Method { of: of.to_owned(), name: name.to_owned() });
                }
                _ => return Err(Fault::Unread(code.to_owned())),
            },
            Part::Aside(aside) => {
                let Some(Enforcer::Path { names, .. }) = found.last_mut() else { continue };
                for part in parts(aside.split(':').next().unwrap_or_default())? {
                    match part {
                        Part::Code(code) if is_name(code) => names.push(code.to_owned()),
                        Part::Code(code) => return Err(Fault::Unread(code.to_owned())),
                        Part::Aside(_) => {}
                    }
                }
            }
        }
    }
    Ok(found)
}

/// Reads which tests a claim has.
///
/// # Errors
///
/// The first thing in backticks that is neither a name nor a path, and names that no place follows.
pub fn tests(list: &str) -> Result<Vec<Named>, Fault> {
    let mut found = Vec::new();
    let mut names = Vec::new();
    for part in parts(list)? {
        match part {
            Part::Code(code) if is_path(code) => {
                found.push(Named { names: Vec::new(), places: vec![code.to_owned()], is_ignored: false });
            }
            Part::Code(code) if is_name(code) => names.push(code.to_owned()),
            Part::Code(code) => return Err(Fault::Unread(code.to_owned())),
            Part::Aside(aside) if !names.is_empty() => {
                let (places, remark) = aside.split_once(':').unwrap_or((aside, ""));
                let places = places.split(',').map(|place| place.trim().trim_matches('`').to_owned()).collect();
                let is_ignored = remark.split(|c: char| !c.is_alphanumeric()).any(|word| word == "ignored");
                found.push(Named { names: std::mem::take(&mut names), places, is_ignored });
            }
            Part::Aside(_) => {}
        }
    }
    names.into_iter().next().map_or(Ok(found), |name| Err(Fault::NoPlace(name)))
}

/// The texts in backticks.
///
/// # Errors
///
/// If one does not end.
pub fn codes(text: &str) -> Result<Vec<&str>, Fault> {
    let mut codes = Vec::new();
    for part in parts(text)? {
        match part {
            Part::Code(code) => codes.push(code),
            Part::Aside(aside) => codes.extend(self::codes(aside)?),
        }
    }
    Ok(codes)
}

/// Whether it is a path from the repository's root.
#[must_use]
pub fn is_path(code: &str) -> bool {
    code.contains('/') && code.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
}

fn is_name(code: &str) -> bool {
    !code.is_empty() && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether it is a name of several words, as a test's is.
#[must_use]
pub fn is_sentence(code: &str) -> bool {
    code.matches('_').count() > 1 && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Texts in backticks and in parentheses, in order; links are left out.
fn parts(text: &str) -> Result<Vec<Part<'_>>, Fault> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut is_link = false;
    while let Some(at) = rest.find(['`', '(', ']']) {
        let open = &rest[at..];
        // A link's address follows its text at once.
        is_link &= at == 0;
        let end = match open.as_bytes()[0] {
            b']' => {
                (rest, is_link) = (&open[1..], true);
                continue;
            }
            b'`' => open[1..].find('`').map(|end| end + 1),
            _ => closing(open),
        };
        let end = end.ok_or_else(|| Fault::Unclosed(open.chars().take(40).collect()))?;
        let inside = &open[1..end];
        match open.as_bytes()[0] {
            b'`' => parts.push(Part::Code(inside)),
            _ if !is_link => parts.push(Part::Aside(inside)),
            _ => {}
        }
        (rest, is_link) = (&open[end + 1..], false);
    }
    Ok(parts)
}

/// Where the parenthesis that the text begins with is closed.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut is_code) = (0_usize, false);
    text.char_indices().find_map(|(at, c)| {
        match c {
            '`' => is_code = !is_code,
            '(' if !is_code => depth += 1,
            ')' if !is_code => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

#[cfg(test)]
mod tests_of_lists {
    use super::*;

    #[test]
    fn lists_are_read() {
        let list = "`a/b.rs` (`one`, `Two`: words (`x`)), `Key::check`, each chip's [page](chips/x.md), `a/c` (heights).";
        let path =
            |path: &str, names: &[&str]| Enforcer::Path { path: path.to_owned(), names: names.iter().map(ToString::to_string).collect() };
        let method = Enforcer::Method { of: "Key".to_owned(), name: "check".to_owned() };
        assert_eq!(enforcers(list), Ok(vec![path("a/b.rs", &["one", "Two"]), method, path("a/c", &[])]));

        let list = "`one`, `two` (add_sub, `a/b.rs`: both sizes, ignored); [others](x.md#tests (y)), `three` (each chip), all of `a/c.rs` (a file)";
        let named = |names: &[&str], places: &[&str], is_ignored| Named {
            names: names.iter().map(ToString::to_string).collect(),
            places: places.iter().map(ToString::to_string).collect(),
            is_ignored,
        };
        let expected = vec![
            named(&["one", "two"], &["add_sub", "a/b.rs"], true),
            named(&["three"], &["each chip"], false),
            named(&[], &["a/c.rs"], false),
        ];
        assert_eq!(tests(list), Ok(expected));
        assert_eq!(codes("`a` (b `c/d`)"), Ok(vec!["a", "c/d"]));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert_eq!(enforcers("`constrain`"), Err(Fault::Unread("constrain".to_owned())));
        assert_eq!(enforcers("`a/b` (`c d`)"), Err(Fault::Unread("c d".to_owned())));
        assert_eq!(tests("`one`, `two`"), Err(Fault::NoPlace("one".to_owned())));
        assert_eq!(tests("`tern spec --check` (x)"), Err(Fault::Unread("tern spec --check".to_owned())));
        assert_eq!(tests("`one"), Err(Fault::Unclosed("`one".to_owned())));
        assert_eq!(tests("`one` (a"), Err(Fault::Unclosed("(a".to_owned())));
    }
}
