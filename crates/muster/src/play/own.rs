//! Operations of a visitor's own, begun beside the demonstration. Each is a database file that stays when the demonstration
//! ends, told with the command that opens it again; none is ever begun over another.

use crate::app::Login;
use crate::lines::operation::{Names, Operation, operation_current};
use crate::migrations::MIGRATIONS;
use crate::seal::{self, Seals};
use crate::serve::Patience;
use crate::{App, Fail, wiring};
use muster_kernel::day::rfc3339;
use muster_kernel::{Clock, IdSource, Problem, ProblemKind};
use muster_store::{Db, DbConfig, Link, Rows, StoreError, heads, is_ours, journal_read};
use serde::Serialize;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use utoipa::ToSchema;

/// Own operations that one folder is looked through for.
const OWN_MAX: u32 = 99;

/// Where an operation is kept, and how it is opened without the demonstration.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Kept {
    /// The name of its file, which stands for it in `POST /demo/own`.
    pub name: String,
    /// The whole path of its file.
    pub file: String,
    /// The program, as one types it to run it.
    pub program: String,
    /// What follows `--database` in any of the program's commands, as one types it.
    pub database: String,
}

/// An operation that was begun earlier.
#[derive(Debug)]
pub struct Own {
    /// Where it is.
    pub kept: Kept,
    /// What its office calls itself.
    pub office: Names,
    /// When it was begun (RFC 3339, in its own time zone).
    pub since: String,
}

/// The folder of own operations, and those of them that this demonstration opened. Cheap to clone.
#[derive(Clone)]
pub struct OwnFolder {
    folder: PathBuf,
    program: String,
    open: Arc<tokio::sync::Mutex<HashMap<String, String>>>,
}

impl OwnFolder {
    /// Own operations are kept in this folder (absolute, so that a command with it holds anywhere); the program is what
    /// one types to run this one.
    pub fn new(folder: PathBuf, program: String) -> Self {
        Self { folder, program, open: Arc::default() }
    }

    fn kept(&self, number: u32) -> Kept {
        let name = if number == 1 { "muster-own.db".to_owned() } else { format!("muster-own-{number}.db") };
        let file = self.folder.join(&name).display().to_string();
        Kept { name, program: typed(&self.program), database: typed(&file), file }
    }

    /// The operations there are, and where the next one would be begun: in the first file that is not there or holds
    /// nothing yet. A file that was not made here, or cannot be read, is somebody's all the same, and passed over untouched.
    pub async fn list(&self) -> (Vec<Own>, Option<Kept>) {
        let (mut found, mut next) = (Vec::new(), None);
        for number in 1..=OWN_MAX {
            let kept = self.kept(number);
            let file = self.folder.join(&kept.name);
            if !file.exists() {
                next = next.or(Some(kept));
                continue;
            }
            if !is_ours(&file) {
                continue;
            }
            match looked_into(&kept.file).await {
                Ok(Some((office, since))) => found.push(Own { kept, office, since }),
                Ok(None) => next = next.or(Some(kept)),
                Err(fail) => tracing::warn!(%fail, file = kept.name, "no operation that can be read"),
            }
        }
        (found, next)
    }

