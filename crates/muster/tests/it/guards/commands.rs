//! Every command, done on the machine itself. Whoever stands there is the office of the whole: what a command changes it
//! enters as `system:cli`, and what only asks enters nothing.

use crate::command::{Folder, begun, keys};
use crate::words::{all_commands, said};
use jiff::tz::TimeZone;
use muster::lines::access::{Moment, reset_ask};
use muster::migrations::MIGRATIONS;
use muster::seal::Seals;
use muster_kernel::day::rfc3339;
use muster_kernel::{Clock, Day};
use muster_store::testdb::{TestDb, each_store};
use muster_store::{LANES, Rx, StoreError, Stored, journal_after};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Commands that open no database, or where people come in by doors; and where the story of each is.
const ELSEWHERE: &[(&str, &str)] = &[
    ("begin", "begins this story, and is looked at there"),
    ("demo", "serves: its people come in by doors; web/e2e"),
    ("heads check", "reads alone, beside a server that signs: tests/it/evidence/heads.rs"),
    ("heads keygen", "opens no database: tests/it/evidence/heads.rs"),
    ("help", "opens no database"),
    (
        "import cn-divisions",
        "as `import units`, of a folder that lies beside the project: tests/it/org/lists.rs",
    ),
    ("import covid", "an operation of its own, of figures that lie beside the project: tests/it/real.rs"),
    ("install", "opens no database: tests/it/install.rs"),
    ("openapi", "opens no database"),
    ("serve", "serves: people come in by doors; tests/it/serving.rs"),
];

/// Commands of which nothing is held to the journal.
const UNCOVERED: &[&str] = &[];

const NOTICE: &str = "縣教育局傳達部署\n\n會議要求，各學(xué)校要第時(shí)間落實(shí)晨午檢。\n";
const SERVICES: &str = "[[provider]]\nid = \"g1\"\nname = \"Group One\"\nissuer = \"https://id.example\"\n\
                        client_id = \"muster\"\nclient_secret_file = \"secret\"\n";
const UNITS: &str = "code,name,kind,parent\nHQ,Top,unit,\nG1,One,unit,HQ\nG2,Two,unit,HQ\nS1,A,site,G1\n\
                     S2,B,site,G1\nS3,C,site,G1\nS4,D,site,G1\nS5,E,site,G1\n";
/// Asked before the day on which the story is told, so that a day is over that can be frozen.
const FORMS: &str = r#"{"elements": [{"code": "masks", "names": {"zh-Hans": "口罩"}, "class": "state",
    "value_type": {"kind": "integer"}, "unit": "piece", "over_units": "sum", "over_time": "last",
    "owner": "office", "purpose": "x", "since": "2020-02-01"}],
    "forms": [{"code": "paper", "names": {"zh-Hans": "日报"}, "items": [{"element": "masks", "required": true}],
    "counting": "parts", "as_of_min": 720, "cut_off_min": 900, "since": "2020-02-01"}],
    "assignments": [{"form": "paper", "unit": "HQ", "kinds": ["site"], "since": "2020-02-01"}]}"#;

/// Who works on the machine.
struct Machine<'a> {
    at: &'a TestDb,
    keys: String,
    all: Vec<String>,
    done: BTreeSet<String>,
}

