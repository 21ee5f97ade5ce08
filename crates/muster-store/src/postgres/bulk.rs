//! One statement for many rows: `insert .. values ($1, ..)` reads from `unnest` instead. What is the same in all rows
//! is told once: each list costs the database about as much as a column of the table.

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::Val;

/// Fewest rows that are looked at.
const ROWS_MIN: usize = 8;

/// Which arguments are the same in all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Same(u32);

impl Same {
    /// Looks at the rows. One argument is never the same, so that the number of rows stands in its list.
    pub(crate) fn of(rows: &[Vec<Val<'_>>]) -> Same {
        // Of few rows much is the same by chance, and little is gained.
        let Some((first, others)) = rows.split_first().filter(|_| rows.len() >= ROWS_MIN) else {
            return Same::default();
        };
        let same = |column: &usize| others.iter().all(|row| row[*column] == first[*column]);
        let columns = (0..first.len().min(32)).filter(same).fold(0, |mask, column| mask | 1u32 << column);
        match columns.count_ones() as usize == first.len() {
            true => Same(columns & !1),
            false => Same(columns),
        }
    }
    /// The one of some that tells most once, of what is the same here; nothing where there is none.
    pub(crate) fn nearest(self, known: impl Iterator<Item = Same>) -> Same {
        let fits = known.filter(|known| known.0 & !self.0 == 0);
        fits.max_by_key(|known| known.0.count_ones()).unwrap_or_default()
    }
    /// Whether the argument at a position, from 0, is the same in all rows.
    pub(crate) fn holds(self, column: usize) -> bool {
        column < 32 && self.0 >> column & 1 == 1
    }
}

/// An argument of many rows.
#[derive(Debug)]
pub(crate) enum Column<'v> {
    Same(&'v Val<'v>),
    Each(Vec<&'v Val<'v>>),
}

/// The arguments of many rows, where some are told once.
pub(crate) fn columns<'v>(rows: &'v [Vec<Val<'v>>], same: Same) -> impl Iterator<Item = Column<'v>> {
    (0..rows.first().map_or(0, Vec::len)).map(move |i| match same.holds(i) {
        true => Column::Same(&rows[0][i]),
        false => Column::Each(rows.iter().map(|row| &row[i]).collect()),
    })
}

impl ToSql for Column<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Column::Same(value) => value.to_sql(ty, out),
            Column::Each(values) => values.to_sql(ty, out),
        }
    }
    fn accepts(_: &Type) -> bool {
        true
    }
    to_sql_checked!();
}

/// Statements of a write as one: `first`, which has so many arguments, and the others with theirs. They may ask what it
/// touched as `held`; the answer has as many rows as it touched.
pub(crate) fn fenced(first: &str, arguments: usize, others: &[(String, usize)]) -> String {
    let mut text = format!("with held as ({first})");
    let mut before = arguments;
    for (n, (other, arguments)) in others.iter().enumerate() {
        text.push_str(&format!(", w{n} as ({})", moved(other, before)));
        before += arguments;
    }
    text + " select from held"
}

/// A question that is asked together with others.
pub(crate) struct Question {
    pub(crate) text: String,
    /// How many arguments it has.
    pub(crate) args: usize,
    /// The types of its columns.
    pub(crate) types: Vec<Type>,
}

/// The type of column that a type can stand in beside those of other questions; none where it stands for itself.
pub(crate) fn joins(kind: &Type) -> Option<&'static str> {
    Some(match *kind {
        Type::INT8 | Type::INT4 | Type::INT2 => "bigint",
        Type::FLOAT8 => "double precision",
        Type::TEXT | Type::VARCHAR | Type::NAME => "text",
        Type::BYTEA => "bytea",
        _ => return None,
    })
}

/// Questions as one: the rows of each with its place first, then columns enough for the columns of any of them, by type;
/// and of each question where its columns stand. The arguments stand one after another.
pub(crate) fn together(questions: &[Question]) -> (String, Vec<Vec<usize>>) {
    let kind = |kind: &Type| joins(kind).unwrap_or("text");
    // The types of the columns that all of them share, in the order in which they were first wanted.
    let mut shared: Vec<&str> = Vec::new();
    let mut columns = Vec::with_capacity(questions.len());
    for question in questions {
        let mut taken = vec![false; shared.len()];
        let own = question.types.iter().map(|own| {
            let free = (0..shared.len()).find(|at| !taken[*at] && shared[*at] == kind(own));
            let at = free.unwrap_or_else(|| {
                shared.push(kind(own));
                taken.push(false);
                shared.len() - 1
            });
            taken[at] = true;
            at
        });
        columns.push(own.collect::<Vec<_>>());
    }
    let mut before = 0;
    let parts = questions.iter().zip(&columns).enumerate().map(|(n, (question, own))| {
        let text = moved(&question.text, before);
        before += question.args;
        let cells = shared.iter().enumerate().map(|(at, kind)| {
            let own = own.iter().position(|own| *own == at);
            own.map_or_else(|| format!("null::{kind}"), |own| format!("q.c{own}::{kind}"))
        });
        let cells = cells.collect::<Vec<_>>().join(", ");
        let names = (0..own.len()).map(|own| format!("c{own}")).collect::<Vec<_>>().join(", ");
        format!("select {n}::bigint, {cells} from ({text}) q({names})")
    });
    let text = parts.collect::<Vec<_>>().join(" union all ");
    // After the place of the question.
    (text, columns.into_iter().map(|own| own.into_iter().map(|at| at + 1).collect()).collect())
}

