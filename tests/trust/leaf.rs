//! What a leaf says and when it is made anew.

use std::net::IpAddr;

use linekey::rules::certificates::authority::Authority;
use linekey::rules::certificates::leaf::{self, Due, Leaf, LeafPlan, Wanted, due};
use linekey::rules::certificates::validity::Validity;
use linekey::rules::certificates::x509::Certificate;
use linekey::rules::time::{Date, Ttl};

use super::world::{Office, address, moment, name, reading, today};

/// An office with a leaf in use.
struct Used {
    authority: Authority,
    wanted: Wanted,
    leaf: Leaf,
}

fn wanted(addresses: &[&str]) -> Wanted {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| address(text)).collect();
    Wanted::new(name("linekey.test"), None, &addresses)
}

/// The plan as the leaf that is made of it reads.
fn made(plan: &LeafPlan, authority: &Authority) -> Leaf {
    Leaf {
        validity: plan.validity,
        names: plan.names.iter().map(|name| name.as_str().to_owned()).collect(),
        addresses: plan.addresses.clone(),
        issuer: authority.common_name.clone(),
    }
}

impl Used {
    /// Under a CA of today.
    fn made(on: Date, known: bool) -> Self {
        Self::made_under(&Office::new("linekey.test", 1), on, known)
    }

    fn made_under(office: &Office, on: Date, known: bool) -> Self {
        let authority = Authority::read(&office.certificate).unwrap();
        let wanted = wanted(&["192.168.1.5", "fd00::5"]);
        let plan = LeafPlan::new(&wanted, None, &authority, &mut moment(on, known)).unwrap();
        Self {
            leaf: made(&plan, &authority),
            authority,
            wanted,
        }
    }

    fn due(&self, on: Date, known: bool) -> Option<Due> {
        due(Some(&self.leaf), &self.wanted, &self.authority, reading(on, known))
    }
}

#[test]
fn it_lives_for_397_days_with_the_day_before() {
    let office = Office::new("linekey.test", 2);
    let plan = office.plan(
        "linekey.test",
        &[
            "192.168.1.5",
            "192.168.1.5",
            "::ffff:10.0.0.1",
            "fe80::1",
            "2001:db8::1",
            "127.0.0.1",
        ],
    );
    let key = linekey::trust::authority::new_key().unwrap();
    let der = office.opened().leaf(&plan, &key).unwrap();
    let read = Certificate::parse(&der).unwrap();
    assert_eq!(read.validity.until - read.validity.from, Ttl::days(397));
    assert!(today() - read.validity.from <= Ttl(86_460));
    let names = read.names().unwrap();
    assert_eq!(names.dns, ["linekey.test", "linekey.local"]);
    assert_eq!(plan.common_name.as_ref(), names.dns.first(), "what is in the SAN too");
    assert_eq!(names.addresses, [address("192.168.1.5"), address("10.0.0.1")]);
    assert_eq!(Leaf::read(&der).unwrap().issuer, office.opened().facts().common_name);
}

#[test]
fn it_is_made_anew_when_two_thirds_are_over_and_not_a_second_before() {
    let used = Used::made(today(), true);
    let last = Date(leaf::two_thirds(used.leaf.validity).0 - 1);
    assert_eq!(last - used.leaf.validity.from, Ttl(397 * 86_400 / 3 * 2 - 1));
    assert_eq!(used.due(today(), true), None);
    assert_eq!(used.due(last, true), None);
    assert_eq!(used.due(last + Ttl(1), true), Some(Due::TwoThirds));
}

#[test]
fn no_date_renews_on_a_clock_that_is_not_trusted() {
    let used = Used::made(today(), true);
    for on in [today() + Ttl::days(3_000), today(), Date(0)] {
        assert_eq!(used.due(on, false), None);
    }
}

#[test]
fn a_leaf_made_on_an_old_floor_is_replaced_when_the_date_is_known() {
    let floor = Date(today().0 - Ttl::days(300).0);
    let used = Used::made(floor, false);
    assert_eq!(used.due(floor, false), None, "it serves until then");
    assert_eq!(used.due(today(), true), Some(Due::DateKnown));
    assert_eq!(
        used.due(floor, true),
        Some(Due::DateKnown),
        "even if the floor was right"
    );
}

/// A build of months ago, whose date is all that a board knows at its first start: whoever comes in to set the date has
/// today's.
#[test]
fn a_leaf_made_on_a_floor_of_up_to_two_years_ago_is_valid_today() {
    for days in [0, 300, 420, 730] {
        let floor = Date(today().0 - Ttl::days(days).0);
        let office = Office::made("linekey.test", 1, floor);
        let used = Used::made_under(&office, floor, false);
        let Validity { from, until } = used.leaf.validity;
        assert!(from < today() && today() < until, "{days}");
        let Validity { from, until } = used.authority.validity;
        assert!(from < today() && today() < until, "{days}");
    }
}

#[test]
fn a_floor_that_is_ahead_makes_no_certificate_of_tomorrow() {
    let used = Used::made(today() + Ttl::days(2), false);
    assert!(used.leaf.validity.from < today() && today() < used.leaf.validity.until);
}

