//! A phone whose settings changed is told so (`check-sync`), as P26 of the list of phones' troubles has it.

use serde_json::{Value, json};

use crate::handset::{Handset, md5, part};
use crate::house::{ask, wait_for};
use crate::line::Line;
use crate::program::Heard;

/// By so many seconds a phone that is free has heard of a change.
const SOON: u64 = 10;
const FILE: &str = "snomD785-000413AABBCC.htm";

/// An office where 101 has a Snom that fetched its file, and another phone that is none of ours to set up.
struct Office {
    line: Line,
    snom: Handset,
    other: Handset,
    /// Where the Snom comes back to.
    own: String,
}

/// A phone fetches a file through the proxy.
fn fetch(line: &Line, path: &str) -> Heard {
    let mut phone = line.house.visitor();
    phone.fields = vec![
        ("X-Forwarded-For", "192.168.1.20".to_owned()),
        ("X-Forwarded-Proto", "https".to_owned()),
    ];
    ask(line.house.program.port(), &mut phone, "GET", path, Value::Null)
}

impl Office {
    fn open() -> Self {
        let mut line = Line::behind_proxy();
        let snom = line.device_of(json!({ "extension": "101", "mac": "000413AABBCC" }));
        let other = line.device("101");
        let file = fetch(&line, &format!("/provision/{FILE}")).expect(200).body;
        let (_, back) = file.split_once("/provision/s/").expect("a way back");
        let own = format!("/provision/s/{}/000413AABBCC.xml", back.split('/').next().unwrap());
        fetch(&line, &own).expect(200);
        let snom = Handset::registered(&line, snom);
        let other = Handset::registered(&line, other);
        Self { line, snom, other, own }
    }

    fn rename(&mut self, label: &str) {
        let path = format!("/api/devices/{}", self.snom.device.id);
        self.line
            .house
            .ask("PATCH", &path, json!({ "label": label }))
            .expect(200);
    }

    /// Whether the page says that the phone's settings were not fetched yet, and that it is in a call.
    fn page(&mut self) -> (bool, bool) {
        let shown = self.line.show(&self.snom.device);
        (shown["not_fetched"] == true, shown["state"]["busy"] == true)
    }
}

#[test]
fn p26_one_notify_goes_to_the_changed_phone_alone_and_its_challenge_is_answered() {
    let mut office = Office::open();
    assert_eq!(office.page(), (false, false));
    office.rename("Hall");
    let (told, took) = office.snom.asked("NOTIFY", SOON).expect("a NOTIFY");
    assert!(took.as_secs() < SOON, "{took:?}");
    assert_eq!(told.field("event"), "check-sync;reboot=false");
    assert_eq!(office.page(), (true, false));
    let challenge = "WWW-Authenticate: Digest realm=\"snom\", nonce=\"n0nce\", qop=\"auth,auth-int\", opaque=\"o\", \
                     algorithm=MD5\r\n";
    office.snom.answer(&told, "401 Unauthorized", challenge);
    let (again, _) = office.snom.asked("NOTIFY", SOON).expect("the NOTIFY with credentials");
    assert_eq!(again.field("call-id"), told.field("call-id"));
    assert_eq!((told.field("cseq"), again.field("cseq")), ("1 NOTIFY", "2 NOTIFY"));
    let said = again.field("authorization");
    let of = |name: &str| part(said, name).unwrap_or_else(|| panic!("no {name}: {said}"));
    let uri = again.start.split(' ').nth(1).unwrap();
    assert_eq!(
        (of("realm"), of("nonce"), of("opaque"), of("qop"), of("uri")),
        ("snom", "n0nce", "o", "auth", uri)
    );
    let device = &office.snom.device;
    assert_eq!(of("username"), device.username);
    let ha1 = md5(&format!("{}:snom:{}", device.username, device.secret));
    let ha2 = md5(&format!("NOTIFY:{uri}"));
    let right = md5(&format!("{ha1}:n0nce:{}:{}:auth:{ha2}", of("nc"), of("cnonce")));
    assert_eq!(of("response"), right);
    office.snom.answer(&again, "200 OK", "");
    assert!(office.snom.asked("NOTIFY", 2).is_none(), "it knows");
    assert!(office.other.asked("NOTIFY", 1).is_none(), "that one was not changed");
    // It has not come yet, whatever it answered, and stays so over a restart.
    assert_eq!(office.page(), (true, false));
    let mut office = Office {
        line: office.line.again(),
        ..office
    };
    assert!(office.page().0);
    let own = office.own.clone();
    fetch(&office.line, &own).expect(200);
    wait_for("the phone's fetch on the page", || (!office.page().0).then_some(()));
}

