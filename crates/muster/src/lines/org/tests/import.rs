//! Imports: planned, stored, found unchanged the second time; and what is wrong with a file, cell by cell.

use super::{ctx, day, read, refused, write};
use crate::lines::org::sheet::{UnitRows, rows_read};
use crate::lines::org::{self, Held, ImportOptions, Node, Outcome, Search};
use crate::migrations::MIGRATIONS;
use crate::seal::Seals;
use crate::{Fail, Reach};
use muster_kernel::Day;
use muster_sheet::{Options, Out, OutFormat, SheetWriter, Table};
use muster_store::testdb::{TestDb, each_store};
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

pub(super) fn table(text: &str) -> Table {
    muster_sheet::read(text.as_bytes(), &Options::default()).unwrap()
}
pub(super) fn options() -> ImportOptions {
    ImportOptions { day: day(5), under: None, complete: false, top: true, held: Held::new() }
}

/// Plans and stores; what it came to.
pub(super) fn import_rows(db: &TestDb, rows: UnitRows, options: ImportOptions) -> Result<Outcome, Fail> {
    let (rows, options) = (Arc::new(rows), Arc::new(options));
    let (seen, asked) = (rows.clone(), options.clone());
    let plan = db.db.read_blocking("test.plan", move |rx| org::plan_now(rx, &ctx(), &seen, &asked))?;
    let planned = org::outcome(&plan);
    let plan = Arc::new(plan);
    let done = write(db, move |tx, ctx| org::units_import(tx, ctx, &rows, &options, &plan))?;
    let numbers =
        |o: &Outcome| [o.rows, o.added, o.changed, o.closed, o.unchanged, o.refused, o.implied, o.left_out];
    assert_eq!(numbers(&planned), numbers(&done), "what was planned is what was done");
    assert_eq!(done.rows, done.refused + done.added + done.changed + done.closed + done.unchanged);
    Ok(done)
}
pub(super) fn import_with(db: &TestDb, text: &str, options: ImportOptions) -> Outcome {
    import_rows(db, rows_read(table(text)).unwrap(), options).unwrap()
}
pub(super) fn import(db: &TestDb, text: &str) -> Outcome {
    import_with(db, text, options())
}
/// Findings that refuse, as `cell code`.
pub(super) fn told(outcome: &Outcome) -> Vec<String> {
    let refusing = outcome.findings.iter().filter(|finding| finding.refuses());
    refusing.map(|f| format!("{} {}", f.at.cell.as_deref().unwrap_or("-"), f.code)).collect()
}
/// The tree on a day: `code<parent`, in its order.
pub(super) fn shown(db: &TestDb, on: Day) -> Vec<String> {
    read(db, move |rx| {
        let mut lines = Vec::new();
        let mut open = org::children(rx, 0, on)?;
        open.reverse();
        while let Some(unit) = open.pop() {
            let mut below = org::children(rx, unit.unit, on)?;
            lines.extend(below.iter().map(|child| format!("{}<{}", child.code, unit.code)));
            below.reverse();
            open.extend(below);
        }
        Ok(lines)
    })
}

const FILE: &str = "\
编码,名称,类型,上级编码,行政区划,分类,值班电话,启用日期
G1-F1,一公司,企业,G1,340100,key;mine,000-12345678,
AQ,省国资委,监管机构,,34,,,2020-01-01
G1,甲集团,集团,AQ,,,,
G2,乙集团,集团,AQ,,,,
";

#[test]
fn a_file_comes_in_whatever_its_order_and_is_unchanged_the_second_time() {
    each_store(MIGRATIONS, |db| {
        let first = import(db, FILE);
        assert_eq!((first.added, first.refused), (4, 0), "{:?}", first.findings);
        assert_eq!(shown(db, day(900)), ["G1<AQ", "G2<AQ", "G1-F1<G1"]);
        let unit = read(db, |rx| org::unit_by_code(rx, "G1-F1", day(900))).unwrap();
        assert_eq!(
            read(db, move |rx| org::duty_contacts(rx, &Seals::of_demo(), &[unit.unit]))[0].text(),
            Some("000-12345678")
        );
        let epoch = read(db, |rx| org::tree_epoch(rx));
        let again = import_with(db, FILE, ImportOptions { day: day(900), ..options() });
        assert_eq!((again.unchanged, again.rows), (4, 4), "{:?}", again.findings);
        assert_eq!(
            read(db, |rx| org::tree_epoch(rx)),
            epoch + 1,
            "looked at under the lock, and nothing else"
        );
    });
}

