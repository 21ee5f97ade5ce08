//! The typesetter's view of the world: a template and what all share, one data file, our fonts; no disk, no
//! network, no clock.
//!
//! What people wrote reaches the templates only through the data file, as values. The typesetter
//! never parses it as markup, whatever it looks like.

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;

use super::fonts::Fonts;
use crate::PrintProblem;

/// Sets one template with one data file.
///
/// # Errors
/// `print.engine.typeset`: the template or the typesetter is at fault, not the document.
pub(crate) fn typeset(
    template: &'static str,
    data: Vec<u8>,
    fonts: &Fonts,
) -> Result<PagedDocument, PrintProblem> {
    let problem = |text: String| PrintProblem::new("print.engine.typeset", text);
    let file = |path: &str| -> Result<FileId, PrintProblem> {
        let path = VirtualPath::new(path).map_err(|e| problem(e.to_string()))?;
        Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
    };
    let main = file("main.typ")?;
    let shared = file("shared.typ")?;
    let world = Paper {
        library: LazyHash::new(Library::default()),
        fonts,
        main: Source::new(main, template.to_owned()),
        shared: Source::new(shared, SHARED.to_owned()),
        data: (file("brief.json")?, Bytes::new(data)),
    };
    let document = typst::compile::<PagedDocument>(&world).output;
    document.map_err(|errors| problem(errors.iter().map(sentence).collect::<Vec<_>>().join("; ")))
}

/// What both templates use.
const SHARED: &str = include_str!("templates/shared.typ");

pub(crate) fn sentence(error: &SourceDiagnostic) -> String {
    let hints: String = error.hints.iter().map(|h| format!(" ({})", h.v)).collect();
    format!("{}{hints}", error.message)
}

struct Paper<'a> {
    library: LazyHash<Library>,
    fonts: &'a Fonts,
    main: Source,
    shared: Source,
    data: (FileId, Bytes),
}

impl World for Paper<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.main, &self.shared]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
