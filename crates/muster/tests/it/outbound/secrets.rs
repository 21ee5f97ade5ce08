//! Where a channel leads and what opens it is nowhere to be read: no file of the database, no copy, no entry, no answer.

use super::{channel, put, sending};
use crate::cast::{Terms, told_with};
use crate::command::{Folder, muster};
use axum::http::StatusCode;
use muster::outbound::Settings;
use muster_store::{Dialect, LANES, Rx, StoreError, journal_after};
use serde_json::json;

const ADDRESS: &str = "night.duty.zhang@g1-hidden.example";
const SECRETS: [&str; 5] =
    ["hidden-hmac-secret", "hiddenrobotkey0001", "SEChiddensign", "hidden pass word", "13912345678"];

#[test]
fn no_file_no_entry_and_no_answer_tells_where_a_channel_leads() {
    told_with(Terms::default(), |cast| {
        let house = sending(cast, Settings::default());
        let [hmac, key, sign, password, phone] = SECRETS;
        let mut told = Vec::new();
        for body in [
            json!({ "kind": "webhook", "address": "https://hooks.example/hidden-path", "secret": hmac }),
            json!({ "kind": "wecom", "key": key, "mentions": [phone] }),
            json!({ "kind": "dingtalk", "key": key, "secret": sign }),
            json!({ "kind": "mail", "address": ADDRESS, "user": "hidden-login", "secret": password }),
        ] {
            told.push(channel(&house, "G1", &body).to_string());
            // The same under a key that may be sent again: what is kept of that is no secret either.
            let headers = [("content-type", "application/json"), ("idempotency-key", "once")];
            let path = format!("/units/G1/channels/{}", body["kind"].as_str().unwrap());
            let said = house.ask("office", "PUT", &path, &headers[..1], body.to_string().into());
            assert_eq!(said.status, StatusCode::OK);
            told.push(said.json().to_string());
        }
        let once = [("content-type", "application/json"), ("idempotency-key", "once")];
        let body =
            json!({ "kind": "webhook", "address": "https://hooks.example/hidden-path", "secret": hmac });
        for _ in 0..2 {
            let said = house.ask("office", "PUT", "/units/G1/channels/once", &once, body.to_string().into());
            assert_eq!(said.status, StatusCode::OK);
            told.push(said.json().to_string());
        }
        told.push(
            put(
                &house,
                "office",
                "/units/G1/channels/x",
                &json!({ "kind": "mail", "address": "no mail", "secret": password }),
            )
            .json()
            .to_string(),
        );
        told.push(house.get("office", "/units/G1/channels").json().to_string());
        told.push(house.get("office", "/journal").json().to_string());
        let entries = house.app.db.read_blocking("test.journal", |rx: &mut Rx<'_>| {
            let mut found = Vec::new();
            for lane in 0..=LANES {
                found.extend(journal_after(rx, 1, lane, 0, 10_000)?.into_iter().map(|entry| entry.body));
            }
            Ok::<_, StoreError>(found)
        });
        told.extend(entries.unwrap().into_iter().map(|body| String::from_utf8_lossy(&body).into_owned()));
        let hidden = SECRETS.iter().chain(&[ADDRESS, "hidden-path", "hidden-login"]);
        for text in &told {
            for word in hidden.clone() {
                assert!(!text.contains(word), "{word}: {text}");
            }
        }
        if house.app.db.dialect() != Dialect::Sqlite {
            return;
        }
        let path = house.url.strip_prefix("sqlite:").unwrap_or(&house.url).to_owned();
        let folder = Folder::new("channel-secrets");
        let copy = folder.path("copy.db");
        assert!(muster(&house.url, &["backup", &copy]).status.success());
        for file in [path.clone(), format!("{path}-wal"), format!("{path}-shm"), copy] {
            // By another process: whoever closes a file that SQLite has open in the same one takes its locks away.
            let bytes = std::process::Command::new("cat").arg(&file).output().unwrap().stdout;
            for word in hidden.clone() {
                assert!(!bytes.windows(word.len()).any(|at| at == word.as_bytes()), "{word} in {file}");
            }
        }
    });
}
