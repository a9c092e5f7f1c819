//! The board's front: its button and its light, at power-on and while the appliance runs.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use smol::channel::Sender;

use super::button::Button;
use super::led::{Light, LightState};
use crate::appliance::flags::Reset;
use crate::appliance::machine::{Again, Machine};
use crate::office::{Shared, log};
use crate::rules::office::button::Wish;

/// How often the light follows how the appliance is.
const EVERY: Duration = Duration::from_secs(2);
/// How long it shows that a reset is done.
const DONE: Duration = Duration::from_secs(10);

/// Both.
pub(in crate::appliance) struct Panel {
    light: Arc<Light>,
    button: Option<Button>,
    is_reset: bool,
}

impl Panel {
    /// The machine's; a part that it has not, or that cannot be used, is none.
    pub(in crate::appliance) fn of(machine: &mut Machine) -> Self {
        machine.take_button();
        let listened = machine
            .button
            .take()
            .map(|(contact, holds)| Button::listen(contact, holds));
        let button = listened.and_then(|button| {
            button
                .map_err(|why| log::warning(&format!("the board's reset button cannot be read: {why}")))
                .ok()
        });
        Self {
            light: Arc::new(Light::at(&machine.lights, machine.light.as_deref())),
            button,
            is_reset: false,
        }
    }

    /// What whoever holds the button at power-on asks for. Waits while it is held: whatever state the store is in, it
    /// has not been opened yet.
    pub(in crate::appliance) fn at_power_on(&mut self) -> Option<Reset> {
        let (wish, button) = self.button.take()?.at_power_on(&self.light);
        self.button = button;
        wish.map(reset)
    }

    /// A reset was carried out.
    pub(in crate::appliance) fn reset(&mut self) {
        self.light.show(LightState::Done);
        self.is_reset = true;
    }

    /// Listens to the button from now on, on a thread of its own: what it asks for is carried out by the same program
    /// once it begins anew.
    pub(in crate::appliance) fn listen(&mut self, asked: Sender<Again>) -> std::io::Result<()> {
        let Some(button) = self.button.take() else {
            return Ok(());
        };
        let light = self.light.clone();
        let watch = move || {
            let Some(wish) = button.wished(&light) else { return };
            let what = match reset(wish) {
                Reset::Access => "access",
                Reset::All => "all",
            };
            log::notice(&format!("the reset button asks for a factory reset ({what})"));
            let flags = vec![("factory-reset", what.to_owned()), ("yes", "yes".to_owned())];
            // Nobody hears it where the appliance ends already.
            drop(asked.try_send(Again { flags }));
        };
        thread::Builder::new().name("button".into()).spawn(watch).map(drop)
    }

    /// Shows how the appliance is, for ever.
    pub(in crate::appliance) async fn show<Pause: Future<Output = ()>>(
        self,
        office: Shared,
        pause: impl Fn(Duration) -> Pause,
    ) {
        if !self.light.is_there() {
            return;
        }
        if self.is_reset {
            pause(DONE).await;
        }
        loop {
            self.light.show(if office.store.writable().is_err() {
                LightState::Trouble
            } else if office.moment().known {
                LightState::Ready
            } else {
                LightState::NoDate
            });
            pause(EVERY).await;
        }
    }
}

fn reset(wish: Wish) -> Reset {
    match wish {
        Wish::Access => Reset::Access,
        Wish::All => Reset::All,
    }
}
