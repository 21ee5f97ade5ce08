//! Are the accounts those that were set, and the roles those that were given? Each row beside the last entry about it.
//!
//! Sessions, letters and requests to be let in again are not in the journal but for their deeds: they last hours or days,
//! and whoever wants to be sure ends them all.

use super::model::{Grant, Link as Issued, Linked, Token};
use super::store::accounts::{RawAccount, accounts_after};
use super::store::grants::{grants_after, separations};
use super::store::links::links_after;
use super::store::names::{Named, key_strays, names_of};
use super::store::oidc::linked_after;
use super::store::tokens::tokens_after;
use super::verbs::{account_seal, account_seal_plain, linked_seal};
use crate::Fail;
use crate::faults::Faults;
use crate::seal::Seals;
use muster_store::{Db, Link, Rx, StoreError, Stored, heads, journal_of};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Entries looked over in one read.
const SPAN: i64 = 20_000;
/// The entries that speak of accounts.
const ACTIONS: &[&str] = &[
    "account.set",
    "account.end",
    "account.erase",
    "account.export",
    "account.enter",
    "account.letter",
    "account.password",
    "account.reset",
    "grant.give",
    "grant.end",
    "access.separate",
    "access.unite",
    "link.issue",
    "link.end",
    "token.issue",
    "token.end",
    "oidc.link",
    "oidc.unlink",
    "totp.set",
    "totp.end",
];
/// Accounts read at a time.
const PAGE: i64 = 1_000;

/// What a replay of the accounts found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AccountsReplayed {
    /// Accounts compared.
    pub accounts: u64,
    /// Roles compared that were given, ended ones too.
    pub grants: u64,
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
    /// Its name, password, unit or days are not those that were set.
    AccountDiffers,
    /// A key that is of nobody.
    KeyUnfounded,
    /// An account that was set is gone.
    AccountMissing,
    /// An account that no entry set.
    AccountUnfounded,
    /// Who has a role, which, where or when is not as it was given.
    GrantDiffers,
    /// A role that was given is gone.
    GrantMissing,
    /// A role that no entry gave.
    GrantUnfounded,
    /// What a link opens, from when to when, is not as it was issued or ended.
    LinkDiffers,
    /// A link that was issued is gone.
    LinkMissing,
    /// A link that no entry issued.
    LinkUnfounded,
    /// What a token lets a program do, as whom, from when to when, is not as it was issued or ended.
    TokenDiffers,
    /// A token that was issued is gone.
    TokenMissing,
    /// A token that no entry issued.
    TokenUnfounded,
    /// Whom a group's login lets in, or who linked it and when, is not as it was linked.
    LoginDiffers,
    /// A group's login that was linked is gone.
    LoginMissing,
    /// A group's login that no entry linked.
    LoginUnfounded,
    /// Whether, or since when, three administrators are appointed is not as it was noted.
    SeparationDiffers,
}

/// The last word on an account.
struct Last {
    /// 0 where an older version wrote the entry, which told the role alone.
    revision: i64,
    body: Value,
}

