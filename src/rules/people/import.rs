//! People from a table: every line is judged by itself.

use super::roster::Card;
use crate::rules::limits;
use crate::rules::verdict::Refusal;

/// A line of the table, as it stands there.
pub struct Row {
    /// Its number in the file, from 1.
    pub line: usize,
    /// First cell.
    pub extension: String,
    /// Second cell.
    pub name: String,
    /// Third cell; may be empty.
    pub email: String,
    /// How many cells there are.
    pub cells: usize,
}

/// The rows without a head line and empty lines; refused if there are none or too many.
pub fn bounded(mut rows: Vec<Row>) -> Result<Vec<Row>, Refusal> {
    let is_head = |row: &Row| !row.extension.is_empty() && row.extension.chars().all(char::is_alphabetic);
    if rows.first().is_some_and(is_head) {
        rows.remove(0);
    }
    rows.retain(|row| row.cells > 1 || !row.extension.is_empty());
    match rows.len() {
        0 => Err(Refusal::Field(
            "csv",
            "There is no line to import. One looks like: 21,Mira Example,mira@example.org.",
        )),
        count if count > limits::IMPORT_LINES => Err(Refusal::TooMany("lines")),
        _ => Ok(rows),
    }
}

impl Row {
    /// The card that the line stands for.
    pub fn card(&self) -> Result<Card, Refusal> {
        if !(2..=3).contains(&self.cells) {
            return Err(Refusal::Field(
                "csv",
                "A line has two or three cells: extension, name and e-mail.",
            ));
        }
        // What the export put before a formula's beginning is taken away again.
        let name = self.name.strip_prefix('\'').unwrap_or(&self.name);
        Card::person(&self.extension, name, Some(&self.email))
    }
}
