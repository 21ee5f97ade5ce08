//! `make bench`: what the product does a second, and how long people wait, always beside a bare limit taken in the same
//! run on the same machine. Writes the tables of docs/performance.md.
//!
//!     measure [--units 100000,1000000] [--stores sqlite,postgres] [--seconds 5] [--repeat 3] [--days 30]
//!
//! Both sizes on both stores take less than 25 minutes and some 10 GB of disk, which are given back.
//!
//! PostgreSQL is measured where `MUSTER_TEST_POSTGRES` is the address of a cluster; `cargo xtask bench` starts one.
#![allow(missing_docs, unreachable_pub, reason = "a program of its own, not an interface")]
#![allow(clippy::disallowed_methods, reason = "measuring reads the real clock and the real environment")]

mod bare;
mod load;
mod people;
mod place;
mod report;
mod ruled;
mod server;
mod tasks;
#[path = "../../tests/world/mod.rs"]
mod world;

use std::process::ExitCode;

/// What to measure.
pub struct Wanted {
    pub units: Vec<u32>,
    pub stores: Vec<String>,
    pub seconds: u64,
    pub repeat: usize,
    /// Days that are to be full before a server is started for "start to first answer".
    pub days: i32,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [bare, database] = &words[..]
        && bare == "bare"
    {
        bare::serve(database);
        return ExitCode::SUCCESS;
    }
    let wanted = match wanted(&words) {
        Ok(wanted) => wanted,
        Err(sentence) => {
            eprintln!("measure: {sentence}");
            return ExitCode::from(2);
        }
    };
    for units in &wanted.units {
        for store in &wanted.stores {
            let since = std::time::Instant::now();
            match place::Place::make(store) {
                // Written at once: a run that is ended later keeps what it has.
                Some(place) => report::write(&tasks::run(&place, *units, &wanted), &wanted),
                None => eprintln!("{store} is left out: MUSTER_TEST_POSTGRES is not set"),
            }
            eprintln!("  {store} {units}: {:.0} s", since.elapsed().as_secs_f64());
        }
    }
    ExitCode::SUCCESS
}

fn wanted(words: &[String]) -> Result<Wanted, String> {
    let mut wanted = Wanted {
        units: vec![100_000, 1_000_000],
        stores: vec!["sqlite".into(), "postgres".into()],
        seconds: 5,
        repeat: 3,
        days: 30,
    };
    for pair in words.chunks(2) {
        let [name, value] = pair else { return Err(format!("{} wants a value", pair[0])) };
        let number = || value.parse::<u64>().map_err(|_| format!("{value} is not a number"));
        match name.as_str() {
            "--units" => {
                let list: Result<_, _> = value.split(',').map(str::parse).collect();
                wanted.units = list.map_err(|_| format!("{value} is not a list of numbers"))?;
            }
            "--stores" => wanted.stores = value.split(',').map(str::to_owned).collect(),
            "--seconds" => wanted.seconds = number()?,
            "--repeat" => wanted.repeat = number()? as usize,
            "--days" => wanted.days = number()? as i32,
            _ => return Err(format!("{name} is unknown")),
        }
    }
    Ok(wanted)
}
