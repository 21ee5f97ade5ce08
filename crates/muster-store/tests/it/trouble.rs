//! Connections that break, disks that fail, too much at once.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
    sync::{
        Arc, Barrier,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use muster_store::{
    Db, DbConfig, Rows, Stmt, StoreError, TotalKey, Tx, args, request_read,
    testdb::{TestDb, each_store},
    total_read, verify,
};

use crate::{
    TABLES, UNIT_COUNT, UNIT_INSERT,
    contract::units,
    proxy::{AtCommit, Proxy},
    totals::entry,
};

const KEY: TotalKey = TotalKey { day: 1, series: 1, node: 1 };
const KILL_ME: Stmt =
    Stmt::new("test.kill_me", "select pg_terminate_backend(pg_backend_pid()) from unit where id = $1");

/// A report in small: a row, a total, an entry, and its request id.
fn report(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    tx.exec(&UNIT_INSERT, args![id, id.to_string(), None::<i64>, None::<i64>])?;
    tx.add(KEY, &[(0, 1)])?;
    tx.journal(entry("unit"))?;
    tx.request_store(&format!("request:{id}"), b"", b"", 1 << 40)
}

fn total(db: &Db) -> Vec<i64> {
    db.read_blocking("test.total", |rx| total_read(rx, KEY)).unwrap()
}

#[test]
fn a_connection_lost_before_commit_is_nobodys_trouble() {
    let Some(t) = TestDb::postgres(TABLES) else { return };
    let runs = Arc::new(AtomicU32::new(0));
    let count = runs.clone();
    t.db.write_blocking("test.lost", 0, move |tx| {
        report(tx, 1)?;
        if count.fetch_add(1, SeqCst) < 2 {
            tx.opt(&KILL_ME, args![1], |_| Ok(())).map(drop)?;
        }
        Ok::<_, StoreError>(())
    })
    .unwrap();
    assert_eq!(runs.load(SeqCst), 3);
    assert_eq!((units(&t.db), total(&t.db)), (1, vec![1]));
    assert_eq!(verify(&t.db, None).unwrap(), []);

    // One that loses it each time is told so, and nothing is stored.
    let out = t.db.write_blocking("test.always", 0, |tx| {
        report(tx, 2)?;
        tx.opt(&KILL_ME, args![1], |_| Ok(())).map(drop)
    });
    assert_eq!(out, Err(StoreError::Lost));
    assert_eq!(units(&t.db), 1);
}

#[test]
fn a_read_that_loses_its_connection_runs_again() {
    let Some(t) = TestDb::postgres(TABLES) else { return };
    t.db.write_blocking("test.report", 0, |tx| report(tx, 1)).unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let out = t.db.read_blocking("test.lost", move |rx| {
        if runs.fetch_add(1, SeqCst) == 0 {
            rx.opt(&KILL_ME, args![1], |_| Ok(()))?;
        }
        total_read(rx, KEY)
    });
    assert_eq!(out, Ok(vec![1]));
}

#[test]
fn an_unanswered_commit_is_unknown_and_settled_by_its_request() {
    let Some(t) = TestDb::postgres(TABLES) else { return };
    let server = t.config.url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let proxy = Proxy::start(server.clone());
    let url = t.config.url.replace(&server, &format!("127.0.0.1:{}", proxy.port));
    let impatient = Duration::from_millis(400);
    let config = DbConfig { connections: 1, statement_max: impatient, ..DbConfig::for_testing(url) };
    let far = Db::open(&config).unwrap();
    let modes = [(1, AtCommit::CutBefore, false), (2, AtCommit::CutAfter, true), (4, AtCommit::Silent, true)];
    for (id, mode, stored) in modes {
        proxy.arm(mode);
        let out = far.write_blocking("test.far", 0, move |tx| report(tx, id));
        assert_eq!(out, Err(StoreError::Unknown), "{mode:?}");
        // The server may need a moment to notice the end of the wire or to finish.
        let settled = (0..50).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            let key = format!("request:{id}");
            far.read_blocking("test.settle", move |rx| request_read(rx, &key, 0)).unwrap().is_some() == stored
        });
        assert!(settled, "{mode:?}");
    }
    // Then all is well again, and nothing came twice.
    far.write_blocking("test.far", 0, |tx| report(tx, 3)).unwrap();
    assert_eq!((units(&t.db), total(&t.db)), (3, vec![3]));
    assert_eq!(verify(&t.db, None).unwrap(), []);
    far.close();
}

