//! Stories of sealed telephones: in no file in plain, erased for good, found by their number, and who read them.

mod keys;
mod looks;

use crate::cast::{Cast, Terms, names, told_with};
use crate::command::{Folder, muster};
use muster::lines::org;
use muster::seal::Seals;
use muster::wiring::plain_seal;
use muster_store::{Dialect, Rx, StoreError, heads, journal_after};

const POSTS: usize = 400;

fn phone(number: usize) -> String {
    format!("0551-8640642{number:03}")
}

/// Sets telephones of many posts, or takes them away.
fn set_all(cast: &Cast<'_>, said: fn(usize) -> String) {
    cast.write(move |tx, ctx| {
        for number in 0..POSTS {
            let (unit, post) = (["F11", "S112", "S121"][number % 3], format!("p{number}"));
            org::post_set(tx, ctx, unit, &post, &names("岗"), None)?;
            org::contact_set(tx, ctx, unit, &post, &said(number))?;
        }
        Ok(())
    });
}

/// The digits as they might lie in a file.
fn forms() -> Vec<Vec<u8>> {
    let digits = "8640642";
    let wide: String = digits.chars().map(|c| char::from_u32(c as u32 - 0x30 + 0xFF10).unwrap()).collect();
    let utf16 = |to: fn(u16) -> [u8; 2]| digits.encode_utf16().flat_map(to).collect::<Vec<_>>();
    vec![digits.into(), wide.into(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)]
}

/// A file, read by another process: whoever closes a file that SQLite has open in the same one takes its locks away.
fn file_read(path: &str) -> Vec<u8> {
    let out = std::process::Command::new("cat").arg(path).output().unwrap();
    assert!(out.status.success(), "{path}");
    out.stdout
}

fn lies_in(bytes: &[u8], part: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == part[0]) {
        if bytes[from + at..].starts_with(part) {
            return true;
        }
        from += at + 1;
    }
    false
}

/// What the tables hold of telephones, in three parts a post: ciphertext, wrapped key, index.
const HELD: &str = "select c.sealed, k.wrapped, c.phone_index from duty_contact c
    join seal_person_key k on k.subject = 'post:' || cast(c.post as text)";

fn entries(cast: &Cast<'_>) -> Vec<u8> {
    let read = |rx: &mut Rx<'_>| {
        let mut all = Vec::new();
        for head in heads(rx)? {
            for entry in journal_after(rx, 1, head.lane, 0, 100_000)? {
                all.extend(entry.body);
                all.extend(entry.subject.into_bytes());
            }
        }
        Ok::<_, StoreError>(all)
    };
    cast.house.app.db.read_blocking("test.entries", read).unwrap()
}

/// How many of the parts lie in some bytes; none where the digits do.
fn held_in(bytes: &[u8], parts: &[Vec<u8>]) -> usize {
    let at: std::collections::HashSet<&[u8]> = bytes.windows(16).collect();
    // A part is looked for by sixteen bytes of its middle: of a ciphertext or a wrapped key they are of the nonce.
    parts.iter().filter(|part| at.contains(if part.len() > 16 { &part[12..28] } else { part })).count()
}

#[test]
fn of_a_telephone_no_file_holds_a_digit_and_after_it_is_erased_no_file_holds_its_key() {
    told_with(Terms::default(), |cast| {
        let house = cast.house;
        if house.app.db.dialect() != Dialect::Sqlite {
            return;
        }
        let path = house.url.strip_prefix("sqlite:").unwrap_or(&house.url).to_owned();
        let folder = Folder::new("sealed");
        // Everything of the database that lies on the disk, and a copy made just now.
        let files = |name: &str| -> Vec<(String, Vec<u8>)> {
            let copy = folder.path(name);
            assert!(muster(&house.url, &["backup", &copy]).status.success());
            let ends = ["", "-wal", "-shm"].map(|end| format!("{path}{end}"));
            let all = ends.into_iter().chain([copy]).map(|file| (file.clone(), file_read(&file)));
            all.collect()
        };
        let held = || -> Vec<Vec<u8>> {
            let conn = rusqlite::Connection::open(&path).unwrap();
            let mut held = conn.prepare(HELD).unwrap();
            let rows = held.query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]));
            rows.unwrap().flat_map(|row: Result<[Vec<u8>; 3], _>| row.unwrap()).collect()
        };
        let nothing_plain = |files: &[(String, Vec<u8>)]| {
            for (file, bytes) in files {
                for form in forms() {
                    assert!(!lies_in(bytes, &form), "{file}: {form:?}");
                }
            }
        };
        set_all(cast, phone);
        let first = held();
        assert_eq!(first.len(), 3 * POSTS);
        let with = files("with.db");
        nothing_plain(&with);
        // The look itself can fail: what is there is seen, in the log or in the file, and in the copy.
        let log_or_file = held_in(&[&with[0].1[..], &with[1].1].concat(), &first);
        assert_eq!((log_or_file, held_in(&with[3].1, &first)), (3 * POSTS, 3 * POSTS));

        // Every second one gets another number, the rest none; then all go.
        set_all(cast, |number| if number % 2 == 0 { phone(number + 500) } else { String::new() });
        let second = held();
        assert_eq!(second.len(), 3 * POSTS / 2);
        assert!(house.app.seals.erased(), "who erased says so");
        assert!(house.app.db.log_empty().unwrap());
        let changed = files("changed.db");
        nothing_plain(&changed);
        for (file, bytes) in &changed {
            assert_eq!(held_in(bytes, &first), 0, "{file}");
        }
        set_all(cast, |_| String::new());
        assert!(house.app.db.log_empty().unwrap());
        let without = files("without.db");
        nothing_plain(&without);
        for (file, bytes) in &without {
            assert_eq!((held_in(bytes, &first), held_in(bytes, &second)), (0, 0), "{file}");
        }
        let entries = entries(cast);
        assert!(!entries.is_empty());
        nothing_plain(&[("journal".to_owned(), entries)]);
    });
}

