//! People from a table: every line is judged by itself.

use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::people::roster::Card;
use crate::rules::refusal::{Kept, Refusal};

/// What the first cell of a head line says: our own export's, and what spreadsheets of offices have there. Any other first
/// line is somebody, or faulty.
const HEADS: &[&str] = &[
    "extension",
    "ext",
    "number",
    "no",
    "phone",
    "nummer",
    "nr",
    "durchwahl",
    "nebenstelle",
    "numéro",
    "numero",
    "poste",
    "número",
    "extensión",
    "anexo",
    "interno",
    "ramal",
    "toestel",
    "anknytning",
    "numer",
];

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

/// The rows of a table's numbered lines, without a head line and empty ones; refused if there are none or too many.
pub fn rows(lines: impl IntoIterator<Item = (usize, Vec<String>)>) -> Result<Vec<Row>, Refusal> {
    let mut rows: Vec<Row> = lines
        .into_iter()
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .map(|(line, cells)| Row::new(line, cells))
        .collect();
    let is_head = |row: &Row| {
        let first = row.extension.to_lowercase();
        HEADS.contains(&first.trim_end_matches(['.', ':']))
    };
    if rows.first().is_some_and(is_head) {
        rows.remove(0);
    }
    match rows.len() {
        0 => Err(Invalid::new(Field::Csv, Why::NoLines).into()),
        count if count > limits::IMPORT_LINES => Err(Refusal::TooMany(Kept::ImportLines)),
        _ => Ok(rows),
    }
}

impl Row {
    fn new(line: usize, cells: Vec<String>) -> Self {
        let count = cells.len();
        let mut cells = cells.into_iter();
        let mut next = || cells.next().unwrap_or_default();
        Self {
            line,
            extension: next(),
            name: next(),
            email: next(),
            cells: count,
        }
    }

    /// The card that the line stands for.
    pub fn card(&self) -> Result<Card, Invalid> {
        if !(2..=3).contains(&self.cells) {
            return Err(Invalid::new(Field::Csv, Why::WrongCells));
        }
        if [&self.extension, &self.name, &self.email]
            .iter()
            .any(|cell| cell.contains('\n'))
        {
            return Err(Invalid::new(Field::Csv, Why::CellOverLines));
        }
        Card::person(&self.extension, &self.name, Some(&self.email))
    }
}
