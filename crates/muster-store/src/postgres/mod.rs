//! PostgreSQL: threads that each own a connection.

use crate::{
    Result, StoreError,
    row::{Cell, Row},
};

pub(crate) fn cell<'a>(_: &'a tokio_postgres::Row, i: usize, row: &Row<'_>) -> Result<Cell<'a>> {
    Err::<_, StoreError>(row.wrong(i, "value"))
}
