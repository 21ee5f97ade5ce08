//! Logins of groups' own services: linking one to an account, taking it away, coming in by it. No account is made by one.
//!
//! Who runs such a service can be anybody whom it knows. So it opens an account only where the account's person linked it
//! themselves, logged in to both, or an administrator did before anybody was in; where the account is at home, and may do
//! things, within the part of the tree that the operator gave the service, looked at each time; and one that rules or
//! watches others only where its own person linked it.

use super::accounts::noted;
use super::sessions::{new_token, session_put, token_hash};
use super::totp::{self, totp_state};
use super::{Moment, held};
use crate::lines::access::model::{Account, Linked, Round, Service};
use crate::lines::access::store::accounts::{self, RawAccount};
use crate::lines::access::store::{oidc as store, sessions};
use crate::lines::org;
use crate::seal::Seals;
use crate::{Ctx, Fail};
use muster_kernel::{Digest, Problem, ProblemKind};
use muster_store::{Rows, StoreError, Tx};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

/// How long a browser may be away.
const AWAY_MS: i64 = 10 * 60_000;
/// How long a code of an authenticator is waited for.
const CODE_MS: i64 = 5 * 60_000;

/// What is remembered of a browser that is sent away.
#[derive(Clone, Debug)]
pub struct Going {
    /// Id of the service.
    pub provider: String,
    /// What the browser brings back.
    pub state: String,
    /// What its cookie holds.
    pub browser: String,
    /// What the ID token repeats.
    pub nonce: String,
    /// What shows the service who asked for the code.
    pub verifier: String,
    /// The page of ours that was asked for.
    pub path: String,
    /// Id of the account to which a login is to be linked; empty where somebody wants to come in.
    pub account: String,
}

/// What came of a login.
#[derive(Debug)]
pub enum Entered {
    /// Somebody is in.
    In(Account),
    /// A code of the account's authenticator is wanting; the same browser says it.
    Code,
}

/// A word that nobody guesses, for a cookie.
pub fn oidc_word() -> String {
    new_token()
}

/// Remembers a browser that is sent away.
pub fn oidc_go(tx: &mut Tx, now_ms: i64, going: &Going) -> Result<(), StoreError> {
    let round = Round {
        state_hash: token_hash(&going.state),
        browser_hash: token_hash(&going.browser),
        provider: going.provider.clone(),
        nonce: going.nonce.clone(),
        verifier: going.verifier.clone(),
        path: going.path.clone(),
        account: going.account.clone(),
        passed: false,
        expires_at: now_ms + AWAY_MS,
    };
    store::round_add(tx, &round, now_ms)
}

/// What was remembered of a browser that comes back, once.
///
/// # Errors
/// `oidc.round` where this browser was not sent away with that word, too long ago, or has come back before.
pub fn oidc_back(tx: &mut Tx, now_ms: i64, state: &str, browser: &str) -> Result<Round, Fail> {
    let unknown = || Problem::new(ProblemKind::Unauthenticated, "oidc.round");
    let round = store::round_of(tx, &token_hash(state), &token_hash(browser), now_ms)?;
    let round = round.filter(|round| !round.passed).ok_or_else(unknown)?;
    match store::round_drop(tx, &round.state_hash)? {
        true => Ok(round),
        false => Err(unknown().into()),
    }
}

/// Lets in whoever a service says it is: opens a session of a new token, or says that a code is wanting.
///
/// # Errors
/// `oidc.not_linked` where the login opens no account that is let in today; `oidc.beyond` where the service may not open it.
pub fn oidc_enter(
    tx: &mut Tx,
    seals: &Seals,
    at: Moment,
    (service, subject): (&Service, &str),
    (token, agent): (&str, &str),
    round: &Round,
) -> Result<Entered, Fail> {
    let not_linked = || Problem::new(ProblemKind::Unauthenticated, "oidc.not_linked");
    let hash = subject_hash(service, subject);
    let linked = store::linked_of(tx, &service.provider, &hash)?.ok_or_else(not_linked)?;
    let account = opened(tx, at, service, &linked)?;
    if totp_state(tx, seals, &linked.account)? {
        let waits = Round {
            nonce: linked.id,
            verifier: String::new(),
            account: linked.account,
            passed: true,
            expires_at: at.now_ms + CODE_MS,
            ..round.clone()
        };
        store::round_add(tx, &waits, at.now_ms)?;
        return Ok(Entered::Code);
    }
    session_put(tx, &token_hash(token), &linked.account, at, &super::sessions::agent_cut(agent))?;
    Ok(Entered::In(account))
}

