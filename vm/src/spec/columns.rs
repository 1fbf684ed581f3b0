//! Column tables, read from the column structs' source: their documentation is the one truth about them.

use syn::{Expr, Fields, Item, Lit, Meta};

/// The sources of column structs that several chips share.
pub const SHARED: &[&str] = &[
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../air/src/address.rs")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../air/src/comparison.rs")),
];

/// A field of a column struct.
pub struct Column {
    pub name: String,
    pub ty: String,
    pub doc: String,
}

/// The fields of every public struct in a source file, by struct.
///
/// # Panics
///
/// If the source does not parse, which it does as long as this program compiles.
pub fn structs(source: &str) -> Vec<(String, Vec<Column>)> {
    let file = syn::parse_file(source).unwrap_or_else(|error| unreachable!("the source compiles: {error}"));
    let structs = file.items.into_iter().filter_map(|item| match item {
        Item::Struct(item) => Some(item),
        _ => None,
    });
    structs.map(|item| (item.ident.to_string(), columns(&item.fields))).collect()
}

/// Whether a struct is of preprocessed columns, by its name.
pub fn is_preprocessed(name: &str) -> bool {
    name.ends_with("PreCols") || name.ends_with("Fixed")
}

fn columns(fields: &Fields) -> Vec<Column> {
    let column = |field: &syn::Field| Column {
        name: field.ident.as_ref().map(ToString::to_string).unwrap_or_default(),
        ty: type_text(&field.ty),
        doc: doc(&field.attrs),
    };
    fields.iter().map(column).collect()
}

/// A type as it is written, without the spaces that tokens are printed with.
fn type_text(ty: &syn::Type) -> String {
    use quote::ToTokens;
    ty.to_token_stream()
        .to_string()
        .replace(" ; ", "; ")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace("[ ", "[")
        .replace(" ]", "]")
        .replace(" :: ", "::")
}

fn doc(attributes: &[syn::Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// A column by the field that it belongs to.
pub struct Named {
    /// The path to it: `comparison.markers[3]`.
    pub name: String,
    /// Struct and field, from the outermost to the innermost.
    pub path: Vec<(String, String)>,
}

/// The columns of a struct that was printed with each column's position for its value
/// ([`tern_air::chip::System::layouts`]), in the order of their positions.
///
/// # Panics
///
/// If it is not what `#[derive(Debug)]` prints of structs and arrays of numbers.
pub fn named(layout: &str) -> Vec<Named> {
    let mut reader = Reader { rest: layout, name: String::new(), path: Vec::new(), found: Vec::new() };
    reader.value();
    assert!(reader.rest.is_empty(), "{} behind a struct", reader.rest);
    reader.found
}

struct Reader<'a> {
    rest: &'a str,
    name: String,
    path: Vec<(String, String)>,
    found: Vec<Named>,
}

impl<'a> Reader<'a> {
    fn value(&mut self) {
        if self.eat("[") {
            return self.items("]");
        }
        let word = self.word();
        if self.eat(" { ") {
            self.fields(word);
        } else if self.eat("(") {
            self.items(")");
        } else {
            assert_eq!(word.parse(), Ok(self.found.len()), "columns in the order of their positions");
            self.found.push(Named { name: self.name.clone(), path: self.path.clone() });
        }
    }

    fn items(&mut self, end: &str) {
        let before = self.name.len();
        for i in 0.. {
            if self.eat(end) {
                return;
            }
            self.name += &format!("[{i}]");
            self.value();
            self.name.truncate(before);
            self.eat(", ");
        }
    }

    fn fields(&mut self, of: &str) {
        let before = self.name.len();
        loop {
            let field = self.word();
            assert!(self.eat(": "), "a value of {of}.{field}");
            let dot = if before == 0 { "" } else { "." };
            self.name += &format!("{dot}{field}");
            self.path.push((of.to_owned(), field.to_owned()));
            self.value();
            self.path.pop();
            self.name.truncate(before);
            if !self.eat(", ") {
                assert!(self.eat(" }"), "the end of {of}");
                return;
            }
        }
    }

    fn word(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_by_their_paths() {
        let columns = named("Outer { a: 0, b: [1, 2], inner: [Inner { x: [[3], [4]] }, Inner { x: [[5], [6]] }], none: None([]) }");
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["a", "b[0]", "b[1]", "inner[0].x[0][0]", "inner[0].x[1][0]", "inner[1].x[0][0]", "inner[1].x[1][0]"]);
        let field = |of: &str, field: &str| (of.to_owned(), field.to_owned());
        assert_eq!(columns[4].path, [field("Outer", "inner"), field("Inner", "x")]);
        assert!(named("NoColumns([])").is_empty());
    }
}
