//! What the command line and the doors say when something is wrong: where, in the reader's language, with what to do.

use crate::command::{Folder, begun, muster};
use muster_print::{Lang, labels};
use serde_json::Value;
use std::process::Output;

/// Exit code, standard output, standard error.
pub(crate) fn said(out: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

#[test]
fn a_language_that_is_not_spoken_is_a_wrong_command_line() {
    let folder = Folder::new("speaks");
    let (code, out, err) = said(&muster(&folder.path("muster.db"), &["query", "totals", "--lang", "fr"]));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("zh-CN, zh-TW, en"), "{err}");
}

#[test]
fn a_brief_whose_ending_and_format_differ_is_a_wrong_command_line() {
    let folder = Folder::new("ending");
    let database = folder.path("muster.db");
    let out = folder.path("brief.docx");
    let (code, told, err) = said(&muster(&database, &["brief", "--out", &out, "--format", "pdf"]));
    assert_eq!((code, told.as_str()), (Some(2), ""), "{err}");
    assert!(err.contains("[export.ending]") && err.contains(&out) && err.contains("says pdf"), "{err}");
    let (code, told, err) =
        said(&muster(&database, &["brief", "--out", &out, "--format", "pdf", "--json", "--lang", "zh-CN"]));
    assert_eq!((code, err.as_str()), (Some(2), ""));
    assert!(told.contains("\"code\": \"export.ending\"") && told.contains("docx"), "{told}");
    // The same said twice, and an ending that says nothing, are no contradiction: here only the database is lacking.
    for (name, format) in [("brief.docx", "docx"), ("brief.PDF", "pdf"), ("brief.page", "pdf")] {
        let (code, _, err) =
            said(&muster(&database, &["brief", "--out", &folder.path(name), "--format", format]));
        assert!(code == Some(3) && err.contains("[database.none]"), "{name}: {code:?} {err}");
    }
}

/// What the help of `form set` shows as an example is whole: it is set as it stands, a rate and words with it.
#[test]
fn the_example_of_a_form_can_be_set() {
    let folder = Folder::new("form-example");
    let database = folder.path("muster.db");
    begun(&database);
    let units =
        folder.file("units.csv", "code,name,kind,parent\nHQ,总部,unit,\nS1,一号站,site,HQ\n".as_bytes());
    assert_eq!(said(&muster(&database, &["import", "units", &units, "--day", "2020-01-01"])).0, Some(0));
    let (_, help, _) = said(&muster(&database, &["form", "set", "--help"]));
    let from = help.find("{\"elements\"").unwrap();
    let example: Value =
        serde_json::Deserializer::from_str(&help[from..]).into_iter().next().unwrap().unwrap();
    let kinds: Vec<_> =
        example["elements"].as_array().unwrap().iter().map(|e| &e["value_type"]["kind"]).collect();
    assert_eq!(kinds, ["integer", "integer", "rate", "text"]);
    let file = folder.file("form.json", example.to_string().as_bytes());
    let (code, out, err) = said(&muster(&database, &["form", "set", &file]));
    assert_eq!(code, Some(0), "{out} {err}");
    let (_, out, _) = said(&muster(&database, &["rebuild", "--check"]));
    assert!(out.contains("No node keeps totals of its own") && !out.contains("Totals: 0"), "{out}");
}

