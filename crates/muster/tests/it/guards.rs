//! Every door, walked by everybody: nobody, a clerk, another group's office, a viewer, the office. The table of
//! `serve/guards.rs` says what must come of it; the contract and the table cover one another exactly; what changes
//! something leaves an entry in the journal, and what was refused leaves none.

mod asked;
mod known;

use crate::cast::{Cast, TODAY, day, element, form, names};
use crate::house::{House, Said, story};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use muster::app::{App, Login};
use muster::lines::access;
use muster::lines::operation::operation_set;
use muster::lines::org::{Facts, NewUnit, PartyDraft, check_party, party_create, unit_create};
use muster::lines::reporting::{Class, Counting, ValueType, form_set};
use muster::serve::guards::{About, DOORS, Door, Guard, Leaves};
use muster_kernel::Day;
use muster_store::{LANES, Rx, journal_after};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Who walks: account of the cast, and whether it stands at the top of the tree.
const WALKERS: &[(&str, access::Role, bool)] = &[
    ("clerk", access::Role::Filler, false),
    ("group", access::Role::Office, false),
    ("viewer", access::Role::Viewer, true),
    ("office", access::Role::Office, true),
    ("inspector", access::Role::Inspector, true),
];

/// A request that the office's own login may send: everything in it is valid. `UNIT` stands for the unit it names, which
/// lies outside the part of the clerk and of the group.
pub(crate) struct Sample {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) unit: &'static str,
    ask: String,
    media_type: &'static str,
    body: String,
}

impl Sample {
    /// Whether it sends JSON.
    pub(crate) fn has_json(&self) -> bool {
        self.media_type == "application/json" && !self.body.is_empty()
    }
    /// Whether it sends a file.
    pub(crate) fn is_file(&self) -> bool {
        !self.media_type.is_empty() && self.media_type != "application/json"
    }
    /// Where it is sent to.
    pub(crate) fn address(&self) -> String {
        self.ask.replace("UNIT", self.unit)
    }
    /// The same door with more words in its question, before those that it has.
    pub(crate) fn asking(&self, words: &str) -> Self {
        let (path, rest) = self.ask.split_once('?').unwrap_or((&self.ask, ""));
        let rest: Vec<&str> =
            rest.split('&').filter(|one| one.split('=').next() != words.split('=').next()).collect();
        Self { ask: format!("{path}?{words}&{}", rest.join("&")), body: self.body.clone(), ..*self }
    }
    /// The same door asked for something else.
    pub(crate) fn other(&self) -> Self {
        match self.body.is_empty() {
            true => Self { ask: format!("{}?form=daily", self.ask), body: String::new(), ..*self },
            false => Self {
                ask: self.ask.clone(),
                body: self.body.replace("\"staff\":7", "\"staff\":8") + "\n",
                ..*self
            },
        }
    }
}

fn get(path: &'static str, ask: &str) -> Sample {
    Sample { method: "GET", path, unit: "F21", ask: ask.to_owned(), media_type: "", body: String::new() }
}

fn send(method: &'static str, path: &'static str, unit: &'static str, ask: &str, body: &Value) -> Sample {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Sample { method, path, unit, ask: ask.to_owned(), media_type: "application/json", body }
}

fn file(path: &'static str, media_type: &'static str, body: &str) -> Sample {
    Sample { method: "POST", path, unit: "S211", ask: path.to_owned(), media_type, body: body.to_owned() }
}

const NOTICE: &str = "縣教育局傳達部署\n\n會議要求，各學(xué)校要第時(shí)間落實(shí)晨午檢。\n";

const FROZEN: &str = "2020-02-02";
/// A day of which F21 has a report, with a scan of its signed page.
const PAST: &str = "2020-02-01";

pub(crate) const STARTER: &str = "/api/v1/forms/starter";

/// What is there for the samples to speak of, and has an id that is drawn.
#[derive(Default)]
pub(crate) struct Held {
    notice: String,
    grant: String,
    code: String,
    link: String,
    finding: String,
    /// What the device holds on which that link was opened.
    pub(crate) device: String,
}

