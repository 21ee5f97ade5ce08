//! What can go wrong, and what is worth saying though nothing went wrong.

use std::fmt;

use serde::Serialize;

/// Why nothing was printed. On the standard error of the binary it is one line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrintProblem {
    /// A stable code; its first two words say whose fault it is:
    /// `print.input.…` the document's, `print.font.…` the machine's, `print.engine.…` ours.
    pub code: &'static str,
    /// The field of the document, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A sentence for a person.
    pub message: String,
}

impl PrintProblem {
    /// A problem with a stable code and a sentence.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, field: None, message: message.into() }
    }

    /// The same problem, at a field of the document.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl fmt::Display for PrintProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for PrintProblem {}

/// Something a person should know about what was printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// A stable code: `print.glyph.missing`, `print.text.control`, `print.list.cut`, `print.text.cut`.
    pub finding: &'static str,
    /// A sentence for a person.
    pub message: String,
}
