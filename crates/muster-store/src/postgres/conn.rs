//! A connection and the thread's own small runtime that drives it.

use std::{
    collections::HashMap,
    pin::pin,
    time::{Duration, Instant},
};

use futures_util::{TryStreamExt, future};
use tokio::{runtime::Runtime, task::JoinHandle, time::timeout};
use tokio_postgres::{
    Client, Error, Statement,
    error::{Severity, SqlState},
};

use super::{
    Target,
    ahead::{Alone, Answer, Together},
    bulk::{self, Column, Same},
    failure,
    own::{ALONG_INDEXES, LOOKS_UP, READS_THROUGH, SETTINGS},
    recall::Memory,
};
use crate::{
    Head, Result, Row, Stmt, StoreError, Val,
    dialect::Dialect,
    tx::{Ask, Engine, Write},
};

/// Waiting for a lock ends after this: busy.
const LOCK: Duration = Duration::from_secs(5);
/// A transaction whose closure does nothing for so long is ended by the server.
const IDLE: Duration = Duration::from_secs(30);

pub(crate) struct Conn {
    client: Client,
    task: JoinHandle<()>,
    prepared: HashMap<(usize, usize), Prepared>,
    /// Statements that ask several questions, by those.
    pub(super) together: HashMap<Vec<(usize, usize)>, Together>,
    /// BEGIN still to be sent, together with the first statement.
    pub(super) begin: Option<&'static str>,
    /// Answers to questions that were sent ahead.
    pub(super) answers: Vec<Answer>,
    /// What a write may go by without asking.
    pub(super) memory: Memory,
    /// Whether questions may be asked without a transaction, and whether some were.
    pub(super) alone: Alone,
    /// A transaction is open on the server.
    pub(super) open: bool,
    /// How long to wait for a statement of a write.
    patience: Duration,
    /// When a read must be over.
    pub(super) until: Option<Instant>,
    /// Where its writes stand in the journal and the totals.
    pub(super) lane: i32,
    /// Not to be used again.
    spoilt: bool,
    /// Dropped last: the socket lives in it.
    runtime: Runtime,
}

struct Prepared {
    one: Statement,
    /// For many rows at once, by what is the same in all of them; none where there is no such form.
    many: HashMap<Same, Option<Statement>>,
}

/// Forms of one statement at most that are kept for many rows; another is sent by the nearest of them.
const FORMS_MAX: usize = 16;

/// A statement ready to be sent, with its arguments.
enum Form<'v> {
    One(Statement, &'v [Val<'v>]),
    Many(Statement, Vec<Column<'v>>),
}