/// Compares the accounts with what the journal says by now, and what finds a login name with the name, which needs its key.
/// Blocks, in short reads; what it remembers is a line for each account.
///
/// # Errors
/// The store's.
pub fn accounts_replay(db: &Db, seals: &Seals) -> Result<AccountsReplayed, Fail> {
    use AccountFaultKind::*;
    // One snapshot: what is set later is in neither.
    let of = seals.clone();
    let snapshot = move |rx: &mut Rx<'_>| {
        let rows = every(|after| accounts_after(rx, after, PAGE), |row| &row.id)?;
        let mut names: HashMap<String, Named> = HashMap::with_capacity(rows.len());
        for page in rows.chunks(PAGE as usize) {
            let ids: Vec<String> = page.iter().map(|row| row.id.clone()).collect();
            names.extend(names_of(rx, &of, &ids)?.into_iter().map(|named| (named.id.clone(), named)));
        }
        let grants = every(|after| grants_after(rx, after, PAGE), |grant| &grant.id)?;
        let links = every(|after| links_after(rx, after, PAGE), |link| &link.id)?;
        let logins = every(|after| linked_after(rx, after, PAGE), |login| &login.id)?;
        let tokens = every(|after| tokens_after(rx, after, PAGE), |token| &token.id)?;
        Ok::<_, StoreError>((heads(rx)?, rows, names, grants, links, logins, tokens, separations(rx)?))
    };
    let (ends, rows, names, grants, links, logins, tokens, separated) =
        db.read_blocking("accounts.replay_ends", snapshot)?;
    let mut replayed = AccountsReplayed {
        accounts: rows.len() as u64,
        grants: grants.len() as u64,
        ..AccountsReplayed::default()
    };
    let mut said = Said::default();
    for end in &ends {
        let (place, no) = ((end.bucket, end.lane), end.no);
        for from in (0..no).step_by(SPAN as usize) {
            let span = (from, no.min(from + SPAN));
            let entries =
                db.read_blocking("accounts.replay", move |rx| journal_of(rx, place, span, ACTIONS))?;
            for entry in &entries {
                if said.take(entry).is_none() {
                    let at = format!("lane={} entry={}", entry.link.lane, entry.link.no);
                    replayed.wrong.fault(EntryUnreadable, at);
                }
            }
        }
    }
    for row in &rows {
        let at = format!("account={}", row.id);
        let leads = said.leads_to(row);
        match said.accounts.remove(&row.id) {
            Some(said) if leads && is_said(row, names.get(&row.id), seals, &said) => {}
            Some(_) => replayed.wrong.fault(AccountDiffers, at),
            None => replayed.wrong.fault(AccountUnfounded, at),
        }
    }
    for subject in db.read_blocking("accounts.replay_keys", |rx| key_strays(rx))? {
        replayed.wrong.fault(KeyUnfounded, format!("key={subject}"));
    }
    for id in said.accounts.keys() {
        replayed.wrong.fault(AccountMissing, format!("account={id}"));
    }
    for grant in &grants {
        let at = format!("grant={}", grant.id);
        match said.grants.remove(&grant.id) {
            Some(said) if is_given(grant, &said) => {}
            Some(_) => replayed.wrong.fault(GrantDiffers, at),
            // What an account was allowed by itself, before roles were given.
            None if grant.revision == 0
                && said.roles.contains(&(grant.account.clone(), grant.role.clone())) => {}
            None => replayed.wrong.fault(GrantUnfounded, at),
        }
    }
    for id in said.grants.keys() {
        replayed.wrong.fault(GrantMissing, format!("grant={id}"));
    }
    for link in &links {
        let at = format!("link={}", link.id);
        match said.issued.remove(&link.id) {
            Some(said) if is_issued(link, &said) => {}
            Some(_) => replayed.wrong.fault(LinkDiffers, at),
            None => replayed.wrong.fault(LinkUnfounded, at),
        }
    }
    for id in said.issued.keys() {
        replayed.wrong.fault(LinkMissing, format!("link={id}"));
    }
    for login in &logins {
        let at = format!("login={}", login.id);
        match said.logins.remove(&login.id) {
            Some(said) if is_login(login, &said) => {}
            Some(_) => replayed.wrong.fault(LoginDiffers, at),
            None => replayed.wrong.fault(LoginUnfounded, at),
        }
    }
    // One that was taken away is gone.
    for (id, _) in said.logins.iter().filter(|(_, (_, _, ended))| !ended) {
        replayed.wrong.fault(LoginMissing, format!("login={id}"));
    }
    for token in &tokens {
        let at = format!("token={}", token.id);
        match said.tokens.remove(&token.id) {
            Some(said) if is_token(token, &said) => {}
            Some(_) => replayed.wrong.fault(TokenDiffers, at),
            None => replayed.wrong.fault(TokenUnfounded, at),
        }
    }
    for id in said.tokens.keys() {
        replayed.wrong.fault(TokenMissing, format!("token={id}"));
    }
    let noted: Vec<(i64, i64)> =
        said.separations.iter().filter(|(_, (_, is))| *is).map(|(of, ((at, _), _))| (*of, *at)).collect();
    if noted != separated {
        replayed.wrong.fault(SeparationDiffers, "operation".to_owned());
    }
    Ok(replayed)
}

