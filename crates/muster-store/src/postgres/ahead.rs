//! Questions that are sent ahead, as one statement where that can be: each statement costs as much to send, to begin and to
//! end as a small question itself, and its answer wakes whoever waits.
//!
//! A read that asks all it asks by one statement sees one moment by that alone, and needs no transaction around it. Where it
//! then asks more, it runs again, within one.

use std::sync::Arc;

use futures_util::{TryStreamExt, future};
use tokio_postgres::{Statement, types::Type};

use super::{Conn, bulk};
use crate::{
    Result, Row, Stmt, StoreError, Val,
    dialect::Dialect,
    row::{Cell, Cells},
    tx::Ask,
};

/// Sets of questions that are asked together at most; those of another set are asked one by one.
const TOGETHER_MAX: usize = 64;

/// Several questions as one statement.
#[derive(Clone)]
pub(super) struct Together {
    stmt: Statement,
    /// Of each question, where its columns stand.
    columns: Vec<Arc<[usize]>>,
}

/// What came back of a question that was sent ahead.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) ask: Ask,
    rows: Arc<[Told]>,
}

/// A row of an answer, in the columns of its question.
struct Told {
    row: tokio_postgres::Row,
    /// Where they stand, if others were asked together with it.
    columns: Option<Arc<[usize]>>,
}

impl Cells for Told {
    fn cell(&self, i: usize) -> Result<Cell<'_>, String> {
        match &self.columns {
            Some(columns) => self.row.cell(*columns.get(i).ok_or("column")?),
            None => self.row.cell(i),
        }
    }
}

/// Whether a read may ask without a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Alone {
    /// It may not.
    #[default]
    No,
    /// It may, and has asked nothing yet, or asked within one.
    May,
    /// It has: nothing else can be asked of that moment.
    Asked,
    /// It has, and then asked something else.
    Missed,
}

impl Answer {
    /// Whether it answers this question.
    pub(super) fn answers(&self, ask: &Ask) -> bool {
        self.ask.is(&ask.stmt, &ask.args)
    }
    fn tell(&self, stmt: &Stmt, f: &mut dyn FnMut(&Row<'_>) -> bool) {
        for row in self.rows.iter() {
            if !f(&Row { cells: row, stmt }) {
                break;
            }
        }
    }
}

impl Conn {
    /// Whether this read asked something beyond what it asked alone: it has to run again, within a transaction.
    pub(super) fn missed(&self) -> bool {
        self.alone == Alone::Missed
    }

