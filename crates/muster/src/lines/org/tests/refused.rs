//! Rows of a file of units that are not taken: which, where it is told, and with what to do.

use super::import::{import, import_with, options, shown, table, told};
use super::{day, new, read, write};
use crate::lines::org::plan::{Known, Verdict, plan};
use crate::lines::org::sheet::{CODE_HEADINGS, rows_read};
use crate::lines::org::{self, ImportOptions, Outcome, store};
use crate::migrations::MIGRATIONS;
use crate::{Fail, say};
use muster_kernel::Locale;
use muster_store::testdb::each_store;
use std::fmt::Write as _;

/// The finding at a row and what else it says.
fn said(outcome: &Outcome, row: u64, code: &str, arg: &str) -> String {
    let mut found = outcome.findings.iter().filter(|f| f.at.row == Some(row) && f.code == code);
    found.next().unwrap_or_else(|| panic!("{:?}", outcome.findings)).args[arg].clone()
}

#[test]
fn of_rows_with_one_code_none_is_taken() {
    each_store(MIGRATIONS, |db| {
        // The first of them is refused for its telephones too: the second does not step into its place.
        let file = "code,name,kind,parent,duty_phone\n\
            T,顶,group,,\n\
            A01,真第一公司,firm,T,0551-1234567 / 0551-7654321\n\
            A01,重复编码公司,firm,T,\n\
            A011,食堂,site,A01,\n\
            B,乙,firm,T,\n";
        let done = import(db, file);
        let found =
            ["A3 unit.code_twice", "A4 unit.code_twice", "D5 unit.parent_refused", "E3 contact.two_phones"];
        let mut all = told(&done);
        all.sort();
        assert_eq!(all, found);
        assert_eq!([3, 4].map(|row| said(&done, row, "unit.code_twice", "row")), ["4", "3"]);
        assert_eq!((done.added, done.refused, shown(db, day(6))), (2, 3, vec!["B<T".to_owned()]));
        // One that is there stays as it is, and a whole list does not leave it out.
        let whole = ImportOptions { day: day(9), under: Some("T".into()), complete: true, ..options() };
        let done = import_with(db, "code,name\nB,乙一\nB,乙二\nB,乙三\n", whole);
        assert_eq!((done.refused, done.left_out, done.changed), (3, 0, 0), "{:?}", done.findings);
        assert_eq!(shown(db, day(9)), ["B<T"]);
    });
}

#[test]
fn levels_that_stand_twice_are_not_implied_either() {
    each_store(MIGRATIONS, |db| {
        import(db, "code,name\nT,t\n");
        let below = ImportOptions { under: Some("T".into()), ..options() };
        let file = "level 1,level 2,kind\n甲,,firm\n甲,,group\n甲,食堂,site\n乙,宿舍,site\n";
        let done = import_with(db, file, below);
        let mut rows: Vec<_> = done.findings.iter().filter(|f| f.refuses()).map(|f| f.at.row).collect();
        rows.dedup();
        assert_eq!(rows, [Some(2), Some(3), Some(4)], "{:?}", done.findings);
        assert_eq!((done.added, done.implied), (1, 1));
    });
}

/// A file of so many rows may be one chain, or one circle: no walk up may cost what the chain is long for each of its
/// steps, or this alone would take minutes.
#[test]
fn a_file_that_is_one_long_chain_is_planned_row_by_row() {
    const ROWS: usize = 200_000;
    let planned = |first: &str| {
        let mut file = String::from("code,name,parent\n");
        for at in 0..ROWS {
            // From the bottom up: the first row's walk goes by all the others.
            let at = ROWS - at;
            let parent = if at == 1 { first.to_owned() } else { format!("U{}", at - 1) };
            writeln!(file, "U{at},u,{parent}").unwrap();
        }
        plan(&rows_read(table(&file)).unwrap(), &options(), &Known::default())
    };
    let count = |verdicts: &[Verdict], wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    let chain = planned("");
    assert_eq!(count(&chain.verdicts, Verdict::Added), ROWS);
    let circle = planned(&format!("U{ROWS}"));
    assert_eq!(count(&circle.verdicts, Verdict::Refused), ROWS);
    assert_eq!(circle.findings.len(), ROWS);
    let units = &circle.findings[0].args["units"];
    assert!(units.starts_with("U200000 → U199999 → "), "{units}");
}

