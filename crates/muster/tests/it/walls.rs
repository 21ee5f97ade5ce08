//! The walls of the house, as data: which room may hold what, and who may call whose front door. Where building
//! shows a better wall, move it here and say why in ARCHITECTURE.md.
//!
//! It reads source text, not types: a wall is a habit of reading, and a plain search finds what a reader would
//! stumble over. Comments, tests and the contents of strings are set aside first.

use std::fs;
use std::path::Path;

/// Whom a line may call, by its front door (`mod.rs`). A line that is not here has not been thought about.
/// `operation` (which emergency this is, in which time zone) and `org` (the tree) are the spine.
const MAY_CALL: &[(&str, &[&str])] = &[
    ("operation", &[]),
    ("org", &["operation"]),
    ("access", &["operation", "org"]),
    ("reporting", &["operation", "org"]),
    ("brief", &["operation", "org", "access", "reporting"]),
    ("evidence", &["operation", "org", "access", "reporting"]),
    ("inspect", &["operation", "org"]),
    ("outbound", &["operation", "org"]),
    ("privacy", &["operation", "org", "access"]),
    ("ledger", &["operation", "org"]),
    ("command", &["operation", "org"]),
    ("health", &["operation", "org", "reporting"]),
    ("supply", &["operation", "org", "ledger"]),
    ("donation", &["operation", "org", "ledger"]),
    ("press", &["operation", "org", "reporting", "supply", "donation"]),
];

/// Where a wall has a door, and why: file, word, reason.
const DOORS: &[(&str, &[&str], &str)] = &[
    (
        "lines/access/verbs/letters.rs",
        &["async ", ".await", "tokio::"],
        "a password that somebody chooses is hashed before the transaction in which they come in",
    ),
    (
        "lines/access/verbs/sessions.rs",
        &["async ", ".await", "tokio::"],
        "a password is checked between two transactions, on a thread of its own: half a second of hashing inside a \
         transaction would make everybody wait",
    ),
    (
        "lines/reporting/import.rs",
        &["async ", ".await", "tokio::"],
        "a file of a hundred thousand reports is many transactions; between them others are let in; \
         and a file is read on a thread of its own",
    ),
    (
        "lines/reporting/intake.rs",
        &["async ", ".await", "tokio::"],
        "reports that arrive at the same moment wait for one another before a transaction opens; the verb that files \
         them is synchronous",
    ),
];

/// The rooms behind a line's front door: other lines do not enter them.
const ROOMS: &[&str] = &["model", "check", "verbs", "store", "rollup", "http", "sheet", "jobs"];

/// A word of code, and the only rooms of a line that may say it.
struct Wall {
    word: &'static str,
    rooms: &'static [&'static str],
    reason: &'static str,
}

const WALLS: &[Wall] = &[
    Wall { word: "async ", rooms: &["http"], reason: "the domain is synchronous; async lives at the edge" },
    Wall { word: ".await", rooms: &["http"], reason: "the domain is synchronous; async lives at the edge" },
    Wall { word: "tokio::", rooms: &["http"], reason: "the domain is synchronous; async lives at the edge" },
    Wall { word: "StatusCode", rooms: &["http"], reason: "only http.rs knows a status code" },
    Wall { word: "HeaderMap", rooms: &["http"], reason: "only http.rs knows a header" },
    Wall { word: ".journal(", rooms: &["verbs"], reason: "only verbs.rs writes the journal" },
    Wall { word: "Stmt::new", rooms: &["store"], reason: "only store.rs holds SQL" },
    Wall { word: "std::fs", rooms: &["http"], reason: "a line reads no files: bytes are handed to it" },
    Wall { word: "SystemTime", rooms: &[], reason: "the time is in Ctx" },
    Wall {
        word: "StoreError::Conflict",
        rooms: &[],
        reason: "returned, it runs nothing again: say tx.again()",
    },
];

/// What the pure crate may lean on, and words it never says.
const KERNEL_NEEDS: &[&str] =
    &["hex", "jiff", "proptest", "serde", "serde_json", "sha2", "thiserror", "uuid"];
const KERNEL_NEVER: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "println!",
    "eprintln!",
    "async ",
    "tokio",
];

