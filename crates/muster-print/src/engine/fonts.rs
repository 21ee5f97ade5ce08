//! Fonts: found, chosen and asked for their glyphs.
//!
//! Looked for in this order, and the first place that has a font for Chinese is taken:
//! a folder that was named (`--fonts`), the folder in `MUSTER_FONTS`, the fonts embedded in the
//! binary (feature `embed-fonts`), the system's folders. Nothing is asked of the network.

use std::path::{Path, PathBuf};

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

use crate::{Format, Lang, PrintProblem};

/// Families set in the manner of print (宋体), best first; and their Taiwanese forms.
const SERIF: [&str; 6] = [
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "SimSun",
    "AR PL UMing CN",
];
const SERIF_TW: [&str; 3] = ["Noto Serif CJK TC", "Noto Serif TC", "Source Han Serif TC"];

/// Families of even strokes (黑体), best first; and their Taiwanese forms.
const SANS: [&str; 8] = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
];
const SANS_TW: [&str; 3] = ["Noto Sans CJK TC", "Noto Sans TC", "Source Han Sans TC"];

/// Where systems keep fonts.
const FOLDERS: [&str; 4] =
    ["/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "C:\\Windows\\Fonts"];

/// The most folders deep and files wide a search goes, and the largest file it opens.
const DEPTH_MAX: usize = 6;
const FILES_MAX: usize = 20_000;
const FILE_BYTES_MAX: u64 = 128 << 20;

/// The fonts of one print.
pub struct Fonts {
    fonts: Vec<Font>,
    book: LazyHash<FontBook>,
}

impl Fonts {
    /// The fonts a format needs: none for the workbook, whose reader brings them.
    ///
    /// # Errors
    /// As [`Fonts::find`].
    pub fn for_format(format: Format, folder: Option<&Path>) -> Result<Self, PrintProblem> {
        match format {
            Format::Xlsx => Ok(Self { fonts: Vec::new(), book: LazyHash::new(FontBook::new()) }),
            Format::Pdf | Format::Docx | Format::Png => Self::find(folder),
        }
    }

    /// Finds fonts for Chinese; see the module for where.
    ///
    /// # Errors
    /// `print.font.none` when there are none.
    pub fn find(folder: Option<&Path>) -> Result<Self, PrintProblem> {
        if let Some(folder) = folder {
            return Self::of_folders(&[folder.to_owned()]).ok_or_else(|| none(folder));
        }
        if let Some(folder) = std::env::var_os("MUSTER_FONTS").filter(|f| !f.is_empty()) {
            let folder = PathBuf::from(folder);
            return Self::of_folders(std::slice::from_ref(&folder)).ok_or_else(|| none(&folder));
        }
        Self::embedded().or_else(Self::system).ok_or_else(|| none(Path::new(FOLDERS[0])))
    }

    /// The fonts in the binary.
    fn embedded() -> Option<Self> {
        Self::of_files(super::embedded::files().into_iter().map(Bytes::new))
    }

    fn system() -> Option<Self> {
        let mut folders: Vec<_> = FOLDERS.iter().map(PathBuf::from).collect();
        if let Some(home) = std::env::var_os("HOME") {
            folders.push(Path::new(&home).join(".local/share/fonts"));
        }
        Self::of_folders(&folders)
    }

    fn of_folders(folders: &[PathBuf]) -> Option<Self> {
        let mut paths = Vec::new();
        for folder in folders {
            walk(folder, DEPTH_MAX, &mut paths);
        }
        paths.sort();
        Self::of_files(paths.iter().filter_map(|path| std::fs::read(path).ok()).map(Bytes::new))
    }

    /// The faces we know by name; `None` when there is none of them.
    fn of_files(files: impl Iterator<Item = Bytes>) -> Option<Self> {
        let fonts: Vec<Font> = files
            .flat_map(|bytes| faces(&bytes).into_iter().filter_map(move |i| Font::new(bytes.clone(), i)))
            .collect();
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        (!fonts.is_empty()).then_some(Self { fonts, book })
    }

    /// Whether any of the fonts has a glyph for `c`.
    pub(crate) fn covers(&self, c: char) -> bool {
        self.fonts.iter().any(|font| font.info().coverage.contains(c as u32))
    }

    /// The families to set text in, best first: print-like, then even.
    pub(crate) fn families(&self, lang: Lang) -> (Vec<&'static str>, Vec<&'static str>) {
        let here = |names: &[&'static str]| -> Vec<&'static str> {
            names.iter().copied().filter(|n| self.book.contains_family(&n.to_lowercase())).collect()
        };
        let (mut serif, mut sans) = (here(&SERIF), here(&SANS));
        if lang == Lang::ZhTw {
            serif.splice(..0, here(&SERIF_TW));
            sans.splice(..0, here(&SANS_TW));
        }
        serif.extend(sans.iter().copied());
        (serif, sans)
    }

    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
}

fn none(place: &Path) -> PrintProblem {
    let message = format!(
        "no font for Chinese in {}; on Debian: apt-get install fonts-noto-cjk, or name a folder with --fonts",
        place.display()
    );
    PrintProblem::new("print.font.none", message)
}

/// The faces of a file that are of a family we know. A collection holds one face a region, and to
/// open them all would cost more than to print.
fn faces(bytes: &Bytes) -> Vec<u32> {
    let count = ttf_parser::fonts_in_collection(bytes).unwrap_or(1).min(64);
    let known = |i: &u32| {
        let Ok(face) = ttf_parser::Face::parse(bytes, *i) else { return false };
        let family = |name: String| {
            [&SERIF[..], &SERIF_TW, &SANS, &SANS_TW].concat().contains(&name.as_str()) && !name.is_empty()
        };
        face.names()
            .into_iter()
            .filter(|n| {
                matches!(n.name_id, ttf_parser::name_id::FAMILY | ttf_parser::name_id::TYPOGRAPHIC_FAMILY)
            })
            .filter_map(|n| n.to_string())
            .any(family)
    };
    (0..count).filter(known).collect()
}

/// Font files below a folder whose names say that they may be for Chinese.
fn walk(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if paths.len() >= FILES_MAX {
            return;
        }
        if path.is_dir() {
            if depth > 0 {
                walk(&path, depth - 1, paths);
            }
        } else if is_candidate(&path) {
            paths.push(path);
        }
    }
}

fn is_candidate(path: &Path) -> bool {
    const NAMES: [&str; 12] = [
        "notosanscjk",
        "notoserifcjk",
        "notosanssc",
        "notosanstc",
        "notoserifsc",
        "notoseriftc",
        "sourcehan",
        "wqy-",
        "msyh",
        "simhei",
        "simsun",
        "uming",
    ];
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_font = [".ttf", ".otf", ".ttc", ".otc"].iter().any(|end| name.ends_with(end));
    // Only the two weights that are used.
    let is_weight = !["black", "demilight", "-light", "medium", "thin", "semibold", "extralight", "mono"]
        .iter()
        .any(|weight| name.contains(weight));
    is_font
        && is_weight
        && NAMES.iter().any(|n| name.starts_with(n))
        && path.metadata().is_ok_and(|m| m.len() <= FILE_BYTES_MAX)
}
