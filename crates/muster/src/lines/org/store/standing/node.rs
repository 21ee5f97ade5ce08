//! The projection by node: a unit with all below it, a place, a class.

use super::{Reader, standing_on, standings_from, subtree_count};
use crate::lines::org::model::{Node, Standing};
use crate::lines::org::path::path_end;
use crate::lines::org::place::Place;
use muster_kernel::Day;
use muster_store::{Result, Rows, Stmt, args};

const SUBTREE_DURING: Stmt = Stmt::new(
    "org.subtree_during",
    standing!("where st.path >= $1 and st.path < $2 and st.since < $3 and st.until > $4"),
);
const SUBTREE_COUNT_EVER: Stmt = Stmt::new(
    "org.subtree_count_ever",
    "select count(*) from (select 1 from standing where path >= $1 and path < $2 limit $3) as found",
);
const IN_PLACE: Stmt = Stmt::new(
    "org.in_place",
    standing!(
        "where (st.place, st.unit) > ($1, $2) and st.place < $3 and st.place <> 0 and st.since <= $4 and st.until > $4
         order by st.place, st.unit limit $5"
    ),
);
const IN_PLACE_DURING: Stmt = Stmt::new(
    "org.in_place_during",
    standing!("where st.place >= $1 and st.place < $2 and st.place <> 0 and st.since < $3 and st.until > $4"),
);
const PLACE_FROM: Stmt = Stmt::new(
    "org.place_from",
    "select place from standing
     where place >= $1 and place < $2 and place <> 0 and since <= $3 and until > $4 order by place limit 1",
);
const IN_PLACE_COUNT: Stmt = Stmt::new(
    "org.in_place_count",
    "select count(*) from standing
     where place >= $1 and place < $2 and place <> 0 and since <= $3 and until > $3",
);
const IN_PLACE_COUNT_EVER: Stmt = Stmt::new(
    "org.in_place_count_ever",
    "select count(*) from
         (select 1 from standing where place >= $1 and place < $2 and place <> 0 limit $3) as found",
);
// The page of members first, its standings after: left to itself, PostgreSQL may sort the whole class.
const IN_CLASS: Stmt = Stmt::new(
    "org.in_class",
    "select st.unit, u.code, st.bucket, st.since, st.until, st.parent, st.path, st.chain, st.kind, st.place, st.classes
     from (select unit from standing_class where class = $1 and unit > $2 and since <= $3 and until > $3
           order by unit limit $4) c
     join standing st on st.unit = c.unit and st.since <= $3 and st.until > $3
     join unit u on u.id = st.unit
     order by st.unit",
);
const IN_CLASS_DURING: Stmt = Stmt::new(
    "org.in_class_during",
    standing!(
        "join standing_class c on c.unit = st.unit and c.since < st.until and c.until > st.since
         where c.class = $1 and st.since < $2 and st.until > $3"
    ),
);
const IN_CLASS_COUNT: Stmt = Stmt::new(
    "org.in_class_count",
    "select count(*) from standing_class where class = $1 and since <= $2 and until > $2",
);
// From the place to the paths: left to itself, SQLite may go through all that is below a unit.
const PLACE_STOOD: Stmt = Stmt::new(
    "org.place_stood",
    "select 1 from standing
     where place >= $1 and place < $2 and place <> 0 and path || '' >= $3 and path || '' < $4 limit 1",
);
const IN_CLASS_COUNT_EVER: Stmt = Stmt::new(
    "org.in_class_count_ever",
    "select count(*) from (select 1 from standing_class where class = $1 limit $2) as found",
);

pub(in crate::lines::org::store) const STATEMENTS: &[Stmt] = &[
    SUBTREE_DURING,
    SUBTREE_COUNT_EVER,
    IN_PLACE,
    IN_PLACE_DURING,
    PLACE_FROM,
    IN_PLACE_COUNT,
    IN_PLACE_COUNT_EVER,
    PLACE_STOOD,
    IN_CLASS,
    IN_CLASS_DURING,
    IN_CLASS_COUNT,
    IN_CLASS_COUNT_EVER,
];

/// How many units are in a node on a day.
pub fn node_count_on(rows: &mut impl Rows, node: Node, on: Day) -> Result<i64> {
    match node {
        Node::Unit(unit) => match standing_on(rows, unit, on)? {
            Some(top) => subtree_count(rows, &top, on),
            None => Ok(0),
        },
        Node::Place(place) => {
            let (from, to) = place.range();
            rows.one(&IN_PLACE_COUNT, args![from, to, on.number()], |row| row.int(0))
        }
        Node::Class(class) => rows.one(&IN_CLASS_COUNT, args![class, on.number()], |row| row.int(0)),
    }
}

