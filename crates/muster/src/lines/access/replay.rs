//! Are the accounts those that were set? Each row beside the last entry about it.
//!
//! Sessions are not in the journal: they last hours, and whoever wants to be sure ends them all.

use super::store::{self, RawAccount};
use super::verbs::account_seal;
use crate::Fail;
use crate::faults::Faults;
use muster_store::{Db, StoreError, Stored, heads, journal_of};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Entries looked over in one read.
const SPAN: i64 = 20_000;
/// The entries that speak of accounts.
const ACTIONS: &[&str] = &["account.set", "account.end"];
/// Accounts read at a time.
const PAGE: i64 = 1_000;

/// What a replay of the accounts found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AccountsReplayed {
    /// Accounts compared.
    pub accounts: u64,
    /// What differed.
    #[serde(flatten)]
    pub wrong: Faults<AccountFaultKind>,
}

/// What can be wrong with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountFaultKind {
    /// An entry about an account cannot be read.
    EntryUnreadable,
    /// Its name, password, role, unit or days are not those that were set.
    AccountDiffers,
    /// An account that was set is gone.
    AccountMissing,
    /// An account that no entry set.
    AccountUnfounded,
}

/// The last word on an account.
struct Last {
    /// 0 where an older version wrote the entry, which told the role alone.
    revision: i64,
    body: Value,
}

/// Compares the accounts with what the journal says by now. Blocks, in short reads; what it remembers is a line for each
/// account.
///
/// # Errors
/// The store's.
pub fn accounts_replay(db: &Db) -> Result<AccountsReplayed, Fail> {
    use AccountFaultKind::*;
    // One snapshot: what is set later is in neither.
    let (ends, rows) = db.read_blocking("accounts.replay_ends", |rx| {
        let mut rows: Vec<RawAccount> = Vec::new();
        loop {
            let after = rows.last().map_or_else(String::new, |row| row.id.clone());
            let page = store::accounts_after(rx, &after, PAGE)?;
            if page.is_empty() {
                return Ok::<_, StoreError>((heads(rx)?, rows));
            }
            rows.extend(page);
        }
    })?;
    let mut replayed = AccountsReplayed { accounts: rows.len() as u64, ..AccountsReplayed::default() };
    let mut last: BTreeMap<String, Last> = BTreeMap::new();
    for end in &ends {
        let (place, no) = ((end.bucket, end.lane), end.no);
        for from in (0..no).step_by(SPAN as usize) {
            let span = (from, no.min(from + SPAN));
            let entries =
                db.read_blocking("accounts.replay", move |rx| journal_of(rx, place, span, ACTIONS))?;
            for entry in &entries {
                match read(entry) {
                    None => {
                        let at = format!("lane={} entry={}", entry.link.lane, entry.link.no);
                        replayed.wrong.fault(EntryUnreadable, at);
                    }
                    Some((id, said)) => {
                        if last.get(id).is_none_or(|known| known.revision <= said.revision) {
                            last.insert(id.to_owned(), said);
                        }
                    }
                }
            }
        }
    }
    for row in &rows {
        let at = format!("account={}", row.id);
        match last.remove(&row.id) {
            Some(said) if is_said(row, &said) => {}
            Some(_) => replayed.wrong.fault(AccountDiffers, at),
            None => replayed.wrong.fault(AccountUnfounded, at),
        }
    }
    for id in last.keys() {
        replayed.wrong.fault(AccountMissing, format!("account={id}"));
    }
    Ok(replayed)
}

fn is_said(row: &RawAccount, said: &Last) -> bool {
    let Last { revision, body } = said;
    let role = body["role"] == row.role.as_str();
    match revision {
        0 => row.rev == 0 && role,
        _ => {
            let numbers = [("unit", row.unit), ("since", row.since), ("until", row.until)];
            row.rev == *revision
                && role
                && numbers.into_iter().all(|(key, number)| body[key] == number)
                && body["seal"] == account_seal(row)
        }
    }
}

fn read(entry: &Stored) -> Option<(&str, Last)> {
    let id = entry.subject.strip_prefix("account:")?;
    let body: Option<Value> = serde_json::from_slice(&entry.body).ok();
    match body {
        Some(body) => Some((id, Last { revision: body["revision"].as_i64()?, body })),
        None => {
            let role = std::str::from_utf8(&entry.body).ok()?;
            Some((id, Last { revision: 0, body: json!({ "role": role }) }))
        }
    }
}
