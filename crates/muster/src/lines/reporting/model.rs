//! Nouns of reporting: element, form, assignment, sheet, act. Pure.

use super::rules::Rule;
use crate::lines::operation::Names;
use litemap::LiteMap;
use muster_kernel::Day;
use muster_kernel::day::NotADay;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an element says: something that happened, something that is, or words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Happened in the period; a zero report says that there was none.
    Event,
    /// Is so at the as-of instant; a zero report says nothing of it.
    State,
    /// Words; stored and searchable, never added.
    Text,
}

/// How values of one day add up over units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverUnits {
    /// They are added.
    Sum,
    /// They are not added: each stands for itself.
    None,
}

/// How values of one unit add up over days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverTime {
    /// They are added.
    Sum,
    /// The last one stands.
    Last,
    /// The largest one stands.
    Max,
    /// They are not put together.
    None,
}

/// What may be entered for an element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ValueType {
    /// A whole number.
    Integer,
    /// A decimal number with so many places; stored as a whole number of the last place.
    Decimal {
        /// Decimal places, 1 to 6.
        scale: u8,
    },
    /// One of a list of codes; stored as the position in the list. The list only grows.
    Choice {
        /// The codes.
        codes: Vec<String>,
    },
    /// Words, at most [`TEXT_CHARS_MAX`] characters.
    Text,
    /// Not entered but computed: always numerator and denominator, never a number of its own.
    Rate {
        /// Code of the element above the line.
        numerator: String,
        /// Code of the element below the line.
        denominator: String,
    },
}

/// Longest text value, in characters.
pub const TEXT_CHARS_MAX: usize = 4000;
/// Largest number that is taken, either sign, in units of the element's last decimal: far above what can be, so small that a
/// hundred thousand units that all say it do not come to more than a total holds, and a double holds it exactly.
pub const NUMBER_MAX: i64 = 10_000_000_000_000;

/// One question of the catalogue; the only place where a question exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Element {
    /// Stable number; 0 for one that is not stored yet.
    #[serde(default)]
    pub id: i64,
    /// Stable code, such as `fever`.
    pub code: String,
    /// Its names.
    pub names: Names,
    /// Event, state or text.
    pub class: Class,
    /// What may be entered.
    pub value_type: ValueType,
    /// Unit of measurement, such as `person`, `piece`.
    pub unit: String,
    /// How it adds up over units.
    pub over_units: OverUnits,
    /// How it adds up over days.
    pub over_time: OverTime,
    /// Whether it only grows from day to day; one that falls is taken in with a finding.
    #[serde(default)]
    pub cumulative: bool,
    /// Who answers for the question.
    pub owner: String,
    /// What it is asked for; a question without a purpose cannot be asked.
    pub purpose: String,
    /// First day.
    #[schema(value_type = String)]
    pub since: Day,
    /// Day after the last; absent while open.
    #[serde(default = "open_end", with = "until")]
    #[schema(value_type = Option<String>)]
    pub until: Day,
}

impl Element {
    /// Whether it is asked on a day.
    pub fn holds(&self, day: Day) -> bool {
        self.since <= day && day < self.until
    }
    /// Whether it holds a number that is kept in the sheet.
    pub fn is_number(&self) -> bool {
        matches!(self.value_type, ValueType::Integer | ValueType::Decimal { .. } | ValueType::Choice { .. })
    }
    /// Whether totals are kept of it.
    pub fn is_added(&self) -> bool {
        self.over_units == OverUnits::Sum
            && matches!(self.value_type, ValueType::Integer | ValueType::Decimal { .. })
    }
    /// Whether it is a rate of an element: its numerator or its denominator.
    pub fn is_rate_of(&self, code: &str) -> bool {
        matches!(&self.value_type, ValueType::Rate { numerator, denominator } if numerator == code || denominator == code)
    }
    /// How many times the bare ratio a rate of this element is told as: a share in percent, whether its unit is the sign or
    /// the word; anything else (days of supply) as it is.
    pub fn rate_times(&self) -> f64 {
        if matches!(self.unit.as_str(), "%" | "percent") { 100.0 } else { 1.0 }
    }
    /// Decimal places of its stored number.
    pub fn scale(&self) -> u8 {
        match self.value_type {
            ValueType::Decimal { scale } => scale,
            _ => 0,
        }
    }
}

