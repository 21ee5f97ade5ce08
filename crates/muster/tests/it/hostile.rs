//! What an attacker and a careless client send: to every door, and as every kind of file. Nothing of it is a fault of ours
//! (5xx), all of it is refused with a code and in the reader's language, and nothing is half stored.

use crate::cast::{Cast, TODAY, Terms};
use crate::command::{Folder, muster};
use crate::guards::{Sample, Walk, samples};
use crate::house::{House, Said, story};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::io::{Cursor, Write as _};

/// A story with a login of the office.
fn told(tell: impl Fn(&House, &Walk<'_>, &str)) {
    story(|house| {
        let cast = Cast::of(house, Terms::default());
        let walk = Walk::prepare(&cast);
        let token = walk.log_in("office");
        tell(house, &walk, &token);
        cast.drawn_is_stored();
    });
}

/// Refused with a code, and no fault of ours.
fn refused(said: &Said, what: &str) {
    assert!(said.status.is_client_error(), "{what}: {} {}", said.status, said.json());
    assert_eq!(said.headers["content-type"], "application/problem+json", "{what}");
    assert!(
        !said.code().is_empty() && said.json()["title"].as_str().is_some_and(|title| title.len() > 3),
        "{what}"
    );
}

#[test]
fn no_body_is_too_strange_for_a_door() {
    told(|_, walk, token| {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)).into_bytes();
        let deep_field =
            format!("{{\"code\":{}1{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000)).into_bytes();
        let bodies: [(&str, Vec<u8>); 10] = [
            ("10,000 deep", deep),
            ("a field 10,000 deep", deep_field),
            ("nothing", Vec::new()),
            ("cut off", b"{\"code\":\"x".to_vec()),
            ("a list", b"[1]".to_vec()),
            ("null", b"null".to_vec()),
            ("a number", b"3.5E17".to_vec()),
            ("no UTF-8", b"{\"code\":\"\xff\xfe\"}".to_vec()),
            ("NUL", b"\0\0\0\0".to_vec()),
            ("two at once", b"{}{}".to_vec()),
        ];
        for sample in samples(&walk.held).into_iter().filter(Sample::has_json) {
            for (what, body) in &bodies {
                let entries = walk.actions().len();
                let what = format!("{} {}: {what}", sample.method, sample.path);
                let said =
                    walk.send_bytes(Some(&walk.key(&sample, token)), &sample, sample.unit, &[], body.clone());
                if !sample.path.starts_with("/demo") {
                    refused(&said, &what);
                }
                assert_eq!(walk.actions().len(), entries, "{what} leaves no entry");
            }
        }
    });
}

#[test]
fn no_question_is_too_strange_for_a_door() {
    told(|house, walk, token| {
        let words = [
            "limit=-1",
            "limit=0",
            "limit=99999999999999999999",
            "limit=x",
            "cursor=%FF",
            "cursor=AA==",
            "cursor=fn5-fn5-",
            "cursor=AAAA",
            "day=9999-12-31",
            "day=-9999-01-01",
            "day=0000-00-00",
            "day=2020-02-30",
            "day=20200203",
            "day=99999-01-01",
            "day=%E4%BA%8C",
            "node=unit:%00",
            "node=place:999999999999",
            "node=place:-1",
            "node=class:%00",
            "node=x:y:z",
            "node=%FF",
            "form=%00",
            "form=%FF",
            "q=%00",
            "q=%25%25%25",
            "q=",
            "as_known_at=never",
            "as_known_at=9999-12-31T23:59:60Z",
            "as_known_at=-9999-01-01T00:00:00Z",
            "from=9999-12-31",
            "to=0001-01-01",
            "depth=-1",
            "under=%00",
            "kind=%00",
            "elements=%00",
            "element=%00",
            "format=%00",
            "lang=%00",
            "unit=%00",
            "scope=sideways",
            "group=%00",
            "a=b&a=c&a=d",
            "%=%",
            "=&&=",
        ];
        for sample in
            samples(&walk.held).into_iter().filter(|one| one.method == "GET" && one.path != "/events")
        {
            for word in words {
                let said = walk.send_with(Some(token), &sample.asking(word), sample.unit, &[]);
                let what = format!("{}?{word}", sample.path);
                assert!(!said.status.is_server_error(), "{what}: {}", said.json());
                if said.status.is_client_error() {
                    refused(&said, &what);
                }
            }
        }
        let long = "9".repeat(30_000);
        for path in [
            "/units/%00",
            "/units/%FF",
            "/units/%2e%2e%2f",
            "/units/..%2f..%2fetc",
            "/reports/S111/%00",
            "/reports/%FF/2020-02-03",
            "/reports/S111/2020-02-03T00",
            "/reports/S111/-99999999-01-01",
            "/briefs/%FF",
            "/briefs/x/file?format=pdf",
            "/notices/%00",
            "/notices/x",
            "/notices/00000000-0000-0000-0000-000000000000",
            "/forms/%00",
            "/forms/%FF",
            "/units/S111/history/..",
            "/nowhere",
            "//",
            "/%",
            "/units/%zz",
            &format!("/units/{long}"),
            &format!("/units?q={long}"),
        ] {
            let said = house.get("office", path);
            refused(&said, path);
        }
    });
}

