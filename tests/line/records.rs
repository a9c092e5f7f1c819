//! TLS as some phones write it: a record for every octet.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use futures_rustls::rustls::crypto::ring::default_provider;
use futures_rustls::rustls::pki_types::pem::PemObject;
use futures_rustls::rustls::pki_types::{CertificateDer, ServerName};
use futures_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::line::{DOMAIN, Line};

#[test]
fn a_message_in_tls_records_of_one_octet_is_answered() {
    let line = Line::on();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(line.certificate()).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(DOMAIN).unwrap();
    let socket = TcpStream::connect(("127.0.0.1", line.sips)).unwrap();
    socket.set_nodelay(true).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let place = socket.local_addr().unwrap();
    let mut phone = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), socket);
    for count in 1..=2 {
        let message = format!(
            "REGISTER sips:{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/TLS {place};branch=z9hG4bKrecord{count}\r\n\
             Max-Forwards: 70\r\nFrom: <sips:101@{DOMAIN}>;tag=r\r\nTo: <sips:101@{DOMAIN}>\r\n\
             Call-ID: record\r\nCSeq: {count} REGISTER\r\nContact: <sips:101@{place}>\r\nContent-Length: 0\r\n\r\n"
        );
        for octet in message.bytes() {
            // Each is a record of its own, and leaves at once.
            phone.write_all(&[octet]).unwrap();
            phone.flush().unwrap();
        }
        let mut heard = String::new();
        while !heard.contains("\r\n\r\n") {
            let mut piece = [0; 1024];
            let length = phone.read(&mut piece).unwrap();
            assert!(length > 0, "closed after {heard:?}");
            heard.push_str(std::str::from_utf8(&piece[..length]).unwrap());
        }
        assert!(heard.starts_with("SIP/2.0 401 "), "{heard}");
        assert!(heard.contains(&format!("CSeq: {count} REGISTER")), "{heard}");
    }
}
