//! Two at once. On SQLite closures run one after another anyway; the outcome is the same.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use muster_store::{
    Answered, Ask, Dialect, Rows, Rx, Stmt, StoreError, TotalKey, args, request_sweep,
    testdb::{TestDb, each_store},
    total_read, verify,
};

use crate::{TABLES, totals::entry};

const KEY: TotalKey = TotalKey { day: 1, series: 1, node: 1 };
const PEEK: Stmt = Stmt::new("test.peek", "select rev from counter where id = $1");
const LOCK: Stmt = Stmt::new("test.lock", "select rev from counter where id = $1 {lock}");
const MOVE: Stmt = Stmt::new("test.move", "update counter set rev = $1 where id = $2");
const FIRST: Stmt =
    Stmt::new("test.first", "insert into counter (id, rev) values ($1, 0) on conflict (id) do nothing");

/// Lets the first runs of two closures meet; later runs, and SQLite, pass.
#[derive(Clone)]
struct Meet(Arc<(Barrier, AtomicU32, bool)>);

impl Meet {
    fn new(t: &TestDb) -> Meet {
        Meet(Arc::new((Barrier::new(2), AtomicU32::new(0), t.db.dialect() == Dialect::Postgres)))
    }
    fn wait(&self) {
        if self.0.2 && self.0.1.fetch_add(1, SeqCst) < 2 {
            self.0.0.wait();
        }
    }
}

fn twice<T: Send>(f: impl Fn(usize) -> T + Sync) -> [T; 2] {
    std::thread::scope(|scope| {
        let (one, other) = (scope.spawn(|| f(0)), scope.spawn(|| f(1)));
        [one.join().unwrap(), other.join().unwrap()]
    })
}

#[test]
fn a_double_correction_counts_each_once() {
    each_store(TABLES, |t| {
        let meet = Meet::new(t);
        twice(|i| {
            let (meet, new) = (meet.clone(), 10 * (i as i64 + 1));
            t.db.write_blocking("test.correct", 0, move |tx| {
                // Both have seen the old value before either locks.
                tx.one(&PEEK, args![1], |row| row.int(0))?;
                meet.wait();
                let old = tx.one(&LOCK, args![1], |row| row.int(0))?;
                tx.exec(&MOVE, args![new, 1])?;
                tx.journal(entry("sheet"))?;
                tx.add(KEY, &[(0, new - old)])
            })
            .unwrap();
        });
        let (value, total) =
            t.db.read_blocking("test.read", |rx| {
                Ok::<_, StoreError>((rx.one(&PEEK, args![1], |row| row.int(0))?, total_read(rx, KEY)?))
            })
            .unwrap();
        assert_eq!(total, [value]);
        assert_eq!(verify(&t.db, None).unwrap(), []);
    });
}

#[test]
fn a_first_insert_happens_once() {
    each_store(TABLES, |t| {
        let meet = Meet::new(t);
        let firsts = twice(|_| {
            let meet = meet.clone();
            t.db.write_blocking("test.first", 0, move |tx| {
                tx.opt(&PEEK, args![7], |row| row.int(0))?;
                meet.wait();
                let first = tx.exec(&FIRST, args![7])?;
                let old = tx.one(&LOCK, args![7], |row| row.int(0))?;
                tx.exec(&MOVE, args![old + 5, 7])?;
                tx.add(KEY, &[(0, 5)])?;
                Ok::<_, StoreError>(first)
            })
            .unwrap()
        });
        assert_eq!(firsts.iter().sum::<u64>(), 1);
        let value = t.db.read_blocking("test.read", |rx| rx.one(&PEEK, args![7], |row| row.int(0)));
        let total = t.db.read_blocking("test.read", |rx| total_read(rx, KEY));
        assert_eq!((value, total), (Ok(10), Ok(vec![10])));
    });
}

#[test]
fn a_deadlock_is_run_again() {
    each_store(TABLES, |t| {
        t.db.write_blocking("test.second", 0, |tx| tx.exec(&FIRST, args![2])).unwrap();
        let meet = Meet::new(t);
        twice(|i| {
            let meet = meet.clone();
            t.db.write_blocking("test.cross", 0, move |tx| {
                let (one, other) = if i == 0 { (1, 2) } else { (2, 1) };
                let old = tx.one(&LOCK, args![one], |row| row.int(0))?;
                tx.exec(&MOVE, args![old + 1, one])?;
                meet.wait();
                let old = tx.one(&LOCK, args![other], |row| row.int(0))?;
                tx.exec(&MOVE, args![old + 1, other])
            })
            .unwrap();
        });
        for id in [1, 2] {
            assert_eq!(
                t.db.read_blocking("test.read", move |rx| rx.one(&PEEK, args![id], |r| r.int(0))),
                Ok(2)
            );
        }
    });
}