#[test]
fn no_header_is_too_large_for_a_door() {
    told(|_, walk, token| {
        let huge = "x".repeat(60_000);
        let list = "en;q=0.1,".repeat(5_000);
        for sample in samples(&walk.held).into_iter().filter(|one| one.path == "/units/{code}") {
            for (name, value) in [
                ("accept-language", huge.as_str()),
                ("accept-language", list.as_str()),
                ("accept-language", "*;q=nan"),
                ("idempotency-key", &huge),
                ("idempotency-key", ""),
                ("if-match", &huge),
                ("if-match", "\"\"\"\"\",,,"),
                ("cookie", &huge),
                ("content-type", &huge),
                ("content-type", "application/json; charset=x"),
                ("accept", &huge),
                ("content-length", "99999999999999999999999"),
                ("content-length", "-1"),
                ("content-encoding", "gzip"),
                ("content-encoding", "br"),
                ("x-forwarded-for", &huge),
                ("range", "bytes=-1--9"),
                ("expect", "200-ok"),
            ] {
                let said =
                    walk.send_with(Some(&walk.key(&sample, token)), &sample, sample.unit, &[(name, value)]);
                let what = format!("{} with {name}: {}", sample.method, &value[..value.len().min(20)]);
                assert!(!said.status.is_server_error(), "{what}: {} {}", said.status, said.json());
                if said.status.is_client_error() {
                    refused(&said, &what);
                }
            }
        }
    });
}

#[test]
fn what_says_it_is_a_gigabyte_is_refused_before_it_is_read() {
    told(|house, walk, token| {
        for sample in samples(&walk.held).into_iter().filter(|one| one.method != "GET") {
            let read = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
            let reads = read.clone();
            let body = futures_util::stream::poll_fn(move |_| {
                reads.store(true, std::sync::atomic::Ordering::Relaxed);
                std::task::Poll::<Option<Result<Vec<u8>, std::io::Error>>>::Pending
            });
            let request = Request::builder()
                .method(sample.method)
                .uri(format!("/api/v1{}", sample.address()))
                .header("cookie", format!("muster_session={token}"))
                .header("content-length", 1 << 30)
                .body(Body::from_stream(body))
                .unwrap();
            let said = house.answer(walk.router(), request);
            assert_eq!(
                (said.status.as_u16(), said.code().as_str()),
                (413, "request.too_large"),
                "{}",
                sample.path
            );
            assert!(
                !read.load(std::sync::atomic::Ordering::Relaxed),
                "{}: nothing of it was read",
                sample.path
            );
        }
    });
}

fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// Files that are no table, or one that would cost the machine dearly.
fn hostile_files() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = vec![0_u8; 80 << 20];
    let spaces = vec![b' '; 80 << 20];
    let sheet = b"<worksheet><sheetData>".repeat(1000);
    let whole = gzip(b"code,name,parent\nX,x,R\n");
    vec![
        ("empty", Vec::new()),
        ("only a mark", b"\xef\xbb\xbf".to_vec()),
        ("zeros", vec![0; 4096]),
        ("a PDF", b"%PDF-1.4\n1 0 obj".to_vec()),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        ("an old workbook's head", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0".to_vec()),
        ("a zip's head", b"PK\x03\x04".to_vec()),
        ("a zip of nothing", zip(&[])),
        ("a zip bomb", zip(&[("xl/workbook.xml", &zeros), ("xl/worksheets/sheet1.xml", &spaces)])),
        (
            "a workbook without an end",
            zip(&[("[Content_Types].xml", b"<Types"), ("xl/workbook.xml", &sheet)]),
        ),
        ("a document", zip(&[("word/document.xml", b"<w:document/>")])),
        ("half a gzip", whole[..whole.len() / 2].to_vec()),
        ("a gzip bomb", gzip(&gzip(&zeros))),
        ("no encoding", b"code,name\n\xff\xff\xff,\xff\n".to_vec()),
        (
            "JSON 10,000 deep",
            format!("{{\"code\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)).into_bytes(),
        ),
        ("JSON cut off", b"{\"code\":\"X\",\n".to_vec()),
        ("a quote without an end", b"code,name,parent\n\"X,x,R\n".to_vec()),
        ("no header", b"1,2,3\n4,5,6\n".to_vec()),
    ]
}

#[test]
fn no_file_is_too_strange_for_a_door() {
    told(|_, walk, token| {
        let files = hostile_files();
        for sample in samples(&walk.held).into_iter().filter(Sample::is_file) {
            for (what, bytes) in &files {
                let entries = walk.actions().len();
                let what = format!("{}: {what}", sample.path);
                let said = walk.send_bytes(
                    Some(&walk.key(&sample, token)),
                    &sample,
                    sample.unit,
                    &[],
                    bytes.clone(),
                );
                assert!(!said.status.is_server_error(), "{what}: {}", said.json());
                if said.status.is_client_error() {
                    refused(&said, &what);
                } else if sample.path != "/notices" {
                    let text = String::from_utf8_lossy(&said.bytes).into_owned();
                    assert!(
                        !text.contains("\"status\":\"accepted\"") && !text.contains("\"accepted\":1"),
                        "{what}: {text}"
                    );
                }
                // A scan is a picture of a page: what looks like a PDF is kept as it is, and shown to nobody as one of ours.
                let is_kept = sample.path.ends_with("/scan") && bytes.starts_with(b"%PDF-");
                if sample.path != "/notices" && !is_kept {
                    assert_eq!(walk.actions().len(), entries, "{what} leaves no entry");
                }
            }
        }
    });
}

/// A list with one row that is right and the mistakes that people make.
const UNITS: &str = "\
code,name,parent,place,opened,phone
GOOD,good,F12,340103,,
TWICE,once,F12,,,
TWICE,twice,F12,,,
3.5E+17,lost its digits,F12,,,
FLOAT,far,NOWHERE,,,
LOOP1,one,LOOP2,,,
LOOP2,two,LOOP1,,,
PHONES,two telephones,F12,,,0551-1234567 0551-7654321
PLACE,no place,F12,nowhere,,
DAY,no day,F12,,2020-13-45,
=1+1,formula,F12,,,
,nameless,F12,,,
LONG,LONGNAME,F12,,,
";

const REPORTS: &str = "\
unit,day,act,staff,fever,area
S112,2020-02-03,values,7,0,1.5
S112,2020-02-03,values,8,0,1.5
NOWHERE,2020-02-03,values,7,0,1.5
S121,2020-02-03,values,many,0,1.5
S121,2020-02-03,values,-1,0,1.5
S121,2020-02-03,values,3.5E17,0,1.5
S121,2020-02-03,values,7,0.5,1.5
S121,2030-02-03,values,7,0,1.5
S121,2020-02-31,values,7,0,1.5
S121,1019-02-03,values,7,0,1.5
S121,2020-02-03,maybe,7,0,1.5
S121,2020-02-03,zero,7,3,1.5
S211,2020-02-03,values,7,0,1.5
";

#[test]
fn each_mistake_of_a_list_is_told_at_its_cell_in_the_readers_language() {
    told(|house, _, _| {
        let shut = house.post("office", "/units/S211/close", json!({ "day": TODAY }));
        assert!(shut.status.is_success(), "{}", shut.json());
        for (path, file, good) in [
            ("/imports/units", UNITS.replace("LONGNAME", &"长".repeat(1_000)), 1),
            ("/imports/reports", REPORTS.to_owned(), 1),
        ] {
            let rows = file.lines().count() - 1;
            let send = |language: &str, query: &str| {
                let headers = [("content-type", "text/csv"), ("accept-language", language)];
                house.ask("office", "POST", &format!("{path}{query}"), &headers, file.clone().into())
            };
            let told = ["zh-CN", "zh-TW", "en"].map(|language| send(language, "?dry_run=true").json());
            for said in &told {
                assert_eq!(said["rows"], json!(rows), "{path}: {said}");
                assert_eq!(
                    said["accepted"].as_u64().unwrap() + said["refused"].as_u64().unwrap(),
                    rows as u64,
                    "{path}: rows in = accepted + refused"
                );
                for finding in said["findings"].as_array().unwrap() {
                    let at = [&finding["cell"], &finding["row"], &finding["field"]];
                    assert!(at.iter().any(|at| !at.is_null()), "{path}: {finding} stands somewhere");
                    let message = finding["message"].as_str().unwrap();
                    assert!(message.chars().count() > 3 && message != finding["code"], "{finding}");
                    assert!(!message.contains('{'), "{finding} is said in full");
                }
            }
            let messages = |said: &Value| -> Vec<String> {
                said["findings"].as_array().unwrap().iter().map(|one| one["message"].to_string()).collect()
            };
            assert_ne!(messages(&told[0]), messages(&told[1]), "{path}: zh-CN and zh-TW");
            assert_ne!(messages(&told[0]), messages(&told[2]), "{path}: zh-CN and en");
            let done = send("en", "").json();
            assert_eq!(
                (&done["accepted"], &done["refused"]),
                (&told[2]["accepted"], &told[2]["refused"]),
                "{done}"
            );
            assert_eq!(done["accepted"].as_u64().unwrap(), good, "{path}: {done}");
        }
        assert_eq!(house.get("office", "/units/FLOAT").status.as_u16(), 404);
    });
}

#[test]
fn the_command_line_refuses_what_the_doors_refuse() {
    let folder = Folder::new("hostile");
    let database = folder.path("muster.db");
    for (at, (what, bytes)) in hostile_files().into_iter().enumerate() {
        let file = folder.file(&format!("{at}.bin"), &bytes);
        for command in [["import", "units"], ["import", "book"], ["notice", "import"]] {
            let out = muster(&database, &[command[0], command[1], &file, "--json"]);
            let code = out.status.code();
            assert!(
                code == Some(1) || code == Some(0) && command[0] == "notice",
                "{what}: {command:?} {code:?} {}",
                String::from_utf8_lossy(&out.stderr)
            );
            if code == Some(1) {
                let said: Value = serde_json::from_slice(&out.stdout).unwrap();
                assert!(said["code"].is_string() || said["findings"].is_array(), "{what}: {said}");
            }
        }
    }
    for address in ["0.0.0.0:0", "0.0.0.0", "[::]:8020", "192.0.2.1:1", "nowhere", ""] {
        for command in ["serve", "demo"] {
            let out = muster(&database, &[command, "--listen", address]);
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            assert_eq!(out.status.code(), Some(2), "{command} --listen {address}: {said}");
            // The demonstration stays on this machine; a server may be told to speak in the clear, and says how.
            let way_out = if command == "serve" && said.contains("[line.plain_needed]") {
                "--plain"
            } else {
                "127.0.0.1"
            };
            assert!(said.contains(way_out), "{said}");
        }
    }
    let help = String::from_utf8(muster(&database, &["--help"]).stdout).unwrap();
    assert!(help.contains("Exit codes"), "{help}");
}
