//! Where the certificate comes from: the choice, and what is said when an order fails.

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