#[test]
fn a_full_disk_fails_the_group_and_the_writer_goes_on() {
    const PAGES: Stmt = Stmt::new("test.pages", "pragma max_page_count");
    const TIGHT: Stmt = Stmt::new("test.tight", "pragma max_page_count = 40");
    const WIDE: Stmt = Stmt::new("test.wide", "pragma max_page_count = 1000000");
    const NOTE: Stmt = Stmt::new("test.note", "update unit set note = $1 where id = $2");
    let t = TestDb::sqlite(TABLES);
    let pragma = |stmt| t.db.write_blocking("test.pragma", 0, move |tx| tx.one(&stmt, &[], |r| r.int(0)));
    t.db.write_blocking("test.report", 0, |tx| report(tx, 1)).unwrap();
    assert!(pragma(PAGES).unwrap() > 40);
    assert_eq!(pragma(TIGHT), Ok(40));
    let out = t.db.write_blocking("test.large", 0, |tx| {
        report(tx, 2)?;
        tx.exec(&NOTE, args![vec![7u8; 400_000], 2]).map(drop)
    });
    assert!(matches!(out, Err(StoreError::Io(_))), "{out:?}");
    assert_eq!((units(&t.db), total(&t.db)), (1, vec![1]));
    assert_eq!(pragma(WIDE), Ok(1_000_000));
    t.db.write_blocking("test.after", 0, |tx| report(tx, 3)).unwrap();
    assert_eq!((units(&t.db), total(&t.db)), (2, vec![2]));
    assert_eq!(verify(&t.db, None).unwrap(), []);
}

/// A limit on the size of files makes the disk fail under a real COMMIT. It holds for a process, so
/// this test runs itself again as a child.
#[test]
fn an_io_error_at_commit_is_unknown_and_ends_writing() {
    const CHILD: &str = "MUSTER_TEST_CHILD";
    #[expect(clippy::disallowed_methods, reason = "a message from a test to itself")]
    if let Ok(path) = std::env::var(CHILD) {
        let db = Db::open(&DbConfig::for_testing(path)).unwrap();
        let mut stored = 0;
        let end = loop {
            match db.write_blocking("test.more", 0, move |tx| report(tx, stored + 1)) {
                Ok(()) => stored += 1,
                Err(why) => break why,
            }
        };
        assert_eq!(end, StoreError::Unknown);
        let after = db.write_blocking("test.after", 0, |tx| report(tx, 1_000_000));
        assert!(matches!(after, Err(StoreError::Io(_))), "{after:?}");
        assert_eq!(db.down(), after.err());
        assert!(units(&db) >= stored, "reads go on");
        println!("stored={stored};");
        // As the program does: end, and let the next start find out what is on the disk.
        std::process::exit(0);
    }
    let t = TestDb::sqlite(TABLES);
    t.db.close();
    let path = t.folder().unwrap().join("muster.db");
    let out = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1500; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "trouble::an_io_error_at_commit_is_unknown_and_ends_writing", "--nocapture"])
        .env(CHILD, &path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    let stored: i64 = said
        .split_once("stored=")
        .and_then(|(_, rest)| rest.split_once(';')?.0.parse().ok())
        .unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&out.stderr)));
    let again = Db::open(&t.config).unwrap();
    // All that was acknowledged is there; the unanswered one may be, whole.
    let found = units(&again);
    assert!(stored > 10 && (found == stored || found == stored + 1), "{stored} {found}");
    assert_eq!(total(&again), [found]);
    assert_eq!(verify(&again, None).unwrap(), []);
    let key = format!("request:{}", stored + 1);
    let settled = again.read_blocking("test.settle", move |rx| request_read(rx, &key, 0)).unwrap();
    assert_eq!(settled.is_some(), found == stored + 1);
    again.write_blocking("test.after", 0, move |tx| report(tx, found + 1)).unwrap();
    again.close();
}

