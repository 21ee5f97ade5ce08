//! Where a database for measuring is: files below the target directory, or databases of a cluster.

use crate::world;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The key file of the servers under measurement.
const KEYS: &str = "measure.keys";

/// Two databases of one store, ours and the bare one's; gone when dropped.
pub struct Place {
    /// `sqlite` or `postgres`.
    pub store: String,
    pub ours: String,
    pub bare: String,
    folder: PathBuf,
    admin: Option<String>,
}

impl Place {
    pub fn make(store: &str) -> Option<Self> {
        // On the disk that the project is on: a folder for temporary files may be memory, where a sync costs nothing.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("measure-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        // The world is made past the servers, with the demonstration's keys: they open what it sealed.
        let keys = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(folder.join(KEYS));
        keys.and_then(|mut keys| keys.write_all(include_bytes!("../../src/seal/demo.keys")))
            .expect("a key file");
        let file = |name: &str| folder.join(name).display().to_string();
        if store == "sqlite" {
            let (ours, bare) = (file("muster.db"), file("bare.db"));
            return Some(Self { store: store.into(), ours, bare, folder, admin: None });
        }
        let admin = std::env::var("MUSTER_TEST_POSTGRES").ok()?;
        let at = |name: &str| format!("{}/{name}", admin.rsplit_once('/').map_or("", |(server, _)| server));
        let (ours, bare) = (at("measure_muster"), at("measure_bare"));
        let place = Self { store: store.into(), ours, bare, folder, admin: Some(admin) };
        place.fresh_bare();
        place.again("measure_muster");
        Some(place)
    }

    /// The key file of the servers under measurement.
    pub fn keys(&self) -> PathBuf {
        self.folder.join(KEYS)
    }

    /// An empty database for the next bare run, so that it is never slowed by the rows of the one before.
    pub fn fresh_bare(&self) {
        if self.admin.is_some() {
            self.again("measure_bare");
        } else {
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{end}", self.bare));
            }
        }
    }

    fn again(&self, name: &str) {
        self.sql(&[
            &format!("drop database if exists {name} with (force)"),
            &format!("create database {name}"),
        ]);
    }

    /// Copies the first day's sheets and totals to the days from `have` to `want`, with the database's own means and
    /// without the journal, for as long as there is time; how many days. Only to see what a start costs with many days.
    pub fn copy_days(&self, have: i32, want: i32, time: Duration) -> i32 {
        let since = Instant::now();
        let mut copied = 0;
        while have + copied < want && since.elapsed() < time {
            let day = world::SINCE.number();
            let columns = "operation, slot, unit, scope, rev, at, last_lane, last_no, layout, vals, acts";
            let to = day + have + copied;
            let texts = [
                format!(
                    "insert into sheet (bucket, day, {columns}) select bucket, {to}, {columns} from sheet \
                     where bucket = 1 and operation = 1 and day = {day} order by slot, unit, scope"
                ),
                format!(
                    "insert into total (bucket, day, series, node, lane, packed) \
                     select bucket, {to}, series, node, lane, packed from total where bucket = 1 and day = {day}"
                ),
            ];
            if self.admin.is_some() {
                self.sql_on(&self.ours, &[&texts[0], &texts[1]]);
            } else {
                let connection = rusqlite::Connection::open(&self.ours).expect("open");
                connection
                    .execute_batch(&format!("begin; {}; {}; commit", texts[0], texts[1]))
                    .expect("a day");
            }
            copied += 1;
        }
        copied
    }

    /// Lets the database write out what it still holds back, so that its size is its size and the next measurement is
    /// not slowed by it.
    pub fn settle(&self) {
        if self.admin.is_some() {
            self.sql_on(&self.ours, &["vacuum (analyze)", "checkpoint"]);
        } else {
            let connection = rusqlite::Connection::open(&self.ours).expect("open");
            let _ = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()));
        }
    }

    /// Bytes that our database takes.
    pub fn bytes(&self) -> u64 {
        if self.admin.is_some() {
            return self.sql(&["select pg_database_size('measure_muster')::text"]).parse().unwrap_or(0);
        }
        let size = |end: &str| std::fs::metadata(format!("{}{end}", self.ours)).map_or(0, |m| m.len());
        size("") + size("-wal")
    }

    /// Runs statements on the cluster one after the other; the first cell of the last answer.
    fn sql(&self, statements: &[&str]) -> String {
        self.admin.as_ref().map_or_else(String::new, |admin| self.sql_on(admin, statements))
    }

    fn sql_on(&self, url: &str, statements: &[&str]) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the cluster");
            tokio::spawn(connection);
            let mut said = String::new();
            for statement in statements {
                for message in client.simple_query(statement).await.expect("a statement") {
                    if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
                        said = row.get(0).unwrap_or_default().to_owned();
                    }
                }
            }
            said
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.sql(&[
            "drop database if exists measure_muster with (force)",
            "drop database if exists measure_bare with (force)",
        ]);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
