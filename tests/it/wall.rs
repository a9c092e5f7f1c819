//! The wall between users: every row of the route table, walked by everybody, against what its second column says.

use linekey::http::edge::message::Method;
use linekey::http::front::route::{Does, Route, Who};
use linekey::http::front::routes::ROUTES;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::office::{Browser, MINUTE, ORIGIN, Office, Reply};

/// What the table lets this row's caller meet.
#[derive(Debug, PartialEq)]
enum Met {
    /// Let through; whatever the row then says of the empty message and the unknown names.
    Row,
    /// Sent to that page.
    SentTo(&'static str),
    /// Refused with that status and code.
    Refused(u16, &'static str),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Caller {
    Stranger,
    Person,
    PersonProvedLongAgo,
    Administrator,
    AdministratorProvedLongAgo,
    /// With the secret of an administrator's account.
    Program,
}

const CALLERS: [Caller; 6] = [
    Caller::Stranger,
    Caller::Person,
    Caller::PersonProvedLongAgo,
    Caller::Administrator,
    Caller::AdministratorProvedLongAgo,
    Caller::Program,
];

/// The second column in words of the wire. Written out, not computed: this is the specification.
fn expected(route: &Route, caller: Caller) -> Met {
    use Caller::{Administrator, AdministratorProvedLongAgo, Person, PersonProvedLongAgo, Stranger};
    let page = matches!(route.does, Does::Page(_));
    if caller == Caller::Program {
        // Credentials are looked at under `/api/`, and where a proxy asks.
        return match route.who {
            _ if !route.path.starts_with("/api/") && route.path != "/auth/check" => expected(route, Stranger),
            // It would hold one of the few places for ever.
            _ if ["/api/journal/live", "/api/devices/live"].contains(&route.path) => Met::Refused(403, "not-allowed"),
            Who::SignedIn | Who::Proved | Who::AdministratorInPerson => Met::Refused(403, "not-allowed"),
            Who::Anyone | Who::Newcomer | Who::Identified | Who::Administrator | Who::AdministratorProved => Met::Row,
        };
    }
    // The difference is for programs.
    let in_person = route.who == Who::AdministratorInPerson;
    let who = if in_person { Who::AdministratorProved } else { route.who };
    match (who, caller, page) {
        (Who::Anyone, ..) | (Who::Newcomer, Stranger, _) => Met::Row,
        (Who::Newcomer, _, true) => Met::SentTo("/home"),
        (Who::Newcomer, _, false) => Met::Refused(403, "not-allowed"),
        (_, Stranger, true) => Met::SentTo("/"),
        (_, Stranger, false) => Met::Refused(401, "signed-out"),
        (Who::Identified | Who::SignedIn, ..) => Met::Row,
        (Who::Proved, Person | Administrator, _) => Met::Row,
        (Who::Proved, PersonProvedLongAgo | AdministratorProvedLongAgo, _) => Met::Refused(403, "prove-again"),
        (Who::Administrator | Who::AdministratorProved, Person | PersonProvedLongAgo, true) => Met::SentTo("/home"),
        (Who::Administrator | Who::AdministratorProved, Person | PersonProvedLongAgo, false) => {
            Met::Refused(403, "not-allowed")
        }
        (Who::Administrator, ..) | (Who::AdministratorProved, Administrator, _) => Met::Row,
        (Who::AdministratorProved, AdministratorProvedLongAgo, _) => Met::Refused(403, "prove-again"),
        (Who::AdministratorInPerson, ..) | (_, Caller::Program, _) => unreachable!("seen to above"),
    }
}

fn met(reply: &Reply) -> Met {
    let code = reply.json["error"].as_str().unwrap_or_default();
    match (reply.status, code, reply.field("location")) {
        (303, _, Some("/")) => Met::SentTo("/"),
        // To sign in, and from there to the page that was asked for.
        (303, _, Some(first)) if first.starts_with("/?to=/") => Met::SentTo("/"),
        (303, _, Some("/home")) => Met::SentTo("/home"),
        (303, _, Some("/me")) => Met::Row,
        (401, "signed-out", _) => Met::Refused(401, "signed-out"),
        (403, "not-allowed", _) => Met::Refused(403, "not-allowed"),
        (403, "prove-again", _) => Met::Refused(403, "prove-again"),
        (403 | 303, ..) => panic!("{reply:?}"),
        _ => Met::Row,
    }
}

/// The row's path with every open part taken by something that is not there.
pub fn path_of(route: &Route) -> String {
    route
        .path
        .replace(":extension", "999")
        .replace(":id", "AAAA")
        .replace("*asset", "none")
}

pub fn changes(route: &Route) -> bool {
    route.method != Method::GET
}

pub fn body_of(route: &Route) -> Value {
    if matches!(route.method, Method::POST | Method::PATCH) {
        json!({})
    } else {
        Value::Null
    }
}

#[test]
fn every_row_lets_in_whom_it_says_and_nobody_else() {
    let mut walked = 0;
    for route in ROUTES {
        for caller in CALLERS {
            // An office of its own: some rows close the way in that the next caller would come by.
            let office = Office::open();
            let (mut administrator, of_administrator) = office.administrator();
            let (_, of_person) = office.person(&mut administrator, "101", 1);
            let mut browser = arrived(&office, caller, &of_administrator, &of_person);
            let mut request = browser.request(route.method.clone(), &path_of(route), &body_of(route));
            if caller == Caller::Program {
                let opened = administrator
                    .post("/api/administrators/admin/api", json!({}))
                    .expect(201);
                let credentials = format!("admin:{}", opened.json["secret"].as_str().unwrap());
                let encoded = data_encoding::BASE64.encode(credentials.as_bytes());
                request.set_field("Authorization", format!("Basic {encoded}"));
                browser.secure = true;
            }
            let reply = browser.send(request);
            let row = format!(
                "{} {} ({:?}) as {caller:?}: {}",
                route.method, route.path, route.who, reply.status
            );
            assert_eq!(met(&reply), expected(route, caller), "{row}");
            assert!(reply.status < 500, "{row}");
            if matches!(route.does, Does::Page(_)) && expected(route, caller) == Met::Row {
                assert_eq!(reply.status, 200, "{row}");
            }
            walked += 1;
        }
    }
    assert_eq!(walked, ROUTES.len() * CALLERS.len());
}

/// A browser that this caller has just signed in with, or eleven minutes ago.
fn arrived<'a>(
    office: &'a Office,
    caller: Caller,
    administrator: &Authenticator,
    person: &Authenticator,
) -> Browser<'a> {
    let mut browser = office.browser();
    match caller {
        Caller::Stranger | Caller::Program => return browser,
        Caller::Person | Caller::PersonProvedLongAgo => browser.sign_in_by_passkey(person).expect(200),
        Caller::Administrator | Caller::AdministratorProvedLongAgo => {
            browser.sign_in_by_passkey(administrator).expect(200)
        }
    };
    if matches!(caller, Caller::PersonProvedLongAgo | Caller::AdministratorProvedLongAgo) {
        office.pass(11 * MINUTE);
    }
    browser
}

