//! Totals and journal through the tail.

use std::{cell::Cell, collections::HashMap, sync::Mutex, time::Duration};

use muster_store::{
    Db, DbConfig, Entry, Stmt, StoreError, TotalKey, Tx, args, heads, journal_read, testdb::each_store,
    total_list, total_read, total_read_many, total_replace,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::{TABLES, UNIT_INSERT};

const KEY: TotalKey = TotalKey { day: 20200203, series: 7, node: 1 };

pub(crate) fn entry(subject: &str) -> Entry<'_> {
    Entry {
        operation: 1,
        actor: "account:1",
        action: "test.do",
        subject,
        prev: None,
        request: None,
        body: b"body".to_vec(),
    }
}

#[test]
fn adds_are_seen_at_once_and_undone_with_their_closure() {
    each_store(TABLES, |t| {
        t.db.write_blocking("test.add", 1, |tx| {
            tx.add(KEY, &[(0, 5), (2, -3)])?;
            assert_eq!(total_read(tx, KEY)?, [5, 0, -3]);
            let tried: Result<(), StoreError> = tx.attempt(|tx| {
                tx.add(KEY, &[(0, 100)])?;
                tx.journal(entry("lost"))?;
                Err(StoreError::Value("on purpose"))
            });
            assert_eq!(tried, Err(StoreError::Value("on purpose")));
            let link = tx.journal(entry("kept"))?;
            assert_eq!(link.no, 1);
            assert_eq!(journal_read(tx, link)?.map(|e| e.subject), Some("kept".into()));
            Ok::<_, StoreError>(())
        })
        .unwrap();
        let refused = t.db.write_blocking("test.refused", 2, |tx| {
            tx.add(KEY, &[(0, 1000)])?;
            tx.journal(entry("refused"))?;
            tx.exec(&UNIT_INSERT, args![1, "a", 99, 1])?;
            Ok::<_, StoreError>(())
        });
        assert_eq!(refused, Err(StoreError::Constraint { name: "foreign_key".into() }));
        t.db.write_blocking("test.again", 3, |tx| tx.add(KEY, &[(0, 1)])).unwrap();
        let read = t.db.read_blocking("test.read", |rx| total_read(rx, KEY)).unwrap();
        assert_eq!(read, [6, 0, -3]);
        let ends = t.db.read_blocking("test.heads", |rx| heads(rx)).unwrap();
        assert_eq!(ends.iter().map(|head| head.no).sum::<i64>(), 1);
    });
}

/// A random write: adds to some keys, then is kept or not.
type Step = (Vec<(u8, u8, u16, i32)>, bool);

