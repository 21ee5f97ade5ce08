//! Somebody who has the database's password changes it past the program: a byte of each column of each table, a row
//! taken out, a row put in. `muster verify` and `--deep` find all of it, or the table below says why not.
//!
//! The tables are those of the schema: one that is not in [`TABLES`] fails the test, and so does a column that is let off
//! without being there.

use crate::cast::{Cast, TODAY, Terms, day, names, told_with, unit_id};
use crate::command::{Folder, muster};
use crate::house::{House, story};
use crate::notice::PAGE;
use crate::stores::columns;
use crate::verify::lived;
use muster::lines::access::{self, Account, Role, account_set, password_hash};
use muster::lines::operation::operation_set;
use muster::lines::org::{self, Party, PartyPatchDraft};
use muster::lines::reporting::{BookShelf, Reassign};
use muster::lines::{brief, privacy, reporting};
use muster::say;
use muster::verify::deep;
use muster_kernel::{Day, Digest, Locale};
use muster_store::{Db, DbConfig, Dialect, Entry, Stmt, Tx, verify};
use serde_json::json;
use std::collections::BTreeSet;

/// A table, and how it is tampered with.
struct Table {
    name: &'static str,
    /// Which row.
    row: &'static str,
    /// What a copy of that row says otherwise, so that it is another row: column, expression.
    copy: &'static [(&'static str, &'static str)],
    /// Columns that are changed otherwise than by one more or one letter more.
    change: &'static [(&'static str, &'static str)],
    /// More that is done to it.
    more: &'static [&'static str],
    /// What is not found, and why: columns, `insert`, `delete`.
    off: &'static [(&'static str, &'static str)],
    /// Why the whole table is left out.
    out: Option<&'static str>,
}

const fn table(
    name: &'static str,
    row: &'static str,
    copy: &'static [(&'static str, &'static str)],
) -> Table {
    Table { name, row, copy, change: &[], more: &[], off: &[], out: None }
}

const fn out(name: &'static str, why: &'static str) -> Table {
    Table { out: Some(why), ..table(name, "", &[]) }
}

const S111: &str = "unit = (select id from unit where code = 'S111')";

