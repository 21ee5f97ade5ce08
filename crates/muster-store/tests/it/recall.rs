//! Writes that go by what their connection remembers of its lane: never by what holds no more. SQLite asks each time, and
//! comes to the same.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use muster_store::{
    Ask, Db, DbConfig, Dialect, LANES, Rows, Stmt, StoreError, TotalKey, Tx, args,
    testdb::{TestDb, each_store},
    total_read, verify,
};

use crate::{
    TABLES,
    proxy::{AT_ONCE, AtCommit, Proxy},
    totals::entry,
};

const KEY: TotalKey = TotalKey { day: 1, series: 1, node: 1 };
const PEEK: Stmt = Stmt::new("test.peek", "select rev from counter where id = $1");
const MOVE: Stmt = Stmt::new("test.move", "update counter set rev = $1 where id = $2");
const ADD: Stmt = Stmt::new("test.add", "insert into counter (id, rev) values ($1, $2)");
const COUNT: Stmt = Stmt::new("test.count", "select count(*) from counter where id >= 1000");

/// One connection, so that all writes have one lane.
fn alone(t: &TestDb) -> Db {
    let config = DbConfig { connections: 1, ..t.config.clone() };
    Db::open(&config).unwrap()
}

/// Looks at a number that others change, as a report looks at the tree.
fn look(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.hold(vec![], vec![Ask::new(PEEK, args![1])])?;
    tx.gate("rev", |tx| tx.one(&PEEK, args![1], |row| row.int(0)))
}

/// A report in small: looks, journals, adds, and puts its row off to the end.
fn report(tx: &mut Tx<'_>, id: i64, subject: &str) -> Result<i64, StoreError> {
    let seen = look(tx)?;
    tx.journal(entry(subject))?;
    tx.add(KEY, &[(0, 1), (1, id)])?;
    tx.add_rows(ADD, vec![args![1000 + id, seen].to_vec()])?;
    Ok(seen)
}

/// What everybody's reports rely on is another now.
fn change(db: &Db, rev: i64) {
    let moved = move |tx: &mut Tx<'_>| {
        tx.exec(&MOVE, args![rev, 1])?;
        tx.barrier().map(drop)
    };
    db.write_blocking("test.change", 0, moved).unwrap();
}

/// Runs a write and says how often it ran.
fn runs<T: Send + 'static>(
    db: &Db,
    f: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> (Result<T, StoreError>, u32) {
    let ran = Arc::new(AtomicU32::new(0));
    let count = ran.clone();
    let out = db.write_blocking("test.runs", 0, move |tx| {
        count.fetch_add(1, SeqCst);
        f(tx)
    });
    (out, ran.load(SeqCst))
}

fn stored(db: &Db) -> (i64, Vec<i64>) {
    db.read_blocking("test.stored", |rx| {
        Ok::<_, StoreError>((rx.one(&COUNT, &[], |r| r.int(0))?, total_read(rx, KEY)?))
    })
    .unwrap()
}

/// In which lane a process writes.
fn lane_of(db: &Db) -> i32 {
    db.write_blocking("test.lane", 0, |tx| tx.journal(entry("lane"))).unwrap().lane
}

#[test]
fn connections_have_lanes_of_their_own_while_there_are_enough() {
    let Some(t) = TestDb::postgres(TABLES) else { return };
    // Some are taken by the connections that made the tables; who finds none free shares the first.
    let others: Vec<Db> = (0..LANES).map(|_| alone(&t)).collect();
    let of = |db: &Db| (lane_of(db), db.clone());
    let mut own: Vec<(i32, Db)> = others.iter().map(of).filter(|(lane, _)| *lane != 0).collect();
    own.sort_unstable_by_key(|(lane, _)| *lane);
    assert!(own.len() >= 4 && own.len() < others.len(), "{}", own.len());
    assert!(own.is_sorted_by(|(one, _), (next, _)| one < next), "each has its own");
    // A lane is free again when its connection has ended.
    let (lane, freed) = own.remove(3);
    freed.close();
    let taken = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        let next = alone(&t);
        let taken = lane_of(&next);
        next.close();
        taken == lane
    });
    assert!(taken, "nobody takes lane {lane}");
    assert_eq!(verify(&t.db, None).unwrap(), []);
    others.iter().for_each(Db::close);
}

