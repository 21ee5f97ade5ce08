//! What is drawn anew.

use super::{lived, rebuilt, tamper, tampered};
use crate::cast::{Terms, told_with};
use crate::command::muster;
use muster::lines::reporting::{self, Counting};
use std::process::Output;

#[test]
fn a_rebuild_puts_right_what_differs_and_says_how_much() {
    told_with(Terms { counting: Counting::Parts, crown_min: 2 }, |cast| {
        lived(cast);
        let before = cast.totals("R");
        tamper(cast.house, "delete from total");
        tamper(cast.house, "update expected set n = n + 5");
        assert_ne!(cast.totals("R"), before);
        let db = &cast.house.app.db;
        let checked = rebuilt(db, true);
        assert!(checked.totals_differed > 3 && checked.expected_differed > 3, "{checked:?}");
        assert_ne!(cast.totals("R"), before, "a check changes nothing");
        assert_eq!(rebuilt(db, false), checked);
        assert_eq!(cast.totals("R"), before);
        assert!(!rebuilt(db, true).differed());
        // Nodes that should keep rows and do not are told and found; their figures were right all along.
        cast.write(|tx, _| Ok(reporting::crown_min_set(tx, 0)?));
        let rebuilt = rebuilt(db, false);
        assert!(rebuilt.crown_missing > 5 && !rebuilt.differed(), "{rebuilt:?}");
        assert_eq!(cast.totals("R"), before);
    });
}

#[test]
fn a_rebuild_says_what_it_put_right_and_what_is_not_its_own() {
    told_with(Terms::default(), |cast| {
        lived(cast);
        let run = |args: &[&str]| {
            let Output { status, stdout, stderr } = muster(&cast.house.url, args);
            (status.code(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
        };
        // What is drawn is drawn anew, and rows that belong to nothing go.
        for sql in [
            "insert into standing (unit, since, until, bucket, parent, path, chain, kind, place, classes)
             select 4711, since, until, bucket, parent, path, chain, kind, place, classes from standing where unit = 5",
            "insert into standing_class (class, unit, since, until) values (4711, 1, 1, 2)",
            "insert into total (bucket, day, series, node, lane, packed)
             select bucket, day, 4711, node, lane, packed from total where node = (select min(node) from total)",
            "insert into expected (bucket, series, node, since, until, n) values (1, 4711, 1, 1, 2, 3)",
            "delete from crown where node = (select min(node) from expected)",
            "update total set day = day + 1 where node = (select max(node) from total)",
            "delete from standing where unit = 2",
        ] {
            tamper(cast.house, sql);
            let (code, said) = run(&["rebuild", "--check"]);
            assert!(code == Some(1) && said.contains("Nothing was changed."), "{sql}: {said}");
            assert_eq!(run(&["verify", "--deep"]).0, Some(1), "{sql}");
            let (code, said) = run(&["rebuild"]);
            assert!(code == Some(0) && said.contains("put right"), "{sql}: {said}");
            let (code, said) = run(&["verify", "--deep"]);
            assert!(code == Some(0), "{sql}: {said}");
        }
        // What a person filed, or set, is not: figures follow what is stored, and verify tells who did not say it.
        tampered(cast.house, "delete from sheet where rev = 2", || {
            let (code, said) = run(&["rebuild"]);
            assert!(code == Some(0) && said.contains("muster verify --deep"), "{said}");
            let (code, said) = run(&["verify", "--deep"]);
            assert!(code == Some(1) && said.contains("A sheet is gone"), "{said}");
        });
        assert_eq!(run(&["rebuild"]).0, Some(0));
        // What cannot be read at all is said, and nothing is drawn from it.
        for sql in ["update layout set elements = 'x' || elements", "update assignment set kinds = 'x'"] {
            tampered(cast.house, sql, || {
                let (code, said) = run(&["rebuild"]);
                assert!(code == Some(1) && said.contains("[rebuild.unreadable]"), "{sql}: {said}");
                let (code, said) = run(&["verify", "--deep"]);
                assert!(code == Some(1) && said.contains("cannot be read"), "{sql}: {said}");
            });
        }
    });
}
