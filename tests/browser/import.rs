//! Many people at once.

use super::appliance::Appliance;
use super::driver::Browser;

#[test]
fn a_table_is_looked_at_first_and_its_good_lines_are_added() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    appliance.add_person(&browser, "101", "Mira Okafor");
    browser.go(&appliance.page("/import"));
    browser.click("#look button");
    browser.is_told("invalid");
    let table = "extension;name;email\\n101;Somebody Else;\\n22;Jon Vale;jon@example.org\\n2x;Faulty;";
    browser.run(&format!("document.querySelector('#look textarea').value = '{table}'"));
    browser.click("#look button");
    assert_eq!(browser.text("#preview-title"), "1 line can be added");
    assert!(
        browser
            .text("[data-line=\"2\"][data-faulty]")
            .contains("Somebody else has this already")
    );
    assert!(browser.text("[data-line=\"4\"][data-faulty]").contains("digits"));
    assert_eq!(browser.count("[data-line=\"3\"]:not([data-faulty])"), 1);
    browser.click("#add-button");
    browser.is_told("imported-1");
    browser.go(&appliance.page("/people"));
    assert_eq!(browser.text("[data-extension=\"22\"] strong"), "Jon Vale");
    assert_eq!(browser.count("[data-extension]"), 2);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
