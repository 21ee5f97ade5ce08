//! Totals and journal through the tail.

use muster_store::{Entry, StoreError, TotalKey, args, heads, journal_read, testdb::each_store, total_read};

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
