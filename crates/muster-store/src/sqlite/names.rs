//! Names of constraints. SQLite names only CHECK; for the others it says table and columns, and the
//! name is found in the table's own text. What has no name gets the one PostgreSQL would give it.

use rusqlite::Connection;

/// The name behind a message such as `UNIQUE constraint failed: unit.bucket, unit.code`.
pub(crate) fn constraint(conn: &Connection, message: &str) -> String {
    let (kind, what) = message.split_once(" constraint failed").unwrap_or((message, ""));
    let what = what.trim_start_matches(':').trim();
    match kind {
        "UNIQUE" => unique(conn, what),
        "NOT NULL" => format!("{}_not_null", what.replace('.', "_")),
        "FOREIGN KEY" => "foreign_key".into(),
        _ => what.to_owned(),
    }
}

fn unique(conn: &Connection, what: &str) -> String {
    // An index over expressions is named by SQLite itself.
    if let Some(index) = what.strip_prefix("index ") {
        return index.trim_matches('\'').to_owned();
    }
    let columns: Vec<&str> = what.split(", ").filter_map(|c| c.split_once('.')).map(|(_, c)| c).collect();
    let table = what.split('.').next().unwrap_or_default();
    let text = |sql, name: &str| -> Vec<(String, String)> {
        let read = || -> rusqlite::Result<Vec<_>> {
            let mut found = conn.prepare_cached(sql)?;
            found.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().unwrap_or_default()
    };
    let indexes = "select name, sql from sqlite_schema \
                   where type = 'index' and sql is not null and tbl_name = ?1";
    for (name, sql) in text(indexes, table) {
        if list(&sql, sql.find('(').unwrap_or(sql.len())).is_some_and(|found| found == columns) {
            return name;
        }
    }
    let tables = "select name, sql from sqlite_schema where type = 'table' and name = ?1";
    for (_, sql) in text(tables, table) {
        if let Some(name) = in_table(&sql, table, &columns) {
            return name;
        }
    }
    format!("{table}_{}_key", columns.join("_"))
}

/// Looks through the items of `create table t (item, item, ..)`.
fn in_table(sql: &str, table: &str, columns: &[&str]) -> Option<String> {
    let open = sql.find('(')?;
    for item in items(sql, open) {
        let lower = item.to_ascii_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        let key = if lower.contains("primary key") { "primary key" } else { "unique" };
        let Some(at) = lower.find(key) else { continue };
        let first = words.first().copied().unwrap_or_default();
        let found = if ["constraint", "primary", "unique"].contains(&first) || first.starts_with("unique(") {
            list(item, at + item[at..].find('(')?)?
        } else {
            vec![first]
        };
        if found != columns {
            continue;
        }
        let named = words.iter().position(|word| *word == "constraint").and_then(|i| words.get(i + 1));
        return Some(match (named, key) {
            (Some(name), _) => (*name).to_owned(),
            (None, "primary key") => format!("{table}_pkey"),
            (None, _) => format!("{table}_{}_key", columns.join("_")),
        });
    }
    None
}

/// The parts between the bracket at `open` and its partner, cut at commas of the same depth.
fn items(sql: &str, open: usize) -> Vec<&str> {
    let (mut depth, mut start, mut out) = (0, open + 1, Vec::new());
    for (i, c) in sql.char_indices().skip_while(|(i, _)| *i < open) {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => {
                out.push(sql[start..i].trim());
                break;
            }
            ')' => depth -= 1,
            ',' if depth == 1 => {
                out.push(sql[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    out
}

/// Column names in the bracket at `open`, without `desc` and the like.
fn list(sql: &str, open: usize) -> Option<Vec<&str>> {
    (open < sql.len())
        .then(|| items(sql, open).iter().filter_map(|item| item.split_whitespace().next()).collect())
}