#[test]
fn a_long_read_ends_at_its_deadline() {
    const LONG: Stmt = Stmt::new(
        "test.long",
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < $1) select max(i) from n",
    );
    each_store(TABLES, |t| {
        let config = DbConfig { read_deadline: Duration::from_millis(200), ..t.config.clone() };
        let db = Db::open(&config).unwrap();
        let start = Instant::now();
        let out = db.read_blocking("test.long", |rx| rx.one(&LONG, args![1_000_000_000], |r| r.int(0)));
        assert_eq!(out, Err(StoreError::Timeout));
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        assert_eq!(db.read_blocking("test.short", |rx| rx.one(&LONG, args![10], |r| r.int(0))), Ok(10));
        db.close();
    });
}

#[test]
fn a_full_queue_is_busy() {
    each_store(TABLES, |t| {
        let config = DbConfig { bulk_max: 2, connections: 1, ..t.config.clone() };
        let db = Db::open(&config).unwrap();
        // The barrier holds the writer while two wait and others are turned away.
        let (inside, held) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        std::thread::scope(|scope| {
            let (db, entered, hold) = (&db, inside.clone(), held.clone());
            let first = scope.spawn(move || {
                db.write_blocking("test.first", 0, move |tx| {
                    entered.wait();
                    hold.wait();
                    report(tx, 1)
                })
            });
            inside.wait();
            let others: Vec<_> = (2..10)
                .map(|id| scope.spawn(move || db.write_blocking("test.other", 0, move |tx| report(tx, id))))
                .collect();
            while others.iter().filter(|other| other.is_finished()).count() < 6 {
                std::thread::yield_now();
            }
            held.wait();
            assert_eq!(first.join().unwrap(), Ok(()));
            let outs: Vec<_> = others.into_iter().map(|other| other.join().unwrap()).collect();
            assert_eq!(outs.iter().filter(|out| **out == Err(StoreError::Busy)).count(), 6);
            assert_eq!(outs.iter().filter(|out| out.is_ok()).count(), 2);
        });
        assert_eq!(units(&db), 3);
        db.close();
        assert_eq!(db.write_blocking("test.closed", 0, |tx| report(tx, 99)), Err(StoreError::Lost));
    });
}

#[test]
fn two_processes_on_one_database_agree() {
    each_store(TABLES, |t| {
        let other = Db::open(&t.config).unwrap();
        for id in 0..10 {
            t.db.write_blocking("test.one", 0, move |tx| report(tx, 2 * id)).unwrap();
            other.write_blocking("test.other", 0, move |tx| report(tx, 2 * id + 1)).unwrap();
        }
        assert_eq!((total(&t.db), total(&other)), (vec![20], vec![20]));
        assert_eq!(verify(&t.db, None).unwrap(), []);
        other.close();
    });
}

#[test]
fn a_backup_is_whole_while_others_write() {
    let t = TestDb::sqlite(TABLES);
    for id in 0..300 {
        t.db.write_blocking("test.before", 0, move |tx| report(tx, id)).unwrap();
    }
    let copy = t.folder().unwrap().join("copy.db");
    // This process writes, and so does another.
    let other = Db::open(&t.config).unwrap();
    let (mut told, mut first) = ((0, 0), i64::MAX);
    std::thread::scope(|scope| {
        for (db, ids) in [(&t.db, 300..400), (&other, 1300..1400)] {
            scope.spawn(move || {
                for id in ids {
                    db.write_blocking("test.meanwhile", 0, move |tx| report(tx, id)).unwrap();
                }
            });
        }
        t.db.backup(&copy, &mut |done, all| (told, first) = ((done, all), first.min(units(&t.db)))).unwrap();
    });
    assert!(told.0 > 10 && told.0 == told.1, "{told:?}");
    let again = t.db.backup(&copy, &mut |_, _| ());
    assert!(matches!(again, Err(StoreError::Io(_))), "never over a file that is there");
    let of_its_owner = std::os::unix::fs::PermissionsExt::mode(&copy.metadata().unwrap().permissions());
    assert_eq!(of_its_owner & 0o077, 0, "{of_its_owner:o}");
    let copied = Db::open(&DbConfig::for_testing(copy.display().to_string())).unwrap();
    let found = units(&copied);
    assert!((300..=first).contains(&found), "{found}: as it was when the copy began");
    assert_eq!(total(&copied), [found]);
    assert_eq!(verify(&copied, None).unwrap(), []);
    copied.close();
    other.close();
}