#[test]
fn totals_equal_a_naive_sum() {
    each_store(TABLES, |t| {
        let steps = prop::collection::vec(
            (prop::collection::vec((0..3u8, 0..4u8, 0..6u16, any::<i32>()), 0..8), any::<bool>()),
            1..40,
        );
        let day = Cell::new(0);
        let mut runner =
            TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
        runner
            .run(&steps, |steps: Vec<Step>| {
                // Each case has days of its own.
                day.set(day.get() + 10);
                let key = move |base: i32, (d, n): (u8, u8)| TotalKey {
                    day: base + i32::from(d),
                    series: 7,
                    node: n.into(),
                };
                let mut naive: HashMap<TotalKey, Vec<i64>> = HashMap::new();
                let base = day.get();
                std::thread::scope(|scope| {
                    for (adds, keep) in &steps {
                        let db = &t.db;
                        scope.spawn(move || {
                            let adds = adds.clone();
                            let keep = *keep;
                            let out = db.write_blocking("test.step", 0, move |tx| {
                                for &(d, n, position, delta) in &adds {
                                    tx.add(key(base, (d, n)), &[(position, delta.into())])?;
                                }
                                if keep { Ok(()) } else { Err(StoreError::Value("on purpose")) }
                            });
                            assert_eq!(out.is_ok(), keep);
                        });
                    }
                });
                for (adds, _) in steps.iter().filter(|(_, keep)| *keep) {
                    for &(d, n, position, delta) in adds {
                        let sum = naive.entry(key(base, (d, n))).or_default();
                        sum.resize(6, 0);
                        sum[usize::from(position)] += i64::from(delta);
                    }
                }
                let keys: Vec<_> = (0..3).flat_map(|d| (0..4).map(move |n| key(base, (d, n)))).collect();
                let all = keys.clone();
                let read = t.db.read_blocking("test.read", move |rx| total_read_many(rx, &all)).unwrap();
                for key in keys {
                    let mut sum = naive.remove(&key).unwrap_or_default();
                    while sum.last() == Some(&0) {
                        sum.pop();
                    }
                    prop_assert_eq!(read.get(&key).cloned().unwrap_or_default(), sum);
                }
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn an_overflow_fails_its_own_closure_and_never_a_reader() {
    each_store(TABLES, |t| {
        // Together in one group on SQLite: the one in the middle is refused, its neighbours are not.
        let add = |deltas: &[i64]| -> Vec<_> {
            std::thread::scope(|scope| {
                let one = |&delta: &i64| {
                    let db = &t.db;
                    scope.spawn(move || {
                        db.write_blocking("test.more", 0, move |tx| tx.add(KEY, &[(1, delta)]))
                    })
                };
                let threads: Vec<_> = deltas.iter().map(one).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            })
        };
        assert_eq!(add(&[3, i64::MAX / 4, 2]), [Ok(()), Err(StoreError::Overflow), Ok(())]);
        let large = i64::MAX / 20;
        let kept = add(&[large; 24]).iter().filter(|out| out.is_ok()).count() as i64;
        assert!((1..24).contains(&kept), "{kept}");
        let read = t.db.read_blocking("test.read", |rx| total_read(rx, KEY)).unwrap();
        assert_eq!(read, [0, 5 + large * kept]);
        let far = t.db.write_blocking("test.far", 0, |tx| tx.add(KEY, &[(5000, 1)]));
        assert!(matches!(far, Err(StoreError::Value(_))));
    });
}

#[test]
fn a_rebuild_sets_totals_to_what_it_found() {
    each_store(TABLES, |t| {
        let key = |node| TotalKey { node, ..KEY };
        for node in 1..=50 {
            // Several connections, several lanes.
            t.db.write_blocking("test.add", 0, move |tx| tx.add(key(node), &[(0, node), (3, 1)])).unwrap();
            t.db.write_blocking("test.add", 0, move |tx| tx.add(key(node), &[(0, node)])).unwrap();
        }
        t.db.write_blocking("test.rebuild", 0, move |tx| {
            total_replace(tx, &[(key(1), vec![7]), (key(2), vec![]), (key(60), vec![0, 0, 9])])?;
            assert_eq!(total_read(tx, key(1))?, [7]);
            Ok::<_, StoreError>(())
        })
        .unwrap();
        let mut seen = Vec::new();
        let mut after = 0;
        loop {
            let page =
                t.db.read_blocking("test.list", move |rx| total_list(rx, KEY.day, KEY.series, after, 20))
                    .unwrap();
            let Some((last, _)) = page.last() else { break };
            after = last.node;
            seen.extend(page);
        }
        assert_eq!(seen.len(), 51);
        assert_eq!(seen[0], (key(1), vec![7]));
        assert_eq!(seen[1], (key(2), vec![]));
        assert_eq!(seen[2], (key(3), vec![6, 0, 0, 1]));
        assert_eq!(seen[50], (key(60), vec![0, 0, 9]));
    });
}

#[test]
fn rows_of_all_buckets_and_lanes_are_folded() {
    const INSERT: Stmt = Stmt::new(
        "test.total_insert",
        "insert into total (bucket, day, series, node, lane, packed) values ($1, $2, $3, $4, $5, $6)",
    );
    each_store(TABLES, |t| {
        t.db.close();
        let db = Db::open(&DbConfig { buckets: 3, ..t.config.clone() }).unwrap();
        db.write_blocking("test.rows", 0, |tx| {
            // Layout 1, zigzag varints: 2 is 1, 3 is -2.
            for (bucket, lane) in [(1, 1), (2, 0), (3, 7)] {
                let packed = vec![1u8, 2, 3];
                tx.exec(&INSERT, args![bucket, KEY.day, KEY.series, KEY.node, lane, packed])?;
            }
            tx.exec(&INSERT, args![4, KEY.day, KEY.series, KEY.node, 0, vec![1u8, 2]])
        })
        .unwrap();
        assert_eq!(db.read_blocking("test.read", |rx| total_read(rx, KEY)), Ok(vec![3, -6]));
        // A damaged row is said to be one.
        let other = TotalKey { node: 2, ..KEY };
        for packed in [
            vec![0u8; 0],
            vec![9, 2],
            vec![1, 0x80],
            vec![1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
        ] {
            let damaged = packed.clone();
            db.write_blocking("test.damage", 0, move |tx| {
                let gone = Stmt::new("test.gone", "delete from total where node = $1");
                tx.exec(&gone, args![other.node])?;
                tx.exec(&INSERT, args![1, other.day, other.series, other.node, 0, &damaged])
            })
            .unwrap();
            let out = db.read_blocking("test.read", move |rx| total_read(rx, other));
            assert!(matches!(out, Err(StoreError::Corrupt(_))), "{packed:?}: {out:?}");
        }
        db.close();
    });
}

/// A redraw reads rows again; what others of its group have added to theirs stays on top of what those rows hold, whether
/// the redraw is kept or taken back.
#[test]
fn a_redraw_among_others_takes_nothing_from_them() {
    type Closure = Box<dyn Fn(&mut Tx<'_>) -> Result<(), StoreError> + Send>;
    const OTHER: TotalKey = TotalKey { node: 2, ..KEY };
    each_store(TABLES, |t| {
        t.db.write_blocking("test.before", 0, |tx| tx.add(KEY, &[(0, 100), (1, 7)])).unwrap();
        for kept in [true, false] {
            // Together in one group on SQLite: the first is held until the others stand behind it.
            let (go, wait) = std::sync::mpsc::channel::<()>();
            std::thread::scope(|scope| {
                let write = |closure: Closure| {
                    let asked = scope.spawn(|| t.db.write_blocking("test.group", 0, closure));
                    std::thread::sleep(Duration::from_millis(30));
                    asked
                };
                let wait = Mutex::new(wait);
                let held = write(Box::new(move |_| {
                    wait.lock().unwrap().recv().ok();
                    Ok(())
                }));
                let added = write(Box::new(|tx| tx.add(KEY, &[(0, 1)])));
                let redrawn = write(Box::new(move |tx| {
                    total_replace(tx, &[(OTHER, vec![3])])?;
                    if kept { Ok(()) } else { Err(StoreError::Value("a dry run")) }
                }));
                drop(go);
                held.join().unwrap().unwrap();
                added.join().unwrap().unwrap();
                assert_eq!(redrawn.join().unwrap().is_ok(), kept);
            });
        }
        let totals = |key| t.db.read_blocking("test.read", move |rx| total_read(rx, key)).unwrap();
        assert_eq!((totals(KEY), totals(OTHER)), (vec![102, 7], vec![3]));
        t.db.write_blocking("test.later", 0, |tx| tx.add(KEY, &[(0, 1)])).unwrap();
        assert_eq!(totals(KEY), [103, 7]);
    });
}
