//! How somebody comes to a password that nobody else ever knows: by a letter that opens once, where the account is new; by
//! a code that they say to an administrator, where they forgot it. The administrator learns neither.

use super::accounts::{noted, written};
use super::passwords::password_hash;
use super::sessions::{new_token, session_put, token_hash};
use super::{Moment, held};
use crate::lines::access::check::login_name;
use crate::lines::access::model::{Account, Signed};
use crate::lines::access::store::accounts::{self, RawAccount};
use crate::lines::access::store::{letters as store, names, sessions};
use crate::lines::org;
use crate::seal::Seals;
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Day, Problem, ProblemKind};
use muster_store::{Db, StoreError, Tx};
use serde_json::json;

/// How long a letter opens: three days.
const LETTER_MS: i64 = 3 * 24 * 3_600_000;
/// How long a request waits for an administrator.
const RESET_MS: i64 = 3_600_000;
/// Requests of one account that wait at a time: more than one address can ask for in an hour (the brake), so that a stranger
/// who asks in somebody's name does not keep them from asking.
const RESETS_MAX: i64 = 200;

/// Something that is shown once, and the instant at which it ends, in ms UTC.
#[derive(Debug)]
pub struct Letter {
    /// What stands in it.
    pub token: String,
    /// When it opens no more.
    pub expires_at: i64,
}

/// A request to be let in again: what its browser keeps, and what the person says to an administrator.
#[derive(Debug)]
pub struct Reset {
    /// What the browser keeps.
    pub token: String,
    /// Six digits.
    pub code: String,
    /// When it waits no more, in ms UTC.
    pub expires_at: i64,
}

/// Adds an account at a unit (none: at home at none, for whoever has the whole), and answers its id. Nobody can log in to
/// it before its letter was opened.
///
/// # Errors
/// `account.name` with how long a name may be; `account.name_taken`; `unit.unknown`; `seal.key_missing`.
pub fn account_add(tx: &mut Tx, ctx: &Ctx, name: &str, unit: Option<&str>) -> Result<String, Fail> {
    let name = &login_name(name)?;
    let unit = match unit {
        Some(code) => org::unit_standing(tx, ctx, code, ctx.today())?.unit,
        None if ctx.reach == Reach::All => 0,
        None => return Err(Problem::invalid("account.unit_missing").into()),
    };
    if names::account_row(tx, &ctx.seals, name)?.is_some() {
        return Err(Problem::conflict("account.name_taken").with("name", name).into());
    }
    let id = ctx.id().to_string();
    let row = RawAccount {
        called: names::name_sealed(tx, &ctx.seals, (&id, unit), name)?,
        id,
        unit,
        password_hash: None,
        since: ctx.today().number().into(),
        until: Day::OPEN_END.number().into(),
        rev: 1,
        last: None,
    };
    written(tx, ctx, "account.set", &row, true)?;
    Ok(row.id)
}

/// Writes a letter for an account that was never let in; the one before opens no more.
///
/// # Errors
/// `account.unknown` where the actor may not know of it; `account.beyond` as in [`reset_approve`]; `account.has_password`
/// where its person has been in: they alone ask to be let in again.
pub fn letter_write(tx: &mut Tx, ctx: &Ctx, id: &str, token: &str) -> Result<Letter, Fail> {
    let row = account_within(tx, ctx, id)?;
    super::grants::within_own(tx, ctx, &row)?;
    if row.password_hash.is_some() {
        return Err(Problem::conflict("account.has_password").into());
    }
    let expires_at = ctx.now_ms + LETTER_MS;
    store::letter_set(tx, &token_hash(token), id, (ctx.now_ms, expires_at))?;
    noted(tx, ctx, "account.letter", &row, &json!({ "expires_at": expires_at }))?;
    Ok(Letter { token: token.to_owned(), expires_at })
}

/// What a new letter says.
pub fn letter_token() -> String {
    new_token()
}

