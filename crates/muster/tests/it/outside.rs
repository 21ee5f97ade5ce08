//! How the outside reaches the server: encrypted, under its own names, through a proxy or not; and what it then tells a
//! browser.

use crate::command::{Folder, begun, muster};
use crate::evidence::served::Served;
use crate::house::{House, NOW_MS, Said, story};
use crate::serving::served_as;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use muster::app::Login;
use muster::migrations::MIGRATIONS;
use muster::request::peer::Wire;
use muster::request::{Limits, Outside};
use muster::serve::guards::DOORS;
use muster::serve::{Patience, Tls};
use muster_kernel::Clock;
use muster_store::testdb::TestDb;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A certificate for `desk.test` and its key, in two files of a folder.
fn certify(folder: &Folder) -> (String, String, String) {
    certify_until(folder, None)
}

/// As [`certify`]: one that ends at an instant, ms UTC.
fn certify_until(folder: &Folder, ends_at: Option<i64>) -> (String, String, String) {
    let mut params = rcgen::CertificateParams::new(["desk.test".to_owned()]).unwrap();
    if let Some(ends_at) = ends_at {
        let since = Duration::from_millis(ends_at.try_into().unwrap());
        params.not_after = rcgen::date_time_ymd(1970, 1, 1) + since;
    }
    let secret = rcgen::KeyPair::generate().unwrap();
    let pem = params.self_signed(&secret).unwrap().pem();
    let certificate = folder.file("cert.pem", pem.as_bytes());
    let key = folder.file("key.pem", secret.serialize_pem().as_bytes());
    (certificate, key, pem)
}

/// What a browser that trusts this certificate is answered.
fn asked(at: SocketAddr, pem: &str, head: &str) -> Result<String, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("desk.test").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(at)?);
    let host = if head.contains("Host:") { "" } else { "Host: desk.test\r\n" };
    stream.write_all(format!("{head}\r\n{host}Connection: close\r\n\r\n").as_bytes())?;
    let mut said = Vec::new();
    // A server that just closes has said all it had to say.
    drop(stream.read_to_end(&mut said));
    Ok(String::from_utf8_lossy(&said).into_owned())
}

fn named() -> Arc<Outside> {
    let proxies = vec!["10.0.0.5/32".parse().unwrap()];
    Arc::new(Outside { names: vec!["desk.test".to_owned()], proxies, ..Outside::default() })
}

#[test]
fn over_tls_it_answers_under_its_name_and_a_renewed_certificate_is_taken() {
    let store = TestDb::sqlite(MIGRATIONS);
    let house = House::on(&store);
    let folder = Folder::new("tls");
    let (certificate, key, first) = certify(&folder);
    let tls = Tls::read(certificate.as_ref(), key.as_ref(), &named().names).unwrap();
    let mut app = house.app.clone();
    app.outside = named();
    let patience = Patience { head: Duration::from_millis(1_500), connections: 8 };
    let held = tls.clone();
    served_as(&house, app, patience, Some(tls), |at, stop| {
        let said = asked(at, &first, "GET /api/v1/about HTTP/1.1").unwrap();
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
        assert!(said.to_lowercase().contains("strict-transport-security: max-age="), "{said}");
        let said = asked(at, &first, "GET /api/v1/about HTTP/1.1\r\nHost: other.test").unwrap();
        assert!(said.starts_with("HTTP/1.1 403") && said.contains("request.host_unknown"), "{said}");
        // Who opens and says nothing, and who speaks in the clear, is let go, and keeps nobody out meanwhile.
        let begun = Instant::now();
        let mut silent = TcpStream::connect(at).unwrap();
        let mut clear = TcpStream::connect(at).unwrap();
        clear.write_all(b"GET /api/v1/about HTTP/1.1\r\nHost: desk.test\r\n\r\n").unwrap();
        assert!(asked(at, &first, "GET /api/v1/about HTTP/1.1").unwrap().starts_with("HTTP/1.1 200"));
        assert!(begun.elapsed() < patience.head, "{:?}", begun.elapsed());
        let mut rest = Vec::new();
        drop(clear.read_to_end(&mut rest));
        assert!(!String::from_utf8_lossy(&rest).contains("HTTP/1.1 200"));
        drop(silent.read_to_end(&mut rest));
        let took = begun.elapsed();
        assert!(took > Duration::from_secs(1) && took < Duration::from_secs(5), "{took:?}");
        // A file that is no certificate keeps the old one; a key of another one too; a whole new pair is taken.
        let (_, _, second) = {
            folder.file("cert.pem", b"-----BEGIN CERTIFICATE-----\nnone\n");
            assert_eq!(held.read_anew().unwrap_err().code, "tls.refused");
            folder.file("cert.pem", first.as_bytes());
            assert!(!held.read_anew().unwrap(), "the same as before");
            let other = Folder::new("tls-other");
            let (_, other_key, _) = certify(&other);
            std::fs::copy(other_key, &key).unwrap();
            assert_eq!(held.read_anew().unwrap_err().code, "tls.key_other");
            let elsewhere = rcgen::generate_simple_self_signed(["other.test".to_owned()]).unwrap();
            folder.file("cert.pem", elsewhere.cert.pem().as_bytes());
            folder.file("key.pem", elsewhere.signing_key.serialize_pem().as_bytes());
            assert_eq!(held.read_anew().unwrap_err().code, "tls.names");
            assert!(asked(at, &first, "GET /api/v1/about HTTP/1.1").unwrap().starts_with("HTTP/1.1 200"));
            certify(&folder)
        };
        assert!(held.read_anew().unwrap());
        assert!(asked(at, &second, "GET /api/v1/about HTTP/1.1").unwrap().starts_with("HTTP/1.1 200"));
        assert!(asked(at, &first, "GET /api/v1/about HTTP/1.1").is_err(), "the old one is gone");
        std::fs::remove_file(&key).unwrap();
        assert_eq!(held.read_anew().unwrap_err().code, "tls.file");
        stop.send(()).unwrap();
    })
    .unwrap();
}

