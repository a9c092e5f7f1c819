//! Pages that cannot be shown say so.

use serde_json::json;

use super::appliance::Appliance;
use super::driver::Browser;
use super::look::picture;

#[test]
fn the_page_of_an_account_that_is_gone_says_so_and_has_no_buttons() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    for page in ["/people/999", "/people/nobody", "/administrators/nobody"] {
        browser.go(&appliance.page(page));
        browser.is_told("gone");
        let buttons =
            "return [...document.querySelectorAll('main button')].filter((button) => button.checkVisibility()).length";
        assert_eq!(browser.run(buttons), 0, "{page}");
        picture(&browser, "account-gone");
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_page_whose_list_does_not_come_says_why_in_the_place_of_showing_nothing() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.stand_in_between();
    for (page, asks) in [
        ("/home", "/api/me"),
        ("/me", "/api/me/passkeys"),
        ("/me", "/api/me/sessions"),
        ("/people", "/api/people"),
        ("/people/101", "/api/people/101"),
        ("/administrators", "/api/administrators"),
        ("/administrators/admin", "/api/mail"),
        ("/journal", "/api/journal"),
        ("/settings", "/api/settings"),
        ("/import", "/api/me"),
        ("/examples", "/api/site"),
        ("/welcome", "/api/me"),
    ] {
        for told in [json!(null), json!([500, "broken"])] {
            browser.go(&appliance.page("/healthz"));
            browser.answers(&json!({ asks: told }));
            browser.go(&appliance.page(page));
            browser.is_told(told[1].as_str().unwrap_or("offline"));
        }
    }
}
