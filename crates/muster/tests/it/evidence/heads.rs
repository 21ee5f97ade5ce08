//! Signed heads: what a hand that may write the database, or the folder, could do, and that each is told.

use super::served::Served;
use crate::command::{Folder, begun, muster};
use muster::heads::{LineFaultKind, append, check, key_make, key_read, public_read};
use muster::migrations::MIGRATIONS;
use muster_store::testdb::each_store;
use muster_store::{Db, Entry, SavedHead, SavedHeads, Stmt, Stored, args, heads, journal_after, verify};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

const MIDNIGHT_MS: i64 = 1_580_688_000_000;

/// A folder with a key, and a place for heads.
struct Desk {
    _folder: Folder,
    key: PathBuf,
    public: PathBuf,
    heads: PathBuf,
}

impl Desk {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let key = PathBuf::from(folder.path("heads.key"));
        let (public, _) = key_make(&key).unwrap();
        Self { key, public, heads: folder.path("heads").into(), _folder: folder }
    }
    fn sign(&self, at: i64, heads: Vec<SavedHead>) {
        append(&self.heads, &key_read(&self.key).unwrap(), at, heads).unwrap();
    }
    /// Kinds of what is wrong with the lines.
    fn faults(&self) -> Vec<LineFaultKind> {
        let checked = check(&self.heads, &public_read(&self.public).unwrap()).unwrap();
        assert_eq!(checked.faults_all, checked.faults.len() as u64);
        checked.faults.into_iter().map(|fault| fault.kind).collect()
    }
    fn file(&self, day: &str) -> PathBuf {
        self.heads.join(format!("heads-{day}.jsonl"))
    }
    /// Rewrites the lines of a day.
    fn rewrite(&self, day: &str, change: impl Fn(&mut Vec<String>)) {
        let text = std::fs::read_to_string(self.file(day)).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        change(&mut lines);
        std::fs::write(self.file(day), lines.join("\n") + "\n").unwrap();
    }
}

fn head(no: i64) -> Vec<SavedHead> {
    vec![SavedHead { bucket: 1, lane: 0, no, hash: format!("sha256-1:{no:064x}") }]
}

/// Three lines on one day, two on the next.
fn five(name: &str) -> Desk {
    let desk = Desk::new(name);
    for (at, no) in [(0, 3), (3_600_000, 5), (7_200_000, 5), (86_400_000, 9), (90_000_000, 12)] {
        desk.sign(MIDNIGHT_MS + at, head(no));
    }
    desk
}

#[test]
fn what_is_signed_is_whole_over_days_and_a_key_is_its_owners() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
    let desk = five("heads-whole");
    assert_eq!(desk.faults(), []);
    assert!(desk.file("2020-02-03").exists() && desk.file("2020-02-04").exists());
    let checked = check(&desk.heads, &public_read(&desk.public).unwrap()).unwrap();
    assert_eq!((checked.lines, checked.last_at), (5, Some(MIDNIGHT_MS + 90_000_000)));
    assert_eq!(checked.heads.len(), 4, "a head that did not move is the same");
    assert_eq!(std::fs::metadata(&desk.key).unwrap().mode() & 0o777, 0o600);
    assert!(key_make(&desk.key).is_err(), "never over a file");
    std::fs::set_permissions(&desk.key, PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(key_read(&desk.key).unwrap_err().code, "heads.key_open");
    assert_eq!(public_read(&desk.key).unwrap_err().code, "heads.key");
    // A clock that was put back writes on in the last file.
    std::fs::set_permissions(&desk.key, PermissionsExt::from_mode(0o600)).unwrap();
    desk.sign(MIDNIGHT_MS, head(13));
    assert_eq!(desk.faults(), []);
}

