//! The nouns of a notice: spans, conjectures, the meeting, measures. Pure.
//!
//! Positions are counted in characters (Unicode scalar values) of the original text, from 0, end exclusive, so that
//! they mean the same in every language that reads them; where the original is a text file its bytes are given too.

use muster_kernel::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A place in the original text: characters, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
}

/// A reason as data: a stable code, which is the key of its sentence, and what the sentence names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code, such as `reading`; the sentence is `notice.reason.<code>` in the locale files.
    pub code: String,
    /// What the sentence names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
}

impl Reason {
    /// A reason by its code.
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), args: BTreeMap::new() }
    }
    /// With a part of its sentence.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.args.insert(key.to_owned(), value.to_string());
        self
    }
}

/// What was done to the characters of a span between the original and the readable text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// Nothing.
    Kept,
    /// Written in simplified characters.
    Converted,
    /// An inserted reading, taken out: it is proved to be the reading of the character before it.
    Reading,
    /// Shifted bytes, decoded exactly.
    Decoded,
    /// Furniture of the page it was copied from: recognised, kept in the original, left out of the readable text.
    Furniture,
}

/// What a span is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// White space between the parts.
    Layout,
    /// A link to another language.
    LanguageSwitch,
    /// Who put it on the page.
    Publisher,
    /// When it was put on the page.
    PublishedAt,
    /// Where the page says it has it from.
    Source,
    /// How often it was looked at, often empty.
    Views,
    /// Share buttons.
    Share,
    /// Other tools of a page: print, close, size of letters.
    Tools,
    /// The title.
    Title,
    /// Another line of the head: the name of the office, a subtitle.
    Head,
    /// The number of a formal notice.
    Number,
    /// To whom a formal notice is sent.
    Addressee,
    /// The paragraph that says which meeting it was.
    Meeting,
    /// What the meeting said, as far as it is not one of the measures.
    Speech,
    /// One of the measures.
    Measure,
    /// Any other paragraph.
    Body,
    /// Who signs a formal notice.
    Signer,
    /// The day under the signature.
    SignedOn,
}

impl Part {
    /// Whether it belongs to the page rather than to the text.
    pub fn is_furniture(self) -> bool {
        use Part::{LanguageSwitch, PublishedAt, Publisher, Share, Source, Tools, Views};
        matches!(self, LanguageSwitch | Publisher | PublishedAt | Source | Views | Share | Tools)
    }
}

/// A run of original characters that were treated alike and belong to one part. The spans of a text cover it
/// without gap or overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Where in the original.
    #[serde(flatten)]
    pub place: Place,
    /// What was done.
    pub kind: SpanKind,
    /// What it is part of.
    pub part: Part,
    /// Which measure, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<u32>,
    /// The characters as received.
    pub text: String,
    /// The same after repairs with proof, in the script it was written in.
    pub repaired: String,
    /// The same in simplified characters, and empty for furniture; conjectures are not in it.
    pub readable: String,
    /// Why, where something was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// What a person said of a conjecture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConjectureState {
    /// Nothing yet: it is shown as a conjecture.
    #[default]
    Open,
    /// Taken: the readable text has it.
    Accepted,
    /// Not taken: the readable text stays as it was.
    Refused,
}

/// What must have stood there, to the best of knowledge, without proof. A person decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conjecture {
    /// Number within the notice, from 1, in the order of the text.
    pub n: u32,
    /// Where in the original; empty where characters are missing.
    #[serde(flatten)]
    pub place: Place,
    /// What stands there now, in simplified characters; empty where characters are missing.
    pub original: String,
    /// What is proposed, in simplified characters.
    pub proposed: String,
    /// The phrase that would be whole with it.
    pub phrase: String,
    /// Why.
    pub reason: Reason,
    /// What was decided.
    #[serde(default)]
    pub state: ConjectureState,
}

/// What sort of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// News that a meeting was held and what was said there: no order in form.
    MeetingNews,
    /// A notice in form: with a number, or with addressee and signer.
    FormalNotice,
    /// Neither could be made out.
    Other,
}

/// Something that tells the kinds apart, and whether this text has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// `number`, `addressee`, `deadline`, `signer` or `meeting`.
    pub feature: String,
    /// Where it was found; a formal notice has the first four, and each absence is said.
    pub found: Option<Place>,
}

/// A meeting that the text tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// The day, where the text gives a year or the day of publication does.
    pub day: Option<Day>,
    /// The day and its half as written: "2020年2月3日上午".
    pub said_day: Option<Place>,
    /// Its number within its series.
    pub series_no: Option<u32>,
    /// The bodies that met; two when one meeting served as both.
    pub bodies: Vec<Place>,
    /// The chair's posts.
    pub chair_posts: Vec<Place>,
    /// The chair's name.
    pub chair_name: Option<Place>,
    /// Who was there with a vote.
    pub present: Vec<Place>,
    /// Who sat in without one.
    pub attending: Vec<Place>,
}

/// To whom a measure speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole system: the office itself, its enterprises, and all below.
    System,
    /// The enterprises.
    Enterprises,
    /// Units named in another way.
    Units,
    /// The addressee of the notice: the measure itself names nobody.
    Addressee,
    /// The text does not say.
    Unstated,
}

/// One line of a directive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Its number, from 1.
    pub n: u32,
    /// Where in the original.
    #[serde(flatten)]
    pub place: Place,
    /// The same in bytes of the file as received; only where that is a text file.
    pub bytes: Option<Place>,
    /// To whom it speaks.
    pub scope: Scope,
    /// Why that scope.
    pub scope_reason: Reason,
}

/// Everything that was made out of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Study {
    /// Its sort.
    pub kind: Kind,
    /// What tells the sort.
    pub features: Vec<Feature>,
    /// The title.
    pub title: Option<Place>,
    /// Who put it on the page, as the page says.
    pub publisher: Option<String>,
    /// When, as the page says; a wall clock without a zone, `2020-02-06T09:35:03`.
    pub published_at: Option<String>,
    /// The meeting it tells of.
    pub meeting: Option<Meeting>,
    /// What it orders.
    pub measures: Vec<Measure>,
    /// All of the original, once each.
    pub spans: Vec<Span>,
    /// What is proposed to a person.
    pub conjectures: Vec<Conjecture>,
    /// Whether there was more to propose than is kept.
    #[serde(default)]
    pub conjectures_cut: bool,
}

impl Study {
    /// The spans of the title.
    pub fn title_spans(&self) -> impl Iterator<Item = &Span> {
        let within = |span: &&Span| {
            self.title.is_some_and(|title| title.start <= span.place.start && span.place.end <= title.end)
        };
        self.spans.iter().filter(within)
    }
}
