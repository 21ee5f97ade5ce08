//! The brief as data: what the house says and the printer puts on paper.
//!
//! The field names are the wire format (JSON, snake_case) and are versioned by [`BriefDoc::brief`].
//! A figure nobody said is `null` and is printed as a dash, never as zero.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::PrintProblem;

/// The version of the document this crate reads and writes.
pub const VERSION: u32 = 1;

/// The most bytes a document may have.
pub const BYTES_MAX: usize = 32 << 20;

/// One day's brief, ready to be printed: every word translated, every figure final.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BriefDoc {
    /// The version of this format: [`VERSION`].
    pub brief: u32,
    /// The language the words are in.
    pub lang: Lang,
    /// Whether the figures come from a simulation; said on every page when so.
    pub simulated: bool,
    /// The title of the office that issues the brief; heads the first page in red.
    pub office: String,
    /// The title of the brief.
    pub title: String,
    /// Which of its series the brief is, in words (`第 11 期`); not a document number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The day reported on, `YYYY-MM-DD`.
    pub day: String,
    /// The instant the figures stand for, RFC 3339.
    pub as_of: String,
    /// The instant the brief was made, RFC 3339; also every time inside the files.
    pub made_at: String,
    /// Whether the day was closed when the brief was made.
    pub frozen: bool,
    /// The digest of the frozen figures, with its algorithm (`sha256:…`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The three sentences a leader reads first.
    #[serde(default)]
    pub sentences: Vec<String>,
    /// The four figures a leader reads first.
    #[serde(default)]
    pub numbers: Vec<BigNumber>,
    /// The total of every element.
    #[serde(default)]
    pub totals: Vec<TotalRow>,
    /// How many were to report, and how many did.
    pub rates: Rates,
    /// The last days.
    #[serde(default)]
    pub chart: Chart,
    /// The office's own report, where it makes one, and the groups, each with its rates and its main figures: the rates
    /// add up to those of the whole.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Who did not report, or late. Units only: no persons, no telephones.
    #[serde(default)]
    pub absent: Vec<Absent>,
    /// Zeros that later evidence contradicts.
    #[serde(default)]
    pub contradictions: Vec<Contradiction>,
    /// Where a unit's own total and the sum of its parts differ.
    #[serde(default)]
    pub disagreements: Vec<Disagreement>,
    /// What was corrected since the last brief.
    #[serde(default)]
    pub corrections: Vec<Correction>,
    /// What people wrote; the only part that may be edited in the DOCX and the XLSX.
    #[serde(default)]
    pub narrative: Narrative,
    /// What the figures were made of.
    pub lineage: Lineage,
    /// The fixed words, translated; a key that is not here is taken from [`crate::labels`].
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

impl BriefDoc {
    /// How many reports the corrections are of: one report may change several figures, each of which is a line.
    pub fn corrected_reports(&self) -> usize {
        let reports: BTreeSet<_> =
            self.corrections.iter().map(|c| (&c.code, &c.unit, &c.day, c.revision, &c.at)).collect();
        reports.len()
    }

    /// Reads a document from JSON: at most [`BYTES_MAX`] bytes, of this [`VERSION`].
    ///
    /// # Errors
    /// `print.input.size`, `print.input.json` or `print.input.version`.
    pub fn from_json(bytes: &[u8]) -> Result<Self, PrintProblem> {
        if bytes.len() > BYTES_MAX {
            return Err(PrintProblem::new(
                "print.input.size",
                format!("the document has more than {BYTES_MAX} bytes"),
            ));
        }
        let doc: Self = serde_json::from_slice(bytes)
            .map_err(|e| PrintProblem::new("print.input.json", format!("not a brief document: {e}")))?;
        if doc.brief != VERSION {
            let text =
                format!("the document is of version {}, this printer reads version {VERSION}", doc.brief);
            return Err(PrintProblem::new("print.input.version", text).at("brief"));
        }
        Ok(doc)
    }
}