#[test]
fn a_leaf_from_the_future_is_replaced_when_the_date_is_put_right() {
    let used = Used::made(today() + Ttl::days(700), true);
    assert_eq!(used.due(today(), true), Some(Due::NotYetValid));
}

#[test]
fn a_new_address_makes_a_new_leaf_and_one_that_went_away_does_not() {
    let mut used = Used::made(today(), true);
    used.wanted = wanted(&["10.44.0.9"]);
    assert_eq!(used.due(today(), true), Some(Due::Address(address("10.44.0.9"))));
    assert_eq!(used.due(today(), false), None, "but not on a clock that is not trusted");
    let plan = LeafPlan::new(
        &used.wanted,
        Some(&used.leaf),
        &used.authority,
        &mut moment(today(), true),
    )
    .unwrap();
    used.leaf = made(&plan, &used.authority);
    for addresses in [
        ["10.44.0.9"].as_slice(),
        &["192.168.1.5"],
        &["fd00::5", "10.44.0.9"],
        &[],
    ] {
        used.wanted = wanted(addresses);
        assert_eq!(used.due(today(), true), None, "{addresses:?}");
    }
}

#[test]
fn addresses_of_long_ago_end_with_the_renewal() {
    let mut used = Used::made(today(), true);
    used.wanted = wanted(&["10.44.0.9"]);
    let later = leaf::two_thirds(used.leaf.validity);
    let plan = LeafPlan::new(
        &used.wanted,
        Some(&used.leaf),
        &used.authority,
        &mut moment(later, true),
    )
    .unwrap();
    assert_eq!(plan.addresses, [address("10.44.0.9")]);
}

#[test]
fn a_thousand_addresses_are_sixteen() {
    let many: Vec<IpAddr> = (0..1000u16)
        .map(|n| address(&format!("10.0.{}.{}", n / 250, n % 250)))
        .collect();
    let wanted = Wanted::new(name("linekey.test"), None, &many);
    assert_eq!(wanted.addresses, many[..leaf::ADDRESSES]);
}

#[test]
fn a_new_authority_under_the_old_name_makes_a_new_leaf() {
    let mut used = Used::made(today(), true);
    used.authority = Authority::read(&Office::new("linekey.test", 9).certificate).unwrap();
    assert_eq!(used.due(today(), true), Some(Due::Authority));
    assert_eq!(
        used.due(Date(0), false),
        Some(Due::Authority),
        "without it nobody gets in"
    );
}

#[test]
fn a_name_that_the_authority_permits_is_added_and_one_that_it_does_not_is_no_loop() {
    let mut used = Used::made(today(), true);
    used.wanted = Wanted::new(name("new.linekey.test"), Some(name("linekey.test")), &[]);
    assert_eq!(used.due(today(), true), Some(Due::Name));
    used.wanted = Wanted::new(name("linekey.test"), Some(name("old.example.org")), &[]);
    assert_eq!(used.due(today(), true), None);
    let foreign = Wanted {
        names: vec![name("old.example.org")],
        addresses: Vec::new(),
    };
    assert_eq!(
        LeafPlan::new(&foreign, None, &used.authority, &mut moment(today(), true)),
        None
    );
}

#[test]
fn without_a_leaf_the_first_is_due_on_any_clock() {
    let used = Used::made(today(), true);
    for known in [true, false] {
        assert_eq!(
            due(None, &used.wanted, &used.authority, reading(Date(0), known)),
            Some(Due::First)
        );
    }
}

#[test]
fn no_leaf_outlives_its_authority_or_is_made_again_and_again_at_its_end() {
    let mut used = Used::made(today(), true);
    let end = used.authority.validity.until;
    let near = Date(end.0 - Ttl::days(10).0);
    let plan = LeafPlan::new(&used.wanted, Some(&used.leaf), &used.authority, &mut moment(near, true)).unwrap();
    assert_eq!(plan.validity.until, end);
    used.leaf = made(&plan, &used.authority);
    assert_eq!(used.due(Date(end.0 - 1), true), None);
    assert_eq!(
        LeafPlan::new(&used.wanted, None, &used.authority, &mut moment(end, true)),
        None
    );
}

#[test]
fn renewed_by_the_clock_for_ten_years_it_never_shows_an_expired_leaf() {
    let mut used = Used::made(today(), true);
    let mut renewals = 0;
    for hour in 0..10 * 365 * 24 {
        let now = today() + Ttl::hours(hour);
        if used.due(now, true).is_some() {
            let plan = LeafPlan::new(&used.wanted, Some(&used.leaf), &used.authority, &mut moment(now, true)).unwrap();
            used.leaf = made(&plan, &used.authority);
            renewals += 1;
        }
        assert!(used.leaf.validity.from < now && now < used.leaf.validity.until);
    }
    assert_eq!(renewals, 10 * 365 / 264, "every 264 days less the day before");
}

#[test]
fn short_lived_certificates_are_renewed_in_time() {
    for (days, renewed) in [(6, 4), (47, 31), (90, 60)] {
        let validity = Validity {
            from: Date(0),
            until: Date(Ttl::days(days).0),
        };
        assert_eq!(leaf::two_thirds(validity).0 / 86_400, renewed, "{days}");
    }
}
