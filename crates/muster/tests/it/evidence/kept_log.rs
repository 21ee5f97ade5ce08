//! The log that is kept: a line for each request, for six months, and nothing in it that is anybody's own.

use super::served::Served;
use crate::command::{Folder, begun, muster};
use muster_store::testdb::TestDb;
use serde_json::{Value, json};

/// All that a folder of logs holds.
fn kept(folder: &str) -> String {
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// What must stand in no log: a password, a token, a name, a telephone, a body, a value of a query, an id of a request.
const SECRETS: &[&str] = &[
    "a-long-password",
    "another-long-word",
    "duty",
    "王芳",
    "wang.fang",
    "0551-5550100",
    "91917",
    "缺口罩",
    "QUERYVALUE",
    "KEY-OF-SENDER",
    "S1HOLE",
    "Bearer",
    "2020-02-03",
];

fn story(database: &str, name: &str) {
    begun(database);
    let folder = Folder::new(name);
    let units =
        folder.file("units.csv", "code,name,kind,parent\nHQ,总部,unit,\nS1,一号站,site,HQ\n".as_bytes());
    let import = ["import", "units", &units, "--day", "2020-01-01"];
    assert_eq!(muster(database, &import).status.code(), Some(0));
    assert_eq!(muster(database, &["form", "starter"]).status.code(), Some(0));
    let logs = folder.path("logs");
    let mut served = Served::start(database, "trace", &["--log-to", &logs]);
    let login = json!({ "name": "duty", "password": "a-long-password" }).to_string();
    let (status, said) = served.ask("POST", "/api/v1/session", "", &login);
    assert_eq!(status, 200, "{said}");
    let token = said.split("muster_session=").nth(1).unwrap().split(';').next().unwrap().to_owned();
    let cookie = format!("cookie: muster_session={token}\r\n");
    let wrong = json!({ "name": "wang.fang", "password": "another-long-word" }).to_string();
    assert_eq!(served.ask("POST", "/api/v1/session", "", &wrong).0, 401);
    let mut ask = |method: &str, path: &str, more: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        served.ask(method, path, &format!("{cookie}{more}"), &body).0
    };
    assert_eq!(ask("GET", "/api/v1/search/notes?q=QUERYVALUE", "", Value::Null), 200);
    assert_eq!(ask("GET", "/api/v1/units/S1HOLE", "", Value::Null), 404);
    let post = json!({ "names": { "zh-Hans": "王芳值班" } });
    assert_eq!(ask("PUT", "/api/v1/units/S1/posts/night", "idempotency-key: KEY-OF-SENDER\r\n", post), 204);
    let phone = json!({ "phone": "0551-5550100" });
    let set = ask("PUT", "/api/v1/units/S1/posts/night/contact", "", phone);
    assert!((200..300).contains(&set), "{set}");
    let incident = json!({ "unit": "S1", "element": "fever_new", "value": 91917, "text": "缺口罩 王芳" });
    assert!(ask("POST", "/api/v1/incidents", "", incident) >= 200);
    let body = json!({ "act": "values", "values": { "staff": 91917 }, "reason": "缺口罩" });
    assert!(ask("PUT", "/api/v1/reports/S1/2020-02-03", "authorization: Bearer x\r\n", body) >= 400);
    // Where the console is not built there is no page, and a line all the same.
    let page = ask("GET", "/desk?QUERYVALUE=1", "x-forwarded-for: wang.fang, 10.1.2.3\r\n", Value::Null);
    assert!(page == 200 || page == 404, "{page}");
    let odd = ask("BREW", "/api/v1/desk", "x-forwarded-for: 10.1.2.3, wang.fang\r\n", Value::Null);
    assert!(odd == 404 || odd == 405, "{odd}");
    let (code, loud) = served.stop();
    assert_eq!(code, Some(0), "{loud}");
    let (lines, all) = (kept(&logs), kept(&logs) + &loud);
    for secret in SECRETS.iter().copied().chain([token.as_str()]) {
        let at =
            all.find(secret).map(|at| &all[..at + 40]).map(|text| text.lines().last().unwrap_or_default());
        assert_eq!(at, None, "{secret}");
    }
    let requests: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["target"] == "request")
        .collect();
    assert_eq!(requests.len(), 10, "a line for each request: {requests:#?}");
    let said = |at: usize, field: &str| requests[at][field].clone();
    assert_eq!(
        (said(0, "door"), said(0, "status"), said(0, "account")),
        (json!("/api/v1/session"), json!(200), json!(""))
    );
    assert_eq!((said(1, "status"), said(1, "account")), (json!(401), json!("")));
    assert_eq!((said(2, "door"), said(2, "status")), (json!("/api/v1/search/notes"), json!(200)));
    let account = said(2, "account");
    assert!(account.as_str().unwrap().starts_with("account:"), "{account}");
    assert_eq!((said(3, "door"), said(3, "status")), (json!("/api/v1/units/{code}"), json!(404)));
    // Of a proxy that nobody said is believed nothing is.
    assert_eq!((said(8, "door"), said(8, "peer")), (json!("page"), json!("127.0.0.1")));
    assert_eq!((said(9, "method"), said(9, "peer")), (json!("other"), json!("127.0.0.1")));
    assert!(requests.iter().all(|one| one["timestamp"].is_string() && one["ms"].is_u64()));
}

#[test]
fn a_line_for_each_request_and_nothing_of_anybody_at_the_logs_loudest() {
    let folder = Folder::new("log-sqlite");
    story(&folder.path("muster.db"), "log-sqlite-files");
}

/// A driver that logs what it sends would say everything.
#[test]
fn the_same_on_postgres() {
    if let Some(at) = TestDb::postgres(&[]) {
        story(&at.config.url, "log-postgres-files");
    }
}

#[test]
fn a_log_is_kept_for_six_months_or_the_command_line_is_wrong() {
    let folder = Folder::new("log-days");
    let database = folder.path("muster.db");
    begun(&database);
    let logs = folder.path("logs");
    for days in ["182", "0", "-1", "3661", "long"] {
        let out = muster(&database, &["serve", "--log-to", &logs, "--log-keep-days", days]);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{days}: {said}");
        assert!(days == "-1" || said.contains("six months"), "{said}");
    }
    // Of more files than are to be kept the oldest go; of those that are not ours none.
    std::fs::create_dir_all(&logs).unwrap();
    for n in 0..200 {
        let day = muster_kernel::Day::from_number(18_000 + n);
        std::fs::write(format!("{logs}/muster.{day}.log"), "{}\n").unwrap();
    }
    std::fs::write(format!("{logs}/notes.txt"), "mine").unwrap();
    let mut served = Served::start(&database, "error", &["--log-to", &logs, "--log-keep-days", "183"]);
    assert_eq!(served.ask("GET", "/api/v1/about", "", "").0, 200);
    assert_eq!(served.stop().0, Some(0));
    let names: Vec<_> = std::fs::read_dir(&logs).unwrap().map(|file| file.unwrap().file_name()).collect();
    let ours = names.iter().filter(|name| name.to_string_lossy().starts_with("muster.")).count();
    assert_eq!(ours, 183, "{names:?}");
    assert!(names.iter().any(|name| name == "notes.txt"));
}

#[test]
fn a_folder_that_cannot_be_made_is_said_at_once() {
    let folder = Folder::new("log-denied");
    let database = folder.path("muster.db");
    begun(&database);
    let file = folder.file("logs", b"");
    let out = muster(&database, &["serve", "--listen", "127.0.0.1:0", "--log-to", &file]);
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.code() != Some(0) && said.contains(&file), "{said}");
}
