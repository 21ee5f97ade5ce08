//! What lies below a node on a day. `standing` is the tree's published projection: the one table of another line that
//! may be joined here, because a subtree of a day is one range of it.

use super::sheets::{link_of, sheet_of};
use super::{buckets, corrupt, day};
use crate::lines::reporting::below::Member;
use crate::lines::reporting::model::Sheet;
use crate::lines::reporting::query::Query;
use crate::lines::reporting::span::Span;
use muster_kernel::Day;
use muster_store::{Ask, Gathered, Link, Row, Rows, Stmt, StoreError, Val, args};
use std::collections::HashSet;
use std::sync::Arc;

// Spans one after another, each a range of paths.
const MEMBERS_OF_SPANS: Stmt = Stmt::new(
    "reporting.members_of_spans",
    "select span.n, st.unit, st.bucket, st.kind, st.path, st.place
     from {rows:$1 text,$2 text,$3 bigint} span
     {by:standing st: st.path >= span.a and st.path < span.b and st.since <= span.c and st.until > span.c}",
);
// The same with their own sheets, each looked up: in one journey where it is not known who lies in a span.
const MEMBERS_AND_SHEETS: Stmt = Stmt::new(
    "reporting.members_and_sheets",
    "select span.n, st.unit, st.bucket, st.kind, st.path, st.place, s.at, s.last_lane, s.last_no, s.layout, s.vals, s.acts
     from {rows:$3 text,$4 text,$5 bigint} span
     {by:standing st: st.path >= span.a and st.path < span.b and st.since <= span.c and st.until > span.c}
     left join sheet s on s.bucket = st.bucket and s.operation = $1 and s.day = span.c and s.slot = $2
         and s.unit = st.unit and s.scope = 0",
);
/// Sheets by ranges of units, each on its day, and what is needed of them in one cell a range. One look at the index finds the
/// sheets of all units that were made one after another, as most of a node's were; a look for each unit costs several times
/// as much. One statement for any number of ranges: each statement more is planned once a connection.
macro_rules! sheets_of_runs {
    ($name:literal, $cells:literal) => {
        Stmt::new(
            $name,
            concat!(
                "select run.a, (select {gather:int s.unit,",
                $cells,
                "} from sheet s where s.bucket = $1 and s.operation = $2 and s.day = run.a and s.slot = $3
                     and s.unit >= run.b and s.unit <= run.c and s.scope = 0)
                 from {rows:$4 bigint,$5 bigint,$6 bigint} run"
            ),
        )
    };
}
const ACTS_OF_RUNS: Stmt = sheets_of_runs!("reporting.acts_of_runs", "bytes s.acts");
const SHEETS_OF_RUNS: Stmt =
    sheets_of_runs!("reporting.sheets_of_runs", "bytes s.acts,int s.layout,bytes s.vals");
const WRITTEN_OF_RUNS: Stmt = sheets_of_runs!(
    "reporting.written_of_runs",
    "bytes s.acts,int s.layout,bytes s.vals,int s.at,int s.last_lane,int s.last_no"
);
// Asked first, since most days have none: the join costs PostgreSQL more to plan than all else that a total asks.
const ANY_STATEMENT: Stmt = Stmt::new(
    "reporting.any_statement",
    "select cast(1 as bigint) from statement where bucket {in:$1} and operation = $2 and day {in:$3} and slot = $4 limit 1",
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
)
.reading_through();
const ORIGINS_COUNT: Stmt = Stmt::new(
    "reporting.origins_count",
    "select count(*), coalesce(cast(sum(s.rev) as bigint), 0)
     from sheet s
     cross join standing st
     where s.bucket {in:$1} and s.operation = $2 and s.day = $3 and s.slot = $4 and s.scope = 0 and s.last_no > 0
         and st.unit = s.unit and st.since <= $5 and st.until > $5 and st.path >= $6 and st.path < $7
         and ($8 = 0 or st.kind {in:$9})",
)
.reading_through();

/// Spans that one statement is asked for at most, and ranges of units.
const SPANS_MAX: usize = 500;
const RUNS_MAX: usize = 20_000;
/// Units of one range at most: so many sheets come in one cell.
const RUN_MAX: i64 = 4_096;
/// Units that nobody asked for and that one range may pass between two that are: cheaper than another range.
const GAP_MAX: i64 = 4;

pub(super) const STATEMENTS: &[Stmt] = &[
    MEMBERS_OF_SPANS,
    MEMBERS_AND_SHEETS,
    ACTS_OF_RUNS,
    SHEETS_OF_RUNS,
    WRITTEN_OF_RUNS,
    ANY_STATEMENT,
    STATEMENTS_OF_DAYS,
    ORIGINS,
    ORIGINS_COUNT,
];

