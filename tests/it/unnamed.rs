//! A proxy that says how its visitors come, and names none of them.

use serde_json::json;
use smol::net::TcpStream;

use crate::program::{Folder, Visitor};

/// HAProxy's without `option forwardfor`.
#[test]
fn a_proxy_that_says_https_and_names_nobody_gets_secure_cookies_and_a_line_in_the_log() {
    let folder = Folder::new();
    let log = folder.path().join("log");
    let door = crate::boot::free_port();
    let (data, origin) = (folder.data(), "https://pbx.test");
    let flags = [
        "--data",
        &data,
        "--http",
        &door,
        "--origin",
        origin,
        "--trusted-proxy",
        "127.0.0.1",
    ];
    let owner = ["--admin-password", "correct horse battery"];
    let _program = crate::signals::heard(&[&flags[..], &owner].concat(), &[], &log);
    let mut visitor = Visitor::to(origin);
    visitor.fields = vec![("X-Forwarded-Proto", "https".to_owned())];
    let typed = json!({ "username": "admin", "password": "correct horse battery", "public_computer": false });
    let heard = smol::block_on(async {
        let door = TcpStream::connect(&door).await.unwrap();
        visitor.ask(door, "POST", "/api/sign-in/password", &typed).await
    });
    let cookie = heard.expect(200).field("set-cookie").unwrap().to_owned();
    assert!(
        cookie.starts_with("__Host-linekey=") && cookie.contains("Secure"),
        "{cookie}"
    );
    let said = std::fs::read_to_string(&log).unwrap();
    assert_eq!(said.matches("X-Forwarded-For").count(), 1, "{said}");
}