/// Of whoever came back and is asked for a code: the service, and which account.
///
/// # Errors
/// `oidc.round`.
pub fn oidc_waiting(tx: &mut Tx, now_ms: i64, state: &str, browser: &str) -> Result<Round, Fail> {
    let unknown = || Problem::new(ProblemKind::Unauthenticated, "oidc.round");
    let round = store::round_of(tx, &token_hash(state), &token_hash(browser), now_ms)?;
    Ok(round.filter(|round| round.passed).ok_or_else(unknown)?)
}

/// Lets them in by the code of their authenticator; none where it is not the code of the moment.
///
/// # Errors
/// As [`oidc_enter`]; `oidc.round`.
pub fn oidc_code(
    tx: &mut Tx,
    seals: &Seals,
    at: Moment,
    service: &Service,
    (token, agent): (&str, &str),
    (round, code): (&Round, &str),
) -> Result<Option<Account>, Fail> {
    // It may have been taken away meanwhile.
    let linked = store::linked_by(tx, &round.account)?.into_iter().find(|one| one.id == round.nonce);
    let not_linked = || Problem::new(ProblemKind::Unauthenticated, "oidc.not_linked");
    let account = opened(tx, at, service, &linked.ok_or_else(not_linked)?)?;
    if totp_state(tx, seals, &round.account)? && !totp::taken(tx, seals, &round.account, code, at.now_ms)? {
        return Ok(None);
    }
    if !store::round_drop(tx, &round.state_hash)? {
        return Err(Problem::new(ProblemKind::Unauthenticated, "oidc.round").into());
    }
    session_put(tx, &token_hash(token), &round.account, at, &super::sessions::agent_cut(agent))?;
    Ok(Some(account))
}

/// The account that a login opens, with what it may do today, if it is let in and the service may open it.
fn opened(tx: &mut Tx, at: Moment, service: &Service, linked: &Linked) -> Result<Account, Fail> {
    let day = i64::from(at.today.number());
    let row = accounts::account_lock(tx, &linked.account)?.filter(|row| row.since <= day && day < row.until);
    let row = row.ok_or_else(|| Problem::new(ProblemKind::Unauthenticated, "oidc.not_linked"))?;
    let account = held(tx, row, at)?;
    within_service(tx, at, service, &account, linked.own)?;
    Ok(account)
}

/// Whether a service may open an account.
///
/// # Errors
/// `oidc.beyond`.
fn within_service(
    rows: &mut impl Rows,
    at: Moment,
    service: &Service,
    account: &Account,
    own: bool,
) -> Result<(), Fail> {
    let beyond = || Problem::new(ProblemKind::Forbidden, "oidc.beyond");
    let is_opened = match &service.unit {
        None => account.is_opened_by(own, |_| true),
        Some(code) => {
            let top = org::unit_by_code(rows, code, at.today)?.map(|found| found.unit).ok_or_else(beyond)?;
            let units: Vec<i64> = account.seats.iter().map(|seat| seat.unit).chain([account.unit]).collect();
            let stand = org::standings_on(rows, &units, at.today)?;
            let chains: HashMap<i64, Arc<[i64]>> =
                stand.into_iter().map(|one| (one.unit, one.chain)).collect();
            account.is_opened_by(own, |unit| chains.get(&unit).is_some_and(|chain| chain.contains(&top)))
        }
    };
    if is_opened { Ok(()) } else { Err(beyond().into()) }
}

/// Links a login to the actor's own account, after they have shown that both are theirs.
///
/// # Errors
/// `oidc.linked`, `oidc.taken`, `oidc.beyond`.
pub fn oidc_link_own(
    tx: &mut Tx,
    ctx: &Ctx,
    account: &str,
    service: &Service,
    subject: &str,
) -> Result<Linked, Fail> {
    let unknown = || Problem::not_found("account.unknown").with("name", account);
    let row = accounts::account_lock(tx, account)?.ok_or_else(unknown)?;
    link(tx, ctx, row, (service, subject), true)
}

/// Links a login to an account whose person has not chosen a password: afterwards they alone link one, as they alone ask to be
/// let in again. Whoever stands at the machine itself may link any.
///
/// # Errors
/// `account.unknown`, `account.beyond` as for a letter; `oidc.own`: nobody links their own without going there;
/// `account.has_password`; as [`oidc_link_own`].
pub fn oidc_link(
    tx: &mut Tx,
    ctx: &Ctx,
    account: &str,
    service: &Service,
    subject: &str,
) -> Result<Linked, Fail> {
    let row = super::letters::account_within(tx, ctx, account)?;
    super::grants::within_own(tx, ctx, &row)?;
    let is_machine = ctx.actor.kind() == muster_kernel::ActorKind::System;
    if !is_machine && ctx.actor.reference() == account {
        return Err(Problem::new(ProblemKind::Forbidden, "oidc.own").into());
    }
    if !is_machine && row.password_hash.is_some() {
        return Err(Problem::conflict("account.has_password").into());
    }
    link(tx, ctx, row, (service, subject), false)
}

