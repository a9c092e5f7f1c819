//! What the CA's certificate says.

use linekey::rules::certificates::authority::{self, Authority, AuthorityPlan};
use linekey::rules::moment::Fresh;
use linekey::rules::time::{Date, Ttl};
use linekey::trust::authority::{Authority as Signer, new_key};

use super::world::{Folder, Office, address, name, run, said, today};

#[test]
fn it_is_an_authority_bounded_to_names_and_private_addresses_and_nothing_critical_is_new() {
    let (folder, office) = (Folder::new(), Office::new("office.example.org", 1));
    let file = folder.file("ca.pem", office.pem());
    let Some(output) = run("openssl", &["x509", "-in", &file, "-noout", "-text"]) else {
        return;
    };
    let text = said(&output);
    for line in [
        "CA:TRUE, pathlen:0",
        "DNS:office.example.org",
        "DNS:linekey.local",
        "IP:10.0.0.0/255.0.0.0",
        "IP:172.16.0.0/255.240.0.0",
        "IP:192.168.0.0/255.255.0.0",
        "IP:100.64.0.0/255.192.0.0",
        "IP:169.254.0.0/255.255.0.0",
        "IP:FC00:0:0:0:0:0:0:0/FE00:0:0:0:0:0:0:0",
        "TLS Web Server Authentication",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let critical: Vec<&str> = text
        .lines()
        .filter(|line| line.ends_with(": critical"))
        .map(str::trim)
        .collect();
    assert_eq!(
        critical,
        ["X509v3 Key Usage: critical", "X509v3 Basic Constraints: critical"],
        "{text}"
    );
}

#[test]
fn it_is_read_back_as_it_was_planned() {
    let office = Office::new("office.example.org", 2);
    let read = Authority::read(&office.certificate).unwrap();
    assert!(read.common_name.starts_with("Linekey office CA office.example.org "));
    assert_eq!(read.validity.until - today(), authority::LIFE);
    assert_eq!(today() - read.validity.from, authority::BACKDATED);
    for (asked, permitted) in [
        ("office.example.org", true),
        ("linekey.local", true),
        ("a.linekey.local", true),
        ("example.org", false),
        ("evil-office.example.org", false),
        ("local", false),
    ] {
        assert_eq!(read.permits(&name(asked)), permitted, "{asked}");
    }
}

#[test]
fn two_authorities_of_one_name_are_told_apart_by_name_and_serial() {
    let plans =
        [1, 2].map(|seed| AuthorityPlan::new(&name("linekey.test"), None, today(), &mut Fresh::seeded([seed; 32])));
    assert_ne!(plans[0].common_name, plans[1].common_name);
    assert_ne!(plans[0].serial, plans[1].serial);
    assert!(
        plans.iter().all(|plan| (0x40..0x80).contains(&plan.serial[0])),
        "positive, always 16 bytes"
    );
}

#[test]
fn the_longest_name_fits() {
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
    assert_eq!(longest.len(), 253);
    let office = Office::new(&longest, 3);
    let (folder, (leaf, _)) = (Folder::new(), office.sign(&office.plan(&longest, &["192.168.1.5"])));
    let (ca, leaf) = (folder.file("ca.pem", office.pem()), folder.file("leaf.pem", leaf));
    let arguments = [
        "verify",
        "-x509_strict",
        "-CAfile",
        &ca,
        "-verify_hostname",
        &longest,
        &leaf,
    ];
    let Some(output) = run("openssl", &arguments) else {
        return;
    };
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn administrators_are_told_a_year_before_its_end() {
    let read = Authority::read(&Office::new("linekey.test", 4).certificate).unwrap();
    let end = read.validity.until;
    assert!(!read.ends_soon(Date(end.0 - Ttl::days(366).0)));
    assert!(read.ends_soon(Date(end.0 - Ttl::days(365).0)));
    assert!(read.ends_soon(end + Ttl::days(1)));
}

#[test]
fn what_is_no_authority_of_ours_is_not_taken_up() {
    let office = Office::new("linekey.test", 5);
    let key = new_key().unwrap();
    let leaf = office.opened().leaf(&office.plan("linekey.test", &[]), &key).unwrap();
    for (certificate, key) in [
        (b"".as_slice(), key.as_slice()),
        (&leaf, &key),
        (&office.certificate, b"no key"),
    ] {
        assert!(Signer::open(certificate, key).is_err());
    }
}

#[test]
fn private_addresses_are_permitted_and_no_others() {
    for (text, permitted) in [
        ("10.255.255.255", true),
        ("172.31.0.1", true),
        ("172.32.0.1", false),
        ("192.168.0.1", true),
        ("192.169.0.1", false),
        ("100.127.255.255", true),
        ("100.128.0.0", false),
        ("127.0.0.1", false),
        ("fd00::1", true),
        ("fe80::1", false),
        ("2001:db8::1", false),
        ("::1", false),
    ] {
        assert_eq!(authority::permits_address(address(text)), permitted, "{text}");
    }
}

#[test]
fn names_are_host_names_and_nothing_else() {
    use linekey::rules::certificates::name::DnsName;
    for good in [
        "linekey.local",
        "Linekey.Local",
        "a",
        "xn--bro-hoa.example",
        "1a.b2",
        "a.b-c.d",
    ] {
        assert_eq!(DnsName::parse(good).unwrap().as_str(), good.to_lowercase());
    }
    let long = "a".repeat(64);
    for bad in [
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "-a",
        "a-",
        "a_b",
        "ä.test",
        "*.test",
        "192.168.1.5",
        "a.1",
        "::1",
        "a b",
        &long,
    ] {
        assert!(DnsName::parse(bad).is_none(), "{bad}");
    }
}
