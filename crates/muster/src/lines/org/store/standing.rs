//! The projection as it is read: how units stand, on every day, for every line.

use super::LIST_MAX;
use super::cells::{day, unpacked};
use crate::lines::org::model::Standing;
use muster_kernel::Day;
use muster_store::{Ask, Result, Row, Rows, Stmt, Val, args};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

macro_rules! standing {
    ($rest:literal) => {
        concat!(
            "select st.unit, u.code, st.bucket, st.since, st.until, st.parent, st.path, st.chain, st.kind, st.place, ",
            "st.classes from standing st join unit u on u.id = st.unit ",
            $rest
        )
    };
}

// Below the macro, which it uses too.
pub(in crate::lines::org) mod node;

const BY_CODE: Stmt = Stmt::new(
    "org.standings_by_code",
    standing!("where u.code {in:$1} and st.since <= $2 and st.until > $2 order by u.code"),
);
const ON_DAY: Stmt = Stmt::new(
    "org.standings_on",
    standing!("where st.unit {in:$1} and st.since <= $2 and st.until > $2 order by st.path"),
);
const FROM_DAY: Stmt = Stmt::new(
    "org.standings_from",
    standing!("where st.unit {in:$1} and st.until > $2 order by st.unit, st.since"),
);
const DURING: Stmt = Stmt::new(
    "org.standings_during",
    standing!("where st.unit {in:$1} and st.since < $2 and st.until > $3 order by st.unit, st.since"),
);
const CHILDREN: Stmt = Stmt::new(
    "org.children",
    standing!(
        "where st.parent = $1 and st.since <= $2 and st.until > $2 and st.path > $3 order by st.path limit $4"
    ),
);
const SUBTREE: Stmt = Stmt::new(
    "org.subtree",
    standing!(
        "where st.path >= $1 and st.path < $2 and st.since <= $3 and st.until > $3 order by st.path limit $4"
    ),
);
const SUBTREE_COUNT: Stmt = Stmt::new(
    "org.subtree_count",
    "select count(*) from standing where path >= $1 and path < $2 and since <= $3 and until > $3",
);
const SUBTREE_KINDS: Stmt = Stmt::new(
    "org.subtree_kinds",
    "select kind, count(*) from standing where path >= $1 and path < $2 and since <= $3 and until > $3
     group by kind order by kind limit 1000",
);
const SEARCH: Stmt = Stmt::new(
    "org.subtree_search",
    standing!(
        "join unit_facts f on f.unit = st.unit and f.since <= $1 and f.until > $1
         where st.path >= $2 and st.path < $3 and st.since <= $1 and st.until > $1
             and (lower(u.code) = lower($4) or lower(f.name_zh_hans) like lower($5) escape '!'
                 or lower(f.name_zh_hant) like lower($5) escape '!' or lower(f.name_en) like lower($5) escape '!')
             and ($6 = '' or st.kind = $6)
         order by st.path limit $7"
    ),
);
const PARENTS_AMONG: Stmt = Stmt::new(
    "org.parents_among",
    "select distinct parent from standing where parent {in:$1} and since <= $2 and until > $2",
);
const AFTER_UNIT: Stmt = Stmt::new(
    "org.standings_after_unit",
    standing!("where st.unit > $1 order by st.unit, st.since limit $2"),
);
pub(super) const STATEMENTS: &[Stmt] = &[
    BY_CODE,
    ON_DAY,
    FROM_DAY,
    DURING,
    CHILDREN,
    SUBTREE,
    SUBTREE_COUNT,
    SUBTREE_KINDS,
    SEARCH,
    PARENTS_AMONG,
    AFTER_UNIT,
];

/// How the units of some codes stand on a day, by code. Unknown ones, and those not open that day, are left out.
pub fn standings_by_code(rows: &mut impl Rows, codes: &[&str], on: Day) -> Result<Vec<Standing>> {
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    let mut read = Reader::default();
    for chunk in codes.chunks(LIST_MAX) {
        read.all(rows, &BY_CODE, args![chunk, on.number()])?;
    }
    Ok(read.found)
}

