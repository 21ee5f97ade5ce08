//! The bounded queue in front of a crew of threads: people before bulk, full means busy.
//!
//! Who went idle last is woken first. What a thread keeps is then warm: its connection, the plans on it, the totals it
//! wrote last; and the fewest threads are at work that can do it.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

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
    people_max: usize,
    bulk_max: usize,
}

struct State<J> {
    people: VecDeque<J>,
    bulk: VecDeque<J>,
    /// Threads that wait, in the order in which they began to.
    idle: Vec<Arc<Condvar>>,
    /// Why nothing more is taken in, once that is so.
    shut: Option<StoreError>,
}

impl<J> Queue<J> {
    pub(crate) fn new(people_max: usize, bulk_max: usize) -> Queue<J> {
        let state = State { people: VecDeque::new(), bulk: VecDeque::new(), idle: Vec::new(), shut: None };
        Queue { state: Mutex::new(state), people_max, bulk_max }
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
        let last = state.idle.pop();
        drop(state);
        if let Some(waiter) = last {
            waiter.notify_one();
        }
        Ok(())
    }

    /// The next job; waits for one. `None` once shut and empty.
    pub(crate) fn pop(&self) -> Option<J> {
        self.wait(None)
    }

    /// The next job if one comes within a time.
    pub(crate) fn pop_within(&self, patience: Duration) -> Option<J> {
        self.wait(Some(Instant::now() + patience))
    }

    /// The next job if one waits.
    pub(crate) fn try_pop(&self) -> Option<J> {
        self.state.lock().next()
    }

    fn wait(&self, until: Option<Instant>) -> Option<J> {
        let mut state = self.state.lock();
        let mut waiter: Option<Arc<Condvar>> = None;
        loop {
            if let Some(job) = state.next() {
                return Some(job);
            }
            if state.shut.is_some() || until.is_some_and(|until| until <= Instant::now()) {
                return None;
            }
            let waiter = waiter.get_or_insert_default();
            state.idle.push(waiter.clone());
            match until {
                Some(until) => drop(waiter.wait_until(&mut state, until)),
                None => waiter.wait(&mut state),
            }
            // Woken by the clock, it still stands among the idle.
            state.idle.retain(|idle| !Arc::ptr_eq(idle, waiter));
        }
    }

    pub(crate) fn why_shut(&self) -> Option<StoreError> {
        self.state.lock().shut.clone()
    }

    /// Takes in no more; what waits is still worked off.
    pub(crate) fn shut(&self, why: StoreError) {
        let mut state = self.state.lock();
        state.shut.get_or_insert(why);
        state.idle.drain(..).for_each(|waiter| _ = waiter.notify_one());
    }
}

impl<J> State<J> {
    fn next(&mut self) -> Option<J> {
        self.people.pop_front().or_else(|| self.bulk.pop_front())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    /// Waits until so many threads stand idle.
    fn idle(queue: &Queue<u32>, threads: usize) {
        while queue.state.lock().idle.len() < threads {
            thread::yield_now();
        }
    }

    #[test]
    fn who_went_idle_last_is_woken_first() {
        let queue = Queue::new(8, 8);
        thread::scope(|scope| {
            let first = scope.spawn(|| queue.pop());
            idle(&queue, 1);
            let last = scope.spawn(|| queue.pop());
            idle(&queue, 2);
            queue.push(Class::People, 1).unwrap();
            assert_eq!(last.join().unwrap(), Some(1));
            queue.push(Class::People, 2).unwrap();
            assert_eq!(first.join().unwrap(), Some(2));
        });
    }

    #[test]
    fn a_wait_ends_with_its_time_or_with_a_job_and_leaves_nobody_idle() {
        let queue = Queue::new(8, 8);
        assert_eq!(queue.pop_within(Duration::from_millis(2)), None);
        assert!(queue.state.lock().idle.is_empty());
        thread::scope(|scope| {
            let waits = scope.spawn(|| queue.pop_within(Duration::from_secs(60)));
            idle(&queue, 1);
            queue.push(Class::Bulk, 7).unwrap();
            assert_eq!(waits.join().unwrap(), Some(7));
        });
        assert!(queue.state.lock().idle.is_empty());
    }

    #[test]
    fn shut_wakes_everybody_and_what_waits_is_still_given_out() {
        let queue = Queue::new(8, 8);
        thread::scope(|scope| {
            let idle_ones: Vec<_> = (0..3).map(|_| scope.spawn(|| queue.pop())).collect();
            idle(&queue, 3);
            queue.shut(StoreError::Lost);
            assert!(idle_ones.into_iter().all(|waits| waits.join().unwrap().is_none()));
        });
        assert_eq!(queue.push(Class::People, 1), Err(StoreError::Lost));
        let queue = Queue::new(8, 8);
        queue.push(Class::Bulk, 1).unwrap();
        queue.push(Class::People, 2).unwrap();
        queue.shut(StoreError::Lost);
        assert_eq!([queue.pop(), queue.pop(), queue.pop()], [Some(2), Some(1), None]);
    }
}