    /// Hands over what came back of a question, if it was sent ahead.
    pub(super) fn answered(
        &mut self,
        stmt: &Stmt,
        args: &[Val<'_>],
        f: &mut dyn FnMut(&Row<'_>) -> bool,
    ) -> bool {
        let is = |answer: &Answer| answer.ask.is(stmt, args);
        if let Some(known) = self.known(is) {
            known.tell(stmt, f);
            return true;
        }
        let Some(at) = self.answers.iter().position(is) else { return false };
        self.answers[at].tell(stmt, f);
        // A read sees one moment only: asked once more, the same is true.
        if self.until.is_none() {
            self.answers.swap_remove(at);
        }
        true
    }

    /// Before a question that was not sent ahead. In a write, what is asked now may be newer than what came back before: no
    /// answer may be older than the one before it. A read sees one moment only.
    pub(super) fn within(&mut self) -> Result<()> {
        if self.until.is_none() {
            self.answers.clear();
        }
        match self.alone {
            Alone::Asked | Alone::Missed => {
                self.alone = Alone::Missed;
                Err(StoreError::Conflict)
            }
            Alone::No | Alone::May => Ok(()),
        }
    }

    /// Asks at once, `alone`: and as a rule nothing else.
    pub(super) fn ask_ahead(&mut self, mut asks: Vec<Ask>, alone: bool) -> Result<()> {
        // A read sees one moment only: what came back already need not be asked again.
        if self.until.is_some() {
            asks.retain(|ask| !self.answers.iter().any(|answer| answer.ask.is(&ask.stmt, &ask.args)));
        }
        if asks.is_empty() {
            return Ok(());
        }
        if matches!(self.alone, Alone::Asked | Alone::Missed) {
            return self.within();
        }
        let (joined, mut asks) = self.joined(asks)?;
        let (joined, together) = match self.together(&joined)? {
            Some(together) => (joined, Some(together)),
            None => {
                asks.extend(joined);
                (Vec::new(), None)
            }
        };
        let first = asks.len();
        let mut sent: Vec<(Statement, Vec<&Val<'static>>)> = Vec::with_capacity(first + 1);
        for ask in &asks {
            sent.push((self.prepared(&ask.stmt, ask.args.len())?, ask.args.iter().collect()));
        }
        // The last: what is looked at after a lock was taken must not be older than the lock.
        let args = joined.iter().flat_map(|ask| &ask.args);
        sent.extend(together.as_ref().map(|together| (together.stmt.clone(), args.collect())));
        let reads = asks.iter().chain(&joined).all(|ask| self.reads(&ask.stmt));
        let alone = alone && self.alone == Alone::May && self.begin.is_some() && sent.len() == 1;
        let begin = if alone { self.begin.take() } else { None };
        if alone && self.open {
            self.begin = Some("rollback");
        }
        let answers = self.run("ahead", reads, async |client| {
            let answer = async |(stmt, args): (Statement, Vec<&Val<'static>>)| {
                client.query_raw(&stmt, args).await?.try_collect::<Vec<_>>().await
            };
            future::try_join_all(sent.into_iter().map(answer)).await
        });
        if alone {
            (self.begin, self.open, self.alone) = (begin, false, Alone::Asked);
        }
        let mut answers = answers?;
        let mut told: Vec<Vec<Told>> = joined.iter().map(|_| Vec::new()).collect();
        let columns = together.map(|together| together.columns).unwrap_or_default();
        for row in answers.drain(first..).flatten() {
            let of = usize::try_from(row.get::<_, i64>(0)).unwrap_or(usize::MAX);
            let (Some(rows), Some(columns)) = (told.get_mut(of), columns.get(of)) else {
                return Err(StoreError::Corrupt("an answer to no question".into()));
            };
            rows.push(Told { row, columns: Some(columns.clone()) });
        }
        let single = answers.into_iter().map(|rows| {
            let told = rows.into_iter().map(|row| Told { row, columns: None });
            told.collect::<Vec<_>>()
        });
        let answers = asks.into_iter().zip(single).chain(joined.into_iter().zip(told));
        self.answers.extend(answers.map(|(ask, rows)| Answer { ask, rows: rows.into() }));
        Ok(())
    }

    /// Parts the questions that can be asked by one statement from the others: in a read all, in a write those that are
    /// answered by one number and lock nothing.
    fn joined(&mut self, asks: Vec<Ask>) -> Result<(Vec<Ask>, Vec<Ask>)> {
        let (mut joined, mut others) = (Vec::new(), Vec::new());
        for ask in asks {
            let stmt = self.prepared(&ask.stmt, ask.args.len())?;
            let mut types = stmt.columns().iter().map(tokio_postgres::Column::type_);
            let can = match self.until {
                Some(_) => types.all(|kind| bulk::joins(kind).is_some()),
                None => matches!(stmt.columns(), [only] if *only.type_() == Type::INT8),
            };
            let into = if can && !ask.stmt.sql.contains("{lock}") { &mut joined } else { &mut others };
            into.push(ask);
        }
        Ok((joined, others))
    }

    /// One statement that asks several questions: a row for each of their rows, with the place of the question first.
    fn together(&mut self, asks: &[Ask]) -> Result<Option<Together>> {
        let key: Vec<_> = asks.iter().map(|ask| ask.stmt.key()).collect();
        if let known @ Some(_) = self.together.get(&key) {
            return Ok(known.cloned());
        }
        if asks.len() < 2 || self.together.len() >= TOGETHER_MAX {
            return Ok(None);
        }
        let mut questions = Vec::with_capacity(asks.len());
        for ask in asks {
            let stmt = self.prepared(&ask.stmt, ask.args.len())?;
            questions.push(bulk::Question {
                text: Dialect::Postgres.text(&ask.stmt)?,
                args: ask.args.len(),
                types: stmt.columns().iter().map(|column| column.type_().clone()).collect(),
            });
        }
        let (text, columns) = bulk::together(&questions);
        let stmt = self.prepare_text("together", &text)?;
        let together = Together { stmt, columns: columns.into_iter().map(Arc::from).collect() };
        self.together.insert(key, together.clone());
        Ok(Some(together))
    }
}