/// Doors that answer whoever is logged in with a refusal: it is their own session, or password, and not theirs.
const REFUSING: &[(&str, &str, &str)] = &[
    ("DELETE", "/session/tokens/{id}", "token.unknown"),
    ("POST", "/session/totp/confirm", "totp.code"),
    ("POST", "/session/totp/end", "totp.code"),
    ("DELETE", "/sessions/{id}", "session.unknown"),
    ("PUT", "/session/password", "session.refused"),
];

/// One request for every door.
pub(crate) fn samples(held: &Held) -> Vec<Sample> {
    let Held { notice, grant, code, link, finding, .. } = held;
    let unit = json!({ "code": "NEW", "names": { "zh-Hans": "新" }, "kind": "site", "parent": "UNIT" });
    let element = serde_json::to_value(element("new", Class::State, ValueType::Integer, "piece")).unwrap();
    let form = serde_json::to_value(form("new", &["elsewhere"], Counting::Parts)).unwrap();
    let row = json!({ "unit": "UNIT", "day": TODAY, "act": "values", "values": { "staff": 7 } });
    let begin = json!({ "office": "x", "account": "x", "password": "long enough" });
    let narrative = json!({ "progress": ["办公室每日调度。"], "problems": [], "next": [] });
    vec![
        get("/about", "/about"),
        get("/accounts", "/accounts"),
        send("POST", "/accounts", "F21", "/accounts", &json!({ "name": "new", "unit": "UNIT" })),
        get("/accounts/{id}", "/accounts/at-UNIT"),
        send("POST", "/accounts/{id}/end", "F21", "/accounts/ends-UNIT/end", &json!({})),
        get("/accounts/{id}/history", "/accounts/at-UNIT/history"),
        send("POST", "/accounts/{id}/letter", "F21", "/accounts/at-UNIT/letter", &Value::Null),
        send("POST", "/accounts/{id}/reset", "F21", "/accounts/forgot-UNIT/reset", &json!({ "code": code })),
        send(
            "POST",
            "/assignments",
            "G2",
            "/assignments",
            &json!({ "form": "third", "unit": "UNIT", "since": TODAY }),
        ),
        get("/assignments", "/assignments"),
        send("PATCH", "/assignments/{series}", "", "/assignments/1", &json!({ "until": "2020-02-20" })),
        get("/briefs", "/briefs"),
        get("/briefs/{day}", &format!("/briefs/{FROZEN}")),
        get("/briefs/{day}/compare", &format!("/briefs/{FROZEN}/compare")),
        get("/briefs/{day}/file", &format!("/briefs/{FROZEN}/file?format=pdf")),
        send("POST", "/briefs/{day}/freeze", "", "/briefs/2020-02-01/freeze", &Value::Null),
        get("/briefs/{day}/lineage", &format!("/briefs/{FROZEN}/lineage?unit=UNIT")),
        get("/briefs/{day}/narrative", &format!("/briefs/{FROZEN}/narrative")),
        send("PUT", "/briefs/{day}/narrative", "", &format!("/briefs/{TODAY}/narrative"), &narrative),
        get("/classes", "/classes"),
        send(
            "POST",
            "/contacts/find",
            "",
            "/contacts/find",
            &json!({ "phone": "000-7654321", "purpose": "who is on duty" }),
        ),
        get("/contradictions", "/contradictions?node=unit:UNIT"),
        get("/corrections", "/corrections?node=unit:UNIT"),
        get("/demo/own", "/demo/own"),
        send("POST", "/demo/own", "", "/demo/own", &json!({})),
        send("POST", "/demo/role", "", "/demo/role", &json!({ "role": "office" })),
        send("POST", "/demo/skip", "", "/demo/skip", &json!({ "to": "23:00" })),
        get("/desk", "/desk?node=unit:UNIT"),
        get("/disagreements", "/disagreements?node=unit:UNIT"),
        get(
            "/disagreements/agreement",
            "/disagreements/agreement?node=unit:UNIT&element=staff&from=2020-02-01&to=2020-02-03",
        ),
        get("/elements", "/elements"),
        send("POST", "/elements", "", "/elements", &element),
        get("/events", "/events"),
        get("/exports/units", "/exports/units?under=UNIT"),
        get("/forms", "/forms"),
        send("POST", "/forms", "", "/forms", &form),
        send("POST", "/forms/starter", "", "/forms/starter", &Value::Null),
        get("/forms/{code}", "/forms/daily"),
        file("/imports/book", "text/csv", "编码,单位,联系电话\nUNIT,another name,0551-5550102\n"),
        file("/imports/book/look", "text/csv", "编码,单位,联系电话\nUNIT,another name,0551-5550102\n"),
        file("/imports/reports", "text/csv", &format!("unit,day,act,staff\nUNIT,{TODAY},values,8\n")),
        file("/imports/units", "text/csv", "code,name,parent\nUNIT,another name,F21\n"),
        get("/imports/units/columns", "/imports/units/columns"),
        get("/findings", "/findings?node=unit:UNIT"),
        send(
            "POST",
            "/findings",
            "F21",
            "/findings",
            &json!({ "unit": "UNIT", "kind": "late", "text": "Came at noon." }),
        ),
        send(
            "POST",
            "/findings/{id}/answer",
            "F21",
            &format!("/findings/{finding}/answer"),
            &json!({ "text": "The line was cut." }),
        ),
        send(
            "POST",
            "/findings/{id}/close",
            "F21",
            &format!("/findings/{finding}/close"),
            &json!({ "reason": "The line was looked at." }),
        ),
        get("/grants", "/grants?unit=UNIT"),
        send(
            "POST",
            "/grants",
            "F21",
            "/grants",
            &json!({ "account": "at-UNIT", "role": "viewer", "unit": "UNIT" }),
        ),
        send("POST", "/grants/{id}/end", "F21", &format!("/grants/{grant}/end"), &json!({})),
        get("/incidents", "/incidents?node=unit:UNIT"),
        send(
            "POST",
            "/incidents",
            "S211",
            "/incidents",
            &json!({ "unit": "UNIT", "element": "fever", "value": 1 }),
        ),
        get("/journal", "/journal?node=unit:UNIT"),
        send(
            "POST",
            "/letters/open",
            "",
            "/letters/open",
            &json!({ "token": "x", "password": "long enough" }),
        ),
        send("DELETE", "/link", "", "/link", &Value::Null),
        get("/link", "/link"),
        send("POST", "/link/open", "", "/link/open", &json!({ "token": "x" })),
        get("/link/reports/{day}", &format!("/link/reports/{TODAY}")),
        send(
            "PUT",
            "/link/reports/{day}",
            "",
            &format!("/link/reports/{TODAY}"),
            &json!({ "act": "values", "values": { "staff": 7 }, "reason": "counted again" }),
        ),
        get("/link/reports/{day}/history", &format!("/link/reports/{TODAY}/history")),
        // Once there is a report to print.
        get("/link/reports/{day}/file", &format!("/link/reports/{TODAY}/file?format=docx")),
        get("/links", "/links?under=UNIT"),
        send("POST", "/links", "F21", "/links", &json!({ "under": "UNIT", "alone": true, "days": 2 })),
        send("POST", "/links/{id}/end", "S211", &format!("/links/{link}/end"), &json!({})),
        get("/missing", "/missing?node=unit:UNIT"),
        get("/notices", "/notices"),
        file("/notices", "text/plain", "通知\n各單位：做好工作。\n"),
        get("/notices/{id}", &format!("/notices/{notice}")),
        send(
            "POST",
            "/notices/{id}/conjectures/{n}",
            "",
            &format!("/notices/{notice}/conjectures/1"),
            &json!({ "decision": "accept" }),
        ),
        get("/notices/{id}/original", &format!("/notices/{notice}/original")),
        send("POST", "/operation", "", "/operation", &begin),
        get("/parties", "/parties"),
        send(
            "POST",
            "/parties",
            "",
            "/parties",
            &json!({ "code": "HX", "names": { "zh-Hans": "医院" }, "kind": "hospital" }),
        ),
        get("/parties/{code}", "/parties/H0"),
        send("PATCH", "/parties/{code}", "", "/parties/H0", &json!({ "names": { "zh-Hans": "新名" } })),
        get("/reported", "/reported?node=unit:UNIT"),
        Sample { unit: "G2", ..file("/reports/bulk", "application/x-ndjson", &row.to_string()) },
        get("/reports/{unit}/{day}", &format!("/reports/UNIT/{TODAY}")),
        send(
            "PUT",
            "/reports/{unit}/{day}",
            "F21",
            &format!("/reports/UNIT/{TODAY}"),
            &json!({ "act": "zero" }),
        ),
        send(
            "POST",
            "/reports/check",
            "F21",
            "/reports/check",
            &json!({ "unit": "UNIT", "day": PAST, "revision": 1, "hash": "sha256:00" }),
        ),
        Sample {
            method: "PUT",
            path: "/reports/{unit}/{day}/scan",
            unit: "F21",
            ask: format!("/reports/UNIT/{PAST}/scan"),
            media_type: "application/pdf",
            body: "%PDF-1.7 a signed page\n".to_owned(),
        },
        get("/reports/{unit}/{day}/scan", &format!("/reports/UNIT/{PAST}/scan")),
        get("/reports/{unit}/{day}/file", &format!("/reports/UNIT/{PAST}/file?format=pdf")),
        get("/reports/{unit}/{day}/history", &format!("/reports/UNIT/{TODAY}/history")),
        get("/requests", "/requests?node=unit:UNIT"),
        send("POST", "/resets", "", "/resets", &json!({ "name": "nobody" })),
        send("POST", "/resets/finish", "", "/resets/finish", &json!({ "password": "long enough" })),
        get("/roles", "/roles"),
        get("/search/notes", "/search/notes?q=x&node=unit:UNIT"),
        send("DELETE", "/session", "", "/session", &Value::Null),
        get("/session", "/session"),
        send("POST", "/session", "", "/session", &json!({ "name": "x", "password": "wrong enough" })),
        get("/session/history", "/session/history"),
        send(
            "PUT",
            "/session/password",
            "",
            "/session/password",
            &json!({ "old": "wrong enough", "new": "long enough" }),
        ),
        get("/session/tokens", "/session/tokens"),
        send(
            "POST",
            "/session/tokens",
            "",
            "/session/tokens",
            &json!({ "label": "x", "scope": ["figure.read"], "days": 1 }),
        ),
        send("DELETE", "/session/tokens/{id}", "", "/session/tokens/none", &Value::Null),
        get("/session/totp", "/session/totp"),
        send("POST", "/session/totp", "", "/session/totp", &Value::Null),
        send("POST", "/session/totp/confirm", "", "/session/totp/confirm", &json!({ "code": "x" })),
        send("POST", "/session/totp/end", "", "/session/totp/end", &json!({ "code": "x" })),
        get("/sessions", "/sessions"),
        send("DELETE", "/sessions/{id}", "", "/sessions/none", &Value::Null),
        get("/starter", "/starter"),
        get("/totals", "/totals?node=unit:UNIT"),
        get("/totals/children", "/totals/children?node=unit:UNIT"),
        get("/totals/series", "/totals/series?node=unit:UNIT&element=staff&from=2020-02-01&to=2020-02-03"),
        get("/units", "/units?under=UNIT"),
        send("POST", "/units", "F21", "/units", &unit),
        send("POST", "/units/merge", "X1", "/units/merge", &json!({ "from": ["UNIT"], "into": "G1" })),
        send(
            "POST",
            "/units/split",
            "X3",
            "/units/split",
            &json!({ "unit": "UNIT", "into": [
            { "code": "X3A", "names": { "zh-Hans": "a" }, "kind": "site" },
            { "code": "X3B", "names": { "zh-Hans": "b" }, "kind": "site" },
        ] }),
        ),
        get("/units/{code}", "/units/UNIT"),
        send("PATCH", "/units/{code}", "X2", "/units/UNIT", &json!({ "names": { "zh-Hans": "改" } })),
        send("POST", "/units/{code}/close", "X4", "/units/UNIT/close", &json!({})),
        get("/units/{code}/history", "/units/UNIT/history"),
        send("POST", "/units/{code}/move", "X2", "/units/UNIT/move", &json!({ "parent": "G1" })),
        send(
            "PUT",
            "/units/{code}/posts/{post}",
            "F21",
            "/units/UNIT/posts/night",
            &json!({ "names": { "zh-Hans": "夜班" } }),
        ),
        send(
            "PUT",
            "/units/{code}/posts/{post}/contact",
            "F21",
            "/units/UNIT/posts/night/contact",
            &json!({ "phone": "000-7654321" }),
        ),
        get("/units/{code}/posts/{post}/looks", "/units/UNIT/posts/night/looks"),
    ]
}

