//! Paging by cursor: a page goes on after the last key seen, so that rows that arrive meanwhile shift nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use muster_kernel::Problem;
use serde::Deserialize;
use utoipa::IntoParams;

/// The most a page may hold.
pub const LIMIT_MAX: u32 = 1000;

/// `cursor` and `limit` of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Where the page before ended, from its `next_cursor`.
    pub cursor: Option<String>,
    /// Rows wanted, 1 to 1000; 100 when absent. A number beyond is refused (`request.limit`).
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
}

impl Page {
    /// Rows to return. A limit out of bounds is refused rather than changed: who asked for 5000 and was given 1000 would
    /// take them for all.
    pub fn limit(&self) -> Result<u32, Problem> {
        let sent = self.limit.unwrap_or(100);
        let within = u32::try_from(sent).ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        within.ok_or_else(|| {
            let refusal = Problem::invalid("request.limit").with("field", "limit").with("sent", sent);
            refusal.with("min", 1).with("max", LIMIT_MAX)
        })
    }
    /// The key after which this page starts; empty at the beginning.
    pub fn after(&self) -> Result<String, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(String::new()) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Problem::invalid("request.cursor"))?;
        let text = String::from_utf8(bytes).map_err(|_| Problem::invalid("request.cursor"))?;
        if text.contains('\0') { Err(Problem::invalid("request.cursor")) } else { Ok(text) }
    }
}

/// The cursor that goes on after a key.
pub fn cursor_after(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_out_of_bounds_is_refused_with_what_was_sent() {
        let limit = |limit| Page { cursor: None, limit }.limit();
        for (sent, rows) in [(None, 100), (Some(1), 1), (Some(1000), 1000)] {
            assert_eq!(limit(sent).ok(), Some(rows), "{sent:?}");
        }
        for sent in [0, -1, 1001, i64::MIN, i64::MAX] {
            let told = limit(Some(sent)).unwrap_err();
            let args = ["field", "sent", "min", "max"].map(|key| told.args[key].clone());
            assert_eq!(told.code, "request.limit");
            assert_eq!(args, ["limit".to_owned(), sent.to_string(), "1".to_owned(), "1000".to_owned()]);
        }
    }
}