/// How often a write runs that remembered what holds no more.
fn twice(t: &TestDb) -> u32 {
    if t.db.dialect() == Dialect::Postgres { 2 } else { 1 }
}

#[test]
fn who_remembers_what_was_changed_meanwhile_runs_again_and_sees_it() {
    each_store(TABLES, |t| {
        // Each case with a connection that remembers, and has not been wrong before.
        let case = |id: i64, rev: i64, f: fn(&mut Tx<'_>, i64) -> Result<i64, StoreError>| {
            let db = alone(t);
            assert_eq!(runs(&db, move |tx| report(tx, id, "first")), (Ok(rev), 1), "it asks");
            assert_eq!(runs(&db, move |tx| report(tx, id + 1, "then")), (Ok(rev), 1), "it remembers");
            change(&t.db, rev + 1);
            assert_eq!(runs(&db, move |tx| f(tx, id + 2)), (Ok(rev + 1), twice(t)));
            // Once wrong it asks for a while.
            change(&t.db, rev + 2);
            assert_eq!(runs(&db, move |tx| report(tx, id + 3, "after")), (Ok(rev + 2), 1));
            db.close();
        };
        case(10, 0, |tx, id| report(tx, id, "stored"));
        // Nothing is stored: the answer alone would be of yesterday.
        case(20, 2, |tx, _| look(tx));
        // It fails for what it remembers.
        case(30, 4, |tx, id| match report(tx, id, "refused")? {
            4 => Err(StoreError::Value("too early")),
            seen => Ok(seen),
        });
        // It asks, or writes, before it is at its end.
        case(40, 6, |tx, id| {
            let seen = report(tx, id, "asks")?;
            assert_eq!(tx.one(&PEEK, args![1], |row| row.int(0))?, seen);
            Ok(seen)
        });
        case(50, 8, |tx, id| {
            let seen = report(tx, id, "writes")?;
            assert_eq!(tx.exec(&MOVE, args![seen, 1000 + id])?, 1);
            Ok(seen)
        });
        // Between, the same connection takes the lane without asking anything: it sees that somebody was there, and says so
        // to the next.
        for (id, rev) in [(60, 10), (70, 12)] {
            let db = alone(t);
            for id in [id, id + 1] {
                assert_eq!(runs(&db, move |tx| report(tx, id, "remembers")), (Ok(rev), 1));
            }
            change(&t.db, rev + 1);
            let between = move |tx: &mut Tx<'_>| match id {
                60 => tx.barrier().map(drop),
                _ => tx.journal(entry("between")).map(drop),
            };
            assert_eq!(runs(&db, between), (Ok(()), 1));
            assert_eq!(runs(&db, move |tx| report(tx, id + 2, "after")), (Ok(rev + 1), 1));
            change(&t.db, rev + 2);
            db.close();
        }
        // 4 reports each, and 3 where nothing was stored.
        let sum = (10..14)
            .chain([20, 21, 23])
            .chain(30..34)
            .chain(40..44)
            .chain(50..54)
            .chain(60..63)
            .chain(70..73)
            .sum::<i64>();
        assert_eq!(stored(&t.db), (25, vec![25, sum]));
        assert_eq!(verify(&t.db, None).unwrap(), []);
    });
}