const TABLES: &[Table] = &[
    // The chains.
    Table {
        change: &[("lane", "lane + 50")],
        off: &[("turn", "only says whether what a writer remembers of its totals still holds")],
        ..table(
            "lane",
            "no > 0 and lane = (select min(lane) from lane where no > 0)",
            &[("lane", "lane + 50")],
        )
    },
    Table {
        change: &[("lane", "lane + 50"), ("no", "no + 100000")],
        ..table("journal", "action = 'report.correct'", &[("no", "no + 100000")])
    },
    out("migration", "every start holds it against the program, and refuses"),
    out("request_key", "answers to be given again to whoever asks the same again; they end after a week"),
    // The operation, and who may log in.
    table("operation", "id = 1", &[("id", "id + 1"), ("code", "'x'")]),
    Table {
        change: &[("until", "until - 1")],
        ..table("account", "id = 'a-1'", &[("id", "'x' || id"), ("name_index", "null")])
    },
    table("privacy_rule", "field = 'duty_phone'", &[("field", "'x' || field")]),
    table("privacy_end", "operation = 1", &[("operation", "operation + 1")]),
    out("account_plain", "names as an older version kept them; empty once the program has served"),
    Table {
        change: &[("until", "until - 1"), ("post", "5, account = ''")],
        ..table("access_grant", "account = 'a-1' and until > 100000", &[("id", "'x' || id")])
    },
    table("access_separation", "operation = 1", &[("operation", "operation + 1")]),
    Table {
        change: &[("expires_at", "expires_at + 1"), ("ended_at", "1")],
        off: &[
            ("token_hash", "what opens it stands in the link alone, which is kept nowhere"),
            ("pin_hash", "goes with what stands in the link"),
            ("tries", "wrong PINs since the last right one"),
            ("tried_at", "goes with the wrong PINs"),
        ],
        ..table("access_link", "ended_at = 0", &[("id", "'x' || id"), ("token_hash", "'x' || token_hash")])
    },
    Table {
        change: &[("expires_at", "expires_at + 1"), ("ended_at", "1")],
        off: &[("token_hash", "what the program says is kept nowhere"), ("label", "what its owner calls it")],
        ..table("access_token", "ended_at = 0", &[("id", "'x' || id"), ("token_hash", "'x' || token_hash")])
    },
    out("access_token_use", "only tells its owner when a program last asked; it lets nobody in"),
    table("access_oidc", "provider = 'g1'", &[("id", "'x' || id"), ("provider", "'x'")]),
    out(
        "access_oidc_round",
        "a browser that is away for ten minutes; it lets nobody in without what the service says",
    ),
    out("access_totp", "sealed; whether one is asked for stands in the account's history"),
    out("access_browser", "only tells whether somebody guesses from a strange browser; it lets nobody in"),
    out("access_device", "opens a link of one unit and form until that ends, and its opening is journalled"),
    out(
        "access_letter",
        "opens an account whose person was never in, for three days; its writing and opening are journalled",
    ),
    out("access_reset", "waits an hour for an approval, which is journalled, as what comes of it is"),
    out("session", "ends after hours, and with each setting or ending of its account"),
    // The tree.
    Table {
        change: &[("next_unit", "1"), ("next_class", "1"), ("next_ordinal", "1")],
        off: &[("epoch", "counts changes; it says nothing about what there is")],
        ..table("tree", "id = 1", &[("id", "id + 1")])
    },
    Table {
        change: &[("id", "id + 1000"), ("next_ordinal", "1")],
        more: &[
            // Back to the entry before: it said that a telephone is set, and so does the one before that.
            "update unit set
                 last_lane = (select j.prev_lane from journal j where j.lane = last_lane and j.no = last_no),
                 last_no = (select j.prev_no from journal j where j.lane = last_lane and j.no = last_no)
             where code = 'S112'",
        ],
        ..table("unit", "code = 'F11'", &[("id", "id + 1000"), ("code", "'x' || code")])
    },
    Table {
        change: &[("unit", "4711")],
        more: &["insert into unit_edge (unit, since, until, parent, ordinal) values (4711, 1, 2, 1, 9)"],
        ..table("unit_edge", S111, &[("since", "since - 10"), ("until", "since")])
    },
    Table {
        change: &[("unit", "4711"), ("until", "until - 1")],
        ..table("unit_facts", S111, &[("unit", "4711")])
    },
    table("unit_class", "code = 'key'", &[("id", "id + 50"), ("code", "'x' || code")]),
    table("succession", "day > 0", &[("day", "day + 1")]),
    Table {
        change: &[("unit", "4711"), ("until", "until - 1")],
        ..table("standing", S111, &[("unit", "4711")])
    },
    Table { change: &[("class", "class + 50")], ..table("standing_class", S111, &[("class", "class + 50")]) },
    Table {
        change: &[("lane", "lane + 50"), ("no", "no + 100000")],
        ..table("tree_entry", "since = (select max(since) from tree_entry)", &[("no", "no + 100000")])
    },
    table("place_name", "place = (select min(place) from place_name)", &[("place", "place + 1")]),
    Table {
        change: &[("id", "id + 50"), ("unit", "unit + 1")],
        ..table("post", "code = 'night'", &[("id", "id + 50"), ("code", "'x' || code")])
    },
    Table {
        change: &[("post", "post + 50"), ("until", "until - 1")],
        ..table("post_holding", "since = (select max(since) from post_holding)", &[("post", "post + 50")])
    },
    Table {
        change: &[("post", "post + 50")],
        ..table("duty_contact", "post = (select min(post) from duty_contact)", &[("post", "post + 50")])
    },
    out("duty_contact_plain", "what an older version kept: emptied before anything is served"),
    table("seal_unit_key", "unit = (select min(unit) from seal_unit_key)", &[("unit", "unit + 50000")]),
    Table {
        change: &[("subject", "'post:900' || subject")],
        ..table(
            "seal_person_key",
            "subject = (select min(subject) from seal_person_key where subject >= 'post:')",
            &[("subject", "subject || '900'")],
        )
    },
    out("contact_look", "says where entries of the journal stand; what they say is in the chains"),
    table("outside_party", "code = 'H1'", &[("id", "id + 50"), ("code", "'x' || code")]),
    // The book.
    out(
        "book_epoch",
        "counters by which a server knows that it must read again, and a measure of how totals are kept",
    ),
    Table {
        change: &[("id", "id + 50")],
        ..table("element", "code = 'fever'", &[("id", "id + 50"), ("code", "'x' || code")])
    },
    Table {
        change: &[("id", "id + 50")],
        ..table("form", "code = 'daily' and version = 1", &[("id", "id + 50"), ("code", "'x' || code")])
    },
    Table {
        change: &[("id", "id + 50")],
        more: &["update assignment set layout = replace(layout, ']', ',9]') where id = 1"],
        ..table("assignment", "id = 1", &[("id", "id + 50")])
    },
    Table { change: &[("rev", "rev + 7")], ..table("reassigned", "words <> ''", &[("rev", "rev + 7")]) },
    table("layout", "id = 1", &[("id", "id + 50"), ("elements", "'[77]'")]),
    // What was reported.
    Table { change: &[("unit", "unit + 100")], ..table("sheet", "rev = 2", &[("day", "day + 5")]) },
    table("statement", "slot >= 0", &[("day", "day + 5")]),
    table("note", "element = 0", &[("rev", "rev + 7")]),
    Table {
        more: &[
            "insert into correction (bucket, operation, at, lane, no, day, slot, unit, scope, rev)
             select bucket, operation, at, last_lane, last_no, day, slot, unit, scope, rev from sheet
             where unit = (select id from unit where code = 'S112') and rev = 1",
            "delete from correction where rev = 1",
        ],
        ..table("correction", "rev = 2", &[("no", "no + 1000")])
    },
    table("incident", "value > 0", &[("id", "'x' || id")]),
    table("frozen", "form > 0", &[("day", "day + 5")]),
    Table {
        change: &[("node", "node + 471100")],
        off: &[(
            "insert",
            "a node that need not keep its totals as rows may; they are drawn like the others'",
        )],
        ..table("crown", "node = (select min(node) from crown)", &[("node", "node + 471100")])
    },
    Table {
        change: &[("series", "series + 50"), ("node", "node + 471100"), ("since", "since - 1")],
        ..table(
            "expected",
            "node = (select min(node) from expected)
                 and since = (select min(since) from expected where node = (select min(node) from expected))",
            &[("series", "series + 50")],
        )
    },
    Table {
        change: &[("series", "series + 50"), ("node", "node + 471100")],
        off: &[("lane", "the parts of a sum are added; in whose lane one stands does not matter")],
        ..table(
            "total",
            "node = (select min(node) from total) and lane = (select min(lane) from total
                 where node = (select min(node) from total))",
            &[("day", "day + 5")],
        )
    },
    // Superiors' texts.
    table("notice_file", "digest > ''", &[("digest", "'x' || digest")]),
    table("scan_file", "digest > ''", &[("digest", "'x' || digest")]),
    table("report_scan", "rev > 0", &[("rev", "rev + 1")]),
    // What inspectors found.
    table("finding", "id > ''", &[("id", "'x' || id")]),
    table("finding_step", "kind = 'answer'", &[("finding", "'x' || finding")]),
    // What is to be done, by whom, and what became of it.
    table("measure", "n > 0", &[("id", "'x' || id"), ("n", "n + 50")]),
    table("task", "n > 0", &[("id", "'x' || id"), ("n", "n + 50")]),
    table("task_step", "rev = 3", &[("task", "'x' || task"), ("rev", "rev + 50")]),
    // Channels and letters.
    table("channel", "code = 'duty'", &[("id", "'x' || id"), ("code", "'x' || code")]),
    out("channel_pace", "how much went to a channel lately; it only says when more may"),
    Table {
        off: &[
            ("state", "how far it came is the worker's note; what it gave up is journalled"),
            ("attempts", "the worker's note"),
            ("next_at", "the worker's note"),
            ("held", "the worker's note"),
            ("message", "the worker's note"),
            ("lease", "the worker's note"),
            ("parts_sent", "the worker's note"),
            ("error", "the worker's note"),
            ("ended_at", "the worker's note"),
        ],
        ..table("letter", "kind = 'test'", &[("id", "'x' || id"), ("key", "'x' || key")])
    },
    table("notice", "id > ''", &[("id", "'x' || id"), ("digest", "'x' || digest")]),
    Table { change: &[("n", "n + 50")], ..table("notice_conjecture", "n = 1", &[("n", "n + 50")]) },
    // Frozen days.
    table("brief", "number > 0", &[("day", "day + 5"), ("number", "number + 1")]),
    table("brief_document", "lang = 'en'", &[("lang", "'x' || lang")]),
    table(
        "brief_origin",
        "packed is not null and unit = (select max(unit) from brief_origin)
             and period = (select max(period) from brief_origin)",
        &[("unit", "unit + 50")],
    ),
    table("brief_narrative", "rev > 0", &[("day", "day + 5")]),
    table("brief_file", "lang > ''", &[("lang", "'x' || lang")]),
];

