//! Units of a range of the tree on a day, with what was done on their own sheets: to find those with whom nothing was.
//!
//! `standing` and `standing_class` are the tree's published projections; see [`super::below`].

use super::sheets::{acts_of, link_of};
use crate::lines::reporting::model::Act;
use crate::lines::reporting::query::Query;
use crate::lines::reporting::span::Span;
use muster_kernel::Day;
use muster_store::{Link, Row, Rows, Stmt, StoreError, args};

/// What is read of each, and its own sheet of the day. `$1` day, `$2` operation, `$3` slot; left out are those whose
/// acts lie from `$5` to `$4`. Said with `coalesce`, so that PostgreSQL does not think from what most sheets hold that
/// next to none is wanted, and joins all of them before it sorts.
macro_rules! silent {
    ($from:literal, $rest:literal) => {
        concat!(
            "select st.unit, st.kind, st.path, st.place, s.at, s.last_lane, s.last_no, s.acts from ",
            $from,
            " left join sheet s on s.bucket = st.bucket and s.day = $1 and s.operation = $2 and s.slot = $3
                  and s.unit = st.unit and s.scope = 0
              where (coalesce(s.acts, $4) >= $4 or s.acts < $5) and st.since <= $1 and st.until > $1 ",
            $rest
        )
    };
}
/// The same, with nobody left out: the units first, so that only their sheets are looked at.
macro_rules! all {
    ($from:literal, $rest:literal, $order:literal) => {
        concat!(
            "select st.unit, st.kind, st.path, st.place, s.at, s.last_lane, s.last_no, s.acts
             from (select st.unit, st.kind, st.path, st.place, st.bucket from ",
            $from,
            " where st.since <= $1 and st.until > $1 ",
            $rest,
            ") st left join sheet s on s.bucket = st.bucket and s.day = $1 and s.operation = $2 and s.slot = $3
                  and s.unit = st.unit and s.scope = 0 ",
            $order
        )
    };
}

const SILENT_IN_PATHS: Stmt = Stmt::new(
    "reporting.silent_in_paths",
    silent!("standing st", "and st.path >= $6 and st.path < $7 order by st.path limit $8"),
);
const SILENT_IN_PLACES: Stmt = Stmt::new(
    "reporting.silent_in_places",
    silent!(
        "standing st",
        "and (st.place, st.unit) > ($6, $7) and st.place < $8 and st.place <> 0 order by st.place, st.unit limit $9"
    ),
);
const SILENT_IN_CLASS: Stmt = Stmt::new(
    "reporting.silent_in_class",
    silent!(
        "standing_class c join standing st on st.unit = c.unit",
        "and c.class = $6 and c.unit > $7 and c.since <= $1 and c.until > $1 order by c.unit limit $8"
    ),
);
const ALL_IN_PATHS: Stmt = Stmt::new(
    "reporting.all_in_paths",
    all!("standing st", "and st.path >= $4 and st.path < $5 order by st.path limit $6", "order by st.path"),
);
const ALL_IN_PLACES: Stmt = Stmt::new(
    "reporting.all_in_places",
    all!(
        "standing st",
        "and (st.place, st.unit) > ($4, $5) and st.place < $6 and st.place <> 0 order by st.place, st.unit limit $7",
        "order by st.place, st.unit"
    ),
);
const ALL_IN_CLASS: Stmt = Stmt::new(
    "reporting.all_in_class",
    all!(
        "standing_class c join standing st on st.unit = c.unit",
        "and c.class = $4 and c.unit > $5 and c.since <= $1 and c.until > $1 order by c.unit limit $6",
        "order by st.unit"
    ),
);
const CHILDREN_FROM: Stmt = Stmt::new(
    "reporting.children_from",
    "select st.unit, st.path from standing st
     where st.parent = $1 and st.since <= $2 and st.until > $2 and st.path >= $3 order by st.path limit $4",
);

pub(super) const STATEMENTS: &[Stmt] = &[
    SILENT_IN_PATHS,
    SILENT_IN_PLACES,
    SILENT_IN_CLASS,
    ALL_IN_PATHS,
    ALL_IN_PLACES,
    ALL_IN_CLASS,
    CHILDREN_FROM,
];

/// A unit that was passed, with what was done on its own sheet.
pub(in crate::lines::reporting) struct Passed {
    pub(in crate::lines::reporting) unit: i64,
    pub(in crate::lines::reporting) kind: String,
    pub(in crate::lines::reporting) path: String,
    pub(in crate::lines::reporting) place: i64,
    pub(in crate::lines::reporting) at_ms: i64,
    pub(in crate::lines::reporting) last: Option<Link>,
    pub(in crate::lines::reporting) acts: Vec<Act>,
}

/// Part of a tree that is read in order.
#[derive(Clone, Debug)]
pub(in crate::lines::reporting) enum Range {
    /// By path.
    Paths(Span),
    /// Places up to one (excluded), by place and unit, after such a pair.
    Places { after: (i64, i64), to: i64 },
    /// A class, by unit, after one.
    Class { class: i64, after: i64 },
}

impl Range {
    /// Leaves out what lies up to a path.
    pub(in crate::lines::reporting) fn go_after(&mut self, path: &str) {
        if let Self::Paths(span) = self
            && span.from.as_str() <= path
        {
            span.from = Span::only(path).to;
        }
    }
    /// Leaves out what lies up to a unit that was read.
    pub(in crate::lines::reporting) fn go_on(&mut self, passed: &Passed) {
        match self {
            Self::Paths(_) => self.go_after(&passed.path),
            Self::Places { after, .. } => *after = (passed.place, passed.unit),
            Self::Class { after, .. } => *after = passed.unit,
        }
    }
    pub(in crate::lines::reporting) fn is_empty(&self) -> bool {
        matches!(self, Self::Paths(span) if span.from >= span.to)
    }
}

/// The next units of a range, at most `limit`; but those whose acts begin with some bytes, unless these are none.
pub(in crate::lines::reporting) fn passed(
    rows: &mut impl Rows,
    query: &Query<'_>,
    range: &Range,
    but: &[u8],
    limit: usize,
) -> Result<Vec<Passed>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut args = args![query.day.number(), query.operation, query.slot()].to_vec();
    if let Some((last, rest)) = but.split_last() {
        // All bytes that begin so lie in one range.
        let end = [rest, &[last.saturating_add(1)]].concat();
        args.extend([end.into(), but.to_vec().into()]);
    }
    let (silent, all) = match range {
        Range::Paths(span) => {
            args.extend([span.from.clone().into(), span.to.clone().into()]);
            (&SILENT_IN_PATHS, &ALL_IN_PATHS)
        }
        Range::Places { after, to } => {
            args.extend([after.0.into(), after.1.into(), (*to).into()]);
            (&SILENT_IN_PLACES, &ALL_IN_PLACES)
        }
        Range::Class { class, after } => {
            args.extend([(*class).into(), (*after).into()]);
            (&SILENT_IN_CLASS, &ALL_IN_CLASS)
        }
    };
    args.push(limit.into());
    rows.all(if but.is_empty() { all } else { silent }, &args, one)
}

fn one(row: &Row<'_>) -> Result<Passed, StoreError> {
    let last = match row.opt_int(6)? {
        Some(no) => link_of(row.int32(5)?, no),
        None => None,
    };
    Ok(Passed {
        unit: row.int(0)?,
        kind: row.string(1)?,
        path: row.string(2)?,
        place: row.int(3)?,
        at_ms: row.opt_int(4)?.unwrap_or(0),
        last,
        acts: row.opt_bytes(7)?.map_or_else(|| Ok(Vec::new()), acts_of)?,
    })
}

/// A unit right below another.
pub(in crate::lines::reporting) struct Child {
    pub(in crate::lines::reporting) unit: i64,
    pub(in crate::lines::reporting) path: String,
}

/// The units right below one on a day, in the order of the tree, from a path on.
pub(in crate::lines::reporting) fn children_from(
    rows: &mut impl Rows,
    unit: i64,
    on: Day,
    path: &str,
    limit: usize,
) -> Result<Vec<Child>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rows.all(&CHILDREN_FROM, args![unit, on.number(), path, limit], |row| {
        Ok(Child { unit: row.int(0)?, path: row.string(1)? })
    })
}
