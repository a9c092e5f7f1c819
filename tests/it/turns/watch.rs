//! Power cuts in turns that make a watcher's token, or set the log server.

use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use super::{Before, cut_everywhere, cut_everywhere_of, request};
use crate::disk::Loss;

/// An office that has sent that already.
fn with(method: Method, path: &str, body: Value) -> Before {
    let before = Before::new();
    let (disk, office) = before.opened();
    let asked = request(&before.administrator(&office), method, path, body);
    assert!((200..300).contains(&office.browser().send(asked).status));
    let bytes = disk.after(Loss::All);
    Before { bytes, ..before }
}

#[test]
fn numbers_are_turned_on_and_off_as_a_whole_or_not_at_all() {
    let path = "/api/metrics";
    let to = |method: Method, body: Value| {
        move |before: &Before, office: &_| request(&before.administrator(office), method.clone(), path, body.clone())
    };
    assert!(cut_everywhere(to(Method::POST, json!({}))) > 0);
    let before = with(Method::POST, path, json!({}));
    assert!(cut_everywhere_of(&before, to(Method::DELETE, Value::Null)) > 0);
}

#[test]
fn a_log_server_is_set_and_removed_as_a_whole_or_not_at_all() {
    let set = || json!({ "server": "log.example.org", "port": 6514, "transport": "tls" });
    let path = "/api/syslog";
    let cuts = cut_everywhere(|before, office| request(&before.administrator(office), Method::PUT, path, set()));
    assert!(cuts > 0);
    let before = with(Method::PUT, path, set());
    let removed =
        |before: &Before, office: &_| request(&before.administrator(office), Method::DELETE, path, Value::Null);
    assert!(cut_everywhere_of(&before, removed) > 0);
}
