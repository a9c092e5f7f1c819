//! Where the certificate comes from: the choice, and what is said when an order fails.

use super::appliance::sign_in_by_password;
use super::look::picture;
use super::office_ca::Secure;

#[test]
fn an_order_that_fails_says_why_and_when_the_next_is_here_and_at_home() {
    let appliance = Secure::named("pbx.example.com");
    appliance.import();
    let browser = appliance.browser();
    browser.go(&appliance.origin);
    sign_in_by_password(&browser, "admin", &appliance.password);
    browser.arrives_at("/welcome");
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
    appliance.import();
    let browser = appliance.browser();
    browser.go(&appliance.origin);
    sign_in_by_password(&browser, "admin", &appliance.password);
    browser.arrives_at("/welcome");
    browser.go(&format!("{}/settings", appliance.origin));
    let why = browser.until("the reason", || {
        let why = browser.text("#acme-impossible");
        (!why.is_empty()).then_some(why)
    });
    assert!(why.contains("issues nothing for “linekey.test”"), "{why}");
    assert_eq!(browser.count("#acme [name=source][value=acme]:disabled"), 1);
}
