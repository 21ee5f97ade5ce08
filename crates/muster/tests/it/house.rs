//! A house for a story: an app on a database of its own, a clock that stands still, and a small cast (the office, a
//! filler, a viewer), asked through its doors as a browser would.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use muster::app::{App, Login};
use muster::lines::access::{Account, Role, account_set, accounts_by_role, session_of};
use muster::lines::operation::{Names, Operation};
use muster::migrations::MIGRATIONS;
use muster::seal::Seals;
use muster::{Ctx, Reach};
use muster_kernel::{Actor, Clock, IdSource, Locale};
use muster_store::testdb::{TestDb, each_store};
use muster_store::{Db, DbConfig, LANES, Rows, Rx, Stored, Tx, journal_after};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use tower::ServiceExt as _;

/// 2020-02-06 10:00 in Shanghai, ms UTC.
pub(crate) const NOW_MS: i64 = 1_580_954_400_000;

/// A house with its cast.
pub(crate) struct House {
    /// Its store.
    pub(crate) app: App,
    /// Where it is, for a second process.
    pub(crate) url: String,
    runtime: tokio::runtime::Runtime,
}

/// What a door answered.
pub(crate) struct Said {
    /// The status.
    pub(crate) status: StatusCode,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) bytes: Bytes,
}

impl Said {
    /// The body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }
    /// The stable code of a refusal.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
    /// Code and field of each finding of a refusal; what was taken has none.
    pub(crate) fn findings(&self) -> Vec<(String, String)> {
        if self.status.is_success() {
            return Vec::new();
        }
        assert_eq!(self.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", self.json());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let body = self.json();
        let all = body["findings"].as_array().unwrap().iter();
        all.map(|finding| (text(&finding["code"]), text(&finding["field"]))).collect()
    }
}

/// The only finding that is expected.
pub(crate) fn found(code: &str, field: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), field.to_owned())]
}

/// Runs a story on every store there is.
pub(crate) fn story(tell: impl Fn(&House)) {
    each_store(MIGRATIONS, |at| tell(&House::on(at)));
}

impl House {
    /// A house on a store.
    pub(crate) fn on(at: &TestDb) -> House {
        let name = |text: &str| Names { zh_hans: text.into(), zh_hant: text.into(), en: text.into() };
        let operation = Operation {
            id: 1,
            code: "test".into(),
            name: name("Test"),
            office: name("Office"),
            root_unit: 1,
            zone: "Asia/Shanghai".into(),
            form: String::new(),
            seed: None,
        };
        let ids = IdSource::Counting(Arc::new(AtomicU64::new(1)));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let inside = runtime.enter();
        let mut app = App::new(
            at.db.clone(),
            Clock::Fixed(Arc::new(AtomicI64::new(NOW_MS))),
            ids,
            Login::Demo,
            operation,
        );
        app.seals = Seals::of_demo();
        let ctx: Ctx = app.ctx(Actor::system("test"), Reach::All, Locale::En);
        at.db
            .write_blocking("test.cast", NOW_MS, move |tx: &mut Tx| {
                for (id, role) in
                    [("office", Role::Office), ("filler", Role::Filler), ("viewer", Role::Viewer)]
                {
                    let account = Account::at(id, role, 1);
                    account_set(tx, &ctx, &account, None)?;
                }
                Ok::<_, muster::Fail>(())
            })
            .unwrap();
        drop(inside);
        House { app, url: at.config.url.clone(), runtime }
    }

    /// Another node on the same database: connections, caches and an intake of its own; the same clock.
    pub(crate) fn beside(&self) -> House {
        self.at(&self.url)
    }

    /// The same house on another database.
    pub(crate) fn at(&self, url: &str) -> House {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let inside = runtime.enter();
        let db = Db::open(&DbConfig::for_testing(url)).unwrap();
        let operation = (*self.app.operation()).clone();
        let mut app = App::new(db, self.app.clock.clone(), IdSource::Random, Login::Demo, operation);
        app.seals = self.app.seals.clone();
        drop(inside);
        House { app, url: url.to_owned(), runtime }
    }

    /// Waits for something of the house.
    pub(crate) fn block_on<T>(&self, wait: impl Future<Output = T>) -> T {
        self.runtime.block_on(wait)
    }

    /// Asks a door as one of the cast (or as nobody, by an empty name), in English unless the headers say otherwise.
    pub(crate) fn ask(
        &self,
        role: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Said {
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let request = if role.is_empty() { request } else { request.header("x-muster-role", role) };
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let says = headers.iter().any(|(name, _)| *name == "accept-language");
        let request = if says { request } else { request.header("accept-language", "en") };
        self.answer(&muster::serve::router(self.app.clone()), request.body(Body::from(body)).unwrap())
    }

    /// Runs what is asynchronous on the house's own runtime.
    pub(crate) fn run<T>(&self, story: impl Future<Output = T>) -> T {
        self.runtime.block_on(story)
    }

    /// What a router answers; of a stream that has no end only its head.
    pub(crate) fn answer(&self, router: &Router, mut request: Request<Body>) -> Said {
        request.headers_mut().entry("host").or_insert(HeaderValue::from_static("localhost"));
        self.runtime.block_on(async {
            let response = router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let endless = parts.headers.get("content-type").is_some_and(|v| v == "text/event-stream");
            let bytes = match endless {
                true => Bytes::new(),
                false => axum::body::to_bytes(body, 64 << 20).await.unwrap(),
            };
            Said { status: parts.status, headers: parts.headers, bytes }
        })
    }

    /// Opens a session for one of the cast; the token of its cookie.
    pub(crate) fn log_in(&self, app: &App, id: &str) -> String {
        self.runtime.block_on(async {
            let at = app.moment();
            let all = app.db.read("test.roles", move |rx| accounts_by_role(rx, at)).await.unwrap();
            let account = all.into_iter().find(|account| account.id == id).unwrap();
            session_of(&app.db, at, account, "test").await.unwrap().token
        })
    }

    /// Reads a door.
    pub(crate) fn get(&self, role: &str, path: &str) -> Said {
        self.ask(role, "GET", path, &[], Vec::new())
    }

    /// Sends JSON to a door.
    pub(crate) fn post(&self, role: &str, path: &str, body: Value) -> Said {
        self.ask(role, "POST", path, &[("content-type", "application/json")], body.to_string().into_bytes())
    }

    /// The journal's entries of an action, in order.
    pub(crate) fn journalled(&self, action: &'static str) -> Vec<Stored> {
        let read = move |rx: &mut Rx| {
            let mut found = Vec::new();
            for lane in 0..=LANES {
                found.extend(journal_after(rx, 1, lane, 0, 10_000)?);
            }
            Ok::<_, muster_store::StoreError>(found)
        };
        let mut found = self.app.db.read_blocking("test.journal", read).unwrap();
        found.retain(|entry| entry.action == action);
        found.sort_by_key(|entry| entry.at);
        found
    }
}

/// So that a story can ask whether a table holds anything.
pub(crate) fn count(house: &House, statement: muster_store::Stmt) -> i64 {
    house
        .app
        .db
        .read_blocking("test.count", move |rx: &mut Rx| rx.one(&statement, &[], |row| row.int(0)))
        .unwrap()
}