/// A sheet as it stands in its row, its numbers and acts still packed; of what was not wanted nothing.
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

/// The units of some spans on their days, each in the order of the tree; a unit as often as it is in a span.
pub(in crate::lines::reporting) fn members_of_spans(
    rows: &mut impl Rows,
    spans: &[(Day, Span)],
) -> Result<Vec<Vec<Member>>, StoreError> {
    let mut found = Found::new(spans.len());
    for (chunk, spans) in spans.chunks(SPANS_MAX).enumerate() {
        let Ask { stmt, args } = members_ask(spans);
        rows.each(&stmt, &args, |row| found.take(chunk * SPANS_MAX, row).map(drop))?;
    }
    Ok(found.in_order())
}

/// The question of [`members_of_spans`] about a few spans, to be sent ahead.
pub(in crate::lines::reporting) fn members_ask(spans: &[(Day, Span)]) -> Ask {
    let [from, to, days] = lists(spans);
    Ask::new(MEMBERS_OF_SPANS, &[from, to, days])
}

/// As [`members_of_spans`] of a few spans, and hands each unit to `visit` with its own sheet, if it has one: the place of
/// its span in the list, itself, its sheet.
pub(in crate::lines::reporting) fn members_and_sheets(
    rows: &mut impl Rows,
    key: (i64, i64),
    spans: &[(Day, Span)],
    mut visit: impl FnMut(usize, &Member, Option<&SheetRead<'_>>) -> Result<(), StoreError>,
) -> Result<Vec<Vec<Member>>, StoreError> {
    let mut found = Found::new(spans.len());
    let Ask { stmt, args } = members_and_sheets_ask(key, spans);
    rows.each(&stmt, &args, |row| {
        let sheet = match row.opt_int(6)? {
            Some(_) => Some(SheetRead::of(row, 6)?),
            None => None,
        };
        let (at, member) = found.take(0, row)?;
        visit(at, member, sheet.as_ref())
    })?;
    Ok(found.in_order())
}

/// The question of [`members_and_sheets`], to be sent ahead.
pub(in crate::lines::reporting) fn members_and_sheets_ask(
    (operation, slot): (i64, i64),
    spans: &[(Day, Span)],
) -> Ask {
    let [from, to, days] = lists(spans);
    Ask::new(MEMBERS_AND_SHEETS, &[operation.into(), slot.into(), from, to, days])
}

/// Spans as lists: from, to, day.
fn lists(spans: &[(Day, Span)]) -> [Val<'static>; 3] {
    let from: Vec<String> = spans.iter().map(|(_, span)| span.from.clone()).collect();
    let to: Vec<String> = spans.iter().map(|(_, span)| span.to.clone()).collect();
    let days: Vec<i64> = spans.iter().map(|(day, _)| day.number().into()).collect();
    [from.into(), to.into(), days.into()]
}

/// Units of spans as they are read.
struct Found {
    members: Vec<Vec<Member>>,
    kinds: HashSet<Arc<str>>,
}

impl Found {
    fn new(spans: usize) -> Self {
        Self { members: vec![Vec::new(); spans], kinds: HashSet::new() }
    }
    /// Takes in a row: place of its span from `first` on, unit, bucket, kind, path, place.
    fn take(&mut self, first: usize, row: &Row<'_>) -> Result<(usize, &Member), StoreError> {
        let kind = match self.kinds.get(row.text(3)?) {
            Some(kind) => kind.clone(),
            None => {
                let kind: Arc<str> = row.text(3)?.into();
                self.kinds.insert(kind.clone());
                kind
            }
        };
        let (unit, bucket, path, place) = (row.int(1)?, row.int(2)?, row.text(4)?.into(), row.int(5)?);
        let lost = || corrupt("the place of a span");
        let at = first + usize::try_from(row.int(0)?).map_err(|_| lost())?;
        let members = self.members.get_mut(at).ok_or_else(lost)?;
        members.push(Member { unit, bucket, kind, path, place });
        Ok((at, &members[members.len() - 1]))
    }
    fn in_order(mut self) -> Vec<Vec<Member>> {
        self.members.iter_mut().for_each(|members| members.sort_unstable_by(|a, b| a.path.cmp(&b.path)));
        self.members
    }
}

/// What is wanted of sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lines::reporting) enum Want {
    /// What was done on them.
    Acts,
    /// That, and their numbers.
    Values,
    /// All of that, and when and by which entry they were written last.
    Written,
}

