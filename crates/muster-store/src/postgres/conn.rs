//! A connection and the thread's own small runtime that drives it.

use std::{
    collections::HashMap,
    pin::pin,
    time::{Duration, Instant},
};

use futures_util::{TryStreamExt, future};
use tokio::{runtime::Runtime, task::JoinHandle, time::timeout};
use tokio_postgres::{Client, Error, NoTls, Statement, error::SqlState};

use super::{Target, bulk};
use crate::{Result, Row, Stmt, StoreError, Val, dialect::Dialect, row::Cells, tx::Engine};

/// Waiting for a lock ends after this: busy.
const LOCK: Duration = Duration::from_secs(5);
/// A transaction whose closure does nothing for so long is ended by the server.
const IDLE: Duration = Duration::from_secs(30);

pub(crate) struct Conn {
    client: Client,
    task: JoinHandle<()>,
    prepared: HashMap<(usize, usize), Prepared>,
    /// BEGIN still to be sent, together with the first statement.
    begin: Option<&'static str>,
    /// How long to wait for a statement of a write.
    patience: Duration,
    /// When a read must be over.
    until: Option<Instant>,
    /// Not to be used again.
    spoilt: bool,
    /// Dropped last: the socket lives in it.
    runtime: Runtime,
}

#[derive(Clone)]
struct Prepared {
    one: Statement,
    /// For many rows at once; `None` until asked for, `Some(None)` where there is no such form.
    many: Option<Option<Statement>>,
}

impl Conn {
    /// Runs `f`, which waits for a connection, where waiting is allowed: also called from inside an
    /// asynchronous runtime, whose threads must not.
    pub(crate) fn apart<T: Send>(f: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| match scope.spawn(f).join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    }

    pub(crate) fn writer(target: &Target) -> Result<Conn> {
        let settings = format!(
            "set statement_timeout = {}; set lock_timeout = {}; \
             set idle_in_transaction_session_timeout = {}; set client_min_messages = error",
            target.statement_max.as_millis(),
            LOCK.as_millis(),
            IDLE.as_millis()
        );
        Conn::open(target, &settings)
    }

    pub(crate) fn reader(target: &Target) -> Result<Conn> {
        let settings = format!(
            "set statement_timeout = {0}; set idle_in_transaction_session_timeout = {1}; \
             set plan_cache_mode = force_custom_plan; set client_min_messages = error",
            target.read_deadline.as_millis(),
            IDLE.as_millis()
        );
        Conn::open(target, &settings)
    }

    fn open(target: &Target, settings: &str) -> Result<Conn> {
        let io = |err: std::io::Error| StoreError::Io(err.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io)?;
        let (client, task) = runtime
            .block_on(async {
                let (client, connection) = target.config.connect(NoTls).await?;
                let task = tokio::spawn(async move {
                    if let Err(err) = connection.await {
                        tracing::debug!(%err, "connection ended");
                    }
                });
                client.batch_execute(settings).await?;
                Ok((client, task))
            })
            .map_err(|err: Error| {
                tracing::warn!(%err, "no connection to PostgreSQL");
                StoreError::Lost
            })?;
        Ok(Conn {
            client,
            task,
            prepared: HashMap::new(),
            begin: None,
            patience: target.statement_max.mul_f32(1.5),
            until: None,
            spoilt: false,
            runtime,
        })
    }

    /// The next statement opens a transaction of one snapshot.
    pub(crate) fn begin_read(&mut self, deadline: Duration) {
        self.begin = Some("begin isolation level repeatable read, read only");
        self.until = Some(Instant::now() + deadline);
    }

    /// Whether a transaction was really opened.
    pub(crate) fn has_begun(&self) -> bool {
        self.begin.is_none()
    }

    pub(crate) fn is_spoilt(&self) -> bool {
        self.spoilt || self.client.is_closed()
    }

