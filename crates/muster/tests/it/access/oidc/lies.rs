//! A service that is down, slow, or lies; and whoever stands between.

use super::*;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::time::Instant;
use tokio_rustls::TlsAcceptor;

/// What is changed of what a service says.
type Tweak = fn(&mut Value);

#[test]
fn no_token_is_taken_but_one_of_this_service_for_this_server_of_this_login() {
    told(
        |_| {},
        |round| {
            round.linked();
            let lies: [(&str, Tweak); 12] = [
                ("another login's nonce", |claims| claims["nonce"] = json!("x")),
                ("no nonce", |claims| drop(claims.as_object_mut().unwrap().remove("nonce"))),
                ("for another", |claims| claims["aud"] = json!("somebody")),
                ("for another too", |claims| claims["aud"] = json!(["muster", "somebody"])),
                ("for nobody", |claims| claims["aud"] = json!([])),
                ("another party's", |claims| claims["azp"] = json!("somebody")),
                ("of another issuer", |claims| claims["iss"] = json!("https://evil.example")),
                ("of an issuer like it", |claims| {
                    claims["iss"] = json!(format!("{}/", claims["iss"].as_str().unwrap()));
                }),
                ("too old", |claims| claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 1)),
                ("of no end", |claims| drop(claims.as_object_mut().unwrap().remove("exp"))),
                ("of nobody", |claims| drop(claims.as_object_mut().unwrap().remove("sub"))),
                ("no claims", |claims| *claims = json!("x")),
            ];
            for (what, claims) in lies {
                round.service.mood().claims = claims;
                assert_eq!(refused(&round.enter()), (401, "oidc.token_bad".into()), "{what}");
            }
            round.service.mood().claims = |_| {};
            for sign in [Sign::None, Sign::HmacOfKey, Sign::HmacOfSecret, Sign::Foreign, Sign::Altered] {
                round.service.mood().sign = sign;
                assert_eq!(refused(&round.enter()), (401, "oidc.token_bad".into()), "{sign:?}");
            }
            round.service.mood().sign = Sign::Es256;
            // Mixed up: the browser comes back from another service, or from nobody.
            for iss in [json!("https://evil.example"), json!(""), Value::Null] {
                let (browser, brought) = round.go();
                let body = json!({ "state": brought.state, "code": brought.code, "iss": iss });
                assert_eq!(refused(&round.back(&browser, body)), (401, "oidc.issuer".into()), "{iss}");
            }
            for body in [
                json!({ "error": "access_denied" }),
                json!({ "code": "" }),
                json!({}),
                json!({ "code": "x", "error": "x" }),
            ] {
                let (browser, brought) = round.go();
                let mut body = body;
                body["state"] = json!(brought.state);
                body["iss"] = json!(brought.iss);
                assert_eq!(refused(&round.back(&browser, body)), (401, "oidc.denied".into()));
                assert_eq!(
                    refused(&round.back(&browser, brought.body())),
                    (401, "oidc.round".into()),
                    "it is spent"
                );
            }
            assert_eq!(round.enter().status, StatusCode::OK, "and the truth is still believed");
            let title = |said: &Said| said.json()["title"].as_str().unwrap_or_default().to_owned();
            round.service.mood().claims = |claims| claims["aud"] = json!("somebody");
            let said = round.enter();
            assert!(
                title(&said).contains("Group One") && !title(&said).contains("somebody"),
                "{}",
                title(&said)
            );
        },
    );
}

#[test]
fn keys_that_were_changed_are_asked_anew() {
    told(
        |_| {},
        |round| {
            round.linked();
            round.service.mood().key = 11;
            assert_eq!(round.enter().status, StatusCode::OK, "a new key under a new id");
            let asked = round.service.mood().asked.iter().filter(|path| *path == "/keys").count();
            assert_eq!(asked, 2);
            assert_eq!(round.enter().status, StatusCode::OK);
            assert_eq!(
                round.service.mood().asked.iter().filter(|path| *path == "/keys").count(),
                2,
                "and kept"
            );
        },
    );
}

