//! How phones write their address into a name or a query, and what of it counts.

use linekey::rules::phones::provisioning::MAKES;
use linekey::rules::phones::provisioning::make::{Answer, File, Make};
use linekey::rules::phones::provisioning::request::{answer, asked};

use crate::record;

/// What a make's sample phone gets for a path.
fn got(make: &'static Make, path: &str) -> Option<Answer> {
    answer(&asked(path, b""), make, &record::handout(make))
}

/// Six pairs with colons between them.
fn divided(digits: &str) -> String {
    let pairs: Vec<&str> = (0..6).map(|pair| &digits[2 * pair..2 * pair + 2]).collect();
    pairs.join(":")
}

/// Old Snoms fill their address in with colons, other makes' intercoms with dashes, and HTTP clients escape the colon.
#[test]
fn how_an_address_is_divided_and_escaped_does_not_count() {
    for make in MAKES {
        let config = make.asks.iter().find(|ask| ask.file == File::Config).unwrap();
        let handout = record::handout(make);
        let path = |address: &str| config.name.replace("MAC", address).replace("MODEL", "D785");
        let first = got(make, &path(&handout.mac.lower()));
        assert!(first.is_some(), "{}", make.title);
        let colons = divided(&handout.mac.lower());
        for divided in [
            colons.clone(),
            colons.to_uppercase(),
            colons.replace(':', "-"),
            colons.replace(':', "%3A"),
            colons.replace(':', "%3a").to_uppercase(),
            colons.replace(':', "%2D"),
        ] {
            let path = path(&divided);
            assert_eq!(got(make, &path), first, "{path}");
        }
    }
}

/// An address may be handed out that names the phone in its query; where the name says it already, that one counts.
#[test]
fn a_query_names_the_phone_where_the_name_does_not() {
    for make in MAKES {
        let handout = record::handout(make);
        let lower = handout.mac.lower();
        let colons = divided(&lower);
        let config = make.asks.iter().find(|ask| ask.file == File::Config).unwrap();
        let own = config.name.replace("MAC", &lower).replace("MODEL", "D785");
        let first = got(make, &own);
        for query in [
            format!("mac={lower}"),
            format!("MAC={}", lower.to_uppercase()),
            format!("mac={colons}"),
            format!("mac={}", colons.replace(':', "%3A")),
            format!("model=D785&mac={lower}"),
            format!("mac={lower}&model=D785&mac=000000000001"),
        ] {
            for script in ["", "index.php", "settings.php"] {
                let path = format!("{script}?{query}");
                assert_eq!(got(make, &path), first, "{}: {path}", make.title);
            }
            assert_eq!(got(make, &format!("{own}?{query}")), first, "{own}?{query}");
        }
        let foreign = format!("{own}?mac=020000000001");
        assert_eq!(got(make, &foreign), first, "{foreign}");
        for not in ["?mac=020000000001", "?mac", "?mac=&x=1", "x/y.php?mac="] {
            assert_eq!(got(make, &format!("{not}{lower}")), None, "{not}");
        }
    }
    // What all phones share stays what it is.
    let book = asked("phonebook.xml?mac=249ad8000001", b"");
    assert_eq!((book.file, book.mac), (File::PhoneBook, None));
    let firmware = asked("T46U-108.86.0.20.rom?mac=249ad8000001", b"");
    assert_eq!((firmware.file, firmware.mac), (File::Firmware, None));
}
