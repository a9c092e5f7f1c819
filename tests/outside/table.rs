//! A table of people over a real line.

use serde_json::json;

use crate::house::House;

#[test]
fn a_table_may_be_longer_than_any_other_message() {
    let mut house = House::open(&[]);
    let line = |number: usize| {
        format!(
            "{},{},{}@example.org\r\n",
            1000 + number,
            "Ö".repeat(64),
            "m".repeat(64)
        )
    };
    let csv: String = (0..1000).map(line).collect();
    assert!(csv.len() > 200 * 1024, "{}", csv.len());
    let seen = house
        .ask("POST", "/api/people/import", json!({ "csv": csv }))
        .expect(200);
    // They have one address together.
    assert_eq!((&seen.json["good"], &seen.json["faulty"]), (&json!(1), &json!(999)));
    let elsewhere = json!({ "extension": "101", "name": "x".repeat(200 * 1024) });
    house.ask("POST", "/api/people", elsewhere).expect(413);
    house
        .ask("POST", "/api/people/import", json!({ "csv": "x".repeat(1_700 * 1024) }))
        .expect(413);
}
