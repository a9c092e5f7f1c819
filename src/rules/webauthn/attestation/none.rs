//! No attestation (§8.7).

use super::{Malformed, Statement, Verified};

pub(super) fn verify<'a>(statement: &Statement<'a>) -> Result<Verified<'a>, Malformed> {
    if statement.members.is_empty() {
        Ok(Verified::None)
    } else {
        Err(Malformed::LeftOver)
    }
}
