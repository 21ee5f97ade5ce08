//! With the feature `embed-fonts`: makes the fonts that go into the binary. Else: nothing.

#[cfg(feature = "embed-fonts")]
#[path = "build/fonts.rs"]
mod fonts;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "embed-fonts")]
    fonts::embed();
}
