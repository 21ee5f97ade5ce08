//! A write that goes by what its connection remembers. Whoever writes through a lane moves its turn, and whoever changes what
//! others look at moves all of them: so a lane that is as this connection left it says that every look at it still holds. Such
//! a write asks nothing, and is one statement, which moves the lane if it is so and else stores nothing.
//!
//! As soon as it asks or writes something else it takes the lane first, as any other does.

use std::collections::HashMap;

use tokio_postgres::Statement;

use super::{
    Conn,
    ahead::Answer,
    bulk::{self, Column, Same},
    own::LANE_FREE,
};
use crate::{
    Head, LANES, Result, StoreError, Val,
    dialect::Dialect,
    journal::{LANE_LOCK, LANE_MOVE, LANE_TURN, LANE_TURN_ARGS, head},
    tx::{Ask, Engine as _, Write},
};

/// Answers that are remembered.
const KNOWN_MAX: usize = 64;
/// Shapes of a write that are kept as statements; another is told without what is the same in all rows, or not so.
const SHAPES_MAX: usize = 64;

/// What a write consists of: its statements, and what is the same in all rows of each.
type Shape = Vec<((usize, usize), Same)>;

/// What a connection remembers from one write to the next.
#[derive(Default)]
pub(super) struct Memory {
    /// Answers that hold as long as nobody else writes through the lane: whoever takes it and finds that somebody has, forgets
    /// them.
    known: Vec<Answer>,
    /// Whether a write may go by them.
    may: bool,
    /// The lane as it was left, for a write that goes by memory and has not taken it.
    left: Option<Head>,
    /// Whether the last write went by what held no more.
    was_wrong: bool,
    /// Writes as one statement.
    shapes: HashMap<Shape, Statement>,
}

impl Conn {
    /// Takes a lane that no other connection has for its own; none where there is none.
    pub(super) fn lane_free(&mut self) -> Result<Option<i32>> {
        let mut found = Ok(None);
        self.each(&LANE_FREE, &[LANES.into()], &mut |row| {
            found = row.int32(0).map(Some);
            false
        })?;
        found
    }

    /// Before a write: it has gone by nothing yet.
    pub(super) fn recall_begin(&mut self, may: bool) {
        self.memory.may = may;
        self.memory.left = None;
        self.memory.was_wrong = false;
    }

    /// Whether a write goes by what is remembered, and nobody has looked whether it holds.
    pub(super) fn goes_by_memory(&self) -> bool {
        self.memory.left.is_some()
    }

    /// Whether the last write went by what held no more: nothing of it is stored.
    pub(super) fn was_wrong(&self) -> bool {
        self.memory.was_wrong
    }

    /// What is remembered may not hold.
    pub(super) fn forget_looks(&mut self) {
        self.memory.known.clear();
    }

    /// An answer from memory, for a write that goes by it.
    pub(super) fn known(&self, is: impl Fn(&Answer) -> bool) -> Option<&Answer> {
        self.memory.left.as_ref()?;
        self.memory.known.iter().find(|known| is(known))
    }

    /// See [`Engine::recall`](crate::tx::Engine::recall): only before anything was asked.
    pub(super) fn recall_looks(&mut self, looks: &[Ask], left: &Head) -> bool {
        let known = |look: &Ask| self.memory.known.iter().any(|known| known.answers(look));
        let can = self.memory.may && self.begin.is_some() && looks.iter().all(known);
        if can {
            self.memory.left = Some(Head { moved: false, ..left.clone() });
        }
        can
    }

    /// See [`Engine::remember`](crate::tx::Engine::remember).
    pub(super) fn remember_looks(&mut self, looks: &[Ask]) {
        let known = &mut self.memory.known;
        if known.len() + looks.len() > KNOWN_MAX {
            known.clear();
        }
        let is_new = |answer: &&Answer| {
            looks.iter().any(|look| answer.answers(look))
                && !known.iter().any(|known| known.answers(&answer.ask))
        };
        let new: Vec<Answer> = self.answers.iter().filter(is_new).cloned().collect();
        known.extend(new);
    }

