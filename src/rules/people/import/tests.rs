//! Tables as people and programs write them.

use super::*;

fn read(lines: &[&str]) -> Result<Table<Row>, Refusal> {
    let cells = |line: &&str| line.split(';').map(ToOwned::to_owned).collect();
    super::table(lines.iter().enumerate().map(|(at, line)| (at + 1, cells(line))))
}

fn table(lines: &[&str]) -> Vec<Row> {
    read(lines).unwrap().rows
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

/// As Outlook, Google (both forms), Microsoft 365, Active Directory, FreePBX, 3CX, a FRITZ!Box and Excel write them.
#[test]
fn headings_of_other_programs_are_known() {
    for lines in [
        [
            "Vorname;Nachname;Firma;Telefon geschäftlich;Mobiltelefon;E-Mail-Adresse;E-Mail: Angezeigter Name",
            "Mira;Okafor;Muster;21;0171 1234567;mira@example.org;Mira Okafor (mira@example.org)",
        ],
        [
            "First Name;Last Name;Business Phone;Mobile Phone;E-mail Address;E-mail 2 Address",
            "Mira;Okafor;21;+49 171 1234567;mira@example.org;m@example.net",
        ],
        [
            "First Name;Middle Name;Last Name;E-mail 1 - Label;E-mail 1 - Value;E-mail 2 - Value;Phone 1 - Value",
            "Mira;;Okafor;* Work;mira@example.org;m@example.net;21",
        ],
        [
            "Name;Given Name;Additional Name;Family Name;E-mail 1 - Type;E-mail 1 - Value;Phone 1 - Value",
            "Mira Okafor;;;;Work;mira@example.org;21",
        ],
        ["Name;Rufnummer;E-Mail 1", "Mira Okafor;21;mira@example.org"],
        [
            "Display name;Extension;User principal name",
            "Mira Okafor;21;mira@example.org",
        ],
        [
            "GivenName;Surname;ipPhone;telephoneNumber;mail",
            "Mira;Okafor;21;+49 30 1234-21;mira@example.org",
        ],
        [
            "username;password;default_extension;fname;lname;displayname;email",
            "mira;x;21;Mira;Okafor;Mira O.;mira@example.org",
        ],
        [
            "Number;AuthID;FirstName;LastName;EmailAddress;MobileNumber;MAC_0",
            "21;x;Mira;Okafor;mira@example.org;0171;249ad8000001",
        ],
        ["Nr.;Anzeigename;NSt;E-Mail", "1;Mira Okafor;21;mira@example.org"],
        ["Nr.;Name;Telefon;E-Mail", "1;Mira Okafor;21;mira@example.org"],
        ["Nst.;Name;E-Mail", "21;Mira Okafor;mira@example.org"],
        [
            "extension;password;effective_caller_id_name;effective_caller_id_number;voicemail_mail_to",
            "21;x;Mira Okafor;21;mira@example.org",
        ],
        [
            "Extension;Caller ID Name;Email Address",
            "21;Mira Okafor;mira@example.org",
        ],
        [
            "cn;Long Name;Name;Number;E-Mail",
            "mira;Mira Okafor;mira;21;mira@example.org",
        ],
        ["Tn-Nummer;Tn-Name;E-Mail", "21;Mira Okafor;mira@example.org"],
        ["Callno;Name;Last name;E-mail", "21;Mira;Okafor;mira@example.org"],
        [
            "FIRST NAME;LAST NAME;USER ID;TELEPHONE NUMBER;MAIL ID;DIRECTORY NUMBER 1",
            "Mira;Okafor;mira;+49301234;mira@example.org;21",
        ],
        [
            "N° de poste;Nom complet;Adresse e-mail",
            "21;Mira Okafor;mira@example.org",
        ],
        ["Ext.;Name;E-Mail", "21.0;Mira Okafor;mira@example.org"],
        ["Telefon;Name;E-Mail", "21,0;Mira Okafor;mira@example.org"],
        [
            "Toestel;Voornaam;Achternaam;E-mailadres",
            "21;Mira;Okafor;mira@example.org",
        ],
        ["Wewnętrzny;Imię;Nazwisko;E-mail", "21;Mira;Okafor;mira@example.org"],
        [
            "Email Address [Required];First Name [Required];Last Name [Required];Ext.",
            "mira@example.org;Mira;Okafor;21",
        ],
    ] {
        let row = table(&lines).remove(0);
        assert_eq!(
            (row.extension.as_str(), row.name.as_str(), row.email.as_str()),
            ("21", "Mira Okafor", "mira@example.org"),
            "{lines:?}"
        );
    }
}

#[test]
fn an_address_is_read_with_what_was_copied_around_it_and_a_dash_is_none() {
    let mail = |cell: &str| {
        let row = table(&["Nst.;Name;E-Mail", &format!("21;Mira;{cell}")]).remove(0);
        row.card().unwrap().email.map(|email| email.to_string())
    };
    for cell in [
        "Mira Okafor <mira@example.org>",
        "\"Okafor, Mira\" <Mira@Example.org>",
        "mailto:mira@example.org",
        "SMTP:mira@example.org",
        "<mira@example.org>",
        "Mira <mailto:mira@example.org>",
    ] {
        assert_eq!(mail(cell).as_deref(), Some("mira@example.org"), "{cell}");
    }
    for nothing in ["", "-", "–", "NULL", "n/a", "None"] {
        assert_eq!(mail(nothing), None, "{nothing}");
    }
}

#[test]
fn what_is_passed_over_is_told_by_name_and_what_is_missing_once() {
    let lines = [
        "Raum;Name;Leer;Durchwahl;Kostenstelle",
        "A 4;Mira;;21;7",
        "A 5;Ole;;22;",
    ];
    let passed = read(&lines).unwrap();
    assert_eq!(passed.passed_over, ["Raum", "Kostenstelle"]);
    assert_eq!(passed.above, 0);
    let why = |lines: &[&str]| match read(lines) {
        Err(Refusal::Invalid(invalid)) => invalid,
        _ => panic!("{lines:?}"),
    };
    for lines in [
        ["Name;E-Mail;Abteilung", "Mira;mira@example.org;A"],
        ["Vorname;Nachname;Telefon", "Mira;Okafor;+49 30 1234"],
    ] {
        assert_eq!(why(&lines), Invalid::new(Field::Csv, Why::NoExtensionColumn));
    }
    assert_eq!(
        why(&["Nst.;Raum;Etage", "21;A 4;1"]),
        Invalid::new(Field::Csv, Why::NoNameColumn)
    );
}

#[test]
fn a_title_above_the_headings_is_passed_over_and_counted() {
    for titles in [
        &["Telefonliste"][..],
        &["Telefonliste Muster GmbH;;", "Stand;30.11.2026;"],
        &["Durchwahl;;"],
    ] {
        let lines = [titles, &["Name;Durchwahl;E-Mail", "Mira;21;mira@example.org"]].concat();
        let read = read(&lines).unwrap();
        assert_eq!((read.above, read.rows.len()), (titles.len(), 1), "{titles:?}");
        let row = &read.rows[0];
        assert_eq!((row.name.as_str(), row.line), ("Mira", titles.len() + 2));
    }
    // Nobody above other headings is dropped.
    let two = read(&["20;Ole", "Durchwahl;Name", "21;Mira"]).unwrap();
    assert_eq!((two.above, two.rows.len()), (0, 3));
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
