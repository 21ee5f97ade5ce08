//! Nouns of the tree. Pure.

use super::path::path_end;
use super::place::Place;
use crate::lines::operation::Names;
use muster_kernel::Day;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Kinds that the product has a word for; any other code of the same form is taken too.
pub const KINDS: &[&str] = &[
    "regulator",
    "department",
    "group",
    "firm",
    "site",
    "unit",
    "place-nation",
    "place-province",
    "place-city",
    "place-area",
    "place-street",
    "place-unattributed",
];

/// What a unit is like from one day to another. The tree (its parent) is a fact of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Facts {
    /// Its names.
    pub names: Names,
    /// What it is: `group`, `site`, or a code of one's own.
    pub kind: String,
    /// Where it lies; a unit may have no place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// IANA time zone; empty where it is the operation's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time_zone: String,
    /// Codes of its classes, sorted, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
}

/// Facts with the days on which they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedFacts {
    /// First day.
    pub since: Day,
    /// First day on which they no longer hold.
    pub until: Day,
    /// The facts.
    pub facts: Facts,
}

/// One stretch of days below one parent. A unit is open on the days on which it has such an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    /// The unit.
    pub unit: i64,
    /// First day.
    pub since: Day,
    /// First day on which it no longer holds.
    pub until: Day,
    /// The unit above; 0 at the top.
    pub parent: i64,
    /// Its number among all that were ever below that parent.
    pub ordinal: i64,
}

/// How a unit stands in the tree from one day to another: a row of the projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Surrogate of the unit.
    pub unit: i64,
    /// Its code.
    pub code: Arc<str>,
    /// Where its rows live in a distributed database; drawn at its birth.
    pub bucket: i64,
    /// First day.
    pub since: Day,
    /// First day on which it no longer stands so.
    pub until: Day,
    /// The unit above; 0 at the top.
    pub parent: i64,
    /// Its place in the order of the tree; see `path`.
    pub path: String,
    /// Units from the top down to this one.
    pub chain: Arc<[i64]>,
    /// Its kind.
    pub kind: Arc<str>,
    /// Number of its place; 0 when it has none.
    pub place: i64,
    /// Ids of its classes, ascending.
    pub classes: Arc<[i64]>,
}

impl Standing {
    /// Every node that its figures add up to: the units above and itself, the places it lies in, its classes.
    pub fn nodes(&self) -> impl Iterator<Item = i64> + use<'_> {
        let place = Some(self.place).filter(|place| *place != 0).map(Place::from_number);
        let places = place.into_iter().flat_map(Place::within).map(|place| Node::Place(place).id());
        self.chain
            .iter()
            .copied()
            .chain(places)
            .chain(self.classes.iter().map(|class| Node::Class(*class).id()))
    }
    /// Paths of itself and all below: from (included) to (excluded).
    pub fn span(&self) -> (&str, String) {
        (&self.path, path_end(&self.path))
    }
}

/// A place where figures are added up: a unit, a place, a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// A unit and all below it.
    Unit(i64),
    /// All units in a place.
    Place(Place),
    /// All units of a class, by its id.
    Class(i64),
}

const PLACE_AXIS: i64 = 1 << 60;
const CLASS_AXIS: i64 = 2 << 60;

impl Node {
    /// One number for all three axes: a unit's surrogate as it is, places from 2^60, classes from 2^61.
    pub fn id(self) -> i64 {
        match self {
            Self::Unit(unit) => unit,
            Self::Place(place) => PLACE_AXIS | place.number(),
            Self::Class(class) => CLASS_AXIS | class,
        }
    }
    /// The node of a number.
    pub fn from_id(id: i64) -> Self {
        match id {
            id if id & CLASS_AXIS != 0 => Self::Class(id & !CLASS_AXIS),
            id if id & PLACE_AXIS != 0 => Self::Place(Place::from_number(id & !PLACE_AXIS)),
            id => Self::Unit(id),
        }
    }
}

/// What a change of the tree did to the projection. Rows in `gone` no longer hold for their days, rows in `came` do
/// now; who keeps counts by node subtracts the one and adds the other, in the same transaction.
#[derive(Clone, Debug, Default)]
pub struct TreeChange {
    /// Rows, or the later parts of rows, that no longer hold.
    pub gone: Vec<Standing>,
    /// Rows that hold now.
    pub came: Vec<Standing>,
}

/// Why one unit came after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuccessionKind {
    /// Several became one.
    Merge,
    /// One became several.
    Split,
}

impl SuccessionKind {
    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
        }
    }
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "merge" => Some(Self::Merge),
            "split" => Some(Self::Split),
            _ => None,
        }
    }
}

/// One unit came after another. The past stays where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The unit that ended.
    pub from: i64,
    /// The unit that goes on.
    pub to: i64,
    /// The first day after.
    pub day: Day,
    /// Why.
    pub kind: SuccessionKind,
}

/// A role at a unit. Who holds it is a reference, never a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Surrogate.
    pub id: i64,
    /// The unit.
    pub unit: i64,
    /// Code, unique at the unit.
    pub code: String,
    /// Its names.
    pub names: Names,
    /// Reference of who holds it, such as `account:ID`; empty when nobody does.
    pub holder: String,
    /// From when to when that is so; none when nobody holds it.
    pub held: Option<(Day, Day)>,
    /// Whether it has a duty telephone. The number itself is asked for apart.
    pub on_duty: bool,
}

/// A body beside the tree: a provincial command, a hospital, a charity, a supplier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Party {
    /// Surrogate.
    #[serde(skip)]
    pub id: i64,
    /// Code, unique among outside parties.
    pub code: String,
    /// Its names.
    pub names: Names,
    /// What it is: `command`, `hospital`, `charity`, `supplier`, `press`, or a code of one's own.
    pub kind: String,
    /// Where it lies.
    pub place: Option<Place>,
    /// First day on which it is there, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened: Option<Day>,
    /// First day on which it is there no more, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Day>,
    /// How often it was changed.
    #[serde(skip_serializing_if = "never")]
    pub rev: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn never(rev: &i64) -> bool {
    *rev == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_three_axes_do_not_meet() {
        let place: Place = "340102001".parse().unwrap();
        for node in [Node::Unit(1), Node::Unit(i64::from(i32::MAX)), Node::Place(place), Node::Class(7)] {
            assert_eq!(Node::from_id(node.id()), node);
        }
        let standing = Standing {
            unit: 3,
            code: "S".into(),
            bucket: 1,
            since: Day::from_number(0),
            until: Day::OPEN_END,
            parent: 1,
            path: "1011".into(),
            chain: [1, 3].into(),
            kind: "site".into(),
            place: place.number(),
            classes: Arc::from([5]),
        };
        let nodes: Vec<_> = standing.nodes().map(Node::from_id).collect();
        let place = |text: &str| Node::Place(text.parse().unwrap());
        let places = [place("34"), place("3401"), place("340102"), place("340102001")];
        assert_eq!(nodes, [&[Node::Unit(1), Node::Unit(3)][..], &places, &[Node::Class(5)]].concat());
    }
}
