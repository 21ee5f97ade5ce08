//! The command line in Chinese: nothing that a person reads is left in English but names, codes and options.

use crate::command::{Folder, begun, muster};

/// What may stand in Latin letters: what is typed, what is stored, and what is called so in every language.
const KNOWN: &[&str] = &[
    "muster",
    "begin",
    "import",
    "units",
    "reports",
    "form",
    "starter",
    "serve",
    "query",
    "verify",
    "deep",
    "help",
    "lang",
    "json",
    "code",
    "name",
    "kind",
    "parent",
    "place",
    "classes",
    "opened",
    "closed",
    "time",
    "zone",
    "level",
    "post",
    "duty",
    "phone",
    "unit",
    "day",
    "act",
    "scope",
    "reason",
    "filed",
    "at",
    "client",
    "id",
    "zh",
    "hans",
    "hant",
    "en",
    "csv",
    "xlsx",
    "rfc",
    "iana",
    "asia",
    "shanghai",
    "gb",
    "values",
    "zero",
    "alone",
    "below",
    "regulator",
    "department",
    "group",
    "firm",
    "site",
    "areacode",
    "citycode",
    "provincecode",
    "type",
    "database",
    "file",
    "sqlite",
    "postgres",
    "utf",
    "row",
    "date",
];

/// The words of Latin letters in a text that are no codes (in brackets, with digits) and not known.
fn latin(text: &str, known: &[&str]) -> Vec<String> {
    let bare = |word: &&str| !word.contains(['.', '/', '[', ']', '=', '_', ':']) && !word.starts_with('-');
    let mut found = Vec::new();
    for word in text.split_whitespace().filter(bare) {
        let runs = word.split(|c: char| !c.is_ascii_alphabetic()).filter(|run| run.len() > 1);
        let told = |run: &&str| !run.chars().all(char::is_uppercase);
        found.extend(runs.filter(told).map(str::to_lowercase).filter(|run| !known.contains(&run.as_str())));
    }
    found
}

/// Runs a command in both kinds of Chinese; what it says in the first.
fn spoken(database: &str, args: &[&str], code: i32, known: &[&str]) -> String {
    let mut first = String::new();
    for lang in ["zh-TW", "zh-CN"] {
        let out = muster(database, &[args, &["--lang", lang]].concat());
        let text =
            [&out.stdout[..], &out.stderr].map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).concat();
        assert_eq!(out.status.code(), Some(code), "{args:?}: {text}");
        let foreign = latin(&text, &[KNOWN, known].concat());
        assert!(foreign.is_empty(), "{args:?} {lang}: {foreign:?} in\n{text}");
        first = text;
    }
    first
}

#[test]
fn the_columns_of_a_file_are_explained_in_the_readers_language() {
    let folder = Folder::new("columns");
    let database = folder.path("muster.db");
    let told = spoken(
        &database,
        &["import", "units", "--columns"],
        0,
        &["class", "english", "from", "open", "pare", "pl"],
    );
    assert!(told.contains("单位的唯一编码") && told.contains("值班岗位的一个电话"), "{told}");
    let english = muster(&database, &["import", "units", "--columns", "--json"]);
    let english = String::from_utf8(english.stdout).unwrap();
    assert!(english.contains("Unique code of the unit") && english.contains("\"required\""), "{english}");
}

#[test]
fn a_day_of_work_is_told_in_chinese() {
    let folder = Folder::new("spoken");
    let database = folder.path("muster.db");
    begun(&database);
    let units = folder.file(
        "units.csv",
        "code,name,kind,parent\nHQ,总部,group,\nS1,一项目,site,HQ\n,无编码,site,HQ\n".as_bytes(),
    );
    let told = spoken(&database, &["import", "units", &units, "--day", "2020-01-01"], 1, &[]);
    assert!(told.contains("接收") && told.contains("退回") && told.contains("没有编码"), "{told}");
    // What was said is told once: a second form of that name is refused.
    let starter = muster(&database, &["form", "starter", "--lang", "zh-CN"]);
    assert_eq!(String::from_utf8(starter.stdout).unwrap(), "表单：1\n");
    // Its elements are named in all languages, since a file may name them in any.
    let columns = muster(&database, &["import", "reports", "--columns", "--lang", "zh-CN"]);
    assert!(String::from_utf8(columns.stdout).unwrap().contains("空格是没有说，不是零"));
    let reports =
        folder.file("reports.csv", b"unit,day,fever,staff_on_site\nS1,2020-02-03,0,9\nXX,2020-02-03,0,9\n");
    spoken(&database, &["import", "reports", &reports], 1, STARTER);
    for what in
        ["units", "totals", "rates", "missing", "disagreements", "contradictions", "corrections", "parties"]
    {
        spoken(&database, &["query", what], 0, STARTER);
    }
    spoken(&database, &["query", "unit", "--node", "S1"], 0, STARTER);
    spoken(&database, &["query", "unit-history", "--node", "S1"], 0, &["system", "cli", "import"]);
    spoken(&database, &["query", "series", "--element", "fever"], 0, STARTER);
    spoken(&database, &["query", "history"], 2, &["node"]);
    spoken(&database, &["verify", "--deep"], 0, &[]);
    spoken(&database, &["rebuild", "--check"], 0, &[]);
}

/// Codes of the form to start with.
const STARTER: &[&str] = &["daily", "fever", "staff"];

#[test]
fn a_wrong_command_line_is_said_in_chinese_with_what_may_be_meant() {
    let folder = Folder::new("misread");
    let database = folder.path("muster.db");
    for (args, wanted) in [
        (&["qurey"][..], "没有命令“qurey”。\n是不是要写：query？"),
        (&["query", "totls"], "totals"),
        (&["query", "totals", "--nodes", "HQ"], "是不是要写：--node？"),
        (&["query", "totals", "--day", "soon"], "“soon”不是日期"),
        (&["query", "missing", "--limit", "0"], "1..=1000"),
        (&["query"], "还缺："),
        (&["unit", "split", "HQ", "--into", "x"], "要写成 A=B"),
        (&["serve", "--listen", "0.0.0.0"], "请写 --plain"),
        (&["demo", "--listen", "0.0.0.0"], "只有本机可以连接"),
        (&["serve", "--limits", "none"], "每秒"),
        (&["serve", "--listen", "here"], "不是地址"),
        (&["query", "totals", "--day"], "之后要写一个值"),
    ] {
        let out = muster(&database, &[&["--lang", "zh-CN"], args].concat());
        let err = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{args:?}: {err}");
        assert!(err.contains(wanted), "{args:?}: {err}");
        assert!(!err.contains("error:") && !err.contains("Usage"), "{err}");
    }
}

#[test]
fn a_database_that_cannot_be_opened_is_said_with_what_to_look_at() {
    let folder = Folder::new("unopened");
    let text = folder.file("notes.txt", &[b'x'; 5000]);
    for database in [&text, "postgres://nobody@127.0.0.1:1/none"] {
        let out = muster(database, &["query", "totals", "--lang", "zh-CN"]);
        let err = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(3), "{err}");
        assert!(err.contains("不能打开数据库") && err.contains("请核对 --database"), "{err}");
        assert!(err.contains("[store.unreachable]"), "{err}");
    }
}
