//! The table of contents: every path, who may use it, and what it does. Leaving the second column out does not compile.

use super::route::{Does, Route, Who};
use super::{forward_auth, openapi, pages};
use crate::http::account::{accounts, administrators, links, me, passkeys, passwords, people, registration, sessions};
use crate::http::admin::{backup, backups, certificate, clock, import, journal, mail, metrics, name, settings, syslog};
use crate::http::devices::{
    app, asterisk, change, desk, handshakes, import as import_devices, list, live, provisioning, ring, secret,
};
use crate::http::edge::message::Method;
use crate::http::provision::{app as app_file, fetch};
use crate::http::sign_in::{self, prove, recover};
use crate::http::welcome::{self, acme, moved};

macro_rules! table {
    ($($method:ident $path:literal $who:ident => $kind:ident $what:expr;)*) => {
        &[$(Route { method: table!(@$method), path: $path, who: Who::$who, does: table!(@$kind $what) }),*]
    };
    (@Delete) => { Method::DELETE };
    (@Get) => { Method::GET };
    (@Patch) => { Method::PATCH };
    (@Post) => { Method::POST };
    (@Put) => { Method::PUT };
    (@page $what:expr) => { Does::Page($what) };
    (@call $what:expr) => { Does::Work(|call| Box::pin($what(call))) };
}

