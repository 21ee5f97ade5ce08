//! Tokens: a program asks as an account, over a part of what that may do, until a day. Shown once, kept as a hash.

use super::sessions::{new_token, token_hash};
use super::{Moment, held};
use crate::lines::access::model::{Account, Token};
use crate::lines::access::roles::Permission;
use crate::lines::access::store::accounts;
use crate::lines::access::store::tokens as store;
use crate::{Ctx, Fail};
use muster_kernel::{Problem, ProblemKind};
use muster_store::{Rows, StoreError, Tx};
use serde_json::json;
use std::collections::HashMap;

/// How a token begins: so that whoever finds one knows what they have found.
const PREFIX: &str = "mst_";
/// Longest time that a token holds.
pub(super) const DAYS_MAX: u32 = 366;
/// Tokens of one account that hold at a time.
const TOKENS_MAX: usize = 50;
/// How long a use is not noted anew.
const USED_MS: i64 = 3_600_000;
/// Longest label, in characters.
const LABEL_CHARS_MAX: usize = 60;

/// A token to be issued.
#[derive(Clone, Debug)]
pub struct TokenDraft {
    /// What its owner calls it.
    pub label: String,
    /// Words of what it may do.
    pub scope: Vec<String>,
    /// Days for which it holds.
    pub days: u32,
}

/// What a new token says.
pub fn token_new() -> String {
    format!("{PREFIX}{}", new_token())
}

/// Issues a token of the actor's own account: over what the account may do today, and never what lets people in.
///
/// # Errors
/// `token.refused` with findings at `label`, `scope` and `days`; `token.too_many`.
pub fn token_issue(
    tx: &mut Tx,
    ctx: &Ctx,
    account: &str,
    draft: &TokenDraft,
    says: &str,
) -> Result<Token, Fail> {
    use muster_kernel::Finding;
    let mut findings = Vec::new();
    let label = draft.label.trim();
    let count = label.chars().count();
    if count == 0 || count > LABEL_CHARS_MAX || label.chars().any(char::is_control) {
        findings.push(Finding::refuse("token.label").field("label").with("max", LABEL_CHARS_MAX));
    }
    if !(1..=DAYS_MAX).contains(&draft.days) {
        findings.push(Finding::refuse("token.days").field("days").with("max", DAYS_MAX));
    }
    let unknown = || Problem::not_found("account.unknown").with("name", account);
    let row = accounts::account_open(tx, account, ctx.today())?.ok_or_else(unknown)?;
    let own = held(tx, row.clone(), ctx.moment())?;
    let mut scope: Vec<&'static str> = Vec::new();
    for word in &draft.scope {
        match Permission::from_word(word)
            .filter(|may| may.is_for_tokens() && own.permissions().any(|own| own == *may))
        {
            Some(may) => scope.push(may.word()),
            None => findings.push(Finding::refuse("token.scope").field("scope").with("word", word)),
        }
    }
    if draft.scope.is_empty() {
        findings.push(Finding::refuse("token.scope").field("scope").with("word", ""));
    }
    if !findings.is_empty() {
        return Err(Problem::invalid("token.refused").findings(findings).into());
    }
    if store::tokens_of(tx, account, ctx.now_ms)?.len() >= TOKENS_MAX {
        return Err(Problem::conflict("token.too_many").with("max", TOKENS_MAX).into());
    }
    scope.sort_unstable();
    scope.dedup();
    let token = Token {
        id: ctx.id().to_string(),
        account: account.to_owned(),
        label: label.to_owned(),
        scope: scope.join(" "),
        issued_at: ctx.now_ms,
        expires_at: ctx.now_ms + i64::from(draft.days) * 24 * 3_600_000,
        ended_at: 0,
        used_at: 0,
    };
    store::token_add(tx, &token_hash(says), &token)?;
    let body = json!({
        "token": token.id, "scope": token.scope, "issued_at": token.issued_at, "expires_at": token.expires_at,
    });
    super::accounts::noted(tx, ctx, "token.issue", &row, &body)?;
    Ok(token)
}

/// Ends one of the actor's own tokens.
///
/// # Errors
/// `token.unknown`.
pub fn token_end(tx: &mut Tx, ctx: &Ctx, account: &str, id: &str) -> Result<(), Fail> {
    let unknown = || Problem::not_found("token.unknown");
    let row = accounts::account_open(tx, account, ctx.today())?.ok_or_else(unknown)?;
    if !store::token_end(tx, account, id, ctx.now_ms)? {
        return Err(unknown().into());
    }
    Ok(super::accounts::noted(tx, ctx, "token.end", &row, &json!({ "token": id, "ended_at": ctx.now_ms }))?)
}

/// Whose accounts some tokens are, by the token's id: who an actor of the journal was, however long ago.
pub fn token_accounts(
    rows: &mut impl Rows,
    tokens: &[String],
) -> Result<HashMap<String, String>, StoreError> {
    Ok(store::token_accounts(rows, tokens)?.into_iter().collect())
}

/// The tokens of an account that hold, the newest first; at most a hundred.
pub fn tokens_own(rows: &mut impl Rows, account: &str, now_ms: i64) -> Result<Vec<Token>, StoreError> {
    store::tokens_of(rows, account, now_ms)
}

impl Token {
    /// Whether its last use is to be noted anew: to the hour is enough to see that nobody uses it any more, and a program
    /// that asks every second writes no more often.
    pub fn is_use_stale(&self, now_ms: i64) -> bool {
        now_ms - self.used_at >= USED_MS
    }
}

/// Notes that a program asks by a token.
pub fn token_used(tx: &mut Tx, id: &str, now_ms: i64) -> Result<(), StoreError> {
    store::token_used(tx, id, now_ms)
}

/// As whom a program asks that bears a token, and the token: the account with what it may do today, cut to the
/// token's scope.
///
/// # Errors
/// `token.refused_here` where it is none that holds, or its account is not let in any more.
pub fn token_account(rows: &mut impl Rows, says: &str, at: Moment) -> Result<(Token, Account), Fail> {
    let refused = || Problem::new(ProblemKind::Unauthenticated, "token.refused_here");
    if says.len() > 200 || !says.starts_with(PREFIX) {
        return Err(refused().into());
    }
    let token = store::token_of(rows, &token_hash(says), at.now_ms)?.ok_or_else(refused)?;
    let day = i64::from(at.today.number());
    let row = accounts::account_by_id(rows, &token.account)?;
    let row = row.filter(|row| row.since <= day && day < row.until).ok_or_else(refused)?;
    let scope = token.scope.split(' ').filter_map(Permission::from_word).filter(|may| may.is_for_tokens());
    let account = Account { scope: Some(scope.collect()), ..held(rows, row, at)? };
    Ok((token, account))
}
