//! A new person's link: one use, seven days, the newest alone.

use std::collections::BTreeSet;

use linekey::http::front::qr;
use rqrr::PreparedImage;
use serde_json::json;

use crate::office::{Browser, DAY, Office, token_of};

/// The link of somebody new with that number.
pub fn link_for(administrator: &mut Browser<'_>, extension: &str) -> String {
    let card = json!({ "extension": extension, "name": "Somebody" });
    token_of(&administrator.post("/api/people", card).expect(201).json["invite"])
}

#[test]
fn a_link_works_once() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let token = link_for(&mut administrator, "101");
    office.browser().sign_in_by_link(&token).expect(200);
    office.browser().sign_in_by_link(&token).refused(410, "link-spent");
}

#[test]
fn a_newer_link_ends_the_older_one() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let older = link_for(&mut administrator, "101");
    let newer = administrator.post("/api/people/101/invite", json!({})).expect(201);
    office.browser().sign_in_by_link(&older).refused(410, "link-spent");
    office.browser().sign_in_by_link(&token_of(&newer.json)).expect(200);
}

#[test]
fn a_link_works_for_seven_days_and_not_a_second_longer() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (first, second) = (link_for(&mut administrator, "101"), link_for(&mut administrator, "102"));
    office.pass(7 * DAY - 1);
    office.browser().sign_in_by_link(&first).expect(200);
    office.pass(1);
    office.browser().sign_in_by_link(&second).refused(410, "link-spent");
}

#[test]
fn an_unknown_link_is_answered_as_a_spent_one_is() {
    let office = Office::open();
    for token in [
        "",
        "x",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "\u{0}",
        &"A".repeat(9000),
    ] {
        office.browser().sign_in_by_link(token).refused(410, "link-spent");
    }
}

#[test]
fn looking_at_a_link_does_not_use_it_up() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let token = link_for(&mut administrator, "101");
    for path in [
        "/join".to_owned(),
        format!("/join?token={token}"),
        format!("/api/sign-in/link?token={token}"),
    ] {
        assert!(office.browser().get(&path).field("set-cookie").is_none(), "{path}");
    }
    office.browser().sign_in_by_link(&token).expect(200);
}

#[test]
fn a_link_pressed_by_many_at_once_signs_in_one() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let token = link_for(&mut administrator, "101");
    let press = || office.browser().sign_in_by_link(&token).status;
    let mut told: Vec<u16> = std::thread::scope(|scope| {
        let presses: Vec<_> = (0..8).map(|_| scope.spawn(press)).collect();
        presses.into_iter().map(|press| press.join().unwrap()).collect()
    });
    told.sort_unstable();
    assert_eq!(told, [200, 410, 410, 410, 410, 410, 410, 410]);
}

/// What a QR code reads as, of which it is known where it is dark; with a quiet zone, at some pixels to a module.
fn read(size: usize, is_dark: impl Fn(usize, usize) -> bool) -> String {
    const PIXELS: usize = 4;
    const QUIET: usize = 4;
    let side = (size + 2 * QUIET) * PIXELS;
    let module = |pixel: usize| (pixel / PIXELS).checked_sub(QUIET).filter(|module| *module < size);
    let shade = |x, y| match (module(x), module(y)) {
        (Some(x), Some(y)) if is_dark(x, y) => 0,
        _ => 255,
    };
    let mut image = PreparedImage::prepare_from_greyscale(side, side, shade);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn the_qr_code_reads_as_the_link_on_the_page_and_on_the_console() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let card = json!({ "extension": "101", "name": "Somebody" });
    let invite = &administrator.post("/api/people", card).expect(201).json["invite"];
    let link = invite["link"].as_str().unwrap();
    let (path, size) = (
        invite["qr"]["path"].as_str().unwrap(),
        invite["qr"]["size"].as_u64().unwrap(),
    );
    let dark: BTreeSet<_> = path.split_terminator('z').collect();
    let is_dark = |x, y| dark.contains(format!("M{x} {y}h1v1h-1").as_str());
    assert_eq!(read(size.try_into().unwrap(), is_dark), link);
    // A terminal shows light on dark.
    let text = qr::for_terminal(link).unwrap();
    let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let lights = |x: usize, y: usize| match lines[y / 2][x] {
        '█' => true,
        '▀' => y.is_multiple_of(2),
        '▄' => !y.is_multiple_of(2),
        _ => false,
    };
    assert_eq!(read(lines[0].len(), |x, y| y < 2 * lines.len() && !lights(x, y)), link);
}
