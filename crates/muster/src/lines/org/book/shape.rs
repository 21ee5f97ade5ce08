//! Lines of a book, before anybody asks what they say.

use super::words::{End, no_unit};
use muster_sheet::{Cell, Row};

/// A cell's text.
pub(super) fn text_of<'t>(cell: &Cell<'t>) -> &'t str {
    cell.text
}

/// Whether a line is one text merged over the columns, at least three, or to the last one that is asked: what follows is below it.
pub(super) fn is_section(row: &Row<'_>, last_column: u16) -> bool {
    let mut cells = row.cells();
    let Some(first) = cells.next() else { return false };
    let (mut wide, mut end) = (1, first.column);
    for cell in cells {
        if !cell.is_merged() || cell.text != first.text {
            return false;
        }
        (wide, end) = (wide + 1, cell.column);
    }
    wide >= 3 || wide == 2 && last_column > 0 && end >= last_column
}

/// Why a line is no unit, by its first words.
pub(super) fn end_of(row: &Row<'_>) -> Option<End> {
    row.cells().filter(|cell| !cell.is_merged()).take(2).find_map(|cell| no_unit(cell.text))
}
