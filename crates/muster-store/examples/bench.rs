//! How many durable writes a second: `cargo run -p muster-store --example bench -- muster-bench.db`
//! or `postgres://..` (an empty database). Prints each kind of write, 64 in flight, and reads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use muster_store::{
    Db, DbConfig, Entry, Migration, Rows, Stmt, StoreError, TotalKey, Tx, args, total_read, verify,
};

const TABLES: &[Migration] = &[Migration {
    number: 100,
    name: "bench_row",
    sqlite: "create table bench (id integer not null, value text not null, \
             constraint bench_pkey primary key (id)) strict, without rowid",
    postgres: "create table bench (id bigint not null, value text not null, \
               constraint bench_pkey primary key (id))",
}];
const INSERT: Stmt = Stmt::new("bench.insert", "insert into bench (id, value) values ($1, $2)");
const READ: Stmt = Stmt::new("bench.read", "select value from bench where id = $1");
const IN_FLIGHT: usize = 64;
const TIME: Duration = Duration::from_secs(4);

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), StoreError> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "muster-bench.db".into());
    let read_deadline = Duration::from_secs(30);
    let config = DbConfig { slow_warns: false, read_deadline, ..DbConfig::new(url) };
    let db = Db::open(&config)?;
    db.migrate(0, TABLES)?;
    let next = Arc::new(AtomicI64::new(0));

    let rate = run(&db, &next, row).await;
    println!("one row                            {rate:>9.0}/s");
    let rate = run(&db, &next, |tx, id| {
        row(tx, id)?;
        journal(tx, id)
    })
    .await;
    println!("one row, journal                   {rate:>9.0}/s");
    let rate = run(&db, &next, |tx, id| {
        row(tx, id)?;
        journal(tx, id)?;
        totals(tx, id)
    })
    .await;
    println!("one row, journal, 5 totals of 30   {rate:>9.0}/s");
    let rate = run(&db, &next, |tx, id| {
        let rows: Vec<_> = (0..500).map(|i| args![-(id * 500 + i), "the value of a row"].to_vec()).collect();
        tx.exec_rows(&INSERT, &rows).map(drop)
    })
    .await;
    println!("rows in bulk, 500 a write          {:>9.0}/s", rate * 500.0);

    let (count, start) = (Arc::new(AtomicI64::new(0)), Instant::now());
    in_flight(|| {
        let (db, last, count) = (db.clone(), next.load(Relaxed), count.clone());
        async move {
            while start.elapsed() < TIME {
                let id = (count.fetch_add(1, Relaxed) * 7919) % last;
                db.read("bench.read", move |rx| rx.opt(&READ, args![id], |row| row.string(0))).await?;
            }
            Ok(())
        }
    })
    .await;
    println!("point reads                        {:>9.0}/s", per_second(&count, start));

    let root = db.read("bench.total", |rx| total_read(rx, key(0))).await?;
    let start = Instant::now();
    let faults = verify(&db, None)?;
    println!(
        "root total {}, journal verified in {:.1} s: {} faults",
        root[0],
        start.elapsed().as_secs_f32(),
        faults.len()
    );
    db.close();
    Ok(())
}

/// Durable writes a second.
async fn run(
    db: &Db,
    next: &Arc<AtomicI64>,
    write: impl Fn(&mut Tx<'_>, i64) -> Result<(), StoreError> + Copy + Send + Sync + 'static,
) -> f64 {
    let (count, start) = (Arc::new(AtomicI64::new(0)), Instant::now());
    in_flight(|| {
        let (db, next, count) = (db.clone(), next.clone(), count.clone());
        async move {
            while start.elapsed() < TIME {
                let id = next.fetch_add(1, Relaxed);
                db.write("bench.write", id, move |tx| write(tx, id)).await?;
                count.fetch_add(1, Relaxed);
            }
            Ok(())
        }
    })
    .await;
    per_second(&count, start)
}

async fn in_flight<F: Future<Output = Result<(), StoreError>> + Send + 'static>(task: impl Fn() -> F) {
    let tasks: Vec<_> = (0..IN_FLIGHT).map(|_| tokio::spawn(task())).collect();
    for task in tasks {
        task.await.expect("a task").expect("a write");
    }
}

fn per_second(count: &AtomicI64, start: Instant) -> f64 {
    count.load(Relaxed) as f64 / start.elapsed().as_secs_f64()
}

fn row(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    tx.exec(&INSERT, args![id, "the value of a row"]).map(drop)
}

fn journal(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    let subject = format!("sheet:{id}:20200203");
    let body = vec![7; 33];
    let (actor, action) = ("account:1", "bench.write");
    let entry = Entry { operation: 1, actor, action, subject: &subject, prev: None, request: None, body };
    tx.journal(entry).map(drop)
}

/// Five levels: one root, 28 below it, each with more below.
fn totals(tx: &mut Tx<'_>, id: i64) -> Result<(), StoreError> {
    let deltas: Vec<_> = (0..30).map(|position| (position, 1 + id % 3)).collect();
    for (level, nodes) in [1, 28, 362, 2000, 2000].into_iter().enumerate() {
        tx.add(key(level as i64 * 10_000 + id % nodes), &deltas)?;
    }
    Ok(())
}

fn key(node: i64) -> TotalKey {
    TotalKey { day: 20200203, series: 1, node }
}
