//! One turn that changes something of the account that a request is about.

use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::rules::change::Change;
use crate::rules::moment::Moment;
use crate::rules::people::account::Account;
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;
use crate::store::{Facts, Fault};

/// Takes a turn on the subject as it is then, if it is still there. 204.
pub async fn change_subject<Decide>(call: &Call, decide: Decide) -> Answer
where
    Decide: FnOnce(Account, &Facts<'_>, &mut Moment) -> Result<Result<Vec<Change>, Refusal>, Fault> + Send + 'static,
{
    let (office, subject) = (call.office(), call.subject()?.account.id);
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let Some(current) = facts.account(subject)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        Ok(decide(current, facts, moment)?.map(|changes| ((), changes)).into())
    });
    turn.await??;
    Ok(reply::done())
}