impl Machine<'_> {
    fn entries(&self) -> Vec<Stored> {
        let read = |rx: &mut Rx<'_>| {
            let mut found = Vec::new();
            for lane in 0..=LANES {
                found.extend(journal_after(rx, 1, lane, 0, 10_000)?);
            }
            Ok::<_, StoreError>(found)
        };
        self.at.db.read_blocking("test.journal", read).unwrap()
    }

    fn run(&mut self, args: &[&str]) -> Value {
        let line = args.join(" ");
        let starts = |command: &&String| line == **command || line.starts_with(&format!("{command} "));
        let command = self.all.iter().filter(starts).max_by_key(|command| command.len());
        self.done.insert(command.unwrap_or_else(|| panic!("no such command: {line}")).clone());
        let mut child = Command::new(env!("CARGO_BIN_EXE_muster"))
            .args(["--database", &self.at.config.url, "--keys", &self.keys, "--json"])
            .args(args)
            .env("MUSTER_LANG", "en")
            .env("MUSTER_LOG", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Those that ask for none do not read it.
        let _ = child.stdin.take().unwrap().write_all(b"a-long-password\n");
        let (code, out, err) = said(&child.wait_with_output().unwrap());
        assert_eq!(code, Some(0), "{line}: {out} {err}");
        serde_json::from_str(&out).unwrap_or(Value::Null)
    }

    /// Does something, which leaves an entry of an action, and all its entries are of the machine's own hand.
    fn does(&mut self, args: &[&str], action: &str) -> Value {
        let before: BTreeSet<_> = self.entries().iter().map(|one| (one.link.lane, one.link.no)).collect();
        let told = self.run(args);
        let new = self.entries().into_iter().filter(|one| !before.contains(&(one.link.lane, one.link.no)));
        let new: Vec<(String, String)> = new.map(|one| (one.action, one.actor)).collect();
        assert!(new.iter().any(|(done, _)| done == action), "{args:?}: {new:?}");
        assert!(new.iter().all(|(_, actor)| actor == "system:cli"), "{args:?}: {new:?}");
        told
    }

    /// Asks something, which leaves nothing.
    fn asks(&mut self, args: &[&str]) -> Value {
        let before = self.entries().len();
        let told = self.run(args);
        assert_eq!(self.entries().len(), before, "{args:?}");
        told
    }
}

/// The machine's own time, by which its commands go.
fn now() -> (i64, Day) {
    let now_ms = Clock::Wall.now_ms();
    (now_ms, Day::of_instant(now_ms, &jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()))
}

fn text(of: &Value) -> String {
    of.as_str().unwrap_or_else(|| panic!("{of}")).to_owned()
}

/// The first of a list of which a field is this.
fn one<'v>(list: &'v Value, key: &str, value: &str) -> &'v Value {
    let found = list["items"].as_array().unwrap().iter().find(|one| one[key] == value);
    found.unwrap_or_else(|| panic!("{key} {value}: {list}"))
}

fn tree_and_forms(machine: &mut Machine<'_>, folder: &Folder) {
    let units = folder.file("units.csv", UNITS.as_bytes());
    machine.does(&["import", "units", &units, "--day", "2020-01-01"], "units.import");
    let book = folder.file("book.csv", "单位,联系电话\nNew,0551-5550109\n".as_bytes());
    machine.does(&["import", "book", &book, "--under", "G2"], "units.import");
    let forms = folder.file("forms.json", FORMS.as_bytes());
    machine.does(&["form", "set", &forms], "form.set");
    let reports = folder.file("reports.csv", b"unit,day,masks\nS1,2020-02-03,9\n");
    machine.does(&["import", "reports", &reports], "report.file");
    machine.does(&["unit", "move", "S5", "--under", "G2"], "unit.move");
    machine.does(&["unit", "close", "S5"], "unit.close");
    machine.does(&["unit", "merge", "S4", "--into", "G2"], "unit.merge");
    machine.does(&["unit", "split", "S3", "--into", "S3A=a", "--into", "S3B=b"], "unit.split");
    machine.does(&["party", "add", "CMD", "--name", "x", "--kind", "command"], "party.create");
    machine.does(&["party", "change", "CMD", "--name", "y"], "party.change");
    machine.does(&["post", "set", "G1", "night", "--name", "x"], "post.set");
    machine.does(&["post", "phone", "G1", "night", "0551-5550100"], "contact.set");
    // What shows a telephone is entered before it is shown.
    machine.does(&["post", "list", "G1"], "contact.read");
    machine.does(&["post", "find", "0551-5550100", "--purpose", "asked for it"], "contact.find");
    machine.does(&["post", "forget", "0551-5550100", "--purpose", "asked for it"], "contact.erase");
    machine.does(&["post", "end", "G1", "night"], "post.set");
}