#[test]
fn an_address_that_leads_nowhere_says_why() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nowhere = format!("postgres://postgres@127.0.0.1:{port}/nothing");
    for url in [nowhere.as_str(), "postgres://[", "/no/such/folder/muster.db"] {
        let out = Db::open(&DbConfig::for_testing(url)).err();
        assert!(matches!(out, Some(StoreError::Io(_))), "{url}: {out:?}");
    }
}

#[test]
fn a_schema_changed_under_prepared_statements_is_no_error() {
    const READ: Stmt = Stmt::new("test.read", "select rev from counter where id = $1");
    let Some(t) = TestDb::postgres(TABLES) else { return };
    let read = || t.db.read_blocking("test.read", |rx| rx.one(&READ, args![1], |row| row.int(0)));
    for kind in ["alter table counter alter rev type integer", "alter table counter alter rev type bigint"] {
        let all = |n: usize| (0..n).for_each(|_| assert_eq!(read(), Ok(0)));
        std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(|| all(20)))));
        t.db.write_blocking("test.alter", 0, move |tx| tx.exec(&Stmt::new("test.alter", kind), &[])).unwrap();
        all(20);
    }
}

/// A process that is killed while it writes: what it acknowledged is there, once, and the journal holds.
#[test]
fn a_killed_process_loses_nothing_it_acknowledged() {
    const CHILD: &str = "MUSTER_TEST_KILLED";
    #[expect(clippy::disallowed_methods, reason = "a message from a test to itself")]
    if let Ok(url) = std::env::var(CHILD) {
        let (url, from) = url.rsplit_once(' ').unwrap();
        let (db, next) =
            (Db::open(&DbConfig::for_testing(url)).unwrap(), AtomicU32::new(from.parse().unwrap()));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    loop {
                        let id = next.fetch_add(1, SeqCst).into();
                        db.write_blocking("test.report", 0, move |tx| report(tx, id)).unwrap();
                        println!("stored {id};");
                    }
                });
            }
        });
    }
    each_store(TABLES, |t| {
        t.db.close();
        let mut acknowledged = 0;
        for round in 0..10 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "trouble::a_killed_process_loses_nothing_it_acknowledged", "--nocapture"])
                .env(CHILD, format!("{} {}", t.config.url, round * 1_000_000))
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut said = BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            // Some way into its work, each round another.
            for _ in 0..20 + 7 * round {
                said.read_line(&mut line).unwrap();
            }
            child.kill().unwrap();
            child.wait().unwrap();
            said.read_to_string(&mut line).unwrap();
            let ids: Vec<i64> =
                line.split("stored ").filter_map(|part| part.split_once(';')?.0.parse().ok()).collect();
            assert!(ids.len() > 10, "{line}");
            let kept = ids.len() as i64;
            acknowledged += kept;
            let db = Db::open(&t.config).unwrap();
            // In one snapshot: a server may still be at work for the dead.
            let (found, all, sum) = db
                .read_blocking("test.found", move |rx| {
                    let sql = Stmt::new("test.found", "select count(*) from unit where id {in:$1}");
                    let found = rx.one(&sql, args![&ids], |row| row.int(0))?;
                    let all = rx.one(&UNIT_COUNT, &[], |row| row.int(0))?;
                    Ok::<_, StoreError>((found, all, total_read(rx, KEY)?))
                })
                .unwrap();
            assert_eq!(found, kept);
            assert!(all >= acknowledged);
            assert_eq!(sum, [all]);
            assert_eq!(verify(&db, None).unwrap(), []);
            db.close();
        }
    });
}