#[test]
fn on_postgresql_nothing_is_left_of_what_was_erased_once_it_is_vacuumed() {
    told_with(Terms::default(), |cast| {
        let house = cast.house;
        if house.app.db.dialect() != Dialect::Postgres {
            return;
        }
        let url = house.url.clone();
        let relations = || -> Vec<u8> {
            let url = url.clone();
            house.run(async move {
                let (client, connection) =
                    tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
                let driven = tokio::spawn(connection);
                client.batch_execute("checkpoint").await.unwrap();
                let names = [
                    "duty_contact",
                    "duty_contact_pkey",
                    "duty_contact_phone",
                    "duty_contact_plain",
                    "seal_person_key",
                    "seal_person_key_pkey",
                ];
                let mut all = Vec::new();
                for name in names {
                    let read = "select pg_read_binary_file(pg_relation_filepath($1::text::regclass))";
                    all.extend(client.query_one(read, &[&name]).await.unwrap().get::<_, Vec<u8>>(0));
                }
                drop(client);
                driven.await.unwrap().unwrap();
                all
            })
        };
        let held = || -> Vec<Vec<u8>> {
            let url = url.clone();
            house.run(async move {
                let (client, connection) =
                    tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                let rows = client.query(HELD, &[]).await.unwrap();
                rows.iter().flat_map(|row| [row.get(0), row.get(1), row.get(2)]).collect()
            })
        };
        set_all(cast, phone);
        let first = held();
        assert_eq!(first.len(), 3 * POSTS);
        let with = relations();
        assert_eq!(held_in(&with, &first), 3 * POSTS);
        assert!(forms().iter().all(|form| !lies_in(&with, form)));
        set_all(cast, |_| String::new());
        house.app.db.scrub(&[org::SCRUB]).unwrap();
        let without = relations();
        assert_eq!(held_in(&without, &first), 0);
        assert!(forms().iter().all(|form| !lies_in(&without, form)));
    });
}

#[test]
fn what_an_older_version_left_in_plain_is_sealed_and_leaves_nothing_behind() {
    told_with(Terms::default(), |cast| {
        let house = cast.house;
        set_all(cast, |number| if number == 0 { phone(0) } else { String::new() });
        let db = &house.app.db;
        // As the tables were before: one telephone for each post, and one of a post that is gone.
        let beside = crate::tamper::Beside::of(house);
        let plain = "insert into duty_contact_plain (post, phone)
             select id, '0551-8640642' || cast(100 + id as text) from post where code <> 'p0'
             union all select 999999, '0551-8640642999' from post where code = 'p0'";
        assert_eq!(beside.run(plain.to_owned()), Ok(POSTS as u64));
        if db.dialect() == Dialect::Sqlite {
            let path = house.url.strip_prefix("sqlite:").unwrap_or(&house.url).to_owned();
            let all = || [file_read(&path), file_read(&format!("{path}-wal"))].concat();
            assert!(lies_in(&all(), b"8640642"), "it was there");
            let sealed = plain_seal(db, &house.app.seals, 0, |count| assert_eq!(count, POSTS as u64));
            assert_eq!(sealed.unwrap(), POSTS as u64);
            assert!(!lies_in(&all(), b"8640642"));
        } else {
            assert_eq!(plain_seal(db, &house.app.seals, 0, |_| ()).unwrap(), POSTS as u64);
        }
        assert_eq!(plain_seal(db, &house.app.seals, 0, |_| panic!("there is none")).unwrap(), 0);
        let looked = org::contacts_look(db, &Seals::of_demo()).unwrap();
        assert_eq!((looked.open, looked.closed, looked.broken), (POSTS as u64, 0, 0));
        // The journal of that time says of each that it is set.
        cast.write(|tx, ctx| {
            for number in 1..POSTS {
                let unit = ["F11", "S112", "S121"][number % 3];
                org::contact_set(tx, ctx, unit, &format!("p{number}"), &phone(number))?;
            }
            Ok(())
        });
    });
}
