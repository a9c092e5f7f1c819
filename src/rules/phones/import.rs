//! Phones from a table: MAC address, extension, model, make; every line is judged by itself.

use super::device::{self, Algorithm, DeviceKind, Hardware, Mac};
use super::provisioning;
use super::roster::{DeviceToAdd, Owner};
use crate::rules::id::{DisplayName, Extension};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::refusal::Refusal;
use crate::rules::table::{self, EXTENSION, Line, NUMBER, PHONE, Table};
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
    "hwaddress",
    "physicaladdress",
    "physischeadresse",
    "physikalischeadresse",
    "ethernetaddress",
    "ethernetmac",
    "lanmac",
    "macaddr",
    "phonemac",
    "phonemacaddress",
];
/// The same.
const MODEL: &[&str] = &[
    "model",
    "modell",
    "modèle",
    "modele",
    "modelo",
    "modello",
    "phonemodel",
    "telefonmodell",
    "gerätetyp",
    "type",
    "typ",
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

/// A table's numbered lines as rows, without headings, what stands above them, and empty lines; refused if there are
/// none or too many, or if no column holds MAC addresses or extensions.
pub fn table(lines: impl IntoIterator<Item = Line>) -> Result<Table<Row>, Refusal> {
    let called = [MAC, EXTENSION, PHONE, NUMBER, MODEL, MAKE];
    let is_mac = |cell: &str| Mac::parse(cell).is_ok();
    let is_row = |cells: &[String]| cells.iter().any(|cell| is_mac(cell));
    let suffices = |[mac, ..]: &[Option<usize>; 6]| mac.is_some();
    let parted = table::part(lines, called, is_row, is_mac, suffices);
    let (mac, extension, model, make) = match parted.head.as_ref().map(|head| head.places) {
        None => (0, 1, Some(2), Some(3)),
        Some([mac, extension, phone, number, model, make]) => {
            let mac = mac.ok_or(Invalid::new(Field::Csv, Why::NoMacColumn))?;
            let is_extension = |cell: &str| Extension::parse(&table::extension(cell)).is_ok();
            let extension = table::extensions(&parted, [extension, phone, number], is_extension);
            let extension = extension.ok_or(Invalid::new(Field::Csv, Why::NoExtensionColumn))?;
            (mac, extension, model, make)
        }
    };
    let read: Vec<usize> = [mac, extension].into_iter().chain(model).chain(make).collect();
    parted.table(&read, |line, cells| {
        let cell = |at: usize| visible(cells.get(at).map_or("", String::as_str));
        Row {
            line,
            mac: cell(mac),
            extension: table::extension(cells.get(extension).map_or("", String::as_str)),
            model: model.map(cell).unwrap_or_default(),
            make: make.map(cell).unwrap_or_default(),
        }
    })
}

impl Row {
    /// The extension that the phone is for.
    pub fn extension(&self) -> Result<Extension, Invalid> {
        Extension::parse(&self.extension)
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
                mac: Some(Mac::parse(&self.mac)?),
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

    fn read(lines: &[&str]) -> Result<Table<Row>, Refusal> {
        let cells = |line: &&str| line.split(';').map(ToOwned::to_owned).collect();
        super::table(lines.iter().enumerate().map(|(at, line)| (at + 1, cells(line))))
    }

    fn table(lines: &[&str]) -> Vec<Row> {
        read(lines).unwrap().rows
    }

    #[test]
    fn columns_are_found_by_what_they_are_called_and_else_by_their_order() {
        for lines in [
            &["24:9a:d8:00:00:01;101;T46U"][..],
            &["24:9a:d8:00:00:01;101.0;T46U"],
            &["MAC;Telefon;Typ", "24:9a:d8:00:00:01;101,0;T46U"],
            &["\u{202a}24:9a:d8:00:00:01\u{202c};1\u{200b}01;\u{feff}T46U"],
            &["MAC-Adresse;Nebenstelle;Modell", "24:9a:d8:00:00:01;101;T46U"],
            &["Type;Serial;MAC address;Ext.", "T46U;x;24:9a:d8:00:00:01;101"],
            &["Number;FirstName;MAC_0;Model_0", "101;Mira;24:9a:d8:00:00:01;T46U"],
            &[
                "Telefone;;",
                "NSt;Modell;Physikalische Adresse",
                "101;T46U;24:9a:d8:00:00:01",
            ],
            &["Rufnummer;Typ;MAC", "101;T46U;24:9a:d8:00:00:01"],
        ] {
            let row = table(lines).remove(0);
            assert_eq!(
                (row.mac.as_str(), row.extension.as_str(), row.model.as_str()),
                ("24:9a:d8:00:00:01", "101", "T46U"),
                "{lines:?}"
            );
        }
        assert_eq!(table(&["24:9a:d8:00:00:01;101"])[0].model, "");
        assert!(read(&["MAC;Ext."]).is_err(), "a head alone");
    }

    #[test]
    fn what_is_passed_over_is_told_by_name_and_what_is_missing_once() {
        let passed = read(&["MAC;Serial;Ext.;Raum", "24:9a:d8:00:00:01;x;101;"]).unwrap();
        assert_eq!((passed.passed_over, passed.above), (vec!["Serial".to_owned()], 0));
        for (lines, missing) in [
            (["MAC;Serial;Model", "24:9a:d8:00:00:01;x;T46U"], Why::NoExtensionColumn),
            (["Nebenstelle;Modell;Serial", "101;T46U;x"], Why::NoMacColumn),
        ] {
            assert_eq!(read(&lines), Err(Invalid::new(Field::Csv, missing).into()), "{lines:?}");
        }
    }
}
