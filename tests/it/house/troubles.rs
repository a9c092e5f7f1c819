//! `tests/TROUBLES.md` names the tests that are there, and leaves out no trouble.

use std::fs;
use std::path::Path;

#[test]
fn the_table_of_troubles_names_tests_that_are_there_and_leaves_none_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let table = fs::read_to_string(root.join("TROUBLES.md")).unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).collect();
    let numbers = (1..=16)
        .map(|number| format!("T{number:02}"))
        .chain((1..=14).map(|number| format!("D{number:02}")));
    for number in numbers {
        let of_it = rows.iter().filter(|row| row.starts_with(&format!("| {number} ")));
        assert_eq!(of_it.count(), 1, "{number}");
    }
    let mut named = 0;
    for test in table.split('`').skip(1).step_by(2).filter(|code| code.contains("::")) {
        // The target's folder, then the modules of a file, then the test.
        let (target, path) = test.split_once(' ').unwrap_or_else(|| panic!("{test} has no target"));
        let (file, name) = path.rsplit_once("::").unwrap();
        let file = root.join(target).join(format!("{}.rs", file.replace("::", "/")));
        let text = fs::read_to_string(&file).unwrap_or_else(|why| panic!("{test}: {}: {why}", file.display()));
        let after = text.split(&format!("fn {name}(")).nth(1);
        assert!(after.is_some(), "{test} is not there");
        named += 1;
    }
    assert!(named > 60, "{named} tests are named");
}