/// The account of an id, while nobody else changes it, if it is let in today and the actor may know of it.
pub(super) fn account_within(tx: &mut Tx, ctx: &Ctx, id: &str) -> Result<RawAccount, Fail> {
    let unknown = || Problem::not_found("account.unknown").with("name", id);
    let row = accounts::account_lock(tx, id)?.ok_or_else(unknown)?;
    let open = row.until > i64::from(ctx.today().number());
    match open && super::grants::is_within(tx, ctx, row.unit)? {
        true => Ok(row),
        false => Err(unknown().into()),
    }
}

/// Opens a letter: sets the password and lets its person in. `ctx`: as whom, by the account's id.
///
/// # Errors
/// `account.password_length`; `letter.unknown` where it does not open: wrong, used, too old, or its account ended.
pub async fn letter_open(
    db: &Db,
    ctx: impl Fn(&str) -> Ctx + Send + Sync + 'static,
    at: Moment,
    token: String,
    password: String,
    agent: String,
) -> Result<Signed, Fail> {
    let hashed = hashed(password).await?;
    let spent = token_hash(&token);
    enter(db, at, agent, move |tx| {
        let id =
            store::letter_of(tx, &spent, at.now_ms)?.ok_or_else(|| Problem::not_found("letter.unknown"))?;
        Ok((ctx(&id), id, hashed.clone()))
    })
    .await
}

/// Notes that somebody forgot the password of a login name. Answers the same whether there is such an account.
///
/// # Errors
/// `seal.key_missing` where no name can be looked up: nobody could ever approve it.
pub async fn reset_ask(db: &Db, seals: Seals, at: Moment, name: String) -> Result<Reset, Fail> {
    super::sessions::names_found(db, &seals).await?;
    let (token, code) = (new_token(), new_code());
    let (hash, shown) = (token_hash(&token), code.clone());
    let expires_at = at.now_ms + RESET_MS;
    let day = at.today.number();
    let ask = move |tx: &mut Tx| {
        let known = names::account_by_name(tx, &seals, &name, day)?.filter(|row| row.password_hash.is_some());
        // One of a name that nobody has is written too, and nobody ever approves it: it takes as long.
        let id = known.map(|row| row.id).unwrap_or_default();
        if store::resets_open(tx, &id, at.now_ms)? < RESETS_MAX {
            store::reset_add(tx, &hash, (&shown, &id), (at.now_ms, expires_at))?;
        }
        Ok::<_, StoreError>(())
    };
    db.write("reset.ask", at.now_ms, ask).await?;
    Ok(Reset { token, code, expires_at })
}

/// Approves the request of an account whose person said the code.
///
/// # Errors
/// `account.unknown`; `reset.unknown` where no request of it shows that code; `reset.own`: nobody approves their own;
/// `account.beyond` where the account may do more than is the actor's to let in: who asks in its name and approves it
/// would have that for themselves.
pub fn reset_approve(tx: &mut Tx, ctx: &Ctx, id: &str, code: &str) -> Result<(), Fail> {
    let row = account_within(tx, ctx, id)?;
    super::grants::within_own(tx, ctx, &row)?;
    if ctx.actor.reference() == id {
        return Err(Problem::new(ProblemKind::Forbidden, "reset.own").into());
    }
    if !store::reset_approve(tx, id, code, ctx.now_ms)? {
        return Err(Problem::not_found("reset.unknown").into());
    }
    Ok(noted(tx, ctx, "account.reset", &row, &json!({}))?)
}

