//! The sources: which tests there are, which of them are left out by default, and what is defined
//! where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use quote::ToTokens;
use syn::{Attribute, ImplItem, Item, TraitItem};

use super::ClaimsError;

/// Every Rust file of the workspace, by its path from the root.
pub struct Sources {
    root: PathBuf,
    files: BTreeMap<String, File>,
}

/// What a file defines, in modules inside of it too.
#[derive(Default)]
struct File {
    text: String,
    tests: Vec<Test>,
    /// Names of functions, methods, types, constants, modules.
    items: Vec<String>,
    /// Methods and associated functions: the type's name and theirs.
    methods: Vec<(String, String)>,
}

/// A test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    pub name: String,
    /// Whether it runs only if it is asked for.
    pub is_ignored: bool,
}

impl Sources {
    /// Reads every package below the folder, hidden folders and those of build products left out.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or is no Rust.
    pub fn read(root: &Path) -> Result<Self, ClaimsError> {
        let mut sources = Self { root: root.to_owned(), files: BTreeMap::new() };
        for folder in sources.packages()? {
            sources.read_folder(&folder)?;
        }
        Ok(sources)
    }

    /// The folders directly below the root that hold a package.
    fn packages(&self) -> Result<Vec<String>, ClaimsError> {
        let folders = entries(&self.root)?.into_iter().filter(|(_, path)| path.join("Cargo.toml").exists());
        Ok(folders.map(|(name, _)| name).collect())
    }

    fn read_folder(&mut self, folder: &str) -> Result<(), ClaimsError> {
        for (name, path) in entries(&self.root.join(folder))? {
            let at = format!("{folder}/{name}");
            if path.is_dir() {
                if name != "target" {
                    self.read_folder(&at)?;
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).map_err(|error| read_error(&path, error))?;
                let file = File::parse(text).map_err(|error| ClaimsError::NoRust { path: at.clone(), error })?;
                self.files.insert(at, file);
            }
        }
        Ok(())
    }

    /// Whether there is such a file or folder in the repository, given from its root.
    #[must_use]
    pub fn has_path(&self, path: &str) -> bool {
        path.split('/').all(|part| part != "..") && self.root.join(path).exists()
    }

    /// Whether a path starts in a package of the workspace.
    #[must_use]
    pub fn is_of_a_package(&self, path: &str) -> bool {
        let package = path.split('/').next().unwrap_or_default();
        self.files_in(package).next().is_some()
    }

    /// The tests in a file or folder, each with its file.
    pub fn tests_in<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a Test)> + 'a {
        self.files_in(path).flat_map(|(file, content)| content.tests.iter().map(move |test| (file, test)))
    }

    /// The files that have a test of this name.
    #[must_use]
    pub fn tests_named(&self, name: &str) -> Vec<String> {
        let has = |file: &File| file.tests.iter().any(|test| test.name == name);
        self.files.iter().filter(|(_, file)| has(file)).map(|(path, _)| path.clone()).collect()
    }

    /// Whether a file or folder defines something of this name, or states a constraint or message
    /// of this label.
    #[must_use]
    pub fn defines(&self, path: &str, name: &str) -> bool {
        let label = format!("::{name}\"");
        self.files_in(path).any(|(_, file)| file.items.iter().any(|item| item == name) || file.text.contains(&label))
    }

    /// Whether a source has this text anywhere.
    #[must_use]
    pub fn mention(&self, text: &str) -> bool {
        self.files.values().any(|file| file.text.contains(text))
    }

    /// The files that define a type's method, or a function of a module that is a file.
    #[must_use]
    pub fn methods(&self, of: &str, name: &str) -> Vec<String> {
        let is_module = |path: &str| path.ends_with(&format!("/{of}.rs")) || path.ends_with(&format!("/{of}/mod.rs"));
        let defines = |(path, file): &(&String, &File)| {
            file.methods.iter().any(|(ty, method)| ty == of && method == name)
                || is_module(path) && file.items.iter().any(|item| item == name)
        };
        self.files.iter().filter(defines).map(|(path, _)| path.clone()).collect()
    }

    /// The folders directly below one that have a file of this name.
    #[must_use]
    pub fn folders_with(&self, folder: &str, file: &str) -> Vec<String> {
        let below = |path: &String| {
            let (name, rest) = path.strip_prefix(folder)?.strip_prefix('/')?.split_once('/')?;
            (rest == file).then(|| format!("{folder}/{name}"))
        };
        self.files.keys().filter_map(below).collect()
    }

    fn files_in<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a File)> + 'a {
        self.files.iter().map(|(file, content)| (file.as_str(), content)).filter(move |(file, _)| is_in(file, path))
    }
}

/// Whether a file is a path's, or lies below it.
#[must_use]
pub fn is_in(file: &str, path: &str) -> bool {
    file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a folder holds, by name, hidden entries left out.
fn entries(folder: &Path) -> Result<BTreeMap<String, PathBuf>, ClaimsError> {
    let entries = fs::read_dir(folder).map_err(|error| read_error(folder, error))?;
    let mut named = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| read_error(folder, error))?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.')) {
            named.insert(name.to_owned(), path);
        }
    }
    Ok(named)
}