/// A language the printer has words and fonts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefLang))]
pub enum Lang {
    /// Simplified Chinese.
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// Traditional Chinese as written in Taiwan.
    #[serde(rename = "zh-TW")]
    ZhTw,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Lang {
    /// All languages.
    pub const ALL: [Self; 3] = [Self::ZhCn, Self::ZhTw, Self::En];

    /// The BCP 47 tag, as it stands in the document.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::ZhTw => "zh-TW",
            Self::En => "en",
        }
    }

    /// The language of a tag, if it is one of ours.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.tag().eq_ignore_ascii_case(tag))
    }
}

/// One of the four figures on the first page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefNumber))]
pub struct BigNumber {
    /// Its code, for a page that links it to what it is made of.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// What is counted.
    pub name: String,
    /// The figure; `None` when nobody said it.
    pub value: Option<f64>,
    /// Its unit (`人`, `%`), may be empty.
    #[serde(default)]
    pub unit: String,
    /// The change since yesterday; `None` when one of the two days is not known, or the two cannot be compared.
    pub delta: Option<f64>,
    /// How many units were asked for it.
    pub base: Option<i64>,
    /// How many of them said it, where the house knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<i64>,
    /// Where today's figure and yesterday's are not of the same units: what yesterday's was, instead of a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_units: Option<Yesterday>,
}

/// The change in those units alone that said a figure on both days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefSameUnits))]
pub struct SameUnits {
    /// How many they are.
    pub units: i64,
    /// Today less yesterday in them.
    pub change: f64,
}

/// Yesterday's figure with its base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefYesterday))]
pub struct Yesterday {
    /// The figure.
    pub value: f64,
    /// How many units said it.
    pub said: i64,
    /// How many units were asked for it.
    pub base: i64,
    /// The change in the units that said it on both days, where the house has reckoned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_units: Option<SameUnits>,
}

/// The total of one element.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefTotal))]
pub struct TotalRow {
    /// Its code, for a page that links it to what it is made of.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The element.
    pub name: String,
    /// Its unit, may be empty.
    #[serde(default)]
    pub unit: String,
    /// Today's total; `None` when nobody said it.
    pub value: Option<f64>,
    /// Yesterday's total.
    pub yesterday: Option<f64>,
    /// Today less yesterday; `None` when one of the two is not known, or the two cannot be compared.
    pub delta: Option<f64>,
    /// How many units said it.
    pub said: Option<i64>,
    /// How many units were asked for it.
    pub base: Option<i64>,
    /// How many units said it yesterday, where the house knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yesterday_said: Option<i64>,
    /// How many units were asked for it yesterday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yesterday_base: Option<i64>,
    /// Whether today's figure and yesterday's are not of the same units, so that there is no change to tell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "schema", schema(required = false))]
    pub other_units: bool,
    /// The change in the units that said it on both days, where the house has reckoned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_units: Option<SameUnits>,
    /// A note to yesterday's figure: the element and what yesterday's frozen brief has of it, where that is another
    /// figure (`Fever 3 people`). May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[cfg_attr(feature = "schema", schema(required = false))]
    pub note: String,
}

/// Counts of reports; the rates are made of them at print, each beside its base.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefRates))]
pub struct Rates {
    /// Units that were to report.
    pub expected: i64,
    /// Units that reported, on time or not.
    pub actual: i64,
    /// Units that reported before the cut-off.
    pub actual_on_time: i64,
    /// Whether nobody knows who was in time, because the day was taken in afterwards: then that count says nothing, here
    /// and in the groups.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "schema", schema(required = false))]
    pub afterwards: bool,
    /// Of those that reported: signed zero reports.
    pub zero: i64,
    /// Units that did not report.
    pub missing: i64,
}

/// Figures of the last days.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefChart))]
pub struct Chart {
    /// What is shown.
    #[serde(default)]
    pub title: String,
    /// The days, `YYYY-MM-DD`, oldest first.
    #[serde(default)]
    pub days: Vec<String>,
    /// The lines.
    #[serde(default)]
    pub series: Vec<Series>,
}

