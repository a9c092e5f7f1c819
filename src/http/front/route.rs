//! What a row of the route table says.

use std::future::Future;
use std::pin::Pin;

use super::call::Call;
use super::reply::Answer;
use crate::http::edge::message::Method;

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
    /// Whoever is signed in, and programs.
    Identified,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and proved it within the last ten minutes.
    Proved,
    /// Administrators.
    Administrator,
    /// Administrators who proved it within the last ten minutes.
    AdministratorProved,
    /// The same, but no programs: what opens a way in for good, or could send a link to somebody else. A program's secret
    /// that leaks ends with its access.
    AdministratorInPerson,
}

/// What a row does.
pub enum Does {
    /// Shows a page.
    Page(&'static str),
    /// Takes a turn.
    Work(fn(Call) -> Pin<Box<dyn Future<Output = Answer> + Send>>),
}
