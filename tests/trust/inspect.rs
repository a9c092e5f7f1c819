//! The owner's own files, made by OpenSSL as owners make them.

use std::process::Command;

use linekey::rules::certificates::inspect::{CHAIN, File, Flaw, KeyKind, Looks, Pair};
use linekey::rules::time::{Date, Ttl};
use ring::rand::SystemRandom;

use super::world::{Folder, name, reading, today};
use crate::left_out::left_out;

/// Makes keys and certificates with OpenSSL in a folder; each argument list is a line.
pub(crate) fn openssl(folder: &Folder, lines: &[&str]) -> bool {
    lines.iter().all(|line| {
        let words = line.split_whitespace().map(|word| word.replace('~', " "));
        let output = Command::new("openssl").args(words).current_dir(folder.path()).output();
        let Ok(output) = output else {
            left_out("openssl is not installed");
            return false;
        };
        assert!(
            output.status.success(),
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        true
    })
}

pub(crate) fn file(folder: &Folder, name: &str) -> Vec<u8> {
    std::fs::read(folder.path().join(name)).unwrap()
}

pub(crate) fn read(certificate: &[u8], key: &[u8]) -> Result<Pair, Flaw> {
    Pair::read(certificate, key, &SystemRandom::new())
}

/// But for what is true of every certificate here that signs itself.
fn doubts(pair: &Pair, of: &str, on: Date) -> Vec<Flaw> {
    let mut doubts = pair.doubts(&name(of), reading(on, true));
    doubts.retain(|doubt| *doubt != Flaw::SelfSigned);
    doubts
}

/// A self-signed certificate for `linekey.test` with that kind of key.
fn self_signed(folder: &Folder, key: &str) -> bool {
    let line = format!(
        "req -x509 -newkey {key} -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=linekey.test \
         -addext subjectAltName=DNS:linekey.test,DNS:*.office.test"
    );
    openssl(folder, &[&line])
}

#[test]
fn every_usual_kind_and_form_of_key_is_taken() {
    let kinds = [
        "rsa:2048",
        "rsa:4096",
        "ec -pkeyopt ec_paramgen_curve:P-256",
        "ec -pkeyopt ec_paramgen_curve:P-384",
    ];
    for kind in kinds {
        let folder = Folder::new();
        let old_form = "pkey -in key.pem -traditional -out old.pem";
        if !self_signed(&folder, kind) || !openssl(&folder, &[old_form]) {
            return;
        }
        for key in ["key.pem", "old.pem"] {
            let pair = read(&file(&folder, "cert.pem"), &file(&folder, key)).unwrap();
            assert_eq!(doubts(&pair, "linekey.test", today()), [], "{kind} {key}");
            assert_eq!(doubts(&pair, "desk.office.test", today()), [], "a wildcard");
            assert_eq!(pair.names, ["linekey.test", "*.office.test"]);
        }
        let both = [file(&folder, "key.pem"), file(&folder, "cert.pem")].concat();
        assert!(read(&both, &both).is_ok(), "one file for both");
    }
}

#[test]
fn kinds_that_tls_or_browsers_do_not_take_are_named() {
    for (kind, named) in [
        ("rsa:1024", KeyKind::Rsa { bits: 1024 }),
        ("ec -pkeyopt ec_paramgen_curve:P-521", KeyKind::P521),
        ("ec -pkeyopt ec_paramgen_curve:secp256k1", KeyKind::Other),
        ("rsa:5120", KeyKind::Rsa { bits: 5120 }),
    ] {
        let folder = Folder::new();
        if !self_signed(&folder, kind) {
            return;
        }
        let flaw = read(&file(&folder, "cert.pem"), &file(&folder, "key.pem")).unwrap_err();
        assert_eq!(flaw, Flaw::UnusableKey { kind: named }, "{kind}");
    }
    let folder = Folder::new();
    if self_signed(&folder, "ed25519") {
        let pair = read(&file(&folder, "cert.pem"), &file(&folder, "key.pem")).unwrap();
        let kind = KeyKind::Ed25519;
        assert_eq!(
            doubts(&pair, "linekey.test", today()),
            [Flaw::UnusableKey { kind }],
            "works, but not in browsers"
        );
    }
}

#[test]
fn text_encodings_and_line_ends_do_not_matter() {
    let folder = Folder::new();
    if !self_signed(&folder, "ec -pkeyopt ec_paramgen_curve:P-256") {
        return;
    }
    let text = |name: &str| String::from_utf8(file(&folder, name)).unwrap();
    let utf16 = |text: &str, mark: bool, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
        mark.then_some(0xfeff)
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(unit)
            .collect()
    };
    let forms: [(&str, &dyn Fn(&str) -> Vec<u8>); 12] = [
        ("CRLF", &|text| text.replace('\n', "\r\n").into()),
        ("CR", &|text| text.replace('\n', "\r").into()),
        ("mark", &|text| format!("\u{feff}{text}").into()),
        ("UTF-16, mark", &|text| utf16(text, true, u16::to_le_bytes)),
        ("UTF-16 BE, mark", &|text| utf16(text, true, u16::to_be_bytes)),
        ("UTF-16", &|text| utf16(text, false, u16::to_le_bytes)),
        ("UTF-16 BE", &|text| utf16(text, false, u16::to_be_bytes)),
        ("indented", &|text| {
            text.lines()
                .map(|line| format!("    {line}  \n"))
                .collect::<String>()
                .into()
        }),
        ("on one line", &|text| text.replace('\n', " ").into()),
        ("an older label", &|text| {
            text.replace("CERTIFICATE", "X509 CERTIFICATE").into()
        }),
        ("no line end", &|text| text.trim_end().into()),
        ("comments", &|text| {
            format!("Größe: für Büro\n  subject=x\n\n{text}\n\nthe end").into()
        }),
    ];
    let plain = read(&file(&folder, "cert.pem"), &file(&folder, "key.pem"))
        .unwrap()
        .chain;
    for (form, encode) in forms {
        let pair = read(&encode(&text("cert.pem")), &encode(&text("key.pem")));
        assert_eq!(
            pair.unwrap_or_else(|flaw| panic!("{form}: {flaw:?}")).chain,
            plain,
            "{form}"
        );
    }
}

