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
    /// Rows wanted, 1 to 1000; 100 when absent.
    pub limit: Option<u32>,
}

impl Page {
    /// Rows to return, within bounds.
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(100).clamp(1, LIMIT_MAX)
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
