//! Files of a brief, by printers that are there, fail, come later or never.

use super::{DAY, a_day, freeze, printer, story};
use crate::command::Folder;
use axum::http::StatusCode;
use muster::printer::Printer;
use serde_json::Value;

#[test]
fn a_printed_file_of_a_frozen_day_is_handed_out_again_byte_for_byte() {
    story(|house| {
        a_day(house);
        let path = format!("/briefs/{DAY}/file?format=pdf&lang=zh-CN");
        let nowhere = Printer::new(Some("/nowhere/muster-print".into()));
        for (printer, code, passes) in
            [(nowhere.clone(), "print.none", false), (nowhere.following(), "print.not_ready", true)]
        {
            house.app.printer = printer;
            let said = house.get("viewer", &path);
            assert_eq!((said.status, said.code()), (StatusCode::SERVICE_UNAVAILABLE, code.into()));
            assert_eq!(said.headers.contains_key("retry-after"), passes, "{code}");
        }

        // Whoever was to build it could not: the page is told, and waits no longer.
        let folder = Folder::new("printer");
        house.app.printer = Printer::new(Some(folder.path("muster-print").into())).following();
        assert_eq!(house.get("viewer", &path).code(), "print.not_ready");
        folder.file("muster-print.failed", b"");
        let said = house.get("viewer", &path);
        assert_eq!((said.status, said.code()), (StatusCode::SERVICE_UNAVAILABLE, "print.not_built".into()));
        assert!(!said.headers.contains_key("retry-after"));

        let (folder, printer) = printer("echo \"$$ $1 $2\"; cat");
        house.app.printer = printer;
        let live = house.get("viewer", &path);
        assert_eq!(live.status, StatusCode::OK, "{}", live.json());
        assert_eq!(live.headers["content-type"], "application/pdf");
        assert!(live.headers["content-disposition"].to_str().unwrap().contains("brief-2020-02-06-zh-CN.pdf"));
        let text = String::from_utf8(live.bytes.to_vec()).unwrap();
        let (call, document) = text.split_once('\n').unwrap();
        assert!(call.ends_with("--format pdf"), "{call}");
        assert_eq!(serde_json::from_str::<Value>(document).unwrap()["lang"], "zh-CN");
        assert_ne!(house.get("viewer", &path).bytes, live.bytes, "an open day is printed afresh");

        freeze(house, DAY);
        let kept = house.get("viewer", &path).bytes;
        assert_eq!(house.get("viewer", &path).bytes, kept);
        assert_ne!(house.get("viewer", &path.replace("zh-CN", "en")).bytes, kept);
        assert_eq!(house.journalled("brief.print").len(), 2);
        drop(folder);
        assert_eq!(house.get("viewer", &path).bytes, kept, "also when the printer is gone");
    });
}

#[test]
fn a_printer_that_fails_leaves_a_clear_answer_and_nothing_kept() {
    story(|house| {
        a_day(house);
        freeze(house, DAY);
        let path = format!("/briefs/{DAY}/file?format=png");
        for (name, line, status, code) in [
            ("font", "exit 4", StatusCode::SERVICE_UNAVAILABLE, "print.no_font"),
            ("dead", "echo half; exit 5", StatusCode::INTERNAL_SERVER_ERROR, "internal"),
            ("killed", "kill -9 $$", StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        ] {
            let (_folder, printer) = printer(line);
            house.app.printer = printer;
            let said = house.get("viewer", &path);
            assert_eq!((said.status, said.code()), (status, code.to_owned()), "{name}");
        }
        assert_eq!(house.journalled("brief.print").len(), 0);
    });
}
