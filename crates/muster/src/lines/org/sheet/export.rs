//! Units on their way into a file.

use super::{Col, columns};
use crate::lines::operation::Names;
use crate::lines::org::place::Place;
use muster_kernel::Day;
use muster_sheet::{Column, Out};

/// A unit on its way into a file.
#[derive(Clone, Debug)]
pub struct ExportRow {
    /// Code.
    pub code: String,
    /// Names.
    pub names: Names,
    /// Kind.
    pub kind: String,
    /// Code of the unit above.
    pub parent: Option<String>,
    /// Place.
    pub place: Option<Place>,
    /// Classes.
    pub classes: Vec<String>,
    /// Time zone; empty for the operation's.
    pub time_zone: String,
    /// First day.
    pub opened: Day,
    /// First day on which it is not open, where one is known.
    pub closed: Option<Day>,
    /// Name and telephone of the duty post, only where asked for.
    pub duty: Option<(String, String)>,
}

/// The columns of an export; telephones only where asked for.
pub fn export_columns(phones: bool) -> Vec<Column> {
    let mut columns = columns();
    columns.truncate(if phones { Col::Level as usize } else { Col::Post as usize });
    columns
}

impl ExportRow {
    /// The row's cells, in the order of [`export_columns`], handed to `f`.
    pub fn cells<T>(&self, phones: bool, f: impl FnOnce(&[Out<'_>]) -> T) -> T {
        fn some(text: &str) -> Out<'_> {
            if text.is_empty() { Out::Empty } else { Out::Text(text) }
        }
        let place = self.place.map(|place| place.to_string()).unwrap_or_default();
        let classes = self.classes.join(";");
        let (post, phone) = self.duty.as_ref().map_or(("", ""), |(post, phone)| (post, phone));
        let cells = [
            Out::Text(&self.code),
            some(&self.names.zh_hans),
            some(&self.names.zh_hant),
            some(&self.names.en),
            Out::Text(&self.kind),
            Out::from(self.parent.as_deref()),
            some(&place),
            some(&classes),
            some(&self.time_zone),
            Out::Day(self.opened),
            self.closed.map_or(Out::Empty, Out::Day),
            some(post),
            some(phone),
        ];
        f(&cells[..if phones { cells.len() } else { Col::Post as usize }])
    }
}