#[test]
fn what_is_no_pem_is_told_apart() {
    let folder = Folder::new();
    let made = self_signed(&folder, "ec -pkeyopt ec_paramgen_curve:P-256")
        && openssl(
            &folder,
            &[
                "x509 -in cert.pem -outform DER -out cert.der",
                "pkcs12 -export -in cert.pem -inkey key.pem -out both.pfx -passout pass:secret",
                "pkey -in key.pem -aes256 -passout pass:secret -out locked.pem",
                "ec -in key.pem -aes256 -passout pass:secret -out locked-old.pem",
                "pkey -in key.pem -pubout -out public.pem",
                "crl2pkcs7 -nocrl -certfile cert.pem -out bundle.p7b",
                "crl2pkcs7 -nocrl -certfile cert.pem -outform DER -out bundle.der",
                "x509 -in cert.pem -trustout -addtrust serverAuth -out trusted.pem",
                "req -new -key key.pem -subj /CN=linekey.test -out request.pem",
            ],
        );
    if !made {
        return;
    }
    let (cert, key) = (file(&folder, "cert.pem"), file(&folder, "key.pem"));
    let missing = |file, looks| Flaw::Missing { file, looks };
    for (content, looks) in [
        (file(&folder, "cert.der"), Looks::Der),
        (file(&folder, "both.pfx"), Looks::Pkcs12),
        (b" \r\n".to_vec(), Looks::Empty),
        (b"<html>".to_vec(), Looks::Other),
        (key.clone(), Looks::Key),
        (file(&folder, "locked.pem"), Looks::Key),
        (file(&folder, "bundle.p7b"), Looks::Pkcs7),
        (file(&folder, "bundle.der"), Looks::Pkcs7),
        (file(&folder, "trusted.pem"), Looks::Trusted),
        (file(&folder, "request.pem"), Looks::Request),
        (file(&folder, "public.pem"), Looks::PublicKey),
    ] {
        assert_eq!(read(&content, &key).unwrap_err(), missing(File::Certificate, looks));
    }
    for (content, flaw) in [
        (cert.clone(), missing(File::Key, Looks::Certificate)),
        (file(&folder, "public.pem"), missing(File::Key, Looks::PublicKey)),
        (file(&folder, "request.pem"), missing(File::Key, Looks::Request)),
        (file(&folder, "locked.pem"), Flaw::EncryptedKey),
        (file(&folder, "locked-old.pem"), Flaw::EncryptedKey),
        (key[..key.len() / 2].to_vec(), Flaw::Damaged { file: File::Key }),
    ] {
        assert_eq!(read(&cert, &content).unwrap_err(), flaw);
    }
    let cut = Flaw::Damaged {
        file: File::Certificate,
    };
    assert_eq!(read(&cert[..cert.len() / 2], &key).unwrap_err(), cut);
    let long = vec![b'-'; 65 * 1024];
    assert!(matches!(
        read(&long, &key).unwrap_err(),
        Flaw::TooLong { octets: 66_560, .. }
    ));
    let certificates = CHAIN + 1;
    assert_eq!(
        read(&cert.repeat(certificates), &key).unwrap_err(),
        Flaw::TooMany { certificates }
    );
}

#[test]
fn a_key_of_another_certificate_is_foreign_whatever_its_kind() {
    let (ours, same, other) = (Folder::new(), Folder::new(), Folder::new());
    let p256 = "ec -pkeyopt ec_paramgen_curve:P-256";
    if !(self_signed(&ours, p256) && self_signed(&same, p256) && self_signed(&other, "rsa:2048")) {
        return;
    }
    for stranger in [&same, &other] {
        let (one, two) = (
            read(&file(&ours, "cert.pem"), &file(stranger, "key.pem")),
            read(&file(stranger, "cert.pem"), &file(&ours, "key.pem")),
        );
        assert_eq!(
            (one.unwrap_err(), two.unwrap_err()),
            (Flaw::ForeignKey, Flaw::ForeignKey)
        );
    }
    let order = [file(&same, "cert.pem"), file(&ours, "cert.pem")].concat();
    assert_eq!(
        read(&order, &file(&ours, "key.pem")).unwrap_err(),
        Flaw::LeafNotFirst { position: 2 }
    );
}

