//! The limits that the product is measured against: the same row under the same key, durable, and nothing else. No
//! login, no check, no journal, no totals. Written by hand on the drivers, so that a weakness of the product's own
//! store cannot make its ratio look good.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use futures_util::future;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// The table of reports, as migration 0310 makes it, without the tables beside it.
const SQLITE_TABLE: &str = "create table bare (
    bucket integer not null, operation integer not null, day integer not null, slot integer not null,
    unit integer not null, scope integer not null, rev integer not null, at integer not null,
    last_lane integer not null, last_no integer not null, layout integer not null, vals blob not null,
    acts blob not null, primary key (bucket, operation, day, slot, unit, scope)
) strict, without rowid";
const POSTGRES_TABLE: &str = "create table bare (
    bucket bigint not null, operation bigint not null, day bigint not null, slot bigint not null,
    unit bigint not null, scope bigint not null, rev bigint not null, at bigint not null,
    last_lane bigint not null, last_no bigint not null, layout bigint not null, vals bytea not null,
    acts bytea not null, primary key (bucket, operation, day, slot, unit, scope))";
const SQLITE_INSERT: &str = "insert into bare values (1, 1, ?1, 0, ?2, 0, 1, 0, 0, 0, 1, ?3, ?4)";
const POSTGRES_INSERT: &str = "insert into bare values (1, 1, $1, 0, $2, 0, 1, 0, 0, 0, 1, $3, $4)";
const POSTGRES_INSERT_LIST: &str = "insert into bare select 1, 1, d, 0, u, 0, 1, 0, 0, 0, 1, v, a
    from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[]) as t (d, u, v, a)";

/// At most so many rows in one commit.
const GROUP_MAX: usize = 512;

/// What is sent to the endpoint: the product's own body, and in the path unit and day.
#[derive(serde::Deserialize)]
struct Body {
    values: BTreeMap<String, Option<i64>>,
}

struct Row {
    day: i64,
    unit: i64,
    vals: Vec<u8>,
    acts: Vec<u8>,
    done: Option<oneshot::Sender<()>>,
}

/// Packs figures to about the size the product gives them: two bits and a short number each.
fn pack(figures: impl Iterator<Item = i64>) -> Vec<u8> {
    let mut bytes = vec![0; 8];
    for figure in figures.filter(|f| *f != 0) {
        bytes.extend_from_slice(&(figure as u16).to_be_bytes()[usize::from(figure < 64)..]);
    }
    bytes
}

/// Serves until killed: `PUT /reports/{unit}/{day}`, durable when answered, and `GET /nothing`. Prints its address.
pub fn serve(database: &str) {
    let (send, receive) = mpsc::channel::<Row>(4096);
    let database = database.to_owned();
    if database.starts_with("postgres") {
        std::thread::spawn(move || postgres_writer(&database, receive));
    } else {
        std::thread::spawn(move || sqlite_writer(&database, receive));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new()
            .route("/nothing", get(|| async { "{}" }))
            .route("/reports/{unit}/{day}", put(file))
            .with_state(send);
        axum::serve(listener, router).await.expect("serving");
    });
}

async fn file(
    State(send): State<mpsc::Sender<Row>>,
    axum::extract::Path((unit, day)): axum::extract::Path<(String, String)>,
    Json(body): Json<Body>,
) -> StatusCode {
    let (done, answer) = oneshot::channel();
    let number =
        |text: &str| text.bytes().filter(u8::is_ascii_digit).fold(0, |n, b| n * 10 + i64::from(b - b'0'));
    let vals = pack(body.values.values().map(|v| v.unwrap_or(0)));
    let row = Row { day: number(&day), unit: number(&unit), vals, acts: vec![7; 14], done: Some(done) };
    if send.send(row).await.is_err() || answer.await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::OK
}

/// All that waits, up to [`GROUP_MAX`].
fn group(receive: &mut mpsc::Receiver<Row>) -> Vec<Row> {
    let mut rows = Vec::new();
    receive.blocking_recv_many(&mut rows, GROUP_MAX);
    rows
}

fn answer(rows: Vec<Row>) {
    for done in rows.into_iter().filter_map(|row| row.done) {
        let _ = done.send(());
    }
}

fn sqlite_writer(path: &str, mut receive: mpsc::Receiver<Row>) {
    let connection = sqlite(Path::new(path));
    loop {
        let rows = group(&mut receive);
        if rows.is_empty() {
            return;
        }
        sqlite_insert(&connection, &rows);
        answer(rows);
    }
}

