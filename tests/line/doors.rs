//! The phones' sockets: opened and closed by the settings, and what becomes of whoever misbehaves at them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use serde_json::json;

use crate::house::wait_for;
use crate::line::{Line, tcp_is_open, udp_is_open};
use crate::program::{Folder, refused};

#[test]
fn no_socket_is_open_until_phones_are_turned_on_and_none_after_they_are_turned_off() {
    let mut line = Line::off();
    line.wait_until_open(false, false);
    line.set(json!({ "phones": true }));
    line.wait_until_open(true, true);
    line.set(json!({ "phones": false }));
    line.wait_until_open(false, false);
    line.set(json!({ "phones": true }));
    line.wait_until_open(true, true);
}

#[test]
fn tls_only_closes_udp_and_tcp_and_ends_their_connections_and_no_others() {
    let mut line = Line::on();
    let mut plain = TcpStream::connect(("127.0.0.1", line.sip)).unwrap();
    line.set(json!({ "tls_only": true }));
    line.wait_until_open(false, true);
    plain.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let ended = plain.read(&mut [0; 16]);
    assert!(
        matches!(&ended, Ok(0))
            || ended
                .as_ref()
                .is_err_and(|why| why.kind() == std::io::ErrorKind::ConnectionReset),
        "{ended:?}"
    );
    line.set(json!({ "tls_only": false }));
    line.wait_until_open(true, true);
}

#[test]
fn phones_that_are_turned_off_end_their_connections() {
    let mut line = Line::on();
    let mut phone = TcpStream::connect(("127.0.0.1", line.sip)).unwrap();
    phone.write_all(b"\r\n\r\n").unwrap();
    phone.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    line.set(json!({ "phones": false }));
    let mut rest = Vec::new();
    let ended = phone.read_to_end(&mut rest);
    assert!(ended.is_ok() || ended.is_err_and(|why| why.kind() == std::io::ErrorKind::ConnectionReset));
}

#[test]
fn a_stop_takes_less_than_two_seconds_with_connections_open_that_say_nothing() {
    let line = Line::on();
    let phones: Vec<TcpStream> = (0..20)
        .map(|_| TcpStream::connect(("127.0.0.1", line.sip)).unwrap())
        .collect();
    let hellos: Vec<TcpStream> = (0..20)
        .map(|_| TcpStream::connect(("127.0.0.1", line.sips)).unwrap())
        .collect();
    line.house.program.signal("TERM");
    let (status, took, _) = line.house.program.ended();
    assert!(status.success());
    assert!(took < Duration::from_secs(2), "{took:?}");
    drop((phones, hellos));
}

#[test]
fn a_flag_whose_port_is_taken_ends_the_start_although_phones_are_off() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let place = taken.local_addr().unwrap().to_string();
    let folder = Folder::new();
    let (status, said) = refused(
        &["--data", &folder.data(), "--http", "127.0.0.1:0", "--sip", &place],
        &[],
    );
    assert_eq!(status, 2);
    assert_eq!(
        said,
        format!(
            "linekey: phones cannot be served at {place} over UDP: another program is using it; choose another place \
             with --sip ADDR:PORT\n"
        )
    );
    let (status, said) = refused(
        &[
            "--data",
            &folder.data(),
            "--http",
            "127.0.0.1:0",
            "--sips",
            "127.0.0.1:0",
        ],
        &[],
    );
    assert_eq!(
        (status, said.as_str()),
        (
            2,
            "linekey: --sips needs a certificate: give --tls-cert and --tls-key\n"
        )
    );
}

#[test]
fn a_port_that_is_taken_later_is_no_end_of_the_appliance_and_the_other_sockets_open() {
    let mut line = Line::off();
    let taken = TcpListener::bind(("127.0.0.1", line.sip)).unwrap();
    line.set(json!({ "phones": true }));
    wait_for("UDP and TLS", || {
        (udp_is_open(line.sip) && tcp_is_open(line.sips)).then_some(())
    });
    line.house.ask("GET", "/api/settings", json!(null)).expect(200);
    drop(taken);
    // It is tried again when the settings change, and every half minute.
    line.set(json!({ "hide_names": true }));
    line.wait_until_open(true, true);
}