impl Form<'_> {
    async fn run(&self, client: &Client) -> Result<u64, Error> {
        match self {
            Form::One(stmt, args) => client.execute_raw(stmt, *args).await,
            Form::Many(stmt, columns) => client.execute_raw(stmt, columns).await,
        }
    }
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

    /// A connection for writes. It has a lane of its own while any is free, also beside other processes: who shares one waits
    /// for the other, and remembers nothing. Else `lane`.
    pub(crate) fn writer(target: &Target, lane: i32) -> Result<Conn> {
        // A write asks by key. Its plans are kept, and one that suits a table while it is small must not outlive that.
        let settings = format!(
            "set statement_timeout = {}; set lock_timeout = {}; set plan_cache_mode = force_generic_plan; \
             set idle_in_transaction_session_timeout = {}; set client_min_messages = error; \
             {ALONG_INDEXES}; \
             select set_config('synchronous_commit', 'on', false) \
             where current_setting('synchronous_commit') = 'off'",
            target.statement_max.as_millis(),
            LOCK.as_millis(),
            IDLE.as_millis()
        );
        let mut conn = Conn::open(target, &settings)?;
        conn.lane = conn.lane_free()?.unwrap_or(lane);
        Ok(conn)
    }

    pub(crate) fn reader(target: &Target) -> Result<Conn> {
        // Planning costs more than most of what is asked, so a plan is made once: along indexes, since one that suits a
        // table while it is small, or a day that is new, must not outlive that.
        let settings = format!(
            "set statement_timeout = {0}; set idle_in_transaction_session_timeout = {1}; \
             set plan_cache_mode = force_generic_plan; {ALONG_INDEXES}; set client_min_messages = error",
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
                let (client, connection) = target.config.connect(target.tls.clone()).await?;
                let task = tokio::spawn(async move {
                    if let Err(err) = connection.await {
                        tracing::debug!(%err, "connection ended");
                    }
                });
                client.batch_execute(settings).await?;
                Ok((client, task))
            })
            .map_err(|err: Error| {
                let why = std::error::Error::source(&err).map_or_else(String::new, |why| format!(": {why}"));
                StoreError::Io(format!("PostgreSQL: {err}{why}"))
            })?;
        Ok(Conn {
            client,
            task,
            prepared: HashMap::new(),
            together: HashMap::new(),
            begin: None,
            answers: Vec::new(),
            memory: Memory::default(),
            alone: Alone::default(),
            open: false,
            patience: target.statement_max.mul_f32(1.5),
            until: None,
            lane: 0,
            spoilt: false,
            runtime,
        })
    }

    /// Runs a statement that goes into no transaction, however long it takes.
    pub(crate) fn alone(&mut self, sql: &str) -> Result<()> {
        let ran = self.runtime.block_on(async {
            self.client.batch_execute("set statement_timeout = 0").await?;
            self.client.batch_execute(sql).await
        });
        ran.map_err(|err| StoreError::Sql(format!("{sql}: {err}")))
    }

    /// Refuses a database that cannot hold our text; warns of one that forgets.
    pub(crate) fn check(&mut self) -> Result<()> {
        let mut wrong = None;
        self.each(&SETTINGS, &[], &mut |row| {
            if row.text(1) != Ok("UTF8") {
                wrong = Some(StoreError::Io("PostgreSQL: the database must be encoded in UTF8".into()));
            }
            if row.int(0).is_ok_and(|version| version < 150_000) {
                tracing::warn!("PostgreSQL is older than 15: not tried");
            }
            if row.text(2) != Ok("on") {
                tracing::warn!("PostgreSQL runs without fsync: acknowledged writes can be lost");
            }
            false
        })?;
        wrong.map_or(Ok(()), Err)
    }

    /// The next statement opens a transaction of one snapshot, and ends the one before. `may_be_alone`: unless all that is
    /// asked can be asked by one statement.
    pub(crate) fn begin_read(&mut self, deadline: Duration, may_be_alone: bool) {
        self.answers.clear();
        self.alone = if may_be_alone { Alone::May } else { Alone::No };
        self.begin = Some(match self.open {
            true => "rollback; begin isolation level repeatable read, read only",
            false => "begin isolation level repeatable read, read only",
        });
        self.until = Some(Instant::now() + deadline);
    }

    /// The next statement opens a transaction. `by_memory`: the write may go by what is remembered, and may be wrong.
    pub(crate) fn begin_write(&mut self, by_memory: bool) {
        self.recall_begin(by_memory);
        self.answers.clear();
        self.alone = Alone::No;
        self.begin = Some("begin");
        self.until = None;
    }

    pub(crate) fn is_spoilt(&self) -> bool {
        self.spoilt || self.client.is_closed()
    }

    /// Sends these statements and COMMIT in one go. An error of one of them, or a clear refusal of
    /// the COMMIT, means that nothing is stored; all else is [`StoreError::Unknown`].
    pub(crate) fn commit(&mut self, writes: &[Write]) -> Result<()> {
        if self.commit_by_memory(writes)? {
            return Ok(());
        }
        if self.begin.is_some() {
            // Nothing was asked so far, so nothing was begun.
            if writes.is_empty() {
                self.begin = None;
                return Ok(());
            }
            self.run("begin", false, async |_| Ok(()))?;
        }
        let mut forms = Vec::new();
        for Write { stmt, rows, first } in writes {
            // Its transaction stays open when this fails: not to be used again.
            let found = self.forms(stmt, rows).inspect_err(|_| self.spoilt = true)?;
            forms.extend(found.into_iter().map(|form| (stmt.name, *first, form)));
        }
        let (sent, committed) = self.last_word(async |client| {
            let sent = future::join_all(forms.iter().map(|(.., form)| form.run(client)));
            future::join(sent, client.batch_execute("commit")).await
        })?;
        let names = forms.iter().map(|(name, first, _)| (*name, *first)).chain([("commit", false)]);
        let all = sent.into_iter().map(|out| out.map(drop)).chain([committed]);
        match names.zip(all).find_map(|(name, out)| Some((name, out.err()?))) {
            Some(((name, first), err)) => Err(self.refused(name, first, &err)),
            None => Ok(()),
        }
    }

    /// Sends what ends a write, and waits. Without an answer nobody knows what became of it.
    pub(super) fn last_word<T>(&mut self, work: impl AsyncFnOnce(&Client) -> T) -> Result<T> {
        let (patience, client) = (self.patience, &self.client);
        let answer = self.runtime.block_on(async { timeout(patience, work(client)).await });
        self.open = false;
        answer.map_err(|_| {
            self.spoilt = true;
            StoreError::Unknown
        })
    }

    /// What became of a write that the server answered so. `first`: somebody else may have written the same row first.
    pub(super) fn refused(&mut self, name: &str, first: bool, err: &Error) -> StoreError {
        if first && err.code() == Some(&SqlState::UNIQUE_VIOLATION) {
            return StoreError::Conflict;
        }
        tracing::warn!(%err, statement = name, "commit");
        // While the server still speaks it has undone all. A last word at COMMIT proves nothing.
        let clear = err.as_db_error().is_some_and(|db| db.parsed_severity() == Some(Severity::Error));
        let why = self.failed(name, err);
        if clear {
            return why;
        }
        self.spoilt = true;
        StoreError::Unknown
    }

    /// Undoes what was begun, if anything was.
    pub(crate) fn rollback(&mut self) -> Result<()> {
        self.begin = None;
        self.recall_begin(false);
        if !std::mem::take(&mut self.open) {
            return Ok(());
        }
        self.until = None;
        self.batch("rollback")
    }

    /// Says good-bye to the server.
    pub(crate) fn close(self) {
        let Conn { client, task, runtime, .. } = self;
        drop(client);
        drop(runtime.block_on(async { timeout(Duration::from_secs(1), task).await }));
    }

    /// Waits for `work`, with BEGIN before it if that is still to be sent: together with a statement
    /// that only reads, so that nothing is written should BEGIN fail, before any other.
    pub(super) fn run<T>(
        &mut self,
        name: &str,
        reads: bool,
        work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T> {
        let limit = match self.until {
            Some(until) => until.saturating_duration_since(Instant::now()),
            None => self.patience,
        };
        let (begin, client) = (self.begin.take(), &self.client);
        self.open |= begin.is_some();
        // A timer can only be made inside the runtime, hence the outer block.
        let answer = self.runtime.block_on(async {
            timeout(limit, async {
                match begin {
                    Some(begin) if reads => {
                        let (begun, out) = future::join(client.batch_execute(begin), work(client)).await;
                        begun.and(out)
                    }
                    Some(begin) => {
                        client.batch_execute(begin).await?;
                        work(client).await
                    }
                    None => work(client).await,
                }
            })
            .await
        });
        match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(err)) => Err(self.failed(name, &err)),
            Err(_) => {
                self.spoilt = true;
                Err(if self.until.is_some() { StoreError::Timeout } else { StoreError::Lost })
            }
        }
    }

    pub(super) fn prepared(&mut self, stmt: &Stmt, arguments: usize) -> Result<Statement> {
        if !self.prepared.contains_key(&stmt.key()) {
            let text = Dialect::Postgres.text(stmt)?;
            let one = self.prepare_text(stmt.name, &text)?;
            self.prepared.insert(stmt.key(), Prepared { one, many: HashMap::new() });
        }
        let one = self.prepared[&stmt.key()].one.clone();
        let wants = one.params().len();
        if wants != arguments {
            return Err(StoreError::Sql(format!("{}: wants {wants} arguments, has {arguments}", stmt.name)));
        }
        Ok(one)
    }

    pub(super) fn prepare_text(&mut self, name: &str, text: &str) -> Result<Statement> {
        // Before BEGIN, if that is still to be sent.
        let begin = self.begin.take();
        let prepared = self.run(name, true, async |client| client.prepare(text).await);
        self.begin = begin;
        prepared
    }

    /// The form for many rows, if the statement has one, and what it is told once.
    fn many(&mut self, stmt: &Stmt, rows: &[Vec<Val<'_>>]) -> Result<Option<(Statement, Same)>> {
        let one = self.prepared(stmt, rows[0].len())?;
        let mut same = Same::of(rows);
        let forms = &self.prepared[&stmt.key()].many;
        if forms.len() >= FORMS_MAX {
            same = same.nearest(forms.keys().copied());
        }
        if let Some(many) = forms.get(&same) {
            return Ok(many.clone().map(|many| (many, same)));
        }
        let text = bulk::rewrite(&Dialect::Postgres.text(stmt)?, one.params(), same, "");
        let many = text.map(|text| self.prepare_text(stmt.name, &text)).transpose()?;
        if let Some(prepared) = self.prepared.get_mut(&stmt.key()) {
            prepared.many.insert(same, many.clone());
        }
        Ok(many.map(|many| (many, same)))
    }

    /// What to send for many rows: one statement, or where it has no such form one for each row.
    fn forms<'v>(&mut self, stmt: &Stmt, rows: &'v [Vec<Val<'v>>]) -> Result<Vec<Form<'v>>> {
        let width = rows.first().map_or(0, Vec::len);
        if let Some(row) = rows.iter().find(|row| row.len() != width) {
            return Err(StoreError::Sql(format!("{}: rows of {width} and {}", stmt.name, row.len())));
        }
        if rows.len() > 1
            && let Some((many, same)) = self.many(stmt, rows)?
        {
            return Ok(vec![Form::Many(many, bulk::columns(rows, same).collect())]);
        }
        let one = self.prepared(stmt, width)?;
        Ok(rows.iter().map(|row| Form::One(one.clone(), row)).collect())
    }

    /// Before a statement that writes: no answer from before it holds.
    fn writes(&mut self) -> Result<()> {
        self.claim()?;
        self.answers.clear();
        self.forget_looks();
        Ok(())
    }

    /// Whether a statement changes nothing, or only what it locks.
    pub(super) fn reads(&self, stmt: &Stmt) -> bool {
        self.until.is_some() || stmt.sql.trim_start().starts_with("select")
    }

    fn failed(&mut self, name: &str, err: &Error) -> StoreError {
        let (why, spoilt) = failure::classify(name, err);
        self.spoilt |= spoilt;
        why
    }
}

impl Engine for Conn {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn each(&mut self, stmt: &Stmt, args: &[Val<'_>], f: &mut dyn FnMut(&Row<'_>) -> bool) -> Result<()> {
        if self.answered(stmt, args, f) {
            return Ok(());
        }
        self.claim()?;
        self.within()?;
        let prepared = self.prepared(stmt, args.len())?;
        let reads = self.reads(stmt);
        if !reads {
            self.forget_looks();
        }
        if stmt.reads_through {
            self.batch(READS_THROUGH)?;
        }
        self.run(stmt.name, reads, async |client| {
            let mut rows = pin!(client.query_raw(&prepared, args).await?);
            while let Some(row) = rows.try_next().await? {
                if !f(&Row { cells: &row, stmt }) {
                    break;
                }
            }
            Ok(())
        })?;
        if stmt.reads_through { self.batch(LOOKS_UP) } else { Ok(()) }
    }

    fn ahead(&mut self, asks: Vec<Ask>) -> Result<()> {
        self.claim()?;
        self.ask_ahead(asks, false)
    }

    fn ahead_alone(&mut self, asks: Vec<Ask>) -> Result<()> {
        self.ask_ahead(asks, true)
    }

    fn recall(&mut self, looks: &[Ask], left: &Head) -> bool {
        self.recall_looks(looks, left)
    }

    fn remember(&mut self, looks: &[Ask]) {
        self.remember_looks(looks);
    }

    fn forget(&mut self) {
        self.forget_looks();
    }

    fn exec(&mut self, stmt: &Stmt, args: &[Val<'_>]) -> Result<u64> {
        self.writes()?;
        let prepared = self.prepared(stmt, args.len())?;
        self.run(stmt.name, false, async |client| client.execute_raw(&prepared, args).await)
    }

    fn exec_rows(&mut self, stmt: &Stmt, rows: &[Vec<Val<'_>>]) -> Result<u64> {
        self.writes()?;
        let mut touched = 0;
        for form in self.forms(stmt, rows)? {
            touched += self.run(stmt.name, false, async |client| form.run(client).await)?;
        }
        Ok(touched)
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
        self.claim()?;
        self.run("batch", false, async |client| client.batch_execute(sql).await)
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
