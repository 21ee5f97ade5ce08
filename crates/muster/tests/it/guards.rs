//! Every door, walked by everybody: nobody, a clerk, another group's office, a viewer, the office. The table of
//! `serve/guards.rs` says what must come of it; the contract and the table cover one another exactly; what changes
//! something leaves an entry in the journal, and what was refused leaves none.

mod asked;
mod commands;
mod everybody;
mod known;
mod reckoned;
mod samples;
mod tasks;

use samples::{FROZEN, NOTICE, PAST, REFUSING};
pub(crate) use samples::{Held, STARTER, Sample, samples};

use crate::cast::{Cast, day, form, names};
use crate::command::Folder;
use crate::house::{House, Said, story};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use muster::app::{App, Login};
use muster::lines::access;
use muster::lines::operation::operation_set;
use muster::lines::org::{Facts, NewUnit, PartyDraft, check_party, party_create, unit_create};
use muster::lines::reporting::{Counting, form_set};
use muster::oidc::{Claim, Oidc, Settings};
use muster::outbound::{ChannelDraft, Kind, Target};
use muster::serve::guards::{About, DOORS, Door, Guard, Leaves};
use muster_kernel::Day;
use muster_store::{LANES, Rx, journal_after};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who walks: account of the cast, and whether it stands at the top of the tree.
const WALKERS: &[(&str, access::Role, bool)] = &[
    ("clerk", access::Role::Filler, false),
    ("group", access::Role::Office, false),
    ("viewer", access::Role::Viewer, true),
    ("office", access::Role::Office, true),
    ("inspector", access::Role::Inspector, true),
];

/// The cast, with logins by password instead of roles, and what the samples speak of.
pub(crate) struct Walk<'h> {
    house: &'h House,
    app: App,
    router: Router,
    /// The session of an inspector, who writes what nobody else may.
    inspector: String,
    pub(crate) held: Held,
    /// The printer is there as long as the walk.
    _printer: Folder,
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
        let f21 = *cast.chain("F21").last().unwrap();
        cast.write(move |tx, ctx| {
            for code in ["duty", "goes"] {
                muster::outbound::channel_set(tx, ctx, f21, code, &folder_channel(), false)?;
            }
            Ok(())
        });
        let notice =
            house.ask("office", "POST", "/notices", &[("content-type", "text/plain")], NOTICE.into());
        let notice = notice.json()["id"].as_str().unwrap().to_owned();
        let frozen = house.post("office", &format!("/briefs/{FROZEN}/freeze"), Value::Null);
        assert_eq!(frozen.status, StatusCode::OK, "{}", frozen.json());
        let mut app = house.app.clone();
        app.login = Login::Local;
        let (folder, printer) = crate::brief::printer("cat");
        app.printer = printer;
        app.oidc = Arc::new(Oidc::new(vec![group_service()], "http://localhost").unwrap());
        let (grant, code) = people(cast);
        let (link, device) = link(cast);
        let finding = json!({ "unit": "F21", "kind": "omitted", "text": "Nothing came." });
        let finding = house.post("inspector", "/findings", finding).json()["id"].as_str().unwrap().to_owned();
        let tasks: BTreeMap<_, _> =
            tasks::STEPS.iter().map(|(step, _)| (*step, tasks::task_for(cast, step).1)).collect();
        let measure = tasks::task_for(cast, "give").0;
        let held = Held { notice, grant, code, link, finding, measure, tasks, device };
        let inspector = house.log_in(&app, "inspector");
        Self { house, router: muster::serve::router(app.clone()), app, inspector, held, _printer: folder }
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

    pub(crate) fn log_in(&self, name: &str) -> String {
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

/// A channel into a folder.
fn folder_channel() -> ChannelDraft {
    let mut target = Target::default();
    target.address = "f21".into();
    ChannelDraft { kind: Some(Kind::Folder), target, ..ChannelDraft::default() }
}

/// The login service of a group, which nobody asks anything here.
fn group_service() -> Settings {
    Settings {
        id: "g2".into(),
        name: "Group Two".into(),
        issuer: "http://127.0.0.1:9".into(),
        client_id: "muster".into(),
        secret: "secret".to_owned().into(),
        claim: Claim::Sub,
        authority: None,
        unit: None,
        hosts: Vec::new(),
    }
}

/// Accounts at F21: one to be read and given a letter, one to be ended, one whose person forgot. The id of a role of the
/// first, and the code that the last was shown.
fn people(cast: &Cast<'_>) -> (String, String) {
    let unit = *cast.chain("F21").last().unwrap();
    let top = *cast.chain("R").last().unwrap();
    cast.write(move |tx, ctx| {
        let inspector = access::Account::at("inspector", access::Role::Inspector, top);
        access::account_set(tx, ctx, &inspector, None)?;
        for (id, hash) in [
            ("linked-F21", None),
            ("at-F21", None),
            ("ends-F21", None),
            ("goes-F21", None),
            ("forgot-F21", Some("hash")),
        ] {
            let account = access::Account::at(id, access::Role::Filler, unit);
            access::account_set(tx, ctx, &account, Some((&format!("{id}-name"), hash)))?;
        }
        let service = access::Service::of(&group_service());
        access::oidc_link(tx, ctx, "linked-F21", &service, "s-1")?;
        Ok(())
    });
    // Not long before the doors are walked: it waits for an hour.
    cast.clock("15:00");
    let app = &cast.house.app;
    let reset = cast
        .house
        .run(access::reset_ask(&app.db, app.seals.clone(), app.moment(), "forgot-F21-name".into()))
        .unwrap();
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
