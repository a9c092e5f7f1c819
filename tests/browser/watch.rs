//! Numbers for watchers and the log server, as an administrator sets them; what Home says of what is wrong.

use std::net::TcpListener;

use super::appliance::Appliance;
use super::driver::Browser;
use super::look::picture;

#[test]
fn a_token_is_shown_once_and_a_log_server_that_is_away_is_told_at_home() {
    let appliance = Appliance::start();
    let browser = Browser::open();
    appliance.first_run(&browser);
    let see = |id: &str| browser.run(&format!("document.getElementById('{id}').scrollIntoView()"));
    browser.go(&appliance.page("/settings"));
    browser.until("the state", || {
        browser.text("#metrics-state").contains("Off").then_some(())
    });
    see("metrics-title");
    picture(&browser, "settings-watch-off");
    browser.click("#metrics-on");
    let token = browser.text("#token-value");
    assert_eq!(token.len(), 43, "{token}");
    picture(&browser, "settings-token");
    browser.click("#token [data-close]");
    assert_eq!(
        browser.run("return document.getElementById('token-value').textContent"),
        ""
    );
    assert!(browser.text("#metrics-state").starts_with("On."));
    browser.write("#syslog [name=server]", "a b");
    browser.click("#syslog button.main");
    browser.is_told("invalid");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    browser.write("#syslog [name=server]", "127.0.0.1");
    browser.write("#syslog [name=port]", &nobody.to_string());
    browser.click("#syslog button.main");
    browser.is_told("saved");
    browser.until("that it is missing", || {
        browser.go(&appliance.page("/home"));
        browser.text("h1");
        browser
            .run("return !document.getElementById('log-server').hidden")
            .as_bool()?
            .then_some(())
    });
    assert!(browser.text("#log-server").contains("has not been reached since"));
    browser.run("document.getElementById('unwritable').hidden = false");
    picture(&browser, "home-watch");
    browser.go(&appliance.page("/settings"));
    assert!(browser.text("#syslog-missing").contains("refused"));
    see("metrics-title");
    picture(&browser, "settings-watch-on");
    browser.click("#syslog-off");
    browser.is_told("syslog-off");
    browser.click("#metrics-off");
    browser.is_told("metrics-off");
    assert!(browser.text("#metrics-state").contains("Off"));
    browser.go(&appliance.page("/home"));
    browser.text("h1");
    assert_eq!(browser.run("return document.getElementById('log-server').hidden"), true);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
