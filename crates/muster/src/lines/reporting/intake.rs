//! Reports that arrive at the same moment are filed together: one transaction, one sum for each node above, one
//! fsync. The same on both stores. What one of them lacks is its own result and does not touch the others.

use super::shelf::BookShelf;
use super::verbs::{Earlier, Filed, Filing, Receipt, UNCHANGED, report_file};
use crate::Fail;
use crate::lines::org::Call;
use muster_kernel::{Problem, ProblemKind};
use muster_store::{Db, Dialect, StoreError, Tx};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use tokio::sync::{Notify, mpsc, oneshot};

/// Reports that one transaction takes at most: large enough to share its cost, small enough for people to wait on.
const BATCH_MAX: usize = 256;
/// Reports that may wait for a worker before the next is told to come back.
const WAITING_MAX: usize = 4096;

/// Workers at most.
const WORKERS_MAX: usize = 4;

/// A batch is begun when it is at least one part in so many of what each other worker has in hand, taken together and shared
/// evenly: whoever comes a moment later shares its fixed cost, which is that of some fifteen reports (docs/performance.md). Where nobody else is
/// at work nothing waits.
const SHARE: usize = 2;

/// After so many batches in a row of first reports alone, the next is hoped to be of such too, and nobody is looked for:
/// so it is all morning. One wrong hope costs that batch a second run.
const HOPE_AFTER: u32 = 16;

/// What became of a batch, and the units it called.
type Batch = (Filed, Call);
type Answer = oneshot::Sender<Result<Receipt, Problem>>;

/// Whose reports a batch is made of.
#[derive(Clone, Copy)]
enum Class {
    /// Of people who wait for an answer.
    People,
    /// Of an upload or an import: after those.
    Bulk,
}

/// The door behind the doors: takes one report, answers when it is durable.
#[derive(Clone)]
pub struct Intake {
    workers: Arc<[mpsc::Sender<(Filing, Answer)>]>,
    in_hand: Arc<InHand>,
}

/// Reports that were taken in and are not answered, of all workers.
struct InHand {
    count: AtomicUsize,
    fell: Notify,
    workers: usize,
}

impl InHand {
    /// Collects what waits, until the batch is large enough beside what the others have in hand; none when nobody sends
    /// any more. It always ends: others who do not wait themselves end their batches, and of those who wait one has no less
    /// than their even share.
    async fn collect(&self, waiting: &mut mpsc::Receiver<(Filing, Answer)>) -> Vec<(Filing, Answer)> {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        waiting.recv_many(&mut batch, BATCH_MAX).await;
        while !batch.is_empty() {
            // Listens before it looks, so that no fall is missed.
            let mut fell = pin!(self.fell.notified());
            fell.as_mut().enable();
            if self.is_enough(batch.len()) {
                break;
            }
            let room = BATCH_MAX - batch.len();
            tokio::select! {
                () = fell => {}
                more = waiting.recv_many(&mut batch, room) => if more == 0 { break },
            }
        }
        batch
    }

    /// Whether a batch of so many is large enough to begin with.
    fn is_enough(&self, own: usize) -> bool {
        let others = self.count.load(Relaxed).saturating_sub(own);
        own >= BATCH_MAX || self.workers == 1 || own * SHARE * (self.workers - 1) >= others
    }
}

impl Intake {
    /// Starts the workers: one where writers wait for each other anyway, several on PostgreSQL, as many as there
    /// are cores: while one transaction waits for the disk another works; and few, since what one takes together shares
    /// its round trips and its totals. A unit always comes to the same worker, so
    /// that its reports keep their order. They end when the last intake is dropped.
    pub fn start(db: &Db, shelf: &BookShelf) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let count = if db.dialect() == Dialect::Sqlite { 1 } else { cores.clamp(1, WORKERS_MAX) };
        let in_hand = Arc::new(InHand { count: AtomicUsize::new(0), fell: Notify::new(), workers: count });
        let workers = (0..count).map(|_| {
            let (send, waiting) = mpsc::channel(WAITING_MAX);
            tokio::spawn(work(db.clone(), shelf.clone(), waiting, in_hand.clone()));
            send
        });
        Self { workers: workers.collect(), in_hand: in_hand.clone() }
    }

    /// Files one report.
    pub async fn file(&self, filing: Filing) -> Result<Receipt, Problem> {
        let mut hasher = DefaultHasher::new();
        filing.draft.unit.hash(&mut hasher);
        let worker = &self.workers[(hasher.finish() % self.workers.len() as u64) as usize];
        let (send, answer) = oneshot::channel();
        self.in_hand.count.fetch_add(1, Relaxed);
        if worker.try_send((filing, send)).is_err() {
            drop(Held(&self.in_hand, 1));
            return Err(Problem::new(ProblemKind::Busy, "busy").retry_after(1));
        }
        answer
            .await
            .unwrap_or_else(|_| Err(Problem::new(ProblemKind::Unknown, "unknown_outcome").retry_after(1)))
    }
}

