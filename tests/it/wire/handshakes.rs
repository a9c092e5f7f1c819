//! Phones that find no common TLS with us: which, why, and that one line is kept of each.

use std::io::{Read, Write};
use std::time::Duration;

use linekey::rules::certificates::handshake::Cause;

use super::house::{House, short};
use super::secure::Papers;

/// A ClientHello (RFC 5246 §7.4.1.2) of that version, with one cipher and one kind of signature.
fn hello(version: [u8; 2], cipher: [u8; 2], signature: [u8; 2]) -> Vec<u8> {
    let mut extensions = vec![0, 10, 0, 4, 0, 2, 0, 23]; // supported_groups: secp256r1
    extensions.extend([0, 11, 0, 2, 1, 0]); // ec_point_formats: uncompressed
    extensions.extend([0, 13, 0, 4, 0, 2]); // signature_algorithms
    extensions.extend(signature);
    let mut body = version.to_vec();
    body.extend([7; 32]); // random
    body.push(0); // no session
    body.extend([0, 2]);
    body.extend(cipher);
    body.extend([1, 0]); // no compression
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let mut message = vec![1, 0];
    message.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    message.extend(body);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
    record.extend(message);
    record
}

#[test]
fn p08_a_phone_that_knows_rsa_alone_or_old_tls_alone_is_named_by_address_and_cause_once_however_often_it_comes() {
    let papers = Papers::new("handshakes");
    let (house, certificates) = House::secure(short(), &papers.certificate(), &papers.key());
    let failed = certificates.handshakes();
    let old = hello([3, 1], [0xc0, 0x13], [2, 1]);
    // ECDHE-RSA-AES128-GCM-SHA256 with rsa_pkcs1_sha256.
    let rsa = hello([3, 3], [0xc0, 0x2f], [4, 1]);
    for (host, bytes) in [(7, &old), (8, &rsa), (8, &rsa), (8, &rsa)] {
        let mut phone = house.call_from(host).stream;
        phone.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        phone.write_all(bytes).unwrap();
        drop(phone.read_to_end(&mut Vec::new()));
    }
    let told: Vec<_> = failed
        .all()
        .into_iter()
        .map(|one| (one.from.to_string(), one.cause, one.count))
        .collect();
    assert_eq!(
        told,
        [
            ("127.0.0.8".to_owned(), Cause::OtherKeys, 3),
            ("127.0.0.7".to_owned(), Cause::OldTls, 1)
        ]
    );
    // However many come: so many are kept.
    for host in 20..120 {
        let mut phone = house.call_from(host).stream;
        phone.write_all(&old).unwrap();
        drop(phone.read_to_end(&mut Vec::new()));
    }
    assert_eq!(failed.all().len(), 64);
    house.close();
}
