//! The bounded queue in front of a crew of threads: people before bulk, full means busy.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

use crate::{Result, StoreError};

/// Who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A person, or a page they look at.
    People,
    /// An import, a rebuild, a job: yields to people.
    Bulk,
}

pub(crate) struct Queue<J> {
    state: Mutex<State<J>>,
    ready: Condvar,
    people_max: usize,
    bulk_max: usize,
}

struct State<J> {
    people: VecDeque<J>,
    bulk: VecDeque<J>,
    /// Why nothing more is taken in, once that is so.
    shut: Option<StoreError>,
}

impl<J> Queue<J> {
    pub(crate) fn new(people_max: usize, bulk_max: usize) -> Queue<J> {
        let state = State { people: VecDeque::new(), bulk: VecDeque::new(), shut: None };
        Queue { state: Mutex::new(state), ready: Condvar::new(), people_max, bulk_max }
    }

    pub(crate) fn push(&self, class: Class, job: J) -> Result<()> {
        let mut state = self.state.lock();
        if let Some(why) = &state.shut {
            return Err(why.clone());
        }
        let (line, max) = match class {
            Class::People => (&mut state.people, self.people_max),
            Class::Bulk => (&mut state.bulk, self.bulk_max),
        };
        if line.len() >= max {
            return Err(StoreError::Busy);
        }
        line.push_back(job);
        drop(state);
        self.ready.notify_one();
        Ok(())
    }

    /// The next job; waits for one. `None` once shut and empty.
    pub(crate) fn pop(&self) -> Option<J> {
        let mut state = self.state.lock();
        loop {
            if let Some(job) = state.next() {
                return Some(job);
            }
            if state.shut.is_some() {
                return None;
            }
            self.ready.wait(&mut state);
        }
    }

    /// The next job if one waits.
    pub(crate) fn try_pop(&self) -> Option<J> {
        self.state.lock().next()
    }

    pub(crate) fn why_shut(&self) -> Option<StoreError> {
        self.state.lock().shut.clone()
    }

    /// Takes in no more; what waits is still worked off.
    pub(crate) fn shut(&self, why: StoreError) {
        self.state.lock().shut.get_or_insert(why);
        self.ready.notify_all();
    }
}

impl<J> State<J> {
    fn next(&mut self) -> Option<J> {
        self.people.pop_front().or_else(|| self.bulk.pop_front())
    }
}