/// How many units are or were in a node on any day, counted no further than a limit. For rules that ask for size.
pub fn node_count(rows: &mut impl Rows, node: i64, limit: usize) -> Result<usize> {
    let most = limit as i64;
    let count = match Node::from_id(node) {
        Node::Unit(unit) => {
            let mut paths: Vec<String> = standings_from(rows, &[unit], Day::from_number(i32::MIN))?
                .into_iter()
                .map(|s| s.path)
                .collect();
            paths.dedup();
            let mut count = 0;
            for path in paths {
                let end = path_end(&path);
                count += rows.one(&SUBTREE_COUNT_EVER, args![&path, &end, most], |row| row.int(0))?;
            }
            count.min(most)
        }
        Node::Place(place) => {
            let (from, to) = place.range();
            rows.one(&IN_PLACE_COUNT_EVER, args![from, to, most], |row| row.int(0))?
        }
        Node::Class(class) => rows.one(&IN_CLASS_COUNT_EVER, args![class, most], |row| row.int(0))?,
    };
    Ok(count as usize)
}

/// Whether a unit, or one of those below it, stands in a place on any day, or ever stood in it.
pub fn place_stood(rows: &mut impl Rows, place: Place, top: &Standing) -> Result<bool> {
    let ((from, to), (path, end)) = (place.range(), top.span());
    Ok(rows.opt(&PLACE_STOOD, args![from, to, path, &end], |row| row.int(0))?.is_some())
}

/// The places right in one (right at the top: the provinces) in which units stand on one of two days, by their codes, at
/// most `most`. From one place to the next along an index: no unit of a place that is known already is read.
pub fn places_in(
    rows: &mut impl Rows,
    place: Option<Place>,
    days: (Day, Day),
    most: usize,
) -> Result<Vec<Place>> {
    let (mut from, to) = place.map_or((0, i64::MAX), Place::range);
    let mut places = Vec::new();
    while places.len() < most {
        let args = args![from, to, days.1.number(), days.0.number()];
        let Some(found) = rows.opt(&PLACE_FROM, args, |row| row.int(0))? else { break };
        let found = Place::from_number(found);
        let inner = place.map_or_else(|| found.province(), |place| place.towards(found));
        if Some(inner) == place {
            // Units that lie in the place itself, in nothing that is right in it.
            from = found.number() + 1;
        } else {
            from = inner.range().1;
            places.push(inner);
        }
    }
    Ok(places)
}

/// A page of the units in a place on a day, by place and surrogate, after one such pair.
pub fn place_page(
    rows: &mut impl Rows,
    place: Place,
    on: Day,
    after: (i64, i64),
    limit: u32,
) -> Result<Vec<Standing>> {
    let (from, to) = place.range();
    let after = after.max((from, i64::MIN));
    Reader::one(rows, &IN_PLACE, args![after.0, after.1, to, on.number(), limit])
}

/// A page of the units of a class on a day, by surrogate, after one.
pub fn class_page(
    rows: &mut impl Rows,
    class: i64,
    on: Day,
    after: i64,
    limit: u32,
) -> Result<Vec<Standing>> {
    Reader::one(rows, &IN_CLASS, args![class, after, on.number(), limit])
}

/// Hands over every row of the projection of the units in a node that touches the days from `since` to `until`
/// (excluded). A unit that stood in several ways has several rows.
pub fn node_standings_each(
    rows: &mut impl Rows,
    node: i64,
    since: Day,
    until: Day,
    mut f: impl FnMut(Standing) -> Result<()>,
) -> Result<()> {
    let mut read = Reader::default();
    let days = [until.number(), since.number()];
    match Node::from_id(node) {
        Node::Unit(unit) => {
            let mut tops = standings_from(rows, &[unit], since)?;
            tops.dedup_by(|next, top| next.path == top.path);
            for top in tops.iter().filter(|top| top.since < until) {
                let (from, end) = top.span();
                rows.each(
                    &SUBTREE_DURING,
                    args![from, &end, days[0], days[1]],
                    |row| f(read.standing(row)?),
                )?;
            }
            Ok(())
        }
        Node::Place(place) => {
            let (from, to) = place.range();
            rows.each(&IN_PLACE_DURING, args![from, to, days[0], days[1]], |row| f(read.standing(row)?))
        }
        Node::Class(class) => {
            rows.each(&IN_CLASS_DURING, args![class, days[0], days[1]], |row| f(read.standing(row)?))
        }
    }
}

/// As [`node_standings_each`], of a unit and all below it.
pub fn standings_each(
    rows: &mut impl Rows,
    unit: i64,
    since: Day,
    until: Day,
    f: impl FnMut(Standing) -> Result<()>,
) -> Result<()> {
    node_standings_each(rows, unit, since, until, f)
}
