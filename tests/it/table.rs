//! People by the hundred: import and export.

use std::time::Duration;

use linekey::http::edge::limits::Limits;
use linekey::rules::office::journal::Actor;
use linekey::rules::verdict::Verdict;
use serde_json::{Value, json};

use crate::office::{Browser, Office};

fn look_at(administrator: &mut Browser<'_>, csv: &str) -> Value {
    administrator
        .post("/api/people/import", json!({ "csv": csv }))
        .expect(200)
        .json
}

fn add(administrator: &mut Browser<'_>, csv: &str) -> Value {
    administrator
        .post("/api/people/import", json!({ "csv": csv, "commit": true }))
        .expect(200)
        .json
}

fn export(administrator: &mut Browser<'_>) -> String {
    String::from_utf8(administrator.get("/api/people.csv").expect(200).bytes).unwrap()
}

#[test]
fn an_import_shows_every_faulty_line_and_adds_the_others_in_one_go() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let rows = "\u{feff}Nummer;Name;E-Mail\r\n21;Mira Example;mira@example.org\r\n22;\"Ole; the \
        tall\";\r\nx9;Nobody;\r\n21;Twice;\r\n\r\n23;Mail;mira@example.org\r\n24;;\r\n25;Last \
        one;last@example.org;extra\r\n";
    let preview = administrator
        .post("/api/people/import", json!({ "csv": rows }))
        .expect(200)
        .json;
    let faulty: Vec<_> = preview["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| !line["problem"].is_null())
        .map(|line| line["line"].as_u64().unwrap())
        .collect();
    assert_eq!(faulty, [4, 5, 7, 8, 9]);
    assert_eq!(
        (&preview["good"], &preview["faulty"], &preview["added"]),
        (&json!(2), &json!(5), &json!(0))
    );
    assert_eq!(administrator.get("/api/people").expect(200).json["people"], json!([]));
    let added = administrator
        .post("/api/people/import", json!({ "csv": rows, "commit": true }))
        .expect(200)
        .json;
    assert_eq!(added["added"], json!(2));
    let people = administrator.get("/api/people").expect(200).json;
    assert_eq!(people["people"][1]["name"], json!("Ole; the tall"));
    let export = String::from_utf8(administrator.get("/api/people.csv").expect(200).bytes).unwrap();
    let again = administrator
        .post("/api/people/import", json!({ "csv": export }))
        .expect(200)
        .json;
    assert_eq!(
        (&again["good"], &again["faulty"]),
        (&json!(0), &json!(2)),
        "everybody is here already"
    );
    administrator
        .post("/api/people/import", json!({ "csv": "extension,name,email\n" }))
        .refused(422, "invalid");
    let long: String = (0..1001).map(|number| format!("{number},N\n")).collect();
    administrator
        .post("/api/people/import", json!({ "csv": long }))
        .refused(422, "too-many");
}

#[test]
fn an_import_can_send_everybody_their_letter() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    crate::links::set_relay(&mut administrator);
    let rows = "21,Mira,mira@example.org\n22,Ole\n";
    let said = json!({ "csv": rows, "commit": true, "invite": true });
    let done = administrator.post("/api/people/import", said).expect(200).json;
    assert_eq!(
        (&done["mailed"], &done["unmailed"]),
        (&json!(1), &json!(1)),
        "Ole has no address"
    );
    let to: Vec<String> = crate::links::letters(&office)
        .iter()
        .map(|(_, letter)| letter.to.to_string())
        .collect();
    assert_eq!(to, ["mira@example.org"]);
    let people = administrator.get("/api/people").expect(200).json;
    assert!(people["people"][0]["invited_until"].is_u64() && people["people"][1]["invited_until"].is_null());
}

#[test]
fn what_was_exported_is_imported_as_it_was() {
    let (office, other) = (Office::open(), Office::open());
    let (mut administrator, _) = office.administrator();
    let names = [
        "=1+1",
        "'=1+1",
        "'t Hooft",
        "-",
        "@home",
        "''",
        "a; \"b\", c",
        "x; =1+1;'-",
    ];
    for (number, name) in (21..).zip(names) {
        let card = json!({ "extension": number.to_string(), "name": name, "email": format!("+{number}@example.org") });
        administrator.post("/api/people", card).expect(201);
    }
    let file = export(&mut administrator);
    let (mut stranger, _) = other.administrator();
    assert_eq!(add(&mut stranger, &file)["added"], json!(names.len()), "{file}");
    let people = stranger.get("/api/people").expect(200).json;
    let arrived: Vec<_> = people["people"].as_array().unwrap().iter().collect();
    for ((person, name), number) in arrived.iter().zip(names).zip(21..) {
        assert_eq!(person["name"], json!(name));
        assert_eq!(person["email"], json!(format!("+{number}@example.org")));
    }
    assert_eq!(export(&mut stranger), file);
}