    /// COMMIT. What is not a clear refusal by the database is [`StoreError::Unknown`].
    pub(crate) fn commit(&mut self) -> Result<()> {
        let out = self
            .runtime
            .block_on(async { timeout(self.patience, self.client.batch_execute("commit")).await });
        let Ok(Err(err)) = out else { return out.map(drop).map_err(|_| StoreError::Unknown) };
        let refused = err.code().is_some_and(|code| ["23", "40"].contains(&&code.code()[..2]));
        tracing::warn!(%err, "commit");
        Err(if refused { self.failed("commit", &err) } else { StoreError::Unknown })
    }

    /// Says good-bye to the server.
    pub(crate) fn close(self) {
        let Conn { client, task, runtime, .. } = self;
        drop(client);
        drop(runtime.block_on(async { timeout(Duration::from_secs(1), task).await }));
    }

    /// Waits for `work`, with BEGIN before it if that is still to be sent.
    fn wait<T>(
        client: &Client,
        runtime: &Runtime,
        (begin, limit): (Option<&str>, Duration),
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<Result<T, Error>, tokio::time::error::Elapsed> {
        // In an async block, because a timer can only be made inside the runtime.
        runtime.block_on(async {
            timeout(limit, async {
                match begin {
                    None => work.await,
                    Some(begin) => {
                        let (begun, out) = future::join(client.batch_execute(begin), work).await;
                        begun.and(out)
                    }
                }
            })
            .await
        })
    }

    fn run<T>(&mut self, name: &str, work: impl AsyncFnOnce(&Client) -> Result<T, Error>) -> Result<T> {
        let limit = match self.until {
            Some(until) => until.saturating_duration_since(Instant::now()),
            None => self.patience,
        };
        let begin = self.begin.take();
        match Conn::wait(&self.client, &self.runtime, (begin, limit), work(&self.client)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(err)) => Err(self.failed(name, &err)),
            Err(_) => {
                self.spoilt = true;
                Err(if self.until.is_some() { StoreError::Timeout } else { StoreError::Lost })
            }
        }
    }

    fn prepared(&mut self, stmt: &Stmt, arguments: usize) -> Result<Prepared> {
        if !self.prepared.contains_key(&stmt.key()) {
            let text = Dialect::Postgres.text(stmt)?;
            let one = self.prepare_text(stmt.name, &text)?;
            self.prepared.insert(stmt.key(), Prepared { one, many: None });
        }
        let prepared = self.prepared[&stmt.key()].clone();
        let wants = prepared.one.params().len();
        if wants != arguments {
            return Err(StoreError::Sql(format!("{}: wants {wants} arguments, has {arguments}", stmt.name)));
        }
        Ok(prepared)
    }

    fn prepare_text(&mut self, name: &str, text: &str) -> Result<Statement> {
        self.run(name, async |client| client.prepare(text).await)
    }

    /// The form for many rows, if the statement has one.
    fn many(&mut self, stmt: &Stmt, arguments: usize) -> Result<Option<Statement>> {
        let prepared = self.prepared(stmt, arguments)?;
        if let Some(many) = prepared.many {
            return Ok(many);
        }
        let text = bulk::rewrite(&Dialect::Postgres.text(stmt)?, prepared.one.params());
        let many = text.map(|text| self.prepare_text(stmt.name, &text)).transpose()?;
        self.prepared.insert(stmt.key(), Prepared { one: prepared.one, many: Some(many.clone()) });
        Ok(many)
    }

