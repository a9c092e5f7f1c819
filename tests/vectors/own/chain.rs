//! Chains of certificates (§7.1 step 24): which of them lead to a root that the office trusts.

use linekey::rules::webauthn::attestation::{AttestationKind, Policy, is_usable_root};
use linekey::rules::webauthn::registration::Step;

use super::attestation::{ES256, chain, statement};
use super::certificate::{BASIC_CONSTRAINTS, Certificate, EC_KEY, KEY_USAGE, authority, der, name, sequence};
use super::registration::{Creation, MODEL};
use super::{cbor, secret, signed};

/// The vendor's certificate of key 2, signed by a lower authority (key 4), signed by a middle one (key 5), signed by
/// the root (key 3).
struct Chain {
    leaf: Certificate,
    lower: Certificate,
    middle: Certificate,
    root: Certificate,
    /// One that has signed nothing.
    odd: Option<Certificate>,
    /// What of them is sent.
    sent: fn(&Chain) -> Vec<&Certificate>,
    models: Option<&'static [[u8; 16]]>,
}

/// An authority of that name and key, below another.
fn below(own: (&str, u8), above: (&str, u8), most: Option<u8>) -> Certificate {
    Certificate::of(&secret(own.1), &secret(above.1)).but(|certificate| {
        certificate.issuer = name(&[(3, above.0)]);
        certificate.subject = name(&[(3, own.0)]);
        certificate.extensions = vec![authority(most)];
    })
}

impl Chain {
    fn right() -> Self {
        Self {
            leaf: Certificate::of(&secret(2), &secret(4)).but(|leaf| leaf.issuer = name(&[(3, "Lower")])),
            lower: below(("Lower", 4), ("Middle", 5), Some(0)),
            middle: below(("Middle", 5), ("Root", 3), Some(1)),
            root: below(("Root", 3), ("Root", 3), None),
            odd: None,
            sent: |chain| vec![&chain.leaf, &chain.lower, &chain.middle],
            models: None,
        }
    }

    fn judged(change: impl FnOnce(&mut Self)) -> Result<AttestationKind, Step> {
        let mut all = Self::right();
        change(&mut all);
        let mut made = Creation::right();
        let roots = vec![vec![0x30], all.root.written()].leak();
        made.policy = match all.models {
            Some(aaguids) => Policy::Attested { aaguids, roots },
            None => Policy::Anchored { roots },
        };
        let sent: Vec<_> = (all.sent)(&all).into_iter().map(Certificate::written).collect();
        made.statement = Some(statement(&[
            ("alg", vec![ES256]),
            ("sig", cbor(2, &signed(&secret(2), &made.message()))),
            ("x5c", chain(&sent)),
        ]));
        made.judged().map(|made| made.attestation)
    }
}

/// Adds an extension that nobody here knows, and that must be.
fn critical(certificate: &mut Certificate) {
    certificate.extensions.push((vec![1], Some(true), Vec::new()));
}

/// A point of P-521 (1.3.132.0.35), as far as anybody looks.
fn unknown_key() -> Vec<u8> {
    let curve = [der(6, EC_KEY), der(6, &[0x2b, 0x81, 0x04, 0x00, 0x23])].concat();
    sequence(&[&sequence(&[&curve]), &der(3, &[&[0, 4], &[1; 132][..]].concat())])
}

