//! Sessions: coming in by a password, going out, looking at one's own. Hashing happens outside the transaction.

use super::passwords::{PASSWORD_BYTES_MAX, password_matches};
use super::totp::{self, totp_state};
use super::{Moment, held};
use crate::Fail;
use crate::lines::access::model::{Account, Signed};
use crate::lines::access::store::accounts::Called;
use crate::lines::access::store::sessions::{self as store, Session};
use crate::lines::access::store::{accounts, names};
use crate::seal::Seals;
use muster_kernel::{Digest, Problem, ProblemKind};
use muster_store::{Db, Rows, Rx, StoreError, Tx};
use tokio::sync::Semaphore;

/// How long a session lasts: one working day and a night.
const SESSION_MS: i64 = 16 * 3_600_000;
/// Longest that is kept of what a browser calls itself, in characters.
const AGENT_CHARS_MAX: usize = 120;

/// Passwords that are compared at once.
static COMPARING: Semaphore = Semaphore::const_new(4);

/// What somebody says who wants to come in.
#[derive(Debug)]
pub struct Said {
    /// Login name.
    pub name: String,
    /// Password.
    pub password: String,
    /// Six digits of an authenticator, where one is asked for.
    pub code: Option<String>,
}

/// Opens a session for a name and a password. Takes as long for an unknown name as for a wrong password.
///
/// An account is dated in days of its operation, so the moment's day is the operation's: in the first hours of its
/// morning it is still yesterday in UTC.
///
/// # Errors
/// `session.refused`, whatever it was; `seal.key_missing` where no name can be looked up; `session.code_needed` where the password is right and a code is asked for too.
pub async fn session_open(
    db: &Db,
    seals: &Seals,
    at: Moment,
    Said { name, password, code }: Said,
    agent: &str,
) -> Result<Signed, Fail> {
    let refused = || Fail::from(Problem::new(ProblemKind::Unauthenticated, "session.refused"));
    // Another process may have turned the ring: what it indexed anew is found by the new key alone.
    seals.follow();
    if password.len() > PASSWORD_BYTES_MAX || name.len() > 200 || name.contains('\0') {
        return Err(refused());
    }
    let (asked, of) = (name.clone(), seals.clone());
    let day = at.today.number();
    let known = db.read("session.open", move |rx| names::account_by_name(rx, &of, &asked, day)).await?;
    let (id, hash) = known.map(|row| (row.id, row.password_hash)).unzip();
    let hash = hash.flatten();
    let (Some(id), true) = (id, compared(hash.clone(), password).await) else {
        names_found(db, seals).await?;
        return Err(refused());
    };
    let token = new_token();
    let (of_token, agent, seals) = (token_hash(&token), agent_cut(agent), seals.clone());
    let opened = db.write("session.open", at.now_ms, move |tx: &mut Tx| {
        // Comparing took a while: who was given another password meanwhile, or was ended, is not let in by the old one.
        accounts::account_lock(tx, &id)?;
        let now = names::account_by_name(tx, &seals, &name, day)?;
        let Some(row) = now.filter(|row| row.id == id && row.password_hash == hash) else {
            return Ok::<_, Fail>(None);
        };
        if totp_state(tx, &seals, &id)? {
            let code = code.as_deref().filter(|code| !code.is_empty()).ok_or_else(totp::needed)?;
            if !totp::taken(tx, &seals, &id, code, at.now_ms)? {
                return Ok(None);
            }
        }
        session_put(tx, &of_token, &id, at, &agent)?;
        Ok(Some(held(tx, row, at)?))
    });
    match opened.await? {
        Some(account) => Ok(Signed { token, account }),
        None => Err(refused()),
    }
}

/// Whether names can be looked up at all. Without their keys no right password is right, and that is said: it is the same for
/// every name.
///
/// # Errors
/// `seal.key_missing`.
pub(super) async fn names_found(db: &Db, seals: &Seals) -> Result<(), Fail> {
    let of = seals.clone();
    let fits = db.read("session.keys", move |rx| of.fits(rx)).await?;
    match fits {
        Some((0, closed)) if closed > 0 => Err(crate::seal::key_missing().into()),
        _ => Ok(()),
    }
}

/// Shows that somebody who is logged in to an account knows its password; where it has none there is nothing to show.
///
/// # Errors
/// `session.refused`.
pub async fn password_shown(db: &Db, id: String, password: String) -> Result<(), Fail> {
    let known = db.read("session.password", move |rx| accounts::account_by_id(rx, &id)).await?;
    let hash = known.and_then(|row| row.password_hash);
    if hash.is_none() || compared(hash, password).await {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::Unauthenticated, "session.refused").into())
}

/// Whether a password is that of a hash; takes as long where there is none.
pub(super) async fn compared(hash: Option<String>, password: String) -> bool {
    if password.len() > PASSWORD_BYTES_MAX {
        return false;
    }
    // Comparing one takes 19 MiB: few at once, whoever sends how many.
    let turn = COMPARING.acquire().await;
    let matches = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        password_matches(hash.as_deref(), &password)
    });
    matches.await.unwrap_or(false)
}

