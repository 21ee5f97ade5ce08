//! What a write relies on, and what it leaves for its end: locks and looks, gates, the barrier; entries and totals that are
//! collected and written once before COMMIT, in one order everywhere.

use crate::{
    Ask, Entry, Head, Link, Result, Rows as _, Tx, journal, total,
    tx::{Tail, Write},
};

impl Tx<'_> {
    /// Asks what is this write's own (rows it locks among it), takes its lane, and then looks: all in one journey. What is
    /// looked at so, and through [`Tx::gate`], needs no second look, since who changes such things waits for the lane
    /// ([`Tx::barrier`]) and leaves a mark on it. Each question is then asked as ever, and answered from what came back.
    ///
    /// Where nothing is its own and the lane was this connection's last time too, there is no journey at all: it is answered
    /// from memory, and the lane is taken by the one statement that stores everything, if it still is as it was left. If
    /// not, the closure runs again and asks. On SQLite, which has no journeys and one writer, nothing is done.
    pub fn hold(&mut self, own: Vec<Ask>, looks: Vec<Ask>) -> Result<()> {
        if !self.is_postgres() {
            return Ok(());
        }
        if own.is_empty()
            && !journal::lane_held(self)
            && self.session.poison.is_none()
            && let Some(left) = self.tail.left.clone()
            && self.session.engine.recall(&looks, &left)
        {
            journal::taken(self, left);
            return Ok(());
        }
        let mut asks = own;
        asks.extend(journal::lane_ask(self));
        asks.extend(looks.iter().cloned());
        self.ahead(asks)?;
        // Forgets first, if somebody else wrote through the lane.
        journal::lane_lock(self)?;
        self.session.engine.remember(&looks);
        Ok(())
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
    /// ends. The heads of all lanes at this moment: a consistent cut. Writers who remember their lane find that it was
    /// held, and look again.
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
}

impl Tail {
    /// What is to be written before COMMIT, in the order of locks; the tail is empty then.
    pub(crate) fn writes(&mut self) -> Result<Vec<Write>> {
        let mut writes = std::mem::take(&mut self.firsts);
        writes.extend(journal::tail_writes(self));
        writes.push(total::tail_write(self)?);
        writes.retain(|write| !write.rows.is_empty());
        Ok(writes)
    }
}