#[test]
fn a_line_that_was_changed_taken_out_or_put_in_is_told() {
    use LineFaultKind::{Broken, Gap, LaneBack, Signature, Unreadable};
    type Hand = fn(&Desk);
    let hands: [(&str, Hand, &[LineFaultKind]); 9] = [
        (
            "a number",
            |d| d.rewrite("2020-02-03", |l| l[1] = l[1].replace("\"no\":5", "\"no\":4")),
            &[Signature, Broken],
        ),
        (
            "the instant",
            |d| d.rewrite("2020-02-04", |l| l[1] = l[1].replace("\"at\":", "\"at\":1")),
            &[Signature],
        ),
        ("one missing", |d| d.rewrite("2020-02-03", |l| drop(l.remove(1))), &[Gap, Broken]),
        ("the first missing", |d| d.rewrite("2020-02-03", |l| drop(l.remove(0))), &[Gap, Broken]),
        ("a day missing", |d| std::fs::remove_file(d.file("2020-02-03")).unwrap(), &[Gap, Broken]),
        (
            "two changed about",
            |d| d.rewrite("2020-02-03", |l| l.swap(0, 1)),
            &[Gap, Broken, Gap, Broken, LaneBack, Gap, Broken],
        ),
        ("one twice", |d| d.rewrite("2020-02-04", |l| l.push(l[1].clone())), &[Gap, Broken]),
        (
            "words put in",
            |d| d.rewrite("2020-02-03", |l| l.insert(1, "nothing to see".into())),
            &[Unreadable, Broken],
        ),
        ("words at the end", |d| d.rewrite("2020-02-04", |l| l.push("{}".into())), &[Unreadable]),
    ];
    for (what, hand, expected) in hands {
        let desk = five("heads-hand");
        hand(&desk);
        assert_eq!(desk.faults(), expected, "{what}");
    }
}

#[test]
fn another_key_signs_nothing_and_a_line_that_a_crash_tore_is_no_fault() {
    let (desk, other) = (five("heads-key"), Desk::new("heads-other"));
    let checked = check(&desk.heads, &public_read(&other.public).unwrap()).unwrap();
    assert_eq!((checked.lines, checked.faults_all), (0, 5));
    assert!(checked.heads.is_empty(), "what nobody signed says nothing of the journal");
    let file = desk.file("2020-02-04");
    let mut text = std::fs::read_to_string(&file).unwrap();
    text += &text.clone()[..100];
    std::fs::write(&file, text).unwrap();
    desk.sign(MIDNIGHT_MS + 100_000_000, head(20));
    let checked = check(&desk.heads, &public_read(&desk.public).unwrap()).unwrap();
    assert_eq!((checked.lines, checked.torn, checked.faults_all), (6, 1, 0));
    // Unless it is not as it was when the next was signed.
    desk.rewrite("2020-02-04", |lines| lines[2].push('x'));
    assert_eq!(desk.faults(), [LineFaultKind::Unreadable, LineFaultKind::Broken]);
}

fn journal(db: &Db, entries: u8) {
    for n in 0..entries {
        let write = move |tx: &mut muster_store::Tx<'_>| {
            tx.journal(Entry {
                operation: 1,
                actor: "account:7",
                action: "test.do",
                subject: "unit:1",
                prev: None,
                request: None,
                body: vec![n],
            })
        };
        db.write_blocking("test.journal", MIDNIGHT_MS + i64::from(n), write).unwrap();
    }
}

/// The hash of an entry, as anybody can make it who knows how.
fn chained(before: &[u8], e: &Stored) -> Vec<u8> {
    let mut sha = Sha256::new_with_prefix([1]);
    let mut part = |bytes: &[u8]| {
        sha.update((bytes.len() as u64).to_le_bytes());
        sha.update(bytes);
    };
    part(before);
    for n in [i64::from(e.bucket), i64::from(e.link.lane), e.link.no, e.at, e.operation] {
        part(&n.to_le_bytes());
    }
    for text in [&e.actor, &e.action, &e.subject] {
        part(text.as_bytes());
    }
    part(&[]);
    part(&[]);
    part(&Sha256::digest(&e.body));
    [vec![1], sha.finalize().to_vec()].concat()
}