#[test]
fn rows_change_move_close_and_take_away() {
    each_store(MIGRATIONS, |db| {
        import(
            db,
            "code,name,parent,place,duty phone\nAQ,a,,,\nG1,b,AQ,340100,000-1234567\nG2,c,AQ,,\nF,f,G1,,\n",
        );
        let later = ImportOptions { day: day(9), ..options() };
        let file = "code,name,parent,place,duty phone,closed\nG1,B,,-,-,\nF,f,G2,,,\nG2,c,,,,\nAQ,a,,,,\n";
        let done = import_with(db, file, later);
        assert_eq!((done.changed, done.unchanged, done.refused), (2, 2, 0), "{:?}", done.findings);
        assert_eq!(shown(db, day(8)), ["G1<AQ", "G2<AQ", "F<G1"]);
        assert_eq!(shown(db, day(9)), ["G1<AQ", "G2<AQ", "F<G2"]);
        let place = Node::Place("34".parse().unwrap());
        let in_place = [day(8), day(9)].map(|on| read(db, move |rx| org::node_count_on(rx, place, on)));
        assert_eq!(in_place, [1, 0]);
        let g1 = read(db, |rx| org::unit_by_code(rx, "G1", day(9))).unwrap().unit;
        assert_eq!(read(db, move |rx| org::duty_contacts(rx, &Seals::of_demo(), &[g1])), []);
        let closes = import_with(
            db,
            "code,closed\nG1,2019-05-01\nG2,2019-05-01\n",
            ImportOptions { day: day(10), ..options() },
        );
        assert_eq!(told(&closes), ["B3 unit.has_open_below"]);
        assert_eq!((closes.closed, closes.refused), (1, 1));
        assert_eq!(shown(db, "2019-05-01".parse().unwrap()), ["G2<AQ", "F<G2"]);
    });
}

#[test]
fn a_whole_list_closes_what_it_leaves_out() {
    each_store(MIGRATIONS, |db| {
        import(db, "code,name,parent\nAQ,a,\nG1,b,AQ\nG2,c,AQ\nF1,d,G1\nF2,e,G1\n");
        let under = Some("AQ".to_owned());
        let whole = ImportOptions { day: day(9), under, complete: true, ..options() };
        let done = import_with(
            db,
            "code,name,parent\nG1,b,AQ\nF1,d,\nF3,new,F1\n",
            ImportOptions { under: Some("AQ".into()), ..whole },
        );
        assert_eq!((done.added, done.unchanged, done.left_out), (1, 2, 2), "{:?}", done.findings);
        assert_eq!(shown(db, day(9)), ["G1<AQ", "F1<G1", "F3<F1"]);
        assert_eq!(shown(db, day(8)), ["G1<AQ", "G2<AQ", "F1<G1", "F2<G1"]);
        // A unit whose row is wrong is not left out, and a row of nobody knows whom may be any.
        let whole = || ImportOptions { day: day(10), under: Some("AQ".into()), complete: true, ..options() };
        let done = import_with(db, "code,kind\nG1,group\nF1,group!\n", whole());
        assert_eq!(told(&done), ["B3 unit.kind_form"]);
        assert_eq!((done.left_out, shown(db, day(10))), (1, vec!["G1<AQ".into(), "F1<G1".into()]));
        let done = import_with(
            db,
            "{\"code\":\"G1\"}\n{\"code\":\"F1\"\n",
            ImportOptions { day: day(11), ..whole() },
        );
        assert_eq!((told(&done), done.left_out), (vec!["- sheet.json_broken".to_owned()], 0));
        assert!(done.findings.iter().any(|finding| finding.code == "unit.none_left_out"));
        assert_eq!(shown(db, day(11)), ["G1<AQ", "F1<G1"]);
    });
}

