//! Is the operation what was set? Its row beside the last entry that says it.

use super::model::Operation;
use super::store;
use crate::Fail;
use crate::faults::Faults;
use muster_store::{Db, StoreError, Stored, heads, journal_of};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Entries looked over in one read.
const SPAN: i64 = 20_000;

/// What a replay of the operation found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OperationReplayed {
    /// Operations compared: one, or none in an empty database.
    pub operations: u64,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<OperationFaultKind>,
}

/// What can be wrong with the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationFaultKind {
    /// An entry about the operation cannot be read.
    EntryUnreadable,
    /// Its names, the office's title, the top unit, the time zone or the daily form are not those that were set.
    OperationDiffers,
    /// The operation is gone.
    OperationMissing,
    /// An operation that no entry set.
    OperationUnfounded,
}

/// What an entry says.
#[derive(Deserialize)]
struct Said {
    revision: i64,
    operation: Operation,
}

/// Compares the operation with what the journal says by now. Blocks, in short reads.
///
/// # Errors
/// The store's.
pub fn operation_replay(db: &Db) -> Result<OperationReplayed, Fail> {
    use OperationFaultKind::*;
    // One snapshot: what is set later is in neither.
    let (ends, rows) = db.read_blocking("operation.replay_ends", |rx| {
        Ok::<_, StoreError>((heads(rx)?, store::operations(rx)?))
    })?;
    let mut replayed = OperationReplayed { operations: rows.len() as u64, ..OperationReplayed::default() };
    let mut last: BTreeMap<i64, Said> = BTreeMap::new();
    for end in &ends {
        let (place, no) = ((end.bucket, end.lane), end.no);
        for from in (0..no).step_by(SPAN as usize) {
            let span = (from, no.min(from + SPAN));
            let entries = db.read_blocking("operation.replay", move |rx| {
                journal_of(rx, place, span, &["operation.set"])
            })?;
            for entry in &entries {
                match read(entry) {
                    None => {
                        let at = format!("lane={} entry={}", entry.link.lane, entry.link.no);
                        replayed.wrong.fault(EntryUnreadable, at);
                    }
                    Some(said) => {
                        let id = said.operation.id;
                        if last.get(&id).is_none_or(|known| known.revision < said.revision) {
                            last.insert(id, said);
                        }
                    }
                }
            }
        }
    }
    // A version that did not journal the row whole left it at revision 0; there is nothing to hold it to until it is
    // set again.
    let is_old = last.is_empty();
    for (row, rev) in &rows {
        let at = format!("operation={}", row.id);
        match last.remove(&row.id) {
            Some(said) if said.revision == *rev && said.operation == *row => {}
            Some(_) => replayed.wrong.fault(OperationDiffers, at),
            None if is_old && *rev == 0 => {}
            None => replayed.wrong.fault(OperationUnfounded, at),
        }
    }
    for id in last.keys() {
        replayed.wrong.fault(OperationMissing, format!("operation={id}"));
    }
    Ok(replayed)
}

fn read(entry: &Stored) -> Option<Said> {
    serde_json::from_slice(&entry.body).ok()
}
