//! One SQL text, the same meaning on both.

use muster_store::{
    Db, DbConfig, Gathered, Migration, Rows, Stmt, StoreError, Val, args, counted, statements_failing,
    testdb::{TestDb, each_store},
};

use crate::{TABLES, UNIT_INSERT};

fn ints(db: &Db, sql: &'static str, args: Vec<Val<'static>>) -> Result<Vec<i64>, StoreError> {
    db.read_blocking("test.ints", move |rx| rx.all(&Stmt::new("test.ints", sql), &args, |row| row.int(0)))
}

fn exec(db: &Db, sql: &'static str, args: Vec<Val<'static>>) -> Result<u64, StoreError> {
    db.write_blocking("test.exec", 0, move |tx| tx.exec(&Stmt::new("test.exec", sql), &args))
}

fn units(db: &Db) {
    db.write_blocking("test.units", 0, |tx| {
        let rows: Vec<_> = (1..=5)
            .map(|i: i64| args![i, format!("u{i}"), (i > 1).then_some(1), (i % 2 == 0).then_some(i)].to_vec())
            .collect();
        tx.exec_rows(&UNIT_INSERT, &rows)
    })
    .unwrap();
}

#[test]
fn cells_of_all_rows_are_gathered_in_one() {
    const ALL: Stmt = Stmt::new(
        "test.gather",
        "select {gather:int u.id,bytes u.note,int u.id} from unit u where u.id >= $1 and u.note is not null",
    );
    each_store(TABLES, |t| {
        let notes: [&[u8]; 3] = [b"", b"\x00\xff", &[7; 300]];
        t.db.write_blocking("test.notes", 0, move |tx| {
            for (id, note) in (1i64..).zip(notes) {
                let insert = Stmt::new("test.note", "insert into unit (id, code, note) values ($1, $2, $3)");
                tx.exec(&insert, args![id, format!("n{id}"), note.to_vec()])?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
        let read = |from: i64| {
            t.db.read_blocking("test.gather", move |rx| {
                rx.one(&ALL, args![from], |row| {
                    let (mut cells, mut all) = (Gathered::new(row.opt_bytes(0)?), Vec::new());
                    while !cells.is_empty() {
                        all.push((cells.int()?, cells.bytes()?.to_vec(), cells.int()?));
                    }
                    Ok(all)
                })
            })
        };
        let mut all = read(1).unwrap();
        all.sort();
        let wanted = (1i64..).zip(notes).map(|(id, note)| (id, note.to_vec(), id)).collect::<Vec<_>>();
        assert_eq!(all, wanted);
        assert_eq!(read(9), Ok(Vec::new()), "of no rows nothing");
        let torn = |bytes: &[u8]| {
            let mut cells = Gathered::new(Some(bytes));
            cells.int().and_then(|_| cells.bytes().map(<[u8]>::len))
        };
        for bytes in [&[0; 7][..], &[0; 11], &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 9]] {
            assert!(matches!(torn(bytes), Err(StoreError::Corrupt(_))), "{bytes:?}");
        }
    });
}

#[test]
fn arguments_are_bound_by_number() {
    each_store(TABLES, |t| {
        units(&t.db);
        let sql = "select id from unit where code = $2 or id = $1 order by id";
        assert_eq!(ints(&t.db, sql, vec![1.into(), "u3".into()]), Ok(vec![1, 3]));
        // Too many, too few.
        for args in [vec![], vec![1.into()], vec![1.into(), "a".into(), 3.into()]] {
            assert!(matches!(ints(&t.db, sql, args), Err(StoreError::Sql(_))));
        }
    });
}

#[test]
fn tokens_mean_the_same() {
    each_store(TABLES, |t| {
        units(&t.db);
        let sql = "select id from unit where id {in:$1} and code {in:$2} order by id";
        let codes: Vec<String> = ["u2", "u3", "'"].map(String::from).into();
        assert_eq!(ints(&t.db, sql, vec![vec![1i64, 2, 3].into(), codes.clone().into()]), Ok(vec![2, 3]));
        assert_eq!(ints(&t.db, sql, vec![Vec::<i64>::new().into(), codes.into()]), Ok(vec![]));
        assert_eq!(ints(&t.db, "select {greatest}(id, 4) from unit where id = 1", vec![]), Ok(vec![4]));
        assert_eq!(ints(&t.db, "select {least}(id, 4) from unit where id = 5", vec![]), Ok(vec![4]));
        let by = "select k.a * 10 + u.id from {rows:$1 bigint} k {by:unit u: u.id = k.a + $2} order by 1";
        assert_eq!(ints(&t.db, by, vec![vec![1i64, 3, 900].into(), 1.into()]), Ok(vec![12, 34]));
        let quoted = "select id from unit where code <> '$1 {lock}' order by id limit $1";
        assert_eq!(ints(&t.db, quoted, vec![1.into()]), Ok(vec![1]));
        let like = "select id from unit where code like $1 order by id";
        assert_eq!(ints(&t.db, like, vec!["U%".into()]), Ok(vec![]));
        for wrong in ["select {nothing}", "select {lock", "select '", "select {by:unit}"] {
            assert!(matches!(ints(&t.db, wrong, vec![]), Err(StoreError::Sql(_))), "{wrong}");
        }
    });
}

#[test]
fn rows_in_bulk_arrive_as_they_are() {
    const UPSERT: Stmt = Stmt::new(
        "test.upsert",
        "insert into unit (id, code, size, rate, note) values ($1, upper($2), $3, $4, $5) \
         on conflict (id) do update set size = excluded.size, rate = excluded.rate, note = excluded.note",
    );
    const READ: Stmt = Stmt::new("test.read", "select code, size, rate, note from unit order by id");
    each_store(TABLES, |t| {
        for size in [1, 2] {
            let touched = t.db.write_blocking("test.bulk", 0, move |tx| {
                let rows: Vec<_> = (0..100)
                    .map(|i: i64| {
                        let none = i % 3 == 0;
                        let note = (!none).then(|| vec![0u8, i as u8]);
                        args![i, format!("c{i}"), size, (!none).then_some(i as f64 / 4.0), note].to_vec()
                    })
                    .collect();
                tx.exec_rows(&UPSERT, &rows)
            });
            assert_eq!(touched, Ok(100));
        }
        let rows =
            t.db.read_blocking("test.read", |rx| {
                rx.all(&READ, &[], |row| {
                    let note = row.opt_bytes(3)?.map(<[u8]>::to_vec);
                    Ok((row.string(0)?, row.int(1)?, row.opt_real(2)?, note))
                })
            })
            .unwrap();
        assert_eq!(rows.len(), 100);
        assert_eq!(rows[0], ("C0".into(), 2, None, None));
        assert_eq!(rows[7], ("C7".into(), 2, Some(1.75), Some(vec![0, 7])));
        // A form without a bulk text runs row by row.
        let moved = t.db.write_blocking("test.move", 0, |tx| {
            let rows: Vec<_> = (0..50).map(|i: i64| args![i + 10, i].to_vec()).collect();
            tx.exec_rows(&Stmt::new("test.resize", "update unit set size = $1 where id = $2"), &rows)
        });
        assert_eq!(moved, Ok(50));
        assert_eq!(ints(&t.db, "select size from unit where id = 49", vec![]), Ok(vec![59]));
    });
}

#[test]
fn a_sum_must_be_cast_and_types_must_fit() {
    each_store(TABLES, |t| {
        units(&t.db);
        assert_eq!(ints(&t.db, "select cast(sum(size) as bigint) from unit", vec![]), Ok(vec![6]));
        let bare = [Stmt::new("test.bare", "select sum(size) from unit")];
        let refused = statements_failing(&t.db, &bare).len();
        assert_eq!(refused, usize::from(t.db.dialect() == muster_store::Dialect::Postgres));
        assert!(matches!(ints(&t.db, "select code from unit", vec![]), Err(StoreError::Sql(_))));
        assert!(matches!(ints(&t.db, "select size from unit order by id", vec![]), Err(StoreError::Sql(_))));
        let text = exec(&t.db, "update unit set size = $1 where id = 1", vec!["many".into()]);
        // STRICT tables refuse with a constraint, PostgreSQL with a type: both refuse.
        assert!(text.is_err(), "{text:?}");
    });
}

#[test]
fn what_one_database_cannot_hold_both_refuse() {
    each_store(TABLES, |t| {
        units(&t.db);
        let set = |val: Val<'static>| exec(&t.db, "update unit set code = $1 where id = 1", vec![val]);
        assert_eq!(set("a\0b".into()), Err(StoreError::Value("text holds a NUL character")));
        let list: Vec<String> = vec!["a\0".into()];
        let read = ints(&t.db, "select id from unit where code {in:$1}", vec![list.into()]);
        assert_eq!(read, Err(StoreError::Value("text holds a NUL character")));
        for number in [f64::NAN, f64::INFINITY] {
            let set = exec(&t.db, "update unit set rate = $1 where id = 1", vec![number.into()]);
            assert_eq!(set, Err(StoreError::Value("number is not finite")));
        }
        assert_eq!(set("𠀀 好".into()), Ok(1));
    });
}

#[test]
fn constraints_have_the_same_names() {
    each_store(TABLES, |t| {
        units(&t.db);
        exec(&t.db, "insert into plain (a, b, c) values (1, 'x', 1)", vec![]).unwrap();
        let check = |sql: &'static str, name: &str| {
            assert_eq!(exec(&t.db, sql, vec![]), Err(StoreError::Constraint { name: name.into() }), "{sql}");
        };
        check("insert into unit (id, code) values (1, 'n')", "unit_pkey");
        check("insert into unit (id, code) values (9, 'u1')", "unit_code_unique");
        check("insert into unit (id, code, size) values (9, 'n', 0)", "unit_size_positive");
        check("insert into unit (id, code, parent) values (9, 'n', 77)", "foreign_key");
        check("insert into unit (id, code) values (9, null)", "unit_code_not_null");
        check("insert into plain (a, b, c) values (1, 'y', 2)", "plain_pkey");
        check("insert into plain (a, b, c) values (2, 'x', 2)", "plain_b_key");
        check("insert into plain (a, b, c) values (2, 'y', 1)", "plain_c_once");
        check("delete from unit where id = 1", "foreign_key");
    });
}

#[test]
fn migrations_are_applied_once_and_never_edited() {
    let step = |number, name, sql| Migration { number, name, sqlite: sql, postgres: sql };
    each_store(TABLES, |t| {
        let a = step(200, "line_a", "create table a (x {blob}); create table b (y {blob});");
        let wrong = step(201, "line_wrong", "create table c (x {blob}); create table a (x {blob});");
        let all = |more: &[Migration]| [TABLES, more].concat();
        assert_eq!(t.db.migrate(1, &all(&[a])), Ok(1));
        assert_eq!(t.db.migrate(2, &all(&[a])), Ok(0));
        let refused = |out| assert!(matches!(out, Err(StoreError::Migration(_))), "{out:?}");
        refused(t.db.migrate(3, &all(&[a, wrong])));
        // Nothing of the failed one stayed.
        assert_eq!(ints(&t.db, "select count(*) from migration where number = 201", vec![]), Ok(vec![0]));
        exec(&t.db, "create table c (x integer)", vec![]).unwrap();
        refused(t.db.migrate(4, &all(&[step(200, "line_a", "create table edited (x {blob})")])));
        refused(t.db.migrate(5, &all(&[step(200, "line_renamed", a.sqlite)])));
        refused(t.db.migrate(6, &all(&[a, a])));
        // An older program beside a newer schema.
        assert_eq!(t.db.migrate(7, TABLES), Ok(0));
    });
}

#[test]
fn a_request_knows_what_it_asked_of_the_database() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    each_store(TABLES, |t| {
        units(&t.db);
        let (out, counts) = runtime.block_on(counted(async {
            t.db.write("test.write", 0, |tx| {
                tx.exec(&Stmt::new("test.all", "update unit set size = 1"), &[])?;
                Ok::<_, StoreError>(())
            })
            .await?;
            t.db.read("test.read", |rx| {
                rx.all(&Stmt::new("test.two", "select id from unit order by id limit 2"), &[], |r| r.int(0))
            })
            .await
        }));
        assert_eq!(out, Ok(vec![1, 2]));
        assert_eq!((counts.statements, counts.rows), (2, 7));
    });
}

