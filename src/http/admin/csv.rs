//! Tables as CSV (RFC 4180), to and from spreadsheets.

use crate::http::edge::message::{Response, StatusCode};
use crate::http::front::reply::Answer;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::refusal::Refusal;
use crate::store::Fault;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    separator: u8,
    /// Whether a byte order mark says that it is UTF-8: without one Excel reads what Windows wrote before.
    mark: bool,
}

impl Form {
    /// The form that the reader's Excel opens with a double click. It parts cells at the list separator of its system:
    /// a comma where the decimal sign is a point, or else a semicolon; a line `sep=;` would make it forget the byte
    /// order mark. Whoever asks for no language is a program, and gets RFC 4180 as it stands.
    pub fn for_reader(accept_language: Option<&str>) -> Self {
        let first = accept_language.and_then(|asked| asked.split([',', ';']).next());
        let Some(tag) = first
            .map(|tag| tag.trim().to_ascii_lowercase())
            .filter(|tag| !tag.is_empty())
        else {
            return Self {
                separator: b',',
                mark: false,
            };
        };
        let language = tag.split('-').next().unwrap_or_default();
        let writes_points = ["en", "zh", "ja", "ko", "th", "he", "hi"].contains(&language) && tag != "en-za";
        let writes_points = writes_points || ["es-mx", "es-us"].contains(&tag.as_str());
        Self {
            separator: if writes_points { b',' } else { b';' },
            mark: true,
        }
    }
}

/// A table as a file to keep. Cells that a spreadsheet would take for a formula get an apostrophe in front.
pub fn file<const N: usize>(
    name: &str,
    form: Form,
    head: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Answer {
    let begun = if form.mark { "\u{feff}" } else { "" };
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .delimiter(form.separator)
        .from_writer(begun.as_bytes().to_vec());
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
    let mut response = Response::new(StatusCode::OK);
    response.body = (bytes).into();
    response.set_field("content-type", "text/csv; charset=utf-8");
    response.set_field("content-disposition", format!("attachment; filename=\"{name}\""));
    Ok(response)
}

/// A row of a table that somebody sent.
pub struct CsvRow {
    /// The number in the file of the line that it begins on, from 1.
    pub number: usize,
    /// Its cells, without the apostrophes that [`file()`] puts in front of formulas.
    pub cells: Vec<String>,
}

/// The rows of a table in any of the forms that spreadsheets write: separated by commas, semicolons or tabs.
pub fn lines(text: &str) -> Result<Vec<CsvRow>, Refusal> {
    // Line ends of every system count as one.
    let text = text
        .trim_start_matches('\u{feff}')
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let (said, text, first) = match said_separator(&text) {
        Some((said, rest)) => (Some(said), rest, 2),
        None => (None, text.as_str(), 1),
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(said.unwrap_or_else(|| separator(text)))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let (mut lines, mut number, mut rest) = (Vec::new(), first, text);
    for record in reader.records() {
        let record = record.map_err(|_| Invalid::new(Field::Csv, Why::NotTable))?;
        let start = record.position().map_or(0, csv::Position::byte);
        let passed = usize::try_from(start).unwrap_or(text.len()) - (text.len() - rest.len());
        let (before, from) = rest.split_at_checked(passed).unwrap_or((rest, ""));
        // The reader has not yet passed the empty lines in front of it.
        rest = from.trim_start_matches('\n');
        number += before.matches('\n').count() + (from.len() - rest.len());
        let cells = record.iter().map(read).collect();
        lines.push(CsvRow { number, cells });
    }
    Ok(lines)
}

/// What Excel's own first line says: `sep=;`. The separator, and what follows the line.
fn said_separator(text: &str) -> Option<(u8, &str)> {
    let (first, rest) = text.split_once('\n')?;
    let bare = first.trim_matches('"');
    let (said, separator) = bare.split_at_checked(4)?;
    match separator.as_bytes() {
        [separator] if said.eq_ignore_ascii_case("sep=") && separator.is_ascii() => Some((*separator, rest)),
        _ => None,
    }
}

/// A cell as it was meant: `="007"` is how spreadsheets are told that 007 is text.
fn read(cell: &str) -> String {
    let text = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    text.map_or_else(|| unharmed(cell), |text| text.replace("\"\"", "\""))
}

/// The character that parts the cells of the first line the most often, quotation marks minded.
fn separator(text: &str) -> u8 {
    let first = text.trim_start_matches('\n').lines().next().unwrap_or_default();
    let bare: String = first.split('"').step_by(2).collect();
    let often = |separator: u8| bare.bytes().filter(|byte| *byte == separator).count();
    // Of equals the last is taken.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|separator| often(*separator))
        .unwrap_or(b',')
}

/// The cell with an apostrophe in front of what a spreadsheet would take for a formula: at its beginning, and where a
/// spreadsheet that parts cells at another character than was written would begin another.
fn harmless(cell: String) -> String {
    each_part(&cell, |text| if is_formula(text) { ("'", text) } else { ("", text) })
}

/// What [`harmless`] was given.
fn unharmed(cell: &str) -> String {
    each_part(cell, |text| {
        let bare = text.strip_prefix('\'').filter(|rest| is_formula(rest));
        ("", bare.unwrap_or(text))
    })
}

/// Changes what stands behind blanks and quotation marks in each part of a cell.
fn each_part(cell: &str, change: impl Fn(&str) -> (&str, &str)) -> String {
    let parts = cell.split_inclusive([',', ';', '\t', '\r', '\n']).map(|part| {
        let text = part.trim_start_matches([' ', '"']);
        let (before, _) = part.split_at(part.len() - text.len());
        let (mark, text) = change(text);
        [before, mark, text].concat()
    });
    parts.collect()
}

/// Whether the text begins as on OWASP's list, apostrophes aside: so that taking one away gives back what was there.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_cell_is_a_formula_wherever_a_spreadsheet_parts_it() {
        for (cell, written) in [
            ("x;=HYPERLINK(A1)", "x;'=HYPERLINK(A1)"),
            ("x; \"=1+1\";y", "x; \"'=1+1\";y"),
            (" =1", " '=1"),
            ("a\t@b;'-c", "a\t'@b;''-c"),
            ("Smith; Ole", "Smith; Ole"),
            ("a=b;c", "a=b;c"),
            ("x,=1+1, -2", "x,'=1+1, '-2"),
        ] {
            assert_eq!(harmless(cell.to_owned()), written);
            assert_eq!(unharmed(written), cell);
        }
    }

    #[test]
    fn each_readers_excel_gets_its_own_separator_and_a_program_none_but_the_standards() {
        for (asked, separator) in [
            ("de-DE,de;q=0.9,en;q=0.8", b';'),
            ("fr", b';'),
            ("nl-BE, en;q=0.5", b';'),
            ("en-ZA", b';'),
            ("en-US,en;q=0.9,de;q=0.8", b','),
            ("ja", b','),
            ("es-MX,es;q=0.9", b','),
        ] {
            let mark = true;
            assert_eq!(Form::for_reader(Some(asked)), Form { separator, mark }, "{asked}");
        }
        for none in [None, Some(""), Some(" ")] {
            let plain = Form {
                separator: b',',
                mark: false,
            };
            assert_eq!(Form::for_reader(none), plain);
        }
    }
}
