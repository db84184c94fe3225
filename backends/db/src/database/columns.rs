use cachemere_base::Result;

use crate::database::Row;

/// What looks at each row of an answer.
pub(crate) type Show<'a> = dyn FnMut(&dyn Columns) -> Result<()> + 'a;

/// A row while it is read: what is not wanted of it is not copied.
pub(crate) trait Columns {
    /// The integer in a column; 0 for NULL.
    fn number(&self, column: usize) -> Result<i64>;

    /// The bytes in a column; none for NULL.
    fn bytes(&self, column: usize) -> Result<&[u8]>;
}

impl Columns for Row {
    fn number(&self, column: usize) -> Result<i64> {
        Ok(self.int(column)?.unwrap_or_default())
    }

    fn bytes(&self, column: usize) -> Result<&[u8]> {
        self.borrowed(column)
    }
}
