//! The office CA in the forms that browsers and systems take: fingerprint, PEM, Apple's configuration profile.

use data_encoding::{BASE64, HEXUPPER};
use sha2::{Digest, Sha256};

/// The media type of [`mobileconfig`].
pub const MOBILECONFIG: &str = "application/x-apple-aspen-config";
/// The media type of the certificate itself, DER or PEM, in a file that ends in `.crt`.
pub const CERTIFICATE: &str = "application/x-x509-ca-cert";

/// SHA-256 of a certificate.
pub fn digest(certificate: &[u8]) -> [u8; 32] {
    Sha256::digest(certificate).into()
}

/// A fingerprint as systems show it: 32 bytes in upper-case hexadecimal, a colon between each.
pub fn fingerprint(digest: &[u8; 32]) -> String {
    let octets: Vec<String> = digest.iter().map(|octet| HEXUPPER.encode(&[*octet])).collect();
    octets.join(":")
}

/// SHA-1 of a certificate as Windows shows it before it installs one ("thumbprint"): five groups of eight upper-case
/// hexadecimal digits. Nothing here rests on it: it is for people to compare, and Windows offers no other there.
pub fn thumbprint(certificate: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
    let groups: Vec<String> = digest.as_ref().chunks(4).map(|group| HEXUPPER.encode(group)).collect();
    groups.join(" ")
}

/// A certificate as PEM (RFC 7468 §5): lines of 64 characters, `\n` at each end.
pub fn pem(certificate: &[u8]) -> String {
    let lines: Vec<String> = certificate.chunks(48).map(|line| BASE64.encode(line)).collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// An Apple configuration profile (XML property list) that installs the CA. Identifiers follow from the certificate, so
/// a second download replaces the first. iOS trusts it for TLS only after a switch in Settings › General › About ›
/// Certificate Trust Settings.
pub fn mobileconfig(certificate: &[u8], common_name: &str) -> String {
    let (profile, root) = (uuid("profile", certificate), uuid("root", certificate));
    let name = escaped(common_name);
    let content = BASE64.encode(certificate);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>PayloadType</key><string>Configuration</string>
	<key>PayloadVersion</key><integer>1</integer>
	<key>PayloadIdentifier</key><string>linekey.{profile}</string>
	<key>PayloadUUID</key><string>{profile}</string>
	<key>PayloadDisplayName</key><string>{name}</string>
	<key>PayloadContent</key>
	<array>
		<dict>
			<key>PayloadType</key><string>com.apple.security.root</string>
			<key>PayloadVersion</key><integer>1</integer>
			<key>PayloadIdentifier</key><string>linekey.{profile}.{root}</string>
			<key>PayloadUUID</key><string>{root}</string>
			<key>PayloadDisplayName</key><string>{name}</string>
			<key>PayloadCertificateFileName</key><string>linekey.crt</string>
			<key>PayloadContent</key><data>{content}</data>
		</dict>
	</array>
</dict>
</plist>
"#
    )
}

/// A UUID of version 8 (RFC 9562 §5.8): the head of SHA-256 over a purpose and the certificate.
fn uuid(purpose: &str, certificate: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(certificate);
    let hash: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = hash;
    let groups: [&[u8]; 5] = [
        &[a, b, c, d],
        &[e, f],
        &[g & 0x0f | 0x80, h],
        &[i & 0x3f | 0x80, j],
        &[k, l, m, n, o, p],
    ];
    groups.map(|group| HEXUPPER.encode(group)).join("-")
}

/// Text in XML: the three characters that mean something there, and no control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}
