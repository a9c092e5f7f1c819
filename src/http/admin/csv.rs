//! Tables as CSV (RFC 4180), to and from spreadsheets.

use crate::http::edge::message::{Response, StatusCode};
use crate::http::front::reply::Answer;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
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

/// The rows of a table in any of the forms that spreadsheets write: separated by commas, semicolons or tabs, or by the
/// `|` of databases and shells. At most [`limits::IMPORT_OCTETS`].
pub fn lines(text: &str) -> Result<Vec<CsvRow>, Refusal> {
    if text.len() > limits::IMPORT_OCTETS {
        return Err(Invalid::new(Field::Csv, Why::TableTooLong).into());
    }
    // Line ends of every system count as one.
    let text = text
        .trim_start_matches('\u{feff}')
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let blank = text.len() - text.trim_start_matches('\n').len();
    let (said, text, first) = match said_separator(text.trim_start_matches('\n')) {
        Some((said, rest)) => (said, rest, blank + 2),
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

/// What Excel's own first line says: `sep=;`. The separator, if it says one, and what follows the line. A spreadsheet
/// that saved the line as a cell has put its own separators behind it, as many as the table has columns: `sep=;;;`,
/// `"sep=;",,`; that last one is the table's.
fn said_separator(text: &str) -> Option<(Option<u8>, &str)> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let bare = first.trim_matches([' ', '"']);
    let (said, separators) = bare.split_at_checked(4)?;
    if !said.eq_ignore_ascii_case("sep=") {
        return None;
    }
    let separators = separators.replace("\\t", "\t").replace(['"', ' '], "");
    let mut marks = separators.bytes();
    let (named, behind) = (marks.next(), marks.next());
    let is_separator = |byte: &u8| byte.is_ascii_punctuation() || *byte == b'\t';
    let others_agree = marks.all(|mark| Some(mark) == behind);
    let sound = named.iter().chain(&behind).all(is_separator) && others_agree;
    sound.then_some((behind.or(named), rest))
}

/// A cell as it was meant: `="007"` is how spreadsheets are told that 007 is text.
fn read(cell: &str) -> String {
    let text = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    text.map_or_else(|| unharmed(cell), |text| text.replace("\"\"", "\""))
}

/// Lines that are looked at for their separator: a title above the headings has none, or others.
const LOOKED_AT: usize = 20;

/// The character that parts the cells of most lines into equally many, quotation marks minded. `|` where it stands in
/// every line, as often in each: nobody writes it in a name.
fn separator(text: &str) -> u8 {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT);
    let bare: Vec<String> = lines.map(|line| line.split('"').step_by(2).collect()).collect();
    let bars = |line: &String| line.bytes().filter(|byte| *byte == b'|').count();
    let often = bare.first().map_or(0, bars);
    if often > 0 && bare.iter().all(|line| bars(line) == often) {
        return b'|';
    }
    let agreeing = |separator: u8| {
        let often = bare
            .iter()
            .map(|line| line.bytes().filter(|byte| *byte == separator).count());
        let often: Vec<usize> = often.collect();
        let alike = |count: usize| often.iter().filter(|other| **other == count).count();
        let counts = often.iter().filter(|count| **count > 0);
        counts.map(|count| (alike(*count), *count)).max()
    };
    // Of equals the last is taken.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|separator| agreeing(*separator))
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
    fn a_line_that_says_the_separator_is_no_row_whatever_a_spreadsheet_put_behind_it() {
        for said in [
            "sep=;",
            "SEP=;",
            "sep=;;;",
            "\"sep=;\"",
            "\"sep=;\";;",
            "sep=",
            "sep=,;;",
            "sep=;;;;;;;;",
            "\n\nsep=; ",
            "\u{feff}sep=;",
        ] {
            let rows = lines(&format!("{said}\r\n21;Mira, the first;\r\n")).unwrap_or_default();
            let cells: Vec<_> = rows.iter().map(|row| row.cells.clone()).collect();
            assert_eq!(cells, [["21", "Mira, the first", ""]], "{said:?}");
        }
        for (said, separator) in [
            ("\"sep=;\",,", ","),
            ("sep=|", "|"),
            ("sep=\\t", "\t"),
            ("sep=\t\t", "\t"),
        ] {
            let rows = lines(&format!("{said}\n21{separator}Mira;B")).unwrap_or_default();
            assert_eq!(rows[0].cells, ["21", "Mira;B"], "{said:?}");
            assert_eq!(rows[0].number, 2);
        }
        assert!(lines("sep=;").is_ok_and(|rows| rows.is_empty()));
        assert_eq!(lines("sep=x;y\n").unwrap_or_default().len(), 1, "a row");
    }

    #[test]
    fn the_separator_is_found_below_a_title_and_beside_commas_in_names() {
        for text in [
            "Telefonliste, Stand: November, Muster GmbH\nName;Durchwahl\nOkafor, Mira;21\nVale, Jon;22",
            "Telefonliste\n\nOkafor, Mira, Dr.;21\nVale, Jon;22",
        ] {
            let rows = lines(text).unwrap_or_default();
            assert!(rows.iter().any(|row| row.cells == ["Vale, Jon", "22"]), "{text}");
        }
    }

    #[test]
    fn bars_part_cells_where_each_line_has_as_many() {
        for (text, first) in [
            ("Nst|Name\n21|Okafor, Mira\n22|Vale, Jon", "21"),
            ("\n21|Okafor, Mira; Dr.|\n22|\"Vale | Jon\"|", "21"),
            ("21;Mira | Okafor\n22;Jon", "21"),
            ("21,Mira|Okafor\n22,Jon|Vale|Dr.", "21"),
        ] {
            let rows = lines(text).unwrap_or_default();
            assert!(rows.iter().any(|row| row.cells[0] == first), "{text}");
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
