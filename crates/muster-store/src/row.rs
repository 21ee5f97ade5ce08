//! A row on its way out: columns by position, types checked at run time.

use crate::{Result, StoreError, dialect::Stmt};

/// One row of a result, valid inside the function it is handed to.
pub struct Row<'a> {
    pub(crate) cells: &'a dyn Cells,
    pub(crate) stmt: &'a Stmt,
}

/// A row as a database gives it.
pub(crate) trait Cells {
    /// The cell of column `i`, or what was wanted there instead.
    fn cell(&self, i: usize) -> Result<Cell<'_>, String>;
}

/// A cell, whichever database it came from.
pub(crate) enum Cell<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl Row<'_> {
    /// Integer in column `i` (0 is the first).
    pub fn int(&self, i: usize) -> Result<i64> {
        self.opt_int(i)?.ok_or_else(|| self.wrong(i, "integer, found null"))
    }
    /// Integer or null.
    pub fn opt_int(&self, i: usize) -> Result<Option<i64>> {
        match self.cell(i)? {
            Cell::Null => Ok(None),
            Cell::Int(v) => Ok(Some(v)),
            _ => Err(self.wrong(i, "integer")),
        }
    }
    /// Integer that fits 32 bits: days, lanes, small counts.
    pub fn int32(&self, i: usize) -> Result<i32> {
        // The column holds more: no statement's fault, but what is stored.
        let beyond = || format!("{}: column {} is beyond 32 bits", self.stmt.name, i + 1);
        self.int(i)?.try_into().map_err(|_| StoreError::Corrupt(beyond()))
    }
    /// Boolean, stored as boolean or as 0 and 1.
    pub fn bool(&self, i: usize) -> Result<bool> {
        Ok(self.int(i)? != 0)
    }
    /// Text, borrowed from the row.
    pub fn text(&self, i: usize) -> Result<&str> {
        self.opt_text(i)?.ok_or_else(|| self.wrong(i, "text, found null"))
    }
    /// Text or null.
    pub fn opt_text(&self, i: usize) -> Result<Option<&str>> {
        match self.cell(i)? {
            Cell::Null => Ok(None),
            Cell::Text(v) => Ok(Some(v)),
            _ => Err(self.wrong(i, "text")),
        }
    }
    /// Text as an owned string.
    pub fn string(&self, i: usize) -> Result<String> {
        Ok(self.text(i)?.to_owned())
    }
    /// Bytes, borrowed from the row.
    pub fn bytes(&self, i: usize) -> Result<&[u8]> {
        self.opt_bytes(i)?.ok_or_else(|| self.wrong(i, "bytes, found null"))
    }
    /// Bytes or null.
    pub fn opt_bytes(&self, i: usize) -> Result<Option<&[u8]>> {
        match self.cell(i)? {
            Cell::Null => Ok(None),
            Cell::Bytes(v) => Ok(Some(v)),
            _ => Err(self.wrong(i, "bytes")),
        }
    }
    /// Number; an integer is taken as one.
    pub fn real(&self, i: usize) -> Result<f64> {
        self.opt_real(i)?.ok_or_else(|| self.wrong(i, "number, found null"))
    }
    /// Number or null.
    pub fn opt_real(&self, i: usize) -> Result<Option<f64>> {
        match self.cell(i)? {
            Cell::Null => Ok(None),
            Cell::Real(v) => Ok(Some(v)),
            Cell::Int(v) => Ok(Some(v as f64)),
            _ => Err(self.wrong(i, "number")),
        }
    }

    fn cell(&self, i: usize) -> Result<Cell<'_>> {
        self.cells.cell(i).map_err(|wanted| self.wrong(i, &wanted))
    }

    pub(crate) fn wrong(&self, i: usize, wanted: &str) -> StoreError {
        StoreError::Sql(format!("{}: column {} is no {wanted}", self.stmt.name, i + 1))
    }
}
