//! Phones from a table: MAC address, extension, model, make; every line is judged by itself.

use super::device::{self, Algorithm, DeviceKind, Hardware, Mac};
use super::provisioning;
use super::roster::{DeviceToAdd, Owner};
use crate::rules::id::{DisplayName, Extension};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::people::import::{EXTENSION, bare};
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::text::visible;

/// What the column is called, in lower case, letters and digits alone: on labels, packing lists and in spreadsheets.
const MAC: &[&str] = &[
    "mac",
    "macaddress",
    "macadresse",
    "macid",
    "adressemac",
    "direcciónmac",
    "direccionmac",
    "indirizzomac",
    "hardwareaddress",
];
/// The same.
const MODEL: &[&str] = &[
    "model", "modell", "modèle", "modele", "modelo", "modello", "type", "typ",
];

/// The same, for the maker.
const MAKE: &[&str] = &[
    "make",
    "maker",
    "brand",
    "vendor",
    "manufacturer",
    "marke",
    "hersteller",
    "marque",
    "fabricant",
    "marca",
    "fabricante",
];

/// A line of the table, as it stands there but for what nobody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number in the file, from 1.
    pub line: usize,
    /// The cell of that column; may be empty, as the others.
    pub mac: String,
    /// The cell of that column.
    pub extension: String,
    /// The cell of that column.
    pub model: String,
    /// The cell of that column.
    pub make: String,
}

/// The rows of a table's numbered lines, without a head line and empty ones; refused if there are none or too many.
pub fn rows(lines: impl IntoIterator<Item = (usize, Vec<String>)>) -> Result<Vec<Row>, Refusal> {
    let is_empty = |cells: &[String]| cells.iter().all(|cell| cell.is_empty());
    let mut lines = lines.into_iter().filter(|(_, cells)| !is_empty(cells)).peekable();
    let head = lines.peek().and_then(|(_, cells)| head(cells));
    if head.is_some() {
        lines.next();
    }
    let places = head.unwrap_or([Some(0), Some(1), Some(2), Some(3)]);
    let rows: Vec<Row> = lines
        .map(|(line, cells)| {
            let [mac, extension, model, make] = places.map(|at| {
                at.and_then(|at| cells.get(at))
                    .map(|cell| visible(cell))
                    .unwrap_or_default()
            });
            Row {
                line,
                mac,
                extension,
                model,
                make,
            }
        })
        .collect();
    match rows.len() {
        0 => Err(Invalid::new(Field::Csv, Why::NoLines).into()),
        count if count > limits::IMPORT_LINES => Err(Refusal::TooMany(Kept::ImportLines)),
        _ => Ok(rows),
    }
}

/// Where a head line has what; none where the line is a phone: it has a MAC address in it.
fn head(cells: &[String]) -> Option<[Option<usize>; 4]> {
    if cells.iter().any(|cell| Mac::parse(cell).is_ok()) {
        return None;
    }
    let heads: Vec<String> = cells.iter().map(|cell| bare(cell)).collect();
    let column = |called: &[&str]| {
        let mut names = called.iter();
        names.find_map(|name| heads.iter().position(|head| head == name))
    };
    let places = [MAC, EXTENSION, MODEL, MAKE].map(column);
    let [mac, ..] = places;
    mac.map(|_| places)
}

impl Row {
    /// The extension that the phone is for.
    pub fn extension(&self) -> Result<Extension, Invalid> {
        Extension::parse(self.extension.trim())
    }

    /// Its maker, as the interface calls it or as people do; none where the cell is empty.
    fn make(&self) -> Result<Option<device::Make>, Invalid> {
        let called = self.make.trim();
        let is_called = |make: &device::Make| provisioning::of(*make).title.eq_ignore_ascii_case(called);
        match device::Make::ALL.into_iter().find(is_called) {
            None if !called.is_empty() => Err(Invalid::new(Field::Make, Why::MakeUnknown)),
            known => Ok(known),
        }
    }

    /// The phone that the line stands for, of that owner.
    pub fn asked(&self, owner: Owner) -> Result<DeviceToAdd, Invalid> {
        let model = device::model(&self.model)?;
        Ok(DeviceToAdd {
            kind: DeviceKind::Phone,
            owner: Some(owner),
            label: DisplayName::parse(model.as_deref().unwrap_or("Phone"))?,
            algorithm: Algorithm::Md5,
            hardware: Hardware {
                mac: Some(Mac::parse(self.mac.trim())?),
                other_mac: None,
                make: self.make()?,
                model,
            },
            shares_mac: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: &[&str]) -> Vec<Row> {
        let cells = |line: &&str| line.split(';').map(ToOwned::to_owned).collect();
        rows(lines.iter().enumerate().map(|(at, line)| (at + 1, cells(line)))).unwrap()
    }

    #[test]
    fn columns_are_found_by_what_they_are_called_and_else_by_their_order() {
        for lines in [
            &["24:9a:d8:00:00:01;101;T46U"][..],
            &["\u{202a}24:9a:d8:00:00:01\u{202c};1\u{200b}01;\u{feff}T46U"],
            &["MAC-Adresse;Nebenstelle;Modell", "24:9a:d8:00:00:01;101;T46U"],
            &["Type;Serial;MAC address;Ext.", "T46U;x;24:9a:d8:00:00:01;101"],
        ] {
            let row = table(lines).remove(0);
            assert_eq!(
                (row.mac.as_str(), row.extension.as_str(), row.model.as_str()),
                ("24:9a:d8:00:00:01", "101", "T46U"),
                "{lines:?}"
            );
        }
        assert_eq!(table(&["24:9a:d8:00:00:01;101"])[0].model, "");
        assert!(rows([(1, vec!["MAC".to_owned()])]).is_err(), "a head alone");
    }
}