#[test]
fn levels_in_columns_make_units_of_their_names() {
    each_store(MIGRATIONS, |db| {
        let file = "一级单位,二级单位,三级单位,编码\n甲集团,,,G1\n甲集团,一公司,合肥项目,S1\n甲集团,一公司,芜湖项目,\n乙集团,二公司,,\n";
        import(db, "code,name\nT,t\n");
        let under = || ImportOptions { under: Some("T".into()), ..options() };
        let done = import_with(db, file, under());
        assert_eq!((done.added, done.implied, done.refused), (4, 2, 0), "{:?}", done.findings);
        let names = |on: Day| {
            read(db, move |rx| {
                let mut found = Vec::new();
                for top in org::children(rx, 0, on)? {
                    let page = org::subtree_page(rx, &top, on, "", 100)?;
                    for view in org::units_view(rx, page, on)? {
                        found.push(
                            view.path
                                .iter()
                                .map(|(_, names)| names.zh_hans.clone())
                                .collect::<Vec<_>>()
                                .join("/"),
                        );
                    }
                }
                Ok(found)
            })
        };
        assert_eq!(
            names(day(6)),
            [
                "t",
                "t/甲集团",
                "t/甲集团/一公司",
                "t/甲集团/一公司/合肥项目",
                "t/甲集团/一公司/芜湖项目",
                "t/乙集团",
                "t/乙集团/二公司"
            ]
        );
        let again = import_with(db, file, under());
        assert_eq!((again.unchanged, again.added, again.implied), (4, 0, 0), "{:?}", again.findings);
        let gap = import(db, "一级单位,二级单位,三级单位\n甲集团,,深处\n");
        assert_eq!(told(&gap), ["C2 unit.level_gap"]);
    });
}

#[test]
fn every_fault_is_told_at_its_cell_and_the_rest_comes_in() {
    each_store(MIGRATIONS, |db| {
        import(db, "code,name,parent,closed\nTOP,t,,\nOLD,o,TOP,2019-04-20\n");
        let file = "\
编码,名称,类型,上级编码,行政区划,时区,启用日期,停用日期,值班电话
A,甲,企业,TOP,,,,,
A,再来,企业,TOP,,,,,
B,乙,企业,NOWHERE,,,,,
C,丙,企业,B,,,,,
3.5E17,丁,企业,TOP,,,,,
D,,企业,TOP,,,,,
E,戊,什么,TOP,340001,Mars/Base,昨天,,0551-1234567/0551-7654321
X,x,企业,Y,,,,,
Y,y,企业,Z,,,,,
Z,z,企业,X,,,,,
W,w,企业,X,,,,,
OLD,o,企业,,,,,,
F,己,企业,TOP,,,2001-01-01,,
G,庚,企业,TOP,,,2019-05-01,2019-05-01,
H,辛,企业,A,,,,,
SELF,自,企业,SELF,,,,,
,无,企业,TOP,,,,,
I,壬,企业,E,,,,,
K,癸,企业,TOP,,,,,
";
        let done = import_with(db, file, ImportOptions { day: "2019-06-01".parse().unwrap(), ..options() });
        let rows: Vec<_> = done.findings.iter().map(|finding| finding.at.row).collect();
        assert!(rows.is_sorted(), "from the top of the file down: {rows:?}");
        let mut found = told(&done);
        found.sort();
        assert_eq!(
            found,
            [
                "A13 unit.is_closed",
                "A18 unit.code_missing",
                "A2 unit.code_twice",
                "A3 unit.code_twice",
                "A6 cell.id_lost_digits",
                "B7 unit.name_missing",
                "C8 unit.kind_form",
                "D10 unit.circle_in_file",
                "D11 unit.circle_in_file",
                "D12 unit.parent_refused",
                "D16 unit.parent_refused",
                "D17 unit.circle_in_file",
                "D19 unit.parent_refused",
                "D4 unit.parent_unknown",
                "D5 unit.parent_refused",
                "D9 unit.circle_in_file",
                "E8 unit.place_form",
                "F8 unit.time_zone",
                "G14 unit.opens_before_known",
                "G8 cell.not_a_day",
                "H15 unit.closed_before_opened",
                "I8 contact.two_phones",
            ]
        );
        assert_eq!((done.rows, done.added, done.refused), (19, 1, 18));
        let circle = done.findings.iter().find(|f| f.code == "unit.circle_in_file").unwrap();
        assert_eq!(circle.args["units"], "X → Y → Z → X");
        assert_eq!(shown(db, "2019-06-01".parse().unwrap()), ["K<TOP"]);
    });
}

