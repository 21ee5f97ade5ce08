//! Stories of `muster verify` and `muster rebuild`: a row of every table is changed past the doors, and found.

mod kept;
mod rebuilt;

use crate::cast::{Cast, Terms, day, told_with};
use crate::command::Folder;
use crate::house::House;
use muster::lines::org::{self, TreeFaultKind};
use muster::lines::reporting::{self, RowFaultKind};
use muster::say;
use muster::verify::deep;
use muster_kernel::Locale;
use muster_store::{Db, DbConfig, FaultKind, SavedHeads, Stmt, Tx, heads, verify};
use serde_json::{Value, json};
use std::process::{Command, Output};

/// A day with everything in it: values, zero, words, a statement, a correction, an incident, a moved unit.
pub(crate) fn lived(cast: &Cast<'_>) {
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
    deep(&cast.house.app.db, 1, &muster::seal::Seals::of_demo(), &mut |_, _, _| ()).unwrap().rows
}

fn rebuilt(db: &Db, check: bool) -> reporting::Rebuilt {
    reporting::rebuild(db, 1, 0, check, &mut |_, _| ()).unwrap()
}

fn kinds(cast: &Cast<'_>) -> Vec<RowFaultKind> {
    let mut kinds: Vec<RowFaultKind> =
        replayed(cast).wrong.faults.into_iter().map(|fault| fault.kind).collect();
    kinds.dedup();
    kinds
}

/// Past the doors and past the program: as somebody with the database's password would.
fn tamper(house: &House, sql: &'static str) {
    let touched = beside(house, sql);
    assert!(touched > 0, "{sql}");
}

fn beside(house: &House, sql: &'static str) -> u64 {
    let other = Db::open(&DbConfig::for_testing(&house.url)).unwrap();
    let change = move |tx: &mut Tx<'_>| tx.exec(&Stmt::new("test.tamper", sql), &[]);
    let touched = other.write_blocking("test.tamper", 0, change).unwrap();
    other.close();
    touched
}

/// Tampers with a table, looks, and puts its rows back.
fn tampered(house: &House, sql: &'static str, look: impl FnOnce()) {
    let table =
        sql.split_whitespace().find(|word| !["update", "delete", "from", "insert", "into"].contains(word));
    let table = table.unwrap();
    let run = |sql: String| beside(house, Box::leak(sql.into_boxed_str()));
    run(format!("create table kept as select * from {table}"));
    tamper(house, sql);
    look();
    run(format!("delete from {table}"));
    run(format!("insert into {table} select * from kept"));
    run("drop table kept".to_owned());
}

fn has_a_sentence(key: &str) {
    assert!(say::catalogue(Locale::En).contains_key(key), "{key}");
}

