//! The CA in the forms that people download.

use linekey::rules::certificates::{authority, profile};

use super::live::House;
use super::program;
use super::world::{Folder, Office, run, said};

/// Reads a profile with Python's plistlib and prints what an iPhone would look at, a line each.
const READ: &str = "
import plistlib, sys
read = plistlib.load(open(sys.argv[1], 'rb'))
[root] = read['PayloadContent']
assert read['PayloadVersion'] == root['PayloadVersion'] == 1
for part in (read, root):
    print(part['PayloadType'], part['PayloadIdentifier'], part['PayloadUUID'], part['PayloadDisplayName'], sep='|')
print(root['PayloadCertificateFileName'])
print(root['PayloadContent'].hex())
";

#[test]
fn the_profile_holds_the_authority_under_identifiers_that_never_change() {
    let folder = Folder::new();
    let read = |office: &Office, shown: &str| {
        let file = folder.file(
            "linekey.mobileconfig",
            profile::mobileconfig(&office.certificate, shown),
        );
        let output = run("python3", &["-c", READ, &file])?;
        assert!(output.status.success(), "{}", said(&output));
        Some(said(&output))
    };
    let (office, other) = (Office::new("linekey.test", 1), Office::new("linekey.test", 2));
    let shown = authority::Authority::read(&office.certificate).unwrap().common_name;
    let Some(first) = read(&office, &shown) else { return };
    assert_eq!(read(&office, &shown).unwrap(), first);
    let lines: Vec<Vec<&str>> = first.lines().map(|line| line.split('|').collect()).collect();
    let [outer, inner, file, content] = lines.as_slice() else {
        panic!("{first}")
    };
    assert_eq!((outer[0], inner[0]), ("Configuration", "com.apple.security.root"));
    assert_eq!((outer[3], inner[3]), (shown.as_str(), shown.as_str()));
    assert_eq!(file[0], "linekey.crt");
    assert_eq!(content[0], data_encoding::HEXLOWER.encode(&office.certificate));
    assert_ne!(outer[2], inner[2]);
    let strangers = read(&other, &shown).unwrap();
    assert!(!strangers.contains(outer[2]) && !strangers.contains(inner[2]) && !strangers.contains(outer[1]));
}

#[test]
fn a_name_with_marks_of_xml_stays_a_name() {
    let folder = Folder::new();
    let file = folder.file(
        "odd.mobileconfig",
        profile::mobileconfig(b"certificate", "</string> & <b>\u{7}"),
    );
    let Some(output) = run("python3", &["-c", READ, &file]) else {
        return;
    };
    assert!(said(&output).contains("|</string> & <b>\n"), "{}", said(&output));
}

#[test]
fn openssl_shows_the_same_fingerprint_and_reads_the_pem() {
    let (folder, office) = (Folder::new(), Office::new("linekey.test", 3));
    let shown = profile::fingerprint(&profile::digest(&office.certificate));
    for (form, content) in [("DER", office.certificate.clone()), ("PEM", office.pem().into_bytes())] {
        let file = folder.file("ca.crt", content);
        let arguments = [
            "x509",
            "-inform",
            form,
            "-in",
            &file,
            "-noout",
            "-fingerprint",
            "-sha256",
        ];
        let Some(output) = run("openssl", &arguments) else {
            return;
        };
        assert_eq!(said(&output).trim(), format!("sha256 Fingerprint={shown}"));
    }
}

#[test]
fn the_thumbprint_is_what_windows_shows_before_it_installs_the_authority() {
    let (folder, office) = (Folder::new(), Office::new("linekey.test", 1));
    let file = folder.file("authority.pem", profile::pem(&office.certificate));
    let asked = run("openssl", &["x509", "-in", &file, "-noout", "-fingerprint", "-sha1"]);
    let Some(output) = asked else { return };
    let shown = said(&output);
    let (_, digits) = shown.trim().split_once('=').unwrap();
    let thumbprint = profile::thumbprint(&office.certificate);
    assert_eq!(thumbprint.replace(' ', ""), digits.replace(':', ""));
    assert!(thumbprint.split(' ').all(|group| group.len() == 8), "{thumbprint}");
}

#[test]
fn the_fingerprint_on_the_console_and_on_the_page_is_the_one_that_openssl_finds() {
    let folder = program::Folder::new();
    let house = House::start(&folder, &[], &[]);
    let file = house.authority(&folder);
    let Some(output) = run("openssl", &["x509", "-in", &file, "-noout", "-fingerprint", "-sha256"]) else {
        return;
    };
    let found = said(&output);
    let found = found.trim().split_once('=').unwrap().1.to_owned();
    assert_eq!(found.len(), 32 * 3 - 1, "{found}");
    let page = String::from_utf8(house.body("/trust")).unwrap();
    house.program.signal("TERM");
    let (_, _, printed) = house.program.ended();
    let is_there = |text: &str| {
        let text: String = text.split([' ', '\n', ':']).collect();
        text.contains(&found.replace(':', ""))
    };
    assert!(
        printed.contains("SHA-256 fingerprint") && is_there(&printed),
        "{found}: {printed}"
    );
    assert!(is_there(&page), "{found}: {page}");
}
