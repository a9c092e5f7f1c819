//! The pages: what they are made of is there, is kept by browsers as long as it should be, and needs no exception from
//! the content security policy.

use std::collections::BTreeSet;

use linekey::http::edge::message::Method;
use linekey::http::front::route::Does;
use linekey::http::front::routes::ROUTES;
use serde_json::Value;

use crate::office::{Browser, ORIGIN, Office, Reply};

/// Every page with somebody who may see it.
fn pages(office: &Office) -> Vec<(&'static str, Reply)> {
    let (administrator, _) = office.administrator();
    let rows = ROUTES.iter().filter(|route| matches!(route.does, Does::Page(_)));
    rows.map(|route| {
        let mut browser = if route.path == "/" {
            office.browser()
        } else {
            administrator.clone()
        };
        (route.path, browser.get(route.path).expect(200))
    })
    .collect()
}

/// What stands between that mark and the next quotation mark, wherever the mark stands.
fn after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(mark)
        .skip(1)
        .map(|rest| rest.split(['"', '\'']).next().unwrap())
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.bytes.clone()).expect("text")
}

fn get_with(browser: &mut Browser<'_>, path: &str, name: &'static str, value: &str) -> Reply {
    let mut request = browser.request(Method::GET, path, &Value::Null);
    request.set_field(name, value);
    browser.send(request)
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let office = Office::open();
    let mut browser = office.browser();
    let mut waiting: Vec<String> = Vec::new();
    for (_, page) in pages(&office) {
        let page = text(&page);
        let named = ["src=\"", "href=\""]
            .into_iter()
            .flat_map(|mark| after(&page, mark).map(str::to_owned).collect::<Vec<_>>());
        waiting.extend(named.filter(|path| path.starts_with("/a/")));
    }
    let mut seen = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let file = browser.get(&path);
        assert_eq!(file.status, 200, "{path}");
        if path.ends_with(".js") {
            let folder = path.rsplit_once('/').unwrap().0.to_owned();
            for import in after(&text(&file), "from \"./").chain(after(&text(&file), "import \"./")) {
                waiting.push(format!("{folder}/{import}"));
            }
        }
    }
    assert!(
        seen.iter().any(|path| path.ends_with(".css")) && seen.iter().any(|path| path.ends_with(".js")),
        "{seen:?}"
    );
}

#[test]
fn no_page_has_anything_that_the_content_security_policy_forbids() {
    let office = Office::open();
    for (path, page) in pages(&office) {
        assert_eq!(page.field("content-type"), Some("text/html; charset=utf-8"), "{path}");
        let page = text(&page);
        for forbidden in ["<style", " style=", "javascript:", "<iframe", "<base", "http-equiv"] {
            assert!(!page.contains(forbidden), "{path}: {forbidden}");
        }
        for script in page.split("<script").skip(1) {
            assert!(
                script.split('>').next().unwrap().contains("src=\"/a/"),
                "{path}: a script of its own"
            );
        }
        let handlers = page
            .split_whitespace()
            .filter(|word| word.starts_with("on") && word.contains("=\""));
        assert_eq!(handlers.count(), 0, "{path}: an event handler in the page");
        assert!(!page.contains("{{"), "{path}: a word that was not filled in");
        for (mark, what) in [
            ("<html lang=\"", "a language"),
            ("<title>", "a title"),
            ("<main", "a main part"),
        ] {
            assert!(page.contains(mark), "{path} has no {what}");
        }
    }
}

#[test]
fn pages_are_asked_for_again_and_files_are_kept_for_ever() {
    let office = Office::open();
    let mut browser = office.browser();
    let page = browser.get("/").expect(200);
    assert_eq!(page.field("cache-control"), Some("no-cache"));
    let tag = page.field("etag").unwrap().to_owned();
    let again = get_with(&mut browser, "/", "If-None-Match", &tag).expect(304);
    assert_eq!((again.bytes.len(), again.field("etag")), (0, Some(tag.as_str())));
    get_with(&mut browser, "/", "If-None-Match", "\"another\"").expect(200);
    let page = text(&page);
    let file = after(&page, "href=\"").find(|path| path.ends_with(".css")).unwrap();
    let kept = browser.get(file).expect(200).field("cache-control").unwrap().to_owned();
    assert!(
        kept.contains("immutable") && kept.contains("max-age=31536000"),
        "{kept}"
    );
}

#[test]
fn what_is_sent_compressed_is_the_same() {
    let office = Office::open();
    let mut browser = office.browser();
    let plain = browser.get("/").expect(200);
    assert!(plain.field("content-encoding").is_none());
    let packed = get_with(&mut browser, "/", "Accept-Encoding", "gzip, br").expect(200);
    assert_eq!(packed.field("content-encoding"), Some("gzip"));
    assert_eq!(packed.field("vary"), Some("Accept-Encoding"));
    assert!(packed.bytes.starts_with(&[0x1f, 0x8b]) && packed.bytes.len() < plain.bytes.len());
    // RFC 1952 §2.3.1: the last four bytes are the length of what was packed.
    let length = u32::from_le_bytes(*packed.bytes.last_chunk().unwrap());
    assert_eq!(length as usize, plain.bytes.len());
}

