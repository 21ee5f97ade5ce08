//! What is kept of one person: told to them, and erased. What they did stays, under a reference that leads to nobody.

use super::accounts::{dated, noted};
use super::grants::{is_within, within_own};
use super::{oidc, sessions_own, tokens, tokens_own, totp, totp_state};
use crate::lines::access::model::{AccountDated, Linked, Token};
use crate::lines::access::store::accounts::{self, Called, RawAccount};
use crate::lines::access::store::sessions::{self, Session};
use crate::lines::access::store::{letters as letters_store, names, tokens as tokens_store};
use crate::lines::org::{self, check_purpose};
use crate::{Ctx, Fail};
use muster_kernel::{Actor, Day, Problem, ProblemKind};
use muster_store::{Rows, Tx};
use serde_json::json;

/// Everything that is kept of somebody by their account.
#[derive(Debug)]
pub struct PersonData {
    /// The account.
    pub account: AccountDated,
    /// Where they are logged in.
    pub sessions: Vec<Session>,
    /// Since when browsers are known in which they logged in, in ms UTC, the latest first.
    pub browsers: Vec<i64>,
    /// Programs that ask as them.
    pub tokens: Vec<Token>,
    /// Whether an authenticator is asked for.
    pub authenticator: bool,
    /// Logins of groups' own services that open it.
    pub logins: Vec<Linked>,
    /// Surrogates of the posts that they hold today.
    pub posts: Vec<i64>,
}

/// What is kept of an account's person. For themselves; for anybody else see [`person_export`].
///
/// # Errors
/// `account.unknown`.
pub fn person_data(rows: &mut impl Rows, ctx: &Ctx, id: &str) -> Result<PersonData, Fail> {
    let unknown = || Problem::not_found("account.unknown").with("name", id);
    let row = accounts::account_by_id(rows, id)?.ok_or_else(unknown)?;
    Ok(PersonData {
        sessions: sessions_own(rows, id, None, ctx.now_ms)?.into_iter().map(|(session, _)| session).collect(),
        browsers: sessions::browsers_of(rows, id)?,
        tokens: tokens_own(rows, id, ctx.now_ms)?,
        authenticator: totp_state(rows, &ctx.seals, id)?,
        logins: oidc::oidc_of(rows, id)?,
        posts: org::posts_held(rows, &Actor::account(id).to_string(), ctx.today())?,
        account: dated(rows, ctx, vec![row])?.remove(0),
    })
}

/// The same of somebody of the actor's own part, who asked for it: journalled, with what it is for, and seen by them.
///
/// # Errors
/// `account.unknown`; `account.beyond`; `contact.refused` where the purpose is none.
pub fn person_export(tx: &mut Tx, ctx: &Ctx, id: &str, purpose: &str) -> Result<PersonData, Fail> {
    let row = person_within(tx, ctx, id)?;
    let purpose = check_purpose(purpose)?;
    noted(tx, ctx, "account.export", &row, &json!({ "purpose": purpose }))?;
    person_data(tx, ctx, id)
}

/// Erases who an account was: its name, what it was let in by, where it was logged in. The row stays under its id, with the
/// roles that it had, so that what was done stays somebody's; whose, nobody can tell any more. It is let in no more.
///
/// # Errors
/// `account.unknown`; `account.own`; `account.beyond`; `account.no_person` for a role of the demonstration;
/// `account.erased` where it was; `account.holds_post` while it holds one, today or later; `contact.refused` where the purpose
/// is none.
pub fn account_erase(tx: &mut Tx, ctx: &Ctx, id: &str, purpose: &str) -> Result<(), Fail> {
    let row = person_within(tx, ctx, id)?;
    let purpose = check_purpose(purpose)?;
    if ctx.actor.reference() == id {
        return Err(Problem::new(ProblemKind::Forbidden, "account.own").into());
    }
    // Else their telephone would stand there beside nobody's name.
    let held = org::posts_held_from(tx, &Actor::account(id).to_string(), ctx.today())?;
    if let Some((unit, post, _)) = org::posts_named(tx, &held)?.into_values().next() {
        let code =
            org::labels(tx, &[unit], ctx.today())?.remove(&unit).map(|(code, _)| code).unwrap_or_default();
        return Err(Problem::conflict("account.holds_post").with("post", format!("{code}/{post}")).into());
    }
    erased(tx, ctx, row, &purpose)
}

fn erased(tx: &mut Tx, ctx: &Ctx, row: RawAccount, purpose: &str) -> Result<(), Fail> {
    match row.called {
        Called::Role => return Err(Problem::conflict("account.no_person").into()),
        Called::Erased => return Err(Problem::conflict("account.erased").into()),
        Called::Name { .. } => {}
    }
    let id = row.id.clone();
    for token in tokens_own(tx, &id, ctx.now_ms)? {
        tokens::token_end(tx, ctx, &id, &token.id)?;
    }
    tokens_store::labels_drop(tx, &id)?;
    oidc::oidc_forget(tx, ctx, &id)?;
    totp::totp_forget(tx, &ctx.seals, &id)?;
    sessions::browsers_drop(tx, &id)?;
    letters_store::letters_drop(tx, &id)?;
    names::name_erase(tx, &ctx.seals, &id)?;
    let last = accounts::account_lock(tx, &id)?.and_then(|row| row.last);
    let today = i64::from(ctx.today().number());
    let (until, rev) = (row.until.min(today), row.rev + 1);
    let row = RawAccount { called: Called::Erased, password_hash: None, until, rev, last, ..row };
    Ok(super::accounts::written_for(tx, ctx, "account.erase", &row, purpose)?)
}

/// Erases accounts that ended before a day, the longest ended first; how many. By the house itself, as is said of how long a
/// name is kept.
///
/// # Errors
/// The store's.
pub fn accounts_erase_ended(
    tx: &mut Tx,
    ctx: &Ctx,
    before: Day,
    purpose: &str,
    limit: u32,
) -> Result<u64, Fail> {
    let due = accounts::accounts_ended(tx, before.number().into(), limit)?;
    let count = due.len() as u64;
    for id in due {
        if let Some(row) = accounts::account_lock(tx, &id)? {
            erased(tx, ctx, row, purpose)?;
        }
    }
    Ok(count)
}

/// An account of the actor's own part, ended ones too, that may do no more than is theirs to let in.
fn person_within(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<RawAccount, Fail> {
    let unknown = || Problem::not_found("account.unknown").with("name", id);
    let row = accounts::account_lock(tx, id)?.ok_or_else(unknown)?;
    if !is_within(tx, ctx, row.unit)? {
        return Err(unknown().into());
    }
    within_own(tx, ctx, &row)?;
    Ok(row)
}