async fn work(db: Db, shelf: BookShelf, mut waiting: mpsc::Receiver<(Filing, Answer)>, in_hand: Arc<InHand>) {
    let mut firsts = 0;
    loop {
        let batch = in_hand.collect(&mut waiting).await;
        if batch.is_empty() {
            return;
        }
        let (filings, answers): (Vec<Filing>, Vec<Answer>) = batch.into_iter().unzip();
        let held = Held(&in_hand, answers.len());
        let earlier = if firsts >= HOPE_AFTER { Earlier::Unlikely } else { Earlier::Look };
        let filed = file_batch(&db, &shelf, filings, earlier, Class::People).await;
        drop(held);
        match filed {
            Ok(filed) => {
                firsts = if filed.iter().all(is_first) { firsts.saturating_add(1) } else { 0 };
                answers.into_iter().zip(filed).for_each(|(answer, result)| drop(answer.send(result)))
            }
            Err(fail) => {
                let problem = Problem::from(fail);
                answers.into_iter().for_each(|answer| drop(answer.send(Err(problem.clone()))));
            }
        }
    }
}

/// So many of those in hand, until this is dropped, however that comes about.
struct Held<'a>(&'a InHand, usize);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_sub(self.1, Relaxed);
        self.0.fell.notify_waiters();
    }
}

/// Files a batch in one transaction, after those of people: for uploads and imports.
pub async fn file_many(
    db: &Db,
    shelf: &BookShelf,
    filings: Vec<Filing>,
    earlier: Earlier,
) -> Result<Filed, Fail> {
    file_batch(db, shelf, filings, earlier, Class::Bulk).await
}

/// Files a batch in one transaction. Where a sum would grow beyond what is kept, in halves down to the one report that makes
/// it so: that one is refused, and the others stand.
async fn file_batch(
    db: &Db,
    shelf: &BookShelf,
    filings: Vec<Filing>,
    earlier: Earlier,
    class: Class,
) -> Result<Filed, Fail> {
    let all = filings.len();
    let filings: Arc<[Filing]> = filings.into();
    let mut filed = Vec::with_capacity(all);
    let mut parts = Vec::from_iter((all > 0).then_some(0..all));
    while let Some(part) = parts.pop() {
        let (now_ms, write) = batch_write(shelf, filings.clone(), part.clone(), hoped(db, earlier));
        let done = match class {
            Class::People => db.write("report.file", now_ms, write).await,
            Class::Bulk => db.write_bulk("report.file", now_ms, write).await,
        };
        match done {
            Ok((results, call)) => {
                shelf.roll.keep(call);
                filed.extend(results);
            }
            Err(Fail::Store(StoreError::Overflow)) if part.len() > 1 => {
                let middle = part.start + part.len() / 2;
                parts.extend([middle..part.end, part.start..middle]);
            }
            Err(fail) if part.len() == all => return Err(fail),
            Err(fail) => filed.extend(std::iter::repeat_n(Err(Problem::from(fail)), part.len())),
        }
    }
    Ok(filed)
}

/// Whether a report was its unit's first of the day.
fn is_first(filed: &Result<Receipt, Problem>) -> bool {
    let again = |receipt: &Receipt| receipt.findings.iter().any(|finding| finding.code == UNCHANGED);
    filed.as_ref().is_ok_and(|receipt| receipt.rev == 1 && !again(receipt))
}

/// Where looking costs no journey there is nothing to save by hoping.
fn hoped(db: &Db, earlier: Earlier) -> Earlier {
    if db.dialect() == Dialect::Sqlite { Earlier::Look } else { earlier }
}

/// When a part of a batch is filed, and what files it.
fn batch_write(
    shelf: &BookShelf,
    filings: Arc<[Filing]>,
    part: Range<usize>,
    earlier: Earlier,
) -> (i64, impl Fn(&mut Tx<'_>) -> Result<Batch, Fail> + Send + 'static) {
    let (operation, now_ms) = (filings[part.start].ctx.operation, filings[part.start].ctx.now_ms);
    let shelf = shelf.clone();
    let looks = AtomicBool::new(earlier == Earlier::Look);
    (now_ms, move |tx: &mut Tx<'_>| {
        // Whose hope was wrong runs again, and looks.
        let earlier = if looks.swap(true, Relaxed) { Earlier::Look } else { Earlier::Unlikely };
        report_file(tx, operation, &shelf, &filings[part.clone()], earlier)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Workers that only wait for one another would never begin.
    #[test]
    fn of_those_who_wait_one_begins_however_the_reports_fall() {
        for workers in 2..=WORKERS_MAX {
            for parts in [
                vec![1; workers],
                vec![10; workers],
                (0..workers).collect(),
                vec![0, 7, 0, 7],
                vec![3, 5, 5, 0],
            ] {
                let parts = &parts[..workers];
                let in_hand =
                    InHand { count: AtomicUsize::new(parts.iter().sum()), fell: Notify::new(), workers };
                assert!(parts.iter().any(|&own| own > 0 && in_hand.is_enough(own)), "{parts:?}");
            }
        }
    }

    #[test]
    fn alone_one_report_is_enough_and_beside_a_large_batch_it_is_not() {
        let in_hand =
            |count, workers| InHand { count: AtomicUsize::new(count), fell: Notify::new(), workers };
        assert!(in_hand(1, 2).is_enough(1));
        assert!(in_hand(3, 2).is_enough(1));
        assert!(!in_hand(40, 2).is_enough(1));
        assert!(in_hand(400, 1).is_enough(1));
        assert!(in_hand(4_000, 4).is_enough(BATCH_MAX));
    }
}
