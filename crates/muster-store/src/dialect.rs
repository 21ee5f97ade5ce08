//! One SQL text for both databases, and the few places where they truly differ.
//!
//! Written once: `$1..$n`, `returning`, `on conflict`, common table expressions, windows, `filter`;
//! types bigint, text, double precision, blob. Sums are cast (`cast(sum(x) as bigint)`: PostgreSQL
//! gives numeric otherwise), `nulls last` is always written, times and ids come in as arguments.
//! Where the two have different words a token stands in the text:
//!
//! | token       | SQLite                                   | PostgreSQL     |
//! | ----------- | ---------------------------------------- | -------------- |
//! | `{in:$2}`   | `in (select value from json_each(?2))`   | `= any($2)`    |
//! | `{rows:$2 text,$3 bigint}` | a row for each place of parallel lists: `n` from 0, then `a`, `b`, .. ||
//! | `{by:t x: c}` | rows of table `t`, as `x`, looked up by condition `c` for each row that stands before it ||
//! | `{gather:int x,bytes y}` | cells of all rows in one, see [`Gathered`](crate::Gathered); null where there are none ||
//! | `{lock}`    | (nothing: writers are one after another) | `for update`   |
//! | `{least}`   | `min`                                    | `least`        |
//! | `{greatest}`| `max`                                    | `greatest`     |
//! | `{blob}`    | `blob`                                   | `bytea`        |

use crate::{Result, StoreError};

/// A statement with a name. The name is the word for it in spans, logs and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stmt {
    /// `line.noun_verb`, as in `org.unit_by_code`.
    pub name: &'static str,
    /// The text, for both databases.
    pub sql: &'static str,
    /// Whether PostgreSQL may read whole tables through for it, see [`Stmt::reading_through`].
    pub(crate) reads_through: bool,
}

impl Stmt {
    /// A statement: `const UNIT_BY_CODE: Stmt = Stmt::new("org.unit_by_code", "select ..")`.
    pub const fn new(name: &'static str, sql: &'static str) -> Stmt {
        Stmt { name, sql, reads_through: false }
    }
    /// The same, where it is mostly asked of a large part of what there is. PostgreSQL plans all others once, along
    /// indexes; this one each time, by its arguments and what the tables hold then, so that two tables may be joined by
    /// reading both through once instead of looking up each row.
    pub const fn reading_through(self) -> Stmt {
        Stmt { reads_through: true, ..self }
    }

    /// Identity of the text in memory: cheaper to look up than the text itself.
    pub(crate) fn key(&self) -> (usize, usize) {
        (self.sql.as_ptr() as usize, self.sql.len())
    }
}

/// Which database a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, one file.
    Sqlite,
    /// PostgreSQL 15 and later.
    Postgres,
}

impl Dialect {
    /// The text as this database reads it.
    pub fn text(self, stmt: &Stmt) -> Result<String> {
        self.render(stmt.sql).map_err(|what| StoreError::Sql(format!("{}: {what}", stmt.name)))
    }

