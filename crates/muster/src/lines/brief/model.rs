//! Nouns of the brief. Pure.

use crate::lines::operation::Names;
use jiff::tz::TimeZone;
use muster_kernel::{Day, Digest};
use muster_store::Link;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// Which brief: one for each day of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The operation.
    pub operation: i64,
    /// Number of the form.
    pub form: i64,
    /// The day.
    pub day: Day,
}

/// A day's figures of the whole, in no language. Everything a document says is in here.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Whether the figures come from a simulation.
    pub simulated: bool,
    /// The title of the office.
    pub office: Names,
    /// The name of the form, which is the title of the brief.
    pub title: Names,
    /// Which of its series it is; none before it is frozen.
    pub number: Option<i64>,
    /// The day.
    pub day: Day,
    /// When it was made, milliseconds UTC: what was stored by then is in it.
    pub made_at_ms: i64,
    /// Whether the day is frozen.
    pub frozen: bool,
    /// The operation's time zone.
    pub zone: TimeZone,
    /// How many were to report, and how many did.
    pub rates: muster_print::Rates,
    /// Every element of the form that has a figure, in the form's order.
    pub figures: Vec<Figure>,
    /// Places in `figures` of those that stand on the first page and in the table of groups.
    pub leading: Vec<usize>,
    /// The last days, oldest first.
    pub chart_days: Vec<Day>,
    /// Place in `figures`, and one value a day.
    pub chart: Vec<(usize, Vec<Option<f64>>)>,
    /// The units right below the top.
    pub groups: Cut<GroupFacts>,
    /// Who has not reported, then who reported late, each in the order of the tree.
    pub absent: Cut<AbsentFacts>,
    /// Reports that say less than the incidents.
    pub contradictions: Vec<ContradictionFacts>,
    /// Statements that differ from what lies below them.
    pub disagreements: Cut<DisagreementFacts>,
    /// What was corrected, or came late, since the brief before.
    pub corrections: Cut<CorrectionFacts>,
    /// What the office wrote.
    pub narrative: Narrative,
    /// Units whose reports are in it.
    pub units: i64,
    /// How many revisions of their sheets lie behind it.
    pub revisions: i64,
    /// The heads of the journal's lanes: the cut that it was made at.
    pub heads: Heads,
    /// Names of all units that are mentioned.
    pub names: HashMap<i64, Names>,
    /// Their codes.
    pub codes: HashMap<i64, String>,
}

/// The beginning of a list, and whether there is more of it.
#[derive(Clone, Debug, Default)]
pub struct Cut<T> {
    /// What is shown.
    pub items: Vec<T>,
    /// Whether more was left off; the document says so.
    pub more: bool,
}

impl<T> Cut<T> {
    /// The first `most` of a list.
    pub fn of(mut items: Vec<T>, most: usize) -> Self {
        let more = items.len() > most;
        items.truncate(most);
        Self { items, more }
    }
}

/// An element's figure. `None` is *not said*; it is never a zero.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Number of the element.
    pub element: i64,
    /// Its code.
    pub code: String,
    /// Its names.
    pub names: Names,
    /// Code of its unit of measurement.
    pub unit: String,
    /// What sort of figure it is.
    pub sort: Sort,
    /// Decimal places.
    pub scale: u8,
    /// What counts.
    pub value: Option<f64>,
    /// What counted the day before.
    pub yesterday: Option<f64>,
    /// What the day before's frozen brief has for it, where that is another figure: corrected or come late since.
    pub yesterday_frozen: Option<Option<f64>>,
    /// How many reports and statements say it.
    pub said: i64,
    /// How many units are expected to.
    pub base: i64,
    /// The same of the day before; none where the form was not asked then.
    pub before: Option<(i64, i64)>,
    /// Whether other units say it than the day before, so that the difference of the two figures is no change.
    pub other_units: bool,
    /// Then, of what is not a rate: how many say it on both days, and the change in them. None where that would be too
    /// dear to reckon, or statements are in the figures.
    pub same: Option<(i64, f64)>,
    /// For a rate: above and below the line.
    pub line: Option<(f64, f64)>,
}

impl Figure {
    /// Today less yesterday; none where one of the two was not said, or the two are not of the same units.
    pub fn delta(&self) -> Option<f64> {
        if self.other_units {
            return None;
        }
        let by = 10f64.powi(i32::from(self.scale));
        Some(((self.value? - self.yesterday?) * by).round() / by)
    }
}

/// What sort of figure an element has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Happened in the period.
    Event,
    /// Is so at the as-of instant.
    State,
    /// Numerator and denominator.
    Rate,
}

/// A unit right below the top, or the top's own report.
#[derive(Clone, Debug)]
pub struct GroupFacts {
    /// The unit.
    pub unit: i64,
    /// Whether it is what the top itself reports, which lies in no group.
    pub own: bool,
    /// How many were to report, and how many did.
    pub rates: muster_print::Rates,
    /// Values of the leading figures.
    pub values: Vec<Option<f64>>,
}

