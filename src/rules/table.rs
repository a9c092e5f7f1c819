//! Tables that are imported: which column holds what, by the headings that other programs write.

use super::invalid::{Field, Invalid, Why};
use super::limits;
use super::refusal::{Kept, Refusal};
use super::text::visible;

/// Lines above the headings that are looked at: a title, a date, a blank one.
const TITLES: usize = 10;
/// Columns that are looked at. Outlook writes 92.
const COLUMNS: usize = 256;

/// A line of a table: its number in the file, from 1, and its cells.
pub type Line = (usize, Vec<String>);

/// What a table says, and what of it is passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<Row> {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// The headings of columns that hold something and are not read, as they stand there.
    pub passed_over: Vec<String>,
    /// How many lines stand above the headings, and are not read.
    pub above: usize,
}

/// A table that was taken apart: `KINDS` of columns were looked for.
pub(in crate::rules) struct Parted<const KINDS: usize> {
    /// The headings; none: its first line is a row already.
    pub(in crate::rules) head: Option<Head<KINDS>>,
    /// The lines below the headings that say something.
    pub(in crate::rules) lines: Vec<Line>,
    above: usize,
}

/// The line with the headings.
pub(in crate::rules) struct Head<const KINDS: usize> {
    /// Where each kind of column stands.
    pub(in crate::rules) places: [Option<usize>; KINDS],
    /// As they stand there, without what nobody sees; may be empty.
    headings: Vec<String>,
}

impl<const KINDS: usize> Head<KINDS> {
    /// How many columns there are, empty ones behind the last heading aside.
    pub(in crate::rules) fn count(&self) -> usize {
        let last = self.headings.iter().rposition(|heading| !heading.is_empty());
        last.map_or(0, |last| last.saturating_add(1))
    }

    fn known(&self) -> usize {
        self.places.iter().flatten().count()
    }
}

/// Takes a table apart. `called`: the names of each kind of column, the one that wins first. `is_row`: whether a line
/// is one of the table's rows, above which nothing is a title; `is_content`: whether a cell is no heading. `suffices`:
/// whether these columns make a line of headings where there are fewer than two.
pub(in crate::rules) fn part<const KINDS: usize>(
    lines: impl IntoIterator<Item = Line>,
    called: [&[&str]; KINDS],
    is_row: impl Fn(&[String]) -> bool,
    is_content: impl Fn(&str) -> bool,
    suffices: impl Fn(&[Option<usize>; KINDS]) -> bool,
) -> Parted<KINDS> {
    let says_something = |(_, cells): &Line| cells.iter().any(|cell| !cell.is_empty());
    let mut lines: Vec<Line> = lines.into_iter().filter(says_something).collect();
    let mut best: Option<(usize, Head<KINDS>)> = None;
    for (at, (_, cells)) in lines.iter().take(TITLES).enumerate() {
        if is_row(cells) {
            break;
        }
        if cells.iter().any(|cell| is_content(cell)) {
            continue;
        }
        let head = head(cells, &called);
        let is_better = best.as_ref().is_none_or(|(_, best)| head.known() > best.known());
        if is_better && (head.known() > 1 || suffices(&head.places)) {
            best = Some((at, head));
        }
    }
    let above = best.as_ref().map_or(0, |(at, _)| *at);
    if best.is_some() {
        lines.drain(..=above);
    }
    Parted {
        head: best.map(|(_, head)| head),
        lines,
        above,
    }
}

impl<const KINDS: usize> Parted<KINDS> {
    /// The cells of that column.
    pub(in crate::rules) fn column(&self, place: usize) -> impl Iterator<Item = &str> {
        self.lines
            .iter()
            .map(move |(_, cells)| cells.get(place).map_or("", String::as_str))
    }

    /// The table; refused if it has no row, or too many. `read`: the columns that are.
    pub(in crate::rules) fn table<Row>(
        self,
        read: &[usize],
        row: impl Fn(usize, &[String]) -> Row,
    ) -> Result<Table<Row>, Refusal> {
        match self.lines.len() {
            0 => return Err(Invalid::new(Field::Csv, Why::NoLines).into()),
            count if count > limits::IMPORT_LINES => return Err(Refusal::TooMany(Kept::ImportLines)),
            _ => {}
        }
        let headings = self.head.iter().flat_map(|head| head.headings.iter().enumerate());
        let is_passed_over = |at: &usize| !read.contains(at) && self.column(*at).any(|cell| !visible(cell).is_empty());
        let passed_over = headings
            .filter(|(at, heading)| !heading.is_empty() && is_passed_over(at))
            .map(|(_, heading)| heading.clone());
        Ok(Table {
            passed_over: passed_over.collect(),
            above: self.above,
            rows: self.lines.iter().map(|(line, cells)| row(*line, cells)).collect(),
        })
    }
}

fn head<const KINDS: usize>(cells: &[String], called: &[&[&str]; KINDS]) -> Head<KINDS> {
    let headings: Vec<String> = cells.iter().take(COLUMNS).map(|cell| visible(cell)).collect();
    let forms: Vec<Vec<String>> = headings.iter().map(|heading| forms(heading)).collect();
    // What is written in full is sought before what has something behind it.
    let place = |name: &str| {
        let exact = forms
            .iter()
            .position(|forms| forms.first().is_some_and(|form| form == name));
        exact.or_else(|| forms.iter().position(|forms| forms.iter().any(|form| form == name)))
    };
    Head {
        places: called.map(|names| names.iter().find_map(|name| place(name))),
        headings,
    }
}

/// What stands behind a heading's name: Google's `E-mail 1 - Value`, 3CX's `MAC_0`, people's `Nst.-Nr.` and `Ext. No.`
const BEHIND: [&str; 8] = ["value", "0", "1", "number", "nummer", "num", "nr", "no"];
/// A heading of more letters names nothing that is sought.
const LETTERS: usize = 64;

