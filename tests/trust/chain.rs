//! The owner's own files with something that ails them besides form: issuers, signatures, lives, names, extensions.

use linekey::rules::certificates::inspect::Flaw;
use linekey::rules::time::Ttl;

use super::inspect::{file, openssl, read};
use super::world::{Folder, name, reading, today};

const CURVE: &str = "ec -pkeyopt ec_paramgen_curve:P-256";

/// A root, an issuer below it (`mid`), one of the same name with another key (`other`), and one that is no CA (`none`).
fn issuers(folder: &Folder) -> bool {
    folder.file(
        "ca.ext",
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n",
    );
    folder.file("none.ext", "basicConstraints=critical,CA:FALSE\n");
    folder.file(
        "usage.ext",
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature\n",
    );
    let root = format!("req -x509 -newkey {CURVE} -nodes -keyout root.key -out root.pem -days 900 -subj /CN=Root");
    let mut made = openssl(folder, &[&root]);
    for (issuer, extensions) in [("mid", "ca"), ("other", "ca"), ("none", "none"), ("usage", "usage")] {
        let request = format!("req -newkey {CURVE} -nodes -keyout {issuer}.key -out {issuer}.csr -subj /CN=Between");
        let signed = format!(
            "x509 -req -in {issuer}.csr -CA root.pem -CAkey root.key -CAcreateserial -days 90 \
             -extfile {extensions}.ext -out {issuer}.pem"
        );
        made = made && openssl(folder, &[&request, &signed]);
    }
    made
}

/// A leaf that `issuer` signed, of that subject, with these extensions and days.
fn leaf(folder: &Folder, issuer: &str, subject: &str, extensions: &str, days: u32) {
    folder.file("leaf.ext", extensions);
    let request = format!("req -newkey {CURVE} -nodes -keyout leaf.key -out leaf.csr -subj /CN={subject}");
    let signed = format!(
        "x509 -req -in leaf.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -days {days} -extfile leaf.ext \
         -out leaf.pem"
    );
    assert!(openssl(folder, &[&request, &signed]));
}

const NAMED: &str = "subjectAltName=DNS:linekey.test\n";

/// What ails the leaf with that issuer's certificate behind it.
fn doubts(folder: &Folder, behind: &str) -> Vec<Flaw> {
    let chain = [file(folder, "leaf.pem"), file(folder, behind)].concat();
    let pair = read(&chain, &file(folder, "leaf.key")).unwrap();
    pair.doubts(&name("linekey.test"), reading(today(), true))
}

#[test]
fn an_issuer_of_another_key_and_one_that_is_no_ca_are_told_from_the_right_one() {
    let folder = Folder::new();
    if !issuers(&folder) {
        return;
    }
    leaf(&folder, "mid", "linekey.test", NAMED, 30);
    assert_eq!(doubts(&folder, "mid.pem"), []);
    let issuer = "Between".to_owned();
    assert_eq!(
        doubts(&folder, "other.pem"),
        [Flaw::ForeignSignature { position: 1, issuer }]
    );
    for issuer in ["none", "usage"] {
        leaf(&folder, issuer, "linekey.test", NAMED, 30);
        assert_eq!(
            doubts(&folder, &format!("{issuer}.pem")),
            [Flaw::NotAuthority { position: 2 }]
        );
    }
    // Two files put together by `cat` where the first has no line end.
    leaf(&folder, "mid", "linekey.test", NAMED, 30);
    let joined = [file(&folder, "leaf.pem").trim_ascii_end(), &file(&folder, "mid.pem")].concat();
    let pair = read(&joined, &file(&folder, "leaf.key")).unwrap();
    assert_eq!(pair.doubts(&name("linekey.test"), reading(today(), true)), []);
}