/// A day, in ms.
const DAY_MS: i64 = 86_400_000;

#[test]
fn how_it_stands_with_the_certificate_is_told_to_whoever_asks() {
    let store = TestDb::sqlite(MIGRATIONS);
    let mut house = House::on(&store);
    let folder = Folder::new("tls-standing");
    let told = |house: &House| house.get("viewer", "/about").json()["certificate"].clone();
    assert_eq!(told(&house), json!(null), "nothing is encrypted here");
    let mut renewed: Option<Arc<Tls>> = None;
    for (days, standing, left) in
        [(31, "good", 31), (30, "soon", 30), (7, "near", 7), (0, "near", 0), (-1, "ended", -1)]
    {
        let (certificate, key, _) = certify_until(&folder, Some(NOW_MS + days * DAY_MS));
        match &renewed {
            // The same server all along: a changed file is picked up.
            Some(tls) => assert!(tls.read_anew().unwrap(), "{days}"),
            None => {
                let tls = Tls::read(certificate.as_ref(), key.as_ref(), &[]).unwrap();
                house.app.certificate = Some(tls.clone());
                renewed = Some(tls);
            }
        }
        let said = told(&house);
        assert_eq!((&said["standing"], &said["days_left"]), (&json!(standing), &json!(left)), "{said}");
        assert!(said["ends_at"].as_str().unwrap().ends_with("10:00:00+08:00"), "{said}");
    }
    let mut params = rcgen::CertificateParams::new(["desk.test".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 2, 7);
    let secret = rcgen::KeyPair::generate().unwrap();
    folder.file("cert.pem", params.self_signed(&secret).unwrap().pem().as_bytes());
    folder.file("key.pem", secret.serialize_pem().as_bytes());
    assert!(renewed.unwrap().read_anew().unwrap());
    assert_eq!(told(&house)["standing"], "early");
}

#[test]
fn a_certificate_near_its_end_is_said_at_the_start_and_in_the_log() {
    let folder = Folder::new("tls-log");
    let database = folder.path("muster.db");
    begun(&database);
    let now_ms = Clock::Wall.now_ms();
    for (ends_at, sentence, logged) in [
        (Some(now_ms + 36 * 3_600_000), "The certificate ends on", "ERROR the certificate ends within days"),
        (Some(now_ms + 20 * DAY_MS), "The certificate ends on", "WARN the certificate ends soon"),
        (Some(now_ms - DAY_MS), "The certificate ended on", "ERROR the certificate has ended"),
        (None, "", ""),
    ] {
        let (certificate, key, pem) = certify_until(&folder, ends_at);
        let options = ["--tls-cert", &certificate, "--tls-key", &key, "--name", "desk.test"];
        let served = Served::start(&database, "warn", &options);
        let answer = asked(served.at, &pem, "GET /api/v1/about HTTP/1.1");
        let (code, said) = served.stop();
        assert_eq!(code, Some(0), "{said}");
        // One that has ended is served all the same: whether to come in nevertheless is the browser's to say.
        let ended = ends_at.is_some_and(|ends_at| ends_at < now_ms);
        assert_eq!(answer.is_err(), ended, "{answer:?}");
        let plain = said.replace("muster::serve::tls: ", "");
        assert_eq!(plain.contains("certificate"), ends_at.is_some(), "{said}");
        assert!(plain.contains(sentence) && plain.contains(logged), "{said}");
    }
    // For another name, or with another's key, it does not begin, and says so.
    let (certificate, key, _) = certify(&folder);
    let away = Folder::new("tls-log-other");
    let (_, other_key, _) = certify(&away);
    for (lang, key, name, code, words) in [
        ("en", &key, "desk.test,other.test", "tls.names", "is not for other.test"),
        ("zh-CN", &key, "other.test", "tls.names", "不是给 other.test 的"),
        ("zh-TW", &other_key, "desk.test", "tls.key_other", "不是一對"),
        ("en", &other_key, "desk.test", "tls.key_other", "does not belong to"),
    ] {
        let line = ["serve", "--listen", "127.0.0.1:0", "--tls-cert", &certificate, "--tls-key", key];
        let out = muster(&database, &[&line[..], &["--name", name, "--lang", lang]].concat());
        let err = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(3), "{err}");
        assert!(err.contains(&format!("[{code}]")) && err.contains(words), "{err}");
        assert!(code != "tls.names" || err.contains("desk.test"), "it says which names it has: {err}");
    }
}

