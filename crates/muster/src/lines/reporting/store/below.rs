//! What lies below a node on a day. `standing` is the tree's published projection: the one table of another line that
//! may be joined here, because a subtree of a day is one range of it.

use super::sheets::{link_of, sheet_of};
use super::{buckets, corrupt, day};
use crate::lines::reporting::model::Sheet;
use crate::lines::reporting::read::{Query, Span};
use muster_kernel::Day;
use muster_store::{Ask, Link, Row, Rows, Stmt, StoreError, args};

const MEMBERS_ON_DAY: Stmt = Stmt::new(
    "reporting.members_on_day",
    "select st.unit, st.kind, s.at, s.last_lane, s.last_no, s.layout, s.vals, s.acts
     from standing st
     left join sheet s on s.bucket = st.bucket and s.operation = $1 and s.day = $2 and s.slot = $3
         and s.unit = st.unit and s.scope = 0
     where st.path >= $4 and st.path < $5 and st.since <= $6 and st.until > $7",
);
// Spans one after another: without `cross`, SQLite may read the whole tree first.
const MEMBERS_OF_SPANS: Stmt = Stmt::new(
    "reporting.members_of_spans",
    "select span.n, st.unit, st.bucket, st.kind
     from {rows:$1 text,$2 text,$3 bigint} span
     cross join standing st
     where st.path >= span.a and st.path < span.b and st.since <= span.c and st.until > span.c",
);
// By key, as in `sheets.rs`: each day and unit is looked up.
const SHEETS_OF_DAYS: Stmt = Stmt::new(
    "reporting.sheets_of_days",
    "select s.day, s.unit, s.at, s.last_lane, s.last_no, s.layout, s.vals, s.acts
     from {rows:$4 bigint} d cross join {rows:$5 bigint} u
     {by:sheet s: s.bucket = $1 and s.operation = $2 and s.day = d.a and s.slot = $3 and s.unit = u.a and s.scope = 0}",
);
// Asked first, since most days have none: the join costs PostgreSQL more to plan than all else that a total asks.
const ANY_STATEMENT: Stmt = Stmt::new(
    "reporting.any_statement",
    "select 1 from statement where bucket {in:$1} and operation = $2 and day {in:$3} and slot = $4 limit 1",
);
// Statements are few, the tree is large: `cross`, so that SQLite begins with the few.
const STATEMENTS_OF_DAYS: Stmt = Stmt::new(
    "reporting.statements_of_days",
    "select x.day, x.unit, st.path, s.rev, s.at, s.last_lane, s.last_no, s.layout, s.vals, s.acts
     from statement x
     cross join standing st
     cross join sheet s
     where x.bucket {in:$1} and x.operation = $2 and x.day {in:$3} and x.slot = $4
         and st.unit = x.unit and st.since <= x.day and st.until > x.day and st.path >= $5 and st.path < $6
         and s.bucket = x.bucket and s.operation = x.operation and s.day = x.day and s.slot = x.slot
         and s.unit = x.unit and s.scope = 1
     order by x.day, st.path limit 20000",
);
// From the sheets of the day, in the order of their keys, to how each unit stands: one pass over each.
const ORIGINS: Stmt = Stmt::new(
    "reporting.origins",
    "select s.unit, st.kind, s.rev, s.last_lane, s.last_no
     from sheet s
     cross join standing st
     where s.bucket {in:$1} and s.operation = $2 and s.day = $3 and s.slot = $4 and s.scope = 0 and s.last_no > 0
         and st.unit = s.unit and st.since <= $5 and st.until > $5 and st.path >= $6 and st.path < $7",
);
const ORIGINS_COUNT: Stmt = Stmt::new(
    "reporting.origins_count",
    "select count(*), coalesce(cast(sum(s.rev) as bigint), 0)
     from sheet s
     cross join standing st
     where s.bucket {in:$1} and s.operation = $2 and s.day = $3 and s.slot = $4 and s.scope = 0 and s.last_no > 0
         and st.unit = s.unit and st.since <= $5 and st.until > $5 and st.path >= $6 and st.path < $7
         and ($8 = 0 or st.kind {in:$9})",
);

/// Spans that one statement is asked for at most, and units and days of which it is asked for sheets.
const SPANS_MAX: usize = 500;
const SHEETS_MAX: usize = 20_000;

pub(super) const STATEMENTS: &[Stmt] = &[
    MEMBERS_ON_DAY,
    MEMBERS_OF_SPANS,
    SHEETS_OF_DAYS,
    ANY_STATEMENT,
    STATEMENTS_OF_DAYS,
    ORIGINS,
    ORIGINS_COUNT,
];

/// A unit of a span on a day, with its own sheet if it has one.
pub(in crate::lines::reporting) struct Member<'r> {
    pub(in crate::lines::reporting) unit: i64,
    pub(in crate::lines::reporting) kind: &'r str,
    pub(in crate::lines::reporting) sheet: Option<SheetRead<'r>>,
}

/// A sheet as it stands in its row, its numbers and acts still packed.
pub(in crate::lines::reporting) struct SheetRead<'r> {
    pub(in crate::lines::reporting) at_ms: i64,
    pub(in crate::lines::reporting) last: Option<Link>,
    pub(in crate::lines::reporting) layout: i64,
    pub(in crate::lines::reporting) vals: &'r [u8],
    pub(in crate::lines::reporting) acts: &'r [u8],
}

impl<'r> SheetRead<'r> {
    /// From the six columns that start at `from`: at, lane, no, layout, vals, acts.
    fn of(row: &'r Row<'_>, from: usize) -> Result<Self, StoreError> {
        Ok(Self {
            at_ms: row.int(from)?,
            last: link_of(row.int32(from + 1)?, row.int(from + 2)?),
            layout: row.int(from + 3)?,
            vals: row.bytes(from + 4)?,
            acts: row.bytes(from + 5)?,
        })
    }
}

