//! Are channels and letters those that were set and written? Every entry about one beside its row. How far a letter came is
//! the worker's own note, but for what it gave up.

use super::channel::{channel_told, store as channels};
use super::model::{Channel, Kept, State};
use super::store;
use super::verbs::{digest, letter_told};
use crate::Fail;
use crate::faults::Faults;
use crate::seal::{Closed, Seals};
use muster_store::{Db, Rows, StoreError, Stored, heads, journal_of};
use serde::Serialize;
use serde_json::Value;

/// Entries looked over in one read.
const SPAN: i64 = 20_000;
/// Channels looked over in one read.
const PAGE: u32 = 500;
/// Deeds that write letters.
const DEEDS: [&str; 2] = ["channel.test", "report.remind"];

/// What a replay of channels and letters found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OutboundReplayed {
    /// Channels compared.
    pub channels: u64,
    /// Letters compared.
    pub letters: u64,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<OutboundFaultKind>,
}

/// What can be wrong with a channel or a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboundFaultKind {
    /// An entry about one cannot be read.
    EntryUnreadable,
    /// A channel's row is gone, or is not as it was set.
    ChannelDiffers,
    /// Where a channel leads does not open, or a key is left of one that ended.
    TargetBroken,
    /// A letter's row is gone, or is not as it was written.
    LetterDiffers,
    /// Channels or letters that no entry wrote.
    Unfounded,
}
use OutboundFaultKind::{ChannelDiffers, EntryUnreadable, LetterDiffers, TargetBroken, Unfounded};

/// Compares channels and letters with what the journal says by now. Blocks, in short reads. Where channels lead is opened
/// as far as `seals` has the keys.
///
/// # Errors
/// The store's.
pub fn outbound_replay(db: &Db, seals: &Seals) -> Result<OutboundReplayed, Fail> {
    let (ends, counts) =
        db.read_blocking("outbound.replay_ends", |rx| Ok::<_, StoreError>((heads(rx)?, store::counts(rx)?)))?;
    let mut replayed = OutboundReplayed::default();
    let mut deeds = vec!["channel.set", "channel.end", "letter.give_up"];
    deeds.extend(DEEDS);
    for end in &ends {
        let (place, last) = ((end.bucket, end.lane), end.no);
        for from in (0..last).step_by(SPAN as usize) {
            let (span, deeds) = ((from, last.min(from + SPAN)), deeds.clone());
            let page = db.read_blocking("outbound.replay", move |rx| {
                let mut page = OutboundReplayed::default();
                for entry in journal_of(rx, place, span, &deeds)? {
                    one(rx, &entry, &mut page)?;
                }
                Ok::<_, StoreError>(page)
            })?;
            replayed.channels += page.channels;
            replayed.letters += page.letters;
            replayed.wrong.add(page.wrong);
        }
    }
    targets(db, seals, &mut replayed)?;
    let more = |there: i64, founded: u64| there.unsigned_abs().saturating_sub(founded);
    let more = more(counts.0, replayed.channels) + more(counts.1, replayed.letters);
    if more > 0 {
        replayed.wrong.fault(Unfounded, format!("count={more}"));
    }
    Ok(replayed)
}

fn one(rows: &mut impl Rows, entry: &Stored, page: &mut OutboundReplayed) -> Result<(), StoreError> {
    let at = format!("lane={} entry={}", entry.link.lane, entry.link.no);
    let unit = entry.subject.strip_prefix("unit:").and_then(|unit| unit.parse::<i64>().ok());
    let body = serde_json::from_slice::<Value>(&entry.body).ok();
    let (Some(unit), Some(body)) = (unit, body) else {
        page.wrong.fault(EntryUnreadable, at);
        return Ok(());
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match &*entry.action {
        "channel.set" | "channel.end" => {
            let row = channels::channels_by_id(rows, &[text(&body["channel"])])?.pop();
            // Its latest entry: a row without one was put there by nobody.
            page.channels += u64::from(row.as_ref().is_some_and(|row| body["rev"] == row.rev));
            if !row.is_some_and(|row| is_channel(&row, unit, &body, entry)) {
                page.wrong.fault(ChannelDiffers, at);
            }
        }
        "letter.give_up" => {
            for id in body["letters"].as_array().into_iter().flatten() {
                let row = store::letter_by_id(rows, &text(id))?;
                let is = |row: &Kept| {
                    row.state == State::GivenUp && row.letter.unit == unit && row.error == body["error"]
                };
                if !row.as_ref().is_some_and(is) {
                    page.wrong.fault(LetterDiffers, at.clone());
                }
            }
        }
        _ => {
            let told = &body["letter"];
            page.letters += 1;
            let row = store::letter_by_id(rows, &text(&told["id"]))?;
            if !row.is_some_and(|row| is_letter(&row, unit, told, entry)) {
                page.wrong.fault(LetterDiffers, at);
            }
        }
    }
    Ok(())
}

/// Whether a row is what its latest entry says, or was set again since.
fn is_channel(row: &Channel, unit: i64, body: &Value, entry: &Stored) -> bool {
    let rev = body["rev"].as_i64().unwrap_or_default();
    let is_own = row.operation == entry.operation && row.unit == unit && body["code"] == row.code;
    is_own && (row.rev > rev || row.rev == rev && channel_told(row) == *body && row.link == entry.link)
}

fn is_letter(row: &Kept, unit: i64, told: &Value, entry: &Stored) -> bool {
    let letter = &row.letter;
    let is_erased = letter.text.is_empty() && letter.subject.is_empty() && row.ended_at.is_some();
    letter_told(row) == *told
        && (row.operation, letter.unit, row.at_ms, row.link) == (entry.operation, unit, entry.at, entry.link)
        && (is_erased || digest(&letter.subject, &letter.text) == row.digest)
}

/// Whether each channel that is used has its latest entry, and opens; whether a key is left that opens nothing.
fn targets(db: &Db, seals: &Seals, replayed: &mut OutboundReplayed) -> Result<(), Fail> {
    let mut after = String::new();
    loop {
        let (from, seals) = (after.clone(), seals.clone());
        let (last, broken) = db.read_blocking("outbound.replay_targets", move |rx| {
            let page = channels::channels_after(rx, &from, PAGE)?;
            let mut broken = Vec::new();
            for one in page.iter().filter(|one| one.ended_at == 0) {
                if matches!(
                    channels::target(rx, &seals, &one.id)?,
                    None | Some((Err(Closed::Broken), _) | (_, false))
                ) {
                    broken.push(one.id.clone());
                }
            }
            let last = page.last().map(|one| one.id.clone()).filter(|_| page.len() == PAGE as usize);
            Ok::<_, StoreError>((last, broken))
        })?;
        for id in broken {
            replayed.wrong.fault(TargetBroken, format!("channel={id}"));
        }
        match last {
            Some(last) => after = last,
            None => break,
        }
    }
    for stray in db.read_blocking("outbound.replay_strays", |rx| channels::key_strays(rx))? {
        replayed.wrong.fault(TargetBroken, stray);
    }
    Ok(())
}
