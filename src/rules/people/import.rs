//! People from a table: every line is judged by itself.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::id::{Email, Extension};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::people::roster::Card;
use crate::rules::refusal::Refusal;
use crate::rules::table::{self, EXTENSION, Head, Line, NUMBER, PHONE, Parted, Table};
use crate::rules::text::visible;

/// What columns are called, the first that is there wins: whole names, the part of a name that may be the whole of it,
/// given and family names.
const WHOLE: &[&str] = &[
    "fullname",
    "displayname",
    "anzeigename",
    "angezeigtername",
    "vollständigername",
    "nomcomplet",
    "nomaffiché",
    "nombrecompleto",
    "nomecompleto",
    "imięinazwisko",
    "longname",
    "calleridname",
    "effectivecalleridname",
    "commonname",
    "cn",
];
const NAME: &[&str] = &[
    "name",
    "nom",
    "nombre",
    "nome",
    "naam",
    "namn",
    "navn",
    "tnname",
    "teilnehmername",
];
const GIVEN: &[&str] = &[
    "firstname",
    "givenname",
    "fname",
    "forename",
    "vorname",
    "rufname",
    "prénom",
    "prenom",
    "voornaam",
    "förnamn",
    "imię",
    "jméno",
];
const FAMILY: &[&str] = &[
    "lastname",
    "surname",
    "familyname",
    "lname",
    "sn",
    "nachname",
    "familienname",
    "zuname",
    "nomdefamille",
    "apellido",
    "apellidos",
    "cognome",
    "achternaam",
    "efternamn",
    "nazwisko",
    "příjmení",
];
const EMAIL: &[&str] = &[
    "email",
    "mail",
    "emailaddress",
    "mailaddress",
    "emailadresse",
    "mailadresse",
    "courriel",
    "adressemail",
    "adresseemail",
    "correo",
    "correoelectrónico",
    "correoelectronico",
    "epost",
    "workemail",
    "businessemail",
    "officeemail",
    "primaryemail",
    "primäreemailadresse",
    "emaildienstlich",
    "emailgeschäftlich",
    "voicemailemail",
    "voicemailmailto",
    "emailid",
    "mailid",
    "emailadres",
    "mailadres",
    "epostadress",
    "userprincipalname",
];

/// A line of the table, as it stands there but for what nobody sees.
#[derive(Clone)]
pub struct Row {
    /// Its number in the file, from 1.
    pub line: usize,
    /// The cell of that column; may be empty, as the others.
    pub extension: String,
    /// The cell of that column, or given and family name.
    pub name: String,
    /// The cell of that column.
    pub email: String,
    /// Whether there are cells that belong to no column.
    is_ragged: bool,
}

/// Where a line has what.
struct Columns {
    extension: usize,
    /// One column, or that of the given name and that of the family name.
    name: Vec<usize>,
    /// The one that is read where these are empty.
    whole: Option<usize>,
    email: Option<usize>,
    /// How many columns there are; what follows them is ragged.
    count: usize,
}

/// A table's numbered lines as rows, without headings, what stands above them, and empty lines; refused if there are
/// none or too many, or if no column holds extensions or names.
pub fn table(lines: impl IntoIterator<Item = Line>) -> Result<Table<Row>, Refusal> {
    let called = [EXTENSION, PHONE, NUMBER, EMAIL, WHOLE, NAME, GIVEN, FAMILY];
    let is_row = |cells: &[String]| {
        let has_email = cells.iter().any(|cell| Email::parse(cell).is_ok());
        has_email || cells.first().is_some_and(|first| is_extension(first))
    };
    let is_content = |cell: &str| cell.contains('@') || is_extension(cell);
    let suffices = |[extension, phone, number, ..]: &[Option<usize>; 8]| extension.or(*phone).or(*number).is_some();
    let parted = table::part(lines, called, is_row, is_content, suffices);
    let columns = match &parted.head {
        Some(head) if head.count() > 1 => Columns::of_head(head, &parted)?,
        _ => Columns::in_our_order(),
    };
    let read = columns.read();
    parted.table(&read, |line, cells| columns.row(line, cells))
}