#[test]
fn a_unit_that_cannot_open_on_the_day_of_the_file_says_so() {
    each_store(MIGRATIONS, |db| {
        import(db, "code,name,parent,opened\nT,t,,2020-01-01\nL,l,T,2020-02-01\n");
        let file = "code,name,parent\nA,a,T\nB,b,L\n";
        let done = import_with(db, file, ImportOptions { day: "2020-01-10".parse().unwrap(), ..options() });
        assert_eq!((done.added, done.refused), (2, 0));
        let moved: Vec<_> = done.findings.iter().map(|f| (&*f.code, f.at.row, &*f.args["day"])).collect();
        assert_eq!(moved, [("unit.opens_with_parent", Some(3), "2020-02-01")]);
    });
}

#[test]
fn a_move_that_would_close_a_circle_with_units_outside_the_file_is_found() {
    each_store(MIGRATIONS, |db| {
        import(db, "code,name,parent\nT,t,\nA,a,T\nB,b,A\nC,c,B\n");
        let done = import_with(db, "code,parent\nA,C\n", ImportOptions { day: day(7), ..options() });
        assert_eq!(told(&done), ["B2 unit.circle_in_file"]);
        let swap = import_with(db, "code,parent\nC,T\nA,C\n", ImportOptions { day: day(7), ..options() });
        assert_eq!((swap.changed, swap.refused), (2, 0), "{:?}", swap.findings);
        assert_eq!(shown(db, day(7)), ["C<T", "A<C", "B<A"]);
        assert_eq!(shown(db, day(6)), ["A<T", "B<A", "C<B"]);
    });
}

#[test]
fn a_plan_made_before_the_tree_changed_is_made_again() {
    each_store(MIGRATIONS, |db| {
        import(db, "code,name,parent\nT,t,\nA,a,T\n");
        let rows = Arc::new(rows_read(table("code,name,parent\nA,aa,T\nB,b,T\n")).unwrap());
        let asked = ImportOptions { day: day(7), ..options() };
        let (seen, planned) = (rows.clone(), asked.clone());
        let plan =
            db.db.read_blocking("test.plan", move |rx| org::plan_now(rx, &ctx(), &seen, &planned)).unwrap();
        assert_eq!(org::outcome(&plan).added, 1);
        write(db, |tx, ctx| org::unit_create(tx, ctx, &[super::new("B", Some("T"), day(6))])).unwrap();
        let plan = Arc::new(plan);
        let done = write(db, move |tx, ctx| org::units_import(tx, ctx, &rows, &asked, &plan)).unwrap();
        assert_eq!((done.added, done.changed), (0, 2), "B is there now, and called otherwise");
        let unknown = ImportOptions { under: Some("NOWHERE".into()), ..options() };
        assert_eq!(
            refused(import_rows(db, rows_read(table("code,name\nQ,q\n")).unwrap(), unknown)),
            "unit.unknown"
        );
    });
}

