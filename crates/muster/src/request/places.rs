//! Places of which there are few: a bound altogether, and one for each account, so that one who takes all that it is given
//! keeps nobody else out.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Accounts that are remembered before those without a place are forgotten.
const KNOWN_MAX: usize = 256;

/// Places, and who has them.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    each: usize,
    own: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A place, until it is dropped.
pub(crate) struct Place {
    _own: Option<OwnedSemaphorePermit>,
    _all: OwnedSemaphorePermit,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// The account has all that one may have.
    Own,
    /// All are taken.
    All,
}

impl Places {
    /// So many altogether, and so many for an account.
    pub(crate) fn new(all: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), each, own: Mutex::default() }
    }

    /// A place for an account, if there is one now.
    pub(crate) fn take_now(&self, account: &str) -> Result<Place, Full> {
        let own = self.own(account).try_acquire_owned().map_err(|_| Full::Own)?;
        let all = self.all.clone().try_acquire_owned().map_err(|_| Full::All)?;
        Ok(Place { _own: Some(own), _all: all })
    }

    /// A place for nobody in particular, if there is one now.
    pub(crate) fn take_common(&self) -> Result<Place, Full> {
        let all = self.all.clone().try_acquire_owned().map_err(|_| Full::All)?;
        Ok(Place { _own: None, _all: all })
    }

    /// A place for an account, which waits for it. It stands in the common row only with as many as it may have: so its
    /// hundredth request waits for its own ones, and nobody waits for it.
    pub(crate) async fn take(&self, account: &str, patience: Duration) -> Result<Place, Full> {
        // Neither is ever closed: what fails is the patience.
        let own = timeout(patience, self.own(account).acquire_owned()).await.map_err(|_| Full::Own)?;
        let own = own.map_err(|_| Full::Own)?;
        let all = timeout(patience, self.all.clone().acquire_owned()).await.map_err(|_| Full::All)?;
        Ok(Place { _own: Some(own), _all: all.map_err(|_| Full::All)? })
    }

    fn own(&self, account: &str) -> Arc<Semaphore> {
        let mut own = self.own.lock();
        if own.len() >= KNOWN_MAX {
            // Who has a place, or waits for one, holds it too.
            own.retain(|_, places| Arc::strong_count(places) > 1);
        }
        let places = own.entry(account.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(self.each)));
        places.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_account_has_its_own_places_and_leaves_the_others() {
        let (places, patience) = (Places::new(3, 2), Duration::from_millis(20));
        let first = places.take_now("a").unwrap();
        let _second = places.take("a", patience).await.unwrap();
        assert_eq!(places.take_now("a").err(), Some(Full::Own));
        assert_eq!(places.take("a", patience).await.err(), Some(Full::Own));
        let other = places.take_now("b").unwrap();
        assert_eq!(places.take("b", patience).await.err(), Some(Full::All));
        drop(other);
        assert!(places.take_now("c").is_ok());
        drop(first);
        assert!(places.take("a", patience).await.is_ok(), "who goes makes room");
        // Who is remembered without a place is forgotten, and who has one is not.
        for number in 0..2 * KNOWN_MAX {
            drop(places.take_now(&number.to_string()));
        }
        assert!(places.own.lock().len() <= KNOWN_MAX);
        let _third = places.take_now("a").unwrap();
        assert_eq!(places.take_now("a").err(), Some(Full::Own));
    }
}