/// The text with each argument `$n` as `$(n + by)`.
fn moved(text: &str, by: usize) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let (number, rest) = part.split_at(digits);
        match number.parse::<usize>() {
            Ok(number) => out.push_str(&format!("${}{rest}", number + by)),
            Err(_) => out.push_str(&format!("${part}")),
        }
    }
    out
}

/// The text for lists of arguments, and single ones where they are the same in all rows; or `None` where the statement is
/// not of that form (then it runs once for each row). `only`: a condition for all of them, ` where ..`.
pub(crate) fn rewrite(text: &str, types: &[Type], same: Same, only: &str) -> Option<String> {
    let start = text.to_ascii_lowercase().find("values")?;
    let open = start + text[start..].find('(')?;
    if !text.trim_start().to_ascii_lowercase().starts_with("insert") || types.is_empty() {
        return None;
    }
    let close = open + partner(&text[open..])?;
    let rest = &text[close + 1..];
    if rest.contains('$') || rest.trim_start().starts_with(',') {
        return None;
    }
    let mut expressions = text[open + 1..close].to_owned();
    // From the last, so that $1 does not hit $12.
    for (i, kind) in types.iter().enumerate().rev() {
        let n = i + 1;
        let one = if same.holds(i) { format!("(#{n}::{})", kind.name()) } else { format!("v.p{n}") };
        expressions = expressions.replace(&format!("${n}"), &one);
    }
    let expressions = expressions.replace("(#", "($");
    let lists = || types.iter().enumerate().filter(|(i, _)| !same.holds(*i)).map(|(i, kind)| (i + 1, kind));
    let arrays: Vec<_> = lists().map(|(n, kind)| format!("${n}::{}[]", kind.name())).collect();
    let names: Vec<_> = lists().map(|(n, _)| format!("p{n}")).collect();
    Some(format!(
        "{}select {expressions} from unnest({}) as v({}){only}{rest}",
        &text[..start],
        arrays.join(", "),
        names.join(", ")
    ))
}

/// Where the bracket that opens `text` closes.
fn partner(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(i),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_as_one_keep_their_arguments_apart() {
        let question = |text: &'static str, args, types: &[Type]| Question {
            text: text.to_owned(),
            args,
            types: types.to_vec(),
        };
        let questions = [
            question("select a, b from t where b = $1 and c = any($2)", 2, &[Type::INT8, Type::TEXT]),
            question("select d from u", 0, &[Type::BYTEA]),
            question("select e, f from v where f = $1", 1, &[Type::INT4, Type::INT8]),
        ];
        let (text, columns) = together(&questions);
        assert_eq!(
            text,
            "select 0::bigint, q.c0::bigint, q.c1::text, null::bytea, null::bigint \
             from (select a, b from t where b = $1 and c = any($2)) q(c0, c1) \
             union all select 1::bigint, null::bigint, null::text, q.c0::bytea, null::bigint \
             from (select d from u) q(c0) \
             union all select 2::bigint, q.c0::bigint, null::text, null::bytea, q.c1::bigint \
             from (select e, f from v where f = $3) q(c0, c1)"
        );
        assert_eq!(columns, [vec![1, 2], vec![3], vec![1, 4]]);
        assert_eq!(moved("$12 = $1 or '$' = $2", 9), "$21 = $10 or '$' = $11");
    }

    #[test]
    fn inserts_are_rewritten_and_nothing_else() {
        let two = [Type::INT8, Type::TEXT];
        let check = |text: &str, wanted: Option<&str>| {
            assert_eq!(rewrite(text, &two, Same::default(), "").as_deref(), wanted);
        };
        check(
            "insert into t (a, b) values ($1, lower($2)) on conflict (a) do nothing",
            Some(
                "insert into t (a, b) select v.p1, lower(v.p2) from unnest($1::int8[], $2::text[]) \
                 as v(p1, p2) on conflict (a) do nothing",
            ),
        );
        check("insert into t (a, b) values ($1, 0) on conflict (a) do update set b = $2", None);
        check("update t set a = $1 where b = $2", None);
        check("insert into t (a) values ($1), ($2)", None);
    }

    #[test]
    fn what_is_the_same_in_all_rows_is_told_once() {
        let row = |values: [i64; 3]| values.map(Val::from).to_vec();
        let same = Same::of(&(0..8).map(|n| row([7, n, 0])).collect::<Vec<_>>());
        assert_eq!([0, 1, 2].map(|column| same.holds(column)), [true, false, true]);
        let text = "insert into t (a, b, c) values ($1, $2, $3)";
        assert_eq!(
            rewrite(text, &[Type::INT8, Type::INT8, Type::TEXT], same, "").unwrap(),
            "insert into t (a, b, c) select ($1::int8), v.p2, ($3::text) from unnest($2::int8[]) as v(p2)"
        );
        let twins = Same::of(&vec![row([7, 1, 0]); 8]);
        assert_eq!(
            [0, 1, 2].map(|column| twins.holds(column)),
            [false, true, true],
            "rows are counted by a list"
        );
        assert_eq!(Same::of(&vec![row([7, 1, 0]); 7]), Same::default());
        assert_eq!(twins.nearest([same, Same(2), Same(4)].into_iter()), Same(4), "the last of the best");
        assert_eq!(twins.nearest([same].into_iter()), Same::default());
    }
}
