//! The ledger of RFC 3261: every MUST and MUST NOT of §§10, 16, 17, 18 and 22 that concerns a registrar or a stateful
//! proxy, in our words, beside the test that shows it or the reason why it is not done.
//!
//! Left out are duties of user agents, stateless proxies, redirect servers, other proxies and people.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// One rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// What is asked, in our words.
    says: String,
    /// `path::name` of each test that shows it.
    #[serde(default)]
    tests: Vec<String>,
    /// Why it is not done, or done otherwise.
    reason: Option<String>,
}

/// The rows by section.
fn ledger() -> BTreeMap<String, Vec<Row>> {
    toml::from_str(include_str!("rfc3261.toml")).unwrap_or_else(|why| panic!("rfc3261.toml: {why}"))
}

/// Whether the file has a test of that name.
fn has_test(path: &str, name: &str) -> bool {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let Ok(text) = fs::read_to_string(file) else {
        return false;
    };
    let mut attributes = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push(line);
        } else if line
            .strip_prefix("fn ")
            .is_some_and(|rest| rest.starts_with(&format!("{name}(")))
        {
            return attributes.iter().any(|attribute| attribute.ends_with("test]"));
        } else {
            attributes.clear();
        }
    }
    false
}

fn named(test: &str) -> bool {
    test.rsplit_once("::").is_some_and(|(path, name)| has_test(path, name))
}

#[test]
fn every_row_has_a_test_or_a_reason() {
    for (section, rows) in ledger() {
        for row in rows {
            let reason = row.reason.as_deref().map(str::trim);
            assert_ne!(reason, Some(""), "§{section}: {}: an empty reason", row.says);
            assert!(
                !row.tests.is_empty() || reason.is_some(),
                "§{section}: {}: neither test nor reason",
                row.says
            );
        }
    }
}

#[test]
fn every_test_that_is_named_exists() {
    let missing: Vec<String> = ledger()
        .into_values()
        .flatten()
        .flat_map(|row| row.tests)
        .filter(|test| !named(test))
        .collect();
    assert!(missing.is_empty(), "no such tests:\n{}", missing.join("\n"));
}

#[test]
fn every_rule_stands_there_once_and_under_a_section_of_the_five() {
    let mut seen = BTreeMap::new();
    for (section, rows) in ledger() {
        let chapter = section.split('.').next().unwrap();
        assert!(["10", "16", "17", "18", "22"].contains(&chapter), "§{section}");
        for row in rows {
            let before = seen.insert(row.says.clone(), section.clone());
            assert!(before.is_none(), "twice: {}", row.says);
        }
    }
}

#[test]
fn a_test_that_does_not_exist_is_found_out() {
    assert!(named("tests/ledger/main.rs::every_row_has_a_test_or_a_reason"));
    assert!(!named("tests/ledger/main.rs::no_such_test"));
    assert!(!named("tests/ledger/main.rs::named"), "a function that is no test");
    assert!(!named("tests/ledger/nowhere.rs::every_row_has_a_test_or_a_reason"));
    assert!(!named("every_row_has_a_test_or_a_reason"));
}
