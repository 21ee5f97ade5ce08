//! A database of its own for every test, on each store there is.

use std::{
    path::{Path, PathBuf},
    sync::{
        Once,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use sha2::{Digest as _, Sha256};

use crate::{
    Db, DbConfig, Migration,
    migrate::OWN,
    postgres::{Conn, Target},
    tx::Engine as _,
};

/// The address of a PostgreSQL cluster where tests may make and drop databases:
/// `postgres://user@host:port/postgres`. Without it tests run on SQLite alone, and say so.
pub const POSTGRES_VAR: &str = "MUSTER_TEST_POSTGRES";

/// A fresh, migrated database that goes away when dropped.
pub struct TestDb {
    /// The door. Clones are dead once this is dropped.
    pub db: Db,
    /// Where it is: another [`Db::open`] of it plays a second process.
    pub config: DbConfig,
    place: Place,
}

enum Place {
    Folder(PathBuf),
    Postgres { cluster: Box<Target>, name: String },
}

/// Runs a test body on every store there is, each time on a database with these migrations.
pub fn each_store(migrations: &[Migration], body: impl Fn(&TestDb)) {
    body(&TestDb::sqlite(migrations));
    if let Some(postgres) = TestDb::postgres(migrations) {
        body(&postgres);
    }
}

impl TestDb {
    /// A SQLite file in the folder for temporary files.
    pub fn sqlite(migrations: &[Migration]) -> TestDb {
        let folder = std::env::temp_dir().join(fresh_name());
        // A process that was killed may have left one under the number that is now ours.
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir_all(&folder).expect("folder for a test");
        let config = DbConfig::for_testing(folder.join("muster.db").display().to_string());
        TestDb { db: open(&config, migrations), config, place: Place::Folder(folder) }
    }

    /// A database on the cluster of [`POSTGRES_VAR`], cloned from a template that is migrated once.
    pub fn postgres(migrations: &[Migration]) -> Option<TestDb> {
        static SAID: Once = Once::new();
        #[expect(clippy::disallowed_methods, reason = "tests have no configuration but this")]
        let Ok(url) = std::env::var(POSTGRES_VAR) else {
            SAID.call_once(|| eprintln!("{POSTGRES_VAR} is not set: PostgreSQL is left out"));
            return None;
        };
        let cluster = Target::new(&DbConfig::for_testing(&url)).expect(POSTGRES_VAR);
        let name = fresh_name().replace('-', "_");
        Conn::apart(|| {
            let mut admin = Conn::writer(&cluster, 0).expect("connect to the cluster for tests");
            let template = template(&mut admin, &url, migrations);
            admin.batch(&format!("drop database if exists {name}")).expect("an old database goes");
            admin.batch(&format!("create database {name} template {template}")).expect("make a database");
            admin.close();
        });
        let config = DbConfig::for_testing(address(&url, &name));
        let db = open(&config, migrations);
        Some(TestDb { db, config, place: Place::Postgres { cluster: Box::new(cluster), name } })
    }

    /// The folder of a SQLite database.
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Folder(folder) => Some(folder),
            Place::Postgres { .. } => None,
        }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        self.db.close();
        match &self.place {
            Place::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Place::Postgres { cluster, name } => {
                let dropped = Conn::apart(|| {
                    Conn::writer(cluster, 0)?.batch(&format!("drop database {name} with (force)"))
                });
                if let Err(why) = dropped {
                    eprintln!("{name} stays behind: {why}");
                }
            }
        }
    }
}

/// The template for these migrations; made by whoever needs it first.
fn template(admin: &mut Conn, url: &str, migrations: &[Migration]) -> String {
    let mut sha = Sha256::new();
    for step in OWN.iter().chain(migrations) {
        sha.update(format!("{} {} {}\0", step.number, step.name, step.postgres));
    }
    let name = format!("muster_template_{}", hex::encode(&sha.finalize()[..8]));
    admin.batch("select pg_advisory_lock(7237)").expect("lock for the template");
    if admin.batch(&format!("create database {name} template template0")).is_ok() {
        let half = format!("drop database {name} with (force)");
        let made = std::panic::catch_unwind(|| {
            open(&DbConfig::for_testing(address(url, &name)), migrations).close();
        });
        if made.is_err() {
            drop(admin.batch(&half));
            panic!("migrations fail on PostgreSQL");
        }
    }
    admin.batch("select pg_advisory_unlock(7237)").expect("unlock for the template");
    name
}

/// The same cluster, another database.
fn address(url: &str, name: &str) -> String {
    let (before, query) = url.split_once('?').map_or((url, None), |(before, query)| (before, Some(query)));
    let (cluster, _) = before.rsplit_once('/').expect("an address that ends with a database");
    query.map_or_else(|| format!("{cluster}/{name}"), |query| format!("{cluster}/{name}?{query}"))
}

fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("muster-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed))
}

fn open(config: &DbConfig, migrations: &[Migration]) -> Db {
    let db = Db::open(config).expect("open the test database");
    db.migrate(0, migrations).expect("migrate the test database");
    db
}
