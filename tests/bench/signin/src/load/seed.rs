//! Makes an office through the HTTP API: an administrator, people, their passkeys and sessions.

use std::fs;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::json;

use crate::authenticator::Passkey;
use crate::http::Client;

/// Browsers that seed at once: enough that a server which shares commits can share them.
const BROWSERS: u64 = 16;
/// The first person's number.
const FIRST: u64 = 10_000;
/// Lines of one import, well below what it takes.
const LINES: usize = 500;
/// The administrator's passkey.
const ADMINISTRATOR: u64 = u64::MAX;

/// How large an office.
#[derive(Clone, Copy)]
pub struct Size {
    pub people: u64,
    pub passkeys: u64,
    pub sessions: u64,
}

/// What `work` makes of 0 to `count`, in this order, by several threads at once.
fn side_by_side<T: Send>(count: u64, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(0);
    let one = || {
        let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let some = numbers.take_while(|number| *number < count);
        some.map(|number| (number, work(number))).collect::<Vec<_>>()
    };
    let mut made: Vec<(u64, T)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..BROWSERS.min(count)).map(|_| scope.spawn(one)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a thread's work"))
            .collect()
    });
    made.sort_by_key(|(number, _)| *number);
    made.into_iter().map(|(_, one)| one).collect()
}

/// Makes the passkey of that number for whoever the client is signed in as.
fn register(client: &mut Client, number: u64) -> Passkey {
    let asked = client.post("/api/me/passkeys/begin", &json!({})).json(200);
    let options = &asked["publicKey"];
    let user = options["user"]["id"].as_str().expect("a user handle");
    let passkey = Passkey::new(number, user, &client.origin());
    let finish = json!({ "ticket": asked["ticket"], "credential": passkey.create(options) });
    client.post("/api/me/passkeys/finish", &finish).expect(201);
    passkey
}

/// A sign-in by passkey: begin and finish. Answers with the session's cookie.
pub fn sign_in(client: &mut Client, passkey: &Passkey) -> Option<String> {
    let asked = client.post("/api/sign-in/passkey/begin", &json!({})).json(200);
    let credential = passkey.get(&asked["publicKey"]);
    let finish = json!({ "ticket": asked["ticket"], "credential": credential });
    client.post("/api/sign-in/passkey/finish", &finish).expect(200).cookie
}

/// Linekey's: an administrator adds everybody, who make their passkeys and then sign in as often as there are sessions.
pub fn linekey(address: SocketAddr, password: &str, file: &str, size: Size) {
    let (mut client, administrator) = administrator(address, password);
    let lines: Vec<String> = (FIRST..FIRST + size.people)
        .map(|number| format!("{number},Somebody {number},"))
        .collect();
    for some in lines.chunks(LINES) {
        let import = json!({ "csv": some.join("\n"), "commit": true });
        let imported = client.post("/api/people/import", &import).json(200);
        assert_eq!(imported["added"], some.len(), "{imported}");
    }
    let cookie = client.cookie.as_deref().expect("a session");
    let people = side_by_side(size.people, |person| {
        let mut client = join(address, cookie, FIRST + person);
        let numbers = person * size.passkeys..(person + 1) * size.passkeys;
        numbers.map(|number| register(&mut client, number)).collect::<Vec<_>>()
    });
    side_by_side(size.people, |person| {
        let mut client = Client::new(address);
        let passkeys = people[person as usize].iter().cycle();
        // The link opened the first.
        for passkey in passkeys.take(size.sessions as usize - 1) {
            sign_in(&mut client, passkey);
        }
    });
    write(file, people.iter().flatten().chain([&administrator]));
}

/// `admin` signs in with the one-time password, makes a passkey, and signs in by that.
fn administrator(address: SocketAddr, password: &str) -> (Client, Passkey) {
    let mut client = Client::new(address);
    let said = json!({ "username": "admin", "password": password });
    client.cookie = client.post("/api/sign-in/password", &said).expect(200).cookie;
    let passkey = register(&mut client, ADMINISTRATOR);
    client.cookie = sign_in(&mut client, &passkey);
    (client, passkey)
}

/// The administrator with that cookie makes a link for somebody, who signs in by it.
fn join(address: SocketAddr, administrator: &str, extension: u64) -> Client {
    let mut client = Client::new(address);
    client.cookie = Some(administrator.to_owned());
    let path = format!("/api/people/{extension}/invite");
    let invite = client.post(&path, &json!({})).json(201);
    let (_, token) = invite["link"]
        .as_str()
        .and_then(|link| link.split_once('#'))
        .expect("a link");
    client.cookie = None;
    let said = json!({ "token": token });
    client.cookie = client.post("/api/sign-in/link", &said).expect(200).cookie;
    client
}

/// The peer's: anybody may make a passkey.
pub fn peer(address: SocketAddr, file: &str, people: u64) {
    let mut client = Client::new(address);
    let passkeys: Vec<Passkey> = (0..people).map(|number| register(&mut client, number)).collect();
    write(file, passkeys.iter());
}

/// A line for each passkey: its number and its user handle.
fn write<'a>(file: &str, passkeys: impl Iterator<Item = &'a Passkey>) {
    let lines: Vec<String> = passkeys
        .map(|passkey| format!("{} {}\n", passkey.number, passkey.user))
        .collect();
    fs::write(file, lines.concat()).expect("a file for the passkeys");
}

/// The people's passkeys, and the administrator's.
pub fn read(file: &str, address: SocketAddr) -> (Vec<Passkey>, Option<Passkey>) {
    let origin = Client::new(address).origin();
    let lines = fs::read_to_string(file).expect("a file of passkeys");
    let all = lines.lines().map(|line| {
        let (number, user) = line.split_once(' ').expect("a number and a user handle");
        Passkey::new(number.parse().expect("a number"), user, &origin)
    });
    let (administrators, people): (Vec<_>, Vec<_>) = all.partition(|passkey| passkey.number == ADMINISTRATOR);
    (people, administrators.into_iter().next())
}