#[test]
fn behind_a_proxy_the_certificate_may_be_for_another_name() {
    let folder = Folder::new("tls-proxy");
    let database = folder.path("muster.db");
    begun(&database);
    let (certificate, key, _) = certify(&folder);
    let options = ["--tls-cert", &certificate, "--tls-key", &key, "--name", "other.test"];
    let served = Served::start(&database, "error", &[&options[..], &["--proxy", "127.0.0.1"]].concat());
    assert_eq!(served.stop().0, Some(0));
}

/// Asks as who comes over a connection from an address.
fn from(house: &House, login: Login, wire: Wire, request: axum::http::request::Builder, body: Body) -> Said {
    let mut app = house.app.clone();
    app.login = login;
    app.outside = named();
    let mut request = request.body(body).unwrap();
    request.extensions_mut().insert(wire);
    house.answer(&muster::serve::router(app), request)
}

fn wire(address: &str, tls: bool) -> Wire {
    Wire { address: address.parse().unwrap(), tls }
}

#[test]
fn a_cookie_is_guarded_where_the_outside_is_https_and_only_there() {
    story(|house| {
        let token = house.log_in(&house.app, "office");
        let read = |wire: Wire, headers: &[(&str, &str)]| {
            let request = Request::builder().uri("/api/v1/session");
            let request =
                headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            from(house, Login::Local, wire, request, Body::empty())
        };
        let (bare, guarded) = (format!("muster_session={token}"), format!("__Host-muster_session={token}"));
        let proxied = ("x-forwarded-proto", "https");
        let table = [
            (wire("192.0.2.1", false), vec![("cookie", bare.as_str())], StatusCode::OK),
            (wire("192.0.2.1", false), vec![("cookie", &guarded)], StatusCode::UNAUTHORIZED),
            (wire("192.0.2.1", true), vec![("cookie", &bare)], StatusCode::UNAUTHORIZED),
            (wire("192.0.2.1", true), vec![("cookie", &guarded)], StatusCode::OK),
            (wire("10.0.0.5", false), vec![("cookie", &guarded), proxied], StatusCode::OK),
            (wire("10.0.0.6", false), vec![("cookie", &guarded), proxied], StatusCode::UNAUTHORIZED),
        ];
        for (wire, headers, expected) in &table {
            let said = read(*wire, headers);
            assert_eq!(said.status, *expected, "{wire:?} {headers:?}");
            let https = wire.tls || wire.address.to_string() == "10.0.0.5";
            assert_eq!(said.headers.contains_key("strict-transport-security"), https);
        }
        let close = |wire| {
            let request = Request::builder().method("DELETE").uri("/api/v1/session");
            let said = from(house, Login::Local, wire, request, Body::empty());
            said.headers["set-cookie"].to_str().unwrap().to_owned()
        };
        let (plain, secure) = (close(wire("192.0.2.1", false)), close(wire("192.0.2.1", true)));
        assert!(plain.starts_with("muster_session=;") && !plain.contains("Secure"), "{plain}");
        assert!(secure.starts_with("__Host-muster_session=;") && secure.ends_with("; Secure"), "{secure}");
        assert!(secure.contains("Path=/;") && !secure.contains("Domain"), "as the prefix asks: {secure}");
    });
}

