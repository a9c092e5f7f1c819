//! What a board's file may say: `board/schema.rs`, by which `build.rs` reads it, on strings.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the report"
)]

#[path = "../../board/schema.rs"]
mod schema;

use std::fs;
use std::path::Path;

use schema::Profile;

const WHOLE: &str = r#"# A board with everything.
title  = "Slate"
target = "armv7-unknown-linux-musleabihf"
data   = "/data/linekey"
clock  = "none"
reset  = { line = "1c20800.pinctrl 203", hold = "10 s" }
led    = "slate:green:status"
http   = "0.0.0.0:80"
https  = "off"

[budget]
binary   = "8 MiB"
resident = "24 MiB"
start    = "1500 ms"
"#;

/// Why the file is refused once `before` in it is `after`.
#[track_caller]
fn refused(before: &str, after: &str) -> String {
    assert!(WHOLE.contains(before), "{before}");
    let text = WHOLE.replacen(before, after, 1);
    let Err(why) = Profile::parse("board/slate.toml", &text) else {
        panic!("taken, though {before} is {after}");
    };
    why
}

#[test]
fn every_board_of_the_folder_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("board");
    let mut boards = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let read = Profile::parse(&path.display().to_string(), &fs::read_to_string(&path).unwrap());
            assert!(read.is_ok(), "{}", read.err().unwrap_or_default());
            boards += 1;
        }
    }
    assert!(boards > 0, "there is no board");
}

#[test]
fn a_whole_file_becomes_the_constant_and_the_values_for_scripts() {
    let profile = Profile::parse("board/slate.toml", WHOLE).unwrap();
    assert_eq!(
        profile.rust("slate"),
        "/// The board of this binary.\npub static BOARD: Board = Board { id: \"slate\", title: \"Slate\", \
         data: Some(\"/data/linekey\"), clock: Clock::None, reset: Some(Button { line: Line::Numbered { \
         chip: \"1c20800.pinctrl\", number: 203 }, holds: Holds { access: 10000, all: 20000 } }), \
         password_from: None, led: Some(\"slate:green:status\"), name: None, http: \"0.0.0.0:80\", https: \"off\" };\n"
    );
    assert_eq!(
        profile.values(),
        "title=Slate\ntarget=armv7-unknown-linux-musleabihf\nbinary=8388608\nresident=25165824\nstart=1500\n"
    );
}

#[test]
fn what_is_optional_may_be_left_out_and_a_line_may_have_a_name() {
    let text = WHOLE
        .replace("1c20800.pinctrl 203", "GPIO17")
        .replace("data   = \"/data/linekey\"\n", "")
        .replace("led    = \"slate:green:status\"\n", "");
    let rust = Profile::parse("board/slate.toml", &text).unwrap().rust("slate");
    for part in ["Line::Named(\"GPIO17\")", "data: None", "led: None"] {
        assert!(rust.contains(part), "{part} is not in {rust}");
    }
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    assert_eq!(
        refused("led ", "lamp"),
        "board/slate.toml:7: unknown field `lamp`, expected one of `title`, `target`, `data`, `clock`, `reset`, \
         `password_from`, `led`, `name`, `http`, `https`, `budget`"
    );
    assert_eq!(
        refused("start ", "starts"),
        "board/slate.toml:14: unknown field `starts`, expected one of `binary`, `resident`, `start`"
    );
    assert_eq!(
        refused("{ line", "{ gpio = 203, line"),
        "board/slate.toml:6: unknown field `gpio`, expected one of `line`, `hold`, `all`"
    );
}

#[test]
fn a_missing_key_is_refused_with_the_line_of_its_table() {
    assert_eq!(
        refused("clock  = \"none\"\n", ""),
        "board/slate.toml:1: missing field `clock`"
    );
    assert_eq!(
        refused("resident = \"24 MiB\"\n", ""),
        "board/slate.toml:11: missing field `resident`"
    );
    assert_eq!(
        refused(", hold = \"10 s\"", ""),
        "board/slate.toml:6: missing field `hold`"
    );
}

#[test]
fn a_key_that_stands_twice_is_refused_with_its_line() {
    assert_eq!(
        refused("led ", "title = \"Chalk\"\nled "),
        "board/slate.toml:7: duplicate key"
    );
}

#[test]
fn a_value_of_the_wrong_form_is_refused_with_its_line() {
    for (before, after, why) in [
        ("\"Slate\"", "7", "2: invalid type: integer `7`, expected a string"),
        (
            "armv7-unknown-linux-musleabihf",
            "armv7-unknown-linux-gnueabihf",
            "3: `armv7-unknown-linux-gnueabihf` is not a static target: {x86_64,aarch64}-unknown-linux-musl or \
             armv7-unknown-linux-musleabihf",
        ),
        ("/data/linekey", "data", "4: `data` is not an absolute path"),
        (
            "\"none\"",
            "\"quartz\"",
            "5: unknown variant `quartz`, expected `battery` or `none`",
        ),
        (
            "pinctrl 203",
            "pinctrl -1",
            "6: `1c20800.pinctrl -1` is not a line's name like `GPIO17`, or a chip's label and a number like `gpio0 \
                17`",
        ),
        ("10 s", "10s", "6: `10s` is not a time like `10 s` or `150 ms`"),
        ("10 s", "0 s", "6: `0 s` is not a time like `10 s` or `150 ms`"),
        (
            "slate:green:status",
            "/sys/class/leds/slate",
            "7: `/sys/class/leds/slate` is not a name without `/` and white space",
        ),
        ("0.0.0.0:80", ":80", "8: `:80` is not ADDRESS:PORT or `off`"),
        (
            "\"off\"",
            "false",
            "9: invalid type: boolean `false`, expected a string",
        ),
        ("8 MiB", "8 MB", "12: `8 MB` is not a size like `8 MiB` or `512 KiB`"),
        (
            "24 MiB",
            "99999999999999 MiB",
            "13: `99999999999999 MiB` is not a size like `8 MiB` or `512 KiB`",
        ),
    ] {
        assert_eq!(refused(before, after), format!("board/slate.toml:{why}"));
    }
}

#[test]
fn a_board_may_say_where_the_first_password_comes_from_and_how_long_everything_takes() {
    let text = WHOLE
        .replace("hold = \"10 s\"", "hold = \"5 s\", all = \"30 s\"")
        .replace("led    =", "password_from = \"serial\"\nled    =");
    let rust = Profile::parse("board/slate.toml", &text).unwrap().rust("slate");
    for part in ["Holds { access: 5000, all: 30000 }", "password_from: Some(\"serial\")"] {
        assert!(rust.contains(part), "{part} is not in {rust}");
    }
    assert_eq!(
        refused("led    =", "password_from = \"label\"\nled    ="),
        "board/slate.toml:7: `label` is not `machine-id`, `serial`, `dmi-uuid` or an absolute path"
    );
    assert_eq!(
        refused("\"10 s\" }", "\"10 s\", all = \"10 s\" }"),
        "board/slate.toml:6: `all` is not longer than `hold`"
    );
}