fn is_extension(cell: &str) -> bool {
    Extension::parse(&table::extension(cell)).is_ok()
}

impl Columns {
    fn in_our_order() -> Self {
        Self {
            extension: 0,
            name: vec![1],
            whole: None,
            email: Some(2),
            count: 3,
        }
    }

    fn of_head(head: &Head<8>, parted: &Parted<8>) -> Result<Self, Invalid> {
        let [extension, phone, number, email, whole, name, given, family] = head.places;
        let extension = table::extensions(parted, [extension, phone, number], is_extension);
        let extension = extension.ok_or(Invalid::new(Field::Csv, Why::NoExtensionColumn))?;
        let count = head.count();
        // In Spanish tables `nombre` stands beside `apellidos`; in German and French ones `name` and `nom` beside a
        // given name.
        let mut parts: Vec<usize> = match (family, given, whole) {
            (Some(family), ..) => given.or(name).into_iter().chain([family]).collect(),
            (None, _, Some(whole)) => vec![whole],
            (None, given, None) => given.into_iter().chain(name).collect(),
        };
        if parts.is_empty() {
            let is_free = |at: &usize| ![Some(extension), email].contains(&Some(*at));
            let mut free = (0..count).filter(is_free);
            match (free.next(), free.next()) {
                (Some(only), None) => parts.push(only),
                _ => return Err(Invalid::new(Field::Csv, Why::NoNameColumn)),
            }
        }
        // Two headings, and the addresses under none.
        let bare_third = (count == 2).then_some(2);
        Ok(Self {
            extension,
            whole: whole.or(name).filter(|place| !parts.contains(place)),
            name: parts,
            email: email.or(bare_third),
            count: count.max(3),
        })
    }

    /// The columns that are read.
    fn read(&self) -> Vec<usize> {
        let others = self.whole.into_iter().chain(self.email);
        self.name
            .iter()
            .copied()
            .chain([self.extension])
            .chain(others)
            .collect()
    }

    fn row(&self, line: usize, cells: &[String]) -> Row {
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        let parts = self.name.iter().map(|at| cell(*at));
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let name = match self.whole {
            Some(whole) if parts.is_empty() => cell(whole).to_owned(),
            _ => parts.join(" "),
        };
        Row {
            line,
            extension: table::extension(cell(self.extension)),
            name: visible(&name),
            email: said(visible(self.email.map_or("", cell))),
            is_ragged: cells.len() < 2 || cells.iter().skip(self.count).any(|cell| !cell.is_empty()),
        }
    }
}

/// What people and databases write in a cell to say that there is nothing.
const NOTHING: [&str; 9] = ["-", "--", "–", "—", "n/a", "k.a.", "null", "none", "nan"];

fn said(cell: String) -> String {
    if NOTHING.contains(&cell.to_lowercase().as_str()) {
        String::new()
    } else {
        cell
    }
}

impl Row {
    /// The card that the line stands for.
    pub fn card(&self) -> Result<Card, Invalid> {
        if self.is_ragged {
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

/// Extensions of a table that are written with and without zeros in front, like 7 beside 007: spreadsheets drop them.
pub fn with_and_without_zeros(rows: &[Row]) -> BTreeSet<String> {
    let mut spelled: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        // As it will be kept: what else it may be written with is no other spelling.
        let Ok(extension) = Extension::parse(&row.extension) else {
            continue;
        };
        let digits = extension.as_str();
        let bare = digits.trim_start_matches('0').to_owned();
        spelled.entry(bare).or_default().insert(digits.to_owned());
    }
    let several = spelled.into_values().filter(|spellings| spellings.len() > 1);
    several.flatten().collect()
}

/// The other extensions that differ from that one by zeros in front alone.
pub fn by_zeros(extension: &Extension) -> impl Iterator<Item = Extension> {
    let digits = extension.as_str().trim_start_matches('0');
    (0..=10_usize.saturating_sub(digits.len()))
        .filter_map(move |zeros| Extension::parse(&format!("{}{digits}", "0".repeat(zeros))).ok())
        .filter(move |other| other != extension)
}