type Case = (&'static str, fn(&mut Chain));

#[test]
fn a_chain_that_leads_to_a_root_is_anchored() {
    let right: &[Case] = &[
        ("as it is", |_| {}),
        ("with the root", |all| {
            all.sent = |all| vec![&all.leaf, &all.lower, &all.middle, &all.root]
        }),
        ("with something behind the root", |all| {
            all.sent = |all| vec![&all.leaf, &all.lower, &all.middle, &all.root, &all.leaf];
        }),
        ("with an authority of an unknown kind of key behind the root", |all| {
            let mut odd = all.root.clone();
            odd.key = unknown_key();
            all.odd = Some(odd);
            all.sent = |all| vec![&all.leaf, &all.lower, &all.middle, all.odd.as_ref().unwrap()];
        }),
        ("signed by the root", |all| {
            (all.leaf.issuer, all.leaf.signer) = (name(&[(3, "Root")]), secret(3));
            all.sent = |all| vec![&all.leaf];
        }),
        ("a root itself", |all| {
            all.root = all.leaf.clone();
            all.sent = |all| vec![&all.leaf];
        }),
        ("a middle authority is the root", |all| all.root = all.middle.clone()),
        ("no limit of authorities", |all| {
            all.middle.extensions = vec![authority(None)]
        }),
        ("a higher limit", |all| all.middle.extensions = vec![authority(Some(9))]),
        ("authorities that may sign certificates", |all| {
            all.lower.extend(KEY_USAGE, der(3, &[1, 0x06]))
        }),
        ("what is critical is known", |all| {
            all.lower
                .extensions
                .push((vec![0x55, 0x1d, 0x20], Some(true), sequence(&[])));
        }),
        ("what is critical in the root is not known", |all| {
            critical(&mut all.root)
        }),
        (
            "what is critical in the leaf is not known, but the leaf is a root",
            |all| {
                critical(&mut all.leaf);
                all.root = all.leaf.clone();
                all.sent = |all| vec![&all.leaf];
            },
        ),
        ("a root that is no authority", |all| {
            all.root.extensions = vec![super::certificate::end_entity()]
        }),
        ("what is unknown is not critical", |all| {
            all.lower.extend(&[1], Vec::new())
        }),
        ("a model that is listed", |all| all.models = Some(&[MODEL])),
    ];
    for (why, change) in right {
        assert_eq!(Chain::judged(change), Ok(AttestationKind::Anchored), "{why}");
    }
}

#[test]
fn a_chain_that_leads_to_no_root_is_not_trusted() {
    let wrong: &[Case] = &[
        ("another root", |all| {
            all.root.key = super::certificate::subject_key(&secret(6))
        }),
        ("another root's name", |all| all.root.subject = name(&[(3, "Boot")])),
        ("no root", |all| all.root.version = Some(7)),
        ("one missing", |all| all.sent = |all| vec![&all.leaf, &all.middle]),
        ("in another order", |all| {
            all.sent = |all| vec![&all.leaf, &all.middle, &all.lower]
        }),
        ("the end missing", |all| all.sent = |all| vec![&all.leaf]),
        ("signed by another", |all| all.leaf.signer = secret(6)),
        ("a lower one signed by another", |all| all.lower.signer = secret(6)),
        ("another issuer's name", |all| all.leaf.issuer = name(&[(3, "Tower")])),
        ("signed in an unknown way", |all| all.leaf.schemes = [&[1]; 2]),
        ("said to be signed with SHA-384", |all| {
            all.leaf.schemes = [&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]; 2];
        }),
        ("an authority of an unknown kind of key", |all| {
            all.lower.key = unknown_key()
        }),
        ("no authority", |all| {
            all.lower.extensions = vec![super::certificate::end_entity()]
        }),
        ("no word of an authority", |all| all.lower.extensions.clear()),
        ("above too many others", |all| {
            all.middle.extensions = vec![authority(Some(0))]
        }),
        ("a limit that is no number", |all| {
            all.lower.extensions = vec![(
                BASIC_CONSTRAINTS.to_vec(),
                None,
                sequence(&[&[1, 1, 0xff], &[2, 2, 1, 0]]),
            )];
        }),
        ("an authority in words that DER does not have", |all| {
            all.lower.extensions = vec![(BASIC_CONSTRAINTS.to_vec(), None, sequence(&[&[1, 1, 1]]))];
        }),
        ("something behind the limit", |all| {
            all.lower.extensions = vec![(
                BASIC_CONSTRAINTS.to_vec(),
                None,
                sequence(&[&[1, 1, 0xff], &[2, 1, 0, 5, 0]]),
            )];
        }),
        ("an authority that may not sign certificates", |all| {
            all.lower.extend(KEY_USAGE, der(3, &[1, 0x02]))
        }),
        ("an authority that may do nothing", |all| {
            all.lower.extend(KEY_USAGE, der(3, &[0]))
        }),
        ("something behind what it may do", |all| {
            all.lower.extend(KEY_USAGE, [der(3, &[1, 0x06]), vec![5, 0]].concat());
        }),
        ("what is critical is not known", |all| critical(&mut all.lower)),
        ("what is critical in the leaf is not known", |all| {
            critical(&mut all.leaf)
        }),
        (
            "what is critical in the leaf is not known, and a root signed it",
            |all| {
                (all.leaf.issuer, all.leaf.signer) = (name(&[(3, "Root")]), secret(3));
                critical(&mut all.leaf);
            },
        ),
        ("what is critical in the last one is not known", |all| {
            critical(&mut all.middle)
        }),
        ("a model that is not listed", |all| all.models = Some(&[[7; 16]])),
        ("no model listed", |all| all.models = Some(&[])),
    ];
    for (why, change) in wrong {
        assert_eq!(Chain::judged(change), Err(Step::Trust), "{why}");
    }
}

/// Extensions are version 3's (RFC 5280 §4.1.2.9): an older certificate that has some is none.
#[test]
fn extensions_in_an_older_certificate_make_the_statement_untrue() {
    for older in [None, Some(1)] {
        assert_eq!(Chain::judged(|all| all.middle.version = older), Err(Step::Attestation));
    }
}

#[test]
fn roots_and_what_leads_to_them_are_not_looked_at_where_none_are_given() {
    let leaf = Certificate::of(&secret(2), &secret(9));
    let odd = below(("Lower", 4), ("Middle", 5), None).but(|odd| odd.key = unknown_key());
    for certificates in [vec![leaf.written()], vec![leaf.written(), odd.written()]] {
        let mut made = Creation::right();
        made.statement = Some(statement(&[
            ("alg", vec![ES256]),
            ("sig", cbor(2, &signed(&secret(2), &made.message()))),
            ("x5c", chain(&certificates)),
        ]));
        assert_eq!(
            made.judged().map(|made| made.attestation),
            Ok(AttestationKind::Unanchored)
        );
    }
}

#[test]
fn a_root_is_of_use_where_its_key_is_one_that_is_checked() {
    let root = Chain::right().root;
    assert!(is_usable_root(&root.written()));
    let other_curve = root.clone().but(|root| {
        let named = root.key.windows(4).position(|window| window == [0x3d, 3, 1, 7]);
        root.key[named.unwrap() + 3] = 6;
    });
    assert!(!is_usable_root(&other_curve.written()));
    assert!(!is_usable_root(b"no certificate"));
}
