//! Each courier against a stand-in that holds it to the documented format.

use super::standin::{Host, MailServer};
use super::{carried, channel, outbox, sending, sent, test};
use crate::cast::{Cast, Terms, told_with};
use crate::command::Folder;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use muster::outbound::{Carried, Encryption, Letter, LetterKind, Settings, Smtp, letter_add};
use muster_store::Entry;
use percent_encoding::percent_decode_str;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

fn hmac(secret: &str, text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// Settings by which a host on this machine may be reached.
fn naming(host: &Host) -> Settings {
    Settings {
        hosts: vec![("127.0.0.1".into(), host.port)],
        private: vec!["127.0.0.1/32".parse().unwrap()],
        wecom: host.url(),
        dingtalk: host.url(),
        ..Settings::default()
    }
}

/// A long letter to the channel `duty` of a unit, past the doors.
fn long_letter(cast: &Cast<'_>, unit: &'static str, text: String) {
    let id = *cast.chain(unit).last().unwrap();
    cast.write(move |tx, ctx| {
        let channel = muster::outbound::channels_of(tx, ctx.operation, id)?.remove(0);
        let letter = Letter {
            channel: channel.id,
            unit: id,
            kind: LetterKind::Test,
            key: "long".into(),
            subject: "长信".into(),
            text: text.clone(),
            due_ms: ctx.now_ms,
        };
        letter_add(tx, ctx, &letter, |tx, told| {
            let body = json!({ "letter": told }).to_string().into_bytes();
            let (actor, subject) = (ctx.actor.to_string(), format!("unit:{id}"));
            let (operation, action) = (ctx.operation, "channel.test");
            let entry = Entry {
                operation,
                actor: &actor,
                action,
                subject: &subject,
                prev: None,
                request: None,
                body,
            };
            Ok(tx.journal(entry)?)
        })
    });
}

#[test]
fn a_robot_of_wecom_is_spoken_to_as_its_platform_says() {
    told_with(Terms::default(), |cast| {
        let host = cast.house.run(Host::start());
        let house = sending(cast, naming(&host));
        let key = "693a91f6-7abc-4bc4-97a0-0ec2sifa5aaa";
        let body = json!({ "kind": "wecom", "key": key, "mentions": ["13800001111"] });
        assert_eq!(channel(&house, "G1", &body)["allowed"], true);
        test(&house, "G1");
        assert_eq!(carried(&house), sent(1));
        let [asked] = &host.taken()[..] else { panic!("asked once") };
        assert_eq!(asked.uri, format!("/cgi-bin/webhook/send?key={}", key.replace('-', "%2D")));
        assert_eq!(asked.headers["content-type"], "application/json; charset=utf-8");
        let said: Value = serde_json::from_slice(&asked.body).unwrap();
        assert_eq!(
            (&said["msgtype"], &said["text"]["mentioned_mobile_list"]),
            (&json!("text"), &json!(["13800001111"]))
        );
        assert!(
            said["text"]["content"].as_str().unwrap().starts_with("[Office] Test of a channel\n"),
            "{said}"
        );

        // Long ones go in parts of 2048 bytes; who is called by name is called once. A part that fails is sent again, not those before.
        long_letter(cast, "G1", "第一行\n".repeat(400));
        host.answers(&[
            (200, r#"{"errcode":0,"errmsg":"ok"}"#),
            (200, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#),
        ]);
        assert_eq!(carried(&house), Carried { failed: 1, ..Carried::default() });
        let letter = &outbox(&house, "office", "?state=failed")[0];
        assert_eq!(
            (&letter["error"], &letter["error_text"]),
            (&json!("errcode_45009"), &json!("The platform answered errcode 45009"))
        );
        let before = host.taken();
        assert_eq!(before.len(), 2);
        cast.clock("10:05");
        assert_eq!(carried(&house), sent(1));
        let after = host.taken();
        let parts: Vec<Value> =
            before[..1].iter().chain(&after).map(|one| serde_json::from_slice(&one.body).unwrap()).collect();
        assert!(
            parts.len() > 1
                && parts.iter().all(|part| part["text"]["content"].as_str().unwrap().len() <= 2_048)
        );
        assert_eq!(
            parts.iter().filter(|part| part["text"].get("mentioned_mobile_list").is_some()).count(),
            1
        );
        let lines: usize = parts
            .iter()
            .map(|part| part["text"]["content"].as_str().unwrap().matches("第一行").count())
            .sum();
        assert_eq!(lines, 400, "nothing is left out");
        assert_eq!(before[1].body, after[0].body, "a repeat is the same, mark and all");

        // What says an error for good is given up, and told.
        test(&house, "G1");
        host.answers(&[(200, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#)]);
        assert_eq!(carried(&house), Carried { given_up: 1, ..Carried::default() });
        assert_eq!(outbox(&house, "office", "?state=given_up")[0]["error"], "errcode_93000");
    });
}

#[test]
fn a_robot_of_dingtalk_is_spoken_to_as_its_platform_says() {
    told_with(Terms::default(), |cast| {
        let host = cast.house.run(Host::start());
        let house = sending(cast, naming(&host));
        let body = json!({ "kind": "dingtalk", "key": "abcdef0123456789", "secret": "SECthis is secret", "mentions": ["13800001111"] });
        channel(&house, "G1", &body);
        test(&house, "G1");
        assert_eq!(carried(&house), sent(1));
        let [asked] = &host.taken()[..] else { panic!("asked once") };
        let (path, query) = asked.uri.split_once('?').unwrap();
        assert_eq!(path, "/robot/send");
        let said = |name: &str| {
            let value = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap();
            percent_decode_str(value).decode_utf8().unwrap().into_owned()
        };
        let now_ms = cast.house.app.clock.now_ms().to_string();
        assert_eq!(
            (said("access_token"), said("timestamp")),
            ("abcdef0123456789".to_owned(), now_ms.clone())
        );
        let sign =
            STANDARD.encode(hmac("SECthis is secret", format!("{now_ms}\nSECthis is secret").as_bytes()));
        assert_eq!(said("sign"), sign);
        let body: Value = serde_json::from_slice(&asked.body).unwrap();
        assert_eq!(
            (&body["msgtype"], &body["at"]["atMobiles"], &body["at"]["isAtAll"]),
            (&json!("text"), &json!(["13800001111"]), &json!(false))
        );
        assert!(body["text"]["content"].as_str().unwrap().contains("Test of a channel"));
        test(&house, "G1");
        host.answers(&[(200, r#"{"errcode":310000,"errmsg":"sign not match"}"#)]);
        assert_eq!(carried(&house).given_up, 1);
    });
}

#[test]
fn a_webhook_is_signed_known_again_and_sent_nowhere_else() {
    told_with(Terms::default(), |cast| {
        let host = cast.house.run(Host::start());
        let house = sending(cast, naming(&host));
        channel(
            &house,
            "G1",
            &json!({ "kind": "webhook", "address": format!("{}/hook?of=g1", host.url()), "secret": "shh, a secret" }),
        );
        let letter = test(&house, "G1");
        host.answers(&[(503, "a long answer that nobody keeps")]);
        assert_eq!(carried(&house).failed, 1);
        cast.clock("10:02");
        assert_eq!(carried(&house), sent(1));
        let asked = host.taken();
        let keys: Vec<_> =
            asked.iter().map(|one| one.headers["x-muster-id"].to_str().unwrap().to_owned()).collect();
        assert_eq!(
            keys,
            [letter["id"].as_str().unwrap(), letter["id"].as_str().unwrap()],
            "a repeat is known by its key"
        );
        for one in &asked {
            let stamp = one.headers["x-muster-timestamp"].to_str().unwrap();
            let signed = hmac("shh, a secret", &[stamp.as_bytes(), b".", &one.body].concat());
            assert_eq!(one.headers["x-muster-signature"], format!("sha256={}", hex::encode(signed)));
            assert_eq!(one.uri, "/hook?of=g1");
            let body: Value = serde_json::from_slice(&one.body).unwrap();
            assert_eq!((&body["id"], &body["kind"]), (&letter["id"], &json!("test")));
        }
        // A redirect is a failure.
        test(&house, "G1");
        host.answers(&[(302, "")]);
        assert_eq!(carried(&house).given_up, 1);
        assert_eq!(host.taken().len(), 1);
        assert_eq!(outbox(&house, "office", "?state=given_up")[0]["error"], "http_302");
        // Nobody else's host, nor a neighbour's that was not named.
        for address in ["https://elsewhere.example/", "http://127.0.0.1:1/", "https://localhost/"] {
            channel(&house, "G1", &json!({ "kind": "webhook", "address": address }));
            test(&house, "G1");
            assert_eq!(carried(&house).given_up, 1, "{address}");
        }
        let closed = Settings { private: Vec::new(), ..naming(&host) };
        let house = sending(cast, closed);
        channel(&house, "G1", &json!({ "kind": "webhook", "address": host.url() }));
        test(&house, "G1");
        assert_eq!(carried(&house).given_up, 1);
        let given_up = outbox(&house, "office", "?state=given_up");
        assert!(given_up.iter().any(|one| one["error"] == "address_private"), "{given_up:?}");
        assert_eq!(host.taken().len(), 0);
    });
}

/// What a mail says, past its encoding.
fn decoded(data: &str) -> String {
    let (head, body) = data.split_once("\r\n\r\n").unwrap();
    let body: String = body.lines().map(|line| line.trim_end_matches('\r')).collect();
    match head.to_lowercase().contains("content-transfer-encoding: base64") {
        true => String::from_utf8(STANDARD.decode(body.trim_end_matches('.')).unwrap()).unwrap(),
        false => data.to_owned(),
    }
}

#[test]
fn mail_goes_to_a_real_server_in_the_clear_on_this_machine_and_encrypted_with_a_login() {
    told_with(Terms::default(), |cast| {
        let (plain, secure, pem) = cast.house.run(async {
            let issued = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der()));
            let config =
                ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                    .with_safe_default_protocol_versions()
                    .unwrap()
                    .with_no_client_auth()
                    .with_single_cert(vec![issued.cert.der().clone()], key)
                    .unwrap();
            let tls = TlsAcceptor::from(Arc::new(config));
            (MailServer::start(None).await, MailServer::start(Some(tls)).await, issued.cert.pem())
        });
        let smtp = Smtp {
            host: "127.0.0.1".into(),
            port: plain.port,
            tls: Encryption::None,
            from: "desk@office.example".parse().unwrap(),
            login: None,
            authority: None,
        };
        let house = sending(cast, Settings { smtp: Some(smtp.clone()), ..Settings::default() });
        channel(&house, "G1", &json!({ "kind": "mail", "address": "duty@g1.example" }));
        let id = test(&house, "G1")["id"].as_str().unwrap().to_owned();
        assert_eq!(carried(&house), sent(1));
        let [mail] = &plain.taken()[..] else { panic!("one mail") };
        assert_eq!(
            (mail.from.as_str(), &mail.to[..]),
            ("desk@office.example", &["duty@g1.example".to_owned()][..])
        );
        assert!(mail.data.contains(&format!("Message-ID: <{id}@office.example>")), "{}", mail.data);
        assert!(
            mail.data.contains("Auto-Submitted: auto-generated")
                && mail.data.contains("Date: Mon, 03 Feb 2020")
        );
        long_letter(cast, "G1", "各单位：尚未报送。\n".repeat(50));
        assert_eq!(carried(&house), sent(1));
        assert_eq!(decoded(&plain.taken()[0].data).matches("尚未报送").count(), 50);
        // Whom the server does not know is given up; one that is away is tried again.
        channel(&house, "G1", &json!({ "kind": "mail", "address": "nobody@g1.example" }));
        test(&house, "G1");
        assert_eq!(carried(&house).given_up, 1);
        assert_eq!(outbox(&house, "office", "?state=given_up")[0]["error"], "smtp_550");
        let away =
            sending(cast, Settings { smtp: Some(Smtp { port: 1, ..smtp.clone() }), ..Settings::default() });
        channel(&away, "G1", &json!({ "kind": "mail", "address": "duty@g1.example" }));
        test(&away, "G1");
        assert_eq!(carried(&away).failed, 1);

        // Encrypted, and the unit logs in as itself.
        cast.clock("10:30");
        let smtp = Smtp {
            host: "localhost".into(),
            port: secure.port,
            tls: Encryption::Implicit,
            authority: Some(pem.into_bytes()),
            ..smtp
        };
        let house = sending(cast, Settings { smtp: Some(smtp.clone()), ..Settings::default() });
        let own = |password: &str| json!({ "kind": "mail", "address": "duty@g1.example", "user": "g1@g1.example", "secret": password });
        channel(&house, "G1", &own("the pass word"));
        assert_eq!(carried(&house), sent(1), "what waited for the server that was away");
        let [mail] = &secure.taken()[..] else { panic!("one mail") };
        assert_eq!((mail.login.as_str(), mail.from.as_str()), ("g1@g1.example", "g1@g1.example"));
        channel(&house, "G1", &own("another"));
        test(&house, "G1");
        assert_eq!(carried(&house).given_up, 1);
        // A server whose certificate nobody vouches for is told nothing.
        let house =
            sending(cast, Settings { smtp: Some(Smtp { authority: None, ..smtp }), ..Settings::default() });
        channel(&house, "G1", &own("the pass word"));
        test(&house, "G1");
        assert_eq!(carried(&house).failed, 1);
        assert_eq!(secure.taken().len(), 0);
    });
}

#[test]
fn a_folder_gets_a_file_for_each_message() {
    told_with(Terms::default(), |cast| {
        let folder = Folder::new("letters");
        let house = sending(cast, Settings { folder: Some(folder.path("").into()), ..Settings::default() });
        channel(&house, "G1", &json!({ "kind": "folder", "address": "g1" }));
        let id = test(&house, "G1")["id"].as_str().unwrap().to_owned();
        assert_eq!(carried(&house), sent(1));
        let text = std::fs::read_to_string(folder.path(&format!("g1/{id}.txt"))).unwrap();
        assert!(text.starts_with("[Office] Test of a channel\n\n"), "{text}");
        assert_eq!(std::fs::read_dir(folder.path("g1")).unwrap().count(), 1);
    });
}
