//! Where a database for measuring is: files below the target directory, or databases of a cluster.

use std::path::{Path, PathBuf};

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
        let Some(admin) = &self.admin else { return String::new() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(admin, tokio_postgres::NoTls).await.expect("the cluster");
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