/// Sets a new password in the browser that asked for it, once that was approved.
///
/// # Errors
/// `account.password_length`; `reset.waiting` while it was not approved, and where there is no such request (any more).
pub async fn reset_finish(
    db: &Db,
    ctx: impl Fn(&str) -> Ctx + Send + Sync + 'static,
    at: Moment,
    token: String,
    password: String,
    agent: String,
) -> Result<Signed, Fail> {
    let hashed = hashed(password).await?;
    let spent = token_hash(&token);
    enter(db, at, agent, move |tx| {
        // One of a name that nobody has waits like any other, and nobody ever approves it.
        let (id, approved) =
            store::reset_of(tx, &spent, at.now_ms)?.ok_or_else(|| Problem::conflict("reset.waiting"))?;
        if !approved {
            return Err(Problem::conflict("reset.waiting").into());
        }
        Ok((ctx(&id), id, hashed.clone()))
    })
    .await
}

/// Sets a new password for an account whose person knows the old one; all its other sessions end.
///
/// # Errors
/// `session.refused` where the old one is wrong; `account.password_length`.
pub async fn password_change(
    db: &Db,
    ctx: Ctx,
    id: String,
    (old, new): (String, String),
    keep: String,
) -> Result<(), Fail> {
    let asked = id.clone();
    let known = db.read("account.read", move |rx| accounts::account_by_id(rx, &asked)).await?;
    let hash = known.and_then(|row| row.password_hash);
    if !super::sessions::compared(hash.clone(), old).await {
        return Err(Problem::new(ProblemKind::Unauthenticated, "session.refused").into());
    }
    let (hashed, now_ms) = (hashed(new).await?, ctx.now_ms);
    let change = move |tx: &mut Tx| {
        let row = accounts::account_lock(tx, &id)?.filter(|row| row.password_hash == hash);
        let row = row.ok_or_else(|| Problem::new(ProblemKind::Unauthenticated, "session.refused"))?;
        let row = RawAccount { password_hash: Some(hashed.clone()), rev: row.rev + 1, ..row };
        super::accounts::kept(tx, &ctx, "account.password", &row, &token_hash(&keep))?;
        store::letters_drop(tx, &row.id)?;
        Ok::<_, Fail>(())
    };
    db.write("account.password", now_ms, change).await
}

/// Lets somebody in with a new password, by what `spend` says: the context of the deed, whose account, the hash. Whatever
/// else opened the account opens it no more.
async fn enter(
    db: &Db,
    at: Moment,
    agent: String,
    spend: impl Fn(&mut Tx) -> Result<(Ctx, String, String), Fail> + Send + 'static,
) -> Result<Signed, Fail> {
    let token = new_token();
    let opens = token_hash(&token);
    let entered = move |tx: &mut Tx| {
        let (ctx, id, hash) = spend(tx)?;
        for token in super::tokens::tokens_own(tx, &id, at.now_ms)? {
            super::tokens::token_end(tx, &ctx, &id, &token.id)?;
        }
        super::oidc::oidc_forget(tx, &ctx, &id)?;
        let day = i64::from(at.today.number());
        let row = accounts::account_lock(tx, &id)?.filter(|row| row.since <= day && day < row.until);
        let row = row.ok_or_else(|| Problem::not_found("letter.unknown"))?;
        let row = RawAccount { password_hash: Some(hash), rev: row.rev + 1, ..row };
        written(tx, &ctx, "account.enter", &row, false)?;
        sessions::browsers_drop(tx, &id)?;
        // Who lost the telephone too comes in again; whoever approved it knows the person.
        super::totp::totp_forget(tx, &ctx.seals, &id)?;
        store::letters_drop(tx, &id)?;
        session_put(tx, &opens, &id, at, &agent)?;
        Ok::<Account, Fail>(held(tx, row, at)?)
    };
    let account = db.write("account.enter", at.now_ms, entered).await?;
    Ok(Signed { token, account })
}

async fn hashed(password: String) -> Result<String, Fail> {
    let done = tokio::task::spawn_blocking(move || password_hash(&password)).await;
    Ok(done.map_err(Problem::internal)??)
}

/// Six digits, by chance.
#[expect(clippy::disallowed_methods, reason = "a code is chance and nothing else; it is not an id")]
fn new_code() -> String {
    format!("{:06}", uuid::Uuid::new_v4().as_u128() % 1_000_000)
}
