//! OpenSSL, GnuTLS and Mbed TLS take the CA and its leaves, and refuse what its key must not be good for.

use super::world::{Folder, Office, run, said};
use crate::left_out::left_out;

/// A leaf for a name, an address or both; whether a verifier that knows name constraints takes it, and for which name.
const CASES: &[(&str, &[&str], &[&str], &str, bool)] = &[
    ("own name", &["linekey.test"], &["192.168.1.5"], "linekey.test", true),
    (
        "LAN's name",
        &["linekey.test", "linekey.local"],
        &[],
        "linekey.local",
        true,
    ),
    (
        "another subnet",
        &["linekey.test"],
        &["10.44.0.9", "100.64.3.4", "169.254.7.7"],
        "linekey.test",
        true,
    ),
    (
        "unique local",
        &["linekey.test"],
        &["fd12:3456::5"],
        "linekey.test",
        true,
    ),
    ("foreign name", &["evil.test"], &[], "evil.test", false),
    (
        "foreign name beside",
        &["linekey.test", "evil.test"],
        &[],
        "linekey.test",
        false,
    ),
    (
        "name that only ends so",
        &["evil-linekey.test"],
        &[],
        "evil-linekey.test",
        false,
    ),
    (
        "foreign address",
        &["linekey.test"],
        &["203.0.113.5"],
        "linekey.test",
        false,
    ),
    ("foreign address alone", &[], &["203.0.113.5"], "", false),
    (
        "foreign IPv6",
        &["linekey.test"],
        &["2001:db8::5"],
        "linekey.test",
        false,
    ),
    (
        "just outside a range",
        &["linekey.test"],
        &["172.32.0.1"],
        "linekey.test",
        false,
    ),
];

#[test]
fn openssl_takes_what_is_ours_and_refuses_what_a_thief_would_sign() {
    let (folder, office) = (Folder::new(), Office::new("linekey.test", 1));
    let ca = folder.file("ca.pem", office.pem());
    for (case, names, addresses, asked, taken) in CASES {
        let leaf = folder.file("leaf.pem", office.steal(names, addresses).0);
        let mut arguments = vec!["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", &ca];
        if !asked.is_empty() {
            arguments.extend(["-verify_hostname", asked]);
        }
        arguments.push(&leaf);
        let Some(output) = run("openssl", &arguments) else {
            return;
        };
        assert_eq!(output.status.success(), *taken, "{case}: {}", said(&output));
        assert!(
            *taken || said(&output).contains("permitted subtree violation"),
            "{case}: {}",
            said(&output)
        );
    }
}

#[test]
fn openssl_takes_the_authority_for_nothing_but_servers() {
    let (folder, office) = (Folder::new(), Office::new("linekey.test", 2));
    let ca = folder.file("ca.pem", office.pem());
    let leaf = folder.file("leaf.pem", office.steal(&["linekey.test"], &[]).0);
    for (purpose, taken) in [("sslserver", true), ("sslclient", false), ("smimesign", false)] {
        let arguments = ["verify", "-purpose", purpose, "-CAfile", &ca, &leaf];
        let Some(output) = run("openssl", &arguments) else {
            return;
        };
        assert_eq!(output.status.success(), taken, "{purpose}: {}", said(&output));
    }
}

#[test]
fn gnutls_takes_what_is_ours_and_refuses_what_a_thief_would_sign() {
    let (folder, office) = (Folder::new(), Office::new("linekey.test", 3));
    let ca = folder.file("ca.pem", office.pem());
    for (case, names, addresses, asked, taken) in CASES {
        let leaf = folder.file("leaf.pem", office.steal(names, addresses).0);
        let hostname = format!("--verify-hostname={asked}");
        let mut arguments = vec!["--verify", "--load-ca-certificate", &ca, "--infile", &leaf];
        if !asked.is_empty() {
            arguments.push(&hostname);
        }
        let Some(output) = run("certtool", &arguments) else {
            return;
        };
        assert_eq!(output.status.success(), *taken, "{case}: {}", said(&output));
    }
}

/// Mbed TLS 2.28 knows no name constraints: it takes what has a right chain and name. That it loads the CA is the
/// point.
#[test]
fn mbed_tls_loads_the_authority_alone_and_among_others() {
    let folder = Folder::new();
    let program = folder.path().join("verify");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/trust/mbedtls.c");
    let program = program.to_str().unwrap();
    let Some(built) = run("cc", &[source, "-o", program, "-lmbedx509", "-lmbedcrypto"]) else {
        return;
    };
    if !built.status.success() {
        left_out(&format!("no Mbed TLS to build with (libmbedtls-dev): {}", said(&built)));
        return;
    }
    let offices = [4, 5, 6].map(|seed| Office::new("linekey.test", seed));
    let [before, office, after] = &offices;
    let alone = folder.file("ca.pem", office.pem());
    let among = folder.file("bundle.pem", before.pem() + &office.pem() + &after.pem());
    let strangers = folder.file("strangers.pem", before.pem() + &after.pem());
    let (ours, _) = office.sign(&office.plan("linekey.test", &["192.168.1.5"]));
    let leaf = folder.file("leaf.pem", ours);
    for (bundle, name, count, taken) in [
        (&alone, "linekey.test", 1, true),
        (&among, "linekey.test", 3, true),
        (&alone, "evil.test", 1, false),
        (&strangers, "linekey.test", 2, false),
    ] {
        let output = run(program, &[bundle, &leaf, name]).unwrap();
        assert!(
            said(&output).contains(&format!("loaded {count}\n")),
            "{bundle}: {}",
            said(&output)
        );
        assert_eq!(output.status.success(), taken, "{bundle} {name}: {}", said(&output));
    }
}
