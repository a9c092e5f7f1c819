//! People from a table: every line is judged by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::id::Extension;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::people::roster::Card;
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::text::visible;

/// What columns are called: by our own export, and in spreadsheets of offices. The first in a list that is there wins.
/// Compared in lower case, letters and digits alone.
pub(in crate::rules) const EXTENSION: &[&str] = &[
    "extension",
    "ext",
    "extensionnumber",
    "durchwahl",
    "nebenstelle",
    "poste",
    "extensión",
    "anexo",
    "interno",
    "ramal",
    "toestel",
    "anknytning",
    "numer",
    "number",
    "no",
    "nummer",
    "nr",
    "numéro",
    "numero",
    "número",
    "phone",
];
const NAME: &[&str] = &[
    "name",
    "fullname",
    "displayname",
    "anzeigename",
    "nom",
    "nombre",
    "nome",
    "naam",
    "namn",
    "navn",
];
const GIVEN: &[&str] = &[
    "firstname",
    "givenname",
    "vorname",
    "prénom",
    "prenom",
    "voornaam",
    "förnamn",
];
const FAMILY: &[&str] = &[
    "lastname",
    "surname",
    "familyname",
    "nachname",
    "familienname",
    "zuname",
    "nomdefamille",
    "apellido",
    "apellidos",
    "cognome",
    "achternaam",
    "efternamn",
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
    extension: Option<usize>,
    /// One column, or that of the given name and that of the family name.
    name: Vec<usize>,
    email: Option<usize>,
    /// How many columns there are; what follows them is ragged.
    count: usize,
}

/// The rows of a table's numbered lines, without a head line and empty ones; refused if there are none or too many.
pub fn rows(lines: impl IntoIterator<Item = (usize, Vec<String>)>) -> Result<Vec<Row>, Refusal> {
    let mut lines = lines
        .into_iter()
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .peekable();
    let head = lines.peek().and_then(|(_, cells)| Columns::of_head(cells));
    if head.is_some() {
        lines.next();
    }
    let columns = head.unwrap_or_else(Columns::in_our_order);
    let rows: Vec<Row> = lines.map(|(line, cells)| columns.row(line, &cells)).collect();
    match rows.len() {
        0 => Err(Invalid::new(Field::Csv, Why::NoLines).into()),
        count if count > limits::IMPORT_LINES => Err(Refusal::TooMany(Kept::ImportLines)),
        _ => Ok(rows),
    }
}

impl Columns {
    fn in_our_order() -> Self {
        Self {
            extension: Some(0),
            name: vec![1],
            email: Some(2),
            count: 3,
        }
    }

    /// What a head line says; `None` where the line is somebody: it has a number or an address in it.
    fn of_head(cells: &[String]) -> Option<Self> {
        let is_somebody = |cell: &String| cell.contains('@') || Extension::parse(cell).is_ok();
        let heads: Vec<String> = cells.iter().map(|cell| bare(cell)).collect();
        let column = |called: &[&str]| {
            called
                .iter()
                .find_map(|name| heads.iter().position(|head| head == name))
        };
        let (extension, email) = (column(EXTENSION), column(EMAIL));
        let (name, given, family) = (column(NAME), column(GIVEN), column(FAMILY));
        let known = [extension, email, name, given, family].iter().flatten().count();
        if cells.iter().any(is_somebody) || (extension.is_none() && known < 2) {
            return None;
        }
        let count = heads.iter().rposition(|head| !head.is_empty())? + 1;
        if count < 2 {
            return Some(Self::in_our_order());
        }
        // In Spanish tables `nombre` stands beside `apellidos`; in German and French ones `name` and `nom` beside a
        // given name.
        let mut name: Vec<usize> = match family {
            Some(family) => given.or(name).into_iter().chain([family]).collect(),
            None => given.into_iter().chain(name).collect(),
        };
        if name.is_empty() {
            let is_free = |at: &usize| ![extension, email].contains(&Some(*at));
            name.extend((0..count).find(is_free));
        }
        // Two headings, and the addresses under none.
        let bare_third = (count == 2 && extension.is_some()).then_some(2);
        Some(Self {
            extension,
            name,
            email: email.or(bare_third),
            count: count.max(3),
        })
    }

