//! What a write relies on, and what it leaves for its end: locks and looks, gates, the barrier; entries and totals that are
//! collected and written once before COMMIT, in one order everywhere.

use crate::{Ask, Entry, Head, Link, Result, Rows as _, Tx, journal, total, tx::Write};

impl Tx<'_> {
    /// Locks rows, takes the lane of this write, and then looks: all in one journey. What is looked at so, and through
    /// [`Tx::gate`], needs no second look, since who changes such things waits for the lane. Each lock and each look
    /// is then asked as ever, and answered from what came back. On SQLite, which has no journeys and one writer,
    /// nothing is done.
    pub fn hold(&mut self, locks: Vec<Ask>, looks: Vec<Ask>) -> Result<()> {
        if !self.is_postgres() {
            return Ok(());
        }
        let mut asks = locks;
        asks.extend(journal::lane_ask(self));
        asks.extend(looks);
        self.ahead(asks)?;
        journal::lane_lock(self)
    }

    /// Appends to the journal. The entry is durable when the write is.
    pub fn journal(&mut self, entry: Entry<'_>) -> Result<Link> {
        journal::append(self, entry, self.at)
    }

    /// As [`Tx::journal`], of an act at a moment of its own (ms UTC): several people's acts in one write.
    pub fn journal_at(&mut self, entry: Entry<'_>, at: i64) -> Result<Link> {
        journal::append(self, entry, at)
    }

    /// Something this write relies on: is the day open, which state has the tree. `look` runs now
    /// and its answer is returned; before COMMIT, when writers who change such things cannot pass
    /// any more, it runs again, and if the answer has changed the whole closure does too. Who
    /// changes what a gate looks at calls [`Tx::barrier`] first. A write that has its lane already looks once.
    pub fn gate<T: PartialEq + Clone + 'static>(
        &mut self,
        name: &'static str,
        look: impl Fn(&mut Tx<'_>) -> Result<T> + 'static,
    ) -> Result<T> {
        let held = journal::lane_held(self);
        let seen = look(self)?;
        // SQLite runs closures one after another: nothing can have changed.
        if self.is_postgres() && !held {
            let then = seen.clone();
            self.gates.push(Box::new(move |tx| {
                let same = look(tx)? == then;
                if !same {
                    tracing::debug!(gate = name, "changed meanwhile, running again");
                }
                Ok(same)
            }));
        }
        Ok(seen)
    }

    /// Waits for all writes under way and holds back those that journal or add until this one
    /// ends. The heads of all lanes at this moment: a consistent cut.
    ///
    /// Locks are taken in one order everywhere: rows of a line by key, then lanes, then totals. So
    /// lock what else you change before, and journal after.
    pub fn barrier(&mut self) -> Result<Vec<Head>> {
        journal::lanes_lock(self)
    }

    /// The last step inside the closure's own bounds: whatever can still fail for this closure
    /// alone fails here.
    pub(crate) fn settle(&mut self) -> Result<()> {
        self.settling = true;
        if !self.gates.is_empty() || (self.is_postgres() && !self.tail.adds.is_empty()) {
            journal::lane_lock(self)?;
        }
        for gate in std::mem::take(&mut self.gates) {
            if !gate(self)? {
                return Err(self.again());
            }
        }
        total::settle(self)
    }

    /// What the tail has to write before COMMIT, in the order of locks; the tail is empty then.
    pub(crate) fn tail_writes(&mut self) -> Result<Vec<Write>> {
        let mut writes = std::mem::take(&mut self.tail.firsts);
        writes.extend(journal::tail_writes(self.tail));
        writes.push(total::tail_write(self.tail)?);
        writes.retain(|write| !write.rows.is_empty());
        Ok(writes)
    }
}
