//! The journal as administrators see it, and what a reverse proxy is told.

use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use crate::office::{Browser, ORIGIN, Office};

fn events(page: &Value) -> Vec<&str> {
    page["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect()
}

#[test]
fn the_journal_is_paged_filtered_and_shows_refused_sign_ins_by_their_time() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for number in 200..210 {
        office.pass(10);
        let card = json!({ "extension": number.to_string(), "name": "Somebody" });
        administrator.post("/api/people", card).expect(201);
    }
    office.pass(10);
    office
        .browser()
        .sign_in_by_password("nobody", "wrong wrong wrong")
        .refused(401, "not-signed-in");
    office.pass(10);
    administrator.delete("/api/people/200").expect(204);
    let all = administrator.get("/api/journal").expect(200).json;
    assert_eq!(events(&all)[..3], ["account-deleted", "refused", "link-made"]);
    assert_eq!(
        (&all["lines"][1]["id"], &all["lines"][1]["refused"]),
        (&Value::Null, &json!(0))
    );
    assert_eq!(all["lines"][0]["refused"], Value::Null);
    assert_eq!(all["next"], Value::Null);
    let mut seen = Vec::new();
    let mut path = "/api/journal?limit=4".to_owned();
    loop {
        let page = administrator.get(&path).expect(200).json;
        seen.extend(page["lines"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_u64() else { break };
        path = format!("/api/journal?limit=4&before={next}");
    }
    assert_eq!(json!(seen), all["lines"], "page by page it is the same journal");
    let added = administrator
        .get("/api/journal?event=account-&text=SOMEBODY%20207")
        .expect(200)
        .json;
    assert_eq!(events(&added), ["account-added"]);
    assert_eq!(added["lines"][0]["who"], json!("admin"));
    let refused = administrator.get("/api/journal?event=refused").expect(200).json;
    assert_eq!(events(&refused), ["refused"]);
    administrator.get("/api/journal?before=x").refused(400, "unreadable");
}

/// Of refused sign-ins: as whom, and why.
fn refused(administrator: &mut Browser<'_>) -> Vec<(String, String)> {
    let page = administrator.get("/api/journal?event=refused").expect(200).json;
    let text = |line: &Value, member: &str| line[member].as_str().unwrap().to_owned();
    let lines = page["lines"].as_array().unwrap().iter();
    lines.map(|line| (text(line, "who"), text(line, "about"))).collect()
}

#[test]
fn a_refused_sign_in_is_shown_with_its_account_and_its_true_reason() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    office.person(&mut administrator, "101", 1);
    let mut last = |act: &dyn Fn()| {
        office.pass(1);
        act();
        refused(&mut administrator)[0].clone()
    };
    let told = |who: &str, why: &str| (who.to_owned(), why.to_owned());
    let guess = |name: &'static str| {
        move |office: &Office| {
            office
                .browser_at("192.0.2.9".parse().unwrap())
                .sign_in_by_password(name, "wrong wrong wrong");
        }
    };
    // What is no account may be a password that was typed into the wrong field: it is kept nowhere.
    assert_eq!(last(&|| guess("nobody")(&office)), told("", "not-signed-in"));
    assert_eq!(
        last(&|| guess("101")(&office)),
        told("101 (Person 101)", "not-signed-in")
    );
    let waits = last(&|| (0..40).for_each(|_| guess("101")(&office)));
    assert_eq!(waits, told("101 (Person 101)", "wait"));
    // A passkey is known by its number even where the rest of the answer is wrong.
    let mut forged = authenticator.clone();
    forged.origin = "https://evil.example".to_owned();
    let (who, why) = last(&|| {
        office
            .browser()
            .sign_in_by_passkey(&forged)
            .refused(401, "not-signed-in");
    });
    assert!(who == "admin" && why.contains("§7.2"), "{who}: {why}");
    let outside = last(&|| {
        let lan = json!({ "ranges": ["127.0.0.0/8"] });
        let mut there = office.browser();
        there.sign_in_by_passkey(&authenticator).expect(200);
        there.patch("/api/administrators/admin", lan).expect(200);
        let mut abroad = office.browser_at("192.0.2.7".parse().unwrap());
        abroad.sign_in_by_passkey(&authenticator).refused(401, "not-signed-in");
    });
    assert_eq!(outside, told("admin", "outside-ranges"));
    let file = administrator.get("/api/journal.csv").expect(200);
    let csv = String::from_utf8(file.bytes).unwrap();
    // Spreadsheets take this for a time, and people read it.
    assert!(csv.contains("\r\n2026-11-23T08:00:0"), "{csv}");
    assert!(csv.contains("Z,admin,192.0.2.7,refused,outside-ranges\r\n"), "{csv}");
}

