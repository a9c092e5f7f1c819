//! Where the certificate comes from: the choice, and what is said when an order fails.

use serde_json::json;

use super::appliance::Appliance;
use super::driver::Browser;
use super::look::picture;
use super::office_ca::Secure;

#[test]
fn an_order_that_fails_says_why_and_when_the_next_is_here_and_at_home() {
    let appliance = Secure::named("pbx.example.com");
    let browser = appliance.administrator();
    browser.go(&format!("{}/settings", appliance.origin));
    browser.until("the choice", || {
        (browser.count("#acme [name=source][value=acme]:enabled") == 1).then_some(())
    });
    browser.click("#acme [name=source][value=acme]");
    browser.click("#acme [name=ca] option[value=other]");
    // Nothing answers at that port.
    browser.write("#acme [name=directory]", "https://localhost:1/dir");
    browser.click("#acme button.main");
    browser.is_told("invalid");
    browser.click("#acme [name=terms_accepted]");
    browser.click("#acme button.main");
    browser.is_told("saved");
    let said = browser.until("the failure", || {
        let said = browser.text("#acme-said");
        (!said.is_empty()).then_some(said)
    });
    assert!(said.contains("no connection to localhost"), "{said}");
    assert!(browser.text("#acme-next").starts_with("The next try is"));
    browser.run("document.getElementById('source').scrollIntoView()");
    picture(&browser, "settings-certificate");
    browser.go(&format!("{}/home", appliance.origin));
    let warning = browser.until("the warning", || {
        let warning = browser.text("#certificate-warning");
        (!warning.is_empty()).then_some(warning)
    });
    assert!(
        warning.starts_with("The certificate could not be ordered."),
        "{warning}"
    );
    picture(&browser, "home-certificate");
    browser.go(&format!("{}/settings", appliance.origin));
    browser.until("the choice", || {
        (browser.count("#order-now:not([hidden])") == 1).then_some(())
    });
    browser.click("#acme [name=source][value=office]");
    browser.click("#acme button.main");
    browser.click("#confirm-yes");
    browser.is_told("saved");
    assert_eq!(browser.count("#acme-state[hidden]"), 1);
}

#[test]
fn a_name_that_is_not_public_says_so_in_the_place_of_the_choice() {
    let appliance = Secure::named("linekey.test");
    let browser = appliance.administrator();
    browser.go(&format!("{}/settings", appliance.origin));
    let why = browser.until("the reason", || {
        let why = browser.text("#acme-impossible");
        (!why.is_empty()).then_some(why)
    });
    assert!(why.contains("issues nothing for “linekey.test”"), "{why}");
    assert_eq!(browser.count("#acme [name=source][value=acme]:disabled"), 1);
}

/// What the page hears of the settings, with another host of the name where `localStorage.by` says so, and a CA that
/// ends.
const ANOTHER_HOST: &str = "
const heard = window.fetch.bind(window);
window.fetch = async (path, how) => {
  const answer = await heard(path, how);
  if (path !== '/api/settings') return answer;
  const now = await answer.json();
  now.on_lan.taken_by = localStorage.by ?? null;
  now.certificate = { authority_ends_soon: true, authority_until: 1900000000 };
  return new Response(JSON.stringify(now), { status: 200, headers: { 'Content-Type': 'application/json' } });
};";

/// T11: Home tells within ten seconds, on a page that is open already.
#[test]
fn home_tells_of_another_host_of_the_name_and_of_the_cas_end() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.on_every_page(ANOTHER_HOST);
    browser.go(&appliance.page("/home"));
    assert!(browser.text("#authority-warning").contains("The office’s CA ends on"));
    assert_eq!(browser.count("#name-warning[hidden]"), 1);
    browser.run("localStorage.by = '192.168.1.77'");
    let begun = std::time::Instant::now();
    assert!(browser.text("#name-warning").contains("192.168.1.77"));
    assert!(begun.elapsed() < std::time::Duration::from_secs(10));
    browser.run("localStorage.clear()");
    browser.until("the other host gone", || {
        (browser.count("#name-warning[hidden]") == 1).then_some(())
    });
}

/// What the page hears of the settings, with a CA that ends.
const ENDING: &str = "
const heard = window.fetch.bind(window);
window.fetch = async (path, how) => {
  const answer = await heard(path, how);
  if (path !== '/api/settings') return answer;
  const now = await answer.json();
  Object.assign(now.certificate, { authority_ends_soon: true, authority_until: 1900000000 });
  return new Response(JSON.stringify(now), { status: 200, headers: { 'Content-Type': 'application/json' } });
};";