/// All rows of something, page by page: each page after the id of the last of the one before.
fn every<T>(
    mut page: impl FnMut(&str) -> Result<Vec<T>, StoreError>,
    id: impl Fn(&T) -> &String,
) -> Result<Vec<T>, StoreError> {
    let mut all: Vec<T> = Vec::new();
    loop {
        let after = all.last().map_or_else(String::new, |last| id(last).clone());
        let next = page(&after)?;
        if next.is_empty() {
            return Ok(all);
        }
        all.extend(next);
    }
}

/// What the journal says by now: the last word on each account and role.
#[derive(Default)]
struct Said {
    accounts: BTreeMap<String, Last>,
    grants: BTreeMap<String, Last>,
    /// Roles that an older version's entries say of accounts.
    roles: BTreeSet<(String, String)>,
    /// Of each token whose it is, what it was issued as, and when it was ended.
    tokens: BTreeMap<String, (String, Value, i64)>,
    /// Of each login of a group's service whose it is, what it was linked as, and whether it was taken away.
    logins: BTreeMap<String, (String, Value, bool)>,
    /// Of each link what it was issued as, and when it was ended.
    issued: BTreeMap<String, (Value, i64)>,
    /// The last word on each operation's administrators: when and where it was said, and whether they are three.
    separations: BTreeMap<i64, ((i64, Link), bool)>,
    /// Of each account the entries about it, and those that another one names as the one before.
    links: BTreeMap<String, (BTreeSet<Link>, BTreeSet<Link>)>,
}

impl Said {
    /// Takes an entry; none where it cannot be read.
    fn take(&mut self, entry: &Stored) -> Option<()> {
        if let Some(id) = entry.subject.strip_prefix("account:") {
            let (about, before) = self.links.entry(id.to_owned()).or_default();
            about.insert(entry.link);
            before.extend(entry.prev);
        }
        if entry.action.starts_with("token.") {
            let body: Value = serde_json::from_slice(&entry.body).ok()?;
            let account = entry.subject.strip_prefix("account:")?;
            let known = self.tokens.entry(body["token"].as_str()?.to_owned()).or_default();
            match body["ended_at"].as_i64() {
                Some(ended_at) => known.2 = ended_at,
                None => (known.0, known.1) = (account.to_owned(), body),
            }
            return Some(());
        }
        if entry.action.starts_with("oidc.") {
            let body: Value = serde_json::from_slice(&entry.body).ok()?;
            let account = entry.subject.strip_prefix("account:")?;
            let known = self.logins.entry(body["login"].as_str()?.to_owned()).or_default();
            match body["ended_at"].as_i64() {
                Some(_) => known.2 = true,
                None => (known.0, known.1) = (account.to_owned(), body),
            }
            return Some(());
        }
        if entry.action.starts_with("link.") {
            let body: Value = serde_json::from_slice(&entry.body).ok()?;
            let known = self.issued.entry(body["link"].as_str()?.to_owned()).or_default();
            match body["ended_at"].as_i64() {
                Some(ended_at) => known.1 = ended_at,
                None => known.0 = body,
            }
            return Some(());
        }
        if entry.action.starts_with("access.") {
            let word = ((entry.at, entry.link), entry.action == "access.separate");
            let known = self.separations.entry(entry.operation).or_insert(word);
            *known = (*known).max(word);
            return Some(());
        }
        if entry.action.starts_with("grant.") {
            let body: Value = serde_json::from_slice(&entry.body).ok()?;
            let (id, revision) = (body["grant"].as_str()?.to_owned(), body["revision"].as_i64()?);
            return latest(&mut self.grants, id, Last { revision, body });
        }
        let id = entry.subject.strip_prefix("account:")?.to_owned();
        // They leave the account as it is.
        if ["account.export", "account.letter", "account.reset", "totp.set", "totp.end"]
            .contains(&entry.action.as_str())
        {
            return Some(());
        }
        let body: Option<Value> = serde_json::from_slice(&entry.body).ok();
        let said = match body {
            Some(body) => Last { revision: body["revision"].as_i64()?, body },
            None => {
                let role = std::str::from_utf8(&entry.body).ok()?;
                Last { revision: 0, body: json!({ "role": role }) }
            }
        };
        if let Some(role) = said.body["role"].as_str() {
            self.roles.insert((id.clone(), role.to_owned()));
        }
        latest(&mut self.accounts, id, said)
    }
}

