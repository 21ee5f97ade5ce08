//! Fonts inside the binary: none in this build.

/// The font files embedded at build time.
pub(super) fn files() -> Vec<Vec<u8>> {
    Vec::new()
}