/// A report against the close of its day: it is in, before the close, or refused; never in a closed
/// day. `counter 1` is the day: 0 open, 1 closed; the close notes how much it found.
#[test]
fn a_gate_holds_against_who_closes_it() {
    each_store(TABLES, |t| {
        let postgres = t.db.dialect() == Dialect::Postgres;
        for round in 0..10 {
            let key = TotalKey { day: round, ..KEY };
            t.db.write_blocking("test.open", 0, |tx| tx.exec(&MOVE, args![0, 1])).unwrap();
            let looked = Arc::new(Barrier::new(2));
            let first = Arc::new(AtomicBool::new(postgres));
            let (report, found) = std::thread::scope(|scope| {
                let (look, run) = (looked.clone(), first.clone());
                let report = scope.spawn(move || {
                    t.db.write_blocking("test.report", 0, move |tx| {
                        let day = tx.gate("test.day", |tx| tx.one(&PEEK, args![1], |row| row.int(0)))?;
                        if run.swap(false, SeqCst) {
                            // The close begins while this report is between its look and its end.
                            look.wait();
                            std::thread::sleep(Duration::from_millis(3 * round as u64));
                        }
                        if day != 0 {
                            return Err(StoreError::Value("the day is closed"));
                        }
                        tx.journal(entry("sheet"))?;
                        tx.add(key, &[(0, 1)])
                    })
                });
                let close = scope.spawn(move || {
                    if postgres {
                        looked.wait();
                    }
                    t.db.write_blocking("test.close", 0, move |tx| {
                        tx.barrier()?;
                        tx.exec(&MOVE, args![1, 1])?;
                        tx.journal(entry("day"))?;
                        total_read(tx, key)
                    })
                });
                (report.join().unwrap(), close.join().unwrap().unwrap())
            });
            let now = t.db.read_blocking("test.read", move |rx| total_read(rx, key)).unwrap();
            assert_eq!(now, found, "round {round}: nothing came in after the close");
            match report {
                Ok(()) => assert_eq!(now, [1]),
                Err(why) => {
                    assert_eq!(why, StoreError::Value("the day is closed"));
                    assert!(now.is_empty());
                }
            }
        }
    });
}

#[test]
fn a_batch_of_requests_is_answered_once() {
    each_store(&[], |t| {
        let keys = |of: &[u8]| of.iter().map(|i| format!("key:{i}")).collect::<Vec<_>>();
        let answer = |i: u8| Answered { fingerprint: vec![i], response: vec![i], expires_at: 200 };
        let file = move |now: i64, of: Vec<u8>| {
            t.db.write_blocking("test.requests", now, move |tx| {
                let seen = tx.requests_seen(&keys(&of))?;
                let new =
                    of.iter().map(|i| (format!("key:{i}"), *i)).filter(|(key, _)| !seen.contains_key(key));
                let new: Vec<_> = new.map(|(key, i)| (key, answer(i))).collect();
                let count = new.len();
                tx.requests_store(new)?;
                Ok::<_, StoreError>(count)
            })
        };
        assert_eq!(file(100, vec![3, 1, 2]), Ok(3));
        assert_eq!(file(199, vec![1, 2, 4]), Ok(1));
        assert_eq!(file(200, vec![1, 2, 4]), Ok(3), "their time is over");
        let twice = t.db.write_blocking("test.twice", 100, move |tx| {
            tx.requests_store(vec![("key:9".into(), answer(9)), ("key:9".into(), answer(9))])
        });
        assert!(twice.is_err());
        // Writers who meet on a key: one stores it, the others see it.
        let stored: usize = std::thread::scope(|scope| {
            let file = &file;
            let all: Vec<_> = (0..4).map(|_| scope.spawn(move || file(100, vec![7, 8]))).collect();
            all.into_iter().map(|one| one.join().unwrap().unwrap()).sum()
        });
        assert_eq!(stored, 2);
    });
}