pub(super) fn session_put(
    tx: &mut Tx,
    token_hash: &str,
    account: &str,
    at: Moment,
    agent: &str,
) -> Result<(), StoreError> {
    store::session_sweep(tx, at.now_ms)?;
    let session = Session {
        account: account.to_owned(),
        // What it is ended by says nothing of what it is opened by.
        id: Digest::of(format!("session {token_hash}").as_bytes()).short(),
        opened_at: at.now_ms,
        expires_at: at.now_ms + SESSION_MS,
        agent: agent.to_owned(),
    };
    store::session_add(tx, token_hash, &session)
}

pub(super) fn agent_cut(agent: &str) -> String {
    agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARS_MAX).collect()
}

/// How long a browser is known after it last logged in: three months.
const BROWSER_MS: i64 = 90 * 24 * 3_600_000;

/// Whether a browser has logged in to the account of a login name before, by what its cookie holds.
pub async fn browser_known(
    db: &Db,
    seals: &Seals,
    now_ms: i64,
    token: &str,
    name: &str,
) -> Result<bool, StoreError> {
    let (hash, name, seals) = (token_hash(token), name.to_owned(), seals.clone());
    let known = move |rx: &mut Rx<'_>| match names::account_found(rx, &seals, &name)? {
        Some(row) => store::browser_known(rx, &hash, &row.id, now_ms - BROWSER_MS),
        None => Ok(false),
    };
    db.read("session.browser", known).await
}

/// Notes that a browser has logged in to an account; a new one is given what its cookie holds from then on.
pub async fn browser_note(
    db: &Db,
    now_ms: i64,
    token: Option<String>,
    account: &str,
) -> Result<String, StoreError> {
    let token = token.unwrap_or_else(new_token);
    let (hash, account) = (token_hash(&token), account.to_owned());
    let note = move |tx: &mut Tx| match accounts::account_lock(tx, &account)? {
        // Erased since it came in: nothing of it is kept.
        Some(row) if row.called != Called::Erased => store::browser_add(tx, &hash, &account, now_ms),
        _ => Ok(()),
    };
    db.write("session.browser", now_ms, note).await?;
    Ok(token)
}

/// Opens a session for an account whose right to it was shown elsewhere: the role switch of the demonstration, the
/// beginning of an operation.
pub async fn session_of(db: &Db, at: Moment, account: Account, agent: &str) -> Result<Signed, Fail> {
    let token = new_token();
    let (hash, id, agent) = (token_hash(&token), account.id.clone(), agent_cut(agent));
    db.write("session.open", at.now_ms, move |tx: &mut Tx| session_put(tx, &hash, &id, at, &agent)).await?;
    Ok(Signed { token, account })
}

/// Ends a session.
pub async fn session_close(db: &Db, now_ms: i64, token: &str) -> Result<(), StoreError> {
    let hash = token_hash(token);
    db.write("session.close", now_ms, move |tx: &mut Tx| store::session_drop(tx, &hash)).await
}

/// The open sessions of an account, the newest first, and which of them a token is.
pub fn sessions_own(
    rows: &mut impl Rows,
    account: &str,
    token: Option<&str>,
    now_ms: i64,
) -> Result<Vec<(Session, bool)>, StoreError> {
    let this = match token {
        Some(token) => store::session_of(rows, &token_hash(token), now_ms)?.map(|session| session.id),
        None => None,
    };
    let found = store::sessions_of(rows, account, now_ms)?;
    Ok(found.into_iter().map(|one| (one.clone(), this.as_ref() == Some(&one.id))).collect())
}

/// Ends one of an account's own sessions.
///
/// # Errors
/// `session.unknown`.
pub fn session_end(tx: &mut Tx, account: &str, id: &str) -> Result<(), Fail> {
    match store::session_drop_own(tx, account, id)? {
        true => Ok(()),
        false => Err(Problem::not_found("session.unknown").into()),
    }
}

/// Whose session a token is, if it is anybody's now, with what they may do.
pub fn session_account(rows: &mut impl Rows, token: &str, at: Moment) -> Result<Option<Account>, StoreError> {
    let Some(session) = store::session_of(rows, &token_hash(token), at.now_ms)? else { return Ok(None) };
    let day = i64::from(at.today.number());
    let known = accounts::account_by_id(rows, &session.account)?;
    match known.filter(|row| row.since <= day && day < row.until) {
        Some(row) => Ok(Some(held(rows, row, at)?)),
        None => Ok(None),
    }
}

pub(super) fn token_hash(token: &str) -> String {
    Digest::of(token.as_bytes()).to_string()
}

/// 244 random bits.
#[expect(clippy::disallowed_methods, reason = "a token is chance and nothing else; it is not an id")]
pub(super) fn new_token() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}
