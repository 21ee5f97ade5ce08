//! The tables of docs/performance.md. Only what stands between the two marks is written; the words around it are
//! people's.

use crate::Wanted;
use crate::load::Measured;
use crate::tasks::{ASKING, CONNECTIONS, Results};
use std::fmt::Write as _;
use std::path::Path;

const BEGIN: &str = "<!-- measured: written by make bench -->";
const END: &str = "<!-- end of measured -->";

/// Writes the tables, and shows them.
pub fn write(results: &[Results], wanted: &Wanted) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance.md");
    let tables = tables(results, wanted);
    println!("{tables}");
    let text =
        std::fs::read_to_string(&path).unwrap_or_else(|_| format!("# Performance\n\n{BEGIN}\n{END}\n"));
    let Some((before, rest)) = text.split_once(BEGIN) else {
        return eprintln!("{} has no mark `{BEGIN}`", path.display());
    };
    let after = rest.split_once(END).map_or("", |(_, after)| after);
    std::fs::write(&path, format!("{before}{BEGIN}\n{tables}{END}{after}")).expect("docs/performance.md");
}

fn tables(results: &[Results], wanted: &Wanted) -> String {
    let mut out = machine(wanted);
    for result in results {
        let _ =
            write!(out, "\n### {}, {} units\n\n", title(&result.store), thousands(f64::from(result.units)));
        table(&mut out, result);
    }
    out
}

fn title(store: &str) -> &str {
    if store == "sqlite" { "SQLite" } else { "PostgreSQL" }
}

fn table(out: &mut String, r: &Results) {
    out.push_str("| | Muster | bare limit | ratio | asked | |\n| --- | --- | --- | --- | --- | --- |\n");
    let mut row = |what: &str, ours: String, bare: String, ratio: f64, asked: &str, met: bool| {
        let verdict = if asked.is_empty() {
            ""
        } else if met {
            "met"
        } else {
            "**missed**"
        };
        let ratio = if ratio.is_nan() { String::new() } else { format!("{ratio:.2}") };
        let _ = writeln!(out, "| {what} | {ours} | {bare} | {ratio} | {asked} | {verdict} |");
    };
    for (pair, connections) in r.closed.iter().zip(CONNECTIONS) {
        let ratio = pair.ours.rate / pair.bare.rate;
        let what = format!("durable reports, closed loop, {connections} connections");
        row(&what, speed(&pair.ours), speed(&pair.bare), ratio, "≥ 0.4", ratio >= 0.4);
    }
    let ratio = r.open.ours.quantile_ms(0.99) / r.open.bare.quantile_ms(0.99);
    let what = format!("the same, open loop at {}/s: p99", thousands(r.open_rate));
    row(&what, waits(&r.open.ours), waits(&r.open.bare), ratio, "≤ 5", ratio <= 5.0);
    let [ours, bare] = r.bulk;
    let (fast, limit) = (format!("{}/s", thousands(ours)), format!("{}/s", thousands(bare)));
    row("reports of 30 figures in bulk", fast, limit, ours / bare, "≥ 0.4", ours / bare >= 0.4);
    let ratio = r.totals.ours.quantile_ms(0.99) / r.totals.bare.quantile_ms(0.99);
    let what = format!("total of any unit, {ASKING} connections: p99, beside a GET of nothing");
    row(&what, waits(&r.totals.ours), waits(&r.totals.bare), ratio, "≤ 3", ratio <= 3.0);
    let p99 = r.missing.quantile_ms(0.99);
    row(
        "first 100 missing of a subtree: p99",
        waits(&r.missing),
        String::new(),
        f64::NAN,
        "≤ 5 ms",
        p99 <= 5.0,
    );
    let plain = [
        ("units into an empty tree", format!("{}/s", thousands(r.build_rate))),
        ("stored for a report, with journal and totals", format!("{:.0} bytes", r.bytes_report)),
        ("resident after all of this", format!("{:.0} MiB", r.resident_mib)),
        ("start to an open door", format!("{:.0} ms", r.opened_ms)),
    ];
    for (what, value) in plain {
        row(what, value, String::new(), f64::NAN, "", true);
    }
    let what = format!("start to the root's total, {} full day(s) kept", r.days);
    row(&what, format!("{:.0} ms", r.first_answer_ms), String::new(), f64::NAN, "", true);
    if r.refused > 0 {
        let _ = writeln!(
            out,
            "\n**{} requests were refused or broke off; the figures above do not stand.**",
            r.refused
        );
    }
}

fn speed(m: &Measured) -> String {
    format!("{}/s (p99 {:.1} ms)", thousands(m.rate), m.quantile_ms(0.99))
}

fn waits(m: &Measured) -> String {
    format!("{:.2} ms (p50 {:.2})", m.quantile_ms(0.99), m.quantile_ms(0.5))
}

fn thousands(n: f64) -> String {
    let digits = format!("{n:.0}");
    let mut out = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn machine(wanted: &Wanted) -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let (cpu, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or("", |(_, value)| value).trim().to_owned()
    };
    let gib = field(&memory, "MemTotal").split(' ').next().and_then(|k| k.parse::<f64>().ok()).unwrap_or(0.0);
    format!(
        "\n{} × {}, {:.0} GiB; server, load generator and database share it. Middle of {} runs of {} s, ours and \
         the limit by turns.\n",
        std::thread::available_parallelism().map_or(0, usize::from),
        field(&cpu, "model name"),
        gib / 1024.0 / 1024.0,
        wanted.repeat,
        wanted.seconds,
    )
}
