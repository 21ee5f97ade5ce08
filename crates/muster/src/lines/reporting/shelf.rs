//! The book in memory: small, read often, changed rarely, so kept whole and known to be current by one read of its epoch in
//! the same snapshot.

use super::below::Below;
use super::book::{Book, Written};
use super::store;
use crate::lines::org::Roll;
use muster_store::{Rows, StoreError};
use parking_lot::RwLock;
use std::sync::Arc;

impl Book {
    /// Reads the whole book.
    pub fn load(rows: &mut impl Rows, operation: i64) -> Result<Self, StoreError> {
        Self::of(Written {
            elements: store::elements(rows)?,
            forms: store::forms(rows)?,
            epoch: store::book_epoch(rows)?,
            assignments: store::assignments(rows, operation)?,
            layouts: store::layouts(rows)?,
            crown: store::crown(rows)?,
        })
    }
}

/// What of a store is kept in memory between requests: the book, whole, and the roll of units. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct BookShelf {
    book: Arc<RwLock<Option<Arc<Book>>>>,
    /// Units as they stand.
    pub roll: Roll,
    /// Who lies below small nodes.
    pub below: Below,
}

impl BookShelf {
    /// The book as this snapshot has it.
    pub fn current(&self, rows: &mut impl Rows, operation: i64) -> Result<Arc<Book>, StoreError> {
        let epoch = store::book_epoch(rows)?;
        if let Some(book) = self.book.read().as_ref().filter(|book| book.epoch == epoch) {
            return Ok(book.clone());
        }
        let book = Arc::new(Book::load(rows, operation)?);
        *self.book.write() = Some(book.clone());
        Ok(book)
    }
    /// The book as it was last read, which a verb will compare with its own snapshot.
    pub fn latest(&self) -> Option<Arc<Book>> {
        self.book.read().clone()
    }
}
