//! What the command line and the doors say when something is wrong: where, in the reader's language, with what to do.

use crate::command::{Folder, muster};
use std::process::Output;

fn said(out: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

/// What only asks makes no database.
#[test]
fn a_question_in_an_empty_folder_leaves_it_empty() {
    let folder = Folder::new("asks");
    let database = folder.path("muster.db");
    for asked in [&["query", "totals"][..], &["brief"], &["export", "units", &folder.path("out.csv")]] {
        let (code, out, err) = said(&muster(&database, asked));
        assert_eq!((code, out.as_str()), (Some(3), ""), "{asked:?} {err}");
        assert!(err.contains(&database) && err.contains("muster begin"), "{err}");
        assert!(!std::path::Path::new(&database).exists(), "{asked:?}");
    }
}

#[test]
fn a_language_that_is_not_spoken_is_a_wrong_command_line() {
    let folder = Folder::new("speaks");
    let (code, out, err) = said(&muster(&folder.path("muster.db"), &["query", "totals", "--lang", "fr"]));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("zh-CN, zh-TW, en"), "{err}");
}

#[test]
fn files_are_named_and_refusals_are_said_on_standard_error() {
    let folder = Folder::new("names");
    let database = folder.path("muster.db");
    let absent = folder.path("nofile.csv");
    let (code, out, err) = said(&muster(&database, &["import", "units", &absent, "--lang", "zh-CN"]));
    assert_eq!((code, out.as_str()), (Some(3), ""), "{err}");
    assert!(err.contains("没有文件") && err.contains(&absent) && !err.contains("os error"), "{err}");

    let begun = std::process::Command::new("sh")
        .args(["-c", "echo 'a-long-password' | \"$0\" --database \"$1\" begin --office O --account duty"])
        .args([env!("CARGO_BIN_EXE_muster"), &database])
        .status();
    assert!(begun.unwrap().success());
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
