//! The page of examples.

use super::appliance::Appliance;
use super::driver::Browser;

#[test]
fn examples_have_this_offices_address_in_them_and_can_be_copied() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    browser.go(&appliance.page("/examples"));
    // On plain HTTP what programs send is always refused: there the examples for them are not shown.
    browser.text("#insecure");
    assert_eq!(browser.count("[data-secure]:not([hidden])"), 0);
    browser.text(".example:not([hidden]) button");
    browser.run("for (const example of document.querySelectorAll('[data-secure]')) example.hidden = false");
    let shown = browser.run("return [...document.querySelectorAll('.example code')].map((code) => code.textContent)");
    let shown: Vec<&str> = shown
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap())
        .collect();
    for left in ["ORIGIN", "HOSTNAME", "HOSTPORT"] {
        assert!(shown.iter().all(|code| !code.contains(left)), "{left}: {shown:?}");
    }
    assert!(shown[1].ends_with(&appliance.page("/api/people")), "{}", shown[1]);
    let with = |word: &str| *shown.iter().find(|code| code.contains(word)).expect(word);
    let (nginx, caddy) = (with("server_name"), with(":8443 {"));
    let host = appliance.origin.replace("http://", "");
    assert!(nginx.contains("server_name localhost;"), "{nginx}");
    assert!(nginx.contains(&format!("proxy_set_header Host {host};")), "{nginx}");
    assert!(
        nginx.contains(&format!("return 302 {}/?to=", appliance.origin)),
        "{nginx}"
    );
    assert!(caddy.starts_with("localhost:8443 {"), "{caddy}");
    browser.run("navigator.clipboard.writeText = async (text) => void (window.copied = text)");
    for (number, code) in shown.iter().enumerate() {
        browser.run(&format!(
            "document.querySelectorAll('.example button')[{number}].click()"
        ));
        browser.is_told("example-copied");
        browser.until("the copy", || {
            (browser.run("return window.copied ?? null") == **code).then_some(())
        });
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
