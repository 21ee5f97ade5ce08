//! Fonts inside the binary, with the feature `embed-fonts`; see `build/fonts.rs` for what they hold.

/// The font files embedded at build time; none without the feature.
pub(super) fn files() -> Vec<Vec<u8>> {
    #[cfg(feature = "embed-fonts")]
    {
        use std::io::Read;

        const PACKED: [&[u8]; 4] = include!(concat!(env!("OUT_DIR"), "/embedded_fonts.rs"));
        let unpack = |packed: &[u8]| {
            let mut font = Vec::new();
            flate2::read::ZlibDecoder::new(packed).read_to_end(&mut font).ok().map(|_| font)
        };
        PACKED.into_iter().filter_map(unpack).collect()
    }
    #[cfg(not(feature = "embed-fonts"))]
    Vec::new()
}
