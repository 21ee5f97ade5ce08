//! The tables of docs/performance.md. Only what stands between the two marks is written, a section for each store and
//! size; sections of what was not measured this time stay. The words around them are people's.

use crate::load::Measured;
use crate::server::Cpu;
use crate::tasks::{ASKED, ASKING, CONNECTIONS, Pair, Results};
use crate::{Wanted, people, ruled};
use muster_kernel::Clock;
use muster_kernel::day::rfc3339;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const BEGIN: &str = "<!-- measured: written by make bench -->";
const END: &str = "<!-- end of measured -->";
/// How many units there are where something is asked of the ratios.
const ASKED_AT: u32 = 100_000;
/// More than this share of all processors, and they are what bounds a task.
const FULL: f64 = 0.85;

/// Writes the section of what was measured, and shows it.
pub fn write(result: &Results, wanted: &Wanted) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/performance.md");
    let title = title(result);
    let section = section(result, wanted);
    println!("\n### {title}\n{section}");
    let text =
        std::fs::read_to_string(&path).unwrap_or_else(|_| format!("# Performance\n\n{BEGIN}\n{END}\n"));
    let Some((before, rest)) = text.split_once(BEGIN) else {
        return eprintln!("{} has no mark `{BEGIN}`", path.display());
    };
    let (inside, after) = rest.split_once(END).unwrap_or((rest, ""));
    let mut sections: Vec<(&str, &str)> =
        inside.split("\n### ").skip(1).filter_map(|section| section.split_once('\n')).collect();
    match sections.iter_mut().find(|(known, _)| *known == title) {
        Some((_, old)) => *old = &section,
        None => sections.push((&title, &section)),
    }
    let inside: String =
        sections.iter().map(|(title, section)| format!("\n### {title}\n{}\n", section.trim_end())).collect();
    std::fs::write(&path, format!("{before}{BEGIN}\n{inside}{END}{after}")).expect("docs/performance.md");
}

fn title(r: &Results) -> String {
    let store = if r.store == "sqlite" { "SQLite" } else { "PostgreSQL" };
    format!("{store}, {} units", thousands(f64::from(r.units)))
}

fn section(r: &Results, wanted: &Wanted) -> String {
    let mut out = machine(wanted);
    targets(&mut out, r);
    processors(&mut out, r);
    sizes(&mut out, r);
    if r.refused > 0 {
        let _ = writeln!(
            out,
            "\n**{} requests were refused or broke off; the figures above do not stand.**",
            r.refused
        );
    }
    out
}

/// Ours beside the limit, and what is asked of their ratio.
fn targets(out: &mut String, r: &Results) {
    out.push_str("| | Muster | bare limit | ratio | asked | |\n| --- | --- | --- | --- | --- | --- |\n");
    let mut row = |what: &str, ours: String, bare: String, ratio: f64, asked: &str, met: bool| {
        // Asked at one size; at others the same is printed.
        let (asked, verdict) = match (r.units == ASKED_AT && !asked.is_empty(), met) {
            (false, _) => ("", ""),
            (true, true) => (asked, "met"),
            (true, false) => (asked, "**missed**"),
        };
        let ratio = if ratio.is_nan() { String::new() } else { format!("{ratio:.2}") };
        let _ = writeln!(out, "| {what} | {ours} | {bare} | {ratio} | {asked} | {verdict} |");
    };
    for (pair, connections) in r.closed.iter().zip(CONNECTIONS) {
        let ratio = pair.ours.measured.rate / pair.bare.measured.rate;
        let what = format!("durable reports, closed loop, {connections} connections");
        row(&what, speed(&pair.ours.measured), speed(&pair.bare.measured), ratio, "≥ 0.4", ratio >= 0.4);
    }
    let [alone, many] = &r.rights;
    let ratio = many.measured.rate / alone.measured.rate;
    let what = format!(
        "the same, {} connections, each as another of {} accounts with {} roles, beside one account",
        CONNECTIONS[0],
        thousands(f64::from(people::ACCOUNTS)),
        thousands(f64::from(people::GRANTS))
    );
    row(&what, speed(&many.measured), speed(&alone.measured), ratio, "≥ 0.9", ratio >= 0.9);
    let ratio = p99(&r.open.ours.measured) / p99(&r.open.bare.measured);
    let what = format!("the same, open loop at {}/s: p99", thousands(r.open_rate));
    row(&what, waits(&r.open.ours.measured), waits(&r.open.bare.measured), ratio, "≤ 5", ratio <= 5.0);
    let [ours, bare] = r.bulk;
    let (fast, limit) = (format!("{}/s", thousands(ours)), format!("{}/s", thousands(bare)));
    row("reports of 30 figures in bulk", fast.clone(), limit, ours / bare, "≥ 0.4", ours / bare >= 0.4);
    let (what, by_rules) = (format!("the same by {} rules, beside none", ruled::RULES), r.bulk_ruled);
    let speed_of = |rate: f64| format!("{}/s", thousands(rate));
    // They may add three tenths to what a report takes.
    row(&what, speed_of(by_rules), speed_of(ours), by_rules / ours, "≥ 0.77", by_rules * 1.3 >= ours);
    if let Some(listed) = r.bulk_listed {
        let what = "the same beside one insert of a list of 500 rows";
        row(what, fast, format!("{}/s", thousands(listed)), ours / listed, "", true);
    }
    let ratio = p99(&r.totals.ours.measured) / p99(&r.totals.bare.measured);
    let what = format!("total of any unit, {} a second: p99, beside a GET of nothing", thousands(ASKED));
    row(&what, waits(&r.totals.ours.measured), waits(&r.totals.bare.measured), ratio, "≤ 3", ratio <= 3.0);
    let missing = &r.missing.measured;
    let (what, met) = ("first 100 missing of a subtree: p99", p99(missing) <= 5.0);
    row(what, waits(missing), String::new(), f64::NAN, "≤ 5 ms", met);
}

