//! A refusal, as data: a stable code, what its sentence needs, and all findings. Knows no HTTP.

use crate::finding::Finding;
use std::collections::BTreeMap;
use std::fmt;

/// What sort of refusal it is; the edge turns it into a status or an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// What came in cannot be read or breaks a rule; see the findings.
    Invalid,
    /// Nobody is logged in.
    Unauthenticated,
    /// The caller may know of it, but not do this.
    Forbidden,
    /// There is none, or the caller may not know of it.
    NotFound,
    /// It contradicts what is there.
    Conflict,
    /// The caller's picture is out of date (`If-Match`).
    Stale,
    /// Larger than the bound.
    TooLarge,
    /// A media type that this door does not take.
    Unsupported,
    /// The caller asks more than one may in a while; try again later.
    TooMany,
    /// Too busy, or a part is not ready yet; try again.
    Busy,
    /// It may or may not have been stored: ask with the same key before sending again.
    Unknown,
    /// A fault of ours.
    Internal,
}

/// A refusal.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The sort.
    pub kind: ProblemKind,
    /// Stable code, such as `report.day_closed`; also the key of its sentence in the locale files.
    pub code: &'static str,
    /// What the sentence names. Never personal data.
    pub args: BTreeMap<String, String>,
    /// Everything found wrong, each at its place.
    pub findings: Vec<Finding>,
    /// Seconds after which trying again makes sense.
    pub retry_after_s: Option<u32>,
    /// What the log says of a fault of ours; never sent.
    pub cause: Option<String>,
}

impl Problem {
    /// A refusal of a sort, with its code.
    pub fn new(kind: ProblemKind, code: &'static str) -> Self {
        Self { kind, code, args: BTreeMap::new(), findings: Vec::new(), retry_after_s: None, cause: None }
    }
    /// Breaks a rule or cannot be read.
    pub fn invalid(code: &'static str) -> Self {
        Self::new(ProblemKind::Invalid, code)
    }
    /// There is none, or the caller may not know of it.
    pub fn not_found(code: &'static str) -> Self {
        Self::new(ProblemKind::NotFound, code)
    }
    /// Contradicts what is there.
    pub fn conflict(code: &'static str) -> Self {
        Self::new(ProblemKind::Conflict, code)
    }
    /// A fault of ours. The cause goes to the log at the edge and never to the caller.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(ProblemKind::Internal, "internal") }
    }
    /// Findings, all of them.
    #[must_use]
    pub fn findings(mut self, findings: Vec<Finding>) -> Self {
        self.findings = findings;
        self
    }
    /// With a part of its sentence.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.args.insert(key.to_owned(), value.to_string());
        self
    }
    /// Try again after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)?;
        for (key, value) in &self.args {
            write!(f, " {key}={value}")?;
        }
        for finding in self.findings.iter().take(5) {
            write!(f, "; {} {:?} {:?}", finding.code, finding.at.field, finding.args)?;
        }
        Ok(())
    }
}
impl std::error::Error for Problem {}