#[test]
fn a_unit_that_opens_before_the_one_above_is_told_what_to_do() {
    each_store(MIGRATIONS, |db| {
        let file = "code,name,parent,opened\nT,t,,2019-01-01\nT2,t,T,\nS,s,T2,2019-02-01\n";
        let in_file = import(db, file);
        assert_eq!(told(&in_file), ["D4 unit.opens_before_parent"]);
        let there = import(db, "code,name,parent,opened\nS,s,T2,2019-02-01\n");
        assert_eq!(told(&there), ["D2 unit.opens_before_known"]);
        let early = ImportOptions { day: "2019-03-01".parse().unwrap(), ..options() };
        import(db, "code,name,parent,opened\nS,s,T,2019-02-01\n");
        let moves = import_with(db, "code,parent\nS,T2\n", early);
        assert_eq!(told(&moves), ["B2 unit.moves_before_parent"]);
        let closes = import(db, "code,closed\nS,2019-01-01\n");
        assert_eq!(told(&closes), ["B2 unit.closed_before_opened"]);
        for outcome in [in_file, there, moves, closes] {
            for finding in outcome.findings.iter().filter(|finding| finding.refuses()) {
                assert!(finding.args.values().all(|value| value != "open"), "{finding:?}");
                for locale in [Locale::ZhCn, Locale::ZhTw, Locale::En] {
                    let words = say::finding(locale, finding);
                    assert!(!words.contains('{') && words != finding.code, "{words}");
                }
            }
        }
    });
}

#[test]
fn beside_the_top_of_the_tree_nothing_is_put() {
    each_store(MIGRATIONS, |db| {
        // Several first levels are as many beginnings, and none of them is the top of all.
        let levels = "level 1,level 2,code\n甲,一,\n乙,,B\n乙,二,\n";
        let done = import(db, levels);
        let by_level = ["A2", "A3", "A4"].map(|cell| format!("{cell} unit.tops_by_level"));
        assert_eq!((told(&done), done.implied), (by_level.into(), 0));
        assert_eq!(said(&done, 2, "unit.tops_by_level", "units"), "甲、乙");
        assert_eq!(read(db, |rx| store::unit_count(rx)), 0);

        let first = import(db, "code,name,parent\nT,t,\nA,a,T\nU,u,\nV,v,U\n");
        assert_eq!(told(&first), ["C4 unit.second_top", "C5 unit.parent_refused"]);
        assert_eq!(said(&first, 4, "unit.second_top", "top"), "T");
        let later = import(db, "code,name,parent\nT,t,\nU,u,\n");
        assert_eq!((told(&later), later.unchanged), (vec!["C3 unit.second_top".to_owned()], 1));
        let by_level = import(db, levels);
        assert_eq!(told(&by_level), ["A2", "A3", "A4"].map(|cell| format!("{cell} unit.second_top")));
        assert_eq!(read(db, |rx| org::children(rx, 0, day(6))).len(), 1);
        let below = ImportOptions { under: Some("A".into()), ..options() };
        assert_eq!(import_with(db, levels, below).refused, 0);

        let beside = |parent: Option<&'static str>| {
            write(db, move |tx, ctx| org::unit_create(tx, ctx, &[new("W", parent, day(5))]))
        };
        let Err(Fail::Problem(problem)) = beside(None) else { panic!("was not refused") };
        assert_eq!((problem.code, &*problem.args["top"]), ("unit.second_top", "T"));
        assert_eq!(problem.findings[0].at.field.as_deref(), Some("parent"));
        assert!(beside(Some("T")).is_ok());
    });
}

#[test]
fn a_heading_that_is_not_understood_is_told_with_those_that_are() {
    let no = |text: &str| rows_read(table(text)).unwrap_err();
    let some = no("2020 年名单\n单位代号,单位名称,类型\nA,甲,企业\n");
    assert_eq!((some.len(), &*some[0].code), (1, "unit.code_column_missing"));
    assert_eq!((&*some[0].args["row"], &*some[0].args["understood"]), ("2", "单位名称 | 类型"));
    let none = no("单位代号,单位全称\nA,甲\n");
    let codes: Vec<_> = none.iter().map(|finding| &*finding.code).collect();
    assert_eq!(codes, ["sheet.header_missing", "unit.code_headings"]);
    for (locale, names) in CODE_HEADINGS {
        for finding in [&some[0], &none[1]] {
            let words = say::finding(locale, finding);
            assert!(names.iter().all(|name| words.contains(name)) && !words.contains('{'), "{words}");
        }
        for name in names {
            assert_eq!(rows_read(table(&format!("{name}\nA\n"))).unwrap().columns, ["code"], "{name}");
        }
    }
}
