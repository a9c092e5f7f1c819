//! AWS Signature Version 4 in the `Authorization` field ("Authenticating Requests: Using the Authorization Header",
//! Amazon S3 API reference). The body is not signed: TLS carries it, and what we send is sealed besides.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::rules::office::schedule::bucket::Access;
use crate::rules::time::Date;

const BODY: &str = "UNSIGNED-PAYLOAD";
const SIGNED: &str = "host;x-amz-content-sha256;x-amz-date";

/// The fields of one request. `path` is encoded; `query` has names and values as they are, in the order of the names.
pub(super) fn fields(
    access: &Access,
    (method, host): (&str, &str),
    path: &str,
    query: &[(&str, &str)],
    now: Date,
) -> Vec<(&'static str, String)> {
    let time: String = now.iso().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let day = time.split('T').next().unwrap_or_default();
    let asked = format!(
        "{method}\n{path}\n{}\nhost:{host}\nx-amz-content-sha256:{BODY}\nx-amz-date:{time}\n\n{SIGNED}\n{BODY}",
        query_text(query)
    );
    let scope = format!("{day}/{}/s3/aws4_request", access.region);
    let asked = HEXLOWER.encode(&Sha256::digest(asked.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{asked}");
    let first = [b"AWS4", access.secret.as_bytes()].concat();
    let mut key = zeroize::Zeroizing::new(first);
    for part in [day, access.region.as_str(), "s3", "aws4_request"] {
        key = zeroize::Zeroizing::new(mac(&key, part.as_bytes()));
    }
    let signature = HEXLOWER.encode(&mac(&key, to_sign.as_bytes()));
    let said = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={SIGNED},Signature={signature}",
        access.access_key
    );
    vec![
        ("x-amz-content-sha256", BODY.to_owned()),
        ("x-amz-date", time),
        ("Authorization", said),
    ]
}

fn mac(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length (RFC 2104 §2)")
    };
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

/// A query as it is signed and sent.
pub(super) fn query_text(query: &[(&str, &str)]) -> String {
    let pairs = query
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name, ""), encoded(value, "")));
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent signs for all but the unreserved characters (RFC 3986 §2.3) and those in `besides`.
pub(super) fn encoded(text: &str, besides: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-._~".contains(c) || besides.contains(c) {
            out.push(c);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn what_is_signed_is_encoded_as_the_reference_has_it_and_the_secret_is_not_in_it() {
        assert_eq!(encoded("a b/é~", "/"), "a%20b/%C3%A9~");
        assert_eq!(
            query_text(&[("list-type", "2"), ("prefix", "a/b")]),
            "list-type=2&prefix=a%2Fb"
        );
        let access = Access {
            endpoint: "https://s3.example.org".to_owned(),
            name: "office".to_owned(),
            region: "eu-west-1".to_owned(),
            access_key: "AKIDEXAMPLE".to_owned(),
            secret: Zeroizing::new("wJalrXUtnFEMI".to_owned()),
            prefix: String::new(),
        };
        let said = fields(&access, ("GET", "s3.example.org"), "/office/", &[], Date(1_795_420_800));
        assert!(said.iter().all(|(_, value)| !value.contains("wJalr")));
        assert_eq!(said[1].1, "20261123T080000Z");
        assert!(
            said[2]
                .1
                .contains("Credential=AKIDEXAMPLE/20261123/eu-west-1/s3/aws4_request,")
        );
    }
}