/// A day on which everything happens that leaves a row somewhere.
fn lived_fully(cast: &Cast<'_>, folder: &Folder) {
    let house = cast.house;
    let hash = password_hash("a-long-password").unwrap();
    cast.write(move |tx, ctx| {
        org::class_name(tx, ctx, &[("key".to_owned(), names("Key units"))])?;
        let held = Some((day("2020-01-10"), "account:7"));
        org::post_set(tx, ctx, "S112", "night", &names("Night desk"), held)?;
        org::post_set(
            tx,
            ctx,
            "S112",
            "night",
            &names("Night desk"),
            Some((day("2020-02-01"), "account:8")),
        )?;
        let party = Party {
            id: 0,
            code: "H1".into(),
            names: names("Hospital"),
            kind: "hospital".into(),
            place: "340100".parse().ok(),
            opened: None,
            closed: None,
            rev: 0,
        };
        org::party_create(tx, ctx, &party)?;
        let closing = PartyPatchDraft { closed: Some(Some(day("2020-05-01"))), ..PartyPatchDraft::default() };
        let closing = org::check_party_patch(&closing).unwrap();
        org::party_change(tx, ctx, "H1", &closing)?;
        for (id, role) in ["sys", "sec", "aud"].iter().zip(Role::ADMINS) {
            account_set(tx, ctx, &Account::at(id, Role::Viewer, 0), None)?;
            let since = ctx.today();
            let holder = access::Holder::Account((*id).into());
            let draft = access::GrantDraft { holder, role: *role, unit: None, since, until: Day::OPEN_END };
            access::grant_give(tx, ctx, &draft)?;
        }
        let unit = unit_id(tx, "S112")?;
        account_set(tx, ctx, &Account::at("prog", Role::Viewer, unit), None)?;
        let draft = access::TokenDraft { label: "x".into(), scope: vec!["figure.read".into()], days: 9 };
        for says in ["mst_one", "mst_two"] {
            let token = access::token_issue(tx, ctx, "prog", &draft, says)?;
            if says == "mst_one" {
                access::token_end(tx, ctx, "prog", &token.id)?;
            }
        }
        for provider in ["g1", "g2"] {
            let service = access::Service { provider: provider.into(), reading: "sub".into(), unit: None };
            access::oidc_link(tx, ctx, "prog", &service, "s-1")?;
        }
        access::oidc_unlink(tx, ctx, "prog", "g2")?;
        for _ in 0..2 {
            let secret = access::LinkSecret::new(true);
            access::links_issue(tx, ctx, "daily", ctx.now_ms + 86_400_000, &[(unit, secret)])?;
        }
        for role in [Role::Viewer, Role::Filler] {
            let account = Account::at("a-1", role, unit_id(tx, "S112")?);
            account_set(tx, ctx, &account, Some(("liu", Some(&hash))))?;
        }
        operation_set(tx, ctx, |own| own.office = names("The office"))?;
        for days in [9, 10] {
            privacy::rule_set(tx, ctx, "duty_phone", None, Some(days))?;
            privacy::end_set(tx, ctx, day("2020-05-01").plus(days as i32), "it is over then")?;
        }
        Ok(())
    });
    lived(cast);
    for (until, reason) in [("2020-03-01", Some("一个月为限".to_owned())), ("2020-04-01", None)] {
        let change = Reassign { until: Some(day(until)), reason, ..Reassign::default() };
        cast.write(move |tx, ctx| reporting::form_reassign(tx, ctx, 1, &change));
    }
    cast.tree(|tx, ctx| org::unit_merge(tx, ctx, &["F21".to_owned()], "F12", day("2020-02-02")));
    for _ in 0..2 {
        cast.write(|tx, ctx| org::contact_set(tx, ctx, "S112", "night", "0551-0000"));
    }
    let units = folder.file(
        "units.csv",
        "code,name,kind,parent,place,post,duty_phone\nP34,安徽省,place-province,R,340000,,\n\
         S311,丙一工地,site,G2,340102,值班室,0551-5550101\n"
            .as_bytes(),
    );
    let said = muster(&house.url, &["import", "units", &units, "--day", "2020-02-03"]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
    let plain = [("content-type", "text/plain; charset=utf-8")];
    let notice = house.ask("office", "POST", "/notices", &plain, PAGE.into()).json();
    let path = format!("/notices/{}/conjectures/1", notice["id"].as_str().unwrap());
    assert_eq!(house.post("office", &path, json!({ "decision": "accept" })).status.as_u16(), 200);
    let words = json!({ "progress": ["已复工 1 家"] }).to_string().into_bytes();
    let json_type = [("content-type", "application/json")];
    let said = house.ask("office", "PUT", &format!("/briefs/{TODAY}/narrative"), &json_type, words);
    assert_eq!(said.status.as_u16(), 200, "{}", said.json());
    cast.clock("15:30");
    assert_eq!(house.post("office", &format!("/briefs/{TODAY}/freeze"), json!({})).status.as_u16(), 200);
    cast.write(|tx, ctx| {
        let frozen = brief::frozen(tx, ctx, &BookShelf::default(), None, day(TODAY))?;
        brief::file_keep(tx, ctx, &frozen.key, Locale::En, muster_print::Format::Pdf, b"paper")
    });
    let pdf = [("content-type", "application/pdf")];
    let scan = house.ask("office", "PUT", &format!("/reports/S111/{TODAY}/scan"), &pdf, b"%PDF-1.4".to_vec());
    assert_eq!(scan.status.as_u16(), 201, "{}", scan.json());
    cast.write(|tx, ctx| {
        let inspector = Account::at("insp", Role::Inspector, unit_id(tx, "R")?);
        account_set(tx, ctx, &inspector, None)
    });
    let filed = house.journalled("report.file")[0].link;
    let rests = format!("{}/{}", filed.lane, filed.no);
    let found = json!({
        "unit": "S111", "day": TODAY, "kind": "late", "text": "Came at noon.", "evidence": [rests],
    });
    let found = house.post("insp", "/findings", found);
    assert_eq!(found.status.as_u16(), 201, "{}", found.json());
    let path = format!("/findings/{}", found.json()["id"].as_str().unwrap());
    for (who, step, body) in [
        ("office", "answer", json!({ "text": "The line was cut." })),
        ("insp", "close", json!({ "reason": "It was." })),
    ] {
        let said = house.post(who, &format!("{path}/{step}"), body);
        assert_eq!(said.status.as_u16(), 200, "{}", said.json());
    }
    let measure = json!({ "line": { "notice": notice["id"], "n": 1 } });
    let measure = house.post("office", "/measures", measure).json();
    let path = format!("/measures/{}/tasks", measure["id"].as_str().unwrap());
    let hand = json!({ "units": ["S111"], "due": "2020-02-05T18:00:00+08:00" });
    assert_eq!(house.post("office", &path, hand).json()["given"], 1);
    let task = format!("/tasks/{}", cast.get("office", &path)["items"][0]["id"].as_str().unwrap());
    for (step, body) in [
        ("extend", json!({ "reason": "It snows.", "due": "2020-02-07T18:00:00+08:00" })),
        ("report", json!({ "text": "Done.", "evidence": [rests] })),
    ] {
        let said = house.post("office", &format!("{task}/{step}"), body);
        assert_eq!(said.status.as_u16(), 200, "{}", said.json());
    }
    let channel =
        json!({ "kind": "folder", "address": "s112", "quiet_from": "22:00", "quiet_until": "07:00" })
            .to_string()
            .into_bytes();
    let said = house.ask("office", "PUT", "/units/S112/channels/duty", &json_type, channel);
    assert_eq!(said.status.as_u16(), 200, "{}", said.json());
    let said = house.post("office", "/units/S112/channels/duty/test", json!({}));
    assert_eq!(said.status.as_u16(), 201, "{}", said.json());
    // A first report after its day was frozen stands with the corrections.
    cast.clock("16:00");
    cast.say("office", "S121", json!({ "fever": 0 }));
}

/// The database, past the doors and past the program.
pub(crate) struct Beside {
    db: Db,
}

impl Beside {
    pub(crate) fn of(house: &House) -> Self {
        Self { db: Db::open(&DbConfig::for_testing(&house.url)).unwrap() }
    }
    pub(crate) fn run(&self, sql: String) -> Result<u64, String> {
        let sql: &'static str = Box::leak(sql.into_boxed_str());
        let change = move |tx: &mut Tx<'_>| tx.exec(&Stmt::new("test.tamper", sql), &[]);
        self.db.write_blocking("test.tamper", 0, change).map_err(|why| why.to_string())
    }
}

/// What is wrong with a database, as the keys of the sentences that tell it.
fn found(db: &Db) -> Result<BTreeSet<String>, String> {
    let chains = verify(db, None).map_err(|why| why.to_string())?;
    let deep =
        deep(db, 1, &muster::seal::Seals::of_demo(), &mut |_, _, _| ()).map_err(|why| format!("{why:?}"))?;
    let rows = deep.faults().into_iter().map(|(key, _)| key);
    assert_eq!(rows.len() > 0, deep.faults_all() > 0, "what is counted is told");
    Ok(chains.iter().map(|fault| format!("verify.fault.{}", fault.kind.word())).chain(rows).collect())
}

/// What is done to a table: a name for it, and the SQL.
fn deeds(table: &Table, of: &[(String, &'static str)], dialect: Dialect) -> Vec<(String, String)> {
    let Table { name, row, copy, change, more, off, .. } = table;
    let is_off = |what: &str| off.iter().any(|(column, _)| *column == what);
    let mut deeds = Vec::new();
    for (column, kind) in of.iter().filter(|(column, _)| !is_off(column)) {
        let set = match change.iter().find(|(changed, _)| changed == column) {
            Some((_, set)) => (*set).to_owned(),
            None => match (*kind, dialect) {
                ("text", _) => format!("'x' || coalesce({column}, '')"),
                ("bytes", Dialect::Sqlite) => format!("cast(x'07' || {column} as blob)"),
                ("bytes", Dialect::Postgres) => format!("'\\x07'::bytea || {column}"),
                _ => format!("coalesce({column}, 0) + 1"),
            },
        };
        deeds.push((format!("{name}.{column}"), format!("update {name} set {column} = {set} where {row}")));
    }
    if !is_off("delete") {
        deeds.push((format!("{name} delete"), format!("delete from {name} where {row}")));
    }
    if !is_off("insert") {
        let all: Vec<&str> = of.iter().map(|(column, _)| column.as_str()).collect();
        let said = all.iter().map(|column| {
            copy.iter().find(|(changed, _)| changed == column).map_or(*column, |(_, expression)| expression)
        });
        let said: Vec<&str> = said.collect();
        let (all, said) = (all.join(", "), said.join(", "));
        deeds.push((
            format!("{name} insert"),
            format!("insert into {name} ({all}) select {said} from {name} where {row}"),
        ));
    }
    deeds.extend(more.iter().map(|sql| (format!("{name}: {sql}"), (*sql).to_owned())));
    deeds
}

#[test]
fn whatever_is_done_to_a_table_is_found_or_it_is_said_why_not() {
    told_with(Terms::default(), |cast| {
        let folder = Folder::new("tamper");
        lived_fully(cast, &folder);
        let db = &cast.house.app.db;
        assert_eq!(found(db), Ok(BTreeSet::new()));
        let schema = columns(db);
        let there: BTreeSet<&str> = schema.keys().map(|(table, _)| table.as_str()).collect();
        let known: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
        assert_eq!(
            there, known,
            "each table of the schema stands in TABLES once: held, or left out with the reason"
        );
        let beside = Beside::of(cast.house);
        let mut unseen = Vec::new();
        let mut told = BTreeSet::new();
        for table in TABLES.iter().filter(|table| table.out.is_none()) {
            let name = table.name;
            let of: Vec<(String, &'static str)> = schema
                .iter()
                .filter(|((of, _), _)| of == name)
                .map(|((_, column), (kind, _))| (column.clone(), *kind))
                .collect();
            for (what, why) in table.off {
                let is_there =
                    ["insert", "delete"].contains(what) || of.iter().any(|(column, _)| column == what);
                assert!(is_there && !why.is_empty(), "{name}.{what} is let off and not there");
            }
            beside.run(format!("create table kept as select * from {name}")).unwrap();
            for (deed, sql) in deeds(table, &of, db.dialect()) {
                match beside.run(sql) {
                    Ok(1) => match found(db) {
                        Ok(faults) if !faults.is_empty() => told.extend(faults),
                        other => unseen.push(format!("{deed}: {other:?}")),
                    },
                    other => unseen.push(format!("{deed}: not done: {other:?}")),
                }
                beside.run(format!("delete from {name}")).unwrap();
                beside.run(format!("insert into {name} select * from kept")).unwrap();
            }
            beside.run("drop table kept".to_owned()).unwrap();
        }
        assert!(unseen.is_empty(), "{} unseen:\n{}", unseen.len(), unseen.join("\n"));
        assert_eq!(found(db), Ok(BTreeSet::new()), "all is back");
        for locale in Locale::ALL {
            for key in &told {
                assert!(say::catalogue(locale).contains_key(key.as_str()), "{locale:?}: {key}");
            }
        }
        beside.db.close();
        assert!(!reporting::rebuild(db, 1, 0, true, &mut |_, _| ()).unwrap().differed());
    });
}

/// What an older version wrote is held to what it wrote, and that alone is no fault.
#[test]
fn rows_of_an_older_version_are_held_to_what_it_wrote() {
    told_with(Terms::default(), |cast| {
        lived(cast);
        let beside = Beside::of(cast.house);
        let db = &cast.house.app.db;
        // The names of a class, without the count; duty posts of a file, unnamed; an account's role alone.
        cast.write(|tx, ctx| {
            let mut entry = |action: &'static str, subject: &str, body: &str| {
                tx.journal(Entry {
                    operation: 1,
                    actor: &ctx.actor.to_string(),
                    action,
                    subject,
                    prev: None,
                    request: None,
                    body: body.as_bytes().to_vec(),
                })
            };
            entry("class.name", "tree", r#"[{"code":"key","names":{"zh-Hans":"Key"}}]"#)?;
            entry("contact.set", "tree", r#"{"post":"duty","units":1,"phones":1}"#)?;
            entry("account.set", "account:old", "viewer")?;
            // Before names were sealed, an entry held the name and the password by one hash of both.
            let seal = Digest::of(json!(["wang", null]).to_string().as_bytes()).to_string();
            let named = json!({ "revision": 1, "unit": 1, "since": 0, "until": 9_999_999, "seal": seal });
            entry("account.set", "account:older", &named.to_string())?;
            Ok(())
        });
        for sql in [
            "update unit_class set name_zh_hans = 'Key' where code = 'key'",
            "insert into post (id, unit, code, name_zh_hans, name_zh_hant, name_en)
             select 900, id, 'duty', 'Duty', '', '' from unit where code = 'S112'",
            "insert into duty_contact_plain (post, phone) values (900, '0551')",
            "insert into account (id, unit, password_hash, since, until, rev) values ('old', 1, null, 0, 9999999, 0)",
            "insert into account_plain (id, name) values ('old', 'zhang')",
            "insert into account (id, unit, password_hash, since, until, rev) values ('older', 1, null, 0, 9999999, 1)",
            "insert into account_plain (id, name) values ('older', 'wang')",
            "insert into access_grant (id, account, post, role, unit, operation, since, until, giver, rev)
             values ('old', 'old', 0, 'viewer', 1, 1, 0, 9999999, '', 0)",
        ] {
            assert_eq!(beside.run(sql.to_owned()), Ok(1), "{sql}");
        }
        assert_eq!(muster::wiring::plain_seal(db, &cast.house.app.seals, 0, |_| ()).unwrap(), 3);
        assert_eq!(found(db), Ok(BTreeSet::new()));
        for (sql, back) in [
            (
                "update access_grant set role = 'office' where id = 'old'",
                "update access_grant set role = 'viewer' where id = 'old'",
            ),
            ("update account set rev = 1 where id = 'old'", "update account set rev = 0 where id = 'old'"),
            // Once an operation was journalled whole, one at revision 0 is not an old one.
            ("update operation set rev = 0", "update operation set rev = 2"),
            (
                "update unit_class set name_zh_hans = 'No' where code = 'key'",
                "update unit_class set name_zh_hans = 'Key' where code = 'key'",
            ),
        ] {
            assert_eq!(beside.run(sql.to_owned()), Ok(1), "{sql}");
            assert_ne!(found(db), Ok(BTreeSet::new()), "{sql}");
            assert_eq!(beside.run(back.to_owned()), Ok(1), "{back}");
        }
        assert_eq!(found(db), Ok(BTreeSet::new()));
        beside.db.close();
    });
    // An operation that no entry tells of, in a journal that tells of none.
    story(|house| {
        let beside = Beside::of(house);
        let begun = "insert into operation (id, code, name_zh_hans, name_zh_hant, name_en, office_zh_hans,
             office_zh_hant, office_en, root_unit, zone, form, seed)
             values (1, 'x', 'x', 'x', 'x', 'x', 'x', 'x', 0, 'UTC', '', null)";
        assert_eq!(beside.run(begun.to_owned()), Ok(1));
        assert_eq!(found(&house.app.db), Ok(BTreeSet::new()));
        beside.db.close();
        // Tables of an older version are not read, and not changed by who only looks.
        let lacking = "delete from migration where number = 210".to_owned();
        assert_eq!(Beside::of(house).run(lacking), Ok(1));
        for args in [&["verify", "--deep"][..], &["rebuild", "--check"]] {
            let said = muster(&house.url, args);
            assert_eq!(said.status.code(), Some(3));
            assert!(String::from_utf8_lossy(&said.stderr).contains("[database.older]"));
        }
    });
}
