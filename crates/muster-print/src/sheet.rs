//! A report of one unit and day as data: one sheet on paper, to be signed and sealed.
//!
//! Unlike a brief, it comes with every word chosen, the fixed ones too: what stands on a sheet is written by the house in the
//! reader's language, and the printer only sets it. The key `sheet` tells it from a brief.

use serde::{Deserialize, Serialize};

use crate::{BYTES_MAX, Lang, PrintProblem};

/// The version of the document this crate reads and writes.
pub const SHEET_VERSION: u32 = 1;

/// The most items of a sheet, and the most texts beside them.
pub const SHEET_ROWS_MAX: usize = 1_000;

/// The longest text of a check square, in bytes: what a square of a few centimetres still holds so that a telephone reads it.
pub const SHEET_CHECK_BYTES_MAX: usize = 600;

/// One report, ready to be printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetDoc {
    /// The version of this format: [`SHEET_VERSION`].
    pub sheet: u32,
    /// The language the words are in.
    pub lang: Lang,
    /// What is said on every page where the figures come from a simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated: Option<String>,
    /// The title of the office that asks; heads the first page.
    pub office: String,
    /// The name of the form.
    pub title: String,
    /// The unit, with its code.
    pub unit: String,
    /// The day, in words.
    pub day: String,
    /// What the report is, in a sentence: a zero report, a report with figures, a correction.
    pub statement: String,
    /// Named facts: form and version, when it was reported and by whom, the revision.
    #[serde(default)]
    pub facts: Vec<[String; 2]>,
    /// Heads of the three columns: item, value, unit of measurement.
    pub columns: [String; 3],
    /// The items, in the form's order.
    #[serde(default)]
    pub rows: Vec<SheetRow>,
    /// Texts below the items, each under its own heading.
    #[serde(default)]
    pub texts: Vec<[String; 2]>,
    /// What stands before each line that is left free for a hand: signatures, the seal, the date.
    #[serde(default)]
    pub sign: Vec<String>,
    /// How the paper is checked.
    pub check: SheetCheck,
    /// The instant the revision was taken in, RFC 3339; also every time inside the files.
    pub made_at: String,
    /// `Page {page} of {pages}`.
    pub page: String,
}

/// One item of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRow {
    /// The item.
    pub name: String,
    /// What was said, or in words that nothing was.
    pub value: String,
    /// Its unit of measurement, may be empty.
    #[serde(default)]
    pub unit: String,
    /// Whether it was said.
    pub said: bool,
}

/// How a sheet is told from one that only looks like it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetCheck {
    /// The text of the square: an address where the house knows its own, else what would stand behind it.
    pub text: String,
    /// The hash of the revision, for whoever types it: `sha256:…`.
    pub hash: String,
    /// What stands before the hash.
    pub label: String,
    /// How it is checked, in a sentence.
    pub hint: String,
}

impl SheetDoc {
    /// Reads a document from JSON: at most [`BYTES_MAX`] bytes, of this [`SHEET_VERSION`].
    ///
    /// # Errors
    /// `print.input.size`, `print.input.json`, `print.input.version`; `print.input.rows` for more than [`SHEET_ROWS_MAX`] items,
    /// texts or lines, `print.input.check` for a check text of more than [`SHEET_CHECK_BYTES_MAX`] bytes.
    pub fn from_json(bytes: &[u8]) -> Result<Self, PrintProblem> {
        if bytes.len() > BYTES_MAX {
            let text = format!("the document has more than {BYTES_MAX} bytes");
            return Err(PrintProblem::new("print.input.size", text));
        }
        let doc: Self = serde_json::from_slice(bytes)
            .map_err(|e| PrintProblem::new("print.input.json", format!("not a sheet: {e}")))?;
        if doc.sheet != SHEET_VERSION {
            let (found, known) = (doc.sheet, SHEET_VERSION);
            let text = format!("the sheet is of version {found}, this printer reads version {known}");
            return Err(PrintProblem::new("print.input.version", text).at("sheet"));
        }
        let most = [doc.rows.len(), doc.texts.len(), doc.facts.len(), doc.sign.len()].into_iter().max();
        if most.is_some_and(|most| most > SHEET_ROWS_MAX) {
            let text = format!("the sheet has a list of more than {SHEET_ROWS_MAX}");
            return Err(PrintProblem::new("print.input.rows", text).at("rows"));
        }
        if doc.check.text.len() > SHEET_CHECK_BYTES_MAX {
            let text = format!("the check text has more than {SHEET_CHECK_BYTES_MAX} bytes");
            return Err(PrintProblem::new("print.input.check", text).at("check.text"));
        }
        Ok(doc)
    }

    /// Whether some bytes are a sheet rather than a brief: they say of which version of a sheet they are.
    pub fn is_one(bytes: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Kind {
            sheet: Option<serde::de::IgnoredAny>,
        }
        serde_json::from_slice::<Kind>(bytes).is_ok_and(|kind| kind.sheet.is_some())
    }
}