/// One that reads through is planned for what is asked, and what comes after it is not; also where it fails.
#[test]
fn postgres_reads_through_for_a_statement_that_says_so() {
    const HOW: &str = "select current_setting('enable_hashjoin'), current_setting('plan_cache_mode')";
    const LOOKS_UP: Stmt = Stmt::new("test.looks_up", HOW);
    const READS_THROUGH: Stmt = Stmt::new("test.reads_through", HOW).reading_through();
    const FAILS: Stmt =
        Stmt::new("test.fails", "select count(*) / (count(*) - count(*)) from unit where id >= $1")
            .reading_through();
    fn how(rows: &mut impl Rows, stmt: &Stmt) -> Result<(String, String), StoreError> {
        rows.one(stmt, &[], |row| Ok((row.string(0)?, row.string(1)?)))
    }
    let Some(t) = TestDb::postgres(TABLES) else { return };
    let db = Db::open(&DbConfig { connections: 1, ..t.config.clone() }).unwrap();
    let along = ("off".to_owned(), "force_generic_plan".to_owned());
    let through = ("on".to_owned(), "force_custom_plan".to_owned());
    let expected = [along.clone(), through, along.clone()];
    let all = db.read_blocking("test.read", |rx| {
        Ok::<_, StoreError>([how(rx, &LOOKS_UP)?, how(rx, &READS_THROUGH)?, how(rx, &LOOKS_UP)?])
    });
    assert_eq!(all.unwrap(), expected);
    let all = db.write_blocking("test.write", 0, |tx| {
        Ok::<_, StoreError>([how(tx, &LOOKS_UP)?, how(tx, &READS_THROUGH)?, how(tx, &LOOKS_UP)?])
    });
    assert_eq!(all.unwrap(), expected);
    let failed = db.read_blocking("test.fails", |rx| rx.one(&FAILS, args![0], |row| row.int(0)));
    assert!(matches!(failed, Err(StoreError::Sql(_))), "{failed:?}");
    assert_eq!(db.read_blocking("test.after", |rx| how(rx, &LOOKS_UP)).unwrap(), along);
    db.close();
}
