//! How a change of the tree looks on the wire: what would come of it, and what came of it.

use super::{CodedBody, UnitBody, told};
use crate::lines::operation::Names;
use crate::lines::org::{Becomes, Foreseen, Preview};
use crate::request::refusal::FindingBody;
use muster_kernel::{Day, Finding, Locale};
use serde::Serialize;
use utoipa::ToSchema;

/// A unit in what a change would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::lines::org::http) struct ForeseenBody {
    /// Which unit.
    unit: CodedBody,
    /// What becomes of it.
    becomes: Becomes,
    /// The unit above it before; none at the top, and where it was not open.
    from: Option<CodedBody>,
    /// The unit above it after.
    to: Option<CodedBody>,
}

/// What a change of the tree would do on its first day. Nothing of it is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::lines::org::http) struct ChangePreview {
    /// Always true.
    dry_run: bool,
    /// First day of the change.
    #[schema(value_type = String, format = Date)]
    day: Day,
    /// Units that are open then, and were not.
    opened: usize,
    /// Units that are not open any more.
    closed: usize,
    /// Units that stand below another unit.
    moved: usize,
    /// Units below those that move: they go along.
    carried: usize,
    /// Units whose kind, place or classes are others. A name alone changes no figure, and counts nothing here.
    changed: usize,
    /// Units that stay on that day, and differ on a later one.
    later: usize,
    /// The first twenty of them.
    units: Vec<ForeseenBody>,
    /// It would be taken in, and is worth a look; as after the change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    findings: Vec<FindingBody>,
}

impl ChangePreview {
    /// As a reader of a language sees it.
    pub fn new(preview: Preview, day: Day, findings: &[Finding], locale: Locale) -> Self {
        let coded = |(code, names): (String, Names)| CodedBody { name: names.of(locale).to_owned(), code };
        let count = |becomes| preview.counts.get(&becomes).copied().unwrap_or(0);
        let body = |Foreseen { unit, becomes, from, to }: Foreseen| ForeseenBody {
            unit: coded(unit),
            becomes,
            from: from.map(coded),
            to: to.map(coded),
        };
        Self {
            dry_run: true,
            day,
            opened: count(Becomes::Opened),
            closed: count(Becomes::Closed),
            moved: count(Becomes::Moved),
            carried: count(Becomes::Carried),
            changed: count(Becomes::Changed),
            later: count(Becomes::Later),
            units: preview.named.into_iter().map(body).collect(),
            findings: told(findings, locale),
        }
    }
}

/// What a door that changes the tree answers.
#[derive(ToSchema)]
#[schema(as = ChangeAnswer)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the contract speaks of it: a door writes one or the other")]
pub(in crate::lines::org::http) enum ChangeAnswer {
    /// The unit after it.
    Done(Box<UnitBody>),
    /// What would come of it, with `dry_run`.
    Foreseen(ChangePreview),
}

/// The units that one was split into.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::lines::org::http) struct UnitsSplit {
    /// As they stand on the first day, in the order in which they were named.
    items: Vec<UnitBody>,
    /// Taken in, and worth a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    findings: Vec<FindingBody>,
}

impl UnitsSplit {
    /// As a reader of a language sees it.
    pub fn new(items: Vec<UnitBody>, findings: &[Finding], locale: Locale) -> Self {
        Self { items, findings: told(findings, locale) }
    }
}

/// A unit that was closed, where there is something to say of it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::lines::org::http) struct UnitClosed {
    /// Done, and worth a look.
    findings: Vec<FindingBody>,
}

impl UnitClosed {
    /// As a reader of a language sees it.
    pub fn new(findings: &[Finding], locale: Locale) -> Self {
        Self { findings: told(findings, locale) }
    }
}

/// What closing a unit answers where there is something to say.
#[derive(ToSchema)]
#[schema(as = CloseAnswer)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the contract speaks of it: a door writes one or the other")]
pub(in crate::lines::org::http) enum CloseAnswer {
    /// What is worth a look.
    Done(UnitClosed),
    /// What would come of it, with `dry_run`.
    Foreseen(ChangePreview),
}

/// What splitting a unit answers.
#[derive(ToSchema)]
#[schema(as = SplitAnswer)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the contract speaks of it: a door writes one or the other")]
pub(in crate::lines::org::http) enum SplitAnswer {
    /// The new units.
    Done(UnitsSplit),
    /// What would come of it, with `dry_run`.
    Foreseen(ChangePreview),
}