impl Said {
    /// Whether the last entry about an account is the one that its row names. An older version named none.
    fn leads_to(&self, row: &RawAccount) -> bool {
        let Some((about, before)) = self.links.get(&row.id) else { return row.last.is_none() };
        match row.last {
            Some(last) => about.contains(&last) && !before.contains(&last),
            None => before.is_empty(),
        }
    }
}

fn latest(known: &mut BTreeMap<String, Last>, id: String, said: Last) -> Option<()> {
    if known.get(&id).is_none_or(|known| known.revision <= said.revision) {
        known.insert(id, said);
    }
    Some(())
}

fn is_token(token: &Token, (account, body, ended_at): &(String, Value, i64)) -> bool {
    let numbers = [("issued_at", token.issued_at), ("expires_at", token.expires_at)];
    token.account == *account
        && numbers.into_iter().all(|(key, number)| body[key] == number)
        && body["scope"] == token.scope.as_str()
        && token.ended_at == *ended_at
}

fn is_login(login: &Linked, (account, body, ended): &(String, Value, bool)) -> bool {
    login.account == *account
        && !ended
        && body["provider"] == login.provider.as_str()
        && body["seal"] == linked_seal(login)
        && body["own"] == login.own
        && body["linked_at"] == login.linked_at
}

fn is_issued(link: &Issued, (body, ended_at): &(Value, i64)) -> bool {
    let numbers = [
        ("unit", link.unit),
        ("operation", link.operation),
        ("issued_at", link.issued_at),
        ("expires_at", link.expires_at),
    ];
    numbers.into_iter().all(|(key, number)| body[key] == number)
        && body["form"] == link.form.as_str()
        && body["giver"] == link.giver.as_str()
        && link.ended_at == *ended_at
}

fn is_given(grant: &Grant, said: &Last) -> bool {
    let Last { revision, body } = said;
    let days = [("since", grant.since), ("until", grant.until)];
    grant.revision == *revision
        && body["account"] == grant.account.as_str()
        && body["role"] == grant.role.as_str()
        && body["post"] == grant.post
        && body["unit"] == grant.unit
        && body["operation"] == grant.operation
        && body["giver"] == grant.giver.as_str()
        && days.into_iter().all(|(key, day)| body[key] == day.number())
}

fn is_said(row: &RawAccount, named: Option<&Named>, seals: &Seals, said: &Last) -> bool {
    let Last { revision, body } = said;
    if !named.is_some_and(|named| named.is_sound(seals)) {
        return false;
    }
    let plain = || named.and_then(Named::text).map(|name| account_seal_plain(row, name));
    match revision {
        0 => row.rev == 0,
        _ => {
            let numbers = [("unit", row.unit), ("since", row.since), ("until", row.until)];
            row.rev == *revision
                && numbers.into_iter().all(|(key, number)| body[key] == number)
                && (body["seal"] == account_seal(row) || plain().is_some_and(|plain| body["seal"] == plain))
        }
    }
}
