//! Finds out whom a request is about.

use super::call::Call;
use super::failure::Failure;
use super::subject::Subject;
use crate::rules::id::{AdminName, Extension, Username};
use crate::rules::refusal::Refusal;

/// Finds out: `:extension` is a person, `:name` an administrator. None where nobody is named and nobody is signed in.
pub(super) fn subject(call: &Call) -> Result<Option<Subject>, Failure> {
    let extension = || call.part("extension").map(Extension::parse);
    let (username, wanted): (Username, _) = match (extension(), call.part("name").map(AdminName::parse)) {
        (Ok(extension), _) => ((&extension.map_err(|_| Refusal::NotFound)?).into(), false),
        (Err(_), Ok(name)) => ((&name.map_err(|_| Refusal::NotFound)?).into(), true),
        (Err(_), Err(_)) => {
            return Ok(call.caller.signed_in.as_ref().map(|signed_in| Subject {
                account: signed_in.account.clone(),
                is_oneself: true,
            }));
        }
    };
    let found = call.office().store.read(|facts| facts.account_by_username(&username))?;
    let named = found.filter(|account| account.is_administrator() == wanted);
    Ok(Some(Subject {
        account: named.ok_or(Refusal::NotFound)?,
        is_oneself: false,
    }))
}