/// Whether today's figure of an element less yesterday's is a change, as far as how many units said each of them tells.
/// What happened, as how things stand, is known of those alone who say it: where more or fewer did the day before, the
/// difference tells who is silent. That as many did does not prove that they are the same; their counts stand beside both
/// figures.
pub fn compares(said: i64, said_yesterday: i64) -> bool {
    said == said_yesterday
}

/// An element's place on a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Item {
    /// Code of the element.
    pub element: String,
    /// Whether a values report must say it.
    #[serde(default)]
    pub required: bool,
    /// Least value, in the element's own unit; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// Largest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Where the element is computed: a CEL expression over the form's elements, `today.X` and `yesterday.X`. It is not
    /// entered then, and one that is and differs is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub computed: Option<String>,
}

/// Which counts where a unit's own statement about all below it and its parts both exist. The two are never added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counting {
    /// The parts count as soon as one of them has reported; the statement is shown beside them.
    Parts,
    /// The parts count once all of them have reported; until then the statement does.
    PartsWhenComplete,
    /// The statement counts; the parts are shown beside it.
    Stated,
}

/// One version of a form: a dated view of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Form {
    /// Stable number of the form, the same for all versions; 0 for one that is not stored yet.
    #[serde(default)]
    pub id: i64,
    /// Stable code.
    pub code: String,
    /// Version, from 1; given when it is set.
    #[serde(default)]
    pub version: i64,
    /// Its names.
    pub names: Names,
    /// What it asks, in order.
    pub items: Vec<Item>,
    /// Which counts where a statement and parts both exist.
    pub counting: Counting,
    /// The as-of instant, in minutes after midnight of the day (1440 = the end of the day).
    pub as_of_min: i32,
    /// The cut-off, in minutes after midnight of the day; beyond 1440 it lies on the next day.
    pub cut_off_min: i32,
    /// Whether its days are taken in afterwards, from a source that does not say when a figure was told. Then nobody is
    /// judged to be late, and no rate on time is told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub afterwards: bool,
    /// What is looked at when a report comes in, in this order; at most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub rules: Vec<Rule>,
    /// First day of this version.
    #[schema(value_type = String)]
    pub since: Day,
    /// Day after its last; absent while open.
    #[serde(default = "open_end", with = "until")]
    #[schema(value_type = Option<String>)]
    pub until: Day,
}

/// A form given to a part of the tree: the series whose totals are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Stable number; the series of its totals.
    pub id: i64,
    /// Number of the form.
    pub form: i64,
    /// The unit at whose top it is given.
    pub unit: i64,
    /// Kinds of unit that are expected to report; empty = all.
    pub kinds: Vec<String>,
    /// First day.
    pub since: Day,
    /// Day after the last; absent while open.
    #[serde(default = "open_end", with = "until")]
    pub until: Day,
    /// Elements whose totals are kept, in the order of their places in the total; it only grows.
    pub layout: Vec<i64>,
}

