//! Cells of many rows as one: `{gather:int x,bytes y}` in a statement. On PostgreSQL a row on its way costs more than a small
//! sheet in it.
//!
//! Cell after cell, row after row: a whole number is eight bytes, bytes are their count in four and themselves, the high
//! byte first.

use crate::{Result, StoreError};

/// Cells that were gathered, read in their order.
#[derive(Clone, Copy, Debug)]
pub struct Gathered<'a>(&'a [u8]);

impl<'a> Gathered<'a> {
    /// What a statement gathered; nothing where there was no row.
    pub fn new(bytes: Option<&'a [u8]>) -> Self {
        Self(bytes.unwrap_or_default())
    }
    /// Whether all is read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The next cell, a whole number.
    pub fn int(&mut self) -> Result<i64> {
        self.take().map(i64::from_be_bytes)
    }
    /// The next cell, bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let count = u32::from_be_bytes(self.take()?) as usize;
        let (bytes, rest) = self.0.split_at_checked(count).ok_or_else(torn)?;
        self.0 = rest;
        Ok(bytes)
    }
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk::<N>().ok_or_else(torn)?;
        self.0 = rest;
        Ok(*bytes)
    }
}

/// Adds a whole number, as PostgreSQL's `int8send` does.
pub(crate) fn put_int(to: &mut Vec<u8>, int: i64) {
    to.extend_from_slice(&int.to_be_bytes());
}

/// Adds bytes, their count first.
pub(crate) fn put_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    to.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    to.extend_from_slice(bytes);
}

fn torn() -> StoreError {
    StoreError::Corrupt("gathered cells end in the middle of one".to_owned())
}
