//! The command `muster-print` from outside: bytes out, exit codes, one line of JSON for a problem.

use std::io::Write;
use std::process::{Command, Output, Stdio};

const SAMPLE: &str = include_str!("../examples/brief.json");

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_muster-print"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command line that is wrong is refused before the input is read.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// The one line on the standard error.
fn problem(output: &Output) -> serde_json::Value {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The sample with its lists short, so that tests are quick.
fn small() -> Vec<u8> {
    let mut doc: serde_json::Value = serde_json::from_str(SAMPLE).unwrap();
    for list in ["groups", "absent", "totals", "corrections"] {
        doc[list].as_array_mut().unwrap().truncate(2);
    }
    serde_json::to_vec(&doc).unwrap()
}

#[test]
fn each_format_is_written_to_the_standard_output_and_two_processes_write_the_same() {
    for (format, magic) in [("pdf", &b"%PDF-"[..]), ("docx", b"PK"), ("xlsx", b"PK"), ("png", b"\x89PNG")] {
        let output = run(&["--format", format], &small());
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert!(output.stdout.starts_with(magic), "{format}");
        assert!(output.stdout == run(&["--format", format], &small()).stdout, "{format}");
    }
}

#[test]
fn a_file_is_read_and_written_where_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("brief.xlsx");
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/brief.en.json");
    let output = run(&["-f", "xlsx", sample, "-o", out.to_str().unwrap()], b"");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    assert!(std::fs::read(&out).unwrap().starts_with(b"PK"));
}

#[test]
fn what_is_wrong_has_an_exit_code_and_one_line_of_json() {
    let version = SAMPLE.replacen("\"brief\": 1", "\"brief\": 7", 1);
    let cases: [(&[&str], &[u8], i32, &str); 5] = [
        (&["-f", "pdf"], b"{", 3, "print.input.json"),
        (&["-f", "pdf"], version.as_bytes(), 3, "print.input.version"),
        (&["-f", "pdf", "--fonts", "/no/such/folder"], SAMPLE.as_bytes(), 4, "print.font.none"),
        (&["-f", "xlsx", "/no/such/file"], b"", 6, "print.io.read"),
        (&["-f", "xlsx", "-o", "/no/such/folder/file"], SAMPLE.as_bytes(), 6, "print.io.write"),
    ];
    for (arguments, input, code, name) in cases {
        let output = run(arguments, input);
        assert_eq!(output.status.code(), Some(code), "{name}");
        assert_eq!(problem(&output)["code"], name);
        assert!(output.stdout.is_empty());
    }
    assert_eq!(run(&["-f", "odt"], b"").status.code(), Some(2));
    assert_eq!(run(&["-f", "pdf", "--lang", "fr"], b"").status.code(), Some(2));
}

#[test]
fn too_large_a_document_is_refused_without_being_kept() {
    let output = run(&["-f", "xlsx"], &vec![b' '; (32 << 20) + 100]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(problem(&output)["code"], "print.input.size");
}

#[test]
fn another_language_changes_the_fixed_words() {
    let text = |lang| run(&["-f", "xlsx", "--lang", lang], SAMPLE.as_bytes()).stdout;
    assert!(text("en") != text("zh-CN"));
    assert!(text("zh-TW") != text("zh-CN"));
}