#[test]
fn gzip_is_sent_to_whoever_takes_it_alone() {
    let office = Office::open();
    let mut browser = office.browser();
    for (said, packed) in [
        ("gzip", true),
        ("GZIP;q=0.1", true),
        ("br;q=1, gzip ; q=0.001", true),
        ("x-gzip", true),
        ("*", true),
        ("identity, *;q=0.5", true),
        ("gzip;q=0", false),
        ("gzip; q=0.000, *", false),
        ("gzip;q=0, deflate", false),
        ("*;q=0", false),
        ("identity", false),
        ("br, gzipped", false),
        ("", false),
    ] {
        let reply = get_with(&mut browser, "/", "Accept-Encoding", said).expect(200);
        assert_eq!(reply.field("content-encoding").is_some(), packed, "{said:?}");
    }
}

#[test]
fn what_is_nowhere_is_a_page_for_people_and_an_error_for_programs() {
    let office = Office::open();
    let mut browser = office.browser();
    let page = get_with(&mut browser, "/nowhere", "Accept", "text/html,*/*;q=0.8").expect(404);
    assert!(text(&page).contains("<html"), "a page");
    // Also for whoever has seen it before.
    let tag = linekey::http::front::assets::page("missing").unwrap().etag;
    let mut request = browser.request(Method::GET, "/nowhere", &Value::Null);
    request.set_field("Accept", "text/html");
    request.set_field("If-None-Match", tag);
    assert_eq!(text(&browser.send(request).expect(404)), text(&page));
    get_with(&mut browser, "/api/nowhere", "Accept", "text/html").refused(404, "not-found");
    browser.get("/nowhere").refused(404, "not-found");
}

#[test]
fn an_address_that_was_mistyped_or_spoilt_by_a_mail_program_leads_to_the_page_that_is_meant() {
    let office = Office::open();
    let mut browser = office.browser();
    for (asked, page) in [
        ("/join/", "/join"),
        ("/join//", "/join"),
        ("//join", "/join"),
        ("/Join", "/join"),
        ("/join.", "/join"),
        ("/join%3E", "/join"),
        ("/join%23wP3x-Q_9", "/join#wP3x-Q_9"),
        ("/join/%23wP3x-Q_9", "/join#wP3x-Q_9"),
        ("/join/?utm_source=mail", "/join?utm_source=mail"),
        ("/ME/", "/me"),
        ("/people/101/", "/people/101"),
    ] {
        assert_eq!(browser.get(asked).expect(303).field("location"), Some(page), "{asked}");
    }
    for nothing in [
        "/nowhere/",
        "/api/me/",
        "/API/me",
        "//evil.example/join",
        "/join/more",
        "/provision/x/",
    ] {
        browser.get(nothing).expect(404);
    }
    browser.post("/join/", Value::Null).refused(404, "not-found");
}

#[test]
fn where_the_first_page_was_asked_to_lead_is_kept_on_the_way_to_the_right_name_and_home() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let asked = "/?to=https://localhost:8443/calls?day=1";
    let mut lost = office.browser();
    let mut request = lost.request(Method::GET, asked, &Value::Null);
    request.set_field("Host", "another.example");
    let there = format!("{ORIGIN}{asked}");
    assert_eq!(lost.send(request).expect(303).field("location"), Some(there.as_str()));
    let home = administrator.get(asked).expect(303);
    assert_eq!(
        home.field("location"),
        Some("/home?to=https://localhost:8443/calls?day=1")
    );
    assert_eq!(
        administrator.get("/?ended").expect(303).field("location"),
        Some("/home")
    );
}

#[test]
fn pages_behind_the_sign_in_are_kept_nowhere_and_those_before_it_are_asked_for_again() {
    let office = Office::open();
    for (path, page) in pages(&office) {
        let open = ["/", "/join"].contains(&path);
        let kept = if open { "no-cache" } else { "no-store" };
        assert_eq!(page.field("cache-control"), Some(kept), "{path}");
        assert_eq!(page.field("etag").is_some(), open, "{path}");
    }
}

#[test]
fn a_page_that_was_asked_for_without_a_session_is_shown_after_the_sign_in() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for (asked, first) in [
        ("/people/101", "/?to=/people/101"),
        ("/settings?x=1", "/?to=/settings?x=1"),
        ("/home", "/"),
    ] {
        let sent = office.browser().get(asked).expect(303);
        assert_eq!(sent.field("location"), Some(first));
    }
    for (asked, there) in [
        ("/?to=/people/101", "/people/101"),
        ("/?to=//evil.example/", "/home?to=//evil.example/"),
        ("/?to=/\\evil.example/", "/home?to=/\\evil.example/"),
    ] {
        assert_eq!(administrator.get(asked).expect(303).field("location"), Some(there));
    }
}