/// The hand-written pages in a folder and below, by their path from the repository's root.
///
/// # Errors
///
/// If a folder cannot be read.
pub fn pages(folder: &Path, at: &str) -> Result<Vec<String>, ClaimsError> {
    let mut pages = Vec::new();
    for (name, path) in entries(folder)? {
        let at = format!("{at}/{name}");
        if path.is_dir() && name != "generated" {
            pages.extend(self::pages(&path, &at)?);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(at);
        }
    }
    Ok(pages)
}

/// That something cannot be read.
pub fn read_error(path: &Path, error: io::Error) -> ClaimsError {
    ClaimsError::Read { path: path.to_owned(), error }
}

impl File {
    fn parse(text: String) -> syn::Result<Self> {
        let items = syn::parse_file(&text)?.items;
        let mut file = Self { text, ..Self::default() };
        file.add(&items);
        Ok(file)
    }

    fn add(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Fn(function) => {
                    let name = function.sig.ident.to_string();
                    if has(&function.attrs, "test") {
                        self.tests.push(Test { name: name.clone(), is_ignored: has(&function.attrs, "ignore") });
                    }
                    self.items.push(name);
                }
                Item::Mod(module) => {
                    self.items.push(module.ident.to_string());
                    self.add(module.content.as_ref().map_or(&[], |(_, items)| items));
                }
                Item::Impl(block) => self.add_methods(
                    &type_name(&block.self_ty),
                    block.items.iter().filter_map(|item| if let ImplItem::Fn(method) = item { Some(&method.sig) } else { None }),
                ),
                Item::Trait(defined) => {
                    self.items.push(defined.ident.to_string());
                    self.add_methods(
                        &defined.ident.to_string(),
                        defined.items.iter().filter_map(|item| if let TraitItem::Fn(method) = item { Some(&method.sig) } else { None }),
                    );
                }
                Item::Struct(defined) => self.items.push(defined.ident.to_string()),
                Item::Enum(defined) => self.items.push(defined.ident.to_string()),
                Item::Const(defined) => self.items.push(defined.ident.to_string()),
                Item::Static(defined) => self.items.push(defined.ident.to_string()),
                Item::Type(defined) => self.items.push(defined.ident.to_string()),
                Item::Macro(call) => self.add_tests_of_macro(call),
                _ => {}
            }
        }
    }

    fn add_methods<'a>(&mut self, of: &str, signatures: impl Iterator<Item = &'a syn::Signature>) {
        for signature in signatures {
            let name = signature.ident.to_string();
            self.methods.push((of.to_owned(), name.clone()));
            self.items.push(name);
        }
    }

    /// Tests that stand in a macro's call, as those of generated cases do: `#[test] … fn name`.
    fn add_tests_of_macro(&mut self, call: &syn::ItemMacro) {
        let tokens: Vec<String> = call.mac.tokens.clone().into_iter().map(|token| token.to_string()).collect();
        let (mut is_test, mut is_ignored) = (false, false);
        for pair in tokens.windows(2) {
            match [pair[0].as_str(), pair[1].as_str()] {
                ["#", attribute] => {
                    is_test |= attribute == "[test]";
                    is_ignored |= attribute.starts_with("[ignore");
                }
                ["fn", name] => {
                    if is_test {
                        self.tests.push(Test { name: name.to_owned(), is_ignored });
                    }
                    (is_test, is_ignored) = (false, false);
                }
                _ => {}
            }
        }
    }
}

/// Whether there is an attribute of this name.
fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident(name))
}

/// A type's name without its path and parameters.
fn type_name(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        other => other.to_token_stream().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_found_wherever_they_stand() {
        let text = "
            // #[test] fn in_a_comment() {}
            /* #[test]
            fn in_another_comment() {} */
            fn helper() { let text = \"#[test] fn in_a_string() {}\"; }
            #[test]
            #[ignore = \"slow\"]
            fn slow() {}
            mod inner {
                #[expect(
                    clippy::unwrap_used,
                    reason = \"a test\"
                )]
                #[test]
                fn inside() {}
            }
            proptest! { #[test] fn generated(x in 0..9) {} fn none() {} }
            struct Key;
            impl Key { fn check(&self) {} }
        ";
        let file = File::parse(text.to_owned()).expect("Rust");
        let found: Vec<_> = file.tests.iter().map(|test| (test.name.as_str(), test.is_ignored)).collect();
        assert_eq!(found, [("slow", true), ("inside", false), ("generated", false)]);
        assert_eq!(file.methods, [("Key".to_owned(), "check".to_owned())]);
        assert_eq!(file.items, ["helper", "slow", "inner", "inside", "Key", "check"]);
        assert!(File::parse("fn half(".to_owned()).is_err());
    }
}