    /// Takes the lane of a write that goes by memory, before it asks or writes something else: from then on it is like any
    /// other. What it remembered is asked anew next time.
    pub(super) fn claim(&mut self) -> Result<()> {
        let Some(left) = self.memory.left.take() else { return Ok(()) };
        let known = std::mem::take(&mut self.memory.known);
        let mut found = Ok(None);
        self.each(&LANE_LOCK, &[left.bucket.into(), left.lane.into()], &mut |row| {
            found = head(row).map(Some);
            false
        })?;
        if found? != Some(left) {
            self.memory.was_wrong = true;
            return Err(StoreError::Conflict);
        }
        self.answers.extend(known);
        Ok(())
    }

    /// Stores a write that went by memory, by one statement. False where that cannot be: the lane is taken then, and the
    /// rest is as ever.
    pub(super) fn commit_by_memory(&mut self, writes: &[Write]) -> Result<bool> {
        let Some(left) = self.memory.left.clone() else { return Ok(false) };
        let (lanes, others): (Vec<&Write>, Vec<&Write>) =
            writes.iter().partition(|write| write.stmt.sql == LANE_MOVE.sql);
        let Some(lane) = lanes.first() else {
            // Nothing to store; what was refused went by memory all the same.
            self.claim()?;
            return self.rollback().map(|()| true);
        };
        let Some((stmt, same)) = self.shaped(&others)? else {
            self.claim()?;
            return Ok(false);
        };
        let was = [Val::from(left.no), Val::from(&left.hash), Val::from(left.turn)];
        let mut columns: Vec<Column<'_>> = lane.rows[0].iter().chain(&was).map(Column::Same).collect();
        columns.extend(others.iter().zip(same).flat_map(|(write, same)| bulk::columns(&write.rows, same)));
        (self.begin, self.memory.left) = (None, None);
        match self.last_word(async |client| client.execute_raw(&stmt, &columns).await)? {
            Ok(1) => Ok(true),
            Ok(_) => {
                self.memory.was_wrong = true;
                self.memory.known.clear();
                Err(StoreError::Conflict)
            }
            Err(err) => Err(self.refused(LANE_TURN.name, others.iter().any(|write| write.first), &err)),
        }
    }

    /// The statement for a write of these, and what it is told once; none where one of them has no form for many rows.
    fn shaped(&mut self, writes: &[&Write]) -> Result<Option<(Statement, Vec<Same>)>> {
        let shape = |same: &dyn Fn(&Write) -> Same| -> Shape {
            writes.iter().map(|write| (write.stmt.key(), same(write))).collect()
        };
        let mut wanted = shape(&|write| Same::of(&write.rows));
        if !self.memory.shapes.contains_key(&wanted) && self.memory.shapes.len() >= SHAPES_MAX {
            wanted = shape(&|_| Same::default());
        }
        let same = wanted.iter().map(|(_, same)| *same).collect();
        if let Some(stmt) = self.memory.shapes.get(&wanted) {
            return Ok(Some((stmt.clone(), same)));
        }
        let mut texts = Vec::with_capacity(writes.len());
        for (write, (_, same)) in writes.iter().zip(&wanted) {
            let width = write.rows.first().map_or(0, Vec::len);
            let one = self.prepared(&write.stmt, width)?;
            let text = Dialect::Postgres.text(&write.stmt)?;
            let Some(text) = bulk::rewrite(&text, one.params(), *same, " where exists (select from held)")
            else {
                return Ok(None);
            };
            texts.push((text, width));
        }
        let stmt = self.prepare_text(LANE_TURN.name, &bulk::fenced(LANE_TURN.sql, LANE_TURN_ARGS, &texts))?;
        self.memory.shapes.insert(wanted, stmt.clone());
        Ok(Some((stmt, same)))
    }
}