/// How the unit of a code stands on a day.
pub fn unit_by_code(rows: &mut impl Rows, code: &str, on: Day) -> Result<Option<Standing>> {
    Ok(standings_by_code(rows, &[code], on)?.pop())
}

/// How units stand on a day, in the order of the tree; those not open that day are left out.
pub fn standings_on(rows: &mut impl Rows, units: &[i64], on: Day) -> Result<Vec<Standing>> {
    let mut read = Reader::default();
    for chunk in units.chunks(LIST_MAX) {
        read.all(rows, &ON_DAY, args![chunk, on.number()])?;
    }
    Ok(read.found)
}

/// The question of [`standings_on`] about a few units, to be sent ahead.
pub fn standings_ask(units: &[i64], on: Day) -> Ask {
    Ask::new(ON_DAY, args![units.to_vec(), on.number()])
}

/// How a unit stands on a day.
pub fn standing_on(rows: &mut impl Rows, unit: i64, on: Day) -> Result<Option<Standing>> {
    Ok(standings_on(rows, &[unit], on)?.pop())
}

/// How units stand from a day on, by unit and day; what began earlier begins with that day.
pub(in crate::lines::org) fn standings_from(
    rows: &mut impl Rows,
    units: &[i64],
    from: Day,
) -> Result<Vec<Standing>> {
    let mut read = Reader::default();
    for chunk in units.chunks(LIST_MAX) {
        read.all(rows, &FROM_DAY, args![chunk, from.number()])?;
    }
    for standing in &mut read.found {
        standing.since = standing.since.max(from);
    }
    Ok(read.found)
}

/// How units stand on the days from `since` to `until` (excluded), by unit and day. A unit that stood in several ways
/// has several rows.
pub fn standings_during(
    rows: &mut impl Rows,
    units: &[i64],
    since: Day,
    until: Day,
) -> Result<Vec<Standing>> {
    let mut read = Reader::default();
    for chunk in units.chunks(LIST_MAX) {
        read.all(rows, &DURING, args![chunk, until.number(), since.number()])?;
    }
    Ok(read.found)
}

/// The units right below one on a day (0: at the top), in the order of the tree; at most 10,000.
pub fn children(rows: &mut impl Rows, unit: i64, on: Day) -> Result<Vec<Standing>> {
    children_after(rows, unit, on, "", 10_000)
}

/// A page of the units right below one, after a path.
pub fn children_after(
    rows: &mut impl Rows,
    unit: i64,
    on: Day,
    after: &str,
    limit: u32,
) -> Result<Vec<Standing>> {
    Reader::one(rows, &CHILDREN, args![unit, on.number(), after, limit])
}

/// A page of a unit and all below it on a day, in the order of the tree, after a path (empty: from the unit itself).
pub fn subtree_page(
    rows: &mut impl Rows,
    top: &Standing,
    on: Day,
    after: &str,
    limit: u32,
) -> Result<Vec<Standing>> {
    let (from, end) = top.span();
    // What lies below a path goes on with digits and letters, all of them after `!`.
    let begin = if after < from { from.to_owned() } else { format!("{after}!") };
    Reader::one(rows, &SUBTREE, args![begin, &end, on.number(), limit])
}

/// A page of the units below one on a day one of whose names holds some words or whose code they are, and of a kind.
/// Capitals are as small letters; the database makes both sides small, since it and this program know different ones.
pub(in crate::lines::org) fn subtree_search(
    rows: &mut impl Rows,
    top: &Standing,
    on: Day,
    words: &str,
    kind: &str,
    after: &str,
    limit: u32,
) -> Result<Vec<Standing>> {
    let (from, end) = top.span();
    let begin = if after < from { from.to_owned() } else { format!("{after}!") };
    let mut pattern = String::with_capacity(words.len() + 2);
    pattern.push('%');
    for c in words.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    Reader::one(rows, &SEARCH, args![on.number(), begin, &end, words, pattern, kind, limit])
}

