//! Numbers for whoever watches the appliance: whether they are given out, and to whom.

pub mod record;

use crate::rules::change::{Change, OfficeChange};
use crate::rules::moment::Moment;
use crate::rules::refusal::Refusal;
use crate::rules::secret::Token;
pub use record::*;

/// Turns them on, or makes another token; the old one ends.
pub fn open(moment: &mut Moment) -> (Token, Vec<Change>) {
    let token = Token::fresh(&mut moment.fresh);
    let metrics = Metrics {
        token: token.hash(),
        since: moment.now,
    };
    (token, vec![OfficeChange::MetricsOpened(metrics).into()])
}

/// Turns them off.
///
/// # Errors
/// [`Refusal::NotFound`]: they are.
pub fn close(known: Option<&Metrics>) -> Result<((), Vec<Change>), Refusal> {
    known.ok_or(Refusal::NotFound)?;
    Ok(((), vec![OfficeChange::MetricsClosed.into()]))
}