#[test]
fn the_journal_as_a_file_holds_no_formula() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let card = json!({ "extension": "301", "name": "@SUM(1+1)", "email": "+x@example.org" });
    administrator.post("/api/people", card).expect(201);
    let export = administrator.get("/api/people.csv").expect(200);
    assert_eq!(export.field("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(
        String::from_utf8(export.bytes).unwrap(),
        "extension,name,email\r\n301,'@SUM(1+1),'+x@example.org\r\n"
    );
    let csv = String::from_utf8(administrator.get("/api/journal.csv").expect(200).bytes).unwrap();
    assert!(csv.starts_with("time,who,address,event,about\r\n"));
    let lines: Vec<_> = csv::Reader::from_reader(csv.as_bytes())
        .into_records()
        .map(Result::unwrap)
        .collect();
    assert!(lines.iter().any(|line| &line[4] == "301 (@SUM(1+1))"), "{csv}");
    for cell in lines.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
    }
    let whole = administrator.get("/api/journal.json").expect(200).json;
    assert_eq!(whole["lines"].as_array().unwrap().len(), csv.lines().count() - 1);
}

#[test]
fn the_journals_tail_shows_what_happens_and_ends_with_the_session() {
    use smol::io::AsyncReadExt;
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (_, mut observer) = (office.browser(), administrator.clone());
    let request = observer.request(Method::GET, "/api/journal/live", &Value::Null);
    let mut stream = office.stream(&mut observer, request);
    let mut read = |wanted: &str| {
        let mut text = String::new();
        let reading = async {
            let mut chunk = [0; 4096];
            while !text.contains(wanted) {
                let length = stream.read(&mut chunk).await.unwrap();
                if length == 0 {
                    return format!("{text}<end>");
                }
                text.push_str(std::str::from_utf8(&chunk[..length]).unwrap());
            }
            text
        };
        let patience = async {
            smol::Timer::after(std::time::Duration::from_secs(10)).await;
            "<nothing came>".to_owned()
        };
        smol::block_on(smol::future::or(reading, patience))
    };
    assert!(read("from now on").starts_with(": "));
    administrator
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    assert!(read("link-made").contains("account-added"));
    // More lines in one go than a page has.
    let rows: String = (1..=150)
        .map(|number| format!("{},Somebody {number}\n", 1000 + number))
        .collect();
    let import = json!({ "csv": rows, "commit": true });
    administrator.post("/api/people/import", import).expect(200);
    let came = read("1150 (Somebody 150)");
    assert_eq!(came.matches("account-added").count(), 150);
    office.browser().sign_in_by_password("nobody", "wrong wrong wrong");
    assert!(read("refused").contains("\"id\":null"));
    administrator.post("/api/sign-out", Value::Null).expect(204);
    assert!(read("never said").ends_with("<end>"));
}

#[test]
fn a_reverse_proxy_is_told_who_is_there() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    administrator
        .patch(
            "/api/people/101",
            json!({ "name": "Mïra 100%", "email": "mira@example.org" }),
        )
        .expect(200);
    office.browser().get("/auth/check").refused(401, "signed-out");
    let told = mira.get("/auth/check").expect(204);
    let field = |name| told.field(name).unwrap();
    assert_eq!(field("remote-user"), "101");
    assert_eq!(field("remote-name"), "M%C3%AFra 100%25");
    assert_eq!(field("remote-email"), "mira@example.org");
    assert_eq!(field("remote-groups"), "people");
    mira.get("/auth/check?group=administrators").refused(403, "not-allowed");
    let other = administrator.get("/auth/check?group=administrators").expect(204);
    assert_eq!(other.field("remote-email"), Some(""), "a field without anything in it");
    mira.get("/auth/check?groups=administrators").refused(400, "unreadable");
    // A variable that the proxy's owner did not set, or a slip, lets nobody through.
    for query in [
        "?group",
        "?group=",
        "?group=%20",
        "?group=Administrators",
        "?group=administrators%20",
        "?group=people&group=administrators",
        "?group=people&group=people",
        "?group=people&",
        "?Group=people",
        "?group[]=people",
        "?=people",
        "?people",
        "?group=%F0%28",
        "?sign-in=",
        "?sign-in=redirect&x=1",
    ] {
        for browser in [&mut mira, &mut administrator] {
            let reply = browser.get(&format!("/auth/check{query}"));
            if query == "?group=people&" {
                assert!(
                    matches!(reply.status, 204 | 403),
                    "{query}: one group, and nothing more"
                );
            } else {
                assert_eq!(reply.status, 400, "{query}");
            }
        }
    }
    mira.get("/auth/check?group=people").expect(204);
    // Caddy's mark behind a query that it took away.
    mira.get("/auth/check?").expect(204);
    // Credentials for the service behind the proxy are none of ours.
    for authorization in ["Bearer of a token", "Basic bWlyYTpoZXJz"] {
        let mut request = mira.request(Method::GET, "/auth/check", &Value::Null);
        request.set_field("Authorization", authorization);
        mira.send(request).expect(204);
    }
}