/// A heading in every form under which it may be known: letters and digits in lower case, `E-Mail:` is `email`; then
/// without brackets (`First Name [Required]`), and without what stands behind its name.
fn forms(heading: &str) -> Vec<String> {
    let bare = |text: &str| -> String {
        let lower = text.to_lowercase();
        lower.chars().filter(|c| c.is_alphanumeric()).take(LETTERS).collect()
    };
    let before_brackets = heading.split(['(', '[', '{']).next().unwrap_or_default();
    let mut forms = vec![bare(heading), bare(before_brackets)];
    let mut at = 0;
    while let Some(form) = forms.get(at).cloned() {
        let shorter = BEHIND.iter().filter_map(|behind| form.strip_suffix(behind));
        for form in shorter.map(ToOwned::to_owned) {
            if !form.is_empty() && !forms.contains(&form) {
                forms.push(form);
            }
        }
        at += 1;
    }
    forms
}

/// The cell of an extension, which spreadsheets type as a number with one or two decimal places: `101.0`, `101,00`.
/// Three zeros may be thousands.
pub(in crate::rules) fn extension(cell: &str) -> String {
    let text = visible(cell);
    let is_whole = |(whole, places): &(&str, &str)| {
        whole.bytes().all(|byte| byte.is_ascii_digit()) && !whole.is_empty() && ["0", "00"].contains(places)
    };
    match text.split_once(['.', ',']).filter(is_whole) {
        Some((whole, _)) => whole.to_owned(),
        None => text,
    }
}

/// What columns with extensions are called, wherever one is sought: by our own export, by telephone systems, by
/// directories, and in offices' spreadsheets. As every list of names here, in lower case, letters and digits alone.
pub(in crate::rules) const EXTENSION: &[&str] = &[
    "extension",
    "ext",
    "extn",
    "defaultextension",
    "sipextension",
    "userextension",
    "phoneextension",
    "telephoneextension",
    "ipphone",
    "durchwahl",
    "durchw",
    "dw",
    "nebenstelle",
    "nebenst",
    "nst",
    "nebenstellenrufnummer",
    "nebenstellen",
    "tn",
    "teilnehmer",
    "directorynumber",
    "callno",
    "klappe",
    "apparat",
    "intern",
    "interne",
    "internerufnummer",
    "poste",
    "numérodeposte",
    "numerodeposte",
    "posteinterne",
    "ndeposte",
    "nºdeposte",
    "extensión",
    "anexo",
    "interno",
    "ramal",
    "toestel",
    "anknytning",
    "lokalnummer",
    "wewnętrzny",
    "numerwewnętrzny",
    "linka",
    "klapka",
];
/// The same of a column that may also hold numbers of the public network.
pub(in crate::rules) const PHONE: &[&str] = &[
    "rufnummer",
    "ruf",
    "telefon",
    "telefono",
    "teléfono",
    "téléphone",
    "telephone",
    "telefoon",
    "tel",
    "phone",
    "workphone",
    "officephone",
    "businessphone",
    "companymainphone",
    "telefongeschäftlich",
    "telgeschäftlich",
    "telefondienstlich",
    "teldienstlich",
    "telefonbüro",
];
/// The same of a column that may also count the lines.
pub(in crate::rules) const NUMBER: &[&str] = &[
    "numer", "number", "no", "nummer", "num", "nr", "numéro", "numero", "número", "lfdnr",
];

/// Which of these columns holds extensions: the first; of the others the one that holds any, where it does not just
/// count the lines.
pub(in crate::rules) fn extensions<const KINDS: usize>(
    parted: &Parted<KINDS>,
    [called, phone, number]: [Option<usize>; 3],
    is_extension: impl Fn(&str) -> bool,
) -> Option<usize> {
    let holds_any = |place: &usize| parted.column(*place).any(&is_extension);
    let counts = |place: &usize| {
        let mut cells = (1_usize..).zip(parted.column(*place));
        cells.all(|(count, cell)| extension(cell) == count.to_string())
    };
    let (phone, number) = (phone.filter(holds_any), number);
    match (called, number, phone) {
        (Some(called), _, _) => Some(called),
        (None, Some(number), Some(phone)) if counts(&number) => Some(phone),
        (None, number, phone) => number.or(phone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_decimal_places_is_the_extension_that_was_typed() {
        for (cell, read) in [
            ("101", "101"),
            ("101.0", "101"),
            (" 007.00 ", "007"),
            ("101,0", "101"),
            ("101.000", "101.000"),
            ("101.5", "101.5"),
            ("101.", "101."),
            (".0", ".0"),
            ("1.0.0", "1.0.0"),
        ] {
            assert_eq!(extension(cell), read);
        }
    }

    #[test]
    fn a_heading_is_known_by_its_name_whatever_a_program_writes_around_it() {
        for (heading, name) in [
            ("E-mail 1 - Value", "email"),
            ("E-Mail 1", "email"),
            ("\u{feff}Nst.-Nr.", "nst"),
            ("Ext. #", "ext"),
            ("Ext. No.", "ext"),
            ("First Name [Required]", "firstname"),
            ("Telefon (geschäftlich)", "telefon"),
            ("MAC_0", "mac"),
        ] {
            assert!(forms(&visible(heading)).contains(&name.to_owned()), "{heading}");
        }
        for other in [
            "E-mail 2 - Value",
            "E-mail 1 - Type",
            "E-Mail: Angezeigter Name",
            "Company Name",
        ] {
            let forms = forms(other);
            assert!(!forms.iter().any(|form| form == "email" || form == "name"), "{forms:?}");
        }
    }
}