#[test]
fn every_form_that_spreadsheets_write_is_read() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for (csv, name) in [
        ("21,Mira,mira@example.org", "Mira"),
        ("21;Mira;mira@example.org", "Mira"),
        ("21\tMira\tmira@example.org\n", "Mira"),
        ("21;\"Mira, the first, of two\"", "Mira, the first, of two"),
        ("21,\"Mira; the first; of two\",", "Mira; the first; of two"),
        ("\r\n;;\r\n21;Mira;\r\n;;\r\n", "Mira"),
        ("Number\rName\r21,Mira\r", "Mira"),
    ] {
        let seen = look_at(&mut administrator, csv);
        let last = seen["lines"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(
            (&last["extension"], &last["name"], &last["problem"]),
            (&json!("21"), &json!(name), &Value::Null),
            "{csv:?}: {seen}"
        );
    }
}

#[test]
fn only_a_line_that_says_what_the_columns_are_is_taken_for_a_head() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for head in ["extension,name", "Nummer:,Name", "NUMÉRO,nom", "ext.,who"] {
        let seen = look_at(&mut administrator, &format!("{head}\n21,Mira"));
        assert_eq!(
            (&seen["lines"].as_array().unwrap().len(), &seen["faulty"]),
            (&1, &json!(0)),
            "{head}"
        );
    }
    // Somebody whose digits were mistyped is not dropped without a word.
    let seen = look_at(&mut administrator, "O,Mira\n21,Ole");
    assert_eq!(
        (&seen["lines"][0]["name"], &seen["faulty"]),
        (&json!("Mira"), &json!(1))
    );
}

#[test]
fn who_looks_at_a_table_keeps_nobody_from_writing() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (looked, done) = std::sync::mpsc::channel();
    let (begun, begins) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let store = &office.state.store;
        let moment = office.state.moment();
        let turn = scope.spawn(move || {
            store.turn_now(Actor::APPLIANCE, moment, move |_, _| {
                begun.send(()).unwrap();
                Ok(Verdict::yes(
                    done.recv_timeout(Duration::from_secs(20)).is_ok(),
                    Vec::new(),
                ))
            })
        });
        begins.recv().unwrap();
        assert_eq!(look_at(&mut administrator, "21,Mira")["good"], json!(1));
        looked.send(()).ok();
        assert!(turn.join().unwrap().unwrap().unwrap(), "the look waited for the turn");
    });
}

/// The rest of the table would be one long name.
#[test]
fn a_quotation_mark_that_was_never_closed_is_shown_where_it_stands() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let seen = look_at(&mut administrator, "\n\n20,Ole\n21,\"Mira\n22,Pia\n23,Kim\n");
    let lines = seen["lines"].as_array().unwrap();
    assert_eq!(
        (lines.len(), &lines[0]["line"], &lines[1]["line"]),
        (2, &json!(3), &json!(4))
    );
    assert_eq!(lines[0]["problem"], Value::Null);
    assert_eq!(
        lines[1]["problem"],
        json!("A cell goes over several lines: check the quotation marks.")
    );
}

#[test]
fn what_excel_writes_and_whole_tables_with_columns_of_their_own_are_read() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for (csv, line) in [
        ("sep=;\r\n007;\"Mira, the first\";mira@example.org\r\n", 2),
        ("\u{feff}\"SEP=|\"\n007|Mira, the first|mira@example.org\n", 2),
        ("=\"007\";\"Mira, the first\";mira@example.org;;;\r\n", 1),
        ("\"=\"\"007\"\"\",\"Mira, the first\",mira@example.org,,", 1),
        (
            "E-Mail;Raum;Name;Durchwahl\r\nmira@example.org;A 4;\"Mira, the first\";007\r\n",
            2,
        ),
        (
            "Nr.\tE-Mail\tNachname\tVorname\n007\tmira@example.org\tthe first\tMira,\n",
            2,
        ),
    ] {
        let seen = look_at(&mut administrator, csv);
        let expected = json!([{
            "line": line, "extension": "007", "name": "Mira, the first", "email": "mira@example.org", "problem": null,
        }]);
        assert_eq!(seen["lines"], expected, "{csv:?}");
    }
}