#[test]
fn the_same_request_is_answered_once() {
    each_store(TABLES, |t| {
        let answers: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let one = |i: u8| {
                scope.spawn(move || {
                    t.db.write_blocking("test.request", 100, move |tx| {
                        if let Some(seen) = tx.request_seen("key")? {
                            assert_eq!(seen.fingerprint, b"asked");
                            return Ok(seen.response);
                        }
                        tx.add(KEY, &[(0, 1)])?;
                        tx.request_store("key", b"asked", &[i], 200)?;
                        Ok::<_, StoreError>(vec![i])
                    })
                    .unwrap()
                })
            };
            let threads: Vec<_> = (0..8).map(one).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(t.db.read_blocking("test.read", |rx| total_read(rx, KEY)), Ok(vec![1]));

        // Over its time it is not seen, may be stored anew, and is swept.
        let later = t.db.write_blocking("test.later", 200, |tx| {
            assert_eq!(tx.request_seen("key")?, None);
            tx.request_store("key", b"other", b"new", 300)?;
            tx.request_seen("key")
        });
        assert_eq!(later.unwrap().map(|seen| seen.response), Some(b"new".to_vec()));
        assert_eq!(t.db.write_blocking("test.sweep", 299, |tx| request_sweep(tx, 10)), Ok(0));
        assert_eq!(t.db.write_blocking("test.sweep", 300, |tx| request_sweep(tx, 10)), Ok(1));
    });
}

const ADD: Stmt = Stmt::new("test.add", "insert into counter (id, rev) values ($1, $2)");

fn revs(t: &TestDb) -> Vec<(i64, i64)> {
    const ALL: Stmt = Stmt::new("test.all", "select id, rev from counter order by id limit 100");
    t.db.read_blocking("test.read", |rx| rx.all(&ALL, &[], |row| Ok((row.int(0)?, row.int(1)?)))).unwrap()
}

#[test]
fn rows_put_off_to_the_end_are_stored_seen_and_undone_like_any() {
    each_store(TABLES, |t| {
        let add = |tx: &mut muster_store::Tx<'_>, id: i64| tx.add_rows(ADD, vec![args![id, 5].to_vec()]);
        // Nothing else is asked or written.
        t.db.write_blocking("test.only", 0, move |tx| add(tx, 2)).unwrap();
        // What is asked after them sees them.
        let seen = t.db.write_blocking("test.seen", 0, move |tx| {
            add(tx, 3)?;
            tx.opt(&PEEK, args![3], |row| row.int(0))
        });
        assert_eq!(seen, Ok(Some(5)));
        // They go with the attempt they belong to, and only with that.
        t.db.write_blocking("test.attempt", 0, move |tx| {
            add(tx, 4)?;
            let undone = tx.attempt(|tx| {
                add(tx, 5)?;
                Err::<(), _>(StoreError::Value("no"))
            });
            assert_eq!(undone, Err(StoreError::Value("no")));
            Ok::<_, StoreError>(())
        })
        .unwrap();
        assert_eq!(revs(t), [(1, 0), (2, 5), (3, 5), (4, 5)]);
        assert!(t.db.write_blocking("test.twice", 0, move |tx| add(tx, 4)).is_err());
        assert_eq!(revs(t).len(), 4);
    });
}

#[test]
fn of_two_who_put_off_the_same_row_one_runs_again_and_sees_it() {
    each_store(TABLES, |t| {
        let meet = Meet::new(t);
        let met = twice(|i| {
            let meet = meet.clone();
            t.db.write_blocking("test.first", 0, move |tx| {
                let known = tx.opt(&PEEK, args![7], |row| row.int(0))?;
                meet.wait();
                match known {
                    Some(rev) => tx.exec(&MOVE, args![rev + 10, 7]).map(drop)?,
                    None => tx.add_rows(ADD, vec![args![7, i as i64].to_vec()])?,
                }
                Ok::<_, StoreError>(known.is_some())
            })
            .unwrap()
        });
        assert!(met[0] != met[1], "{met:?}");
        assert!(revs(t).iter().any(|(id, rev)| *id == 7 && *rev >= 10), "{:?}", revs(t));
    });
}