#[test]
fn a_service_that_is_down_slow_or_far_too_talkative_lets_nobody_in_and_holds_nobody_up() {
    told(
        |_| {},
        |round| {
            let (_, session) = round.liu();
            let down = || (503, "oidc.unreachable".to_owned());
            let go = || round.desk.ask("", "POST", "/oidc/g1", json!({}));
            let later = |at: &str| round.cast.clock(at);
            round.service.mood().is_mute = true;
            let began = Instant::now();
            let said = go();
            assert_eq!(refused(&said), down());
            assert!(said.headers.contains_key("retry-after"));
            assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
            // Nobody waits for it again at once, and nothing else waits for it at all.
            let began = Instant::now();
            assert_eq!(refused(&go()), down());
            assert_eq!(round.desk.ask(&session, "GET", "/session", Value::Null).status, StatusCode::OK);
            assert!(began.elapsed() < Duration::from_millis(300), "{:?}", began.elapsed());
            round.service.mood().is_mute = false;
            let lies: [(&str, Tweak); 8] = [
                ("another issuer", |about| about["issuer"] = json!("https://evil.example")),
                ("keys elsewhere", |about| about["jwks_uri"] = json!("http://169.254.169.254/keys")),
                ("keys at another port", |about| about["jwks_uri"] = json!("http://127.0.0.1:1/keys")),
                ("keys in a file", |about| about["jwks_uri"] = json!("file:///etc/passwd")),
                ("browsers elsewhere", |about| {
                    about["authorization_endpoint"] = json!("https://evil.example/a")
                }),
                ("no browsers", |about| {
                    drop(about.as_object_mut().unwrap().remove("authorization_endpoint"))
                }),
                ("no object", |about| *about = json!([])),
                ("huge", |about| about["more"] = json!("x".repeat(300_000))),
            ];
            for (n, (what, about)) in lies.into_iter().enumerate() {
                later(&format!("11:{n:02}"));
                round.service.mood().about = about;
                assert_eq!(refused(&go()), down(), "{what}");
            }
            assert!(!round.service.mood().asked.contains(&"/elsewhere".to_owned()));
            // Up again.
            later("12:00");
            round.service.mood().about = |_| {};
            assert_eq!(round.link(&session).status, StatusCode::OK);
            // It breaks down while the browser is away.
            for (status, text, expected) in [
                (500, "oops".to_owned(), (401, "oidc.token_bad".to_owned())),
                (302, String::new(), (401, "oidc.token_bad".to_owned())),
                (400, r#"{"error":"invalid_grant"}"#.to_owned(), (401, "oidc.code_refused".to_owned())),
                (200, "{}".to_owned(), (401, "oidc.token_bad".to_owned())),
                (
                    200,
                    r#"{"access_token":"a","token_type":"Bearer"}"#.to_owned(),
                    (401, "oidc.token_bad".to_owned()),
                ),
                (
                    200,
                    r#"{"access_token":"a","token_type":"Bearer","id_token":"a.b.c"}"#.to_owned(),
                    (401, "oidc.token_bad".to_owned()),
                ),
                (200, format!("{{\"more\":\"{}\"}}", "x".repeat(300_000)), down()),
            ] {
                round.service.mood().answer = Some((status, text));
                assert_eq!(refused(&round.enter()), expected);
            }
            round.service.mood().answer = None;
            assert_eq!(round.enter().status, StatusCode::OK);
            // What is known of it is good for an hour, and longer where it cannot be asked anew.
            later("14:00");
            round.service.mood().about = |about| *about = json!([]);
            assert_eq!(round.enter().status, StatusCode::OK);
        },
    );
}

#[test]
fn only_the_authority_that_the_operator_named_vouches_for_a_service() {
    story(|house| {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let tls = TlsAcceptor::from(Arc::new(config));
        let service = house.run(Service::start(house.app.clock.clone(), Some(tls)));
        let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let away = |authority: &str| {
            let settings = Settings { authority: Some(authority.into()), ..service.settings() };
            let oidc = Oidc::new(vec![settings], "http://localhost")?;
            house.run(oidc.provider("g1")?.away(house.app.clock.now_ms()))
        };
        let url = away(&made.cert.pem()).unwrap().url;
        assert!(url.starts_with(&service.issuer), "{url}");
        assert_eq!(away(&other.cert.pem()).unwrap_err().code, "oidc.unreachable", "another's authority");
        assert_eq!(away("no certificate").unwrap_err().code, "oidc.settings");
    });
}
