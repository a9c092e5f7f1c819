//! Serving until it is told to stop, whatever is served.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use smol::Executor;
use smol::future::Boxed;

use super::manager::Manager;
use crate::appliance::cannot_start::CannotStart;
use crate::net::stop::Stopper;

/// After a signal, requests under way get this long (SPEC §7: gone within 2 seconds).
const LAST_WORDS: Duration = Duration::from_millis(1500);

/// Serves until it is told to stop: on this thread, and on a second one where there is a second core.
pub(in crate::appliance) fn work<T>(
    executor: &Arc<Executor<'static>>,
    doors: Vec<Boxed<()>>,
    told_to_stop: impl Future<Output = T>,
    stopper: Stopper,
    manager: &Arc<Manager>,
) -> Result<T, CannotStart> {
    let serving: Vec<_> = doors.into_iter().map(|door| executor.spawn(door)).collect();
    let is_second = thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
    if is_second {
        let (helper, beating) = (executor.clone(), Arc::clone(manager));
        thread::Builder::new()
            .name("second".into())
            .spawn(move || smol::block_on(helper.run(beating.beat())))?;
    }
    Ok(smol::block_on(executor.run(async {
        let fed = async {
            manager.feed(is_second).await;
            std::future::pending().await
        };
        let told = smol::future::or(told_to_stop, fed).await;
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
