//! Stories of notices: taken in, decided, read back; refused without a trace.

use crate::command::{Folder, muster};
use crate::house::{House, Said, count, story};
use axum::http::StatusCode;
use muster::lines::command;
use muster_store::{Stmt, statements_failing};
use serde_json::{Value, json};
use std::io::{Cursor, Write as _};

/// Simulated: a page that lost 一 and 領, with inserted readings.
pub(crate) const PAGE: &str = "\
EN
縣教育局傳達省委省中國決策部署
  • 發(fā)布人:admin
  • 發(fā)布時(shí)間:2020-02-06 09:35:03

2020年2月4日下午，縣教育局黨組書(shū)記、局長(zhǎng)張三主持召開局黨組會(huì)議暨校園防控工作導(dǎo)小組第2次會(huì)議。局導(dǎo)出席會(huì)議，各科室負(fù)責人列席會(huì)議。
會議要求，要壓實(shí)責任，各學(xué)校要第時(shí)間落實(shí)晨午檢。二要加強(qiáng)宣傳，推動(dòng)全縣教育系統(tǒng)形成合力。
";

const FILES: Stmt = Stmt::new("test.files", "select count(*) from notice_file");
const CONJECTURES: Stmt = Stmt::new("test.conjectures", "select count(*) from notice_conjecture");

fn send(house: &House, media_type: &str, body: &[u8]) -> Said {
    house.ask("office", "POST", "/notices", &[("content-type", media_type)], body.to_vec())
}

