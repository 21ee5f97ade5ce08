//! One text of SQL, one schema: every statement of every line fits both stores, and the migrations come in pairs that
//! make the same tables.

use muster::lines::{access, brief, command, inspect, operation, org, privacy, reporting};
use muster::migrations::MIGRATIONS;
use muster_store::testdb::{TestDb, each_store};
use muster_store::{Db, Dialect, Rows, Stmt, StoreError, own_statements, statements_failing};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn statements() -> Vec<Stmt> {
    let lines = [
        brief::STATEMENTS,
        command::notice::STATEMENTS,
        command::task::STATEMENTS,
        inspect::STATEMENTS,
        operation::STATEMENTS,
        privacy::STATEMENTS,
    ]
    .concat();
    [
        own_statements(),
        muster::seal::STATEMENTS.to_vec(),
        muster::outbound::statements(),
        access::statements(),
        lines,
        org::statements(),
        reporting::statements(),
    ]
    .concat()
}

#[test]
fn every_statement_of_every_line_fits_both_stores() {
    let statements = statements();
    each_store(MIGRATIONS, |db| assert_eq!(statements_failing(&db.db, &statements), []));
}

/// A statement that no list holds would never be prepared by the test above. (Only those of
/// PostgreSQL alone are in none.)
#[test]
fn every_statement_is_in_the_list_of_its_line_under_a_name_of_its_own() {
    let mut names: Vec<&str> = statements().iter().map(|statement| statement.name).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "two statements of one name");
    let mut written = BTreeSet::new();
    for folder in ["src/lines", "src/outbound", "src/seal", "../muster-store/src"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut |text| {
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let text: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let text = text.join("\n");
            // The name is the first string of each constant.
            for constant in text.split("Stmt::new(").skip(1) {
                let name = constant.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                written.extend(name.map(str::to_owned));
            }
        });
    }
    assert!(written.len() > 150, "only {} were found", written.len());
    let unlisted: Vec<&String> = written.iter().filter(|name| !names.contains(&name.as_str())).collect();
    assert!(unlisted.is_empty(), "in no list: {unlisted:?}");
}

fn sources(folder: &Path, hear: &mut impl FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, hear);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("postgres/own.rs")
        {
            hear(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn migrations_come_in_pairs_and_all_are_applied() {
    let files = |folder: &str, store: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("migrations").join(store);
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.to_str().unwrap().trim_end_matches(".sql").to_owned()).collect()
    };
    assert_eq!(files(".", "sqlite"), files(".", "postgres"));
    assert_eq!(files("../muster-store", "sqlite"), files("../muster-store", "postgres"));
    let applied: BTreeSet<String> = MIGRATIONS.iter().map(|step| step.name.to_owned()).collect();
    assert_eq!(applied, files(".", "sqlite"));
    for step in MIGRATIONS {
        assert_eq!(step.name.split('_').next().unwrap().parse(), Ok(step.number), "{}", step.name);
    }
}

/// Table and column, with what both stores call alike: kind of value, and whether it may be missing.
pub(crate) type Columns = BTreeMap<(String, String), (&'static str, bool)>;

pub(crate) fn columns(db: &Db) -> Columns {
    const SQLITE: Stmt = Stmt::new(
        "test.columns",
        "select t.name, c.name, lower(c.type), c.\"notnull\" from sqlite_schema t join pragma_table_info(t.name) c
         where t.type = 'table' and t.name not like 'sqlite%'",
    );
    const POSTGRES: Stmt = Stmt::new(
        "test.columns",
        "select cast(table_name as text), cast(column_name as text), cast(data_type as text),
                case when is_nullable = 'NO' then 1::bigint else 0::bigint end
         from information_schema.columns where table_schema = 'public'",
    );
    let statement = if db.dialect() == Dialect::Sqlite { SQLITE } else { POSTGRES };
    let read = db.read_blocking("test.columns", move |rx| {
        rx.all(&statement, &[], |row| {
            let kind = match row.text(2)? {
                "integer" | "bigint" => "whole number",
                "text" => "text",
                "blob" | "bytea" => "bytes",
                "real" | "double precision" => "number",
                other => return Err(StoreError::Corrupt(format!("a column of type {other}"))),
            };
            Ok(((row.string(0)?, row.string(1)?), (kind, row.int(3)? != 0)))
        })
    });
    read.unwrap().into_iter().collect()
}

#[test]
fn the_tables_of_both_stores_have_the_same_columns() {
    let sqlite = columns(&TestDb::sqlite(MIGRATIONS).db);
    assert!(sqlite.len() > 150, "only {} columns were found", sqlite.len());
    if let Some(postgres) = TestDb::postgres(MIGRATIONS) {
        let mut postgres = columns(&postgres.db);
        let table =
            |columns: &Columns| columns.keys().map(|(table, _)| table.clone()).collect::<BTreeSet<_>>();
        assert_eq!(table(&sqlite), table(&postgres));
        for (column, kind) in sqlite {
            assert_eq!(postgres.remove(&column), Some(kind), "{column:?}");
        }
        assert!(postgres.is_empty(), "only on PostgreSQL: {postgres:?}");
    }
}
