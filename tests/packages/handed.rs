//! Sockets that the service manager has opened: the test opens them and hands them over.

use std::io::Read;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::house::{House, PASSWORD, wait_for};
use crate::program::{Folder, Program, command};

/// The program with two sockets, named so; flags follow.
fn with(http: OwnedFd, other: OwnedFd, names: &str, flags: &[&str]) -> Command {
    let hand_over = "exec 3<&0 4<&2 0</dev/null 2>/dev/null; LISTEN_PID=$$ LISTEN_FDS=2 exec \"$0\" \"$@\"";
    let mut bash = Command::new("bash");
    bash.args(["-c", hand_over])
        .arg(command().get_program())
        .args(flags)
        .env("LISTEN_FDNAMES", names)
        .stderr(Stdio::from(other));
    bash.stdin(Stdio::from(http));
    bash
}

#[test]
fn sockets_that_were_handed_over_are_served_and_so_is_who_came_before_the_start() {
    let folder = Folder::new();
    let http = TcpListener::bind("127.0.0.1:0").unwrap();
    let sip = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (port, phones) = (http.local_addr().unwrap().port(), sip.local_addr().unwrap().port());
    let mut early = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let asked = format!("GET /healthz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    std::io::Write::write_all(&mut early, asked.as_bytes()).unwrap();
    let data = folder.data();
    let flags = ["--data", &data, "--admin-password", PASSWORD];
    let command = with(http.into(), sip.into(), "http:sip", &flags);
    let program = Program::run_as_it_is(command).unwrap_or_else(|why| panic!("{why:?}"));
    let mut answer = String::new();
    early.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(program.port(), port);

    let mut house = House::entered(program, folder);
    house
        .ask("PATCH", "/api/settings", json!({ "phones": true }))
        .expect(200);
    let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
    phone.connect(("127.0.0.1", phones)).unwrap();
    phone.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let here = phone.local_addr().unwrap();
    let options = format!(
        "OPTIONS sip:localhost SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bKone\r\nMax-Forwards: 70\r\n\
         From: <sip:a@localhost>;tag=a\r\nTo: <sip:localhost>\r\nCall-ID: one\r\nCSeq: 1 OPTIONS\r\nContent-Length: \
         0\r\n\r\n"
    );
    let heard = wait_for("an answer over SIP", || {
        phone.send(options.as_bytes()).ok()?;
        let mut bytes = [0; 2048];
        let length = phone.recv(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes[..length]).into_owned())
    });
    assert!(heard.starts_with("SIP/2.0 "), "{heard}");
}

#[test]
fn a_socket_of_an_unknown_name_is_refused() {
    let folder = Folder::new();
    let (one, other) = (
        TcpListener::bind("127.0.0.1:0").unwrap(),
        UdpSocket::bind("127.0.0.1:0").unwrap(),
    );
    let data = folder.data();
    let mut command = with(one.into(), other.into(), "http:telnet", &["--data", &data]);
    let status = command.stdout(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}
