//! A request for every door, all of which the office's own login may send.

use crate::cast::{TODAY, element, form};
use muster::lines::reporting::{Class, Counting, ValueType};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A request that the office's own login may send: everything in it is valid. `UNIT` stands for the unit it names, which
/// lies outside the part of the clerk and of the group.
pub(crate) struct Sample {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) unit: &'static str,
    pub(super) ask: String,
    pub(super) media_type: &'static str,
    pub(super) body: String,
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
            true if self.path.contains("/channels/") => {
                Self { ask: self.ask.replace("/channels/", "/channels/other-"), body: String::new(), ..*self }
            }
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

/// Something that is done with a task that is there for it.
fn step(name: &str, path: &'static str, task: impl Fn(&str) -> String, body: Value) -> Sample {
    send("POST", path, "F21", &path.replace("{id}", &task(name)), &body)
}

pub(super) const NOTICE: &str = "縣教育局傳達部署\n\n會議要求，各學(xué)校要第時(shí)間落實(shí)晨午檢。\n";

pub(super) const FROZEN: &str = "2020-02-02";
/// A day of which F21 has a report, with a scan of its signed page.
pub(super) const PAST: &str = "2020-02-01";

pub(crate) const STARTER: &str = "/api/v1/forms/starter";

/// What is there for the samples to speak of, and has an id that is drawn.
#[derive(Default)]
pub(crate) struct Held {
    pub(super) notice: String,
    pub(super) grant: String,
    pub(super) code: String,
    pub(super) link: String,
    pub(super) finding: String,
    pub(super) measure: String,
    /// A task for each thing that is done with one.
    pub(super) tasks: BTreeMap<&'static str, String>,
    /// What the device holds on which that link was opened.
    pub(crate) device: String,
}

/// Doors that answer whoever is logged in with a refusal: it is their own session, or password, and not theirs.
pub(super) const REFUSING: &[(&str, &str, &str)] = &[
    ("DELETE", "/session/oidc/{provider}", "oidc.none"),
    ("POST", "/session/oidc/{provider}", "oidc.unknown"),
    ("DELETE", "/session/tokens/{id}", "token.unknown"),
    ("POST", "/session/totp/confirm", "totp.code"),
    ("POST", "/session/totp/end", "totp.code"),
    ("DELETE", "/sessions/{id}", "session.unknown"),
    ("PUT", "/session/password", "session.refused"),
];

