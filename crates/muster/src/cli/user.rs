//! `muster user`: who may log in.

use super::begin::password;
use super::door::{ask, escape, tell};
use super::oidc::UserOidc;
use super::table::called as word_of;
use super::{Common, Stop};
use crate::lines::access::{Account, Role, account_end, account_id, account_set, login_name, password_hash};
use crate::lines::org;
use crate::request::page::LIMIT_MAX;
use axum::http::Method;
use clap::Subcommand;
use muster_kernel::{Locale, Problem};
use muster_store::Tx;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Accounts of this operation.
#[derive(Subcommand)]
pub(crate) enum User {
    /// Add an account whose person chooses the password: prints the letter that opens it once.
    Add {
        /// Login name.
        name: String,
        /// Code of the unit at which its person is at home; at none when absent.
        #[arg(long)]
        unit: Option<String>,
    },
    /// Write a new letter for an account whose person was never in; the one before opens no more.
    Letter {
        /// Login name, or the account's id.
        name: String,
    },
    /// Add an account, or set its role, unit and password anew. The password is read from standard input.
    ///
    /// Whoever is logged in to it has to log in again. One that was ended is let in again. Other roles that it was given are
    /// taken away: muster grant give adds one.
    Set {
        /// Login name.
        name: String,
        /// A role, such as office, filler or viewer: muster grant roles lists them.
        #[arg(long)]
        role: String,
        /// Code of its unit; the whole operation when absent.
        #[arg(long)]
        unit: Option<String>,
    },
    /// End an account: nobody is let in by it any more, and whoever is logged in to it no longer is.
    ///
    /// What it did stays, and stays its own. `muster user set` lets the same account in again.
    End {
        /// Login name.
        name: String,
    },
    /// Approve that somebody who forgot the password comes in again, by the six digits that they say.
    Reset {
        /// Login name, or the account's id.
        name: String,
        /// The code that their browser shows.
        code: String,
    },
    /// Everything that is kept of an account's person, for them to take along. That it was told is journalled, and they
    /// see it.
    Data {
        /// Login name, or the account's id.
        name: String,
        /// For what; journalled.
        #[arg(long)]
        purpose: String,
    },
    /// Erase who an account was: nobody is let in by it, and nobody can tell whose it was. What it did stays.
    ///
    /// The key of its name is destroyed. Copies of the database that were made before still hold it: destroy those that are
    /// not needed. There is no way back.
    Erase {
        /// Login name, or the account's id.
        name: String,
        /// For what; journalled.
        #[arg(long)]
        purpose: String,
    },
    /// The logins of groups' own services (OpenID Connect) that open an account: link one, or take it away.
    Oidc(UserOidc),
    /// What was done with an account, and by whom.
    History {
        /// Login name, or the account's id.
        name: String,
    },
    /// Who may log in: login name, roles, unit, days, and the reference by which the journal and `query` call it.
    ///
    /// Ended accounts are listed too. Never shown: a password, or a telephone.
    List {
        /// Rows wanted, 1 to 1000.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=i64::from(LIMIT_MAX)))]
        limit: u32,
        /// Where the page before ended.
        #[arg(long)]
        cursor: Option<String>,
    },
}