#[test]
fn no_two_rows_are_the_same_and_every_change_outside_signing_in_needs_somebody() {
    for (place, route) in ROUTES.iter().enumerate() {
        let twin = ROUTES
            .iter()
            .skip(place + 1)
            .find(|other| other.method == route.method && other.path == route.path);
        assert!(twin.is_none(), "{} {} stands twice", route.method, route.path);
        let open = route.path.starts_with("/api/sign-");
        assert!(
            !changes(route) || open || route.who != Who::Anyone,
            "{} {} is open to all",
            route.method,
            route.path
        );
    }
}

/// What is everybody's, by its path alone: all else below `/api/` is the administrators', whatever the table says.
const EVERYBODYS: [&str; 6] = [
    "/api/desks/",
    "/api/site",
    "/api/openapi.json",
    "/api/sign-in/",
    "/api/sign-out",
    "/api/me",
];

#[test]
fn the_office_is_for_administrators_and_changing_it_for_those_who_just_proved_it() {
    let mut seen = 0;
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/api/")) {
        if EVERYBODYS.iter().any(|prefix| route.path.starts_with(prefix)) {
            continue;
        }
        let proved = [Who::AdministratorProved, Who::AdministratorInPerson].contains(&route.who);
        let looks_on = !changes(route) && route.who == Who::Administrator;
        assert!(
            proved || looks_on,
            "{} {} is for {:?}",
            route.method,
            route.path,
            route.who
        );
        seen += 1;
    }
    assert!(seen > 30, "{seen} rows");
    let own = ROUTES.iter().filter(|route| route.path.starts_with("/api/me"));
    own.for_each(|route| assert!(![Who::Anyone, Who::Identified].contains(&route.who), "{}", route.path));
}

#[test]
fn a_path_without_a_row_is_nothing_whoever_asks() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for path in [
        "/api",
        "/api/",
        "/api/none",
        "/api/me/",
        "/a/../etc/passwd",
        "/.git/config",
        "/people/101/phones",
        "//",
        "/api//me",
    ] {
        let reply = administrator.get(path);
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(office.browser().get(path).status, 404, "{path}");
    }
    administrator
        .send(administrator.request(Method::PUT, "/api/me", &json!({})))
        .refused(405, "wrong-method");
}