#[test]
fn dates_and_names_are_doubts_with_both_values() {
    let folder = Folder::new();
    if !self_signed(&folder, "ec -pkeyopt ec_paramgen_curve:P-256") {
        return;
    }
    let pair = read(&file(&folder, "cert.pem"), &file(&folder, "key.pem")).unwrap();
    let until = pair.validity.until;
    assert_eq!(until - pair.validity.from, Ttl::days(30));
    assert!(today() - pair.validity.from < Ttl(60), "OpenSSL's clock is ours");
    let late = until + Ttl(1);
    assert_eq!(doubts(&pair, "linekey.test", until), []);
    assert_eq!(
        doubts(&pair, "linekey.test", late),
        [Flaw::Expired { until, now: late }]
    );
    let from = pair.validity.from;
    let early = Date(from.0 - 1);
    assert_eq!(
        doubts(&pair, "linekey.test", early),
        [Flaw::NotYetValid { from, now: early }]
    );
    assert_eq!(
        pair.doubts(&name("linekey.test"), reading(Date(0), false)),
        [Flaw::SelfSigned, Flaw::DateUnknown { from, until }],
        "no date, no judgement of dates"
    );
    for other in ["other.test", "a.b.office.test", "office.test"] {
        let names = pair.names.clone();
        let other_name = Flaw::OtherName {
            wanted: other.to_owned(),
            names,
            common_name: Some("linekey.test".to_owned()),
            addresses: Vec::new(),
        };
        assert_eq!(doubts(&pair, other, today()), [other_name]);
    }
}

#[test]
fn a_missing_chain_a_weak_signature_and_a_wrong_purpose_are_doubts() {
    let folder = Folder::new();
    std::fs::write(
        folder.path().join("leaf.ext"),
        "subjectAltName=DNS:linekey.test\nextendedKeyUsage=clientAuth",
    )
    .unwrap();
    let made = openssl(
        &folder,
        &[
            "req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj /CN=The~Root",
            "req -newkey rsa:2048 -nodes -keyout mid.key -out mid.csr -subj /CN=Between",
            "x509 -req -in mid.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -out mid.pem",
            "req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=linekey.test",
            "x509 -req -sha1 -in leaf.csr -CA mid.pem -CAkey mid.key -CAcreateserial -days 30 -extfile leaf.ext \
             -out leaf.pem",
        ],
    );
    if !made {
        return;
    }
    let key = file(&folder, "leaf.key");
    let doubts_of = |names: &[&str]| {
        let chain: Vec<u8> = names.iter().flat_map(|name| file(&folder, name)).collect();
        doubts(&read(&chain, &key).unwrap(), "linekey.test", today())
    };
    let weak = Flaw::WeakSignature { position: 1 };
    let missing = |position, issuer: &str| Flaw::MissingChain {
        position,
        issuer: issuer.to_owned(),
    };
    // OpenSSL made it without basic constraints.
    let no_authority = Flaw::NotAuthority { position: 2 };
    assert_eq!(
        doubts_of(&["leaf.pem"]),
        [weak.clone(), missing(1, "Between"), Flaw::NotForServers]
    );
    assert_eq!(
        doubts_of(&["leaf.pem", "root.pem"]),
        [weak.clone(), missing(1, "Between"), Flaw::NotForServers]
    );
    assert_eq!(
        doubts_of(&["leaf.pem", "mid.pem"]),
        [weak.clone(), no_authority.clone(), Flaw::NotForServers]
    );
    assert_eq!(
        doubts_of(&["leaf.pem", "mid.pem", "root.pem"]),
        [weak, no_authority, Flaw::NotForServers]
    );
}

#[test]
fn any_bytes_may_come() {
    let folder = Folder::new();
    if !self_signed(&folder, "ec -pkeyopt ec_paramgen_curve:P-256") {
        return;
    }
    let (cert, key) = (file(&folder, "cert.pem"), file(&folder, "key.pem"));
    let der = read(&cert, &key).unwrap().chain.remove(0);
    for at in 0..der.len() {
        for flip in [0x01, 0x20, 0x80, 0xff] {
            let mut broken = der.clone();
            broken[at] ^= flip;
            // Whatever it says, it does not panic, and says it of something that could be read.
            let pem = linekey::rules::certificates::profile::pem(&broken);
            if let Ok(pair) = read(pem.as_bytes(), &key) {
                assert_eq!(pair.chain, [broken]);
            }
        }
        let short = linekey::rules::certificates::profile::pem(&der[..at]);
        assert!(read(short.as_bytes(), &key).is_err(), "cut at {at}");
    }
}
