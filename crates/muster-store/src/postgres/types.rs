//! Values in PostgreSQL's own types: an argument writes itself as whatever the prepared statement
//! asks for, and says so when it cannot.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};

use crate::{
    Result, Val,
    row::{Cell, Cells},
};

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

impl Cells for Row {
    fn cell(&self, i: usize) -> Result<Cell<'_>, String> {
        fn get<'a, T: FromSql<'a>>(
            row: &'a Row,
            i: usize,
            cell: impl FnOnce(T) -> Cell<'a>,
        ) -> Result<Cell<'a>, String> {
            let value: Option<T> = row.try_get(i).map_err(|_| "value of its type")?;
            Ok(value.map_or(Cell::Null, cell))
        }
        match *self.columns().get(i).ok_or("column")?.type_() {
            Type::BOOL => get(self, i, |v: bool| Cell::Int(v.into())),
            Type::INT8 => get(self, i, Cell::Int),
            Type::INT4 => get(self, i, |v: i32| Cell::Int(v.into())),
            Type::INT2 => get(self, i, |v: i16| Cell::Int(v.into())),
            Type::FLOAT8 => get(self, i, Cell::Real),
            Type::TEXT | Type::VARCHAR | Type::NAME => get(self, i, Cell::Text),
            Type::BYTEA => get(self, i, Cell::Bytes),
            Type::VOID => Ok(Cell::Null),
            ref other => Err(format!("type this store reads, but {other}: cast it")),
        }
    }
}
