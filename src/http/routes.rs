//! The table of contents: every path, who may use it, and what it does. Leaving the second column out does not compile.

use std::future::Future;
use std::pin::Pin;

use tide::http::Method::{self, Delete, Get, Patch, Post};
use tide::{Request, Server};

use super::call::Call;
use super::office::Shared;
use super::reply::Answer;
use super::{dispatch, me, pages, passkeys, people, prove, sessions, settings, sign_in};

/// One row.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; a part with a colon takes any value.
    pub path: &'static str,
    /// Who may.
    pub who: Who,
    /// What happens.
    pub does: Does,
}

/// Who may use a row. Each includes what stands above it, but for [`Who::Newcomer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever asks.
    Anyone,
    /// Whoever is not signed in; others are sent home.
    Newcomer,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and proved it within the last ten minutes.
    Proved,
    /// Administrators.
    Administrator,
    /// Administrators who proved it within the last ten minutes.
    AdministratorProved,
}

/// What a row does.
pub enum Does {
    /// Shows a page.
    Page(&'static str),
    /// Takes a turn.
    Work(fn(Call) -> Pin<Box<dyn Future<Output = Answer> + Send>>),
}

use Who::{Administrator, AdministratorProved, Anyone, Newcomer, Proved, SignedIn};

macro_rules! table {
    ($($method:ident $path:literal $who:ident => $kind:ident $what:expr;)*) => {
        &[$(Route { method: $method, path: $path, who: $who, does: table!(@$kind $what) }),*]
    };
    (@page $what:expr) => { Does::Page($what) };
    (@call $what:expr) => { Does::Work(|call| Box::pin($what(call))) };
}

/// The table.
#[rustfmt::skip]
pub const ROUTES: &[Route] = table! {
    // Pages.
    Get    "/"                                          Newcomer            => page "sign-in";
    Get    "/join"                                      Anyone              => page "join";
    Get    "/welcome"                                   SignedIn            => page "welcome";
    Get    "/home"                                      SignedIn            => page "home";
    Get    "/me"                                        SignedIn            => page "me";
    Get    "/people"                                    Administrator       => page "people";
    Get    "/settings"                                  Administrator       => page "settings";
    Get    "/a/*asset"                                  Anyone              => call pages::asset;
    Get    "/favicon.ico"                               Anyone              => call pages::favicon;
    Get    "/healthz"                                   Anyone              => call pages::healthy;
    Get    "/api/site"                                  Anyone              => call pages::site;
    // Signing in: anyone.
    Post   "/api/sign-in/passkey/begin"                 Anyone              => call sign_in::passkey_begin;
    Post   "/api/sign-in/passkey/finish"                Anyone              => call sign_in::passkey_finish;
    Post   "/api/sign-in/password"                      Anyone              => call sign_in::password;
    Post   "/api/sign-in/link"                          Anyone              => call sign_in::link;
    Post   "/api/sign-in/recover"                       Anyone              => call sign_in::recover;
    Post   "/api/sign-out"                              Anyone              => call sign_in::out;
    // One's own account.
    Get    "/api/me"                                    SignedIn            => call me::show;
    Post   "/api/me/password"                           Proved              => call me::set_password;
    Delete "/api/me/password"                           Proved              => call me::remove_password;
    Post   "/api/me/proof/passkey/begin"                SignedIn            => call prove::passkey_begin;
    Post   "/api/me/proof/passkey/finish"               SignedIn            => call prove::passkey_finish;
    Post   "/api/me/proof/password"                     SignedIn            => call prove::password;
    Get    "/api/me/passkeys"                           SignedIn            => call passkeys::list;
    Post   "/api/me/passkeys/begin"                     Proved              => call passkeys::begin;
    Post   "/api/me/passkeys/finish"                    Proved              => call passkeys::finish;
    Patch  "/api/me/passkeys/:id"                       SignedIn            => call passkeys::rename;
    Delete "/api/me/passkeys/:id"                       Proved              => call passkeys::delete;
    Get    "/api/me/sessions"                           SignedIn            => call sessions::list;
    Delete "/api/me/sessions"                           SignedIn            => call sessions::delete_others;
    Delete "/api/me/sessions/:id"                       SignedIn            => call sessions::delete;
    // The office.
    Get    "/api/people"                                Administrator       => call people::list;
    Post   "/api/people"                                AdministratorProved => call people::add;
    Get    "/api/people/:extension"                     Administrator       => call people::show;
    Patch  "/api/people/:extension"                     AdministratorProved => call people::change;
    Delete "/api/people/:extension"                     AdministratorProved => call people::delete;
    Post   "/api/people/:extension/invite"              AdministratorProved => call people::invite;
    Get    "/api/people/:extension/passkeys"            Administrator       => call people::passkeys;
    Delete "/api/people/:extension/passkeys"            AdministratorProved => call people::delete_passkeys;
    Delete "/api/people/:extension/passkeys/:id"        AdministratorProved => call people::delete_passkey;
    Get    "/api/people/:extension/sessions"            Administrator       => call people::sessions;
    Delete "/api/people/:extension/sessions"            AdministratorProved => call people::delete_sessions;
    Delete "/api/people/:extension/sessions/:id"        AdministratorProved => call people::delete_session;
    Get    "/api/settings"                              Administrator       => call settings::show;
    Patch  "/api/settings"                              AdministratorProved => call settings::change;
};

/// tide's server with every row of the table.
pub fn server(office: Shared) -> Server<Shared> {
    let mut server = tide::with_state(office);
    for route in ROUTES {
        server
            .at(route.path)
            .method(route.method, move |request: Request<Shared>| async move {
                Ok(dispatch::answer(route, request).await)
            });
    }
    for everywhere in ["/", "/*rest"] {
        server
            .at(everywhere)
            .all(|request: Request<Shared>| async move { Ok(dispatch::nowhere(request).await) });
    }
    server
}