#[test]
fn files_are_named_and_refusals_are_said_on_standard_error() {
    let folder = Folder::new("names");
    let database = folder.path("muster.db");
    let absent = folder.path("nofile.csv");
    let (code, out, err) = said(&muster(&database, &["import", "units", &absent, "--lang", "zh-CN"]));
    assert_eq!((code, out.as_str()), (Some(3), ""), "{err}");
    assert!(err.contains("没有文件") && err.contains(&absent) && !err.contains("os error"), "{err}");

    begun(&database);
    // Before there is a tree or a form, nobody is told of an empty code.
    for (asked, wanted) in [("totals", "[unit.none]"), ("missing", "[unit.none]")] {
        let (code, out, err) = said(&muster(&database, &["query", asked]));
        assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
        assert!(err.contains(wanted), "{err}");
    }
    let units =
        folder.file("units.csv", b"code,name,kind,parent,place\nHQ,Top,unit,,99\nA,One,unit,HQ,340102\n");
    let (code, out, err) = said(&muster(&database, &["import", "units", &units, "--day", "2020-01-01"]));
    assert_eq!(code, Some(0), "{out} {err}");
    assert!(out.contains("unit.place_unknown") && out.contains("990000"), "{out}");
    let odd = folder.file("odd.csv", b"code,name,kind,parent,place\nB,Two,unit,HQ,999999\n");
    let (_, out, _) = said(&muster(&database, &["import", "units", &odd, "--day", "2020-01-01"]));
    assert!(out.contains("999999") && !out.contains("990000"), "what stands in the cell: {out}");
    assert!(!out.contains("340100"), "{out}");
    let (_, out, err) = said(&muster(&database, &["query", "totals"]));
    assert!(out.is_empty() && err.contains("[form.none]"), "{out} {err}");
    let (code, out, err) = said(&muster(&database, &["query", "totals", "--node", "foo:bar"]));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("[unit.unknown]") && err.contains("foo:bar"), "{err}");
    let (code, out, err) = said(&muster(&database, &["query", "totals", "--node", "foo:bar", "--json"]));
    assert_eq!((code, err.as_str()), (Some(1), ""));
    assert!(out.contains("\"code\": \"unit.unknown\""), "{out}");
    let there = folder.file("there.csv", b"mine");
    let (code, _, err) = said(&muster(&database, &["export", "units", &there, "--lang", "zh-CN"]));
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains(&there) && err.contains("已经存在") && !err.contains("os error"), "{err}");
    let (_, out, _) = said(&muster(&database, &["query", "units"]));
    assert!(out.contains("HQ Top") && !out.contains("[0]") && !out.contains("[1]"), "{out}");
}