/// The siblings a crate may know. `muster` is the only one that knows them all.
const SIBLINGS: &[(&str, &[&str])] = &[
    ("muster-kernel", &[]),
    ("muster-store", &["muster-kernel"]),
    ("muster-sheet", &["muster-kernel"]),
    ("muster-print", &[]),
    ("muster-seal", &[]),
];

#[test]
fn every_line_of_code_is_in_its_room() {
    let mut faults = Vec::new();
    for (path, text) in sources("src") {
        faults.extend(faults_of(&path, &text));
        // A door nobody walks through any more is bricked up.
        for (_, words, _) in DOORS.iter().filter(|(file, _, _)| *file == path) {
            let unused = words.iter().filter(|word| Code::of(&text).lines_with(word).next().is_none());
            faults.extend(unused.map(|word| format!("{path}: `{word}` needs no door in DOORS")));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_line_has_been_thought_about() {
    let lines = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lines"));
    for entry in lines.into_iter().flatten().flatten().filter(|e| e.path().is_dir()) {
        let name = entry.file_name();
        assert!(
            MAY_CALL.iter().any(|(line, _)| name == *line),
            "lines/{} is not in MAY_CALL: whose front door may it call?",
            name.display()
        );
    }
}

#[test]
fn the_kernel_is_pure_and_crates_know_only_their_siblings() {
    let mut faults = Vec::new();
    for (name, may_know) in SIBLINGS {
        let manifest = read(&format!("../{name}/Cargo.toml"));
        let needs = || needs(&manifest);
        for need in needs().filter(|need| need.starts_with("muster") && !may_know.contains(need)) {
            faults.push(format!("{name} knows {need}"));
        }
        if *name == "muster-kernel" {
            faults.extend(
                needs().filter(|n| !KERNEL_NEEDS.contains(n)).map(|n| format!("{name} leans on {n}")),
            );
        }
    }
    for (path, text) in sources("../muster-kernel/src") {
        let code = Code::of(&text);
        for word in KERNEL_NEVER {
            faults
                .extend(code.lines_with(word).map(|no| format!("{path}:{no}: `{word}`: the kernel is pure")));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// A wall that lets everything through is none: each kind of fault is shown to be found.
#[test]
fn the_walls_hold() {
    let check = |path: &str, text: &str, expected: Option<&str>| {
        let faults = faults_of(path, text).join("\n");
        match expected {
            Some(part) => assert!(faults.contains(part), "{path}: {text}: found only: {faults}"),
            None => assert_eq!(faults, "", "{path}: {text}"),
        }
    };
    check("lines/org/verbs.rs", "let a = \"select id from unit\";", Some("SQL"));
    check("lines/org/verbs.rs", "let a = r#\"\n  insert into unit values (1)\"#;", Some("SQL"));
    check("serve/router.rs", "x(\"delete from unit\")", Some("SQL"));
    check("lines/org/store.rs", "x(\"delete from unit\")", None);
    check("lines/org/store/edges.rs", "Stmt::new(\"a\", \"update unit set a = 1\")", None);
    check("lines/command/notice/store.rs", "x(\"delete from notice\")", None);
    check("lines/command/notice/verbs.rs", "x(\"delete from notice\")", Some("SQL"));
    check("lines/command/notice/recognise/scope.rs", "async fn a() {}", Some("synchronous"));
    check("lines/org/http.rs", "// select id from unit\nlet a = \"select a file\";", None);
    check("lines/org/verbs.rs", "async fn a() {}", Some("synchronous"));
    check("lines/org/http.rs", "async fn a() { b().await }", None);
    check("lines/org/verbs.rs", "fn a() {}\n#[cfg(test)]\nmod tests { async fn b() {} }", None);
    check("lines/reporting/jobs.rs", "tx.journal(entry)", Some("journal"));
    check("request/ctx.rs", "tx.journal(entry)", Some("journal"));
    check("lines/reporting/verbs/close.rs", "tx.journal(entry)", None);
    check("lines/org/verbs.rs", "use crate::lines::reporting;", Some("reporting"));
    check("lines/reporting/verbs.rs", "use crate::lines::{access, org};", Some("access"));
    check("lines/org/verbs.rs", "use crate::lines::{operation, access::{Account, role}};", Some("access"));
    check("lines/reporting/verbs.rs", "use crate::lines::org::{Standing, standing_on};", None);
    check("lines/reporting/verbs.rs", "crate::lines::org::store::unit_get(tx)", Some("front door"));
    check("lines/reporting/verbs.rs", "use crate::lines::org::{self, store::unit_get};", Some("front door"));
    check(
        "lines/reporting/check.rs",
        "let c = '\"'; let s = \"// no comment\"; x.await",
        Some("synchronous"),
    );
}

/// All faults of one file of `src/`, as `path:line: reason`.
fn faults_of(path: &str, text: &str) -> Vec<String> {
    let code = Code::of(text);
    let mut faults = Vec::new();
    let mut fault = |no: usize, reason: &str| faults.push(format!("{path}:{no}: {reason}"));
    let (line, room) = place_of(path);
    if room != "store" {
        for (no, _) in code.strings.iter().filter(|(_, s)| is_sql(s)) {
            fault(*no, "SQL stands in store.rs and nowhere else");
        }
    }
    for wall in WALLS.iter().filter(|wall| !wall.rooms.contains(&room)) {
        // Outside the lines only two walls run: SQL, and the journal.
        let open = DOORS.iter().any(|(file, words, _)| *file == path && words.contains(&wall.word));
        if !open && (line.is_some() || wall.rooms == ["verbs"] || wall.rooms == ["store"]) {
            code.lines_with(wall.word).for_each(|no| fault(no, wall.reason));
        }
    }
    if let Some(line) = line {
        let may = MAY_CALL.iter().find(|(name, _)| *name == line).map_or(&[][..], |(_, may)| may);
        for (no, other, inner) in code.calls_to_lines() {
            if other != line && !may.contains(&other.as_str()) {
                fault(no, &format!("{line} may not call {other}"));
            }
            if other != line && inner.iter().any(|name| ROOMS.contains(&name.as_str())) {
                fault(no, &format!("past the front door of {other}"));
            }
        }
    }
    faults
}

/// The mission line a file belongs to, and its room there (`lines/org/store/edges.rs`: org, store). A line may hold
/// folders for its nouns, each with the same rooms (`lines/command/notice/store.rs`: command, store).
fn place_of(path: &str) -> (Option<&str>, &str) {
    let mut parts = path.split('/');
    match parts.next() {
        Some("lines") => {
            let line = parts.next();
            let names: Vec<&str> = parts.map(|part| part.trim_end_matches(".rs")).collect();
            let room = names.iter().find(|name| ROOMS.contains(name)).or(names.first());
            (line.filter(|l| !l.ends_with(".rs")), room.copied().unwrap_or_default())
        }
        _ => (None, path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs")),
    }
}

/// Whether a string is SQL: by how it begins, so that "select a file" is not.
fn is_sql(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().take(40).map(str::to_lowercase).collect();
    let has = |word: &str| words.iter().any(|w| w == word);
    match words.first().map(String::as_str) {
        Some("select") => has("from") || has("where"),
        Some("insert") => words.get(1).is_some_and(|w| w == "into"),
        Some("delete") => words.get(1).is_some_and(|w| w == "from"),
        Some("update") => has("set"),
        Some("with") => has("as") && has("select"),
        Some("create" | "drop" | "alter") => words.get(1).is_some_and(|w| w == "table" || w == "index"),
        _ => false,
    }
}

/// Source text with comments, tests and string contents set aside.
struct Code {
    code: String,
    /// Line number and content of each string literal.
    strings: Vec<(usize, String)>,
}

impl Code {
    fn of(text: &str) -> Code {
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
        let (mut code, mut strings) = (String::new(), Vec::new());
        let chars: Vec<char> = text.chars().collect();
        let (mut i, mut line) = (0, 1);
        while i < chars.len() {
            let rest = &chars[i..];
            let taken = if rest.starts_with(&['/', '/']) {
                rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
            } else if rest.starts_with(&['/', '*']) {
                rest.windows(2).position(|w| w == ['*', '/']).map_or(rest.len(), |n| n + 2)
            } else if let Some((skip, length, all)) = string_at(rest, i > 0 && is_word(chars[i - 1])) {
                strings.push((line, rest[skip..skip + length].iter().collect()));
                code.push_str("\"\"");
                all
            } else if let Some(all) = char_at(rest) {
                code.push_str("' '");
                all
            } else {
                code.push(rest[0]);
                line += usize::from(rest[0] == '\n');
                i += 1;
                continue;
            };
            let breaks = rest[..taken].iter().filter(|c| **c == '\n').count();
            code.extend(std::iter::repeat_n('\n', breaks));
            line += breaks;
            i += taken;
        }
        Code { code, strings }
    }

    /// Numbers of the lines that say `word`.
    fn lines_with(&self, word: &str) -> impl Iterator<Item = usize> {
        self.code.lines().enumerate().filter(move |(_, l)| l.contains(word)).map(|(n, _)| n + 1)
    }

    /// Each mention of another line: line number, its name, and the names that follow it in the path.
    fn calls_to_lines(&self) -> Vec<(usize, String, Vec<String>)> {
        let mut calls = Vec::new();
        for (at, _) in self.code.match_indices("lines::") {
            let no = self.code[..at].matches('\n').count() + 1;
            let path = &self.code[at + "lines::".len()..];
            if let Some(group) = path.strip_prefix('{') {
                let end = closing(group);
                for item in split_top(&group[..end]) {
                    calls.extend(call(no, item));
                }
            } else {
                let end = path.find([';', '(', ')', '>', ' ']).unwrap_or(path.len());
                // `org::{self, store::x};` has blanks inside its braces.
                let end =
                    path.find('{').filter(|b| *b < end).map_or(end, |b| b + 1 + closing(&path[b + 1..]));
                calls.extend(call(no, &path[..end]));
            }
        }
        calls
    }
}

fn call(no: usize, path: &str) -> Option<(usize, String, Vec<String>)> {
    let mut names = path.split(|c: char| !is_word(c)).filter(|n| !n.is_empty()).map(str::to_owned);
    Some((no, names.next()?, names.collect()))
}

/// Where the brace closes that stands just before `text`.
fn closing(text: &str) -> usize {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The items between commas that are in no inner brace.
fn split_top(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut items) = (0, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    items.push(&text[from..]);
    items
}

/// A string literal at the start of `rest`: where its content begins, how long it is, and how long the whole is.
fn string_at(rest: &[char], after_word: bool) -> Option<(usize, usize, usize)> {
    if rest[0] == 'r' && !after_word {
        let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
        if rest.get(1 + hashes) == Some(&'"') {
            let from = hashes + 2;
            let mut end = vec!['"'];
            end.extend(std::iter::repeat_n('#', hashes));
            let length = rest[from..].windows(end.len()).position(|w| w == end)?;
            return Some((from, length, from + length + end.len()));
        }
    }
    if rest[0] != '"' {
        return None;
    }
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    let end = at.min(rest.len());
    Some((1, end - 1, (end + 1).min(rest.len())))
}

/// A character literal at the start of `rest`, told from a lifetime by its closing quote.
fn char_at(rest: &[char]) -> Option<usize> {
    match rest {
        ['\'', '\\', ..] => rest[2..].iter().skip(1).position(|c| *c == '\'').map(|n| n + 4),
        ['\'', _, '\'', ..] => Some(3),
        _ => None,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Names under the dependency tables of a manifest.
fn needs(manifest: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    manifest.lines().filter_map(move |line| {
        if line.starts_with('[') {
            inside = line.contains("dependencies");
        }
        let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
        (inside && !name.is_empty() && !name.starts_with(['[', '#'])).then_some(name)
    })
}

/// Every Rust file below a folder of this crate, with its path from there; tests are none of the house's rooms.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (mut open, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())).flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                open.extend((name != "tests").then_some(path));
            } else if path.extension().is_some_and(|e| e == "rs") && name != "tests.rs" {
                let short = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
                found.push((short, fs::read_to_string(&path).unwrap_or_default()));
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