impl User {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        common.must_be_there()?;
        match self {
            User::Add { name, unit } => {
                let body = json!({ "name": name, "unit": unit });
                let (status, added) = ask(common, Method::POST, "/accounts", Some(&body)).await?;
                if !status.is_success() {
                    return common.refused(status, &added);
                }
                letter(common, added["id"].as_str().unwrap_or_default()).await
            }
            User::Letter { name } => letter(common, &called(common, &name).await?).await,
            User::Set { name, role, unit } => set(common, name, &role, unit).await,
            User::End { name } => {
                let db = common.open().await?;
                let ctx = common.ctx(&db).await?;
                let ended = name.clone();
                db.write("account.end", ctx.now_ms, move |tx: &mut Tx<'_>| account_end(tx, &ctx, &ended))
                    .await?;
                common.tell("user.ended", &[("name", name)])?;
                Ok(ExitCode::SUCCESS)
            }
            User::Reset { name, code } => {
                let path = format!("/accounts/{}/reset", escape(&called(common, &name).await?));
                tell(common, Method::POST, &path, &json!({ "code": code })).await
            }
            User::Data { name, purpose } => {
                common.must_be_there()?;
                let path = format!("/accounts/{}/data", escape(&called(common, &name).await?));
                let body = json!({ "purpose": purpose });
                let (status, answer) = ask(common, Method::POST, &path, Some(&body)).await?;
                if !status.is_success() {
                    return common.refused(status, &answer);
                }
                // As it is taken along: whole.
                println!("{answer:#}");
                Ok(ExitCode::SUCCESS)
            }
            User::Erase { name, purpose } => {
                let path = format!("/accounts/{}/erase", escape(&called(common, &name).await?));
                tell(common, Method::POST, &path, &json!({ "purpose": purpose })).await
            }
            User::Oidc(oidc) => oidc.run(common).await,
            User::History { name } => {
                let path = format!("/accounts/{}/history", escape(&called(common, &name).await?));
                told(common, &path).await
            }
            User::List { limit, cursor } => {
                let cursor = cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
                let (status, mut answer) =
                    ask(common, Method::GET, &format!("/accounts?limit={limit}{cursor}"), None).await?;
                if !status.is_success() {
                    return common.refused(status, &answer);
                }
                if !common.json {
                    for item in answer["items"].as_array_mut().into_iter().flatten() {
                        item["grants"] = in_short(common.locale(), &item["grants"]).into();
                    }
                }
                common.answer(&answer)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// Roles as a table shows them: `filler S111, viewer G2`.
fn in_short(locale: Locale, grants: &Value) -> String {
    let grants = grants.as_array().into_iter().flatten();
    let short = grants.map(|grant| {
        let word = |key: &str| grant[key].as_str().unwrap_or_default().to_owned();
        let role = word("role");
        let role = word_of(locale, &format!("role.{role}")).unwrap_or(&role).to_owned();
        format!("{role} {}", word("unit_code")).trim().to_owned()
    });
    short.collect::<Vec<_>>().join(", ")
}

/// Prints what a door answers.
pub(super) async fn told(common: &Common, path: &str) -> Result<ExitCode, Stop> {
    let (status, answer) = ask(common, Method::GET, path, None).await?;
    if !status.is_success() {
        return common.refused(status, &answer);
    }
    common.answer(&answer)?;
    Ok(ExitCode::SUCCESS)
}

/// The id of the account of a login name or an id.
pub(super) async fn called(common: &Common, word: &str) -> Result<String, Stop> {
    let db = common.open().await?;
    let word = word.strip_prefix("account:").unwrap_or(word).to_owned();
    let (known, name) = (word.clone(), word.clone());
    let ctx = common.ctx_acting(&db).await?;
    let now_ms = ctx.now_ms;
    // An id is an id, whoever is called like it.
    if uuid::Uuid::try_parse(&word).is_ok() {
        return Ok(word);
    }
    let find = move |tx: &mut Tx<'_>| account_id(tx, &ctx, &name);
    let found = db.write("account.find", now_ms, find).await?;
    Ok(found.unwrap_or(known))
}

async fn letter(common: &Common, id: &str) -> Result<ExitCode, Stop> {
    let path = format!("/accounts/{}/letter", escape(id));
    tell(common, Method::POST, &path, &Value::Null).await
}

async fn set(common: &Common, name: String, role: &str, unit: Option<String>) -> Result<ExitCode, Stop> {
    let db = common.open().await?;
    let ctx = common.ctx(&db).await?;
    let role = Role::from_word(role).ok_or_else(|| Problem::invalid("account.role").with("role", role))?;
    let name = login_name(&name)?;
    let hash = password_hash(&password()?)?;
    let set = name.clone();
    db.write("account.set", ctx.now_ms, move |tx: &mut Tx<'_>| {
        let unit = match &unit {
            None => 0,
            Some(code) => {
                let unknown = || Problem::not_found("unit.unknown").with("unit", code);
                org::unit_by_code(tx, code, ctx.today())?.ok_or_else(unknown)?.unit
            }
        };
        // The journal refers to the account by its id, never by what somebody is called.
        let id = account_id(tx, &ctx, &name)?.unwrap_or_else(|| ctx.id().to_string());
        let account = Account::at(&id, role, unit);
        account_set(tx, &ctx, &account, Some((&name, Some(&hash))))
    })
    .await?;
    common.tell("user.set", &[("name", set)])?;
    Ok(ExitCode::SUCCESS)
}
