//! What is kept whole: frozen briefs, texts of a superior, a copy of all.

use super::{has_a_sentence, lived, tampered};
use crate::cast::{Cast, TODAY, Terms, told_with};
use crate::command::{Folder, muster};
use crate::notice::PAGE;
use muster::lines::brief::{self, BriefFaultKind};
use muster::lines::command::notice::{self, NoticeFaultKind};
use muster_store::Dialect;
use serde_json::json;
use std::process::Output;

#[test]
fn a_changed_page_of_a_frozen_brief_is_found() {
    use BriefFaultKind::*;
    let cases: &[(&'static str, &[BriefFaultKind])] = &[
        ("update brief_document set body = body || ' ' where lang = 'en'", &[BriefDiffers]),
        ("delete from brief_document where lang = 'zh-TW'", &[BriefDiffers]),
        ("delete from brief_origin", &[BriefDiffers]),
        ("update brief set number = number + 1", &[BriefDiffers]),
        ("update brief set at = at + 1", &[BriefDiffers]),
        ("update brief set digest = origins", &[BriefDiffers]),
        ("update brief set day = day + 1", &[BriefMissing]),
        ("update brief set digest = 'x'", &[BriefDiffers]),
        ("update brief set units = units + 1", &[BriefDiffers]),
        ("delete from brief", &[BriefMissing]),
        ("delete from brief_document", &[BriefDiffers]),
        ("delete from frozen", &[BriefDiffers]),
        ("update frozen set at = at + 1", &[BriefDiffers]),
        (
            "insert into frozen (bucket, operation, form, day, at)
             select bucket, operation, form, day + 1, at from frozen",
            &[BriefUnfounded],
        ),
        (
            "insert into brief (bucket, operation, form, day, number, at, actor, digest, origins, heads, units, revisions)
             select bucket, operation, form, day + 1, number + 1, at, actor, digest, origins, heads, units, revisions from brief",
            &[BriefUnfounded],
        ),
    ];
    told_with(Terms::default(), |cast| {
        lived(cast);
        cast.clock("15:30");
        let frozen = cast.house.post("office", &format!("/briefs/{TODAY}/freeze?form=daily"), json!({}));
        assert_eq!(frozen.status.as_u16(), 200, "{}", frozen.json());
        let found = || brief::briefs_replay(&cast.house.app.db).unwrap();
        assert_eq!((found().briefs, found().wrong.faults), (1, vec![]));
        for (sql, wanted) in cases {
            tampered(cast.house, sql, || {
                let kinds: Vec<BriefFaultKind> =
                    found().wrong.faults.into_iter().map(|fault| fault.kind).collect();
                assert!(wanted.iter().all(|kind| kinds.contains(kind)), "{sql}: {wanted:?} not in {kinds:?}");
                has_a_sentence(&format!("verify.brief.{}", json!(kinds[0]).as_str().unwrap()));
            });
        }
    });
}

#[test]
fn a_changed_text_of_a_superior_is_found() {
    use NoticeFaultKind::*;
    let cases: &[(&'static str, &[NoticeFaultKind])] = &[
        ("delete from notice", &[NoticeMissing]),
        ("update notice set title = 'x'", &[NoticeDiffers]),
        ("update notice set study = replace(study, 'admin', 'x')", &[NoticeDiffers]),
        ("update notice set study = ''", &[NoticeDiffers]),
        ("update notice set published_at = null", &[NoticeDiffers]),
        ("update notice set received_at = received_at + 1", &[NoticeDiffers]),
        ("update notice set digest = 'x'", &[NoticeDiffers]),
        ("delete from notice_file", &[FileDiffers]),
        ("update notice_file set media_type = 'text/html'", &[FileDiffers]),
        ("update notice_file set bytes = cast('x' as TYPE)", &[FileDiffers]),
        ("update notice_conjecture set proposed = 'x' where n = 2", &[NoticeDiffers]),
        ("delete from notice_conjecture where state = 'open'", &[ConjectureDiffers]),
        ("update notice_conjecture set state = 'x' where n = 1", &[NoticeDiffers, ConjectureDiffers]),
        ("update notice_conjecture set decided_by = 'role:viewer' where n = 1", &[ConjectureDiffers]),
        ("update notice_conjecture set decided_at = 1 where n = 1", &[ConjectureDiffers]),
        ("update notice_conjecture set state = 'accepted' where n = 2", &[ConjectureDiffers]),
        (
            "insert into notice (bucket, operation, id, digest, received_at, kind, title_spans, measures, study)
             select bucket, operation, 'f', 'f', received_at, kind, title_spans, measures, study from notice",
            &[NoticeUnfounded],
        ),
    ];
    told_with(Terms::default(), |cast| {
        let plain = [("content-type", "text/plain; charset=utf-8")];
        let said = cast.house.ask("office", "POST", "/notices", &plain, PAGE.into());
        assert_eq!(said.status.as_u16(), 201, "{}", said.json());
        let path = format!("/notices/{}/conjectures/1", said.json()["id"].as_str().unwrap());
        let found = || notice::notices_replay(&cast.house.app.db).unwrap();
        assert_eq!((found().notices, found().decisions, found().wrong.faults), (1, 0, vec![]));
        for decision in ["accept", "refuse", "accept"] {
            let decided = cast.house.post("office", &path, json!({ "decision": decision }));
            assert_eq!(decided.status.as_u16(), 200, "{}", decided.json());
        }
        assert_eq!((found().notices, found().decisions, found().wrong.faults), (1, 3, vec![]));
        let bytes = if cast.house.app.db.dialect() == Dialect::Postgres { "bytea" } else { "blob" };
        for (sql, wanted) in cases {
            let sql: &'static str = Box::leak(sql.replace("TYPE", bytes).into_boxed_str());
            tampered(cast.house, sql, || {
                let kinds: Vec<NoticeFaultKind> =
                    found().wrong.faults.into_iter().map(|fault| fault.kind).collect();
                assert!(wanted.iter().all(|kind| kinds.contains(kind)), "{sql}: {wanted:?} not in {kinds:?}");
                has_a_sentence(&format!("verify.notice.{}", json!(kinds[0]).as_str().unwrap()));
            });
        }
    });
}

#[test]
fn a_copy_is_whole_and_goes_on() {
    told_with(Terms::default(), |cast| {
        lived(cast);
        let folder = Folder::new("backup");
        let (copy, heads) = (folder.path("copy.db"), folder.path("heads.json"));
        let run = |database: &str, args: &[&str]| {
            let Output { status, stdout, stderr } = muster(database, args);
            (status.code(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
        };
        let (code, said) = run(&cast.house.url, &["backup", &copy]);
        if cast.house.app.db.dialect() == Dialect::Postgres {
            assert_eq!(code, Some(1));
            assert!(said.contains("pg_dump") && said.contains("[backup.postgres]"), "{said}");
            return;
        }
        assert!(
            code == Some(0) && said.contains("copy.db is whole") && said.contains("put it back"),
            "{said}"
        );
        let (code, said) = run(&cast.house.url, &["backup", &copy]);
        assert!(code == Some(1) && said.contains("[backup.file_there]"), "{said}");

        // Somebody reports after the copy was made, and the heads are kept elsewhere.
        let figures = cast.totals("R");
        cast.say("firm", "F11", json!({ "fever": 9 }));
        assert_eq!(run(&cast.house.url, &["verify", "--save-heads", &heads]).0, Some(0));
        let (code, said) = run(&copy, &["verify", "--deep"]);
        assert!(code == Some(0) && said.contains("All is as it was written."), "{said}");
        let (code, said) = run(&copy, &["verify", "--heads", &heads]);
        assert!(code == Some(1) && said.contains("cut off since the heads were saved"), "{said}");

        // A server starts on it: the figures of that moment, and reports go on from there.
        let restored = cast.house.at(&copy);
        let restored = Cast { house: &restored };
        assert_eq!(restored.totals("R"), figures);
        restored.say("firm", "F11", json!({ "fever": 4 }));
        assert_eq!(restored.total("R", "fever")["value"], 6);
        restored.drawn_is_stored();
        let (code, said) = run(&copy, &["verify", "--heads", &heads]);
        assert!(code == Some(1) && said.contains("hash was saved"), "the number is given again: {said}");
    });
}
