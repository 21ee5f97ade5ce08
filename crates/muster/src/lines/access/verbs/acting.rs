//! Recording for whom somebody acted, and reading it back beside the deed.

use crate::lines::access::model::Acting;
use crate::lines::org;
use crate::{Ctx, Fail};
use muster_kernel::Problem;
use muster_store::{Entry, Glance, Link, Rows, StoreError, Stored, Tx, journal_read_many};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// How long ago somebody may have decided.
const AGO_MS_MAX: i64 = 30 * 24 * 3_600_000;

/// What the record is called.
const RECORD: &str = "acting.record";
/// Entries behind a deed among which its record is looked for, and how many of them at a time. A deed that somebody may do
/// for another leaves a handful: no file of units or reports is among them.
const BEHIND: i64 = 4;
const BEHIND_MAX: i64 = 64;

/// Records who decided beside the entries that a deed has written since a mark ([`Tx::journalled`]).
///
/// # Errors
/// `unit.unknown`, `post.unknown` where the actor may not know of it; `acting.when` where it lies in the future or is more
/// than thirty days old.
pub fn acting_record(tx: &mut Tx, ctx: &Ctx, acting: &Acting, mark: usize) -> Result<(), Fail> {
    if !(0..=AGO_MS_MAX).contains(&(ctx.now_ms - acting.at_ms)) {
        return Err(Problem::invalid("acting.when").into());
    }
    let unit = org::unit_standing(tx, ctx, &acting.unit, ctx.today())?.unit;
    let posts = org::posts_of(tx, &[unit], ctx.today())?;
    let unknown = || Problem::not_found("post.unknown").with("post", &acting.post);
    let post = posts.into_iter().find(|post| post.code == acting.post).ok_or_else(unknown)?;
    let deeds: Vec<_> = tx.journalled_since(mark).iter().map(|link| json!([link.lane, link.no])).collect();
    let body = json!({
        "post": acting.post, "holder": post.holder, "decided_at": acting.at_ms, "means": acting.means,
        "deeds": deeds,
    });
    tx.journal(Entry {
        operation: ctx.operation,
        actor: &ctx.actor.to_string(),
        action: RECORD,
        subject: &format!("unit:{unit}"),
        prev: None,
        request: None,
        body: body.to_string().into_bytes(),
    })?;
    Ok(())
}

/// Who decided what somebody did for them, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The unit, by its surrogate.
    pub unit: i64,
    /// Code of the post there.
    pub post: String,
    /// When it was decided, in ms UTC.
    pub at_ms: i64,
    /// By what means: one of [`ACTING_MEANS`](crate::lines::access::ACTING_MEANS).
    pub means: String,
}

impl Decided {
    fn of(record: &Stored) -> Option<Self> {
        let body: Value = serde_json::from_slice(&record.body).ok()?;
        Some(Self {
            unit: record.subject.strip_prefix("unit:")?.parse().ok()?,
            post: body["post"].as_str()?.to_owned(),
            at_ms: body["decided_at"].as_i64()?,
            means: body["means"].as_str()?.to_owned(),
        })
    }
}

/// Of an entry of the journal what its record is found by.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Where it stands.
    pub link: Link,
    /// When it was done, in ms UTC.
    pub at: i64,
    /// By whom.
    pub actor: String,
    /// What was done.
    pub action: String,
}

impl From<&Stored> for Deed {
    fn from(entry: &Stored) -> Self {
        Self { link: entry.link, at: entry.at, actor: entry.actor.clone(), action: entry.action.clone() }
    }
}

impl From<&Glance> for Deed {
    fn from(entry: &Glance) -> Self {
        Self { link: entry.link, at: entry.at, actor: entry.actor.clone(), action: entry.action.clone() }
    }
}

impl Deed {
    fn is_record(&self) -> bool {
        self.action == RECORD
    }
    /// Whether it may have been done for somebody at all: not what one signs oneself, nor a file of rows.
    fn may_be_acted(&self) -> bool {
        !self.action.starts_with("report.") && self.action != "units.import"
    }
    /// Whether another entry may be of the same request: the same moment, the same hand.
    fn is_with(&self, other: &Stored) -> bool {
        self.at == other.at && self.actor == other.actor
    }
}

/// Who decided each of some deeds, of those that were done for somebody; of a record itself, who that was. A record stands
/// in the lane behind its deeds, written by the same hand in the same moment: so nothing but the journal is asked, in one
/// question as a rule.
pub fn acting_of(rows: &mut impl Rows, deeds: &[Deed]) -> Result<HashMap<Link, Decided>, StoreError> {
    let mut found = HashMap::new();
    let mut pending: Vec<(&Deed, i64)> = deeds
        .iter()
        .filter(|deed| deed.may_be_acted())
        .map(|deed| (deed, if deed.is_record() { deed.link.no } else { deed.link.no + 1 }))
        .collect();
    for _ in 0..BEHIND_MAX / BEHIND {
        let behind = |(deed, from): &(&Deed, i64)| {
            let (lane, from) = (deed.link.lane, *from);
            (from..from + BEHIND).map(move |no| (lane, no))
        };
        let wanted: BTreeSet<(i32, i64)> = pending.iter().flat_map(behind).collect();
        let wanted: Vec<Link> = wanted.into_iter().map(|(lane, no)| Link { lane, no }).collect();
        let read = journal_read_many(rows, &wanted)?;
        let mut later = Vec::new();
        for (deed, from) in pending {
            match look(deed, from, &read) {
                Look::Found(decided) => drop(found.insert(deed.link, decided)),
                Look::On => later.push((deed, from + BEHIND)),
                Look::None => {}
            }
        }
        pending = later;
        if pending.is_empty() {
            break;
        }
    }
    Ok(found)
}

/// What became of looking for a record.
enum Look {
    Found(Decided),
    On,
    None,
}

fn look(deed: &Deed, from: i64, read: &HashMap<Link, Stored>) -> Look {
    for no in from..from + BEHIND {
        let entry = read.get(&Link { lane: deed.link.lane, no });
        let Some(entry) = entry.filter(|entry| deed.is_with(entry)) else { return Look::None };
        if entry.action == RECORD && (entry.link == deed.link || names(entry, deed.link)) {
            return Decided::of(entry).map_or(Look::None, Look::Found);
        }
    }
    Look::On
}

/// Whether a record names a deed.
fn names(record: &Stored, deed: Link) -> bool {
    let body: Value = serde_json::from_slice(&record.body).unwrap_or_default();
    let named = |one: &Value| one[0] == deed.lane && one[1] == deed.no;
    body["deeds"].as_array().is_some_and(|deeds| deeds.iter().any(named))
}
