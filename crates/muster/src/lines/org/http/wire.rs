//! How units look on the wire.

mod change;
mod post;

pub(super) use change::{ChangeAnswer, ChangePreview, CloseAnswer, SplitAnswer, UnitClosed, UnitsSplit};
pub(super) use post::{PostBody, PostPreview};

use crate::lines::operation::Names;
use crate::lines::org::DutyContact;
use crate::lines::org::history::HistoryNames;
use crate::lines::org::model::SuccessionKind;
use crate::lines::org::{Facts, History, Outcome, Post, UnitView};
use crate::request::acting::ActedBody;
use crate::request::refusal::FindingBody;
use crate::say;
use muster_kernel::day::rfc3339;
use muster_kernel::{Day, Finding, Locale};
use muster_sheet::Column;
use muster_store::Link;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// A unit's code and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CodedBody {
    /// Code.
    pub code: String,
    /// Name in the reader's language.
    pub name: String,
}

/// A unit on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitBody {
    /// Code.
    code: String,
    /// Name in the reader's language.
    name: String,
    /// All its names.
    names: Names,
    /// Kind: `regulator`, `department`, `group`, `firm`, `site`, or a code of one's own.
    kind: String,
    /// Code of the unit above.
    parent: Option<String>,
    /// From the top down to the unit itself.
    path: Vec<CodedBody>,
    /// Place code.
    place: Option<String>,
    /// Name of the place, where it is known.
    place_name: Option<String>,
    /// Codes of its classes.
    classes: Vec<String>,
    /// IANA time zone; absent where it is the operation's.
    time_zone: Option<String>,
    /// First day.
    #[schema(value_type = String, format = Date)]
    opened: Day,
    /// First day on which it is not open, where one is known.
    #[schema(value_type = Option<String>, format = Date)]
    closed: Option<Day>,
    /// Posts; only where one unit is asked for.
    posts: Vec<PostBody>,
    /// Whether anything is right below it.
    has_children: bool,
    /// Taken in, and worth a look; only after a change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    findings: Vec<FindingBody>,
}

impl UnitBody {
    /// A unit as a reader of a language sees it.
    pub fn new(view: UnitView, posts: Vec<Post>, contacts: &[DutyContact], locale: Locale) -> Self {
        let UnitView { standing, facts, path, place_name, opened, closed, has_children } = view;
        let coded = |(code, names): &(String, Names)| CodedBody {
            code: code.clone(),
            name: names.of(locale).to_owned(),
        };
        Self {
            code: standing.code.to_string(),
            name: facts.names.of(locale).to_owned(),
            names: facts.names,
            kind: facts.kind,
            parent: path.iter().rev().nth(1).map(|(code, _)| code.clone()),
            path: path.iter().map(coded).collect(),
            place: facts.place.map(|place| place.to_string()),
            place_name: place_name.map(|names| names.of(locale).to_owned()),
            classes: facts.classes,
            time_zone: Some(facts.time_zone).filter(|zone| !zone.is_empty()),
            opened,
            closed: Some(closed).filter(|closed| *closed != Day::OPEN_END),
            posts: posts.into_iter().map(|post| PostBody::new(post, contacts, locale)).collect(),
            has_children,
            findings: Vec::new(),
        }
    }
    /// The same with what is worth a look.
    pub(super) fn with_findings(self, findings: &[Finding], locale: Locale) -> Self {
        Self { findings: told(findings, locale), ..self }
    }
}

fn told(findings: &[Finding], locale: Locale) -> Vec<FindingBody> {
    findings.iter().map(|finding| FindingBody::new(locale, finding)).collect()
}

/// A page of units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitsBody {
    /// The units of this page.
    pub items: Vec<UnitBody>,
    /// Where the next page starts; none when this is the last.
    pub next_cursor: Option<String>,
}