/// Commands that may be the first thing done to a database, and so make one; and those that look at none.
const MAKE_ONE: &[&str] = &[
    "demo",
    "begin",
    "serve",
    "notice import",
    "import book",
    "import units",
    "import cn-divisions",
    "import covid",
];
const LOOK_AT_NONE: &[&str] = &["openapi", "help", "install", "heads keygen"];
/// All others, and what may be tried first: each asks of a database, or changes what should be in it.
const NEED_ONE: &[(&str, &[&str])] = &[
    ("keys show", &[]),
    ("keys check", &[]),
    ("keys rotate", &[]),
    ("user set", &["duty", "--role", "office"]),
    ("user end", &["duty"]),
    ("user list", &[]),
    ("user data", &["duty", "--purpose", "asked for it"]),
    ("user erase", &["duty", "--purpose", "asked for it"]),
    ("post find", &["0551-5550100", "--purpose", "asked for it"]),
    ("post forget", &["0551-5550100", "--purpose", "asked for it"]),
    ("channel list", &["HQ"]),
    ("channel set", &["HQ", "duty", "--kind", "folder", "--address", "hq"]),
    ("channel test", &["HQ", "duty"]),
    ("channel end", &["HQ", "duty"]),
    ("outbox", &[]),
    ("privacy show", &[]),
    ("privacy set", &["duty_phone", "--keep", "9"]),
    ("privacy end", &["2020-06-30", "--reason", "over"]),
    ("brief", &["--day", "2020-02-03"]),
    ("brief", &["--freeze", "--out", "FILE"]),
    ("brief compare", &[]),
    ("form starter", &[]),
    ("form set", &["FORMS"]),
    ("notice list", &[]),
    ("notice list", &["--json"]),
    ("notice show", &["x"]),
    ("notice decide", &["x", "1", "accept"]),
    ("import reports", &["--columns"]),
    ("import reports", &["REPORTS", "--dry-run"]),
    ("import reports", &["REPORTS"]),
    ("export units", &["TABLE"]),
    ("query", &["units"]),
    ("query", &["unit", "--node", "HQ"]),
    ("query", &["totals"]),
    ("query", &["rates"]),
    ("query", &["series", "--element", "fever"]),
    ("query", &["missing"]),
    ("query", &["disagreements"]),
    ("query", &["agreement", "--element", "fever"]),
    ("query", &["contradictions"]),
    ("query", &["incidents"]),
    ("query", &["corrections"]),
    ("query", &["sheet", "--node", "HQ", "--day", "2020-02-03"]),
    ("query", &["history", "--node", "HQ", "--day", "2020-02-03"]),
    ("query", &["notes", "--words", "x"]),
    ("query", &["elements"]),
    ("query", &["forms"]),
    ("query", &["journal", "--action", "report"]),
    ("query", &["classes"]),
    ("query", &["parties"]),
    ("query", &["unit-history", "--node", "HQ"]),
    ("form end", &["daily"]),
    ("form correct", &["1", "--until", "open"]),
    ("unit move", &["HQ", "--under", "G1"]),
    ("unit close", &["HQ"]),
    ("unit merge", &["G1", "--into", "HQ"]),
    ("unit split", &["HQ", "--into", "G1=x"]),
    ("finding list", &[]),
    ("task measures", &[]),
    ("task register", &["--text", "x"]),
    ("task assign", &["x", "--unit", "HQ", "--due", "2020-02-05T18:00:00+08:00"]),
    ("task progress", &["x"]),
    ("task list", &[]),
    ("task waiting", &[]),
    ("task show", &["x"]),
    ("task steps", &["x"]),
    ("task parts", &["x"]),
    ("task split", &["x", "--unit", "HQ"]),
    ("task step", &["x", "sign"]),
    ("user add", &["x"]),
    ("user letter", &["x"]),
    ("user reset", &["x", "123456"]),
    ("user history", &["x"]),
    ("user oidc", &["x", "--list"]),
    ("grant roles", &[]),
    ("grant list", &[]),
    ("grant give", &["x", "viewer"]),
    ("grant end", &["x"]),
    ("grant unite", &[]),
    ("link issue", &["--under", "HQ", "--no-pin", "--address", "https://desk.example", "--out", "TABLE"]),
    ("link list", &["--under", "HQ"]),
    ("link end", &["x"]),
    ("post list", &["HQ"]),
    ("post set", &["HQ", "night", "--name", "x"]),
    ("post end", &["HQ", "night"]),
    ("post phone", &["HQ", "night", "0551-5550100"]),
    ("party change", &["CMD", "--name", "x"]),
    ("party add", &["CMD", "--name", "x", "--kind", "command"]),
    ("verify", &[]),
    ("verify", &["--deep", "--save-heads", "FILE"]),
    ("rebuild", &[]),
    ("rebuild", &["--check"]),
    ("backup", &["FILE"]),
    ("heads check", &["--public", "FILE", "FOLDER"]),
];

/// The commands that `--help` lists below one.
fn commands(below: &str) -> Vec<String> {
    let args: Vec<&str> = below.split_whitespace().chain(["--help"]).collect();
    let (_, help, _) = said(&muster("nowhere.db", &args));
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| line.starts_with("  "));
    let names =
        listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names
        .map(|name| format!("{below} {name}").trim().to_owned())
        .filter(|name| !name.ends_with(" help"))
        .collect()
}

/// Every command that does something.
pub(crate) fn all_commands() -> Vec<String> {
    let mut all = Vec::new();
    for command in commands("") {
        let below = commands(&command);
        // A command that has others below it may do something by itself.
        if below.is_empty() || command == "brief" {
            all.push(command);
        }
        all.extend(below);
    }
    assert!(all.len() > 18, "{all:?}");
    all
}