#[test]
fn what_was_asked_ahead_is_never_older_than_what_was_asked_before_it() {
    each_store(TABLES, |t| {
        let ask = |id: i64| Ask::new(PEEK, args![id]);
        t.db.write_blocking("test.ahead", 0, move |tx| {
            tx.ahead(vec![ask(1), ask(2)])?;
            assert_eq!(tx.opt(&PEEK, args![1], |row| row.int(0))?, Some(0));
            tx.exec(&MOVE, args![8, 1])?;
            tx.exec(&ADD, args![2, 6])?;
            // The answer that still waited is forgotten with the first write.
            assert_eq!(tx.opt(&PEEK, args![2], |row| row.int(0))?, Some(6));
            assert_eq!(tx.opt(&PEEK, args![1], |row| row.int(0))?, Some(8));
            Ok::<_, StoreError>(())
        })
        .unwrap();
        // Another question than those that were sent is newer than them: they are asked anew.
        let db = t.db.clone();
        t.db.write_blocking("test.between", 0, move |tx| {
            tx.ahead(vec![ask(1)])?;
            if db.dialect() == Dialect::Postgres {
                let changed = db.write_blocking("test.other", 0, |tx| tx.exec(&MOVE, args![9, 1]));
                assert_eq!(changed, Ok(1));
                assert_eq!(tx.opt(&PEEK, args![2], |row| row.int(0))?, Some(6));
                assert_eq!(tx.opt(&PEEK, args![1], |row| row.int(0))?, Some(9));
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    });
}

/// Who holds the lane before looking needs no second look: whoever changes what is looked at waits.
#[test]
fn what_is_looked_at_while_the_lane_is_held_stays_so() {
    each_store(TABLES, |t| {
        for round in 0..20 {
            let (seen, found) = std::thread::scope(|scope| {
                let looks = scope.spawn(|| {
                    t.db.write_blocking("test.look", 0, move |tx| {
                        tx.hold(vec![], vec![Ask::new(PEEK, args![1])])?;
                        let seen = tx.gate("rev", |tx| tx.one(&PEEK, args![1], |row| row.int(0)))?;
                        tx.journal(entry("look"))?;
                        tx.add_rows(ADD, vec![args![1000 + round, seen].to_vec()])?;
                        Ok::<_, StoreError>(seen)
                    })
                });
                let change = t.db.write_blocking("test.change", 0, move |tx| {
                    tx.exec(&MOVE, args![round + 1, 1])?;
                    tx.barrier()?;
                    tx.opt(&PEEK, args![1000 + round], |row| row.int(0))
                });
                (looks.join().unwrap().unwrap(), change.unwrap())
            });
            // Whoever saw the old state was stored before those who changed it looked around.
            let before = (seen == round).then_some(round);
            assert_eq!(found, before, "round {round}: saw {seen}");
            assert!(seen == round || seen == round + 1);
        }
        assert!(verify(&t.db, None).unwrap().is_empty());
    });
}

/// What a read asks ahead may be one statement, of columns of all types and of none, and needs no transaction around it. One
/// that asks more sees one moment all the same.
#[test]
fn what_a_read_asks_alone_is_one_moment_and_more_is_asked_within_one() {
    const MIXED: Stmt = Stmt::new(
        "test.mixed",
        "select cast(7 as bigint), r.rev, cast('seven' as text), case when r.rev > $2 then cast('' as text) end from counter r
         where r.id = $1",
    );
    const NONE: Stmt =
        Stmt::new("test.none", "select 'x' as a, r.rev from counter r where r.id = $1 and r.rev < 0");
    each_store(TABLES, |t| {
        let runs = Arc::new(AtomicU32::new(0));
        let (count, db) = (runs.clone(), t.db.clone());
        let read = move |more: bool| {
            let (count, db) = (count.clone(), db.clone());
            move |rx: &mut Rx<'_>| {
                count.fetch_add(1, SeqCst);
                let asks = [Ask::new(PEEK, args![1]), Ask::new(MIXED, args![1, 5]), Ask::new(NONE, args![1])];
                rx.ahead_alone([&asks[..], &[Ask::new(PEEK, args![3])]].concat())?;
                let rev = rx.one(&PEEK, args![1], |row| row.int(0))?;
                let mixed = rx.one(&MIXED, args![1, 5], |row| {
                    Ok((row.int(0)?, row.int(1)?, row.string(2)?, row.opt_text(3)?.map(str::to_owned)))
                })?;
                let null = (rev > 5).then(String::new);
                assert_eq!(mixed, (7, rev, "seven".to_owned(), null), "each answer to its question");
                assert_eq!(rx.opt(&NONE, args![1], |row| row.int(1))?, None);
                assert_eq!(rx.opt(&PEEK, args![3], |row| row.int(0))?, None);
                if more {
                    // Somebody writes between what was asked alone and what is asked then.
                    db.write_blocking("test.other", 0, move |tx| tx.exec(&MOVE, args![rev + 1, 1]))?;
                    assert_eq!(rx.one(&MIXED, args![1, 90], |row| row.int(1))?, rev, "of the same moment");
                }
                Ok::<_, StoreError>(rev)
            }
        };
        let first = t.db.read_blocking("test.alone", read(false)).unwrap();
        assert_eq!(runs.swap(0, SeqCst), 1, "nothing else was asked");
        let then = t.db.read_blocking("test.more", read(true)).unwrap();
        let ran = runs.swap(0, SeqCst);
        match t.db.dialect() {
            // The first run wrote and was in vain.
            Dialect::Postgres => assert_eq!((ran, then), (2, first + 1)),
            Dialect::Sqlite => assert_eq!((ran, then), (1, first)),
        }
        let last = t.db.read_blocking("test.alone", read(false)).unwrap();
        assert_eq!((runs.swap(0, SeqCst), last), (1, then + 1));
    });
}
