//! The row of the board that an office is on.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::office::tenure::{BoardMark, Tenure};
use crate::rules::time::Date;

impl Kept for Tenure {
    type Row = TenureRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct TenureRow {
    number: u32,
    board: [u8; 16],
    since: Date,
    was_spare: bool,
    told: bool,
    folder: Option<String>,
    replaced: Option<(u32, [u8; 16], Date)>,
}

impl From<&Tenure> for TenureRow {
    fn from(kept: &Tenure) -> Self {
        let by = kept.replaced.as_ref();
        Self {
            number: kept.number,
            board: kept.board,
            since: kept.since,
            was_spare: kept.was_spare,
            told: kept.told,
            folder: kept.folder.clone(),
            replaced: by.map(|mark| (mark.number, mark.board, mark.at)),
        }
    }
}

impl From<TenureRow> for Tenure {
    fn from(row: TenureRow) -> Self {
        let mark = |(number, board, at)| BoardMark { number, board, at };
        Self {
            number: row.number,
            board: row.board,
            since: row.since,
            was_spare: row.was_spare,
            told: row.told,
            folder: row.folder,
            replaced: row.replaced.map(mark),
        }
    }
}
