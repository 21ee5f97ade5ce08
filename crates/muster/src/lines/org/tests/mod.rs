//! The tree on both stores.

mod close;
mod import;
mod random;
mod refused;
mod stories;
mod words;

use super::check::NewUnit;
use super::model::Facts;
use crate::lines::operation::Names;
use crate::migrations::MIGRATIONS;
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Actor, Day, IdSource, Locale};
use muster_store::testdb::TestDb;
use muster_store::{Rx, StoreError, Tx, statements_failing};

fn day(number: i32) -> Day {
    Day::from_number(18_000 + number)
}

fn ctx() -> Ctx {
    Ctx {
        actor: Actor::system("test"),
        now_ms: 18_010 * 86_400_000,
        ids: IdSource::Random,
        operation: 1,
        zone: jiff::tz::TimeZone::UTC,
        locale: Locale::En,
        reach: Reach::All,
        seals: crate::seal::Seals::of_demo(),
        lent_ms: None,
    }
}

fn facts(name: &str) -> Facts {
    let names = Names { zh_hans: name.to_owned(), ..Names::default() };
    Facts { names, kind: "site".to_owned(), place: None, time_zone: String::new(), classes: Vec::new() }
}

fn new(code: &str, parent: Option<&str>, since: Day) -> NewUnit {
    NewUnit {
        code: code.to_owned(),
        facts: facts(code),
        parent: parent.map(str::to_owned),
        since,
        until: Day::OPEN_END,
    }
}

fn write<T: Send + 'static>(
    db: &TestDb,
    verb: impl Fn(&mut Tx<'_>, &Ctx) -> Result<T, Fail> + Send + 'static,
) -> Result<T, Fail> {
    let ctx = ctx();
    db.db.write_blocking("test.write", ctx.now_ms, move |tx| verb(tx, &ctx))
}

fn read<T: Send + 'static>(
    db: &TestDb,
    look: impl Fn(&mut Rx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    db.db.read_blocking("test.read", look).unwrap()
}

/// The code of a refusal.
fn refused<T>(result: Result<T, Fail>) -> String {
    match result {
        Err(Fail::Problem(problem)) => problem.code.to_owned(),
        Err(Fail::Store(error)) => panic!("{error}"),
        Ok(_) => panic!("was not refused"),
    }
}

#[test]
fn every_statement_fits_both_databases() {
    muster_store::testdb::each_store(MIGRATIONS, |db| {
        assert_eq!(statements_failing(&db.db, &super::statements()), []);
    });
}
