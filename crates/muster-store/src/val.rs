//! Values on their way into a statement.

use std::borrow::Cow;

use crate::{Result, StoreError};

/// One argument of a statement. Built with [`args!`](crate::args) from ordinary Rust values.
#[derive(Clone, Debug, PartialEq)]
pub enum Val<'a> {
    /// No value.
    Null,
    /// Any integer, also days, instants (ms) and booleans (0, 1).
    Int(i64),
    /// A finite number.
    Real(f64),
    /// Text without NUL.
    Text(Cow<'a, str>),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// A list for `{in:$n}`.
    Ints(Cow<'a, [i64]>),
    /// A list for `{in:$n}`.
    Texts(Cow<'a, [String]>),
}

impl Val<'_> {
    /// Refuses what only one of the two databases would take, so that both refuse it alike.
    pub(crate) fn check(&self) -> Result<()> {
        let nul = |t: &str| t.as_bytes().contains(&0);
        match self {
            Val::Text(t) if nul(t) => Err(StoreError::Value("text holds a NUL character")),
            Val::Texts(l) if l.iter().any(|t| nul(t)) => Err(StoreError::Value("text holds a NUL character")),
            Val::Real(r) if !r.is_finite() => Err(StoreError::Value("number is not finite")),
            _ => Ok(()),
        }
    }
}

/// `args![a, b, c]`: arguments of a statement, `$1` first.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::Val::from($value)),*] as &[$crate::Val<'_>] };
}

/// `row![a, b, c]`: the same for one row of many, its own.
#[macro_export]
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$($crate::Val::from($value)),*] };
}

macro_rules! from_int {
    ($($t:ty),*) => { $(
        impl From<$t> for Val<'_> {
            fn from(v: $t) -> Self { Val::Int(v.into()) }
        }
    )* };
}
from_int!(i64, i32, i16, u32, u16, u8, bool);

impl From<f64> for Val<'_> {
    fn from(v: f64) -> Self {
        Val::Real(v)
    }
}
impl<'a> From<&'a str> for Val<'a> {
    fn from(v: &'a str) -> Self {
        Val::Text(Cow::Borrowed(v))
    }
}
impl<'a> From<&'a String> for Val<'a> {
    fn from(v: &'a String) -> Self {
        Val::Text(Cow::Borrowed(v))
    }
}
impl From<String> for Val<'_> {
    fn from(v: String) -> Self {
        Val::Text(Cow::Owned(v))
    }
}
impl<'a> From<&'a [u8]> for Val<'a> {
    fn from(v: &'a [u8]) -> Self {
        Val::Bytes(Cow::Borrowed(v))
    }
}
impl<'a> From<&'a Vec<u8>> for Val<'a> {
    fn from(v: &'a Vec<u8>) -> Self {
        Val::Bytes(Cow::Borrowed(v))
    }
}
impl From<Vec<u8>> for Val<'_> {
    fn from(v: Vec<u8>) -> Self {
        Val::Bytes(Cow::Owned(v))
    }
}
impl<'a> From<&'a [i64]> for Val<'a> {
    fn from(v: &'a [i64]) -> Self {
        Val::Ints(Cow::Borrowed(v))
    }
}
impl<'a> From<&'a Vec<i64>> for Val<'a> {
    fn from(v: &'a Vec<i64>) -> Self {
        Val::Ints(Cow::Borrowed(v))
    }
}
impl From<Vec<i64>> for Val<'_> {
    fn from(v: Vec<i64>) -> Self {
        Val::Ints(Cow::Owned(v))
    }
}
impl<'a> From<&'a [String]> for Val<'a> {
    fn from(v: &'a [String]) -> Self {
        Val::Texts(Cow::Borrowed(v))
    }
}
impl<'a> From<&'a Vec<String>> for Val<'a> {
    fn from(v: &'a Vec<String>) -> Self {
        Val::Texts(Cow::Borrowed(v))
    }
}
impl From<Vec<String>> for Val<'_> {
    fn from(v: Vec<String>) -> Self {
        Val::Texts(Cow::Owned(v))
    }
}
impl<'a, T: Into<Val<'a>>> From<Option<T>> for Val<'a> {
    fn from(v: Option<T>) -> Self {
        v.map_or(Val::Null, Into::into)
    }
}
