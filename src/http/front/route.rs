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

impl Route {
    /// Whether a path is this row's, whatever the method.
    pub fn is_for(&self, path: &str) -> bool {
        let mut sent = path.split('/');
        for part in self.path.split('/') {
            if part.starts_with('*') {
                return sent.next().is_some();
            }
            let fits = |sent: &str| part == sent || (part.starts_with(':') && !sent.is_empty());
            if !sent.next().is_some_and(fits) {
                return false;
            }
        }
        sent.next().is_none()
    }
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
    /// The same, but no programs: what opens a way in for good, or could send a link to somebody else. A program's
    /// secret that leaks ends with its access.
    AdministratorInPerson,
}

/// What a row does.
pub enum Does {
    /// Shows a page.
    Page(&'static str),
    /// Takes a turn.
    Work(fn(Call) -> Pin<Box<dyn Future<Output = Answer> + Send>>),
}