/// One fact, and the days on which it holds.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct FactBody {
    /// `opened`, `closed` (the first day on which it is not open), `parent`, `name`, `kind`, `place`, `classes`,
    /// `time_zone`, `merge`, `split`.
    fact: &'static str,
    /// First day.
    #[schema(value_type = String, format = Date)]
    since: Day,
    /// First day on which it no longer holds; absent where it still does.
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Day>,
    /// The value; codes of units where it speaks of units; empty of `opened` and `closed`, which are days.
    value: String,
    /// What the value is called in the reader's language, as it was on the first day: of units, places and classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    name: Option<String>,
}

/// An entry of the journal about a unit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntryBody {
    /// When, RFC 3339.
    at: String,
    /// Reference of who did it.
    actor: String,
    /// What was done, such as `unit.move`.
    action: String,
    /// Who decided it, where somebody did it for them.
    acted_for: Option<ActedBody>,
}

/// What became of a unit.
#[derive(Debug, Serialize, ToSchema)]
// Reporting has a body of this name too, and names are shared in the contract.
#[schema(as = UnitHistoryBody)]
pub(super) struct HistoryBody {
    /// Dated facts.
    facts: Vec<FactBody>,
    /// Who did what on the days on which the unit is or was the caller's, the latest first; at most 200, of the latest 5,000.
    entries: Vec<EntryBody>,
}

/// How one fact is written.
type Told<'a> = &'a dyn Fn(&Facts) -> String;
/// What its value is called.
type Name<'a> = &'a dyn Fn(&Facts) -> Option<String>;

impl HistoryBody {
    /// A history as a reader of a language sees it.
    pub(super) fn new(
        history: &History,
        called: &HistoryNames,
        acted: &HashMap<Link, ActedBody>,
        locale: Locale,
        zone: &jiff::tz::TimeZone,
    ) -> Self {
        // What holds of a unit ends with it at the latest.
        let closed = history.turns.last().filter(|(_, opens)| !opens).map(|(day, _)| *day);
        let end = |until: Day| if until == Day::OPEN_END { closed } else { Some(until) };
        let mut facts = Vec::new();
        for (at, (since, opens)) in history.turns.iter().enumerate() {
            let fact = if *opens { "opened" } else { "closed" };
            let until = history.turns.get(at + 1).map(|(day, _)| *day);
            facts.push(FactBody { fact, since: *since, until, value: String::new(), name: None });
        }
        for below in &history.parents {
            let value = below.parent.clone().unwrap_or_default();
            let name = called.unit(&value, below.since, locale);
            facts.push(FactBody { fact: "parent", since: below.since, until: end(below.until), value, name });
        }
        let class = |code: &String| called.class(code, locale).unwrap_or_else(|| code.clone());
        let classes = |facts: &Facts| facts.classes.iter().map(class).collect::<Vec<_>>();
        let comma = say::word(locale, "list.names");
        let values: [(&'static str, Told<'_>, Name<'_>); 5] = [
            ("name", &|facts| facts.names.of(locale).to_owned(), &|_| None),
            ("kind", &|facts| facts.kind.clone(), &|_| None),
            ("place", &|facts| facts.place.map(|place| place.to_string()).unwrap_or_default(), &|facts| {
                called.place(facts.place?, locale)
            }),
            ("classes", &|facts| facts.classes.join(" "), &|facts| Some(classes(facts).join(&comma))),
            ("time_zone", &|facts| facts.time_zone.clone(), &|_| None),
        ];
        for (fact, value_of, name_of) in values {
            let mut told: Vec<FactBody> = Vec::new();
            for row in &history.facts {
                let value = value_of(&row.facts);
                // Between two stretches that a reader may know of it may have been otherwise.
                let goes_on = |last: &&mut FactBody| last.value == value && last.until == Some(row.since);
                match told.last_mut().filter(goes_on) {
                    Some(last) => last.until = end(row.until),
                    None => {
                        let name = name_of(&row.facts);
                        told.push(FactBody { fact, since: row.since, until: end(row.until), value, name });
                    }
                }
            }
            facts.extend(told.into_iter().filter(|fact| !fact.value.is_empty()));
        }
        for relative in &history.successions {
            let fact = if relative.kind == SuccessionKind::Merge { "merge" } else { "split" };
            let pointed = |to: &str| if relative.after { format!("→ {to}") } else { format!("{to} →") };
            let name = called.unit(&relative.code, relative.day, locale).map(|name| pointed(&name));
            facts.push(FactBody {
                fact,
                since: relative.day,
                until: None,
                value: pointed(&relative.code),
                name,
            });
        }
        let entry = |entry: &muster_store::Stored| EntryBody {
            at: rfc3339(entry.at, zone),
            actor: entry.actor.clone(),
            action: entry.action.clone(),
            acted_for: acted.get(&entry.link).cloned(),
        };
        Self { facts, entries: history.entries.iter().map(entry).collect() }
    }
}

/// What an import did, or would do. Rows in = accepted + refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReport {
    rows: usize,
    accepted: usize,
    refused: usize,
    added: usize,
    changed: usize,
    closed: usize,
    unchanged: usize,
    /// Units added because they stand as an upper level of rows.
    implied: usize,
    /// Units closed because a whole list leaves them out.
    left_out: usize,
    /// Whether nothing was stored.
    dry_run: bool,
    /// Findings at their cells, the first thousand.
    findings: Vec<FindingBody>,
    /// How many more findings there are.
    findings_more: usize,
    /// Keys of the columns that were recognised.
    columns: Vec<String>,
}

