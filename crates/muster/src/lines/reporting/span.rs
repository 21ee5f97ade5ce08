//! A part of the tree as it lies in the order of paths. Pure.

use crate::lines::org;

/// A part of the tree as a range of paths.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// First path.
    pub from: String,
    /// The first path after it.
    pub to: String,
}

impl Span {
    /// A unit's path and all below it.
    pub fn below(path: &str) -> Self {
        Self { from: path.to_owned(), to: org::path_end(path) }
    }
    /// A unit's path alone: what lies below goes on with letters or digits, all after `!`.
    pub fn only(path: &str) -> Self {
        Self { from: path.to_owned(), to: format!("{path}!") }
    }
}
