//! Tampering shows.

use muster_store::{
    Db, Entry, FaultKind, Link, Rows, SavedHeads, Stmt, StoreError, Stored, Tx, args, heads, journal_after,
    journal_read,
    testdb::{TestDb, each_store},
    verify,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

const ENTRIES: i64 = 60;

/// Journals `ENTRIES` entries, and gives back all of one lane, the longest.
fn fill(t: &TestDb) -> Vec<Stored> {
    for i in 0..ENTRIES {
        t.db.write_blocking("test.fill", 1000 + i, move |tx| {
            tx.journal(Entry {
                operation: 1,
                actor: "account:7",
                action: "test.do",
                subject: &format!("sheet:{}", i % 5),
                prev: (i > 4).then_some(Link { lane: 0, no: i - 4 }),
                request: (i % 2 == 0).then_some("r"),
                body: vec![i as u8; i as usize],
            })
        })
        .unwrap();
    }
    t.db.read_blocking("test.all", |rx| {
        let longest = heads(rx)?.into_iter().max_by_key(|head| head.no).map(|head| head.lane).unwrap();
        journal_after(rx, 1, longest, 0, ENTRIES)
    })
    .unwrap()
}

fn saved(db: &Db) -> SavedHeads {
    SavedHeads::new(5, &db.read_blocking("test.heads", |rx| heads(rx)).unwrap())
}

fn exec(db: &Db, sql: &'static str, args: Vec<muster_store::Val<'static>>) -> u64 {
    db.write_blocking("test.tamper", 0, move |tx| tx.exec(&Stmt::new("test.tamper", sql), &args)).unwrap()
}

/// Something a hand that may write to the table could do to one entry.
#[derive(Clone, Debug)]
enum Tamper {
    Set(&'static str, muster_store::Val<'static>),
    Byte(usize, u8),
    Remove,
    Swap,
}

fn tampers() -> impl Strategy<Value = Tamper> {
    let set = |sql, val| Just(Tamper::Set(sql, val));
    macro_rules! column {
        ($name:literal, $val:expr) => {
            set(
                concat!("update journal set ", $name, " = $1 where bucket = 1 and lane = $2 and no = $3"),
                $val,
            )
        };
    }
    prop_oneof![
        column!("at", 1.into()),
        column!("actor", "account:8".into()),
        column!("operation", 2.into()),
        column!("action", "test.did".into()),
        column!("subject", "sheet:99".into()),
        column!("prev_lane", 7.into()),
        column!("prev_no", 99.into()),
        column!("request", "other".into()),
        column!("body", b"other".to_vec().into()),
        column!("hash", vec![1u8; 33].into()),
        (any::<prop::sample::Index>(), 1..=255u8).prop_map(|(i, bit)| Tamper::Byte(i.index(1000), bit)),
        Just(Tamper::Remove),
        Just(Tamper::Swap),
    ]
}

#[test]
fn any_change_of_an_entry_is_found() {
    each_store(&[], |t| {
        let entries = fill(t);
        assert_eq!(verify(&t.db, Some(&saved(&t.db))).unwrap(), []);
        let lane = entries[0].link.lane;
        let mut runner =
            TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
        runner
            .run(&(tampers(), 0..entries.len()), |(tamper, i)| {
                let old = &entries[i];
                let no = old.link.no;
                match &tamper {
                    Tamper::Set(sql, val) => {
                        exec(&t.db, sql, vec![val.clone(), lane.into(), no.into()]);
                    }
                    Tamper::Byte(at, bit) => {
                        let mut body = old.body.clone();
                        match body.len() {
                            0 => body.push(*bit),
                            n => body[at % n] ^= bit,
                        }
                        let sql = "update journal set body = $1 where bucket = 1 and lane = $2 and no = $3";
                        exec(&t.db, sql, vec![body.into(), lane.into(), no.into()]);
                    }
                    Tamper::Remove => {
                        let sql = "delete from journal where bucket = 1 and lane = $1 and no = $2";
                        exec(&t.db, sql, vec![lane.into(), no.into()]);
                    }
                    Tamper::Swap => {
                        // With the next one, or the one before where it is the last.
                        let other = if i + 1 < entries.len() { no + 1 } else { no - 1 };
                        let sql = "update journal set no = $1 where bucket = 1 and lane = $2 and no = $3";
                        for (to, from) in [(-1, no), (no, other), (other, -1)] {
                            exec(&t.db, sql, vec![to.into(), lane.into(), from.into()]);
                        }
                    }
                }
                prop_assert!(!verify(&t.db, None).unwrap().is_empty(), "{:?} of {}", tamper, no);
                for entry in entries.iter().skip(i.saturating_sub(1)).take(3) {
                    restore(&t.db, entry);
                }
                prop_assert_eq!(verify(&t.db, None).unwrap(), []);
                Ok(())
            })
            .unwrap();
    });
}

fn restore(db: &Db, e: &Stored) {
    let e = e.clone();
    db.write_blocking("test.restore", 0, move |tx| {
        const DELETE: Stmt =
            Stmt::new("test.delete", "delete from journal where bucket = 1 and lane = $1 and no = $2");
        const INSERT: Stmt = Stmt::new(
            "test.insert",
            "insert into journal (bucket, lane, no, at, actor, operation, action, subject, prev_lane, \
             prev_no, request, body, hash) values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        );
        tx.exec(&DELETE, args![e.link.lane, e.link.no])?;
        let prev = (e.prev.map(|p| p.lane), e.prev.map(|p| p.no));
        tx.exec(
            &INSERT,
            args![
                e.link.lane,
                e.link.no,
                e.at,
                &e.actor,
                e.operation,
                &e.action,
                &e.subject,
                prev.0,
                prev.1,
                e.request.as_deref(),
                &e.body,
                &e.hash
            ],
        )
        .map(drop)
    })
    .unwrap();
}

/// Another entry.
fn other(db: &Db, at_ms: i64) {
    let entry = |tx: &mut Tx<'_>| {
        tx.journal(Entry {
            operation: 1,
            actor: "account:9",
            action: "test.other",
            subject: "s",
            prev: None,
            request: None,
            body: vec![],
        })
    };
    db.write_blocking("test.other", at_ms, entry).unwrap();
}

#[test]
fn a_cut_tail_shows_against_saved_heads_only() {
    each_store(&[], |t| {
        let entries = fill(t);
        let saved = saved(&t.db);
        // A careful hand: the last entries go, and the lane notes the new end.
        let (lane, keep) = (entries[0].link.lane, &entries[entries.len() - 4]);
        let sql = "delete from journal where bucket = 1 and lane = $1 and no > $2";
        assert_eq!(exec(&t.db, sql, vec![lane.into(), keep.link.no.into()]), 3);
        assert_eq!(verify(&t.db, None).unwrap()[0].kind, FaultKind::Missing);
        let sql = "update lane set no = $1, head = $2 where bucket = 1 and lane = $3";
        exec(&t.db, sql, vec![keep.link.no.into(), keep.hash.clone().into(), lane.into()]);
        assert_eq!(verify(&t.db, None).unwrap(), []);
        let faults = verify(&t.db, Some(&saved)).unwrap();
        assert_eq!(faults.iter().map(|f| f.kind).collect::<Vec<_>>(), [FaultKind::Cut]);

        // And then goes on as if nothing had been: in all lanes, for it is not said which writer an entry goes to.
        t.db.close();
        let again = Db::open(&t.config).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..t.config.connections {
                scope.spawn(|| (0..50).for_each(|i| other(&again, i)));
            }
        });
        assert_eq!(verify(&again, None).unwrap(), []);
        let faults = verify(&again, Some(&saved)).unwrap();
        assert_eq!(faults.iter().map(|f| f.kind).collect::<Vec<_>>(), [FaultKind::NotAsSaved]);
        again.close();
    });
}