fn people(machine: &mut Machine<'_>, folder: &Folder) {
    machine.does(&["user", "add", "liu", "--unit", "G1"], "account.set");
    machine.does(&["user", "letter", "liu"], "account.letter");
    machine.does(&["user", "set", "wang", "--role", "viewer", "--unit", "G1"], "account.set");
    let (now_ms, today) = now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let moment = Moment { now_ms, today, operation: 1 };
    let asked = runtime.block_on(reset_ask(&machine.at.db, Seals::of_demo(), moment, "wang".into()));
    machine.does(&["user", "reset", "wang", &asked.unwrap().code], "account.reset");
    folder.file("secret", b"a secret of both\n");
    let services = folder.file("oidc.toml", SERVICES.as_bytes());
    let oidc = ["user", "oidc", "liu", "--oidc", &services];
    let provider = ["--provider", "g1"];
    machine.does(&[&oidc[..], &provider, &["--subject", "s-1"]].concat(), "oidc.link");
    machine.asks(&[&oidc[..], &["--list"]].concat());
    machine.does(&[&oidc[..], &provider, &["--end"]].concat(), "oidc.unlink");
    machine.does(&["user", "data", "liu", "--purpose", "asked for it"], "account.export");
    machine.asks(&["user", "history", "liu"]);
    machine.asks(&["grant", "roles"]);
    let given = machine.does(&["grant", "give", "liu", "viewer", "--unit", "G1"], "grant.give");
    machine.asks(&["grant", "list", "--unit", "G1"]);
    machine.does(&["grant", "end", &text(&given["id"])], "grant.end");
    for (name, role) in [("a1", "system_admin"), ("a2", "security_admin"), ("a3", "audit_admin")] {
        machine.does(&["user", "add", name], "account.set");
        machine.does(&["grant", "give", name, role], "grant.give");
    }
    machine.does(&["grant", "unite"], "access.unite");
    machine.does(&["user", "end", "liu"], "account.end");
    machine.does(&["user", "erase", "wang", "--purpose", "asked for it"], "account.erase");
    machine.asks(&["user", "list"]);
    let links = folder.path("links.csv");
    let address = ["--address", "https://desk.example", "--out", &links];
    machine.does(
        &[&["link", "issue", "--under", "S1", "--alone", "--no-pin"], &address[..]].concat(),
        "link.issue",
    );
    let listed = machine.asks(&["link", "list", "--under", "S1"]);
    machine.does(&["link", "end", &text(&listed["items"][0]["id"])], "link.end");
    machine.asks(&["privacy", "show"]);
    machine.does(&["privacy", "set", "duty_phone", "--keep", "9"], "privacy.set");
    machine.asks(&["finding", "list"]);
    tasks(machine);
    let channel = ["channel", "set", "G1", "duty", "--kind", "folder", "--address", "g1"];
    machine.does(&channel, "channel.set");
    machine.does(&["channel", "test", "G1", "duty"], "channel.test");
    let told = machine.asks(&["outbox", "--unit", "G1", "--state", "waiting"]);
    assert_eq!(told["items"][0]["channel"], "duty", "{told}");
    machine.asks(&["channel", "list", "G1"]);
    machine.does(&["channel", "end", "G1", "duty"], "channel.end");
}

fn tasks(machine: &mut Machine<'_>) {
    // The machine's clock is the wall's.
    let in_days = |days: i64| rfc3339(Clock::Wall.now_ms() + days * 86_400_000, &TimeZone::UTC);
    let (due, later) = (in_days(2), in_days(4));
    let measure =
        text(&machine.does(&["task", "register", "--text", "Check every gate."], "measure.register")["id"]);
    machine.does(&["task", "assign", &measure, "--unit", "G1", "--due", &due], "task.assign");
    machine.asks(&["task", "measures"]);
    machine.asks(&["task", "progress", &measure]);
    let task = text(&machine.asks(&["task", "list", "--measure", &measure])["items"][0]["id"]);
    machine.does(&["task", "step", &task, "sign"], "task.sign");
    machine.does(&["task", "split", &task, "--unit", "S1", "--text", "The east gate."], "task.split");
    machine.does(&["task", "step", &task, "extend", "--due", &later, "--text", "It snows."], "task.extend");
    machine.asks(&["task", "show", &task]);
    machine.asks(&["task", "steps", &task]);
    machine.asks(&["task", "parts", &task]);
    machine.asks(&["task", "waiting"]);
    machine.does(&["task", "step", &task, "withdraw", "--text", "No longer."], "task.withdraw");
}