/// Writes a subtree as a file.
fn export(db: &TestDb, format: OutFormat, on: Day, phones: bool) -> Vec<u8> {
    let mut to =
        SheetWriter::new(format, Cursor::new(Vec::new()), "units", &org::export_columns(phones)).unwrap();
    let top = read(db, move |rx| org::children(rx, 0, on)).remove(0);
    let mut after = Some(String::new());
    let asks = phones.then(Seals::of_demo);
    while let Some(from) = after {
        let top = top.clone();
        let seals = asks.clone();
        let page = db.db.read_blocking("test.export", move |rx| {
            let asks = seals.as_ref().map(|seals| (seals, Reach::All, on));
            org::export_page(rx, &top, on, &from, 2, asks)
        });
        let (rows, next) = page.unwrap();
        for row in rows {
            row.cells(phones, |cells: &[Out<'_>]| to.row(cells)).unwrap();
        }
        after = next;
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn what_is_written_comes_in_again_unchanged() {
    each_store(MIGRATIONS, |db| {
        import(db, FILE);
        let on = day(900);
        for (format, phones) in [(OutFormat::Csv, false), (OutFormat::Xlsx, true), (OutFormat::Xls, true)] {
            let bytes = export(db, format, on, phones);
            assert_eq!(
                String::from_utf8_lossy(&bytes).contains("12345678"),
                phones && format == OutFormat::Csv
            );
            let table = muster_sheet::read(&bytes, &Options::default()).unwrap();
            let done =
                import_rows(db, rows_read(table).unwrap(), ImportOptions { day: on, ..options() }).unwrap();
            assert_eq!((done.unchanged, done.rows, done.findings.len()), (4, 4, 0), "{:?}", done.findings);
        }
    });
}

#[test]
fn words_and_kinds_are_found_below_a_unit() {
    each_store(MIGRATIONS, |db| {
        import(
            db,
            "code,name,name en,kind,parent\nT,总公司,Head 100%,group,\nA,合肥一厂,Hefei Works,site,T\nB,芜湖_厂,Wuhu,site,T\nC,合肥办,Office,department,A\n",
        );
        let found = |words: &'static str, kind: &'static str| -> Vec<String> {
            read(db, move |rx| {
                let top = org::unit_by_code(rx, "T", day(6))?.unwrap();
                let search = Search { words: words.to_owned(), kind: kind.to_owned() };
                let page = org::units_below(rx, &top, day(6), false, &search, "", 10)?;
                Ok(page.into_iter().map(|unit| unit.code.to_string()).collect())
            })
        };
        assert_eq!(found("合肥", ""), ["A", "C"]);
        assert_eq!(found("HEFEI w", ""), ["A"]);
        assert_eq!(found("合肥", "site"), ["A"]);
        assert_eq!(found("", "site"), ["A", "B"]);
        assert_eq!(found("%", ""), ["T"]);
        assert_eq!(found("_", ""), ["B"]);
        assert_eq!(found("B", ""), ["B"]);
    });
}

/// The divisions lie outside the project: `../shared/data`, or `data` in where `MUSTER_SHARED` points.
fn shared() -> Option<PathBuf> {
    let shared = std::env::var_os("MUSTER_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let shared = shared.join("data");
    let folder = shared.join("cn-divisions");
    if !folder.is_dir() {
        println!("left out: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

#[test]
fn all_administrative_divisions_come_in_as_one_tree() {
    let Some(folder) = shared() else { return };
    each_store(MIGRATIONS, |db| {
        let files = ["streets", "areas", "cities", "provinces"].map(|name| {
            let bytes = std::fs::read(folder.join(format!("{name}.csv.gz"))).unwrap();
            (name.to_owned(), muster_sheet::read(&bytes, &Options::default()).unwrap())
        });
        let rows = org::divisions_read(files.into(), None, day(0)).unwrap();
        let done = import_rows(db, rows, options()).unwrap();
        assert_eq!(
            (done.rows, done.refused),
            (1 + 31 + 342 + 2_978 + 20_350, 0),
            "{:?}",
            done.findings.first()
        );
        assert_eq!(done.added, done.rows);
        let top = read(db, |rx| org::unit_by_code(rx, org::NATION, day(6))).unwrap();
        let kinds = read(db, move |rx| org::subtree_kinds(rx, &top, day(6)));
        let kinds: Vec<_> = kinds.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
        assert_eq!(
            kinds,
            [
                ("place-area", 2_978),
                ("place-city", 342),
                ("place-nation", 1),
                ("place-province", 31),
                ("place-street", 20_350),
            ]
        );
        // By line and by place the same: 16 cities of Anhui with all below them.
        let anhui = read(db, |rx| org::unit_by_code(rx, "34", day(6))).unwrap();
        let unit = anhui.unit;
        let by_line = read(db, move |rx| org::subtree_count(rx, &anhui, day(6)));
        let place = Node::Place("34".parse().unwrap());
        assert_eq!(read(db, move |rx| org::node_count_on(rx, place, day(6))), by_line);
        assert_eq!(read(db, move |rx| org::children(rx, unit, day(6))).len(), 16);
        let names = read(db, |rx| org::place_names(rx, &["3401".parse::<org::Place>().unwrap().number()]));
        let names: Vec<_> = names.values().map(|names| [&names.zh_hans, &names.zh_hant, &names.en]).collect();
        assert_eq!(names, [["合肥市", "合肥市", "Hefei"]]);
    });
}