/// Who used the processors during each task, and so what bounds it.
fn processors(out: &mut String, r: &Results) {
    let all = std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64);
    let cells = |cpu: &Cpu| format!("{:.2} + {:.2} + {:.2}", cpu.server, cpu.load, cpu.rest);
    let bound = |cpu: &Cpu| match cpu.server + cpu.load + cpu.rest {
        busy if busy >= FULL * all => "the processors",
        _ => "waiting: the disk's sync, or one thread",
    };
    let _ = writeln!(
        out,
        "\nProcessors in use of {all}: server + load generator + rest (the database, the kernel).\n\n\
         | | Muster | bare limit | Muster is bound by |\n| --- | --- | --- | --- |"
    );
    let mut row = |what: String, pair: &Pair| {
        let (ours, bare) = (&pair.ours.cpu, &pair.bare.cpu);
        let _ = writeln!(out, "| {what} | {} | {} | {} |", cells(ours), cells(bare), bound(ours));
    };
    for (pair, connections) in r.closed.iter().zip(CONNECTIONS) {
        row(format!("closed loop, {connections} connections"), pair);
    }
    row(format!("totals, {} a second", thousands(ASKED)), &r.totals);
}

fn sizes(out: &mut String, r: &Results) {
    out.push_str("\n| | |\n| --- | --- |\n");
    let took = |ms: f64| if ms.is_nan() { "refused: busy".to_owned() } else { format!("{ms:.0} ms") };
    let [live, freeze] = r.brief_ms.map(took);
    let most = format!("totals of any unit, {ASKING} connections as fast as they are answered");
    for (what, value) in [
        (most.as_str(), speed(&r.totals_most.measured)),
        ("units into an empty tree", format!("{}/s", thousands(r.build_rate))),
        ("stored for a report, with journal and totals", format!("{:.0} bytes", r.bytes_report)),
        ("resident after all of this", format!("{:.0} MiB", r.resident_mib)),
        ("a live brief; freezing its day", format!("{live}; {freeze}")),
        ("start to an open door", format!("{:.0} ms", r.opened_ms)),
        (
            &format!("start to the root's total, {} full days kept", r.days),
            format!("{:.0} ms", r.first_answer_ms),
        ),
    ] {
        let _ = writeln!(out, "| {what} | {value} |");
    }
}

fn p99(m: &Measured) -> f64 {
    m.quantile_ms(0.99)
}

fn speed(m: &Measured) -> String {
    format!("{}/s (p99 {:.1} ms)", thousands(m.rate), p99(m))
}

fn waits(m: &Measured) -> String {
    format!("{:.2} ms (p50 {:.2})", p99(m), m.quantile_ms(0.5))
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

/// Where, when, which commit, and how: what is needed to do it again.
fn machine(wanted: &Wanted) -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let (cpu, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map_or("", |(_, value)| value).trim().to_owned()
    };
    let gib = field(&memory, "MemTotal").split(' ').next().and_then(|k| k.parse::<f64>().ok()).unwrap_or(0.0);
    format!(
        "\n{} × {}, {:.0} GiB; server, load generator and database share it. Commit {}, {}. Middle of {} runs of {} s, \
         ours and the limit by turns.\n\n",
        std::thread::available_parallelism().map_or(0, usize::from),
        field(&cpu, "model name"),
        gib / 1024.0 / 1024.0,
        commit(),
        rfc3339(Clock::Wall.now_ms(), &jiff::tz::TimeZone::UTC).get(..10).unwrap_or_default(),
        wanted.repeat,
        wanted.seconds,
    )
}

fn commit() -> String {
    let git = |words: &[&str]| {
        let ran = Command::new("git").args(words).output().ok().filter(|out| out.status.success())?;
        Some(String::from_utf8_lossy(&ran.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else { return "unknown".to_owned() };
    // Tables that are being written are not a change of what is measured.
    match git(&["status", "--porcelain", "--untracked-files=no", "--", "crates"]).as_deref() {
        Some("") => commit,
        _ => format!("{commit} and changes"),
    }
}