/// One request for every door.
pub(crate) fn samples(held: &Held) -> Vec<Sample> {
    let Held { notice, grant, code, link, finding, measure, .. } = held;
    let task = |step: &str| held.tasks.get(step).cloned().unwrap_or_default();
    let (due, later) = ("2020-02-10T18:00:00+08:00", "2020-02-12T18:00:00+08:00");
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
        send(
            "POST",
            "/accounts/{id}/data",
            "F21",
            "/accounts/at-UNIT/data",
            &json!({ "purpose": "they asked for it" }),
        ),
        send(
            "POST",
            "/accounts/{id}/erase",
            "F21",
            "/accounts/goes-UNIT/erase",
            &json!({ "purpose": "they asked for it" }),
        ),
        send("POST", "/accounts/{id}/letter", "F21", "/accounts/at-UNIT/letter", &Value::Null),
        get("/accounts/{id}/oidc", "/accounts/at-UNIT/oidc"),
        send(
            "PUT",
            "/accounts/{id}/oidc/{provider}",
            "F21",
            "/accounts/at-UNIT/oidc/g2",
            &json!({ "subject": "s-2" }),
        ),
        send(
            "POST",
            "/accounts/{id}/oidc/{provider}/end",
            "F21",
            "/accounts/linked-UNIT/oidc/g2/end",
            &json!({}),
        ),
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
            "/contacts/erase",
            "",
            "/contacts/erase",
            &json!({ "phone": "000-7654321", "purpose": "they asked for it" }),
        ),
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
        get("/measures", "/measures"),
        send("POST", "/measures", "F21", "/measures", &json!({ "unit": "UNIT", "text": "Check all gates." })),
        get("/measures/{id}", &format!("/measures/{measure}")),
        get("/measures/{id}/progress", &format!("/measures/{measure}/progress")),
        get("/measures/{id}/tasks", &format!("/measures/{measure}/tasks")),
        send(
            "POST",
            "/measures/{id}/tasks",
            "F21",
            &format!("/measures/{measure}/tasks"),
            &json!({ "node": "unit:F21", "due": due }),
        ),
        get("/tasks", "/tasks?node=unit:UNIT"),
        get("/tasks/{id}", &format!("/tasks/{}", task("give"))),
        get("/tasks/{id}/parts", &format!("/tasks/{}/parts", task("give"))),
        get("/tasks/{id}/steps", &format!("/tasks/{}/steps", task("give"))),
        get("/waiting", "/waiting"),
        step("contest", "/tasks/{id}/contest", task, json!({ "reason": "The gate is another's." })),
        step("extend", "/tasks/{id}/extend", task, json!({ "reason": "It snows.", "due": later })),
        step("give", "/tasks/{id}/give", task, json!({})),
        step("parts", "/tasks/{id}/parts", task, json!({ "unit": "F21", "text": "The east gate." })),
        step("reopen", "/tasks/{id}/reopen", task, json!({ "reason": "It broke.", "due": later })),
        step("report", "/tasks/{id}/report", task, json!({ "text": "Checked." })),
        step("return", "/tasks/{id}/return", task, json!({ "reason": "Which gates?" })),
        step("sign", "/tasks/{id}/sign", task, json!({})),
        step("start", "/tasks/{id}/start", task, json!({})),
        step("transfer", "/tasks/{id}/transfer", task, json!({ "unit": "S211", "reason": "Theirs." })),
        step("uphold", "/tasks/{id}/uphold", task, json!({ "reason": "It is yours." })),
        step("verify", "/tasks/{id}/verify", task, json!({})),
        step("withdraw", "/tasks/{id}/withdraw", task, json!({ "reason": "No longer." })),
        get("/missing", "/missing?node=unit:UNIT"),
        send(
            "POST",
            "/missing/remind",
            "F21",
            "/missing/remind",
            &json!({ "node": "unit:UNIT", "day": TODAY }),
        ),
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
        get("/oidc", "/oidc"),
        send("POST", "/oidc/back", "", "/oidc/back", &json!({ "state": "x", "code": "x" })),
        send("POST", "/oidc/code", "", "/oidc/code", &json!({ "state": "x", "code": "x" })),
        send("POST", "/oidc/{provider}", "", "/oidc/nobody", &json!({})),
        send("POST", "/operation", "", "/operation", &begin),
        get("/outbox", "/outbox?node=unit:UNIT"),
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
        get("/privacy", "/privacy"),
        send(
            "PUT",
            "/privacy/end",
            "",
            "/privacy/end",
            &json!({ "day": "2020-06-30", "reason": "stood down" }),
        ),
        send("PUT", "/privacy/fields/{field}", "", "/privacy/fields/duty_phone", &json!({ "keep_days": 9 })),
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
        get("/session/data", "/session/data"),
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
        get("/session/oidc", "/session/oidc"),
        send("DELETE", "/session/oidc/{provider}", "", "/session/oidc/g2", &Value::Null),
        send("POST", "/session/oidc/{provider}", "", "/session/oidc/nobody", &json!({})),
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
        get("/units/{code}/channels", "/units/UNIT/channels"),
        send(
            "PUT",
            "/units/{code}/channels/{channel}",
            "F21",
            "/units/UNIT/channels/duty",
            &json!({ "kind": "folder", "address": "duty" }),
        ),
        send(
            "POST",
            "/units/{code}/channels/{channel}/test",
            "F21",
            "/units/UNIT/channels/duty/test",
            &Value::Null,
        ),
        send("DELETE", "/units/{code}/channels/{channel}", "F21", "/units/UNIT/channels/goes", &Value::Null),
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
