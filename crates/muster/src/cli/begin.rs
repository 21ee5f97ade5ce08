//! `muster begin` and `muster user`: an operation and its accounts, without a page.

use super::{Common, Stop};
use crate::app::Login;
use crate::lines::access::{
    Account, AccountDated, Role, account_end, account_id, account_set, accounts_page, password_hash,
};
use crate::lines::operation::{Operation, operation_current};
use crate::lines::org;
use crate::request::page::LIMIT_MAX;
use crate::serve::begin::{Begin, begin_operation};
use crate::{App, Ctx};
use clap::{Args, Subcommand};
use muster_kernel::{Actor, Clock, Day, IdSource, Problem};
use muster_store::{Db, StoreError, Tx};
use serde_json::json;
use std::io::BufRead;
use std::process::ExitCode;

/// Begin the operation of an empty database: the office's title and the first account.
///
/// The password is read from the first line of standard input, so that it stands in no list of processes.
#[derive(Args)]
pub(crate) struct BeginCommand {
    /// The title of the office that runs the operation.
    #[arg(long)]
    office: String,
    /// What the emergency is called; the office's title when absent.
    #[arg(long, default_value = "")]
    name: String,
    /// IANA time zone.
    #[arg(long, default_value = "Asia/Shanghai")]
    zone: String,
    /// Login name of the first account, which may do everything.
    #[arg(long)]
    account: String,
}

impl BeginCommand {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        let db = common.open_or_make().await?;
        if db.read("operation.current", |rx| operation_current(rx)).await?.is_some() {
            return Err(Problem::conflict("operation.begun").into());
        }
        common.keys_first(&db).await?;
        let mut app = App::new(db, Clock::Wall, IdSource::Random, Login::Local, Operation::unnamed());
        app.seals = common.seals()?;
        let BeginCommand { office, name, zone, account } = self;
        let begin = Begin { office: office.clone(), name, zone, account, password: password()? };
        begin_operation(&app, begin).await?;
        common.tell("begin.done", &[("office", office)])?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Accounts of this operation.
#[derive(Subcommand)]
pub(crate) enum User {
    /// Add an account, or set its role, unit and password anew. The password is read from standard input.
    ///
    /// Whoever is logged in to it has to log in again. One that was ended is let in again.
    Set {
        /// Login name.
        name: String,
        /// office, filler or viewer.
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
    /// Who may log in: login name, role, unit, days, and the reference by which the journal and `query` call it.
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
        let db = common.open().await?;
        let ctx = common.ctx(&db).await?;
        let (name, role, unit) = match self {
            User::Set { name, role, unit } => (name, role, unit),
            User::End { name } => {
                let ended = name.clone();
                db.write("account.end", ctx.now_ms, move |tx: &mut Tx<'_>| account_end(tx, &ctx, &ended))
                    .await?;
                common.tell("user.ended", &[("name", name)])?;
                return Ok(ExitCode::SUCCESS);
            }
            User::List { limit, cursor } => return listed(common, &db, &ctx, limit, cursor).await,
        };
        let role =
            Role::from_word(&role).ok_or_else(|| Problem::invalid("account.role").with("role", &role))?;
        if name.trim().is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(Problem::invalid("operation.title").with("max", 100).into());
        }
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
            let id = account_id(tx, &name)?.unwrap_or_else(|| ctx.id().to_string());
            let account = Account { id, name: name.clone(), role, unit };
            Ok::<_, crate::Fail>(account_set(tx, &ctx, &account, Some(&hash))?)
        })
        .await?;
        common.tell("user.set", &[("name", set)])?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A page of accounts, by login name.
async fn listed(
    common: &Common,
    db: &Db,
    ctx: &Ctx,
    limit: u32,
    cursor: Option<String>,
) -> Result<ExitCode, Stop> {
    let (after, today) = (cursor.unwrap_or_default(), ctx.today());
    let (mut accounts, units) = db
        .read("account.list", move |rx| {
            // One more than is shown tells whether there is another page.
            let accounts = accounts_page(rx, &after, limit + 1)?;
            let units: Vec<i64> = accounts.iter().map(|dated| dated.account.unit).collect();
            let units = org::labels(rx, &units, today)?;
            Ok::<_, StoreError>((accounts, units))
        })
        .await?;
    let more = accounts.len() > limit as usize;
    accounts.truncate(limit as usize);
    let row = |AccountDated { account, since, until }: &AccountDated| {
        let unit = units.get(&account.unit);
        json!({
            "name": account.name, "role": account.role.word(), "unit_code": unit.map(|(code, _)| code),
            "unit_name": unit.map(|(_, names)| names.of(ctx.locale)), "since": since,
            "ended": (*until != Day::OPEN_END).then_some(until),
            "reference": Actor::account(&account.id).to_string(),
        })
    };
    let items: Vec<_> = accounts.iter().map(row).collect();
    let next = accounts.last().filter(|_| more).map(|last| &last.account.name);
    common.answer(&json!({ "items": items, "next_cursor": next }))?;
    Ok(ExitCode::SUCCESS)
}

/// The first line of standard input.
fn password() -> Result<String, Stop> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