fn texts_and_figures(machine: &mut Machine<'_>, folder: &Folder) {
    let notice = folder.file("notice.txt", NOTICE.as_bytes());
    let notice = text(&machine.does(&["notice", "import", &notice], "notice.import")["id"]);
    machine.asks(&["notice", "list"]);
    machine.asks(&["notice", "show", &notice]);
    machine.does(&["notice", "decide", &notice, "1", "accept"], "notice.conjecture.decide");
    for what in [&["units"][..], &["totals", "--day", "2020-02-03"], &["forms"], &["journal"]] {
        machine.asks(&[&["query"], what].concat());
    }
    machine.asks(&["query", "missing"]);
    machine.asks(&["export", "units", &folder.path("out.csv")]);
    machine.asks(&["brief", "--day", "2020-02-03"]);
    machine.does(&["brief", "--day", "2020-02-03", "--freeze"], "brief.freeze");
    machine.asks(&["brief", "compare", "--day", "2020-02-03"]);
    // From now on this is the operation's form.
    machine.does(&["form", "starter"], "form.assign");
    let assigned = machine.asks(&["query", "assignments"]);
    let series = one(&assigned, "form", "daily")["series"].to_string();
    machine.does(&["form", "correct", &series, "--until", "2099-01-01"], "form.reassign");
    machine.does(&["form", "end", "daily"], "form.reassign");
    let (_, today) = now();
    machine.does(&["privacy", "end", &today.to_string(), "--reason", "over"], "privacy.end");
}

fn upkeep(machine: &mut Machine<'_>, folder: &Folder) {
    machine.asks(&["verify", "--deep"]);
    machine.asks(&["rebuild", "--check"]);
    machine.asks(&["rebuild"]);
    machine.asks(&["keys", "show"]);
    machine.asks(&["keys", "check"]);
    // What is sealed stays as it was, under a key that is wrapped anew: nothing of the operation is changed.
    machine.asks(&["keys", "rotate"]);
    // PostgreSQL has its own program for that, which is told.
    match machine.at.config.url.starts_with("postgres") {
        true => assert!(machine.done.insert("backup".to_owned())),
        false => assert!(!machine.asks(&["backup", &folder.path("copy.db")]).is_null()),
    }
}

#[test]
fn what_is_done_on_the_machine_is_the_machines_own_deed() {
    assert!(UNCOVERED.is_empty());
    each_store(MIGRATIONS, |at| {
        let folder = Folder::new("machine");
        begun(&at.config.url);
        let own = folder.path("own.keys");
        std::fs::copy(keys(), &own).unwrap();
        let mut machine = Machine { at, keys: own, all: all_commands(), done: BTreeSet::new() };
        let began = machine.entries();
        // The beginning is the same at the machine and on the first page: nobody's yet.
        assert!(!began.is_empty() && began.iter().all(|one| one.actor == "system:begin"));
        tree_and_forms(&mut machine, &folder);
        people(&mut machine, &folder);
        texts_and_figures(&mut machine, &folder);
        upkeep(&mut machine, &folder);
        let known = |command: &&String| {
            machine.done.contains(*command)
                || ELSEWHERE.iter().any(|(elsewhere, _)| elsewhere == command)
                || UNCOVERED.contains(&command.as_str())
        };
        let left: Vec<_> = machine.all.iter().filter(|command| !known(command)).collect();
        assert!(left.is_empty(), "neither done here nor elsewhere: {left:?}");
    });
}
