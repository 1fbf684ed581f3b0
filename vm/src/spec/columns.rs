//! Column tables, read from the column structs' source: their documentation is the one truth about them.

use syn::{Expr, Fields, Item, Lit, Meta};

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
