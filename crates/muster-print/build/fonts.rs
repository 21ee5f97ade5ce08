//! The fonts that go into the binary: cut down to what briefs are written in, and packed.
//!
//! From the folder in `MUSTER_FONTS_DIR` (else where Debian's fonts-noto-cjk puts them) four faces
//! are taken, 91 MB as shipped:
//! - the even face, regular: every character of GB 18030 in the basic plane, simplified and
//!   traditional, so that no name is without its characters;
//! - its bold, and the print-like face in regular and bold: GB 2312 and the common half of Big5;
//!   what they lack is set in the first.
//!
//! What is left is about 15 MB. The fonts keep their names and their licence (SIL OFL 1.1) inside.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use allsorts::binary::read::ReadScope;
use allsorts::font::read_cmap_subtable;
use allsorts::font_data::FontData;
use allsorts::subset::{CmapTarget, SubsetProfile, subset};
use allsorts::tables::FontTableProvider;
use allsorts::tables::cmap::Cmap;
use allsorts::tag;
use encoding_rs::{BIG5, Encoding, GBK};
use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A face that is wanted: its family, whether it is bold, and all characters or the common ones.
const FACES: [(&str, bool, Repertoire); 4] = [
    ("Noto Sans CJK SC", false, Repertoire::All),
    ("Noto Sans CJK SC", true, Repertoire::Common),
    ("Noto Serif CJK SC", false, Repertoire::Common),
    ("Noto Serif CJK SC", true, Repertoire::Common),
];

#[derive(Clone, Copy)]
enum Repertoire {
    All,
    Common,
}

/// Writes `embedded_fonts.rs` and the packed fonts beside it. A build without its fonts fails here.
pub(crate) fn embed() {
    println!("cargo::rerun-if-changed=build/fonts.rs");
    println!("cargo::rerun-if-env-changed=MUSTER_FONTS_DIR");
    let folder = env::var_os("MUSTER_FONTS_DIR").filter(|d| !d.is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("/usr/share/fonts/opentype/noto"), PathBuf::from);
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let files = font_files(&folder);
    let mut code = String::from("[\n");
    for (i, (family, bold, repertoire)) in FACES.into_iter().enumerate() {
        let (bytes, index) = find(&files, family, bold).unwrap_or_else(|| {
            let weight = if bold { "bold" } else { "regular" };
            panic!(
                "no {family} ({weight}) in {}: on Debian install fonts-noto-cjk, or set MUSTER_FONTS_DIR",
                folder.display()
            )
        });
        let font = cut(&bytes, index, &characters(repertoire));
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&font).expect("memory takes all");
        let path = out.join(format!("font{i}.z"));
        fs::write(&path, packed.finish().expect("memory takes all")).expect("OUT_DIR can be written");
        code.push_str(&format!("    include_bytes!({:?}),\n", path.display().to_string()));
    }
    code.push(']');
    fs::write(out.join("embedded_fonts.rs"), code).expect("OUT_DIR can be written");
}

fn font_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_font = |path: &PathBuf| {
        path.extension()
            .is_some_and(|e| ["otf", "otc", "ttf", "ttc"].iter().any(|f| e.eq_ignore_ascii_case(f)))
    };
    let mut files: Vec<_> = entries.filter(is_font).collect();
    files.sort();
    files
}

/// The file and the place in it of a face.
fn find(files: &[PathBuf], family: &str, bold: bool) -> Option<(Vec<u8>, u32)> {
    for path in files {
        let Ok(bytes) = fs::read(path) else { continue };
        let count = ttf_parser::fonts_in_collection(&bytes).unwrap_or(1);
        let index = (0..count).find(|i| {
            let Ok(face) = ttf_parser::Face::parse(&bytes, *i) else { return false };
            let weight = if bold { ttf_parser::Weight::Bold } else { ttf_parser::Weight::Normal };
            let named = face.names().into_iter().any(|n| {
                n.name_id == ttf_parser::name_id::FAMILY && n.to_string().is_some_and(|name| name == family)
            });
            named && face.weight() == weight
        });
        if let Some(index) = index {
            return Some((bytes, index));
        }
    }
    None
}

/// The face with only the glyphs of these characters.
fn cut(bytes: &[u8], index: u32, characters: &BTreeSet<u32>) -> Vec<u8> {
    let font = ReadScope::new(bytes).read::<FontData<'_>>().expect("a font");
    let tables = font.table_provider(index as usize).expect("a face");
    let cmap = tables.read_table_data(tag::CMAP).expect("a table of characters");
    let cmap = ReadScope::new(&cmap).read::<Cmap<'_>>().expect("a table of characters");
    let (_, cmap) = read_cmap_subtable(&cmap).expect("a table of characters").expect("a Unicode table");
    let mut glyphs = BTreeSet::from([0]);
    glyphs.extend(characters.iter().filter_map(|c| cmap.map_glyph(*c).ok().flatten()));
    let glyphs: Vec<u16> = glyphs.into_iter().collect();
    subset(&tables, &glyphs, &SubsetProfile::Minimal, CmapTarget::Unrestricted)
        .expect("glyphs can be cut out")
}

/// Latin, Greek, Cyrillic, punctuation, signs, and the characters of a repertoire.
fn characters(repertoire: Repertoire) -> BTreeSet<u32> {
    let blocks: [RangeInclusive<u32>; 13] = [
        0x20..=0x7E,
        0xA0..=0x17F,
        0x370..=0x52F,
        0x2000..=0x206F,
        0x20A0..=0x20BF,
        0x2100..=0x22FF,
        0x2460..=0x24FF,
        0x2500..=0x26FF,
        0x3000..=0x33FF,
        0xFE10..=0xFE6F,
        0xFF00..=0xFFEF,
        0x1E00..=0x1EFF,
        0x2E80..=0x2FDF,
    ];
    let mut set: BTreeSet<u32> = blocks.into_iter().flatten().collect();
    match repertoire {
        // Extension A, the unified ideographs, the compatibility ideographs.
        Repertoire::All => {
            set.extend(0x3400..=0x4DBF);
            set.extend(0x4E00..=0x9FFF);
            set.extend(0xF900..=0xFAFF);
        }
        Repertoire::Common => {
            two_bytes(GBK, 0xB0..=0xF7, 0xA1..=0xFE, &mut set);
            two_bytes(BIG5, 0xA4..=0xC6, 0x40..=0x7E, &mut set);
            two_bytes(BIG5, 0xA4..=0xC6, 0xA1..=0xFE, &mut set);
        }
    }
    set
}

/// The characters a two-byte encoding has in a range of its table.
fn two_bytes(
    encoding: &'static Encoding,
    lead: RangeInclusive<u8>,
    trail: RangeInclusive<u8>,
    set: &mut BTreeSet<u32>,
) {
    for a in lead {
        for b in trail.clone() {
            let bytes = [a, b];
            let (text, wrong) = encoding.decode_without_bom_handling(&bytes);
            if !wrong {
                set.extend(text.chars().map(u32::from).filter(|c| *c >= 0x80));
            }
        }
    }
}