/// The cast, with logins by password instead of roles, and what the samples speak of.
pub(crate) struct Walk<'h> {
    house: &'h House,
    app: App,
    router: Router,
    /// The session of an inspector, who writes what nobody else may.
    inspector: String,
    pub(crate) held: Held,
}

impl<'h> Walk<'h> {
    pub(crate) fn prepare(cast: &Cast<'h>) -> Self {
        let house = cast.house;
        cast.tree(|tx, ctx| {
            let site = |code: &str| NewUnit {
                code: code.into(),
                facts: Facts {
                    names: names(code),
                    kind: "site".into(),
                    place: None,
                    time_zone: String::new(),
                    classes: Vec::new(),
                },
                parent: Some("F21".into()),
                since: day("2020-01-01"),
                until: Day::OPEN_END,
            };
            unit_create(tx, ctx, &["X1", "X2", "X3", "X4"].map(site))
        });
        let operation = (*house.app.operation()).clone();
        cast.write(move |tx, ctx| {
            operation_set(tx, ctx, |own| own.clone_from(&operation))?;
            let hospital = PartyDraft {
                code: "H0".into(),
                names: names("Hospital"),
                kind: "hospital".into(),
                ..PartyDraft::default()
            };
            party_create(tx, ctx, &check_party(&hospital).unwrap())?;
            form_set(tx, ctx, form("third", &["elsewhere"], Counting::Parts))
        });
        let filed = cast.put_on("office", "F21", PAST, &[], json!({ "act": "zero" }));
        assert_eq!(filed.status, StatusCode::OK, "{}", filed.json());
        let pdf = [("content-type", "application/pdf")];
        let scan =
            house.ask("office", "PUT", &format!("/reports/F21/{PAST}/scan"), &pdf, b"%PDF-1.4".to_vec());
        assert_eq!(scan.status, StatusCode::CREATED, "{}", scan.json());
        let notice =
            house.ask("office", "POST", "/notices", &[("content-type", "text/plain")], NOTICE.into());
        let notice = notice.json()["id"].as_str().unwrap().to_owned();
        let frozen = house.post("office", &format!("/briefs/{FROZEN}/freeze"), Value::Null);
        assert_eq!(frozen.status, StatusCode::OK, "{}", frozen.json());
        let mut app = house.app.clone();
        app.login = Login::Local;
        app.printer = crate::brief::printer("guards", "cat").1;
        let (grant, code) = people(cast);
        let (link, device) = link(cast);
        let finding = json!({ "unit": "F21", "kind": "omitted", "text": "Nothing came." });
        let finding = house.post("inspector", "/findings", finding).json()["id"].as_str().unwrap().to_owned();
        let held = Held { notice, grant, code, link, finding, device };
        let inspector = house.log_in(&app, "inspector");
        Self { house, router: muster::serve::router(app.clone()), app, inspector, held }
    }

