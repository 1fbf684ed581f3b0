//! Whether this program was compiled for the machine that it runs on.

use std::sync::Once;

/// The vector instructions that this machine has and this program was not compiled to use, if that
/// costs speed: their name, as `target-feature` spells it.
#[must_use]
pub fn unused_instructions() -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") && !cfg!(target_feature = "avx512f") {
            return Some("avx512f");
        }
        if std::arch::is_x86_feature_detected!("avx2") && !cfg!(target_feature = "avx2") {
            return Some("avx2");
        }
    }
    None
}

/// Says once in a process what [`unused_instructions`] says.
pub(crate) fn warn_once() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let Some(feature) = unused_instructions() else { return };
        let text = format!(
            "this program was compiled without {feature}, which this machine has: proving takes several times as long. \
             Build it with RUSTFLAGS=\"-C target-cpu=native\""
        );
        if tracing::dispatcher::has_been_set() { tracing::warn!("{text}") } else { eprintln!("tern: {text}") }
    });
}
