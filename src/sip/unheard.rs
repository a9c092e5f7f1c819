//! Requests that nothing came back for.

use super::lamps::{notify, told};
use super::line::Line;
use super::proxy::answer;
use super::transaction::client::Owner;

/// Nothing came back for a request of this owner.
pub(super) fn unheard(line: &mut Line, owner: Owner, status: u16) {
    match owner {
        Owner::Branch(number, place) => answer::fail(line, number, place, status),
        Owner::Nobody | Owner::Ringing | Owner::Unwanted => {}
        Owner::Subscription(number) => notify::answered(line, number, None),
        Owner::Told(id, place) => told::answered(line, id, place, None),
    }
}