    fn row(&self, line: usize, cells: &[String]) -> Row {
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        let names: Vec<&str> = self
            .name
            .iter()
            .map(|at| cell(*at))
            .filter(|name| !name.is_empty())
            .collect();
        Row {
            line,
            extension: visible(self.extension.map_or("", cell)),
            name: visible(&names.join(" ")),
            email: visible(self.email.map_or("", cell)),
            is_ragged: cells.len() < 2 || cells.iter().skip(self.count).any(|cell| !cell.is_empty()),
        }
    }
}

/// A heading's letters and digits, in lower case: `E-Mail:` is `email`.
pub(in crate::rules) fn bare(heading: &str) -> String {
    let letters = visible(heading).to_lowercase();
    letters.chars().filter(|c| c.is_alphanumeric()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: &[&str]) -> Vec<Row> {
        let cells = |line: &&str| line.split(';').map(ToOwned::to_owned).collect();
        rows(lines.iter().enumerate().map(|(at, line)| (at + 1, cells(line)))).unwrap()
    }

    #[test]
    fn columns_are_found_by_what_they_are_called() {
        for lines in [
            ["E-Mail;Name;Durchwahl", "mira@example.org;Mira Okafor;21"],
            [
                "Abteilung;Nachname;Vorname;Nr.;E-Mail-Adresse",
                "Vertrieb;Okafor;Mira;21;mira@example.org",
            ],
            ["Name;Vorname;Nebenstelle;Mail", "Okafor;Mira;21;mira@example.org"],
            [
                "nombre;apellidos;anexo;correo electrónico",
                "Mira;Okafor;21;mira@example.org",
            ],
            ["Prénom;Nom;Poste;Courriel", "Mira;Okafor;21;mira@example.org"],
            [
                "phone;Extension;Full name;E_MAIL",
                "0301234;21;Mira Okafor;mira@example.org",
            ],
            ["\u{feff}Extension:;Name *;Email;;", "21;Mira Okafor;mira@example.org;;"],
            ["ext.;who", "21;Mira Okafor;mira@example.org"],
        ] {
            let rows = table(&lines);
            assert_eq!(rows.len(), 1, "{lines:?}");
            assert_eq!(
                (
                    rows[0].extension.as_str(),
                    rows[0].name.as_str(),
                    rows[0].email.as_str()
                ),
                ("21", "Mira Okafor", "mira@example.org"),
                "{lines:?}"
            );
            assert!(rows[0].card().is_ok());
        }
    }

    #[test]
    fn somebody_whose_name_is_a_heading_is_no_head() {
        for line in ["21;Nummer", "Nummer;21;x@example.org", "O;Mira", "Name;Mira"] {
            assert_eq!(table(&[line]).len(), 1, "{line}");
        }
    }

    #[test]
    fn further_cells_have_a_heading_or_are_empty() {
        assert!(table(&["21;Mira;;;;"])[0].card().is_ok());
        assert!(table(&["ext;name;email;room", "21;Mira;;A 4"])[0].card().is_ok());
        for lines in [
            &["21;Okafor; Mira;m@example.org"][..],
            &["ext;name;email", "21;Okafor;;Mira"],
            &["21"],
        ] {
            let why = table(lines)[0].card().err().unwrap().why;
            assert_eq!(why, Why::WrongCells, "{lines:?}");
        }
    }

    #[test]
    fn zeros_in_front_tell_apart_what_may_be_one() {
        let doubtful = with_and_without_zeros(&table(&["7;A", "007;B", "70;C", "0;D", "00;E", "8;F", "8;G"]));
        assert_eq!(doubtful.into_iter().collect::<Vec<_>>(), ["0", "00", "007", "7"]);
        for odd in ["\u{202d}007\u{202c};B", "0\u{200b}07;B", " 007 ;B", "\u{feff}007;B"] {
            let rows = table(&["7;A", odd]);
            assert_eq!(rows[1].extension, "007", "what the preview shows");
            assert_eq!(with_and_without_zeros(&rows).len(), 2, "{odd:?}");
        }
        let others = |digits: &str| by_zeros(&Extension::parse(digits).unwrap()).count();
        assert_eq!(
            (others("7"), others("0000000007"), others("1234567890"), others("0")),
            (9, 9, 0, 9)
        );
    }
}