impl Assignment {
    /// Whether it is in force on a day.
    pub fn holds(&self, day: Day) -> bool {
        self.since <= day && day < self.until
    }
    /// Whether a kind of unit is expected to report.
    pub fn expects(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind)
    }
    /// Whether a unit may report by it on its days: by the chain above it and its kind; a statement about all below is
    /// not asked of kinds.
    pub fn asks(&self, chain: &[i64], kind: &str, scope: Scope) -> bool {
        chain.contains(&self.unit) && (scope == Scope::Below || self.expects(kind))
    }
    /// Whether both are in force on some day.
    pub fn meets(&self, other: &Assignment) -> bool {
        self.since.max(other.since) < self.until.min(other.until)
    }
    /// Whether it says of a day another thing than another.
    pub fn differs_on(&self, other: &Assignment, day: Day) -> bool {
        let same = (self.unit, &self.kinds) == (other.unit, &other.kinds);
        self.holds(day) != other.holds(day) || self.holds(day) && !same
    }
    /// The first day of which it says another thing than another; none where they say the same of all days.
    pub fn differs_from(&self, other: &Assignment) -> Option<Day> {
        let turns = [self.since, self.until, other.since, other.until];
        turns.into_iter().filter(|day| self.differs_on(other, *day)).min()
    }
}

/// About what a report speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This unit alone.
    Alone,
    /// This unit with all below it: a statement, compared with the parts and never added to them.
    Below,
}

impl Scope {
    /// The number that is stored.
    pub fn number(self) -> i64 {
        match self {
            Self::Alone => 0,
            Self::Below => 1,
        }
    }
    /// From the stored number.
    pub fn from_number(number: i64) -> Self {
        if number == 1 { Self::Below } else { Self::Alone }
    }
}

/// What a report does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// Says values.
    Values,
    /// Says, signed, that there is nothing: zero on every event element of the form.
    Zero,
}

/// What was done on one form's part of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Number of the form.
    pub form: i64,
    /// Its version.
    pub version: i64,
    /// The latest act.
    pub kind: ActKind,
    /// Whether the *first* act came by the cut-off; a correction does not make a report late.
    pub on_time: bool,
    /// When the first act came, milliseconds UTC.
    pub first_at_ms: i64,
    /// When the latest came.
    pub last_at_ms: i64,
}

/// The numbers of a sheet, by element, in one piece of memory: there are some dozens at most and they are read in order.
/// An element that is absent was not said.
pub type Values = LiteMap<i64, i64>;

/// One subject's figures for one period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Revision: how often it was written; 0 = never.
    pub rev: i64,
    /// When it was last written, milliseconds UTC.
    pub at_ms: i64,
    /// Its last entry in the journal.
    pub last: Option<muster_store::Link>,
    /// Its numbers.
    pub values: Values,
    /// What was done on which form.
    pub acts: Vec<Act>,
}

impl Sheet {
    /// What was done on a form.
    pub fn act(&self, form: i64) -> Option<&Act> {
        self.acts.iter().find(|act| act.form == form)
    }
}

/// Where a sheet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SheetKey {
    /// Bucket of the unit.
    pub bucket: i64,
    /// The operation.
    pub operation: i64,
    /// The day.
    pub day: Day,
    /// The as-of instant within the day, in minutes.
    pub slot: i64,
    /// The unit.
    pub unit: i64,
    /// About what it speaks.
    pub scope: Scope,
}

/// An incident: it came at once, outside the daily report.
#[derive(Clone, Debug)]
pub struct Incident {
    /// Its id.
    pub id: String,
    /// The unit.
    pub unit: i64,
    /// The event element it counts.
    pub element: i64,
    /// How many.
    pub value: i64,
    /// When it was registered, milliseconds UTC.
    pub at_ms: i64,
    /// What was said.
    pub words: String,
    pub(super) bucket: i64,
}

pub(crate) fn open_end() -> Day {
    Day::OPEN_END
}

/// An exclusive end on the wire: absent or null while open.
pub(crate) mod until {
    use super::{Day, NotADay};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(day: &Day, to: S) -> Result<S::Ok, S::Error> {
        (*day != Day::OPEN_END).then(|| day.to_string()).serialize(to)
    }
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
        match Option::<String>::deserialize(from)? {
            None => Ok(Day::OPEN_END),
            Some(text) => text.parse().map_err(|error: NotADay| serde::de::Error::custom(error)),
        }
    }
}
