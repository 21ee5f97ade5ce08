//! One statement for many rows: `insert .. values ($1, ..)` reads from `unnest` instead.

use tokio_postgres::types::Type;

/// The text for arrays of arguments, or `None` where the statement is not of that form (then it
/// runs once for each row).
pub(crate) fn rewrite(text: &str, types: &[Type]) -> Option<String> {
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
    for n in (1..=types.len()).rev() {
        expressions = expressions.replace(&format!("${n}"), &format!("v.p{n}"));
    }
    let arrays: Vec<_> =
        types.iter().enumerate().map(|(i, kind)| format!("${}::{}[]", i + 1, kind.name())).collect();
    let names: Vec<_> = (1..=types.len()).map(|n| format!("p{n}")).collect();
    Some(format!(
        "{}select {expressions} from unnest({}) as v({}){rest}",
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
    fn inserts_are_rewritten_and_nothing_else() {
        let two = [Type::INT8, Type::TEXT];
        let check = |text: &str, wanted: Option<&str>| assert_eq!(rewrite(text, &two).as_deref(), wanted);
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
}