#[test]
fn what_was_filed_is_what_is_stored() {
    told_with(Terms::default(), |cast| {
        lived(cast);
        let found = replayed(cast);
        assert_eq!(found.wrong.faults, []);
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
        ("update sheet set acts = vals where rev = 2", &[SheetDiffers, NotDrawn]),
        ("update sheet set layout = layout + 1 where rev = 2", &[SheetDiffers, NotDrawn]),
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
    told_with(Terms::default(), |cast| {
        lived(cast);
        for (sql, wanted) in cases {
            tampered(cast.house, sql, || {
                let found = kinds(cast);
                for kind in *wanted {
                    assert!(found.contains(kind), "{sql}: {kind:?} not in {found:?}");
                    has_a_sentence(&format!("verify.row.{}", json!(kind).as_str().unwrap()));
                }
                assert_eq!(verify(&cast.house.app.db, None).unwrap(), [], "the chains are whole");
            });
        }
    });
}

#[test]
fn a_changed_row_of_the_tree_is_found_and_what_is_drawn_put_right() {
    use TreeFaultKind::*;
    // What is changed, what is found, and whether a rebuild puts it right: it draws, it invents nothing.
    let cases: &[(&'static str, TreeFaultKind, bool)] = &[
        ("update unit_facts set name_en = 'x' where unit = 5", FactsDiffer, false),
        ("update unit_facts set kind = 'office' where unit = 5", FactsDiffer, false),
        ("update unit_facts set classes = '' where unit = 4", FactsDiffer, false),
        ("delete from unit_facts where unit = 5", FactsDiffer, false),
        ("update unit_edge set until = until - 1 where unit = 8", EdgesDiffer, false),
        ("update unit_edge set parent = 2 where unit = 8", EdgesDiffer, false),
        ("delete from unit_edge where unit = 8", EdgesDiffer, false),
        ("update unit set code = 'S999' where code = 'S121'", UnitMissing, false),
        ("update unit set code = 'S999' where code = 'S121'", UnitUnfounded, false),
        ("update unit set last_no = 0 where code = 'S121'", UnitUnfounded, false),
        ("delete from succession", SuccessionDiffers, false),
        ("update succession set day = day + 1", SuccessionDiffers, false),
        ("update standing set place = 0 where unit = 2", StandingDiffers, true),
        ("update standing set path = path || '1' where unit = 2", StandingDiffers, true),
        ("delete from standing where unit = 2", StandingDiffers, true),
        ("update standing set chain = classes where unit = 5", StandingDiffers, true),
        ("delete from standing_class", StandingDiffers, true),
        ("update standing_class set until = until - 1", StandingDiffers, true),
    ];
    told_with(Terms::default(), |cast| {
        lived(cast);
        cast.tree(|tx, ctx| org::unit_merge(tx, ctx, &["F21".to_owned()], "F12", day("2020-02-02")));
        cast.tree(|tx, ctx| org::unit_close(tx, ctx, "F11", day("2020-02-08"), true));
        let db = &cast.house.app.db;
        let kinds = || {
            let found = org::tree_replay(db, &muster::seal::Seals::of_demo(), &mut |_, _| ()).unwrap();
            found.wrong.faults.into_iter().map(|fault| fault.kind).collect::<Vec<_>>()
        };
        let redraw = |check| org::standings_redraw(db, 0, check, &mut |_| ()).unwrap().differed;
        for (sql, wanted, right_again) in cases {
            tampered(cast.house, sql, || {
                assert!(kinds().contains(wanted), "{sql}: {wanted:?} not in {:?}", kinds());
                has_a_sentence(&format!("verify.tree.{}", json!(wanted).as_str().unwrap()));
                if *right_again {
                    assert!(redraw(true) > 0 && redraw(true) > 0, "{sql}: a check changes nothing");
                    assert!(redraw(false) > 0, "{sql}");
                    assert_eq!((redraw(true), kinds()), (0, vec![]), "{sql}");
                }
            });
        }
    });
}

#[test]
fn a_changed_entry_is_found_by_the_chain_or_by_its_sheet() {
    let cases: &[(&'static str, &[FaultKind])] = &[
        ("update journal set actor = 'role:other' where action = 'report.correct'", &[FaultKind::Changed]),
        ("update journal set at = at + 1 where action = 'report.correct'", &[FaultKind::Changed]),
        ("update journal set body = hash where action = 'report.correct'", &[FaultKind::Changed]),
        (
            "update journal set prev_no = null, prev_lane = null where action = 'report.correct'",
            &[FaultKind::Changed],
        ),
        ("update journal set request = 'x' where action = 'report.correct'", &[FaultKind::Changed]),
        ("delete from journal where action = 'report.correct'", &[FaultKind::Missing]),
        ("update lane set no = no - 1 where no > 0", &[FaultKind::BeyondHead, FaultKind::HeadDiffers]),
        (
            "update lane set head = (select body from journal where action = 'report.correct') where no > 0",
            &[FaultKind::HeadDiffers],
        ),
    ];
    told_with(Terms::default(), |cast| {
        lived(cast);
        for (sql, wanted) in cases {
            tampered(cast.house, sql, || {
                let found = verify(&cast.house.app.db, None).unwrap();
                for kind in *wanted {
                    assert!(
                        found.iter().any(|fault| fault.kind == *kind),
                        "{sql}: {kind:?} not in {found:?}"
                    );
                    has_a_sentence(&format!("verify.fault.{}", kind.word()));
                }
            });
        }
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
        assert_eq!((&said["deep"]["revisions"], &said["tree"]["units"]), (&json!(4), &json!(11)), "{said}");
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

        tamper(cast.house, "update sheet set at = at + 1 where rev = 2");
        tamper(cast.house, "update expected set n = n + 1");
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
        tamper(cast.house, "update sheet set at = at - 1 where rev = 2");
        assert_eq!(run(&["verify", "--deep"]).0, Some(0));
    });
}

/// The step of the schema that notes changes of the tree may be younger, by the clock of the machine, than what a
/// demonstration says of its own days; and older entries of a database that was there before it have no notes.
#[test]
fn notes_of_changes_of_the_tree_are_held_to_whatever_clock_they_were_made_by() {
    told_with(Terms::default(), |cast| {
        lived(cast);
        let db = &cast.house.app.db;
        let run = |sql: &'static str| {
            db.write_blocking("test.change", 0, move |tx| tx.exec(&Stmt::new("test.change", sql), &[]))
                .unwrap()
        };
        let faults =
            || deep(db, 1, &muster::seal::Seals::of_demo(), &mut |_, _, _| ()).unwrap().faults().len();
        let was = "update migration set at = 0 where number = 120";
        run("update migration set at = 4102444800000 where number = 120");
        assert_eq!(faults(), 0);
        run("update tree_entry set since = since + 1");
        assert_ne!(faults(), 0, "what is noted is held to its entry");
        run("update tree_entry set since = since - 1");
        run("delete from tree_entry where no = (select min(no) from tree_entry)");
        assert_eq!(faults(), 0, "an older entry needs no note");
        run(was);
        assert_ne!(faults(), 0, "a younger one does");
        run("update migration set at = 4102444800000 where number = 120");
    });
}
