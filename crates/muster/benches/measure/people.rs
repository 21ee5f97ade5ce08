//! Many accounts with many roles: what rights cost where there are as many people as there are.

use crate::world::ctx;
use muster::demo::Scaled;
use muster::lines::access::{Account, Moment, Role, Seat, account_called, account_set, session_of};
use muster::lines::org;
use muster_store::{Db, Tx};

/// Accounts.
pub const ACCOUNTS: u32 = 20_000;
/// Accounts that one transaction makes.
const CHUNK: u32 = 500;
/// Roles that they have altogether: each one at its own unit and one elsewhere, every second a third.
pub const GRANTS: u32 = ACCOUNTS * 5 / 2;

fn id(n: u32) -> String {
    format!("person-{n}")
}

/// Fills them in: the first few may file for every unit, by the last of their roles that is looked at.
pub fn fill(db: &Db, tree: Scaled, filing: u32, now_ms: i64) {
    let mut from = 0;
    while from < ACCOUNTS {
        let to = (from + CHUNK).min(ACCOUNTS);
        db.write_blocking("world.people", now_ms, move |tx: &mut Tx<'_>| {
            let ctx = ctx(now_ms);
            // A thousand units, spread over the tree.
            let at = |n: u32| tree.code((n % 1_000) * (tree.units() / 1_000).max(1) % tree.units());
            for n in from..to {
                let unit = |tx: &mut Tx<'_>, n: u32| -> Result<i64, muster::Fail> {
                    Ok(org::unit_by_code(tx, &at(n), ctx.today())?.map_or(0, |found| found.unit))
                };
                let (home, other, third) = (unit(tx, n)?, unit(tx, n + 7)?, unit(tx, n + 77)?);
                let mut seats =
                    vec![Seat { role: Role::Filler, unit: home }, Seat { role: Role::Viewer, unit: other }];
                if n % 2 == 0 {
                    seats.push(Seat { role: Role::Reviewer, unit: third });
                }
                if n < filing {
                    let root = org::unit_by_code(tx, &tree.code(0), ctx.today())?.map_or(0, |top| top.unit);
                    seats[1] = Seat { role: Role::Office, unit: root };
                }
                let account = Account { seats: seats.into(), ..Account::at(&id(n), Role::Viewer, home) };
                account_set(tx, &ctx, &account, None)?;
            }
            Ok::<_, muster::Fail>(())
        })
        .expect("people");
        from = to;
    }
}

/// Sessions of the first few, as cookie lines.
pub fn sessions(db: &Db, count: u32, now_ms: i64) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut cookies = Vec::new();
        for n in 0..count {
            let at = Moment { now_ms, today: ctx(now_ms).today(), operation: 1 };
            let account = db.read("world.person", move |rx| account_called(rx, &ctx(now_ms), &id(n))).await;
            let account = account.expect("a read").expect("an account");
            let signed = session_of(db, at, account, "measure").await.expect("a session");
            cookies.push(format!("cookie: muster_session={}\r\n", signed.token));
        }
        cookies
    })
}