#[test]
fn an_issuer_whose_days_are_over_or_to_come_is_told() {
    let folder = Folder::new();
    if !issuers(&folder) {
        return;
    }
    leaf(&folder, "mid", "linekey.test", NAMED, 200);
    let chain = [file(&folder, "leaf.pem"), file(&folder, "mid.pem")].concat();
    let pair = read(&chain, &file(&folder, "leaf.key")).unwrap();
    let on = |date| pair.doubts(&name("linekey.test"), reading(date, true));
    assert!(matches!(
        on(today() + Ttl::days(100)).as_slice(),
        [Flaw::IssuerExpired { position: 2, .. }]
    ));
    let early = linekey::rules::time::Date(today().0 - 86_400 * 2);
    assert!(matches!(
        on(early).as_slice(),
        [Flaw::NotYetValid { .. }, Flaw::IssuerNotYetValid { position: 2, .. }]
    ));
    let unknown = pair.doubts(&name("linekey.test"), reading(early, false));
    assert!(matches!(unknown.as_slice(), [Flaw::DateUnknown { .. }]), "{unknown:?}");
    assert_eq!(pair.fatal(&name("linekey.test"), reading(early, false)), None);
}

#[test]
fn a_leaf_that_signs_itself_one_over_sha_1_and_one_for_years_are_told() {
    let folder = Folder::new();
    for (digest, days, wanted) in [
        ("sha256", 30, vec![Flaw::SelfSigned]),
        ("sha1", 30, vec![Flaw::WeakSignature { position: 1 }, Flaw::SelfSigned]),
        ("sha256 -sigopt rsa_padding_mode:pss", 30, vec![Flaw::SelfSigned]),
        (
            "sha1 -sigopt rsa_padding_mode:pss",
            30,
            vec![Flaw::WeakSignature { position: 1 }, Flaw::SelfSigned],
        ),
        ("sha256", 900, vec![Flaw::SelfSigned, Flaw::TooLongLived { days: 900 }]),
        ("sha256", 825, vec![Flaw::SelfSigned]),
    ] {
        let line = format!(
            "req -x509 -{digest} -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.pem -days {days} -subj /CN=x \
             -addext subjectAltName=DNS:linekey.test"
        );
        if !openssl(&folder, &[&line]) {
            return;
        }
        let pair = read(&file(&folder, "leaf.pem"), &file(&folder, "leaf.key")).unwrap();
        assert_eq!(
            pair.doubts(&name("linekey.test"), reading(today(), true)),
            wanted,
            "{digest}"
        );
    }
}

#[test]
fn a_name_in_the_common_name_alone_and_addresses_alone_are_told_as_they_are() {
    let folder = Folder::new();
    if !issuers(&folder) {
        return;
    }
    for (extensions, addresses) in [
        ("basicConstraints=CA:FALSE\n", vec![]),
        ("subjectAltName=IP:127.0.0.1\n", vec!["127.0.0.1"]),
    ] {
        leaf(&folder, "mid", "linekey.test", extensions, 30);
        let flaw = Flaw::OtherName {
            wanted: "linekey.test".to_owned(),
            names: Vec::new(),
            common_name: Some("linekey.test".to_owned()),
            addresses: addresses.iter().map(|text| text.parse().unwrap()).collect(),
        };
        assert_eq!(doubts(&folder, "mid.pem"), [flaw]);
    }
}

#[test]
fn a_critical_extension_that_nobody_knows_is_told_by_its_number() {
    let folder = Folder::new();
    if !issuers(&folder) {
        return;
    }
    leaf(
        &folder,
        "mid",
        "linekey.test",
        &format!("{NAMED}1.2.840.113549=critical,DER:0500\n"),
        30,
    );
    let chain = [file(&folder, "leaf.pem"), file(&folder, "mid.pem")].concat();
    let flaw = read(&chain, &file(&folder, "leaf.key")).unwrap_err();
    let identifier = "1.2.840.113549".to_owned();
    assert_eq!(
        flaw,
        Flaw::UnknownExtension {
            position: 1,
            identifier
        }
    );
    // One that is not critical is nobody's business.
    leaf(
        &folder,
        "mid",
        "linekey.test",
        &format!("{NAMED}1.2.840.113549=DER:0500\n"),
        30,
    );
    assert_eq!(doubts(&folder, "mid.pem"), []);
}
