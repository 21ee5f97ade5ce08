//! What lies below a node on a day. `standing` is the tree's published projection: the one table of another line that
//! may be joined here, because a subtree of a day is one range of it.

use super::buckets;
use super::sheets::{link_of, sheet_of};
use crate::lines::reporting::model::Sheet;
use crate::lines::reporting::read::{Query, Span};
use muster_store::{Link, Row, Rows, Stmt, StoreError, args};

const MEMBERS_ON_DAY: Stmt = Stmt::new(
    "reporting.members_on_day",
    "select st.unit, st.kind, s.rev, s.at, s.last_lane, s.last_no, s.layout, s.vals, s.acts
     from standing st
     left join sheet s on s.bucket = st.bucket and s.operation = $1 and s.day = $2 and s.slot = $3
         and s.unit = st.unit and s.scope = 0
     where st.path >= $4 and st.path < $5 and st.since <= $6 and st.until > $7
     order by st.path",
);
const STATEMENTS_OF_DAY: Stmt = Stmt::new(
    "reporting.statements_of_day",
    "select x.unit, st.path, s.rev, s.at, s.last_lane, s.last_no, s.layout, s.vals, s.acts
     from statement x
     join standing st on st.unit = x.unit and st.since <= $1 and st.until > $2 and st.path >= $3 and st.path < $4
     join sheet s on s.bucket = x.bucket and s.operation = x.operation and s.day = x.day and s.slot = x.slot
         and s.unit = x.unit and s.scope = 1
     where x.bucket {in:$5} and x.operation = $6 and x.day = $7 and x.slot = $8
     order by st.path limit 20000",
);

pub(super) const STATEMENTS: &[Stmt] = &[MEMBERS_ON_DAY, STATEMENTS_OF_DAY];

/// A unit of a span on a day, with its own sheet if it has one.
pub(in crate::lines::reporting) struct Member<'r> {
    pub(in crate::lines::reporting) unit: i64,
    pub(in crate::lines::reporting) kind: &'r str,
    pub(in crate::lines::reporting) rev: Option<i64>,
    pub(in crate::lines::reporting) at_ms: Option<i64>,
    pub(in crate::lines::reporting) last: Option<Link>,
    /// Layout, numbers and acts.
    pub(in crate::lines::reporting) sheet: Option<(i64, &'r [u8], &'r [u8])>,
}

/// Hands every unit of a span to `visit`, in the order of paths, until it answers `false`.
pub(in crate::lines::reporting) fn members(
    rows: &mut impl Rows,
    query: &Query<'_>,
    span: &Span,
    mut visit: impl FnMut(Member<'_>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let day = query.day.number();
    let args = args![query.operation, day, query.slot(), &span.from, &span.to, day, day];
    let mut out = Ok(());
    let mut one = |row: &Row<'_>| -> Result<bool, StoreError> {
        let sheet = match row.opt_int(6)? {
            Some(layout) => Some((layout, row.bytes(7)?, row.bytes(8)?)),
            None => None,
        };
        let last = match row.opt_int(5)? {
            Some(no) => link_of(row.int32(4)?, no),
            None => None,
        };
        visit(Member {
            unit: row.int(0)?,
            kind: row.text(1)?,
            rev: row.opt_int(2)?,
            at_ms: row.opt_int(3)?,
            last,
            sheet,
        })
    };
    rows.run(&MEMBERS_ON_DAY, args, &mut |row| match one(row) {
        Ok(more) => more,
        Err(error) => {
            out = Err(error);
            false
        }
    })?;
    out
}

/// Statements about all below of the units of a span: unit, path, sheet.
pub(in crate::lines::reporting) fn stated_sheets(
    rows: &mut impl Rows,
    query: &Query<'_>,
    span: &Span,
) -> Result<Vec<(i64, String, Sheet)>, StoreError> {
    let day = query.day.number();
    let args = args![day, day, &span.from, &span.to, buckets(rows), query.operation, day, query.slot()];
    rows.all(&STATEMENTS_OF_DAY, args, |row| Ok((row.int(0)?, row.string(1)?, sheet_of(query.book, row, 2)?)))
}