fn docx(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn paragraph(text: &str) -> String {
    format!("<w:p xmlns:w='w'><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn a_text_is_taken_in_once_and_read_back_layer_by_layer() {
    story(|house| {
        let said = send(house, "text/plain; charset=utf-8", PAGE.as_bytes());
        assert_eq!(said.status, StatusCode::CREATED, "{}", said.json());
        let notice = said.json();
        assert_eq!(notice["kind"], "meeting_news");
        assert_eq!(notice["received_at"], "2020-02-06T10:00:00+08:00");
        assert_eq!(notice["published_at"], "2020-02-06T09:35:03");
        assert_eq!(notice["publisher"], "admin");
        assert_eq!(notice["layers"]["original"]["text"], PAGE);
        assert_eq!(notice["meeting"]["day"], "2020-02-04");
        assert_eq!(notice["meeting"]["published_after_days"], 2);
        assert_eq!(notice["meeting"]["series_no"], 2);
        assert_eq!(notice["meeting"]["bodies"][1]["text"], "校园防控工作[领]导小组");
        assert_eq!(notice["meeting"]["chair_name"]["text"], "张三");
        let absent: Vec<&Value> =
            notice["kind_reasons"].as_array().unwrap().iter().filter(|r| r["found"] == false).collect();
        assert_eq!(absent.len(), 4);
        let measures = notice["measures"].as_array().unwrap();
        assert_eq!(measures.len(), 2);
        assert_eq!((&measures[0]["scope"], &measures[1]["scope"]), (&json!("units"), &json!("system")));
        for measure in measures {
            assert!(measure["owner"].is_null(), "no owner yet");
            let bytes = measure["byte_start"].as_u64().unwrap() as usize
                ..measure["byte_end"].as_u64().unwrap() as usize;
            assert!(PAGE[bytes].contains('要'));
        }
        let id = notice["id"].as_str().unwrap();

        let again = send(house, "text/plain", PAGE.as_bytes());
        assert_eq!((again.status, &again.json()["id"]), (StatusCode::OK, &notice["id"]));
        assert_eq!(house.journalled("notice.import").len(), 1);
        let entry = String::from_utf8(house.journalled("notice.import")[0].body.clone()).unwrap();
        assert!(!entry.contains("张三") && !entry.contains("教育"), "not a word of the text: {entry}");

        assert_eq!(house.get("viewer", &format!("/notices/{id}")).json(), notice);
        let file = house.get("viewer", &format!("/notices/{id}/original"));
        assert_eq!(file.bytes, PAGE.as_bytes());
        assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let list = house.get("viewer", "/notices").json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        assert_eq!(list["items"][0]["title"], notice["title"]);
        assert!(list["next_cursor"].is_null());
    });
}

#[test]
fn conjectures_are_decided_by_a_person_and_journalled() {
    story(|house| {
        let notice = send(house, "text/plain", PAGE.as_bytes()).json();
        let path = format!("/notices/{}", notice["id"].as_str().unwrap());
        let conjectures = notice["conjectures"].as_array().unwrap().clone();
        let title_n = conjectures[0]["n"].as_u64().unwrap();
        assert_eq!(
            (&conjectures[0]["original"], &conjectures[0]["proposed"]),
            (&json!("中国"), &json!("政府"))
        );
        assert!(conjectures.iter().all(|one| one["state"] == "open" && one["decided_by"].is_null()));

        let decide = |role: &str, n: u64, decision: &str| {
            house.post(role, &format!("{path}/conjectures/{n}"), json!({ "decision": decision }))
        };
        assert_eq!(decide("viewer", title_n, "accept").status, StatusCode::FORBIDDEN);
        let after = decide("office", title_n, "accept").json();
        assert_eq!(after["conjectures"][0]["state"], "accepted");
        assert_eq!(after["conjectures"][0]["decided_by"], "role:office");
        assert_eq!(after["conjectures"][0]["decided_at"], "2020-02-06T10:00:00+08:00");
        assert_eq!(after["title"], "县教育局传达省委省政府决策部署");
        assert_eq!(house.get("office", "/notices").json()["items"][0]["title"], after["title"]);
        assert_eq!(decide("office", title_n, "accept").status, StatusCode::OK);
        assert_eq!(house.journalled("notice.conjecture.decide").len(), 1, "the same again changes nothing");

        let lost = conjectures.iter().find(|one| one["phrase"] == "第一时间").unwrap();
        let n = lost["n"].as_u64().unwrap();
        assert!(after["layers"]["readable"]["text"].as_str().unwrap().contains("第[一]时间"));
        let after = decide("office", n, "refuse").json();
        assert!(after["layers"]["readable"]["text"].as_str().unwrap().contains("要第时间落实"));
        let after = decide("office", n, "accept").json();
        assert!(after["layers"]["readable"]["text"].as_str().unwrap().contains("要第一时间落实"));
        let journal = house.journalled("notice.conjecture.decide");
        assert_eq!(journal.len(), 3);
        assert!(journal.iter().all(|entry| entry.actor == "role:office"));
        assert_eq!(house.get("office", "/notices").json()["items"][0]["open"], conjectures.len() - 2);

        assert_eq!(decide("office", 9_999, "accept").code(), "notice.conjecture_unknown");
        assert_eq!(decide("office", 1, "perhaps").status, StatusCode::UNPROCESSABLE_ENTITY);
        let elsewhere = "/notices/00000000-0000-8001-8000-000000000000";
        assert_eq!(house.get("office", elsewhere).code(), "notice.unknown");
        assert_eq!(house.get("office", "/notices/x").code(), "notice.unknown");
        let nowhere =
            house.post("office", &format!("{elsewhere}/conjectures/1"), json!({ "decision": "accept" }));
        assert_eq!(nowhere.code(), "notice.conjecture_unknown");
    });
}

#[test]
fn the_reader_is_told_in_their_language() {
    story(|house| {
        let id = send(house, "text/plain", PAGE.as_bytes()).json()["id"].as_str().unwrap().to_owned();
        for (language, expected) in
            [("zh-CN", "没有发文字号。"), ("zh-TW", "沒有發文字號。"), ("en", "It bears no document number.")]
        {
            let said = house.ask(
                "viewer",
                "GET",
                &format!("/notices/{id}"),
                &[("accept-language", language)],
                Vec::new(),
            );
            assert_eq!(said.json()["kind_reasons"][0]["reason"], expected);
        }
    });
}

#[test]
fn pages_and_documents_are_read() {
    story(|house| {
        let page =
            "<!doctype html><title>x</title><h1>我局召开会议</h1><p>2月4日，我局召开<b>防控会议</b>。</p>";
        let notice = send(house, "text/html", page.as_bytes()).json();
        assert_eq!((&notice["media_type"], &notice["title"]), (&json!("text/html"), &json!("我局召开会议")));
        assert_eq!(notice["kind"], "meeting_news");

        let lines = [
            "某局〔2020〕3号",
            "关于做好防控工作的通知",
            "各学校：",
            "一、立即落实。",
            "二、每日报送。",
            "某县教育局",
            "2020年2月4日",
        ];
        let body: String = lines.iter().map(|line| paragraph(line)).collect();
        let file = docx(&[("word/document.xml", format!("<w:body xmlns:w='w'>{body}</w:body>"))]);
        let notice = send(house, "application/octet-stream", &file).json();
        assert_eq!(notice["kind"], "formal_notice", "{notice}");
        assert_eq!(notice["measures"].as_array().unwrap().len(), 2);
        assert!(
            notice["measures"][0]["byte_start"].is_null(),
            "characters of a document have no place in its bytes"
        );

        let gb = encoding_rs::GB18030.encode("我局召开会议\n2月4日，我局召开会议。").0.into_owned();
        assert_eq!(send(house, "text/plain", &gb).json()["title"], "我局召开会议");
        let list = house.get("office", "/notices?limit=2").json();
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        let next = list["next_cursor"].as_str().unwrap();
        let rest = house.get("office", &format!("/notices?limit=2&cursor={next}")).json();
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);
        assert!(rest["next_cursor"].is_null());
    });
}

#[test]
fn what_is_refused_leaves_no_trace() {
    story(|house| {
        let body = |text: &str| format!("<w:body xmlns:w='w'>{}</w:body>", paragraph(text));
        let marked =
            docx(&[("word/document.xml", body("通知")), ("word/header1.xml", paragraph("机密★1年"))]);
        let bomb = docx(&[("word/document.xml", " ".repeat(70 << 20))]);
        let too_large = vec![b'a'; (20 << 20) + 1];
        let too_long = "字".repeat(50_001);
        for (body, status, code) in [
            (&b"\xE6\x9C\xBA\xE5\xAF\x86\xE2\x98\x851\xE5\xB9\xB4\nx"[..], 422, "notice.secrecy_mark"),
            ("絕 密\n通知".as_bytes(), 422, "notice.secrecy_mark"),
            (&marked, 422, "notice.secrecy_mark"),
            (&bomb, 413, "notice.docx_unpacked"),
            (&too_large, 413, "notice.too_large"),
            (too_long.as_bytes(), 413, "notice.too_long"),
            (b"PK\x03\x04broken", 422, "notice.docx_broken"),
            (b"%PDF-1.7 broken", 422, "notice.pdf_unreadable"),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 415, "notice.old_office"),
            (b"a\0b", 415, "notice.media_type"),
            (b"\xFF\xFF\xFF", 422, "notice.encoding"),
            (b" \n", 422, "notice.empty"),
        ] {
            // What says nothing of itself: one that says what it is not is refused before anybody looks into it.
            let said = send(house, "application/octet-stream", body);
            assert_eq!((said.status.as_u16(), said.code().as_str()), (status, code));
            assert_ne!(said.json()["title"], code, "{code} has a sentence");
        }
        // Also where it is not in the run of the text, or not seen.
        let plain = ("word/document.xml", body("通知"));
        let beside = |name: &str, part: &str| docx(&[plain.clone(), (name, part.to_owned())]);
        let watermark = "<w:hdr xmlns:w='w' xmlns:v='v'><w:pict><v:textpath string='机密'/></w:pict></w:hdr>";
        let title = "<p xmlns:dc='dc'><dc:title>机密</dc:title></p>";
        for body in [
            beside("word/header1.xml", watermark),
            beside("word/footnotes.xml", &paragraph("机密")),
            beside("word/comments.xml", &paragraph("机密")),
            beside("docProps/core.xml", title),
            "<html><title>机密</title><p>通知".into(),
            "<html><!-- 机密 --><p>通知".into(),
            "<html><p>通知<img alt='机密'>".into(),
            "<html><meta name='x' content='机密'><p>通知".into(),
            "机\u{200b}密\n通知".into(),
            "\u{202e}机密\u{feff}\n通知".into(),
        ] {
            assert_eq!(send(house, "application/octet-stream", &body).code(), "notice.secrecy_mark");
        }
        for name in [
            "%EF%BC%88%E6%9C%BA%E5%AF%86%EF%BC%89x.txt",
            "%E9%80%9A%E7%9F%A5%EF%BC%88%E6%9C%BA%E5%AF%86%EF%BC%89.txt",
            "%E6%9C%BA%E5%AF%86-%E9%80%9A%E7%9F%A5.txt",
        ] {
            let named = house.ask("office", "POST", &format!("/notices?name={name}"), &[], b"x".to_vec());
            assert_eq!(named.code(), "notice.secrecy_mark");
        }
        assert_eq!(house.ask("filler", "POST", "/notices", &[], b"x".to_vec()).status, StatusCode::FORBIDDEN);
        assert_eq!(house.ask("viewer", "POST", "/notices", &[], b"x".to_vec()).status, StatusCode::FORBIDDEN);
        for (said, body) in
            [("text/plain", &marked[..]), ("text/plain", b"a\0b"), ("application/pdf", b"notice")]
        {
            let refused = send(house, said, body);
            assert_eq!((refused.status.as_u16(), refused.code().as_str()), (415, "upload.type_mismatch"));
        }
        let zipped = send_gzip(house, b"\x1f\x8b\x08cut");
        assert!(zipped.status.is_client_error(), "{}", zipped.status);

        assert_eq!(house.get("office", "/notices").json()["items"], json!([]));
        assert_eq!((count(house, FILES), count(house, CONJECTURES)), (0, 0));
        assert!(house.journalled("notice.import").is_empty());
    });
}

