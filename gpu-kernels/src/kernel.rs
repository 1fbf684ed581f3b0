//! Kernels: WGSL with the field before it.

use std::borrow::Cow;

/// Invocations of a workgroup, of every kernel.
pub const GROUP: usize = 256;

/// A kernel. Its entry point is `main`; binding 0 are its parameters, the others what it is given,
/// in this order.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// Its name, which no other kernel has.
    pub name: Cow<'static, str>,
    /// WGSL texts that follow each other, after the field's.
    pub parts: Cow<'static, [Cow<'static, str>]>,
}

/// A kernel from files of `shaders/`, the last of which has the entry point.
#[macro_export]
macro_rules! kernel {
    ($($file:literal),+) => {
        $crate::Kernel::of_files(&[$(($file, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/shaders/", $file, ".wgsl")))),+])
    };
}

impl Kernel {
    /// Of named texts, whose names are the kernel's.
    #[must_use]
    pub fn of_files(files: &[(&'static str, &'static str)]) -> Self {
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        Self { name: names.join(" ").into(), parts: files.iter().map(|(_, text)| Cow::Borrowed(*text)).collect() }
    }

    /// Of a text that was made, with which its name goes.
    #[must_use]
    pub fn generated(what: &str, text: String) -> Self {
        Self { name: format!("{what} {}", blake3::hash(text.as_bytes()).to_hex()).into(), parts: vec![text.into()].into() }
    }

    /// The same with a constant before it, and in its name.
    #[must_use]
    pub fn with(mut self, constant: &str, value: usize) -> Self {
        self.name = format!("{} {constant}={value}", self.name).into();
        self.parts.to_mut().insert(0, format!("const {constant}: u32 = {value}u;\n").into());
        self
    }

    /// All of its source.
    pub(crate) fn source(&self, wide: bool) -> String {
        let field = if wide { include_str!("shaders/field_wide.wgsl") } else { include_str!("shaders/field_halves.wgsl") };
        let common = [field, include_str!("shaders/field.wgsl")].into_iter();
        common.chain(self.parts.iter().map(Cow::as_ref)).collect::<Vec<&str>>().join("\n")
    }
}