#[test]
fn an_extension_that_differs_by_zeros_in_front_is_asked_about() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    add(&mut administrator, "007,Mira\n");
    let csv = "7,Mira\n007,Mira\n08,Ole\n8,Pia\n9,Kim\n";
    let done = add(&mut administrator, csv);
    let problems: Vec<_> = done["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["problem"])
        .collect();
    for asked in [0, 2, 3] {
        assert!(problems[asked].as_str().unwrap().contains("7 and 007"), "{done}");
    }
    assert!(
        problems[1]
            .as_str()
            .unwrap()
            .contains("Somebody else has this extension"),
        "{done}"
    );
    assert_eq!((problems[4], &done["added"]), (&Value::Null, &json!(1)));
    // By hand both are added: somebody has been asked.
    let card = json!({ "extension": "7", "name": "Another Mira" });
    administrator.post("/api/people", card).expect(201);
}

#[test]
fn a_thousand_lines_of_any_length_have_one_limit_and_it_is_said() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let csv = |octets: usize| -> String {
        let line = |number: usize| format!("{},{},,\n", 1000 + number, "Ö".repeat(60));
        let lines: String = (0..1000).map(line).collect();
        lines.clone() + &" ".repeat(octets - lines.len())
    };
    assert_eq!(look_at(&mut administrator, &csv(512 * 1024))["good"], json!(1000));
    let refused = administrator.post("/api/people/import", json!({ "csv": csv(512 * 1024 + 1) }));
    let refused = refused.refused(422, "invalid").json;
    assert!(
        refused["message"].as_str().unwrap().contains("1,000 lines and 512 KiB"),
        "{refused}"
    );
}

/// What PowerShell and Python make of umlauts, and every cell in quotation marks: three octets for one.
#[test]
fn a_table_of_the_limits_length_fits_in_the_json_that_programs_make_of_it_and_a_longer_one_is_told_the_number() {
    let office = Office::open();
    let limits = Limits::appliance();
    for path in ["/api/people/import", "/api/devices/import"] {
        let (body, longest) = (limits.of(path).body, linekey::rules::limits::IMPORT_OCTETS);
        let escaped = "\\u00fc".repeat(longest / 2);
        assert!(json!({ "csv": "", "commit": true, "invite": true }).to_string().len() + escaped.len() < body);
        let (_, code, sentence) = limits.of(path).longer.told();
        assert_eq!(code, "too-large");
        assert!(sentence.contains(&format!("{} KiB", longest / 1024)) && sentence.contains("1,000 lines"));
        assert_eq!(linekey::rules::limits::IMPORT_LINES, 1000);
    }
    let (mut administrator, _) = office.administrator();
    let phones = (0..1000).map(|at| format!("24:9a:d8:00:{:02x}:{:02x};101;{}\n", at / 256, at % 256, "T".repeat(60)));
    let looked = administrator.post("/api/devices/import", json!({ "csv": phones.collect::<String>() }));
    assert_eq!(looked.expect(200).json["lines"].as_array().unwrap().len(), 1000);
}

/// Excel's own rule: bytes with a mark are UTF-8, and cells part at the list separator of the system.
#[test]
fn each_browsers_excel_opens_the_export_and_it_is_imported_as_it_was() {
    for (asked, separator) in [("de-DE,de;q=0.9,en;q=0.8", b';'), ("en-US,en;q=0.9", b',')] {
        let (office, other) = (Office::open(), Office::open());
        let (mut administrator, _) = office.administrator();
        let names = ["Jörg Müller", "Okafor; Mira", "Okafor, Mira", "x,=1+1", "x;=1+1", "007"];
        for (number, name) in (21..).zip(names) {
            let card =
                json!({ "extension": number.to_string(), "name": name, "email": format!("{number}@bücher.example") });
            administrator.post("/api/people", card).expect(201);
        }
        let mut request = administrator.request(
            linekey::http::edge::message::Method::GET,
            "/api/people.csv",
            &Value::Null,
        );
        request.fields.retain(|(name, _)| name != "accept-language");
        request.fields.push(("accept-language".to_owned(), asked.to_owned()));
        let file = administrator.send(request).expect(200).bytes;
        let text = file.strip_prefix("\u{feff}".as_bytes()).expect("a mark");
        let mut excel = csv::ReaderBuilder::new().delimiter(separator).from_reader(text);
        let rows: Vec<_> = excel.records().map(Result::unwrap).collect();
        for ((row, name), number) in rows.iter().zip(names).zip(21..) {
            let bare = row[1].replace('\'', "");
            assert_eq!((&row[0], bare.as_str()), (number.to_string().as_str(), name));
            assert_eq!(&row[2], format!("{number}@bücher.example"));
        }
        let (mut stranger, _) = other.administrator();
        add(&mut stranger, std::str::from_utf8(&file).unwrap());
        let people = stranger.get("/api/people").expect(200).json;
        let arrived: Vec<_> = people["people"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].clone())
            .collect();
        assert_eq!(arrived, names);
    }
}
