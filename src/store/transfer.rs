//! Rows of a desk's database, copied as they are into the database of a rehearsal.

use rusqlite::types::Value;
use rusqlite::{params_from_iter, types::ToSql};

use super::{Db, StoreError, Tx};

/// Rows of one table.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub table: &'static str,
    /// Which rows; its parameters are the same for all parts that are copied together.
    pub condition: &'static str,
    /// Columns that are not copied, with what stands in their place, in SQL.
    pub hidden: &'static [(&'static str, &'static str)],
}

impl Part {
    #[must_use]
    pub const fn of(table: &'static str, condition: &'static str) -> Self {
        Self { table, condition, hidden: &[] }
    }

    #[must_use]
    pub const fn without(self, hidden: &'static [(&'static str, &'static str)]) -> Self {
        Self { hidden, ..self }
    }
}

/// Copies the rows that are not there yet; says how many it looked at.
pub fn copy(from: &Db, to: &Tx, part: Part, given: &[i64]) -> Result<usize, StoreError> {
    let columns = columns(from, part.table)?;
    let shown = columns.iter().map(|column| {
        let hidden = part.hidden.iter().find(|(name, _)| name == column);
        hidden.map_or(column.as_str(), |(_, instead)| instead)
    });
    let select = format!(
        "select {} from {} where {}",
        shown.collect::<Vec<_>>().join(", "),
        part.table,
        part.condition
    );
    let places: Vec<String> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
    let insert = format!(
        "insert into {} ({}) values ({}) on conflict do nothing",
        part.table,
        columns.join(", "),
        places.join(", ")
    );
    let mut statement = from.connection().prepare_cached(&select)?;
    // A condition need not name every parameter.
    let given = &given[..statement.parameter_count().min(given.len())];
    let mut rows = statement.query(params_from_iter(given))?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let values: Vec<Value> = (0..columns.len()).map(|at| row.get(at)).collect::<Result<_, _>>()?;
        to.run(&insert, params_from_iter(values.iter().map(|value| value as &dyn ToSql)))?;
        count += 1;
    }
    Ok(count)
}

fn columns(db: &Db, table: &str) -> Result<Vec<String>, StoreError> {
    let statement = db.connection().prepare_cached(&format!("select * from {table} where 1 = 0"))?;
    Ok(statement.column_names().map(str::to_owned).collect())
}