    /// Opens the operation of a file's name, or a new one where none is named, and says its address: a server of its own
    /// in this process, with logins and the wall's clock. Opened again it is the same one.
    ///
    /// # Errors
    /// No such operation; nothing can be written where it is to be kept.
    pub async fn open(&self, demo: &App, name: Option<&str>) -> Result<(String, Kept), Problem> {
        let mut open = self.open.lock().await;
        let (found, next) = self.list().await;
        let kept = match name {
            None => next.ok_or_else(|| Problem::conflict("demo.own_full").with("max", OWN_MAX))?,
            Some(name) => {
                let none = || Problem::not_found("demo.no_such_own").with("name", name);
                let all = found.into_iter().map(|own| own.kept).chain(next);
                all.into_iter().find(|kept| kept.name == name).ok_or_else(none)?
            }
        };
        // Where its file was taken away, what that server is told goes nowhere.
        let is_there = self.folder.join(&kept.name).exists();
        if let Some(address) = open.get(&kept.name).filter(|_| is_there) {
            return Ok((address.clone(), kept));
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(Problem::internal)?;
        let address = format!("http://{}", listener.local_addr().map_err(Problem::internal)?);
        let mut app = app(&kept.file).await.map_err(|fail| {
            tracing::warn!(%fail, "an own operation could not be opened");
            Problem::new(ProblemKind::Busy, "demo.own_unopened").with("file", &kept.file)
        })?;
        (app.printer, app.read_pdf) = (demo.printer.clone(), demo.read_pdf.clone());
        app.kept = Some(kept.clone());
        tokio::spawn(crate::serve::serve(app, listener, Patience::of_machine(), std::future::pending()));
        open.insert(kept.name.clone(), address.clone());
        Ok((address, kept))
    }
}

/// A server's state over a file, which is made where it is not there.
async fn app(file: &str) -> Result<App, Fail> {
    let config = DbConfig::new(file);
    let seals = Seals::open(&seal::file::beside(file), true)?;
    let sealing = seals.clone();
    let db = tokio::task::spawn_blocking(move || -> Result<Db, Fail> {
        let db = Db::open(&config)?;
        db.migrate(Clock::Wall.now_ms(), MIGRATIONS)?;
        wiring::plain_seal(&db, &sealing, Clock::Wall.now_ms(), |_| ())?;
        Ok(db)
    });
    let db = db.await.map_err(Problem::internal)??;
    let operation = db.read("operation.current", |rx| operation_current(rx)).await?;
    let operation = operation.unwrap_or_else(Operation::unnamed);
    let mut app = App::new(db, Clock::Wall, IdSource::Random, Login::Local, operation);
    app.seals = seals;
    Ok(app)
}

/// Whose operation a file holds and since when; none where nobody began one.
async fn looked_into(file: &str) -> Result<Option<(Names, String)>, Fail> {
    let config = DbConfig::new(file);
    let look = move || -> Result<_, StoreError> {
        let db = Db::open(&config)?;
        let found = db.read_blocking("demo.own", |rx| {
            let Some(operation) = operation_current(rx)? else { return Ok(None) };
            Ok::<_, StoreError>(Some((operation, began_ms(rx)?)))
        });
        db.close();
        found
    };
    let found = tokio::task::spawn_blocking(look).await.map_err(Problem::internal)??;
    Ok(found.map(|(operation, at_ms)| {
        let since = rfc3339(at_ms, &operation.time_zone());
        (operation.office, since)
    }))
}

/// The instant of the first entry of a journal.
fn began_ms(rows: &mut impl Rows) -> Result<i64, StoreError> {
    let mut first_ms = i64::MAX;
    for head in heads(rows)? {
        let entry = journal_read(rows, Link { lane: head.lane, no: 1 })?;
        first_ms = first_ms.min(entry.map_or(i64::MAX, |entry| entry.at));
    }
    Ok(first_ms)
}

/// A word as a shell takes it: quoted where it bears anything that a shell would read.
fn typed(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':' | '+' | ',' | '@');
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::begin::{Begin, begin_operation};

    #[test]
    fn a_command_holds_whatever_the_folder_is_called() {
        let check = |folder: &str, expected: &str| {
            let folder = OwnFolder::new(PathBuf::from(folder), "muster".to_owned());
            assert_eq!(folder.kept(2).database, expected);
        };
        check("/home/duty", "/home/duty/muster-own-2.db");
        check("/home/值班", "/home/值班/muster-own-2.db");
        check("/home/duty room", "'/home/duty room/muster-own-2.db'");
        check("/home/chief's", r"'/home/chief'\''s/muster-own-2.db'");
    }

    #[tokio::test]
    async fn an_operation_is_found_again_and_none_is_begun_over_a_file_that_is_there() {
        let kept = tempfile::tempdir().unwrap();
        let folder = kept.path().to_owned();
        let foreign = [&b"SQLite format 3\0"[..], &[0; 4080]].concat();
        std::fs::write(folder.join("muster-own.db"), b"somebody's letter").unwrap();
        std::fs::write(folder.join("muster-own-3.db"), &foreign).unwrap();
        let own = OwnFolder::new(folder.clone(), "muster".to_owned());
        let next = |(_, next): (Vec<Own>, Option<Kept>)| next.unwrap().name;
        assert_eq!(next(own.list().await), "muster-own-2.db", "a file that cannot be read is passed over");

        let second = app(&own.kept(2).file).await.unwrap();
        assert_eq!(next(own.list().await), "muster-own-2.db", "nothing was begun there");
        let begin = Begin {
            office: "Harbour".into(),
            name: String::new(),
            zone: "UTC".into(),
            account: "duty".into(),
            password: "long enough".into(),
        };
        begin_operation(&second, begin, "").await.unwrap();
        let (found, then) = own.list().await;
        let told: Vec<_> =
            found.iter().map(|own| (own.kept.name.as_str(), own.office.zh_hans.as_str())).collect();
        assert_eq!(
            (told, then.unwrap().name),
            (vec![("muster-own-2.db", "Harbour")], "muster-own-4.db".into())
        );
        assert!(found[0].since.ends_with('Z') || found[0].since.ends_with("+00:00"), "{}", found[0].since);
        assert_eq!(std::fs::read(folder.join("muster-own.db")).unwrap(), b"somebody's letter");
        assert_eq!(std::fs::read(folder.join("muster-own-3.db")).unwrap(), foreign);
    }
}