#[test]
fn password_managers_find_their_way() {
    let office = Office::open();
    let mut browser = office.browser();
    assert_eq!(
        browser
            .get("/.well-known/change-password")
            .expect(303)
            .field("location"),
        Some("/me")
    );
    let endpoints = browser.get("/.well-known/passkey-endpoints").expect(200).json;
    let me = format!("{ORIGIN}/me");
    assert_eq!(endpoints, json!({ "enroll": me, "manage": me }));
}

#[test]
fn lines_name_people_and_changes_say_what_was_altered() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    administrator
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    administrator
        .patch("/api/administrators/admin", json!({ "name": "Ada Example" }))
        .expect(200);
    administrator.post("/api/name/code", json!({})).expect(200);
    let mut last = |path: &str, body: Value| {
        administrator.patch(path, body).expect(200);
        let line = administrator.get("/api/journal?limit=1").expect(200).json["lines"][0].clone();
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(text("who"), "admin (Ada Example)");
        (text("event"), text("about"))
    };
    for (path, change, event, about) in [
        (
            "/api/people/101",
            json!({ "extension": "102", "name": "Mira Muster", "email": "mira@example.org" }),
            "account-changed",
            "102 (Mira Muster): extension 101 → 102; name Mira → Mira Muster; e-mail none → mira@example.org",
        ),
        (
            "/api/people/102",
            json!({ "email": "" }),
            "account-changed",
            "102 (Mira Muster): e-mail mira@example.org → none",
        ),
        (
            "/api/administrators/admin",
            json!({ "ranges": ["127.0.0.0/8", "192.0.2.0/24"] }),
            "ranges-changed",
            "admin (Ada Example): ranges everywhere → 127.0.0.0/8, 192.0.2.0/24",
        ),
        (
            "/api/administrators/admin",
            json!({ "ranges": [] }),
            "ranges-changed",
            "admin (Ada Example): ranges 127.0.0.0/8, 192.0.2.0/24 → everywhere",
        ),
        (
            "/api/settings",
            json!({ "session_hours": 12, "tls_only": true, "emergency": ["112"], "name": "pbx.example.org" }),
            "settings-changed",
            "session_hours 720 → 12; name none → pbx.example.org; tls_only off → on; emergency none → 112",
        ),
    ] {
        assert_eq!(last(path, change), (event.to_owned(), about.to_owned()));
    }
    let lines = || {
        administrator.clone().get("/api/journal").expect(200).json["lines"]
            .as_array()
            .unwrap()
            .len()
    };
    let before = lines();
    administrator
        .clone()
        .patch("/api/settings", json!({ "session_hours": 12 }))
        .expect(200);
    assert_eq!(lines(), before, "nothing was altered");
}

/// Every parameter that selects or grants something: doubled, empty, unknown, in another case. What is left out is
/// another test's.
#[test]
fn what_stands_behind_a_question_mark_is_understood_or_refused() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for (path, status) in [
        ("/auth/check?group=administrators&group=people", 400),
        ("/auth/check?group=", 400),
        ("/auth/check?group", 400),
        ("/auth/check?group=nobody", 400),
        ("/auth/check?Group=people", 400),
        ("/auth/check?sign-in=", 400),
        ("/auth/check?sign-in=redirect&sign-in=redirect", 400),
        ("/api/journal?event=signed-in&event=refused", 400),
        ("/api/journal?evnt=signed-in", 400),
        ("/api/journal?before=", 400),
        ("/api/journal?before=-1", 400),
        ("/api/journal?limit=many", 400),
        ("/api/journal?limit=1&limit=2", 400),
        ("/api/journal?minutes_east=", 400),
        // Nothing is looked for, so everything is found.
        ("/api/journal?event=&text=", 200),
        ("/api/people?after=", 422),
        ("/api/people?after=101&after=102", 400),
        ("/api/people?After=101", 400),
        ("/api/people?limit=", 400),
        ("/api/people?limit=0", 200),
        ("/api/mail/outbox?after=", 400),
        ("/api/mail/outbox?after=x", 400),
        ("/api/mail/outbox?limit=1&limit=1", 400),
        ("/api/mail/outbox?before=1", 400),
    ] {
        assert_eq!(administrator.get(path).status, status, "{path}");
    }
    // None of them has another effect where none is read.
    for path in [
        "/api/me?account=1",
        "/api/people.csv?limit=0",
        "/healthz?verbose",
        "/home?to=//evil.example",
    ] {
        let (with, without) = (
            administrator.get(path),
            administrator.get(path.split('?').next().unwrap()),
        );
        assert_eq!((with.status, with.bytes), (without.status, without.bytes), "{path}");
    }
}
