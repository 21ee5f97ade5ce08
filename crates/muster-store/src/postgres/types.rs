//! Values in PostgreSQL's own types: an argument writes itself as whatever the prepared statement
//! asks for, and says so when it cannot.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::{Result, Row, Val, row::Cell};

impl ToSql for Val<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let wrong = || Err(format!("{self:?} given where {ty} is wanted").into());
        match self {
            Val::Null => Ok(IsNull::Yes),
            Val::Int(v) => match *ty {
                Type::INT8 => v.to_sql(ty, out),
                Type::INT4 => i32::try_from(*v)?.to_sql(ty, out),
                Type::INT2 => i16::try_from(*v)?.to_sql(ty, out),
                Type::FLOAT8 => (*v as f64).to_sql(ty, out),
                Type::BOOL if (0..=1).contains(v) => (*v == 1).to_sql(ty, out),
                _ => wrong(),
            },
            Val::Real(v) if *ty == Type::FLOAT8 => v.to_sql(ty, out),
            Val::Text(v) if <&str as ToSql>::accepts(ty) => v.as_ref().to_sql(ty, out),
            Val::Bytes(v) if *ty == Type::BYTEA => v.as_ref().to_sql(ty, out),
            Val::Ints(v) if *ty == Type::INT8_ARRAY => v.as_ref().to_sql(ty, out),
            Val::Texts(v) if *ty == Type::TEXT_ARRAY => v.as_ref().to_sql(ty, out),
            _ => wrong(),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Types a column may have.
pub(crate) fn is_known(ty: &Type) -> bool {
    matches!(
        *ty,
        Type::BOOL
            | Type::INT2
            | Type::INT4
            | Type::INT8
            | Type::FLOAT8
            | Type::TEXT
            | Type::VARCHAR
            | Type::NAME
            | Type::BYTEA
            | Type::VOID
    )
}

/// A cell of a row.
pub(crate) fn cell<'a>(from: &'a tokio_postgres::Row, i: usize, row: &Row<'_>) -> Result<Cell<'a>> {
    fn get<'a, T: FromSql<'a>>(
        from: &'a tokio_postgres::Row,
        i: usize,
        row: &Row<'_>,
        cell: impl FnOnce(T) -> Cell<'a>,
    ) -> Result<Cell<'a>> {
        let value: Option<T> = from.try_get(i).map_err(|_| row.wrong(i, "value of its type"))?;
        Ok(value.map_or(Cell::Null, cell))
    }
    let Some(column) = from.columns().get(i) else { return Err(row.wrong(i, "column")) };
    match *column.type_() {
        Type::BOOL => get(from, i, row, |v: bool| Cell::Int(v.into())),
        Type::INT8 => get(from, i, row, Cell::Int),
        Type::INT4 => get(from, i, row, |v: i32| Cell::Int(v.into())),
        Type::INT2 => get(from, i, row, |v: i16| Cell::Int(v.into())),
        Type::FLOAT8 => get(from, i, row, Cell::Real),
        Type::TEXT | Type::VARCHAR | Type::NAME => get(from, i, row, Cell::Text),
        Type::BYTEA => get(from, i, row, Cell::Bytes),
        Type::VOID => Ok(Cell::Null),
        ref other => Err(row.wrong(i, &format!("type this store reads, but {other}: cast it"))),
    }
}