/// What the next start then does: `trust/lasting.rs`.
#[test]
fn a_press_asks_for_a_new_office_ca_after_a_question_and_says_when_it_comes() {
    let appliance = Secure::named("linekey.test");
    let browser = appliance.administrator();
    browser.on_every_page(ENDING);
    browser.go(&format!("{}/settings", appliance.origin));
    assert!(browser.text("#authority-ends").contains("The office’s CA ends on"));
    browser.click("#authority-new");
    browser.click("#confirm-yes");
    assert_eq!(
        browser.is_told("authority-new"),
        "The next start makes a new office CA."
    );
}

/// T14. Which certificate is served is the appliance's to know: `trust/acme/trouble.rs`.
#[test]
fn home_and_the_settings_are_red_while_a_test_certificate_is_served() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    let choice = json!({
        "directory": "https://acme-staging-v02.api.letsencrypt.org/directory", "is_test": true, "contact": null,
        "roots": null, "challenge": "tls-alpn-01", "is_strict": false,
    });
    for (serves_test, shown) in [(true, 1), (false, 0)] {
        browser.amends(&json!({ "/api/acme": { "choice": choice, "serves_test": serves_test, "failures": 0 } }));
        for (path, place) in [("/home", "#certificate-warning"), ("/settings", "#acme-test")] {
            browser.go(&appliance.page(path));
            browser.until("the answer", || browser.run(ASKED).as_bool()?.then_some(()));
            let bad = format!("{place}[data-tone=bad]:not([hidden])");
            browser.until(&bad, || (browser.count(&bad) == shown).then_some(()));
            if serves_test {
                let said = browser.text(place);
                assert!(
                    said.starts_with("A test certificate is served. Browsers warn of it."),
                    "{said}"
                );
                assert_eq!(browser.run(&TONE.replace("PLACE", place)), true, "{place}");
            }
        }
    }
}

/// Whether the page has had its answer of the certificate.
const ASKED: &str = "return performance.getEntriesByType('resource').some((one) => one.name.endsWith('/api/acme'))";

/// Whether the words have the colour of what is bad, which is not that of other words.
const TONE: &str = "
const [one, other] = ['PLACE', 'h1'].map((css) => getComputedStyle(document.querySelector(css)));
return one.color !== other.color || one.backgroundColor !== other.backgroundColor;";

/// T13: what the CA said, where it looked, and what of the DNS is likely wrong.
#[test]
fn the_settings_name_the_aaaa_record_that_the_ca_followed() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    let choice = json!({
        "directory": "https://acme-v02.api.letsencrypt.org/directory", "is_test": false, "contact": null,
        "roots": null, "challenge": "http-01", "is_strict": false,
    });
    let trouble = json!({
        "said": "pbx.example.com: 2001:db8::77: Connection refused", "kind": "connection",
        "address": "2001:db8::77", "hint": "aaaa",
    });
    browser.amends(&json!({ "/api/acme": {
        "choice": choice, "under_way": false, "tried": 1_900_000_000, "next": 1_900_003_600, "failures": 1,
        "trouble": trouble,
    } }));
    browser.go(&appliance.page("/settings"));
    assert_eq!(
        browser.text("#acme-said"),
        "“pbx.example.com: 2001:db8::77: Connection refused” (connection)"
    );
    assert_eq!(
        browser.text("#acme-address"),
        "The CA looked for the appliance at 2001:db8::77."
    );
    let hint = browser.text("#acme-hint");
    assert!(
        hint.starts_with("2001:db8::77 is an IPv6 address: the DNS has an AAAA record"),
        "{hint}"
    );
    assert!(hint.ends_with("remove or correct the AAAA record."), "{hint}");
}

/// T15: which router, why, and what to write where.
#[test]
fn the_settings_name_the_router_that_withholds_the_name_and_the_lines_to_add() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    let on_lan = json!({
        "announced": true, "taken_by": null, "withheld_by": "192.168.1.1", "withheld_address": "192.168.1.5",
    });
    browser.amends(&json!({ "/api/settings": { "name_in_use": "pbx.example.com", "on_lan": on_lan } }));
    browser.go(&appliance.page("/settings"));
    let said = browser.text("#withheld-text");
    let router = "Your router (192.168.1.1) does not give out pbx.example.com (rebind protection).";
    assert!(said.starts_with(router), "{said}");
    assert_eq!(browser.text("#withheld-entry"), "pbx.example.com → 192.168.1.5");
    assert_eq!(
        browser.text("#withheld-line"),
        "rebind-domain-ok=/pbx.example.com/ address=/pbx.example.com/192.168.1.5"
    );
    assert_eq!(browser.count("#name-withheld[data-tone=bad]:not([hidden])"), 1);
}