    pub(crate) fn render(self, sql: &str) -> std::result::Result<String, String> {
        let sqlite = self == Dialect::Sqlite;
        let mut out = String::with_capacity(sql.len() + 32);
        let mut rest = sql;
        while let Some(at) = rest.find(['\'', '$', '{', '-']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            match rest.as_bytes()[0] {
                b'\'' => {
                    let end = rest[1..].find('\'').ok_or("a quote is not closed")? + 2;
                    out.push_str(&rest[..end]);
                    rest = &rest[end..];
                }
                // A comment is left out: an apostrophe in it opens nothing.
                b'-' if rest.starts_with("--") => rest = rest.find('\n').map_or("", |end| &rest[end..]),
                b'-' => {
                    out.push('-');
                    rest = &rest[1..];
                }
                b'$' => {
                    out.push(if sqlite { '?' } else { '$' });
                    rest = &rest[1..];
                }
                _ => {
                    let end = rest.find('}').ok_or("a token is not closed")?;
                    let token = &rest[1..end];
                    match (token, sqlite) {
                        ("lock", true) => {}
                        ("lock", false) => out.push_str("for update"),
                        ("least", true) => out.push_str("min"),
                        ("least", false) => out.push_str("least"),
                        ("greatest", true) => out.push_str("max"),
                        ("greatest", false) => out.push_str("greatest"),
                        ("blob", true) => out.push_str("blob"),
                        ("blob", false) => out.push_str("bytea"),
                        _ if token.starts_with("rows:") => out.push_str(&rows(&token[5..], sqlite)?),
                        _ if token.starts_with("gather:") => out.push_str(&gather(&token[7..], sqlite)?),
                        _ if token.starts_with("by:") => out.push_str(&self.by(&token[3..])?),
                        _ => match (token.strip_prefix("in:$"), sqlite) {
                            (Some(n), true) => {
                                out.push_str(&format!("in (select value from json_each(?{n}))"));
                            }
                            (Some(n), false) => out.push_str(&format!("= any(${n})")),
                            (None, _) => return Err(format!("unknown token {{{token}}}")),
                        },
                    }
                    rest = &rest[end + 1..];
                }
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// A table looked up by key for each row before it, from `sheet s: s.unit = k.unit`. Left to itself, PostgreSQL may read
    /// all of a table that was small when the plan was made, or of a day that is new; `offset 0` leaves it no choice.
    fn by(self, lookup: &str) -> std::result::Result<String, String> {
        let malformed = || format!("a lookup is {{by:table alias: condition}}, not {lookup}");
        let (table, condition) = lookup.split_once(':').ok_or_else(malformed)?;
        let (_, alias) = table.split_once(' ').ok_or_else(malformed)?;
        let condition = self.render(condition.trim())?;
        Ok(match self {
            Dialect::Sqlite => format!("cross join {table} on {condition}"),
            Dialect::Postgres => {
                format!("cross join lateral (select * from {table} where {condition} offset 0) {alias}")
            }
        })
    }
}

/// Cells of all rows as one, from `int s.unit,bytes s.vals`.
fn gather(cells: &str, sqlite: bool) -> std::result::Result<String, String> {
    let malformed = || format!("cells are gathered as {{gather:int x,bytes y}}, not {cells}");
    let mut parts = Vec::new();
    for cell in cells.split(',') {
        let (kind, cell) = cell.trim().split_once(' ').ok_or_else(malformed)?;
        parts.push(match (kind, sqlite) {
            ("int" | "bytes", true) => cell.to_owned(),
            ("int", false) => format!("int8send({cell})"),
            ("bytes", false) => format!("int4send(length({cell})) || {cell}"),
            _ => return Err(malformed()),
        });
    }
    Ok(match sqlite {
        true => format!("gathered({})", parts.join(", ")),
        false => format!("string_agg({}, ''::bytea)", parts.join(" || ")),
    })
}

/// Parallel lists as a table, from `$2 text,$3 bigint`.
fn rows(lists: &str, sqlite: bool) -> std::result::Result<String, String> {
    let malformed = || format!("a table of lists is {{rows:$1 type,$2 type}}, not {lists}");
    let mut columns = Vec::new();
    for (list, name) in lists.split(',').zip('a'..='z') {
        let (n, kind) =
            list.trim().strip_prefix('$').and_then(|l| l.split_once(' ')).ok_or_else(malformed)?;
        columns.push((n, kind, name));
    }
    let Some((first, _, _)) = columns.first() else { return Err(malformed()) };
    Ok(match sqlite {
        true => {
            let others = columns[1..].iter().map(|(n, _, name)| format!(", ?{n} ->> key as {name}"));
            format!("(select key as n, value as a{} from json_each(?{first}))", others.collect::<String>())
        }
        false => {
            let names: String = columns.iter().map(|(_, _, name)| format!(", {name}")).collect();
            let lists: Vec<_> = columns.iter().map(|(n, kind, _)| format!("${n}::{kind}[]")).collect();
            let table = format!("unnest({}) with ordinality", lists.join(", "));
            format!("(select n - 1 as n{names} from {table} as list({}, n))", &names[2..])
        }
    })
}
