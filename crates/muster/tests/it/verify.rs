//! Stories of `muster verify` and `muster rebuild`: a row of every table is changed past the doors, and found.

use crate::cast::{Cast, Terms, day, told_with};
use crate::command::Folder;
use muster::lines::org;
use muster::lines::reporting::{self, Counting, RowFaultKind};
use muster_store::{Db, DbConfig, SavedHeads, Stmt, Tx, heads, verify};
use serde_json::{Value, json};
use std::process::{Command, Output};

/// A day with everything in it: values, zero, words, a statement, a correction, an incident, a moved unit.
fn lived(cast: &Cast<'_>) {
    cast.say("clerk", "S111", json!({ "fever": 1, "staff": 40, "difficulties": "缺口罩" }));
    cast.put("second", "S112", json!({ "act": "zero" }));
    cast.put("group", "G1", json!({ "act": "values", "scope": "below", "values": { "staff": 90 } }));
    cast.clock("10:20");
    let body =
        json!({ "act": "values", "values": { "fever": 2, "difficulties": "缺额温枪" }, "reason": "又一人" });
    assert_eq!(cast.put("clerk", "S111", body).status.as_u16(), 200);
    let incident = json!({ "unit": "S112", "element": "fever", "value": 1, "text": "一人发热" });
    assert_eq!(cast.house.post("second", "/incidents", incident).status.as_u16(), 201);
    cast.tree(|tx, ctx| org::unit_move(tx, ctx, "F12", day("2020-02-02"), "G2"));
}

fn replayed(cast: &Cast<'_>) -> reporting::Replayed {
    reporting::replay(&cast.house.app.db, 1, 0).unwrap()
}

fn kinds(cast: &Cast<'_>) -> Vec<RowFaultKind> {
    let mut kinds: Vec<RowFaultKind> = replayed(cast).faults.into_iter().map(|fault| fault.kind).collect();
    kinds.dedup();
    kinds
}

/// Past the doors and past the program: as somebody with the database's password would.
fn tamper(cast: &Cast<'_>, sql: &'static str) {
    let other = Db::open(&DbConfig::for_testing(&cast.house.url)).unwrap();
    let change = move |tx: &mut Tx<'_>| tx.exec(&Stmt::new("test.tamper", sql), &[]);
    let touched: u64 = other.write_blocking("test.tamper", 0, change).unwrap();
    assert!(touched > 0, "{sql}");
    other.close();
}

#[test]
fn what_was_filed_is_what_is_stored() {
    told_with(Terms::default(), |cast| {
        lived(cast);
        let found = replayed(cast);
        assert_eq!(found.faults, []);
        // Four reports and one correction; words twice, and the reason.
        assert_eq!((found.revisions, found.sheets, found.words), (4, 3, 3));
        assert!(found.drawn > 10, "{found:?}");
        assert_eq!(verify(&cast.house.app.db, None).unwrap(), []);
    });
}