fn sqlite(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("open");
    connection
        .execute_batch("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -65536;")
        .expect("pragmas");
    connection.execute_batch(SQLITE_TABLE).expect("table");
    connection
}

fn sqlite_insert(connection: &Connection, rows: &[Row]) {
    connection.execute_batch("begin immediate").expect("begin");
    let mut insert = connection.prepare_cached(SQLITE_INSERT).expect("insert");
    for row in rows {
        insert.execute(rusqlite::params![row.day, row.unit, row.vals, row.acts]).expect("row");
    }
    connection.execute_batch("commit").expect("commit");
}

/// A connection of its own, in a schema-free database: the caller made it empty.
struct Postgres {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
    insert: tokio_postgres::Statement,
    insert_list: tokio_postgres::Statement,
}

impl Postgres {
    fn open(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (client, insert, insert_list) = runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("connect");
            tokio::spawn(connection);
            client.batch_execute(POSTGRES_TABLE).await.expect("table");
            let insert = client.prepare(POSTGRES_INSERT).await.expect("insert");
            let insert_list = client.prepare(POSTGRES_INSERT_LIST).await.expect("insert");
            (client, insert, insert_list)
        });
        Self { runtime, client, insert, insert_list }
    }

    /// One prepared insert a row, all sent before the first answer is read.
    fn insert(&self, rows: &[Row]) {
        self.runtime.block_on(async {
            let each = rows.iter().map(async |row| {
                let Row { day, unit, vals, acts, .. } = row;
                self.client.execute(&self.insert, &[day, unit, vals, acts]).await
            });
            let begin = self.client.batch_execute("begin");
            let sent = future::join3(begin, future::join_all(each), self.client.batch_execute("commit"));
            let (begun, stored, committed) = sent.await;
            begun.and(stored.into_iter().collect::<Result<Vec<_>, _>>()).and(committed).expect("rows");
        });
    }

    /// All rows as one list, in one statement.
    fn insert_list(&self, rows: &[Row]) {
        let days: Vec<i64> = rows.iter().map(|r| r.day).collect();
        let units: Vec<i64> = rows.iter().map(|r| r.unit).collect();
        let vals: Vec<&[u8]> = rows.iter().map(|r| &r.vals[..]).collect();
        let acts: Vec<&[u8]> = rows.iter().map(|r| &r.acts[..]).collect();
        // One statement is one transaction: durable when it answers.
        self.runtime.block_on(async {
            self.client.execute(&self.insert_list, &[&days, &units, &vals, &acts]).await.expect("rows");
        });
    }
}

fn postgres_writer(url: &str, mut receive: mpsc::Receiver<Row>) {
    let postgres = Postgres::open(url);
    loop {
        let rows = group(&mut receive);
        if rows.is_empty() {
            return;
        }
        postgres.insert_list(&rows);
        answer(rows);
    }
}

type Insert = Box<dyn FnMut(&[Row])>;

/// How the rows of a transaction reach the database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// A prepared insert for each.
    Each,
    /// On PostgreSQL one insert of a list; SQLite, which has no journeys to save, is asked row by row.
    Listed,
}

/// Bare prepared inserts of the same rows under the same key, 500 a transaction, in the order given, day after day; rows
/// a second.
pub fn bulk(database: &str, sent: Sent, units: &[u32], figures: impl Fn(u32) -> Vec<i64>, rows: u64) -> f64 {
    let mut insert: Insert = if database.starts_with("postgres") {
        let postgres = Postgres::open(database);
        Box::new(move |rows| match sent {
            Sent::Each => postgres.insert(rows),
            Sent::Listed => postgres.insert_list(rows),
        })
    } else {
        let connection = sqlite(Path::new(database));
        Box::new(move |rows| sqlite_insert(&connection, rows))
    };
    let (mut done, mut took, mut day) = (0_u64, Duration::ZERO, 0);
    while done < rows {
        day += 1;
        for chunk in units.chunks(500) {
            let batch: Vec<Row> = chunk
                .iter()
                .map(|unit| {
                    let vals = pack(figures(*unit).into_iter());
                    Row { day, unit: i64::from(*unit), vals, acts: vec![7; 14], done: None }
                })
                .collect();
            let start = Instant::now();
            insert(&batch);
            took += start.elapsed();
            done += batch.len() as u64;
        }
    }
    done as f64 / took.as_secs_f64()
}