/// The table.
#[rustfmt::skip]
pub const ROUTES: &[Route] = table! {
    // Pages.
    Get    "/"                                          Newcomer              => page "sign-in";
    Get    "/join"                                      Anyone                => page "join";
    Get    "/welcome"                                   SignedIn              => page "welcome";
    Get    "/home"                                      SignedIn              => page "home";
    Get    "/me"                                        SignedIn              => page "me";
    Get    "/people"                                    Administrator         => page "people";
    Get    "/people/:extension"                         Administrator         => page "account";
    Get    "/administrators"                            Administrator         => page "administrators";
    Get    "/administrators/:name"                      Administrator         => page "account";
    Get    "/import"                                    Administrator         => page "import";
    Get    "/phones"                                    Administrator         => page "phones";
    Get    "/phones/import"                             Administrator         => page "import-phones";
    Get    "/desk/:id"                                  SignedIn              => page "desk";
    Get    "/journal"                                   Administrator         => page "journal";
    Get    "/settings"                                  Administrator         => page "settings";
    Get    "/examples"                                  Administrator         => page "examples";
    Get    "/.well-known/change-password"               Anyone                => call pages::change_password;
    Get    "/.well-known/passkey-endpoints"             Anyone                => call pages::passkey_endpoints;
    // What browsers ask the old name while the appliance moves to another.
    Get    "/.well-known/webauthn"                      Anyone                => call moved::origins;
    // What a CA looks for that was asked for a certificate.
    Get    "/.well-known/acme-challenge/:token"         Anyone                => call acme::answer;
    // The office CA, for whoever does not trust it yet.
    Get    "/trust"                                     Anyone                => call welcome::show;
    Get    "/trust/linekey.crt"                         Anyone                => call welcome::der;
    Get    "/trust/linekey.pem"                         Anyone                => call welcome::pem;
    Get    "/trust/linekey.mobileconfig"                Anyone                => call welcome::mobileconfig;
    Get    "/a/*asset"                                  Anyone                => call pages::asset;
    Get    "/favicon.ico"                               Anyone                => call pages::favicon;
    Get    "/healthz"                                   Anyone                => call pages::healthy;
    // What a watcher asks.
    Get    "/metrics"                                   Anyone                => call metrics::numbers;
    Get    "/api/site"                                  Anyone                => call pages::site;
    Get    "/api/openapi.json"                          Anyone                => call openapi::document;
    // Phones' files, under any name of ours.
    Get    "/provision/"                                Anyone                => call fetch::by_mac;
    Get    "/provision/*file"                           Anyone                => call fetch::by_mac;
    Get    "/provision/app/:token"                      Anyone                => call app_file::settings;
    Get    "/provision/s/:token/*file"                  Anyone                => call fetch::by_own_address;
    // What a reverse proxy asks.
    Get    "/auth/check"                                Identified            => call forward_auth::check;
    // Signing in: anyone.
    Post   "/api/sign-in/passkey/begin"                 Anyone                => call sign_in::passkey_begin;
    Post   "/api/sign-in/passkey/finish"                Anyone                => call sign_in::passkey_finish;
    Post   "/api/sign-in/password"                      Anyone                => call sign_in::password;
    Post   "/api/sign-in/link"                          Anyone                => call sign_in::link;
    Post   "/api/sign-in/recover"                       Anyone                => call recover::ask;
    Post   "/api/sign-in/code"                          Anyone                => call recover::by_code;
    Post   "/api/sign-out"                              Anyone                => call sign_in::out;
    // One's own account.
    Get    "/api/me"                                    SignedIn              => call me::show;
    Post   "/api/me/password"                           Proved                => call passwords::set;
    Delete "/api/me/password"                           Proved                => call passwords::remove;
    Post   "/api/me/proof/passkey/begin"                SignedIn              => call prove::passkey_begin;
    Post   "/api/me/proof/passkey/finish"               SignedIn              => call prove::passkey_finish;
    Post   "/api/me/proof/password"                     SignedIn              => call prove::password;
    Get    "/api/me/passkeys"                           SignedIn              => call passkeys::list;
    Post   "/api/me/passkeys/begin"                     Proved                => call registration::begin;
    Post   "/api/me/passkeys/finish"                    Proved                => call registration::finish;
    Delete "/api/me/passkeys"                           Proved                => call passkeys::delete_all;
    Patch  "/api/me/passkeys/:id"                       SignedIn              => call registration::rename;
    Delete "/api/me/passkeys/:id"                       Proved                => call passkeys::delete;
    Get    "/api/me/sessions"                           SignedIn              => call sessions::list;
    Delete "/api/me/sessions"                           SignedIn              => call sessions::delete_all;
    Delete "/api/me/sessions/:id"                       SignedIn              => call sessions::delete;
    Get    "/api/me/devices"                            SignedIn              => call list::own;
    Post   "/api/me/devices/:id/secret"                 Proved                => call secret::choose;
    Delete "/api/me/devices/:id"                        Proved                => call app::remove;
    Post   "/api/me/devices/app"                        Proved                => call app::add;
    Post   "/api/me/devices/app/by-hand"                Proved                => call app::by_hand;
    // Shared desks.
    Get    "/api/desks/:id"                             SignedIn              => call desk::show;
    Post   "/api/desks/:id/take"                        Proved                => call desk::take;
    Post   "/api/desks/:id/leave"                       SignedIn              => call desk::leave;
    // The office.
    Get    "/api/people"                               Administrator         => call people::list;
    Post   "/api/people"                               AdministratorProved   => call people::add;
    Get    "/api/people.csv"                           Administrator         => call import::export;
    Post   "/api/people/import"                        AdministratorProved   => call import::import;
    Get    "/api/people/:extension"                    Administrator         => call people::show;
    Patch  "/api/people/:extension"                    AdministratorProved   => call people::change;
    Delete "/api/people/:extension"                    AdministratorProved   => call accounts::delete;
    Post   "/api/people/:extension/invite"             AdministratorProved   => call links::make;
    Delete "/api/people/:extension/invite"             AdministratorProved   => call links::revoke;
    Post   "/api/people/:extension/password"           AdministratorProved   => call passwords::set;
    Delete "/api/people/:extension/password"           AdministratorProved   => call passwords::remove;
    Get    "/api/people/:extension/passkeys"           Administrator         => call passkeys::list;
    Delete "/api/people/:extension/passkeys"           AdministratorProved   => call passkeys::delete_all;
    Delete "/api/people/:extension/passkeys/:id"       AdministratorProved   => call passkeys::delete;
    Get    "/api/people/:extension/sessions"           Administrator         => call sessions::list;
    Delete "/api/people/:extension/sessions"           AdministratorProved   => call sessions::delete_all;
    Delete "/api/people/:extension/sessions/:id"       AdministratorProved   => call sessions::delete;
    Get    "/api/people/:extension/devices"            Administrator         => call list::of_person;
    Post   "/api/people/:extension/devices"            AdministratorProved   => call change::add_to_person;
    // Devices.
    Get    "/api/devices"                              Administrator         => call list::list;
    Post   "/api/devices"                              AdministratorProved   => call change::add;
    Get    "/api/devices/asking"                       Administrator         => call provisioning::asking;
    Get    "/api/devices/handshakes"                   Administrator         => call handshakes::failed;
    Get    "/api/devices/makes"                        Administrator         => call provisioning::makes;
    Get    "/api/devices/live"                         Administrator         => call live::live;
    Get    "/api/devices/pjsip_wizard.conf"            AdministratorProved   => call asterisk::export;
    Post   "/api/devices/import"                       AdministratorProved   => call import_devices::import;
    Post   "/api/devices/rotate"                       AdministratorProved   => call secret::rotate_all;
    Get    "/api/devices/:id"                          Administrator         => call list::show;
    Patch  "/api/devices/:id"                          AdministratorProved   => call change::change;
    Delete "/api/devices/:id"                          AdministratorProved   => call change::delete;
    Get    "/api/devices/:id/sticker"                  Administrator         => call desk::sticker;
    Post   "/api/devices/:id/free"                     AdministratorProved   => call desk::free;
    Post   "/api/devices/:id/ring"                     AdministratorProved   => call ring::ring;
    Post   "/api/devices/:id/window"                   AdministratorProved   => call provisioning::open_window;
    Post   "/api/devices/:id/secret"                   AdministratorProved   => call secret::reveal;
    // Administrators.
    Get    "/api/administrators"                       Administrator         => call administrators::list;
    Post   "/api/administrators"                       AdministratorInPerson => call administrators::add;
    Get    "/api/administrators/:name"                 Administrator         => call administrators::show;
    Patch  "/api/administrators/:name"                 AdministratorInPerson => call administrators::change;
    Delete "/api/administrators/:name"                 AdministratorInPerson => call accounts::delete;
    Post   "/api/administrators/:name/invite"          AdministratorInPerson => call links::make;
    Delete "/api/administrators/:name/invite"          AdministratorInPerson => call links::revoke;
    Post   "/api/administrators/:name/password"        AdministratorInPerson => call passwords::set;
    Delete "/api/administrators/:name/password"        AdministratorInPerson => call passwords::remove;
    Get    "/api/administrators/:name/passkeys"        Administrator         => call passkeys::list;
    Delete "/api/administrators/:name/passkeys"        AdministratorInPerson => call passkeys::delete_all;
    Delete "/api/administrators/:name/passkeys/:id"    AdministratorInPerson => call passkeys::delete;
    Get    "/api/administrators/:name/sessions"        Administrator         => call sessions::list;
    Delete "/api/administrators/:name/sessions"        AdministratorInPerson => call sessions::delete_all;
    Delete "/api/administrators/:name/sessions/:id"    AdministratorInPerson => call sessions::delete;
    Post   "/api/administrators/:name/api"             AdministratorInPerson => call administrators::open_api;
    Delete "/api/administrators/:name/api"             AdministratorInPerson => call administrators::close_api;
    // Letters, the journal, the settings.
    Get    "/api/mail"                                 Administrator         => call mail::show;
    Put    "/api/mail"                                 AdministratorInPerson => call mail::set;
    Delete "/api/mail"                                 AdministratorProved   => call mail::remove;
    Post   "/api/mail/test"                            AdministratorProved   => call mail::test;
    Get    "/api/mail/outbox"                          Administrator         => call mail::outbox;
    Delete "/api/mail/outbox/:id"                      AdministratorProved   => call mail::withdraw;
    Get    "/api/journal"                              Administrator         => call journal::list;
    Get    "/api/journal.csv"                          Administrator         => call journal::csv;
    Get    "/api/journal.json"                         Administrator         => call journal::json;
    Get    "/api/journal/live"                         Administrator         => call journal::live;
    Post   "/api/backup"                               AdministratorInPerson => call backup::take;
    Get    "/api/acme"                                  Administrator         => call certificate::show;
    Put    "/api/acme"                                  AdministratorInPerson => call certificate::set;
    Delete "/api/acme"                                  AdministratorProved   => call certificate::unset;
    Post   "/api/acme/order"                            AdministratorProved   => call certificate::order;
    Delete "/api/authority"                             AdministratorProved   => call certificate::forget_authority;
    Get    "/api/name"                                  Administrator         => call name::show;
    Post   "/api/name/code"                             AdministratorInPerson => call name::code;
    Delete "/api/name/move"                             AdministratorProved   => call name::end_move;
    Post   "/api/backup/try"                           AdministratorInPerson => call backups::try_out;
    Get    "/api/backups"                              Administrator         => call backups::show;
    Put    "/api/backups"                              AdministratorInPerson => call backups::set;
    Delete "/api/backups"                              AdministratorProved   => call backups::remove;
    Post   "/api/backups/make"                         AdministratorProved   => call backups::make;
    Get    "/api/clock"                                 Administrator         => call clock::show;
    Patch  "/api/clock"                                 AdministratorProved   => call clock::change;
    Post   "/api/clock/confirm"                         AdministratorProved   => call clock::confirm;
    Get    "/api/clock/back"                            Administrator         => call clock::consequences;
    Post   "/api/clock/back"                            AdministratorInPerson => call clock::bring_back;
    Get    "/api/metrics"                               Administrator         => call metrics::show;
    Post   "/api/metrics"                               AdministratorInPerson => call metrics::open;
    Delete "/api/metrics"                               AdministratorProved   => call metrics::close;
    Get    "/api/syslog"                                Administrator         => call syslog::show;
    Put    "/api/syslog"                                AdministratorInPerson => call syslog::set;
    Delete "/api/syslog"                                AdministratorProved   => call syslog::remove;
    Get    "/api/settings"                              Administrator         => call settings::show;
    Patch  "/api/settings"                              AdministratorProved   => call settings::change;
};