#[test]
fn a_changed_row_of_any_table_is_found() {
    use RowFaultKind::*;
    let cases: &[(&'static str, &[RowFaultKind])] = &[
        ("update sheet set at = at + 1 where rev = 2", &[SheetDiffers]),
        ("update sheet set rev = 3 where rev = 2", &[SheetDiffers]),
        ("update sheet set acts = vals where rev = 2", &[SheetDiffers, TotalDiffers]),
        ("update sheet set layout = layout + 1 where rev = 2", &[SheetDiffers, TotalDiffers]),
        ("delete from sheet where rev = 2", &[SheetMissing, TotalDiffers]),
        (
            "insert into sheet (bucket, operation, day, slot, unit, scope, rev, at, last_lane, last_no, layout, vals, acts)
             select bucket, operation, day + 1, slot, unit, scope, rev, at, last_lane, last_no, layout, vals, acts
             from sheet where rev = 2",
            &[SheetUnfounded, TotalDiffers],
        ),
        ("update sheet set day = day + 1 where rev = 0", &[SheetUnfounded]),
        ("delete from statement", &[StatementDiffers]),
        ("update statement set day = day + 1", &[StatementDiffers]),
        ("update note set words = '好' where element > 0", &[WordsDiffer]),
        ("update note set words = '好' where element = 0", &[WordsDiffer]),
        ("delete from note where element > 0 and rev = 1", &[WordsDiffer]),
        ("update note set rev = 9 where element = 0", &[WordsDiffer]),
        (
            "insert into note (bucket, operation, day, slot, unit, scope, element, rev, words)
             select bucket, operation, day, slot, unit, scope, element, 7, words from note where rev = 2 and element = 0",
            &[WordsUnfounded],
        ),
        ("delete from correction", &[CorrectionDiffers]),
        ("update correction set rev = 7", &[CorrectionDiffers]),
        (
            "insert into correction (bucket, operation, at, lane, no, day, slot, unit, scope, rev)
             select bucket, operation, at, lane, 1, day, slot, unit, scope, rev from correction",
            &[CorrectionDiffers],
        ),
        ("update incident set value = 0", &[IncidentDiffers]),
        ("update incident set words = '无事'", &[IncidentDiffers]),
        ("update incident set actor = 'role:office'", &[IncidentDiffers]),
        ("delete from incident", &[IncidentDiffers]),
        (
            "insert into incident (id, bucket, operation, day, unit, element, value, at, actor, words)
             select 'x', bucket, operation, day, unit, element, value, at, actor, words from incident",
            &[IncidentUnfounded],
        ),
        ("update element set body = replace(body, 'a story', 'another')", &[BookDiffers]),
        ("update form set body = replace(body, '900', '960')", &[BookDiffers]),
        ("update assignment set kinds = '[]'", &[BookDiffers, ExpectedDiffers]),
        ("update assignment set layout = '[2,1]'", &[BookDiffers, TotalDiffers]),
        ("update layout set elements = '[1,2,3,4,5,7]'", &[BookDiffers]),
        ("update expected set n = n + 1 where node = (select min(node) from expected)", &[ExpectedDiffers]),
        ("delete from expected where node = (select min(node) from expected)", &[ExpectedDiffers]),
        ("delete from total", &[TotalDiffers]),
        ("update total set day = day + 1", &[TotalDiffers]),
        ("update total set node = 4711 where node = (select min(node) from total)", &[TotalDiffers]),
    ];
    for (sql, wanted) in cases {
        told_as_tampered(sql, wanted);
    }
}

/// As a story, without the comparison at its end: the rows are wrong then.
fn told_as_tampered(sql: &'static str, wanted: &[RowFaultKind]) {
    crate::house::story(|house| {
        let cast = Cast::of(house, Terms::default());
        lived(&cast);
        tamper(&cast, sql);
        let found = kinds(&cast);
        for kind in wanted {
            assert!(found.contains(kind), "{sql}: {kind:?} not in {found:?}");
        }
        assert_eq!(verify(&house.app.db, None).unwrap(), [], "the chains are whole");
    });
}

#[test]
fn a_changed_entry_is_found_by_the_chain_or_by_its_sheet() {
    for sql in [
        "update journal set actor = 'role:other' where action = 'report.correct'",
        "update journal set body = hash where action = 'report.correct'",
        "delete from journal where action = 'report.correct'",
        "update lane set no = no - 1 where no > 0",
    ] {
        crate::house::story(|house| {
            let cast = Cast::of(house, Terms::default());
            lived(&cast);
            tamper(&cast, sql);
            assert!(!verify(&house.app.db, None).unwrap().is_empty(), "{sql}");
        });
    }
}

#[test]
fn a_rebuild_puts_right_what_differs_and_says_how_much() {
    told_with(Terms { counting: Counting::Parts, crown_min: 2 }, |cast| {
        lived(cast);
        let before = cast.totals("R");
        tamper(cast, "delete from total");
        tamper(cast, "update expected set n = n + 5");
        assert_ne!(cast.totals("R"), before);
        let db = &cast.house.app.db;
        let checked = reporting::rebuild(db, 1, 0, true).unwrap();
        assert!(checked.totals_differed > 3 && checked.expected_differed > 3, "{checked:?}");
        assert_ne!(cast.totals("R"), before, "a check changes nothing");
        assert_eq!(reporting::rebuild(db, 1, 0, false).unwrap(), checked);
        assert_eq!(cast.totals("R"), before);
        assert!(!reporting::rebuild(db, 1, 0, true).unwrap().differed());
        // Nodes that should keep rows and do not are told and found; their figures were right all along.
        cast.write(|tx, _| Ok(reporting::crown_min_set(tx, 0)?));
        let rebuilt = reporting::rebuild(db, 1, 0, false).unwrap();
        assert!(rebuilt.crown_missing > 5 && !rebuilt.differed(), "{rebuilt:?}");
        assert_eq!(cast.totals("R"), before);
    });
}

#[test]
fn the_command_answers_with_its_exit_code() {
    told_with(Terms::default(), |cast| {
        lived(cast);
        let folder = Folder::new("verify");
        let (file, unsaved) = (folder.path("heads.json"), folder.path("unsaved.json"));
        let run = |args: &[&str]| -> (Option<i32>, Value) {
            let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_muster"))
                .args(["--database", &cast.house.url, "--lang", "en", "--json"])
                .args(args)
                .env("MUSTER_LOG", "error")
                .output()
                .unwrap();
            let said = serde_json::from_slice(&stdout).unwrap_or_else(|_| {
                json!({ "stdout": String::from_utf8_lossy(&stdout), "stderr": String::from_utf8_lossy(&stderr) })
            });
            (status.code(), said)
        };
        let (code, said) = run(&["verify", "--deep", "--save-heads", &file]);
        assert_eq!((code, &said["faults_all"]), (Some(0), &json!(0)), "{said}");
        assert_eq!(said["deep"]["revisions"], 4);
        assert_eq!(run(&["rebuild", "--check"]).0, Some(0));
        assert_eq!(run(&["verify", "--heads", &file]).0, Some(0));
        assert_eq!(run(&["verify", "--heads", &folder.path("none.json")]).0, Some(3));
        assert_eq!(run(&["verify", "--heads", &folder.file("bad.json", b"{}")]).0, Some(3));

        // Heads that know more than there is: the tail was cut.
        let mut ends = cast.house.app.db.read_blocking("test.heads", |rx| heads(rx)).unwrap();
        ends.iter_mut().for_each(|end| end.no += 1);
        let text = SavedHeads::new(0, &ends).to_json();
        let (code, said) = run(&["verify", "--heads", &folder.file("cut.json", text.as_bytes())]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said["faults"][0]["what"].as_str().unwrap().contains("cut"), "{said}");

        tamper(cast, "update sheet set at = at + 1 where rev = 2");
        tamper(cast, "update expected set n = n + 1");
        assert_eq!(run(&["verify"]).0, Some(0), "the chains are whole");
        let (code, said) = run(&["verify", "--deep", "--save-heads", &unsaved]);
        assert_eq!(code, Some(1));
        assert_eq!(said["faults_of_rows"][0]["kind"], "sheet_differs", "{said}");
        assert!(!std::path::Path::new(&unsaved).exists(), "heads of what differs are not saved");
        assert_eq!(run(&["rebuild", "--check"]).0, Some(1));
        assert_eq!(run(&["rebuild"]).0, Some(0));
        assert_eq!(run(&["rebuild", "--check"]).0, Some(0));
        assert_eq!(
            run(&["verify", "--deep"]).0,
            Some(1),
            "a rebuild draws totals; it does not touch a sheet"
        );
        tamper(cast, "update sheet set at = at - 1 where rev = 2");
        assert_eq!(run(&["verify", "--deep"]).0, Some(0));
    });
}