    /// Sends a sample about a unit as somebody who is logged in, or as nobody.
    fn send(&self, token: Option<&str>, sample: &Sample, unit: &str) -> Said {
        self.send_with(token, sample, unit, &[])
    }

    /// As [`Walk::send`], with headers.
    pub(crate) fn send_with(
        &self,
        token: Option<&str>,
        sample: &Sample,
        unit: &str,
        headers: &[(&str, &str)],
    ) -> Said {
        self.send_bytes(token, sample, unit, headers, sample.body.replace("UNIT", unit).into())
    }

    /// What it asks.
    pub(crate) fn router(&self) -> &Router {
        &self.router
    }

    /// As [`Walk::send_with`], with another body.
    pub(crate) fn send_bytes(
        &self,
        token: Option<&str>,
        sample: &Sample,
        unit: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Said {
        let path = sample.ask.replace("UNIT", unit);
        let mut request = Request::builder()
            .method(sample.method)
            .uri(if path.starts_with("/api") { path } else { format!("/api/v1{path}") })
            // Outside the demonstration this says nothing.
            .header("x-muster-role", "office");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = token {
            let cookie =
                if token.contains('=') { token.to_owned() } else { format!("muster_session={token}") };
            request = request.header("cookie", cookie);
        }
        if !sample.media_type.is_empty() {
            request = request.header("content-type", sample.media_type);
        }
        self.house.answer(&self.router, request.body(Body::from(body)).unwrap())
    }

    /// What is sent to a door to be let in: the login, or what a device holds on which a link was opened.
    pub(crate) fn key(&self, sample: &Sample, token: &str) -> String {
        if sample.path == "/link" || sample.path.starts_with("/link/") {
            return format!("muster_link={}", self.held.device);
        }
        let is_inspectors = |door: &&Door| door.guard == Guard::May(access::Permission::FindingFile);
        let door = DOORS.iter().find(|door| {
            door.method == sample.method && door.path.strip_prefix("/api/v1") == Some(sample.path)
        });
        door.filter(is_inspectors).map_or(token, |_| &self.inspector).to_owned()
    }

    pub(crate) fn log_in(&self, name: &'static str) -> String {
        self.house.log_in(&self.app, name)
    }

    pub(crate) fn actions(&self) -> Vec<String> {
        let read = move |rx: &mut Rx| {
            let mut found = Vec::new();
            for lane in 0..=LANES {
                found.extend(journal_after(rx, 1, lane, 0, 10_000)?);
            }
            Ok::<_, muster_store::StoreError>(found)
        };
        let entries = self.app.db.read_blocking("test.journal", read).unwrap();
        entries.into_iter().map(|entry| entry.action).collect()
    }
}

/// Accounts at F21: one to be read and given a letter, one to be ended, one whose person forgot. The id of a role of the
/// first, and the code that the last was shown.
fn people(cast: &Cast<'_>) -> (String, String) {
    let unit = *cast.chain("F21").last().unwrap();
    let top = *cast.chain("R").last().unwrap();
    cast.write(move |tx, ctx| {
        let inspector = access::Account::at("inspector", "inspector", access::Role::Inspector, top);
        access::account_set(tx, ctx, &inspector, None)?;
        for (id, hash) in [("at-F21", None), ("ends-F21", None), ("forgot-F21", Some("hash"))] {
            let account = access::Account::at(id, &format!("{id}-name"), access::Role::Filler, unit);
            access::account_set(tx, ctx, &account, hash)?;
        }
        Ok(())
    });
    // Not long before the doors are walked: it waits for an hour.
    cast.clock("15:00");
    let app = &cast.house.app;
    let reset = cast.house.run(access::reset_ask(&app.db, app.moment(), "forgot-F21-name".into())).unwrap();
    let list = cast.get("office", "/grants?unit=F21");
    let grant = list["items"].as_array().unwrap().iter().find(|one| one["account"] == "ends-F21");
    (grant.unwrap()["id"].as_str().unwrap().to_owned(), reset.code)
}

/// A link of S211, open on a device: its id, and what the device holds.
fn link(cast: &Cast<'_>) -> (String, String) {
    let issued = cast.house.post("office", "/links", json!({ "under": "S211", "alone": true, "pin": false }));
    let one = issued.json()["items"][0].clone();
    let opened = cast.house.post("", "/link/open", json!({ "token": one["token"] }));
    let cookie = opened.headers["set-cookie"].to_str().unwrap().split([';', '=']).nth(1).unwrap();
    (one["id"].as_str().unwrap().to_owned(), cookie.to_owned())
}

/// What must come of a door when somebody of a role, at the top or below it, asks about a unit outside their part.
fn expected(door: &Door, role: access::Role, at_top: bool) -> Option<StatusCode> {
    let Guard::May(permission) = door.guard else { return None };
    if !role.may(permission) || permission.is_of_the_whole() && !at_top {
        return Some(StatusCode::FORBIDDEN);
    }
    let outside = matches!(door.about, About::Unit | About::Whole) && !at_top;
    outside.then_some(StatusCode::NOT_FOUND)
}

#[test]
fn the_table_and_the_contract_cover_one_another() {
    let contract: Value = serde_json::from_str(&muster::serve::openapi()).unwrap();
    let mut said = BTreeSet::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            said.insert((method.to_uppercase(), path.clone()));
        }
    }
    let rows: BTreeSet<_> = DOORS.iter().map(|door| (door.method.to_owned(), door.path.to_owned())).collect();
    assert_eq!(rows.len(), DOORS.len(), "a door stands once in the table");
    let without: Vec<_> = said.symmetric_difference(&rows).collect();
    assert!(without.is_empty(), "a door without a row, or a row without a door: {without:?}");
    let samples = samples(&Held::default());
    let walked: BTreeSet<_> =
        samples.iter().map(|one| (one.method.to_owned(), format!("/api/v1{}", one.path))).collect();
    assert_eq!(walked, rows, "every door is walked");
}

