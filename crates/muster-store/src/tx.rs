//! What a closure is given: [`Rx`] to read, [`Tx`] to read and write.

use std::collections::BTreeMap;

use crate::{Head, Link, Result, Row, Stmt, StoreError, Stored, TotalKey, Val, adds::Adds, dialect::Dialect};

/// What a database must be able to do for the rest of the store; one implementation each.
pub(crate) trait Engine {
    fn dialect(&self) -> Dialect;
    /// Hands rows to `f` until it says `false`.
    fn each(&mut self, stmt: &Stmt, args: &[Val<'_>], f: &mut dyn FnMut(&Row<'_>) -> bool) -> Result<()>;
    /// Runs a statement that returns no rows; how many rows it touched.
    fn exec(&mut self, stmt: &Stmt, args: &[Val<'_>]) -> Result<u64>;
    /// The same statement for many rows of arguments.
    fn exec_rows(&mut self, stmt: &Stmt, rows: &[Vec<Val<'_>>]) -> Result<u64>;
    /// Asks at once what is about to be asked one by one: the answers wait. For a database at the far end of a wire.
    fn ahead(&mut self, _: Vec<Ask>) -> Result<()> {
        Ok(())
    }
    /// The same, where as a rule nothing else is asked.
    fn ahead_alone(&mut self, asks: Vec<Ask>) -> Result<()> {
        self.ahead(asks)
    }
    /// Answers looks from memory, as they were when the lane was left so: whether it can. Nobody else has written through
    /// the lane since, or the write runs again.
    fn recall(&mut self, _looks: &[Ask], _left: &Head) -> bool {
        false
    }
    /// Keeps the answers of looks, which hold until somebody else writes through the lane.
    fn remember(&mut self, _looks: &[Ask]) {}
    /// Forgets them: somebody has.
    fn forget(&mut self) {}
    /// Whether a statement fits the schema.
    fn prepare(&mut self, stmt: &Stmt) -> Result<()>;
    /// Several statements without arguments.
    fn batch(&mut self, sql: &str) -> Result<()>;
    /// A migration: as [`Engine::batch`], however long it takes.
    fn script(&mut self, sql: &str) -> Result<()> {
        self.batch(sql)
    }
}

/// A question that is about to be asked: see [`Rows::ahead`].
#[derive(Clone, Debug)]
pub struct Ask {
    /// The statement.
    pub stmt: Stmt,
    /// Its arguments.
    pub args: Vec<Val<'static>>,
}

impl Ask {
    /// A question; with arguments from [`args!`](crate::args).
    pub fn new(stmt: Stmt, args: &[Val<'static>]) -> Ask {
        Ask { stmt, args: args.to_vec() }
    }
    /// Whether it is this question: by the text itself, since one constant may stand at several addresses.
    pub(crate) fn is(&self, stmt: &Stmt, args: &[Val<'_>]) -> bool {
        self.stmt.sql == stmt.sql && self.args == args
    }
}

/// A statement of the tail, for many rows of arguments.
pub(crate) struct Write {
    pub(crate) stmt: Stmt,
    pub(crate) rows: Vec<Vec<Val<'static>>>,
    /// A row that is there already was written by somebody else meanwhile: the closure runs again.
    pub(crate) first: bool,
}

/// How much a closure asked of the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Statements run (a bulk statement counts once).
    pub statements: u64,
    /// Rows read and rows touched.
    pub rows: u64,
}

/// An engine in use by one closure: counts, and once an SQL error happened, refuses all that follows.
pub(crate) struct Session<'c> {
    pub(crate) engine: &'c mut dyn Engine,
    pub(crate) poison: Option<StoreError>,
    pub(crate) counts: Counts,
    pub(crate) buckets: i32,
}

impl<'c> Session<'c> {
    pub(crate) fn new(engine: &'c mut dyn Engine, buckets: i32) -> Session<'c> {
        Session { engine, poison: None, counts: Counts::default(), buckets }
    }

    /// One call of the engine, unless poisoned; an error poisons.
    pub(crate) fn call<R>(&mut self, f: impl FnOnce(&mut dyn Engine) -> Result<R>) -> Result<R> {
        if let Some(why) = &self.poison {
            return Err(why.clone());
        }
        self.counts.statements += 1;
        let out = f(self.engine);
        if let Err(why) = &out {
            self.poison = Some(why.clone());
        }
        out
    }

    /// See [`Rows::ahead`] and [`Rx::ahead_alone`].
    fn ahead(&mut self, asks: Vec<Ask>, alone: bool) -> Result<()> {
        if let Some(why) = &self.poison {
            return Err(why.clone());
        }
        let checked = asks.iter().flat_map(|ask| &ask.args).try_for_each(Val::check);
        let out = checked.and_then(|()| match alone {
            true => self.engine.ahead_alone(asks),
            false => self.engine.ahead(asks),
        });
        if let Err(why) = &out {
            self.poison = Some(why.clone());
        }
        out
    }

    fn each(&mut self, stmt: &Stmt, args: &[Val<'_>], f: &mut dyn FnMut(&Row<'_>) -> bool) -> Result<()> {
        let mut rows = 0;
        let out = self.call(|engine| {
            args.iter().try_for_each(Val::check)?;
            engine.each(stmt, args, &mut |row| {
                rows += 1;
                f(row)
            })
        });
        self.counts.rows += rows;
        out
    }
}

/// Reading, in a [`Tx`] as in an [`Rx`]. Functions of a line take `&mut impl Rows`.
pub trait Rows {
    #[doc(hidden)]
    fn run(&mut self, stmt: &Stmt, args: &[Val<'_>], f: &mut dyn FnMut(&Row<'_>) -> bool) -> Result<()>;
    /// What this transaction adds to a total and has not written yet.
    #[doc(hidden)]
    fn added(&self, key: &TotalKey) -> Option<&[i64]>;
    /// An entry this transaction journalled and has not written yet.
    #[doc(hidden)]
    fn journalled(&self, link: Link) -> Option<&Stored>;
    #[doc(hidden)]
    fn buckets(&self) -> i32;
    /// Sends questions that are about to be asked one by one, all at once; each is then answered from what came back. The
    /// answers are forgotten with the first statement that writes. Where asking costs no journey, nothing is sent.
    fn ahead(&mut self, asks: Vec<Ask>) -> Result<()>;

    /// Hands every row to `f` as it arrives; the first error of `f` ends it.
    fn each(
        &mut self,
        stmt: &Stmt,
        args: &[Val<'_>],
        mut f: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut out = Ok(());
        self.run(stmt, args, &mut |row| {
            out = f(row);
            out.is_ok()
        })?;
        out
    }

    /// All rows. The statement has a `limit`, or its result is small by nature.
    fn all<T>(
        &mut self,
        stmt: &Stmt,
        args: &[Val<'_>],
        mut f: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut out = Vec::new();
        self.each(stmt, args, |row| {
            out.push(f(row)?);
            Ok(())
        })?;
        Ok(out)
    }

    /// The only row, or none. Two rows are an error.
    fn opt<T>(
        &mut self,
        stmt: &Stmt,
        args: &[Val<'_>],
        mut f: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut out = None;
        self.each(stmt, args, |row| match out {
            None => {
                out = Some(f(row)?);
                Ok(())
            }
            Some(_) => Err(StoreError::Sql(format!("{}: more than one row", stmt.name))),
        })?;
        Ok(out)
    }

    /// The only row; none is an error.
    fn one<T>(&mut self, stmt: &Stmt, args: &[Val<'_>], f: impl FnMut(&Row<'_>) -> Result<T>) -> Result<T> {
        self.opt(stmt, args, f)?.ok_or_else(|| StoreError::Sql(format!("{}: no row", stmt.name)))
    }
}

/// A read: one snapshot, a deadline, nothing can be changed.
pub struct Rx<'c> {
    pub(crate) session: Session<'c>,
}

impl Rx<'_> {
    /// As [`Rows::ahead`], where nothing else is asked as a rule: on PostgreSQL it is then one statement and no transaction
    /// around it. Where something else is asked after all, the closure runs again, within a transaction.
    pub fn ahead_alone(&mut self, asks: Vec<Ask>) -> Result<()> {
        self.session.ahead(asks, true)
    }
}

impl Rows for Rx<'_> {
    fn run(&mut self, stmt: &Stmt, args: &[Val<'_>], f: &mut dyn FnMut(&Row<'_>) -> bool) -> Result<()> {
        self.session.each(stmt, args, f)
    }
    fn added(&self, _: &TotalKey) -> Option<&[i64]> {
        None
    }
    fn journalled(&self, _: Link) -> Option<&Stored> {
        None
    }
    fn buckets(&self) -> i32 {
        self.session.buckets
    }
    fn ahead(&mut self, asks: Vec<Ask>) -> Result<()> {
        self.session.ahead(asks, false)
    }
}

/// What is collected while closures run and written once before COMMIT: after one closure on
/// PostgreSQL, after a whole group of them on SQLite, where it also keeps what it wrote last as a cache.
#[derive(Default)]
pub(crate) struct Tail {
    pub(crate) bucket: i32,
    pub(crate) lane: i32,
    pub(crate) heads: BTreeMap<(i32, i32), Head>,
    /// The lane of this connection as its last write left it; none where that is not known.
    pub(crate) left: Option<Head>,
    pub(crate) firsts: Vec<Write>,
    pub(crate) entries: Vec<Stored>,
    /// Where all entries stand that were journalled, those among them that are written already.
    pub(crate) links: Vec<Link>,
    pub(crate) adds: Adds,
}

impl Tail {
    pub(crate) fn new(lane: i32) -> Tail {
        Tail { bucket: 1, lane, ..Tail::default() }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            heads: self.heads.clone(),
            firsts: self.firsts.len(),
            entries: self.entries.len(),
            links: self.links.len(),
            adds: self.adds.mark(),
        }
    }

    /// Forgets what was collected since the mark.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.heads = mark.heads;
        self.firsts.truncate(mark.firsts);
        self.entries.truncate(mark.entries);
        self.links.truncate(mark.links);
        self.adds.rewind(mark.adds);
    }
}

pub(crate) struct Mark {
    heads: BTreeMap<(i32, i32), Head>,
    firsts: usize,
    entries: usize,
    links: usize,
    adds: usize,
}

pub(crate) type Gate = Box<dyn Fn(&mut Tx<'_>) -> Result<bool>>;

/// A write. What is done through it is stored as a whole or not at all.
pub struct Tx<'c> {
    pub(crate) session: Session<'c>,
    pub(crate) tail: &'c mut Tail,
    pub(crate) gates: Vec<Gate>,
    pub(crate) at: i64,
    /// What the closure put off is written with the tail: no more before a question.
    pub(crate) settling: bool,
}

impl<'c> Tx<'c> {
    /// How many entries were journalled: a mark for [`Tx::journalled_since`].
    pub fn journalled(&self) -> usize {
        self.tail.links.len()
    }
    /// Where the entries stand that this closure has journalled since a mark.
    pub fn journalled_since(&self, mark: usize) -> Vec<Link> {
        self.tail.links.get(mark..).unwrap_or_default().to_vec()
    }
    pub(crate) fn new(session: Session<'c>, tail: &'c mut Tail, at: i64) -> Tx<'c> {
        Tx { session, tail, gates: Vec::new(), at, settling: false }
    }

    /// The moment of this write in ms UTC, as the caller's clock gave it.
    pub fn at(&self) -> i64 {
        self.at
    }

    /// The bucket this write belongs to; 1 on one machine.
    pub fn bucket(&self) -> i32 {
        self.tail.bucket
    }

    /// Runs a statement that returns no rows; how many rows it touched.
    pub fn exec(&mut self, stmt: &Stmt, args: &[Val<'_>]) -> Result<u64> {
        self.catch_up()?;
        let touched = self.session.call(|engine| {
            args.iter().try_for_each(Val::check)?;
            engine.exec(stmt, args)
        })?;
        self.session.counts.rows += touched;
        Ok(touched)
    }

    /// Runs `insert into t (..) values ($1, ..)` (with or without `on conflict`) for many rows. One
    /// key twice in an upsert is refused by PostgreSQL only: merge such rows before.
    pub fn exec_rows(&mut self, stmt: &Stmt, rows: &[Vec<Val<'_>>]) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        self.catch_up()?;
        let touched = self.session.call(|engine| {
            rows.iter().flatten().try_for_each(Val::check)?;
            engine.exec_rows(stmt, rows)
        })?;
        self.session.counts.rows += touched;
        Ok(touched)
    }

    /// Inserts rows whose keys were free when this write looked. PostgreSQL is told together with COMMIT, unless this write
    /// asks or writes something else before: so it is the last thing to do. Where somebody else was first, the closure
    /// runs again, to see what they did.
    pub fn add_rows(&mut self, stmt: Stmt, rows: Vec<Vec<Val<'static>>>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        if self.is_postgres() {
            if let Err(why) = rows.iter().flatten().try_for_each(Val::check) {
                self.session.poison.get_or_insert(why);
            }
            self.tail.firsts.push(Write { stmt, rows, first: true });
            return self.session.poison.clone().map_or(Ok(()), Err);
        }
        self.exec_rows(&stmt, &rows).map(drop)
    }

    /// Writes now what was put off, since something is asked or written that may depend on it.
    fn catch_up(&mut self) -> Result<()> {
        if self.settling || self.tail.firsts.is_empty() {
            return Ok(());
        }
        for Write { stmt, rows, .. } in std::mem::take(&mut self.tail.firsts) {
            match self.exec_rows(&stmt, &rows) {
                Err(StoreError::Constraint { .. }) => return Err(self.again()),
                out => out?,
            };
        }
        Ok(())
    }

    /// Adds to a total, per position. Written before COMMIT, merged, sorted by key; a reader in
    /// this closure already sees it.
    pub fn add(&mut self, key: TotalKey, deltas: &[(u16, i64)]) -> Result<()> {
        if let Some(why) = &self.session.poison {
            return Err(why.clone());
        }
        let out = self.tail.adds.add(key, deltas);
        if let Err(why) = &out {
            self.session.poison = Some(why.clone());
        }
        out
    }

    /// Runs `f`; when it fails, undoes what it did and lets this write go on.
    pub fn attempt<T, E: From<StoreError>>(
        &mut self,
        f: impl FnOnce(&mut Tx<'c>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.catch_up()?;
        self.session.call(|engine| engine.batch("savepoint attempt"))?;
        let mark = self.tail.mark();
        let out = f(self);
        let poison = self.session.poison.take();
        match (out, poison) {
            (Ok(value), None) => {
                self.session.call(|engine| engine.batch("release attempt"))?;
                Ok(value)
            }
            // A savepoint does not heal these: the whole write must run again, or cannot.
            (_, Some(why @ (StoreError::Conflict | StoreError::Lost | StoreError::Io(_)))) => {
                self.session.poison = Some(why.clone());
                Err(why.into())
            }
            (out, poison) => {
                self.session.call(|engine| engine.batch("rollback to attempt; release attempt"))?;
                self.tail.rewind(mark);
                match (out, poison) {
                    (Ok(_), Some(why)) => Err(why.into()),
                    (out, _) => out,
                }
            }
        }
    }

    /// Somebody else was in the way: nothing of this run is kept, and the closure runs again, to see what they did. The
    /// error to return.
    pub fn again(&mut self) -> StoreError {
        self.session.poison = Some(StoreError::Conflict);
        StoreError::Conflict
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.session.engine.dialect() == Dialect::Postgres
    }
}

impl Rows for Tx<'_> {
    fn run(&mut self, stmt: &Stmt, args: &[Val<'_>], f: &mut dyn FnMut(&Row<'_>) -> bool) -> Result<()> {
        self.catch_up()?;
        self.session.each(stmt, args, f)
    }
    fn added(&self, key: &TotalKey) -> Option<&[i64]> {
        self.tail.adds.pending(key)
    }
    fn journalled(&self, link: Link) -> Option<&Stored> {
        self.tail.entries.iter().find(|entry| entry.link == link)
    }
    fn buckets(&self) -> i32 {
        self.session.buckets
    }
    fn ahead(&mut self, asks: Vec<Ask>) -> Result<()> {
        self.catch_up()?;
        self.session.ahead(asks, false)
    }
}