#[test]
fn a_name_counts_only_where_the_operator_or_a_believed_proxy_says_it() {
    let store = TestDb::sqlite(MIGRATIONS);
    let house = House::on(&store);
    let ask = |address: &str, headers: &[(&str, &str)]| {
        let request = Request::builder().uri("/api/v1/about");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        from(&house, Login::Local, wire(address, false), request, Body::empty()).status
    };
    assert_eq!(ask("192.0.2.1", &[("host", "desk.test")]), StatusCode::OK);
    assert_eq!(ask("192.0.2.1", &[("host", "evil.test")]), StatusCode::FORBIDDEN);
    let evil = ("x-forwarded-host", "evil.test");
    let own = ("x-forwarded-host", "desk.test");
    assert_eq!(
        ask("192.0.2.1", &[("host", "desk.test"), evil]),
        StatusCode::OK,
        "who says it is not believed"
    );
    assert_eq!(ask("10.0.0.5", &[("host", "desk.test"), evil]), StatusCode::FORBIDDEN);
    assert_eq!(ask("10.0.0.5", &[("host", "127.0.0.1:8020"), own]), StatusCode::OK);
    assert_eq!(
        ask("10.0.0.5", &[("host", "evil.test"), own]),
        StatusCode::FORBIDDEN,
        "a page may write that"
    );
}

#[test]
fn an_operation_is_begun_only_on_the_machine_itself() {
    let store = TestDb::sqlite(MIGRATIONS);
    let house = House::on(&store);
    let body = json!({ "office": "Office", "account": "duty", "password": "a-long-password" });
    let begin = |wire: Wire, header: Option<(&str, &str)>| {
        let request = Request::builder().method("POST").uri("/api/v1/operation");
        let request = header.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let request = request.header("content-type", "application/json");
        from(&house, Login::Local, wire, request, Body::from(body.to_string()))
    };
    let through = Some(("x-forwarded-for", "127.0.0.1"));
    for (wire, header) in [
        (wire("192.0.2.1", true), None),
        (wire("192.0.2.1", false), through),
        (wire("127.0.0.1", false), Some(("forwarded", "for=192.0.2.1"))),
        (wire("10.0.0.5", false), through),
    ] {
        let said = begin(wire, header);
        assert_eq!((said.status, said.code().as_str()), (StatusCode::FORBIDDEN, "operation.begin_here"));
    }
    assert_eq!(begin(wire("127.0.0.1", false), None).status, StatusCode::NO_CONTENT);
}

#[test]
fn the_command_line_refuses_the_clear_and_says_what_it_costs() {
    let folder = Folder::new("clear");
    let database = folder.path("muster.db");
    for (lang, word) in [("en", "passwords"), ("zh-CN", "密码"), ("zh-TW", "密碼")] {
        let out = muster(&database, &["serve", "--listen", "0.0.0.0:0", "--lang", lang]);
        let err = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{err}");
        assert!(err.contains("[line.plain_needed]") && err.contains(word), "{err}");
    }
    let none = folder.path("none.pem");
    let out = muster(&database, &["serve", "--tls-cert", &none, "--tls-key", &none]);
    let err = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(3), "{err}");
    assert!(err.contains("[tls.file]") && err.contains("none.pem"), "{err}");
    for line in [["--name", "https://desk"], ["--proxy", "desk"], ["--tls-cert", "a"], ["--listen", "desk"]] {
        let out = muster(&database, &[&["serve"][..], &line].concat());
        assert_eq!(out.status.code(), Some(2), "{line:?}");
    }
}

