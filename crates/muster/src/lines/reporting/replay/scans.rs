//! Are the scans those that were taken in? Every entry about one beside its row and its file.

use super::super::model::{Scope, SheetKey};
use super::super::store;
use crate::Fail;
use crate::faults::Faults;
use muster_kernel::{Day, Digest};
use muster_store::{Db, Rows, StoreError, Stored, heads, journal_of};
use serde::Serialize;
use serde_json::Value;

/// Entries looked over in one read.
const SPAN: i64 = 20_000;

/// What a replay of the scans found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ScansReplayed {
    /// Scans compared.
    pub scans: u64,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<ScanFaultKind>,
}

/// What can be wrong with a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanFaultKind {
    /// An entry about a scan cannot be read.
    EntryUnreadable,
    /// Its row is gone, or is not as it was taken in.
    RowDiffers,
    /// Its file is gone, or is not the one that was taken in.
    FileDiffers,
    /// Scans or files that no entry took in.
    Unfounded,
}

/// Compares the scans that are kept with what the journal says by now. Blocks, in short reads.
///
/// # Errors
/// The store's.
pub fn scans_replay(db: &Db) -> Result<ScansReplayed, Fail> {
    let (ends, (kept, strays)) = db.read_blocking("scans.replay_ends", |rx| {
        Ok::<_, StoreError>((heads(rx)?, store::scan_counts(rx)?))
    })?;
    let mut replayed = ScansReplayed::default();
    for end in &ends {
        let (place, last) = ((end.bucket, end.lane), end.no);
        for from in (0..last).step_by(SPAN as usize) {
            let span = (from, last.min(from + SPAN));
            let page = db.read_blocking("scans.replay", move |rx| {
                let mut page = ScansReplayed::default();
                for entry in journal_of(rx, place, span, &["report.scan"])? {
                    page.scans += 1;
                    one(rx, &entry, &mut page)?;
                }
                Ok::<_, StoreError>(page)
            })?;
            replayed.scans += page.scans;
            replayed.wrong.add(page.wrong);
        }
    }
    let more = kept.unsigned_abs().saturating_sub(replayed.scans) + strays.unsigned_abs();
    if more > 0 {
        replayed.wrong.fault(ScanFaultKind::Unfounded, format!("count={more}"));
    }
    Ok(replayed)
}

fn one(rows: &mut impl Rows, entry: &Stored, page: &mut ScansReplayed) -> Result<(), StoreError> {
    let at = format!("lane={} entry={}", entry.link.lane, entry.link.no);
    let Some((key, rev, digest, media_type)) = read(entry) else {
        page.wrong.fault(ScanFaultKind::EntryUnreadable, at);
        return Ok(());
    };
    if store::scan_of_entry(rows, &key, (rev, &digest, entry.link))? != Some(entry.at) {
        page.wrong.fault(ScanFaultKind::RowDiffers, &*at);
    }
    let same = store::scan_file(rows, &digest)?.is_some_and(|(kind, bytes)| {
        kind.is_some_and(|kind| kind.name() == media_type) && Digest::of(&bytes).to_string() == digest
    });
    if !same {
        page.wrong.fault(ScanFaultKind::FileDiffers, at);
    }
    Ok(())
}

fn read(entry: &Stored) -> Option<(SheetKey, i64, String, String)> {
    let body: Value = serde_json::from_slice(&entry.body).ok()?;
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    let day: Day = serde_json::from_value(body["day"].clone()).ok()?;
    let scope: Scope = serde_json::from_value(body["scope"].clone()).ok()?;
    let unit = entry.subject.strip_prefix("unit:")?.parse().ok()?;
    let (bucket, slot) = (body["bucket"].as_i64()?, body["slot"].as_i64()?);
    let key = SheetKey { bucket, operation: entry.operation, day, slot, unit, scope };
    Some((key, body["revision"].as_i64()?, text("digest")?, text("media_type")?))
}