#[test]
fn what_only_asks_makes_no_database_and_says_that_there_is_none() {
    let all = all_commands();
    for command in &all {
        let known = MAKE_ONE.iter().chain(LOOK_AT_NONE).any(|known| known == command);
        assert!(
            known || NEED_ONE.iter().any(|(known, _)| known == command),
            "{command}: does it make a database?"
        );
    }
    let folder = Folder::new("none");
    let database = folder.path("muster.db");
    folder.file("provinces.csv", b"code,name\n34,Anhui\n");
    for (command, more) in NEED_ONE {
        let more: Vec<String> = more
            .iter()
            .map(|word| match *word {
                "FILE" => folder.path("out.pdf"),
                "TABLE" => folder.path("out.csv"),
                "FOLDER" => folder.path(""),
                "UNITS" => folder.file("units.csv", b"code,name\nHQ,Top\n"),
                "REPORTS" => folder.file("reports.csv", b"unit,day,fever\nHQ,2020-02-03,0\n"),
                "FORMS" => folder.file("forms.json", br#"{"elements": [{}]}"#),
                word => word.to_owned(),
            })
            .collect();
        let args: Vec<&str> = command.split_whitespace().chain(more.iter().map(String::as_str)).collect();
        let (code, out, err) = said(&muster(&database, &args));
        assert_eq!(code, Some(3), "{args:?}: {out} {err}");
        let told = out + &err;
        assert!(
            told.contains("database.none") && told.contains(&database) && told.contains("muster begin"),
            "{args:?}: {told}"
        );
        for made in ["muster.db", "muster.db-wal", "out.pdf", "out.csv"] {
            assert!(!std::path::Path::new(&folder.path(made)).exists(), "{args:?} made {made}");
        }
    }
}

#[test]
fn a_brief_of_an_empty_database_says_what_to_do_first() {
    let folder = Folder::new("first");
    let database = folder.path("muster.db");
    let brief = |wanted: &[&str]| {
        let (code, out, err) = said(&muster(&database, &["brief"]));
        assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
        for word in wanted {
            assert!(err.contains(word), "{word}: {err}");
        }
    };
    folder.file("muster.db", b"");
    brief(&["[operation.none]", "muster begin", "muster import units", "muster form starter"]);
    begun(&database);
    brief(&["[unit.none_yet]", "muster import units", "muster form starter"]);
    let (_, _, err) = said(&muster(&database, &["form", "starter"]));
    assert!(err.contains("[unit.none_yet]"), "{err}");
    let units = folder.file("units.csv", b"code,name,kind,parent\nHQ,Top,unit,\n");
    assert_eq!(muster(&database, &["import", "units", &units, "--day", "2020-01-01"]).status.code(), Some(0));
    brief(&["[form.none]", "muster form starter"]);
    assert_eq!(muster(&database, &["form", "starter"]).status.code(), Some(0));
    let (code, out, err) = said(&muster(&database, &["brief"]));
    assert_eq!(code, Some(0), "{out} {err}");
    let (code, out, err) = said(&muster(&database, &["verify", "--deep"]));
    assert!(code == Some(0) && out.contains("All is as it was written."), "{out} {err}");
}

/// The brief on the page and on paper call the same thing by the same word.
#[test]
fn headings_of_the_brief_are_the_same_on_the_page_and_on_paper() {
    let same = [
        ("brief.totals", "section.totals"),
        ("brief.groups", "section.groups"),
        ("brief.absent", "section.absent.frozen"),
        ("brief.absent_yet", "section.absent"),
        ("brief.contradictions", "section.contradictions"),
        ("brief.disagreements", "section.disagreements"),
        ("brief.corrections", "section.corrections"),
        ("brief.progress", "narrative.progress"),
        ("brief.problems", "narrative.problems"),
        ("brief.next", "narrative.next"),
        ("figure.element", "total.name"),
        ("figure.change", "total.delta"),
        ("figure.other_units", "total.other_units"),
        ("brief.footnote", "total.frozen"),
        ("brief.same_units", "delta.same_units"),
        ("brief.same_units_short", "total.same_units"),
        ("figure.not_same", "delta.other_units"),
    ];
    for lang in Lang::ALL {
        let path =
            format!("{}/../../web/console/src/locales/{}.json", env!("CARGO_MANIFEST_DIR"), lang.tag());
        let page: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for (on_page, on_paper) in same {
            let (part, word) = on_page.split_once('.').unwrap();
            let word = page[part][word].as_str().unwrap().replace("{{", "{").replace("}}", "}");
            // How many there are stands behind a heading.
            let heading = on_paper.starts_with("section.");
            let told = ["（{n}）", " ({n})"].iter().find_map(|n| word.strip_suffix(n)).filter(|_| heading);
            assert_eq!(labels::get(lang, on_paper), Some(told.unwrap_or(&word)), "{lang:?}: {on_page}");
        }
        let lineage = page["brief"]["lineage"].as_str().unwrap();
        assert!(lineage.to_lowercase().contains(&labels::get(lang, "lineage.heads").unwrap().to_lowercase()));
    }
}