/// One line of the chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefSeries))]
pub struct Series {
    /// The element.
    pub name: String,
    /// One figure a day; `None` leaves a gap in the line.
    pub points: Vec<Option<f64>>,
}

/// One group (a unit right below the office) and what it reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefGroup))]
pub struct Group {
    /// Code of the unit, for a page that links it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whether it is the office's own report alone, which stands in no group.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "schema", schema(required = false))]
    pub own: bool,
    /// Units of it that were to report.
    pub expected: i64,
    /// Units of it that reported.
    pub actual: i64,
    /// Units of it that reported before the cut-off.
    pub on_time: i64,
    /// Units of it with a signed zero report.
    pub zero: i64,
    /// Units of it that did not report.
    pub missing: i64,
    /// Its main figures, the same elements in the same order for every group.
    #[serde(default)]
    pub values: Vec<GroupValue>,
}

/// One figure of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefGroupValue))]
pub struct GroupValue {
    /// The element.
    pub name: String,
    /// The figure; `None` when nobody said it.
    pub value: Option<f64>,
}

/// A unit that did not report, or late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefAbsent))]
pub struct Absent {
    /// Code of the unit, for a page that links it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The unit.
    pub unit: String,
    /// Its place in the tree, in words.
    #[serde(default)]
    pub path: String,
    /// The group it belongs to.
    #[serde(default)]
    pub group: String,
    /// Missing, or late.
    pub status: Absence,
    /// When the late report came, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// How a unit was absent at the cut-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefAbsence))]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// No report. Not zero.
    Missing,
    /// A report after the cut-off.
    Late,
}

/// A signed zero and what speaks against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefContradiction))]
pub struct Contradiction {
    /// Code of the unit, for a page that links it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The unit that signed.
    pub unit: String,
    /// Both sides, in words.
    pub text: String,
}

/// A unit's own total beside the sum of its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefDisagreement))]
pub struct Disagreement {
    /// Code of the unit, for a page that links it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The unit.
    pub unit: String,
    /// The element.
    pub element: String,
    /// What the unit said for all below it.
    pub stated: Option<f64>,
    /// What its parts add up to.
    pub parts: Option<f64>,
    /// How many parts said it.
    pub said: Option<i64>,
}

/// A figure that was changed after a brief had shown it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefCorrection))]
pub struct Correction {
    /// Code of the unit, for a page that links it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The unit that corrected itself.
    pub unit: String,
    /// The day corrected, `YYYY-MM-DD`.
    pub day: String,
    /// The element.
    pub element: String,
    /// The figure before.
    pub before: Cell,
    /// The figure now.
    pub after: Cell,
    /// Why, in the unit's words.
    #[serde(default)]
    pub reason: String,
    /// When, RFC 3339.
    pub at: String,
    /// The revision that carries it; the first one is a report that came after its day was closed.
    pub revision: i64,
}

impl Correction {
    /// The label that tells a report that was said anew from a first one that came late.
    pub fn kind(&self) -> &'static str {
        if self.revision > 1 { "correction.anew" } else { "correction.first" }
    }
}

/// A reported value: nothing, a number or text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefCell))]
#[serde(untagged)]
pub enum Cell {
    /// Not said.
    #[default]
    None,
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// What people wrote, in the three parts such a brief has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefNarrative))]
pub struct Narrative {
    /// 工作动态: what was done.
    #[serde(default)]
    pub progress: Vec<String>,
    /// 存在问题: what is in the way.
    #[serde(default)]
    pub problems: Vec<String>,
    /// 下步打算: what comes next.
    #[serde(default)]
    pub next: Vec<String>,
}

/// What the figures were made of, so that they can be made again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = BriefLineage))]
pub struct Lineage {
    /// Units whose reports are in it.
    pub units: i64,
    /// Revisions that are in it.
    pub revisions: i64,
    /// The heads of the journal at that moment.
    #[serde(default)]
    pub heads: String,
}

#[cfg(test)]
mod tests;
