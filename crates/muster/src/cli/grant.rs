//! `muster grant`: who may do what, where.

use super::door::{escape, given, tell};
use super::user::{called, told};
use super::{Common, Stop, day};
use crate::lines::access::administrators_unite;
use axum::http::Method;
use clap::Subcommand;
use muster_kernel::Day;
use muster_store::Tx;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Roles: who may do what at a unit and all below it, from when to when.
#[derive(Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum Grant {
    /// What roles there are, what each may do, and which do not go together.
    Roles,
    /// Who may do what at a unit, or of a post, today or later.
    List {
        /// Code of the unit; with neither unit nor post, those in the whole operation.
        #[arg(long)]
        unit: Option<String>,
        /// Also those that were given above the unit, and so hold at it.
        #[arg(long, requires = "unit")]
        above: bool,
        /// Those of whoever holds a post, as UNIT/POST.
        #[arg(long)]
        post: Option<String>,
        /// Rows wanted, 1 to 1000.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Where the page before ended.
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Give a role to an account, or to whoever holds a post.
    Give {
        /// Login name or id of the account; or a post as UNIT/POST.
        holder: String,
        /// The role, from muster grant roles.
        role: String,
        /// Code of the unit at which and below which it holds; the whole operation when absent.
        #[arg(long)]
        unit: Option<String>,
        /// First day, YYYY-MM-DD; today when absent.
        #[arg(long, value_parser = day)]
        since: Option<Day>,
        /// First day on which it does not hold any more, YYYY-MM-DD.
        #[arg(long, value_parser = day)]
        until: Option<Day>,
    },
    /// Take a role away.
    End {
        /// Its id, from muster grant list.
        id: String,
        /// First day on which it does not hold any more, YYYY-MM-DD; today when absent.
        #[arg(long, value_parser = day)]
        day: Option<Day>,
    },
    /// Let the office govern who comes in again, where one of three administrators is lost.
    Unite,
}

const HELP: &str = "\
Examples:
  muster user add liu --unit S111          prints the letter by which liu chooses a password
  muster grant give liu filler --unit S111
  muster grant give G1/night viewer --unit G1 --until 2020-04-01
  muster grant list --unit G1 --above
  muster grant list --post G1/night
  muster grant give liu filler --unit S111 \\
    --acting-for 'unit=R; post=leader; at=2020-02-03T09:00:00+08:00; means=telephone'

Once a system, a security and an audit administrator are appointed in the whole operation, the office gives no roles any
more and adds no accounts: each of the three does its own part.
Exit codes: 0 done; 1 refused, and nothing is changed; 2 wrong command line; 3 the database or the machine failed.";

impl Grant {
    pub(crate) async fn run(self, common: &Common) -> Result<ExitCode, Stop> {
        common.must_be_there()?;
        match self {
            Self::Roles => told(common, "/roles").await,
            Self::List { unit, above, post, limit, cursor } => {
                let word = |key: &str, word: Option<String>| {
                    word.map(|word| format!("&{key}={}", escape(&word))).unwrap_or_default()
                };
                let (unit, post, cursor) = (word("unit", unit), word("post", post), word("cursor", cursor));
                let above = if above { "&above=true" } else { "" };
                told(common, &format!("/grants?limit={limit}{unit}{above}{post}{cursor}")).await
            }
            Self::Give { holder, role, unit, since, until } => {
                let (account, post) = match holder.contains('/') {
                    true => (None, Some(holder)),
                    false => (Some(called(common, &holder).await?), None),
                };
                let text = |text: Option<String>| text.map(Value::from);
                let body = given(vec![
                    ("account", text(account)),
                    ("post", text(post)),
                    ("role", Some(role.into())),
                    ("unit", text(unit)),
                    ("since", text(since.map(|day| day.to_string()))),
                    ("until", text(until.map(|day| day.to_string()))),
                ]);
                tell(common, Method::POST, "/grants", &body.into()).await
            }
            Self::End { id, day } => {
                let body = json!({ "day": day.map(|day| day.to_string()) });
                tell(common, Method::POST, &format!("/grants/{}/end", escape(&id)), &body).await
            }
            Self::Unite => {
                let db = common.open().await?;
                let ctx = common.ctx(&db).await?;
                let unite = move |tx: &mut Tx<'_>| administrators_unite(tx, &ctx);
                db.write("access.unite", muster_kernel::Clock::Wall.now_ms(), unite).await?;
                common.tell("grant.united", &[])?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}