fn send_gzip(house: &House, body: &[u8]) -> Said {
    let headers = [("content-type", "text/plain"), ("content-encoding", "gzip")];
    house.ask("office", "POST", "/notices", &headers, body.to_vec())
}

#[test]
fn every_statement_fits_both_stores() {
    story(|house| {
        let failing = statements_failing(&house.app.db, command::notice::STATEMENTS);
        assert!(failing.is_empty(), "{failing:?}");
    });
}

#[test]
fn the_command_line_does_what_the_doors_do() {
    let folder = Folder::new("cli");
    let database = folder.path("muster.db");
    let run = |args: &[&str]| muster(&database, args);
    let page = folder.file("page.txt", PAGE.as_bytes());

    let imported = run(&["notice", "import", &page, "--json"]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let notice: Value = serde_json::from_slice(&imported.stdout).unwrap();
    let id = notice["id"].as_str().unwrap();
    let shown = run(&["notice", "show", id]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("owner: none yet") && shown.contains("第[一]时间"), "{shown}");
    let decided: Value =
        serde_json::from_slice(&run(&["notice", "decide", id, "1", "accept", "--json"]).stdout).unwrap();
    assert_eq!(decided["conjectures"][0]["state"], "accepted");
    assert_eq!(decided["conjectures"][0]["decided_by"], "system:cli");
    let list: Value = serde_json::from_slice(&run(&["notice", "list", "--json"]).stdout).unwrap();
    assert_eq!(list["items"][0]["title"], "县教育局传达省委省政府决策部署");

    let marked = folder.file("marked.txt", "机密\n通知".as_bytes());
    let refused = run(&["notice", "import", &marked]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("[notice.secrecy_mark]") && !said.contains("通知"), "{said}");
    assert_eq!(run(&["notice", "import", &folder.path("absent.txt")]).status.code(), Some(3));
    assert_eq!(run(&["notice", "show", "x"]).status.code(), Some(1));
    assert_eq!(run(&["notice", "decide", id, "1", "perhaps"]).status.code(), Some(2));
}

#[test]
fn nothing_of_a_text_with_a_secrecy_mark_is_in_the_database() {
    let folder = Folder::new("secrecy");
    let database = folder.path("muster.db");
    let said = "七号仓库的位置";
    let import = |name: &str, text: String| {
        let file = folder.file(name, text.as_bytes());
        let out = muster(&database, &["notice", "import", &file]);
        std::fs::remove_file(&file).unwrap();
        out
    };
    let stored = || {
        let holds = |name: &str| {
            let bytes = std::fs::read(folder.path(name)).unwrap_or_default();
            bytes.windows(said.len()).any(|window| window == said.as_bytes())
        };
        ["muster.db", "muster.db-wal", "muster.db-shm", "muster.db-journal"].into_iter().any(holds)
    };
    assert!(import("other.txt", "关于防疫的通知\n各单位：\n见附件。".to_owned()).status.success());
    for mark in ["机密", "秘密★1年", "绝密", "絕 密"] {
        let refused = import("marked.txt", format!("{mark}\n关于{said}的通知\n各单位：\n{said}见附件。"));
        assert_eq!(refused.status.code(), Some(1), "{mark}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("[notice.secrecy_mark]"), "{mark}");
        assert!(!stored(), "{mark}");
    }
    assert!(std::fs::metadata(&database).unwrap().len() > 0);
    let taken = import("plain.txt", format!("关于{said}的通知\n各单位：\n{said}见附件。"));
    assert!(taken.status.success());
    assert!(stored(), "the search finds what is stored");
}

#[test]
fn a_hostile_pdf_costs_the_program_nothing() {
    let folder = Folder::new("pdf");
    let database = folder.path("muster.db");
    let import = |name: &str, bytes: &[u8]| {
        let file = folder.file(name, bytes);
        muster(&database, &["notice", "import", &file, "--json"])
    };
    let good = import("good.pdf", &pdf(b"BT /F1 12 Tf 72 700 Td (Notice of 3 February) Tj ET", ""));
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    let notice: Value = serde_json::from_slice(&good.stdout).unwrap();
    assert_eq!(notice["layers"]["original"]["text"], "Notice of 3 February");

    let deep = pdf(&[&b"[".repeat(2_000_000)[..], b" TJ"].concat(), "");
    let nested = [&b"%PDF-1.4\n1 0 obj\n"[..], &b"<</A ".repeat(1_000_000)].concat();
    let bomb = pdf(&zeros(2 << 30), "/Filter /FlateDecode");
    for (name, bytes) in [("deep.pdf", deep), ("nested.pdf", nested), ("bomb.pdf", bomb)] {
        let refused = import(name, &bytes);
        assert_eq!(refused.status.code(), Some(1), "{name}: {}", String::from_utf8_lossy(&refused.stderr));
        let problem: Value = serde_json::from_slice(&refused.stdout).unwrap();
        let code = problem["code"].as_str().unwrap();
        assert!(["notice.pdf_unreadable", "notice.pdf_no_text"].contains(&code), "{name}: {code}");
    }
}

/// So many zeros in zlib's form, written down rather than packed, which would take a minute: one literal, and then
/// "258 bytes like the one before" again and again, thirteen bits each.
fn zeros(bytes: usize) -> Vec<u8> {
    let (mut packed, mut held, mut bits) = (vec![0x78, 0x9C], 0_u64, 0);
    let mut put = |value: u64, count: u32| {
        held |= value << bits;
        bits += count;
        while bits >= 8 {
            packed.push(held as u8);
            held >>= 8;
            bits -= 8;
        }
    };
    put(0b011, 3); // the last block, with the fixed codes
    put(0b0000_1100, 8); // literal 0
    for _ in 0..bytes / 258 {
        put(0b1010_0011, 8); // length 258
        put(0, 5); // distance 1
    }
    put(0, 16);
    packed
}

/// A PDF of one page with this content.
fn pdf(content: &[u8], filter: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    let objects: [Vec<u8>; 5] = [
        b"<</Type /Catalog /Pages 2 0 R>>".to_vec(),
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>".to_vec(),
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources <</Font <</F1 5 0 R>>>>>>".to_vec(),
        [format!("<</Length {} {filter}>>\nstream\n", content.len()).as_bytes(), content, b"\nendstream"].concat(),
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>".to_vec(),
    ];
    for (n, object) in (1..).zip(objects) {
        places.push(file.len());
        file.extend(format!("{n} 0 obj\n").into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    file.extend(b"xref\n0 6\n0000000000 65535 f \n");
    places.iter().for_each(|place| file.extend(format!("{place:010} 00000 n \n").into_bytes()));
    file.extend(format!("trailer\n<</Size 6 /Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").into_bytes());
    file
}