impl ImportReport {
    /// A report as a reader of a language sees it.
    pub fn new(outcome: &Outcome, dry_run: bool, columns: Vec<String>, locale: Locale) -> Self {
        Self {
            rows: outcome.rows,
            accepted: outcome.rows - outcome.refused,
            refused: outcome.refused,
            added: outcome.added,
            changed: outcome.changed,
            closed: outcome.closed,
            unchanged: outcome.unchanged,
            implied: outcome.implied,
            left_out: outcome.left_out,
            dry_run,
            findings: outcome.findings.iter().map(|finding| FindingBody::new(locale, finding)).collect(),
            findings_more: outcome.findings_more,
            columns,
        }
    }
    /// Whether some row was left out, or a unit that a whole list leaves out stays.
    pub fn has_refusals(&self) -> bool {
        self.refused > 0 || self.findings.iter().any(|finding| finding.severity == "refuse")
    }
    /// The findings, for the command line.
    pub fn findings(&self) -> &[FindingBody] {
        &self.findings
    }
    /// The numbers, for the command line: word and count.
    pub fn counts(&self) -> [(&'static str, usize); 9] {
        [
            ("rows", self.rows),
            ("accepted", self.accepted),
            ("refused", self.refused),
            ("added", self.added),
            ("changed", self.changed),
            ("closed", self.closed),
            ("unchanged", self.unchanged),
            ("implied", self.implied),
            ("left_out", self.left_out),
        ]
    }
}

/// A column that a file of units may have.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnBody {
    /// The field; also taken as the column's name.
    pub key: String,
    /// Names under which it is recognised; the first is written on export.
    pub names: Vec<String>,
    /// `id`, `text`, `day` or `number`.
    pub r#type: String,
    /// Unit of its numbers.
    pub unit: Option<String>,
    /// Whether a file without it is refused.
    pub required: bool,
    /// What it means, in the reader's language.
    pub doc: String,
}

impl ColumnBody {
    /// A column, explained in a language.
    pub fn new(column: &Column, locale: Locale) -> Self {
        Self {
            key: column.key.to_string(),
            names: column.names.iter().map(ToString::to_string).collect(),
            r#type: column.kind.name().to_owned(),
            unit: column.unit.as_ref().map(ToString::to_string),
            required: column.required,
            doc: say::word(locale, &column.doc),
        }
    }
}