/// A unit that has not reported, or late. Units only: no person, no telephone.
#[derive(Clone, Debug)]
pub struct AbsentFacts {
    /// From below the top down to the unit itself.
    pub chain: Vec<i64>,
    /// When its first report came, if it came late.
    pub late_at_ms: Option<i64>,
}

/// A report that says less than the incidents of the same unit and day. The words of an incident are not taken over:
/// they are free, a brief is for ever, and names stay at home.
#[derive(Clone, Debug)]
pub struct ContradictionFacts {
    /// The unit.
    pub unit: i64,
    /// The event element.
    pub names: Names,
    /// Its unit of measurement.
    pub measure: String,
    /// What the report says.
    pub reported: f64,
    /// Whether it is a signed zero.
    pub zero: bool,
    /// When the report last changed.
    pub reported_at_ms: i64,
    /// What the incidents say together.
    pub incidents: f64,
    /// When the first of them came.
    pub incident_at_ms: i64,
}

/// A statement about all below, and what lies below.
#[derive(Clone, Debug)]
pub struct DisagreementFacts {
    /// The unit that states.
    pub unit: i64,
    /// The element.
    pub names: Names,
    /// What it states.
    pub stated: f64,
    /// What its parts add up to.
    pub parts: f64,
    /// How many parts say it.
    pub said: i64,
}

/// A figure that was changed.
#[derive(Clone, Debug)]
pub struct CorrectionFacts {
    /// The unit.
    pub unit: i64,
    /// The day that was corrected.
    pub day: Day,
    /// What changed.
    pub what: Changed,
    /// Why, in the unit's words; whatever looks like a telephone or an identity number is covered.
    pub reason: String,
    /// When.
    pub at_ms: i64,
    /// The revision that carries it.
    pub revision: i64,
}

/// What a revision changed.
#[derive(Clone, Debug)]
pub enum Changed {
    /// A figure: the element, before, after.
    Figure(Names, Option<f64>, Option<f64>),
    /// The words of an element. They are not taken over.
    Words(Names),
    /// A first report, after the day was frozen without one: whether it says zero.
    Came(bool),
    /// Only whether it is zero or values: whether it says zero now.
    Act(bool),
}

/// What the office writes beside the figures: 工作动态, 存在问题, 下步打算.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Narrative {
    /// What was done.
    #[serde(default)]
    pub progress: Vec<String>,
    /// What is in the way.
    #[serde(default)]
    pub problems: Vec<String>,
    /// What comes next.
    #[serde(default)]
    pub next: Vec<String>,
}

/// The heads of the journal's lanes: where each ended, and its hash. Lanes without an entry are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heads(pub Vec<LaneHead>);

/// The end of one lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneHead {
    /// The lane.
    pub lane: i32,
    /// Number of its last entry.
    pub no: i64,
    /// The entry's hash with its algorithm id, in hex.
    pub hash: String,
}

impl Heads {
    /// From the store's heads.
    pub fn of(heads: &[muster_store::Head]) -> Self {
        let written = heads.iter().filter(|head| head.no > 0);
        Self(written.map(|h| LaneHead { lane: h.lane, no: h.no, hash: hex::encode(&h.hash) }).collect())
    }
    /// Whether an entry was there when the cut was made.
    pub fn hold(&self, link: Link) -> bool {
        self.0.iter().any(|head| head.lane == link.lane && link.no <= head.no)
    }
    /// For a reader: `lane:number:first digits of the hash`.
    pub fn short(&self) -> String {
        // The first byte of a hash is the algorithm's id and the same for all.
        let one =
            |head: &LaneHead| format!("{}:{}:{}", head.lane, head.no, head.hash.get(2..10).unwrap_or("-"));
        self.0.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}

/// What is kept of a frozen brief beside its documents.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// Which brief.
    pub key: Key,
    /// Which of its series, from 1.
    pub number: i64,
    /// When it was frozen, milliseconds UTC.
    pub at_ms: i64,
    /// By whom: a reference.
    pub actor: String,
    /// The digest of its documents and the origins of their figures.
    pub digest: Digest,
    /// The digest of the origins alone.
    pub origins: Digest,
    /// The cut.
    pub heads: Heads,
    /// Units whose reports are in it.
    pub units: i64,
    /// Revisions that lie behind it.
    pub revisions: i64,
}

/// A printed file of a frozen brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its digest.
    pub digest: Digest,
}

/// Part of the origins of a frozen brief: which revision of which sheet is in its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    /// The day of the sheets.
    pub(super) period: Day,
    /// The first unit in it.
    pub(super) unit: i64,
    /// The origins, in the order of their units.
    pub(super) packed: Vec<u8>,
}
