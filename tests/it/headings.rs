//! Tables of other programs: headings, columns that are passed over, and columns that are missing.

use serde_json::{Value, json};

use crate::office::{Browser, Office};

fn looked(administrator: &mut Browser<'_>, path: &str, csv: &str) -> Value {
    administrator.post(path, json!({ "csv": csv })).expect(200).json
}

#[test]
fn what_a_table_of_another_program_has_besides_is_told_by_name() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let outlook = "sep=;;;;;\r\nTelefonliste Muster GmbH, Stand November;;;;;\r\n\
        Vorname;Nachname;Firma;NSt.;E-Mail-Adresse;Mobiltelefon\r\n\
        Mira;Okafor;Muster;21;mira@example.org;0171 1234567\r\nOle;Vale;;22;;\r\n";
    let seen = looked(&mut administrator, "/api/people/import", outlook);
    assert_eq!(
        (&seen["good"], &seen["faulty"], &seen["above"], &seen["passed_over"]),
        (&json!(2), &json!(0), &json!(1), &json!(["Firma", "Mobiltelefon"]))
    );
    assert_eq!(
        seen["lines"][0],
        json!({
            "line": 4, "extension": "21", "name": "Mira Okafor", "email": "mira@example.org", "problem": null,
        })
    );
    let commit = json!({ "csv": outlook, "commit": true });
    let added = administrator.post("/api/people/import", commit).expect(200).json;
    assert_eq!(added["added"], json!(2));
    let phones = "Gerät;MAC-Adresse;Durchwahl;Inventarnr.\nT46U;24:9a:d8:00:00:01;21;\n;249AD8000002;22;17\n";
    let seen = looked(&mut administrator, "/api/devices/import", phones);
    assert_eq!(
        (&seen["good"], &seen["above"], &seen["passed_over"]),
        (&json!(2), &json!(0), &json!(["Gerät", "Inventarnr."])),
        "{seen}"
    );
}

#[test]
fn a_column_that_is_missing_is_told_once_and_not_in_every_line() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for (path, csv, words) in [
        (
            "/api/people/import",
            "Name;E-Mail\nMira;mira@example.org\nOle;",
            "holds extensions",
        ),
        (
            "/api/people/import",
            "Nst.;Raum;Etage\n21;A 4;1\n22;A 5;2",
            "holds names",
        ),
        (
            "/api/devices/import",
            "MAC;Modell\n24:9a:d8:00:00:01;T46U",
            "holds extensions",
        ),
        (
            "/api/devices/import",
            "Durchwahl;Modell\n21;T46U",
            "holds MAC addresses",
        ),
    ] {
        for commit in [false, true] {
            let reply = administrator.post(path, json!({ "csv": csv, "commit": commit }));
            let reply = reply.refused(422, "invalid").json;
            let message = reply["message"].as_str().unwrap();
            assert!(reply["field"] == "csv" && message.contains(words), "{csv}: {message}");
        }
    }
    assert_eq!(administrator.get("/api/people").expect(200).json["people"], json!([]));
}