#[test]
fn a_head_and_an_extra_row_show() {
    each_store(&[], |t| {
        let entries = fill(t);
        let last = entries.last().unwrap().clone();
        let sql = "update lane set head = $1 where bucket = 1 and lane = $2";
        exec(&t.db, sql, vec![vec![1u8; 33].into(), last.link.lane.into()]);
        assert_eq!(verify(&t.db, None).unwrap()[0].kind, FaultKind::HeadDiffers);
        exec(&t.db, sql, vec![last.hash.clone().into(), last.link.lane.into()]);
        let extra = Stored { link: Link { no: last.link.no + 1, ..last.link }, ..last };
        restore(&t.db, &extra);
        assert_eq!(verify(&t.db, None).unwrap()[0].kind, FaultKind::BeyondHead);
    });
}

#[test]
fn saved_heads_are_a_file() {
    each_store(&[], |t| {
        fill(t);
        let saved = saved(&t.db);
        assert_eq!(SavedHeads::from_json(&saved.to_json()).unwrap(), saved);
        assert!(saved.to_json().contains("sha256-1:"));
        for wrong in ["", "{}", r#"{"muster_heads":2,"at":0,"heads":[]}"#] {
            assert!(matches!(SavedHeads::from_json(wrong), Err(StoreError::Corrupt(_))), "{wrong}");
        }
    });
}

#[test]
fn entries_are_read_back_and_numbers_are_dense() {
    each_store(&[], |t| {
        // Refused writes leave no gap.
        for i in 0..40 {
            let out = t.db.write_blocking("test.some", i, move |tx| {
                let link = tx.journal(crate::totals::entry("s"))?;
                if i % 3 == 0 { Err(StoreError::Value("on purpose")) } else { Ok(link) }
            });
            assert_eq!(out.is_ok(), i % 3 != 0);
        }
        assert_eq!(verify(&t.db, None).unwrap(), []);
        let count = Stmt::new("test.count", "select count(*) from journal");
        assert_eq!(t.db.read_blocking("test.count", move |rx| rx.one(&count, &[], |r| r.int(0))), Ok(26));
        let none = Link { lane: 7, no: 999 };
        assert_eq!(t.db.read_blocking("test.none", move |rx| journal_read(rx, none)), Ok(None));
        let long = t.db.write_blocking("test.long", 0, |tx| {
            tx.journal(Entry { body: vec![0; muster_store::BODY_BYTES_MAX + 1], ..crate::totals::entry("s") })
        });
        assert!(matches!(long, Err(StoreError::Value(_))));
    });
}