#[test]
fn every_door_lets_in_whom_it_should_and_nobody_else() {
    story(|house| {
        let cast = Cast::of(house, crate::cast::Terms::default());
        let walk = Walk::prepare(&cast);
        let logins: Vec<_> =
            WALKERS.iter().map(|(name, role, at_top)| (*name, walk.log_in(name), *role, *at_top)).collect();
        cast.clock("15:30");
        for sample in samples(&walk.held) {
            let path = format!("/api/v1{}", sample.path);
            let door = DOORS.iter().find(|door| door.method == sample.method && door.path == path).unwrap();
            let named = format!("{} {}", door.method, door.path);
            let start = walk.actions().len();

            let nobody = walk.send(None, &sample, sample.unit);
            match door.guard {
                Guard::Session | Guard::May(_) => {
                    assert_eq!(
                        (nobody.status.as_u16(), nobody.code().as_str()),
                        (401, "session.needed"),
                        "{named}"
                    );
                }
                Guard::Link => {
                    let told = (nobody.status.as_u16(), nobody.code());
                    assert_eq!(told, (401, "link.needed".into()), "{named}");
                }
                Guard::Demo => assert_eq!(nobody.code(), "request.no_such_path", "{named}"),
                Guard::Open => {
                    assert_ne!(nobody.code(), "session.needed", "{named}");
                    assert!(!nobody.status.is_server_error(), "{named}: {}", nobody.json());
                }
            }
            // Who holds a link is nobody at every door but those of links, and there is the only one.
            let held = format!("muster_link={}", walk.held.device);
            let holder = || walk.send_with(None, &sample, sample.unit, &[("cookie", &held)]);
            match door.guard {
                Guard::Link => {
                    let said = holder();
                    assert!(said.status.is_success(), "{named}: {}", said.json());
                }
                Guard::Session | Guard::May(_) => assert_eq!(holder().code(), "session.needed", "{named}"),
                Guard::Demo => assert_eq!(holder().code(), "request.no_such_path", "{named}"),
                Guard::Open => {}
            }
            let mut before = walk.actions().len();
            let mut taken = Vec::new();
            for (name, token, role, at_top) in logins.iter().filter(|_| door.guard != Guard::Open) {
                let said = walk.send(Some(token), &sample, sample.unit);
                let told = format!("{named} as {name}: {} {}", said.status, said.json());
                match (door.guard, expected(door, *role, *at_top)) {
                    (Guard::Link, _) => assert_eq!(said.code(), "link.needed", "{told}"),
                    (Guard::Demo, _) => assert_eq!(said.code(), "request.no_such_path", "{told}"),
                    (_, Some(StatusCode::FORBIDDEN)) => {
                        assert_eq!(
                            (said.status.as_u16(), said.code().as_str()),
                            (403, "permission.lacking"),
                            "{told}"
                        );
                    }
                    (_, Some(_)) => {
                        let unknown = walk.send(Some(token), &sample, "NOWHERE");
                        assert_eq!(
                            (said.status, said.code()),
                            (unknown.status, unknown.code()),
                            "{told}: what is outside is as if it were not there",
                        );
                        // A new unit names the one above it in its body: a field of a draft that is wrong.
                        let draft = said.code() == "unit.parent_unknown";
                        assert!(said.status == StatusCode::NOT_FOUND || draft, "{told}");
                    }
                    (_, None) if door.about == About::Rows && !at_top => {
                        assert_eq!(said.status, StatusCode::OK, "{told}");
                        let text = String::from_utf8_lossy(&said.bytes).into_owned();
                        assert!(text.contains("\"refused\""), "{told}");
                        assert!(!text.contains("\"accepted\":1") && !text.contains("receipt"), "{told}");
                    }
                    // The cast has a daily form: see the story below.
                    (_, None) if door.path == STARTER => {
                        assert_eq!(said.code(), "form.assigned_already", "{told}")
                    }
                    (_, None)
                        if let Some((.., code)) =
                            REFUSING.iter().find(|one| (one.0, one.1) == (sample.method, sample.path)) =>
                    {
                        assert_eq!(said.code(), *code, "{told}")
                    }
                    (_, None) => {
                        assert!(said.status.is_success(), "{told}");
                        taken.push(*name);
                    }
                }
                match taken.contains(name) {
                    // Who comes after is measured by what is there then.
                    true => before = walk.actions().len(),
                    false => {
                        assert_eq!(walk.actions().len(), before, "{told}: who is refused leaves no entry")
                    }
                }
            }
            if let Leaves::Entry(action) | Leaves::Once(action) = door.leaves
                && door.path != STARTER
                && door.guard != Guard::Link
            {
                let all: &[&str] = match door.guard {
                    Guard::May(access::Permission::FindingFile) => &["inspector"],
                    _ if door.about == About::Own => &["group", "office"],
                    _ => &["office"],
                };
                assert_eq!(taken, all, "{named}");
                let actions = walk.actions();
                assert!(actions.len() > start, "{named} leaves an entry");
                assert!(actions.iter().any(|one| one == action), "{named} leaves {action}");
            }
        }
    });
}

#[test]
fn a_tree_without_a_form_is_given_one() {
    story(|house| {
        let top = json!({ "code": "R", "names": { "zh-Hans": "顶" }, "kind": "regulator" });
        assert_eq!(house.post("office", "/units", top).status, StatusCode::CREATED);
        let given = house.post("office", "/forms/starter", Value::Null);
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.json());
        assert_eq!(house.journalled("form.assign").len(), 1);
        assert_eq!(house.get("viewer", "/desk").status, StatusCode::OK);
    });
}