/// Which sheets of some units (in ascending order) on some days are asked for: of which operation, bucket and slot, and
/// what of them.
#[derive(Clone, Copy)]
pub(in crate::lines::reporting) struct OfDays<'a> {
    pub(in crate::lines::reporting) key: (i64, i64, i64),
    pub(in crate::lines::reporting) days: &'a [Day],
    pub(in crate::lines::reporting) units: &'a [i64],
    pub(in crate::lines::reporting) want: Want,
}

impl OfDays<'_> {
    /// Hands their own sheets to `visit`.
    pub(in crate::lines::reporting) fn each(
        self,
        rows: &mut impl Rows,
        mut visit: impl FnMut(Day, i64, SheetRead<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for Ask { stmt, args } in self.asks() {
            rows.each(&stmt, &args, |row| {
                let (day, mut cells) = (day(row, 0)?, Gathered::new(row.opt_bytes(1)?));
                while !cells.is_empty() {
                    let (unit, sheet) = (cells.int()?, self.sheet(&mut cells)?);
                    if self.units.binary_search(&unit).is_ok() {
                        visit(day, unit, sheet)?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The next sheet that was gathered.
    fn sheet<'c>(&self, cells: &mut Gathered<'c>) -> Result<SheetRead<'c>, StoreError> {
        let mut sheet = SheetRead { at_ms: 0, last: None, layout: 0, vals: &[], acts: cells.bytes()? };
        if self.want != Want::Acts {
            (sheet.layout, sheet.vals) = (cells.int()?, cells.bytes()?);
        }
        if self.want == Want::Written {
            sheet.at_ms = cells.int()?;
            let lane = i32::try_from(cells.int()?).map_err(|_| corrupt("the lane of a sheet"))?;
            sheet.last = link_of(lane, cells.int()?);
        }
        Ok(sheet)
    }

    /// The questions of it, to be sent ahead.
    pub(in crate::lines::reporting) fn asks(self) -> Vec<Ask> {
        let (operation, bucket, slot) = self.key;
        let stmt = match self.want {
            Want::Acts => ACTS_OF_RUNS,
            Want::Values => SHEETS_OF_RUNS,
            Want::Written => WRITTEN_OF_RUNS,
        };
        let runs = runs(self.units);
        let on = |day: &Day| {
            let day = i64::from(day.number());
            runs.iter().map(move |(from, to)| (day, (*from, *to)))
        };
        let pairs: Vec<(i64, (i64, i64))> = self.days.iter().flat_map(on).collect();
        let ask = |pairs: &[(i64, (i64, i64))]| {
            let (days, (from, to)): (Vec<i64>, (Vec<i64>, Vec<i64>)) = pairs.iter().copied().unzip();
            Ask::new(stmt, args![bucket, operation, slot, days, from, to])
        };
        pairs.chunks(RUNS_MAX).map(ask).collect()
    }
}

/// Units in ascending order as ranges, first and last of each.
fn runs(units: &[i64]) -> Vec<(i64, i64)> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for &unit in units {
        match runs.last_mut() {
            Some((from, last)) if unit - *last <= GAP_MAX + 1 && unit - *from < RUN_MAX => *last = unit,
            _ => runs.push((unit, unit)),
        }
    }
    runs
}

/// The first question of [`stated_sheets`], to be sent ahead.
pub(in crate::lines::reporting) fn stated_ask(rows: &impl Rows, query: &Query<'_>, days: &[Day]) -> Ask {
    let mut days: Vec<i64> = days.iter().map(|day| day.number().into()).collect();
    days.sort_unstable();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_made_one_after_another_are_one_range() {
        let check = |units: &[i64], expected: &[(i64, i64)]| assert_eq!(runs(units), expected, "{units:?}");
        check(&[], &[]);
        check(&[7], &[(7, 7)]);
        check(&[1, 2, 3, 9, 10], &[(1, 3), (9, 10)]);
        check(&[1, 1 + GAP_MAX + 1], &[(1, 2 + GAP_MAX)]);
        check(&[1, 1 + GAP_MAX + 2], &[(1, 1), (3 + GAP_MAX, 3 + GAP_MAX)]);
        check(&[-3, -2, 40], &[(-3, -2), (40, 40)]);
        let many: Vec<i64> = (1..=RUN_MAX + 1).collect();
        check(&many, &[(1, RUN_MAX), (RUN_MAX + 1, RUN_MAX + 1)]);
    }
}
