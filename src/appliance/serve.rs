//! Serving until it is told to stop, whatever is served.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use smol::Executor;
use smol::future::Boxed;

use super::cannot_start::CannotStart;
use crate::net::stop::Stopper;

/// After a signal, requests under way get this long (SPEC §7: gone within 2 seconds).
const LAST_WORDS: Duration = Duration::from_millis(1500);

/// Serves until it is told to stop: on this thread, and on a second one where there is a second core.
pub(super) fn work<T>(
    executor: &Arc<Executor<'static>>,
    doors: Vec<Boxed<()>>,
    told_to_stop: impl Future<Output = T>,
    stopper: Stopper,
) -> Result<T, CannotStart> {
    let serving: Vec<_> = doors.into_iter().map(|door| executor.spawn(door)).collect();
    if thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
        let helper = executor.clone();
        thread::Builder::new()
            .name("second".into())
            .spawn(move || smol::block_on(helper.run(std::future::pending::<()>())))?;
    }
    Ok(smol::block_on(executor.run(async {
        let told = told_to_stop.await;
        stopper.stop();
        let finished = async {
            for door in serving {
                door.await;
            }
        };
        let patience = async {
            smol::Timer::after(LAST_WORDS).await;
        };
        smol::future::or(finished, patience).await;
        told
    })))
}