#[test]
fn nobody_reaches_anothers_passkeys_or_sessions_through_their_own_account() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let (mut jonas, _) = office.person(&mut administrator, "102", 2);
    for victim in [&mut administrator, &mut mira] {
        let passkey = victim.get("/api/me/passkeys").json["passkeys"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let session = victim.get("/api/me").json["session"]["id"].as_str().unwrap().to_owned();
        jonas
            .patch(&format!("/api/me/passkeys/{passkey}"), json!({ "name": "mine" }))
            .refused(404, "not-found");
        jonas
            .delete(&format!("/api/me/passkeys/{passkey}"))
            .refused(404, "not-found");
        jonas
            .delete(&format!("/api/me/sessions/{session}"))
            .refused(404, "not-found");
        jonas.delete("/api/me/sessions").expect(204);
        assert_eq!(victim.get("/api/me").expect(200).json["passkeys"], 1);
        assert_ne!(victim.get("/api/me/passkeys").json["passkeys"][0]["name"], "mine");
        let own = jonas.get("/api/me/passkeys").expect(200);
        assert!(!String::from_utf8_lossy(&own.bytes).contains(&passkey));
        assert!(!String::from_utf8_lossy(&jonas.get("/api/me/sessions").bytes).contains(&session));
    }
}

#[test]
fn an_administrator_who_became_a_memory_loses_every_right_with_the_session() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let mut copy = administrator.clone();
    administrator.post("/api/sign-out", Value::Null).expect(204);
    copy.post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .refused(401, "signed-out");
}

#[test]
fn every_changing_row_refuses_another_sites_page() {
    let office = Office::open();
    let (administrator, _) = office.administrator();
    let foreign: &[(&str, Option<&str>, Option<&str>)] = &[
        ("another origin", Some("https://evil.example"), None),
        ("another port", Some("http://localhost:8081"), None),
        ("another scheme", Some("https://localhost:8080"), None),
        ("no origin that can be named", Some("null"), None),
        ("cross-site", None, Some("cross-site")),
        ("a sibling site", None, Some("same-site")),
        ("cross-site, with our origin", Some(ORIGIN), Some("cross-site")),
        (
            "same-origin, with another's",
            Some("https://evil.example"),
            Some("same-origin"),
        ),
    ];
    for route in ROUTES.iter().filter(|route| changes(route)) {
        for (what, origin, site) in foreign {
            let mut browser = administrator.clone();
            let mut request = browser.request(route.method.clone(), &path_of(route), &body_of(route));
            request.remove_field("Origin");
            request.remove_field("Sec-Fetch-Site");
            if let Some(origin) = origin {
                request.set_field("Origin", *origin);
            }
            if let Some(site) = site {
                request.set_field("Sec-Fetch-Site", *site);
            }
            let reply = browser.send(request);
            assert_eq!(
                (reply.status, &reply.json["error"]),
                (403, &json!("other-origin")),
                "{what}: {}",
                route.path
            );
        }
    }
}

#[test]
fn a_program_without_origin_or_fetch_metadata_is_served() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let mut request = administrator.request(
        Method::POST,
        "/api/people",
        &json!({ "extension": "101", "name": "Mira" }),
    );
    request.remove_field("Origin");
    request.remove_field("Sec-Fetch-Site");
    administrator.send(request).expect(201);
}

#[test]
fn every_row_is_closed_under_a_name_that_is_not_ours() {
    let office = Office::open();
    let (administrator, _) = office.administrator();
    for host in [
        "evil.example",
        "localhost.evil.example",
        "evil.example:8080",
        "localhost@evil.example",
        "",
    ] {
        // Monitors, phones and CAs ask under whatever name they know, and browsers the old name during a move.
        let open = [
            "/healthz",
            "/provision/",
            "/.well-known/acme-challenge/",
            "/.well-known/webauthn",
        ];
        let by_name = |route: &&Route| !open.iter().any(|path| route.path.starts_with(path));
        for route in ROUTES.iter().filter(by_name) {
            let mut browser = administrator.clone();
            let mut request = browser.request(route.method.clone(), &path_of(route), &body_of(route));
            request.set_field("Host", host);
            let reply = browser.send(request);
            match route.does {
                Does::Page(_) => {
                    let there = format!("{ORIGIN}{}", path_of(route));
                    assert_eq!(
                        (reply.status, reply.field("location")),
                        (303, Some(there.as_str())),
                        "{host} {}",
                        route.path
                    );
                }
                Does::Work(_) => {
                    assert_eq!(
                        (reply.status, &reply.json["error"]),
                        (421, &json!("wrong-name")),
                        "{host} {}",
                        route.path
                    );
                }
            }
        }
    }
}