/// Writes a lane anew from an entry on, with another actor there and fresh hashes to the end.
fn forge(db: &Db, lane: i32, from: i64) {
    const ENTRY: Stmt =
        Stmt::new("test.entry", "update journal set actor = $1, hash = $2 where lane = $3 and no = $4");
    const LANE: Stmt = Stmt::new("test.lane", "update lane set head = $1 where lane = $2");
    let mut entries = db.read_blocking("test.all", move |rx| journal_after(rx, 1, lane, 0, 1_000)).unwrap();
    let mut before = Vec::new();
    for entry in &mut entries {
        if entry.link.no == from {
            entry.actor = "account:8".into();
        }
        let hash = chained(&before, entry);
        assert!(entry.link.no >= from || hash == entry.hash, "the story knows how hashes are made");
        entry.hash.clone_from(&hash);
        before = hash;
    }
    let write = move |tx: &mut muster_store::Tx<'_>| {
        for entry in &entries {
            tx.exec(&ENTRY, args![&entry.actor, &entry.hash, entry.link.lane, entry.link.no])?;
        }
        tx.exec(&LANE, args![&before, lane])
    };
    db.write_blocking("test.forge", 0, write).unwrap();
}

/// Rechained, `verify` alone finds nothing; the signed heads tell, and which is the first that fails.
#[test]
fn a_journal_that_was_written_anew_is_told_with_the_first_head_that_fails() {
    each_store(MIGRATIONS, |at| {
        let desk = Desk::new("heads-journal");
        let sign = |n: i64| {
            let ends = at.db.read_blocking("test.heads", |rx| heads(rx)).unwrap();
            desk.sign(MIDNIGHT_MS + n * 3_600_000, SavedHeads::new(0, &ends).heads);
        };
        journal(&at.db, 5);
        sign(0);
        journal(&at.db, 5);
        sign(1);
        journal(&at.db, 5);
        sign(2);
        journal(&at.db, 2);
        let (public, folder) = (desk.public.display().to_string(), desk.heads.display().to_string());
        let ask = || {
            let out = muster(&at.config.url, &["heads", "check", "--public", &public, &folder, "--json"]);
            let said: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{out:?}"));
            (out.status.code(), said)
        };
        let (code, said) = ask();
        assert_eq!(
            (code, &said["lines"], &said["faults_all"]),
            (Some(0), &Value::from(3), &Value::from(0)),
            "{said}"
        );
        // The longest lane, from an entry on that the second head covers and the first does not.
        let end = |n: usize| -> (i32, i64) {
            let lines = check(&desk.heads, &public_read(&desk.public).unwrap()).unwrap().heads;
            let of = lines
                .iter()
                .filter(|(line, ..)| *line == n as u64 + 1)
                .map(|(_, _, head)| (head.lane, head.no));
            of.max_by_key(|(_, no)| *no).unwrap()
        };
        let (lane, second) = end(1);
        forge(&at.db, lane, second);
        assert_eq!(verify(&at.db, None).unwrap(), [], "the chains alone are whole");
        let (code, said) = ask();
        assert_eq!(code, Some(1), "{said}");
        let first = &said["journal"]["first_head_failing"];
        assert_eq!(
            (&first["line"], &first["no"], &first["lane"]),
            (&Value::from(2), &Value::from(second), &Value::from(lane)),
            "{said}"
        );
        let out = muster(&at.config.url, &["heads", "check", "--public", &public, &folder]);
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(text.contains("first signed head that the journal does not pass through: line 2"), "{text}");
        let lines = muster("none.db", &["heads", "check", "--public", &public, &folder, "--lines-only"]);
        assert_eq!(lines.status.code(), Some(0), "the lines themselves are whole: {lines:?}");
        let old = ["heads", "check", "--public", &public, &folder, "--lines-only", "--no-older-than", "2"];
        assert_eq!(muster("none.db", &old).status.code(), Some(1), "the last is years old");
    });
}

fn about(served: &mut Served) -> Value {
    let (status, said) = served.ask("GET", "/api/v1/about", "", "");
    assert_eq!(status, 200, "{said}");
    serde_json::from_str(said.split("\r\n\r\n").nth(1).unwrap()).unwrap()
}