#[test]
fn p26_a_phone_in_a_call_is_told_once_the_call_is_over() {
    let mut office = Office::open();
    let callee = office.line.device("102");
    let callee = Handset::registered(&office.line, callee);
    let hang_up = office.snom.talk(&callee);
    office.rename("Hall");
    assert!(office.snom.asked("NOTIFY", SOON).is_none(), "it talks");
    assert_eq!(office.page(), (true, true));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (bye, _) = callee.asked("BYE", SOON).expect("a BYE");
            callee.answer(&bye, "200 OK", "");
        });
        hang_up(&mut office.snom);
    });
    let (told, _) = office.snom.asked("NOTIFY", SOON).expect("a NOTIFY");
    office.snom.answer(&told, "200 OK", "");
    assert_eq!(office.page(), (true, false));
}

#[test]
fn p26_ten_changes_in_five_seconds_are_one_notify() {
    let mut office = Office::open();
    for number in 0..10 {
        office.rename(&format!("Hall {number}"));
        // Half a second between two of them; nobody is told meanwhile.
        office
            .snom
            .socket
            .set_read_timeout(Some(std::time::Duration::from_millis(500)))
            .unwrap();
        assert!(office.snom.socket.recv(&mut [0; 1]).is_err());
    }
    let (told, _) = office.snom.asked("NOTIFY", SOON).expect("a NOTIFY");
    office.snom.answer(&told, "200 OK", "");
    assert!(office.snom.asked("NOTIFY", SOON).is_none(), "a second one");
}

#[test]
fn p26_a_phone_that_sleeps_is_told_at_its_next_registration_also_after_a_restart() {
    let mut office = Office::open();
    office.snom.register(0);
    office.rename("Hall");
    let Office { line, mut snom, .. } = office;
    let line = line.again();
    assert!(snom.asked("NOTIFY", SOON).is_none(), "it sleeps");
    snom.register(600);
    let (told, _) = snom.asked("NOTIFY", SOON).expect("a NOTIFY");
    snom.answer(&told, "200 OK", "");
    drop(line);
}

/// A phone whose secret was changed is off the line at once, and its challenge is answered by the secret that it still
/// has. Once it has fetched and registered it is told nothing more.
#[test]
fn a_phone_that_gets_another_owner_or_another_password_is_told_though_it_is_off_the_line() {
    type Change = fn(&mut Office);
    let changes: [Change; 4] = [
        |office| {
            let path = format!("/api/devices/{}", office.snom.device.id);
            let house = &mut office.line.house;
            house
                .ask("POST", "/api/people", json!({ "extension": "104", "name": "Cleo" }))
                .expect(201);
            house.ask("PATCH", &path, json!({ "extension": "104" })).expect(200);
        },
        |office| {
            let path = format!("/api/devices/{}/secret", office.snom.device.id);
            office
                .line
                .house
                .ask("POST", &path, json!({ "rotate": true }))
                .expect(200);
        },
        |office| {
            let path = "/api/devices/rotate";
            office.line.house.ask("POST", path, Value::Null).expect(200);
        },
        |office| {
            let path = format!("/api/devices/{}", office.snom.device.id);
            let said = json!({ "algorithm": "SHA-256" });
            office.line.house.ask("PATCH", &path, said).expect(200);
        },
    ];
    for (place, change) in changes.iter().enumerate() {
        let mut office = Office::open();
        change(&mut office);
        wait_for("the phone off the line", || {
            let shown = office.line.show(&office.snom.device);
            (shown["state"]["registered"] == false).then_some(())
        });
        let (told, took) = office
            .snom
            .asked("NOTIFY", SOON)
            .unwrap_or_else(|| panic!("no NOTIFY after change {place}"));
        assert!(took.as_secs() < SOON, "{took:?}");
        assert_eq!(told.field("event"), "check-sync;reboot=false");
        let challenge = "WWW-Authenticate: Digest realm=\"snom\", nonce=\"n0nce\", algorithm=MD5\r\n";
        office.snom.answer(&told, "401 Unauthorized", challenge);
        let (again, _) = office.snom.asked("NOTIFY", SOON).expect("the NOTIFY with credentials");
        let said = again.field("authorization");
        let device = &office.snom.device;
        assert_eq!(part(said, "username"), Some(device.username.as_str()), "{said}");
        let uri = again.start.split(' ').nth(1).unwrap();
        let ha1 = md5(&format!("{}:snom:{}", device.username, device.secret));
        let right = md5(&format!("{ha1}:n0nce:{}", md5(&format!("NOTIFY:{uri}"))));
        assert_eq!(part(said, "response"), Some(right.as_str()), "{said}");
        office.snom.answer(&again, "200 OK", "");
        assert!(office.snom.asked("NOTIFY", 1).is_none(), "it knows");
        let own = office.own.clone();
        fetch(&office.line, &own).expect(200);
        wait_for("the phone's fetch on the page", || (!office.page().0).then_some(()));
    }
}