fn link(
    tx: &mut Tx,
    ctx: &Ctx,
    row: RawAccount,
    (service, subject): (&Service, &str),
    own: bool,
) -> Result<Linked, Fail> {
    let account = held(tx, row.clone(), ctx.moment())?;
    within_service(tx, ctx.moment(), service, &account, own)?;
    let hash = subject_hash(service, subject);
    if store::linked_by(tx, &row.id)?.iter().any(|one| one.provider == service.provider) {
        return Err(Problem::conflict("oidc.linked").into());
    }
    if let Some(other) = store::linked_of(tx, &service.provider, &hash)? {
        // One of an account that ended opens nothing any more: it does not stand in the way of the person's next one.
        let today = i64::from(ctx.today().number());
        let ended = accounts::account_lock(tx, &other.account)?.filter(|row| row.until <= today);
        let ended = ended.ok_or_else(|| Problem::conflict("oidc.taken"))?;
        unlinked(tx, ctx, &ended, &other)?;
    }
    let one = Linked {
        id: ctx.id().to_string(),
        provider: service.provider.clone(),
        subject_hash: hash,
        account: row.id.clone(),
        own,
        linked_at: ctx.now_ms,
        salt: new_token(),
    };
    if !store::linked_add(tx, &one)? {
        return Err(tx.again().into());
    }
    let body = json!({
        "login": one.id, "provider": one.provider, "seal": linked_seal(&one), "own": own, "linked_at": one.linked_at,
    });
    noted(tx, ctx, "oidc.link", &row, &body)?;
    Ok(one)
}

/// Takes a login of one's own away; whoever is logged in to the account elsewhere is no more, since it may be by that one.
/// `keep`: the session that stays.
///
/// # Errors
/// `oidc.none`; `oidc.last` where nothing else would open the account.
pub fn oidc_unlink_own(
    tx: &mut Tx,
    ctx: &Ctx,
    account: &str,
    provider: &str,
    keep: &str,
) -> Result<(), Fail> {
    let unknown = || Problem::not_found("account.unknown").with("name", account);
    let row = accounts::account_lock(tx, account)?.ok_or_else(unknown)?;
    let all = store::linked_by(tx, account)?;
    let one =
        all.iter().find(|one| one.provider == provider).ok_or_else(|| Problem::not_found("oidc.none"))?;
    if row.password_hash.is_none() && all.len() == 1 {
        return Err(Problem::conflict("oidc.last").into());
    }
    sessions::sessions_drop_other(tx, account, &token_hash(keep))?;
    Ok(unlinked(tx, ctx, &row, one)?)
}

/// Takes a login of an account away, and ends its sessions.
///
/// # Errors
/// `account.unknown`, `account.beyond`, `oidc.none`.
pub fn oidc_unlink(tx: &mut Tx, ctx: &Ctx, account: &str, provider: &str) -> Result<(), Fail> {
    let row = super::letters::account_within(tx, ctx, account)?;
    super::grants::within_own(tx, ctx, &row)?;
    let found = store::linked_by(tx, account)?.into_iter().find(|one| one.provider == provider);
    let one = found.ok_or_else(|| Problem::not_found("oidc.none"))?;
    sessions::sessions_drop(tx, account)?;
    Ok(unlinked(tx, ctx, &row, &one)?)
}

/// Takes all logins of an account away.
pub(super) fn oidc_forget(tx: &mut Tx, ctx: &Ctx, account: &str) -> Result<(), Fail> {
    for one in store::linked_by(tx, account)? {
        // Each entry is linked to the one before.
        if let Some(row) = accounts::account_lock(tx, account)? {
            unlinked(tx, ctx, &row, &one)?;
        }
    }
    Ok(())
}

fn unlinked(tx: &mut Tx, ctx: &Ctx, row: &RawAccount, one: &Linked) -> Result<(), StoreError> {
    if !store::linked_drop(tx, &one.id, &one.account)? {
        return Err(tx.again());
    }
    noted(
        tx,
        ctx,
        "oidc.unlink",
        row,
        &json!({ "login": one.id, "provider": one.provider, "ended_at": ctx.now_ms }),
    )
}

/// The logins that open an account, by service; at most a hundred.
pub fn oidc_of(rows: &mut impl Rows, account: &str) -> Result<Vec<Linked>, StoreError> {
    store::linked_by(rows, account)
}

/// Whom a service knows by a word, as it stands in the database.
fn subject_hash(service: &Service, subject: &str) -> String {
    Digest::of(json!([service.reading, subject]).to_string().as_bytes()).to_string()
}

/// How a login stands in the journal: the salt in it makes that say nothing to whoever has not got the row.
pub(in crate::lines::access) fn linked_seal(one: &Linked) -> String {
    Digest::of(json!([one.salt, one.subject_hash]).to_string().as_bytes()).to_string()
}