/// The question of [`members`], to be sent ahead.
pub(in crate::lines::reporting) fn members_ask(query: &Query<'_>, span: &Span) -> Ask {
    let day = query.day.number();
    Ask::new(
        MEMBERS_ON_DAY,
        args![query.operation, day, query.slot(), span.from.clone(), span.to.clone(), day, day],
    )
}

/// Hands every unit of a span to `visit`.
pub(in crate::lines::reporting) fn members(
    rows: &mut impl Rows,
    query: &Query<'_>,
    span: &Span,
    mut visit: impl FnMut(Member<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let day = query.day.number();
    rows.each(
        &MEMBERS_ON_DAY,
        args![query.operation, day, query.slot(), &span.from, &span.to, day, day],
        |row| {
            let sheet = match row.opt_int(2)? {
                Some(_) => Some(SheetRead::of(row, 2)?),
                None => None,
            };
            visit(Member { unit: row.int(0)?, kind: row.text(1)?, sheet })
        },
    )
}

/// Hands every unit of some spans on their days to `visit`: the place of its span in the list, its bucket, itself, its
/// kind; a unit as often as it is in a span.
pub(in crate::lines::reporting) fn members_of_spans(
    rows: &mut impl Rows,
    spans: &[(Day, Span)],
    mut visit: impl FnMut(usize, i64, i64, &str),
) -> Result<(), StoreError> {
    for (chunk, spans) in spans.chunks(SPANS_MAX).enumerate() {
        let from: Vec<String> = spans.iter().map(|(_, span)| span.from.clone()).collect();
        let to: Vec<String> = spans.iter().map(|(_, span)| span.to.clone()).collect();
        let days: Vec<i64> = spans.iter().map(|(day, _)| day.number().into()).collect();
        rows.each(&MEMBERS_OF_SPANS, args![from, to, days], |row| {
            let at = usize::try_from(row.int(0)?).map_err(|_| corrupt("the place of a span"))?;
            visit(chunk * SPANS_MAX + at, row.int(2)?, row.int(1)?, row.text(3)?);
            Ok(())
        })?;
    }
    Ok(())
}

/// Hands the own sheets of some units on some days to `visit`; of which operation, bucket and slot, `key` says.
pub(in crate::lines::reporting) fn sheets_of_days(
    rows: &mut impl Rows,
    (operation, bucket, slot): (i64, i64, i64),
    days: &[Day],
    units: &[i64],
    mut visit: impl FnMut(Day, i64, SheetRead<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let days: Vec<i64> = days.iter().map(|day| day.number().into()).collect();
    for units in units.chunks((SHEETS_MAX / days.len().max(1)).max(1)) {
        rows.each(&SHEETS_OF_DAYS, args![bucket, operation, slot, days.clone(), units.to_vec()], |row| {
            visit(day(row, 0)?, row.int(1)?, SheetRead::of(row, 2)?)
        })?;
    }
    Ok(())
}

/// The first question of [`stated_sheets`], to be sent ahead.
pub(in crate::lines::reporting) fn stated_ask(rows: &impl Rows, query: &Query<'_>, days: &[Day]) -> Ask {
    let days: Vec<i64> = days.iter().map(|day| day.number().into()).collect();
    Ask::new(ANY_STATEMENT, args![buckets(rows), query.operation, days, query.slot()])
}

/// Statements about all below of the units of a span on some days: day, unit, path, sheet; by day and path.
pub(in crate::lines::reporting) fn stated_sheets(
    rows: &mut impl Rows,
    query: &Query<'_>,
    span: &Span,
    days: &[Day],
) -> Result<Vec<(Day, i64, String, Sheet)>, StoreError> {
    let days: Vec<i64> = days.iter().map(|day| day.number().into()).collect();
    let args = args![buckets(rows), query.operation, days.clone(), query.slot()];
    if rows.opt(&ANY_STATEMENT, args, |_| Ok(()))?.is_none() {
        return Ok(Vec::new());
    }
    let args = args![buckets(rows), query.operation, days, query.slot(), &span.from, &span.to];
    rows.all(&STATEMENTS_OF_DAYS, args, |row| {
        Ok((day(row, 0)?, row.int(1)?, row.string(2)?, sheet_of(query.book, row, 3)?))
    })
}

/// Hands the own sheets of a span's day to `visit`: unit, kind, revision, entry; as they lie in the table.
pub(in crate::lines::reporting) fn origins(
    rows: &mut impl Rows,
    query: &Query<'_>,
    span: &Span,
    mut visit: impl FnMut(i64, &str, i64, Link),
) -> Result<(), StoreError> {
    let day = query.day.number();
    let args = args![buckets(rows), query.operation, day, query.slot(), day, &span.from, &span.to];
    rows.each(&ORIGINS, args, |row| {
        let link = Link { lane: row.int32(3)?, no: row.int(4)? };
        visit(row.int(0)?, row.text(1)?, row.int(2)?, link);
        Ok(())
    })
}

/// How many own sheets a span's day has, of units of the kinds that the form is asked of, and their revisions.
pub(in crate::lines::reporting) fn origins_count(
    rows: &mut impl Rows,
    query: &Query<'_>,
    span: &Span,
) -> Result<(i64, i64), StoreError> {
    let (day, kinds) = (query.day.number(), query.series.kinds.clone());
    let of_kinds = i64::from(!kinds.is_empty());
    let args =
        args![buckets(rows), query.operation, day, query.slot(), day, &span.from, &span.to, of_kinds, kinds];
    rows.one(&ORIGINS_COUNT, args, |row| Ok((row.int(0)?, row.int(1)?)))
}
