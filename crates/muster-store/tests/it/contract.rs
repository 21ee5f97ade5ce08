//! What `write` and `read` promise when things go wrong.

use muster_store::{
    Db, Rows, Stmt, StoreError, Tx, args, own_statements, statements_failing, testdb::each_store,
};

use crate::{TABLES, UNIT_COUNT, UNIT_INSERT};

pub(crate) fn units(db: &Db) -> i64 {
    db.read_blocking("test.count", |rx| rx.one(&UNIT_COUNT, &[], |row| row.int(0))).unwrap()
}

fn insert(tx: &mut Tx<'_>, id: i64, code: &str) -> Result<(), StoreError> {
    tx.exec(&UNIT_INSERT, args![id, code, None::<i64>, None::<i64>]).map(drop)
}

#[test]
fn the_database_tells_its_clock() {
    let wait = tokio::runtime::Builder::new_current_thread().build().unwrap();
    each_store(&[], |t| {
        let told = wait.block_on(t.db.clock_ms()).unwrap();
        // Tests run beside their database, on one machine.
        let here = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64;
        assert_eq!(told.is_some(), t.db.dialect() == muster_store::Dialect::Postgres);
        assert!(told.is_none_or(|told| (told - here).abs() < 60_000), "{told:?} {here}");
    });
}

#[test]
fn a_write_is_read_back() {
    each_store(TABLES, |t| {
        t.db.write_blocking("test.write", 5, |tx| {
            assert_eq!(tx.at(), 5);
            insert(tx, 1, "a")
        })
        .unwrap();
        assert_eq!(units(&t.db), 1);
    });
}

#[test]
fn a_panic_undoes_its_closure_only() {
    each_store(TABLES, |t| {
        let out = t.db.write_blocking("test.panic", 0, |tx| {
            insert(tx, 1, "a")?;
            if tx.at() == 0 {
                panic!("on purpose");
            }
            Ok::<_, StoreError>(())
        });
        assert_eq!(out, Err(StoreError::Panic("on purpose".into())));
        assert_eq!(units(&t.db), 0);
        // Each connection again: none was handed back with the half in it.
        for id in 0..16 {
            t.db.write_blocking("test.after", 0, move |tx| insert(tx, id, &id.to_string())).unwrap();
        }
        assert_eq!(units(&t.db), 16);
    });
}

#[test]
fn a_swallowed_error_is_still_an_error() {
    each_store(TABLES, |t| {
        let out = t.db.write_blocking("test.swallow", 0, |tx| {
            insert(tx, 1, "a")?;
            drop(insert(tx, 1, "b"));
            // All that follows is refused with the same error.
            assert_eq!(insert(tx, 2, "c"), Err(StoreError::Constraint { name: "unit_pkey".into() }));
            Ok::<_, StoreError>(())
        });
        assert_eq!(out, Err(StoreError::Constraint { name: "unit_pkey".into() }));
        assert_eq!(units(&t.db), 0);
    });
}

#[test]
fn an_attempt_fails_alone() {
    each_store(TABLES, |t| {
        t.db.write_blocking("test.attempt", 0, |tx| {
            insert(tx, 1, "a")?;
            let tried = tx.attempt(|tx| {
                insert(tx, 2, "b")?;
                insert(tx, 3, "a")
            });
            assert_eq!(tried, Err(StoreError::Constraint { name: "unit_code_unique".into() }));
            tx.attempt(|tx| insert(tx, 4, "d"))
        })
        .unwrap();
        assert_eq!(units(&t.db), 2);
    });
}

#[test]
fn a_read_cannot_write_and_sees_one_state() {
    const SNEAK: Stmt = Stmt::new("test.sneak", "insert into counter (id, rev) values (9, 9) returning id");
    each_store(TABLES, |t| {
        let out = t.db.read_blocking("test.sneak", |rx| rx.one(&SNEAK, &[], |row| row.int(0)));
        assert!(matches!(out, Err(StoreError::Sql(_))), "{out:?}");
        let db = t.db.clone();
        let (before, after) =
            t.db.read_blocking("test.snapshot", move |rx| {
                let before = rx.one(&UNIT_COUNT, &[], |row| row.int(0))?;
                db.write_blocking("test.between", 0, |tx| insert(tx, 1, "a"))?;
                Ok::<_, StoreError>((before, rx.one(&UNIT_COUNT, &[], |row| row.int(0))?))
            })
            .unwrap();
        assert_eq!((before, after, units(&t.db)), (0, 0, 1));
    });
}

#[test]
fn every_statement_of_the_store_fits() {
    each_store(TABLES, |t| {
        assert_eq!(statements_failing(&t.db, &own_statements()), []);
        let wrong = [Stmt::new("test.wrong", "select nothing from unit")];
        assert_eq!(statements_failing(&t.db, &wrong).len(), 1);
    });
}
