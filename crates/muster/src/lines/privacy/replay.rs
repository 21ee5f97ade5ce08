//! Is what is said of personal fields what was said? Each row beside the last entry about it.

use super::model::{End, Rule};
use super::store;
use crate::Fail;
use crate::faults::Faults;
use muster_kernel::Day;
use muster_store::{Db, StoreError, heads, journal_of};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Entries looked over in one read.
const SPAN: i64 = 20_000;

/// What a replay of the rules found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PrivacyReplayed {
    /// Rules and ends compared.
    pub rules: u64,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<PrivacyFaultKind>,
}

/// What can be wrong with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyFaultKind {
    /// An entry about one cannot be read.
    EntryUnreadable,
    /// It is gone, or is not as it was said.
    RowDiffers,
    /// One that no entry said.
    Unfounded,
}

#[derive(Deserialize)]
struct RuleSaid {
    field: String,
    basis: String,
    keep_days: u32,
    revision: i64,
}

#[derive(Deserialize)]
struct EndSaid {
    day: Day,
    reason: String,
    revision: i64,
}

/// What was last said, by operation and field; the end of an operation under no field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    Rule(Rule),
    End(End),
}

impl Said {
    fn revision(&self) -> i64 {
        match self {
            Self::Rule(rule) => rule.revision,
            Self::End(end) => end.revision,
        }
    }
}

/// Compares what is said with what the journal says by now. Blocks, in short reads.
///
/// # Errors
/// The store's.
pub fn privacy_replay(db: &Db) -> Result<PrivacyReplayed, Fail> {
    use PrivacyFaultKind::*;
    let (ends, (rules, closes)) =
        db.read_blocking("privacy.replay_ends", |rx| Ok::<_, StoreError>((heads(rx)?, store::all(rx)?)))?;
    let mut replayed = PrivacyReplayed::default();
    let mut last: BTreeMap<(i64, String), Said> = BTreeMap::new();
    for end in &ends {
        let (place, to) = ((end.bucket, end.lane), end.no);
        for from in (0..to).step_by(SPAN as usize) {
            let span = (from, to.min(from + SPAN));
            let entries = db.read_blocking("privacy.replay", move |rx| {
                journal_of(rx, place, span, &["privacy.set", "privacy.end"])
            })?;
            for entry in entries {
                let said = match &*entry.action {
                    "privacy.set" => serde_json::from_slice(&entry.body).ok().map(|said: RuleSaid| {
                        let RuleSaid { field, basis, keep_days, revision } = said;
                        (field.clone(), Said::Rule(Rule { field, basis, keep_days, revision }))
                    }),
                    _ => serde_json::from_slice(&entry.body).ok().map(|said: EndSaid| {
                        let EndSaid { day, reason, revision } = said;
                        (String::new(), Said::End(End { day, reason, revision }))
                    }),
                };
                let Some((field, said)) = said else {
                    let at = format!("lane={} entry={}", entry.link.lane, entry.link.no);
                    replayed.wrong.fault(EntryUnreadable, at);
                    continue;
                };
                let key = (entry.operation, field);
                if last.get(&key).is_none_or(|known| known.revision() < said.revision()) {
                    last.insert(key, said);
                }
            }
        }
    }
    let rules = rules.into_iter().map(|(of, rule)| ((of, rule.field.clone()), Said::Rule(rule)));
    let closes = closes.into_iter().map(|(of, end)| ((of, String::new()), Said::End(end)));
    for (key, row) in rules.chain(closes) {
        replayed.rules += 1;
        let at = format!("operation={} field={}", key.0, key.1);
        match last.remove(&key) {
            Some(said) if said == row => {}
            Some(_) => replayed.wrong.fault(RowDiffers, at),
            None => replayed.wrong.fault(Unfounded, at),
        }
    }
    for (of, field) in last.keys() {
        replayed.wrong.fault(RowDiffers, format!("operation={of} field={field}"));
    }
    Ok(replayed)
}