/// Those of some units that have a unit right below them on a day.
pub(in crate::lines::org) fn parents_among(
    rows: &mut impl Rows,
    units: &[i64],
    on: Day,
) -> Result<HashSet<i64>> {
    Ok(rows.all(&PARENTS_AMONG, args![units, on.number()], |row| row.int(0))?.into_iter().collect())
}

/// How many units stand below a unit on a day, itself included.
pub fn subtree_count(rows: &mut impl Rows, top: &Standing, on: Day) -> Result<i64> {
    let (from, end) = top.span();
    rows.one(&SUBTREE_COUNT, args![from, &end, on.number()], |row| row.int(0))
}

/// How many units of each kind stand below a unit on a day, itself included.
pub fn subtree_kinds(rows: &mut impl Rows, top: &Standing, on: Day) -> Result<Vec<(String, i64)>> {
    let (from, end) = top.span();
    rows.all(&SUBTREE_KINDS, args![from, &end, on.number()], |row| Ok((row.string(0)?, row.int(1)?)))
}

/// Hands over every row of the projection, by unit and day. Read page by page: the rows of a unit on a page's end are
/// read whole on the next.
pub fn standings_all(rows: &mut impl Rows, mut f: impl FnMut(Standing) -> Result<()>) -> Result<()> {
    const PAGE: usize = 5_000;
    let mut after = i64::MIN;
    loop {
        let mut page = Reader::one(rows, &AFTER_UNIT, args![after, PAGE as i64])?;
        let full = page.len() == PAGE;
        if let (true, Some(last)) = (full, page.last().map(|last| last.unit)) {
            page.retain(|standing| standing.unit != last);
        }
        let Some(last) = page.last().map(|last| last.unit) else { return Ok(()) };
        page.into_iter().try_for_each(&mut f)?;
        if !full {
            return Ok(());
        }
        after = last;
    }
}

/// Reads standings; kinds and class lists, of which there are few, are shared.
#[derive(Default)]
pub(super) struct Reader {
    found: Vec<Standing>,
    kinds: HashMap<String, Arc<str>>,
    classes: HashMap<Vec<u8>, Arc<[i64]>>,
}

impl Reader {
    fn one(rows: &mut impl Rows, stmt: &Stmt, args: &[Val<'_>]) -> Result<Vec<Standing>> {
        let mut read = Self::default();
        read.all(rows, stmt, args)?;
        Ok(read.found)
    }
    fn all(&mut self, rows: &mut impl Rows, stmt: &Stmt, args: &[Val<'_>]) -> Result<()> {
        rows.each(stmt, args, |row| {
            let standing = self.standing(row)?;
            self.found.push(standing);
            Ok(())
        })
    }
    pub(super) fn standing(&mut self, row: &Row<'_>) -> Result<Standing> {
        let kind = row.text(8)?;
        let kind = match self.kinds.get(kind) {
            Some(kind) => kind.clone(),
            None => self.kinds.entry(kind.to_owned()).or_insert(kind.into()).clone(),
        };
        let classes = row.bytes(10)?;
        let classes = match self.classes.get(classes) {
            Some(classes) => classes.clone(),
            None => {
                let ids: Arc<[i64]> = unpacked(classes)?.into();
                self.classes.entry(classes.to_owned()).or_insert(ids).clone()
            }
        };
        Ok(Standing {
            unit: row.int(0)?,
            code: row.text(1)?.into(),
            bucket: row.int(2)?,
            since: day(row, 3)?,
            until: day(row, 4)?,
            parent: row.int(5)?,
            path: row.string(6)?,
            chain: unpacked(row.bytes(7)?)?.into(),
            kind,
            place: row.int(9)?,
            classes,
        })
    }
}