#[test]
fn every_answer_tells_a_browser_what_it_may_not_do() {
    let store = TestDb::sqlite(MIGRATIONS);
    let house = House::on(&store);
    let router = muster::serve::router(house.app.clone());
    let pages = ["/", "/desk", "/units/HQ", "/index.html", "/assets/none.js", "/none.png", "/../etc/passwd"];
    let doors = DOORS.iter().map(|door| (door.method, door.path.replace(['{', '}'], "")));
    let odd = ["/api/v1/nothing", "/api", "/api/v1/about?x=1"].map(|path| ("GET", path.to_owned()));
    let all = pages.map(|path| ("GET", path.to_owned())).into_iter().chain(doors).chain(odd);
    let mut statuses = Vec::new();
    for (method, path) in all {
        for host in ["localhost", "evil.test"] {
            let request = Request::builder().method(method).uri(&path).header("host", host);
            let said = house.answer(&router, request.body(Body::empty()).unwrap());
            let header = |name: &str| {
                let all: Vec<_> = said.headers.get_all(name).iter().collect();
                assert_eq!(all.len(), 1, "{method} {path}: {name} {all:?}");
                all[0].to_str().unwrap().to_owned()
            };
            let policy = header("content-security-policy");
            assert!(policy.contains("frame-ancestors 'none'") || policy.starts_with("sandbox"), "{policy}");
            let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src"));
            let scripts =
                scripts.or_else(|| policy.split(';').find(|part| part.contains("default-src"))).unwrap();
            assert!(
                !scripts.contains("unsafe") && !scripts.contains('*') && !scripts.contains("http"),
                "{policy}"
            );
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("referrer-policy"), "same-origin");
            assert_eq!(header("cross-origin-opener-policy"), "same-origin");
            assert_eq!(header("cross-origin-resource-policy"), "same-origin");
            assert!(header("permissions-policy").contains("geolocation=()"));
            let kept = header("cache-control");
            assert!(kept == "no-store" || !path.starts_with("/api/"), "{method} {path}: {kept}");
            assert!(!said.headers.contains_key("strict-transport-security"), "nobody is here by https");
            statuses.push(said.status.as_u16());
        }
    }
    for status in [200, 403, 404, 422] {
        assert!(statuses.contains(&status), "the walk met {statuses:?}");
    }
}

#[test]
fn who_asks_too_much_is_told_when_to_come_again_and_keeps_nobody_else_out() {
    story(|house| {
        let tokens = ["office", "viewer"].map(|id| house.log_in(&house.app, id));
        let mut app = house.app.clone();
        (app.login, app.limits) = (Login::Local, Limits::new("5".parse().unwrap()));
        let router = muster::serve::router(app);
        let ask = |address: &str, path: &str, token: &str| {
            let cookie = format!("muster_session={token}");
            let request =
                Request::builder().uri(path).header("accept-language", "en").header("cookie", cookie);
            let mut request = request.body(Body::empty()).unwrap();
            request.extensions_mut().insert(wire(address, false));
            house.answer(&router, request)
        };
        let let_by = |address: &str, path: &str, token: &str, of: usize| {
            (0..of).filter(|_| ask(address, path, token).status != StatusCode::TOO_MANY_REQUESTS).count()
        };
        // A burst of 4 seconds' worth, and what comes in meanwhile.
        let (session, about) = ("/api/v1/session", "/api/v1/about");
        let mine = let_by("192.0.2.1", session, &tokens[0], 60);
        assert!((20..50).contains(&mine), "{mine}");
        let refused = (0..40).map(|_| ask("192.0.2.9", session, &tokens[0]));
        let refused = refused.into_iter().find(|said| said.status == StatusCode::TOO_MANY_REQUESTS).unwrap();
        assert_eq!(
            (refused.code().as_str(), &refused.headers["retry-after"]),
            ("request.too_many", &"1".parse().unwrap())
        );
        assert!(refused.json()["title"].as_str().unwrap().ends_with("in 1 second."), "{}", refused.json());
        assert_eq!(refused.headers["content-type"], "application/problem+json");
        assert_eq!(ask("192.0.2.1", session, &tokens[1]).status, StatusCode::OK, "another account behind it");
        // A token that is nobody's is none, and its bearer counts by address.
        let forged = "f".repeat(64);
        let theirs = let_by("192.0.2.1", session, &forged, 200);
        assert!((80..160).contains(&theirs), "{theirs}");
        let strangers = (0..50).map(|_| ask("192.0.2.1", about, "").status);
        assert!(strangers.into_iter().any(|status| status == StatusCode::TOO_MANY_REQUESTS));
        assert_eq!(ask("192.0.2.2", about, "").status, StatusCode::OK, "another address");
        assert_eq!(
            ask("192.0.2.1", session, &tokens[1]).status,
            StatusCode::OK,
            "nor who is logged in there"
        );
        assert_ne!(ask("192.0.2.1", "/", "").status, StatusCode::TOO_MANY_REQUESTS, "a page holds nothing");
    });
}
