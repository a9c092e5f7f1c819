//! Tables as CSV (RFC 4180), for spreadsheets.

use tide::http::headers::CONTENT_TYPE;
use tide::{Response, StatusCode};

use super::reply::Answer;
use crate::store::Fault;

/// A table as a file to keep. Cells that a spreadsheet would take for a formula get an apostrophe in front.
pub fn file<const N: usize>(name: &str, head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Answer {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let mut write = |row: [String; N]| {
        writer
            .write_record(row.map(harmless))
            .map_err(|_| Fault::Memory("write a table"))
    };
    write(head.map(ToOwned::to_owned))?;
    for row in rows {
        write(row)?;
    }
    let bytes = writer.into_inner().map_err(|_| Fault::Memory("write a table"))?;
    let mut response = Response::new(StatusCode::Ok);
    response.set_body(bytes);
    response.insert_header(CONTENT_TYPE, "text/csv; charset=utf-8");
    response.insert_header("Content-Disposition", format!("attachment; filename=\"{name}\""));
    Ok(response)
}

/// OWASP's list of what begins a formula.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}