#[test]
fn a_server_signs_now_and_again_and_at_its_end() {
    let folder = Folder::new("heads-served");
    let database = folder.path("muster.db");
    begun(&database);
    let (key, to) = (folder.path("heads.key"), folder.path("signed"));
    let made = muster(&database, &["heads", "keygen", "--to", &key]);
    assert!(String::from_utf8_lossy(&made.stdout).contains("muster-heads-public-1 "), "{made:?}");
    assert_eq!(
        muster(&database, &["heads", "keygen", "--to", &key]).status.code(),
        Some(1),
        "not written over"
    );
    let public = format!("{key}.pub");
    // Of a printer that is not there a server speaks at its start.
    let printer = folder.file("printer", b"");
    let signs = ["--heads-key", &key, "--heads-to", &to, "--heads-every", "1s", "--printer", &printer];
    let lines = || check(Path::new(&to), &public_read(Path::new(&public)).unwrap()).map_or(0, |c| c.lines);
    let waited = |wanted: u64| {
        for _ in 0..200 {
            if lines() >= wanted {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("{} lines", lines());
    };
    let mut served = Served::start(&database, "error", &signs);
    waited(2);
    let told = about(&mut served)["heads"].clone();
    assert!(told["written_at"].is_string() && told["failing"] == false, "{told}");
    let before = lines();
    let (code, said) = served.stop();
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(lines() > before, "a line at the end");
    // The next server goes on after it.
    let served = Served::start(&database, "error", &signs);
    waited(before + 2);
    drop(served);
    let out = muster(&database, &["heads", "check", "--public", &public, &to, "--no-older-than", "1"]);
    assert_eq!(out.status.code(), Some(0), "{out:?}");
    // One that signs nothing says nothing of it.
    assert_eq!(about(&mut Served::start(&database, "error", &[]))["heads"], Value::Null);
}

#[test]
fn a_folder_that_cannot_be_written_stops_no_server_and_is_said() {
    let folder = Folder::new("heads-denied");
    let database = folder.path("muster.db");
    begun(&database);
    let key = folder.path("heads.key");
    assert!(muster(&database, &["heads", "keygen", "--to", &key]).status.success());
    // A file where the folder should be: nobody, root neither, can write into it.
    let to = folder.file("signed", b"");
    let mut served =
        Served::start(&database, "error", &["--heads-key", &key, "--heads-to", &to, "--heads-every", "1s"]);
    let told = about(&mut served)["heads"].clone();
    assert_eq!((&told["failing"], &told["written_at"]), (&Value::from(true), &Value::Null), "{told}");
    assert!(!told.to_string().contains("signed"), "where it lies is nobody's business: {told}");
    std::fs::remove_file(&to).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    assert_eq!(about(&mut served)["heads"]["failing"], false, "it is tried again");
    let (code, said) = served.stop();
    assert_eq!(code, Some(0));
    assert!(said.contains("could not be signed") && said.contains(&to), "{said}");
}

#[test]
fn a_command_line_that_is_wrong_is_refused_before_anything_is_done() {
    let folder = Folder::new("heads-line");
    let database = folder.path("muster.db");
    begun(&database);
    let key = folder.file("not-a-key", b"something else\n");
    let code = |args: &[&str]| muster(&database, args).status.code();
    assert_eq!(code(&["serve", "--heads-to", "x"]), Some(2));
    assert_eq!(code(&["serve", "--heads-key", &key]), Some(2));
    for every in ["0s", "25h", "soon", "-1h", ""] {
        let args = ["serve", "--heads-key", &key, "--heads-to", "x", "--heads-every", every];
        assert_eq!(code(&args), Some(2), "{every}");
    }
    let served =
        muster(&database, &["serve", "--listen", "127.0.0.1:0", "--heads-key", &key, "--heads-to", "x"]);
    let said = String::from_utf8_lossy(&served.stderr).into_owned();
    assert!(served.status.code() == Some(3) && said.contains("heads.key"), "{said}");
}
