//! Work at a place that may never answer, as a share whose server is gone: it is waited for, and then left behind.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use smol::future::FutureExt;

/// What was left behind.
#[derive(Default)]
pub struct LeftBehind(Mutex<Vec<Weak<()>>>);

impl LeftBehind {
    /// Does work that blocks, and waits for it so long. `None`: it has not come back, and is left behind, or something
    /// that was left behind before has not; then nothing is begun, so that threads do not pile up.
    pub async fn wait<T: Send + 'static>(
        &self,
        time: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        if self.hangs() {
            return None;
        }
        let held = Arc::new(());
        let left = Arc::downgrade(&held);
        let working = smol::unblock(move || {
            let done = work();
            drop(held);
            done
        });
        let late = async {
            smol::Timer::after(time).await;
            None
        };
        let done = async { Some(working.await) }.or(late).await;
        if done.is_none() {
            self.all(|all| all.push(left));
        }
        done
    }

    /// Whether something has not come back yet.
    fn hangs(&self) -> bool {
        self.all(|all| {
            all.retain(|one| one.strong_count() > 0);
            !all.is_empty()
        })
    }

    fn all<T>(&self, work: impl FnOnce(&mut Vec<Weak<()>>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