#[test]
fn who_remembers_rightly_may_still_ask_write_and_fail() {
    each_store(TABLES, |t| {
        let db = alone(t);
        let next = AtomicI64::new(0);
        let file = |f: fn(&mut Tx<'_>, i64) -> Result<i64, StoreError>| {
            let id = next.fetch_add(1, SeqCst);
            runs(&db, move |tx| f(tx, id))
        };
        let plain = |tx: &mut Tx<'_>, id: i64| report(tx, id, "plain");
        for _ in 0..3 {
            assert_eq!(file(plain), (Ok(0), 1));
            // Asks something else, and what it remembers once more.
            assert_eq!(
                file(|tx, id| {
                    let seen = report(tx, id, "asks")?;
                    assert_eq!(tx.one(&COUNT, &[], |row| row.int(0))?, id + 1, "its own is among them");
                    assert_eq!(look(tx)?, seen);
                    Ok(seen)
                }),
                (Ok(0), 1)
            );
            assert_eq!(file(plain), (Ok(0), 1));
            assert_eq!(
                file(|tx, id| {
                    let seen = report(tx, id, "attempts")?;
                    let failed = tx.attempt(|tx| tx.exec(&ADD, args![1, 0]));
                    assert!(matches!(failed, Err(StoreError::Constraint { .. })), "{failed:?}");
                    Ok(seen)
                }),
                (Ok(0), 1)
            );
            assert_eq!(file(plain), (Ok(0), 1));
        }
        // It fails: on PostgreSQL only when it has asked.
        assert_eq!(
            file(|tx, id| report(tx, id, "fails").and(Err(StoreError::Value("no")))),
            (Err(StoreError::Value("no")), twice(t))
        );
        // A row that is there already.
        let out = runs(&db, |tx| match tx.opt(&PEEK, args![1001], |row| row.int(0))? {
            Some(there) => Ok(there),
            None => report(tx, 1, "there"),
        });
        assert_eq!(out, (Ok(0), 1));
        let (out, ran) = file(|tx, _| {
            look(tx)?;
            tx.journal(entry("doubled"))?;
            tx.add_rows(ADD, vec![args![1001, 7].to_vec()])?;
            Ok(0)
        });
        assert!(out.is_err() && ran == if twice(t) == 2 { 4 } else { 1 }, "{out:?} in {ran}");
        assert_eq!(stored(&db).0, 15);
        assert_eq!(verify(&t.db, None).unwrap(), []);
        db.close();
    });
}

/// Two processes whose connections have the same lane, and a third that changes what they look at.
#[test]
fn two_processes_that_remember_one_lane_never_see_what_was_before() {
    each_store(TABLES, |t| {
        // Once every lane has somebody, the next shares the first.
        let crowd: Vec<Db> = (0..LANES).map(|_| alone(t)).collect();
        let processes = [alone(t), alone(t)];
        let lanes = processes.each_ref().map(lane_of);
        assert_eq!(lanes[0], lanes[1]);
        crowd.iter().for_each(Db::close);
        let told = AtomicI64::new(0);
        std::thread::scope(|scope| {
            for (n, db) in processes.iter().enumerate() {
                let told = &told;
                scope.spawn(move || {
                    for k in 0..150 {
                        let least = told.load(SeqCst);
                        let id = n as i64 * 1000 + k;
                        let seen =
                            db.write_blocking("test.file", 0, move |tx| report(tx, id, "file")).unwrap();
                        assert!(seen >= least, "{seen} after {least} was there");
                    }
                });
            }
            for rev in 1..=30 {
                change(&t.db, rev);
                told.store(rev, SeqCst);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        let sum = (0..150).chain(1000..1150).sum::<i64>();
        assert_eq!(stored(&t.db), (300, vec![300, sum]));
        assert_eq!(verify(&t.db, None).unwrap(), []);
        processes.iter().for_each(Db::close);
    });
}

#[test]
fn an_unanswered_write_of_one_statement_is_unknown() {
    let Some(t) = TestDb::postgres(TABLES) else { return };
    let server = t.config.url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let proxy = Proxy::start(server.clone());
    let url = t.config.url.replace(&server, &format!("127.0.0.1:{}", proxy.port));
    let config =
        DbConfig { connections: 1, statement_max: Duration::from_millis(400), ..DbConfig::for_testing(url) };
    let far = Db::open(&config).unwrap();
    let mut count = 0;
    for (id, mode, is_stored) in
        [(10, AtCommit::CutBefore, false), (20, AtCommit::CutAfter, true), (30, AtCommit::Silent, true)]
    {
        // The first asks; by the second the connection remembers, and prepares the statement that is cut then.
        for id in [id, id + 1] {
            assert_eq!(far.write_blocking("test.near", 0, move |tx| report(tx, id, "near")), Ok(0));
        }
        proxy.arm(mode);
        let out = far.write_blocking("test.far", 0, move |tx| report(tx, id + 2, AT_ONCE));
        assert_eq!(out, Err(StoreError::Unknown), "{mode:?}");
        count += 2 + i64::from(is_stored);
        let settled = (0..50).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            stored(&t.db).0 == count
        });
        assert!(settled, "{mode:?}: {} instead of {count}", stored(&t.db).0);
    }
    assert_eq!(stored(&t.db).1[0], count);
    assert_eq!(verify(&t.db, None).unwrap(), []);
    far.close();
}