    fn failed(&mut self, name: &str, err: &Error) -> StoreError {
        let Some(db) = err.as_db_error() else {
            let io = std::error::Error::source(err).is_some_and(|source| source.is::<std::io::Error>());
            if err.is_closed() || io || self.client.is_closed() {
                self.spoilt = true;
                return StoreError::Lost;
            }
            let why = std::error::Error::source(err).map_or_else(|| err.to_string(), ToString::to_string);
            return StoreError::Sql(format!("{name}: {why}"));
        };
        let named = |name: Option<&str>| StoreError::Constraint { name: name.unwrap_or("unnamed").into() };
        let code = db.code();
        match code.code() {
            "40001" | "40P01" => StoreError::Conflict,
            // A plan prepared before the schema changed: a new connection prepares it anew.
            "0A000" if db.routine() == Some("RevalidateCachedQuery") => {
                self.spoilt = true;
                StoreError::Conflict
            }
            _ if *code == SqlState::FOREIGN_KEY_VIOLATION => named(Some("foreign_key")),
            _ if *code == SqlState::NOT_NULL_VIOLATION => {
                let (table, column) = (db.table().unwrap_or_default(), db.column().unwrap_or_default());
                named(Some(&format!("{table}_{column}_not_null")))
            }
            other if other.starts_with("23") => named(db.constraint()),
            "57014" => StoreError::Timeout,
            "55P03" | "53300" => StoreError::Busy,
            "57P01" | "57P02" | "57P03" | "25P03" => {
                self.spoilt = true;
                StoreError::Lost
            }
            other if other.starts_with("08") => {
                self.spoilt = true;
                StoreError::Lost
            }
            other if other.starts_with("53") || other.starts_with("58") => {
                StoreError::Io(format!("{name}: {}", db.message()))
            }
            other => StoreError::Sql(format!("{name}: {} ({other})", db.message())),
        }
    }
}

impl Engine for Conn {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn each(&mut self, stmt: &Stmt, args: &[Val<'_>], f: &mut dyn FnMut(&Row<'_>) -> bool) -> Result<()> {
        let prepared = self.prepared(stmt, args.len())?;
        self.run(stmt.name, async |client| {
            let mut rows = pin!(client.query_raw(&prepared.one, args).await?);
            while let Some(row) = rows.try_next().await? {
                if !f(&Row { cells: Cells::Postgres(&row), stmt }) {
                    break;
                }
            }
            Ok(())
        })
    }

    fn exec(&mut self, stmt: &Stmt, args: &[Val<'_>]) -> Result<u64> {
        let prepared = self.prepared(stmt, args.len())?;
        self.run(stmt.name, async |client| client.execute_raw(&prepared.one, args).await)
    }

    fn exec_rows(&mut self, stmt: &Stmt, rows: &[Vec<Val<'_>>]) -> Result<u64> {
        let width = rows.first().map_or(0, Vec::len);
        if let Some(row) = rows.iter().find(|row| row.len() != width) {
            return Err(StoreError::Sql(format!("{}: rows of {width} and {}", stmt.name, row.len())));
        }
        let Some(many) = (if rows.len() > 1 { self.many(stmt, width)? } else { None }) else {
            return rows.iter().try_fold(0, |sum, row| Ok(sum + self.exec(stmt, row)?));
        };
        let columns: Vec<Vec<&Val<'_>>> =
            (0..width).map(|i| rows.iter().map(|row| &row[i]).collect()).collect();
        self.run(stmt.name, async |client| client.execute_raw(&many, &columns).await)
    }

    fn prepare(&mut self, stmt: &Stmt) -> Result<()> {
        let text = Dialect::Postgres.text(stmt)?;
        let prepared = self.prepare_text(stmt.name, &text)?;
        match prepared.columns().iter().find(|column| !super::types::is_known(column.type_())) {
            None => Ok(()),
            Some(column) => {
                let (name, kind) = (column.name(), column.type_());
                Err(StoreError::Sql(format!("{}: column {name} is {kind}: cast it", stmt.name)))
            }
        }
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        self.run("batch", async |client| client.batch_execute(sql).await)
    }

    fn script(&mut self, sql: &str) -> Result<()> {
        self.batch("set local statement_timeout = 0; set local lock_timeout = 0")?;
        // A year: an index over a large table takes its time.
        let patience = std::mem::replace(&mut self.patience, Duration::from_secs(365 * 86_400));
        let out = self.batch(sql);
        self.patience = patience;
        out
    }
}
