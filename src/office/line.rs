//! The phones' line as pages show it: which devices are registered or fail, and the calls now. Whoever serves phones
//! puts a whole new state in; nobody waits for anybody.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use event_listener::{Event, EventListener};
use smol::channel::{Receiver, Sender, bounded};

use crate::rules::id::Extension;
use crate::rules::phones::device::DeviceId;
use crate::rules::time::Date;

/// The line. Listen first, then look: nothing is missed in between.
pub struct LiveLine {
    now: Mutex<Arc<LineState>>,
    changed: Event,
    tested: Mutex<Option<TestCall>>,
    /// A device that is to ring as a test: one waits at most.
    ring: (Sender<DeviceId>, Receiver<DeviceId>),
}

impl Default for LiveLine {
    fn default() -> Self {
        Self {
            now: Mutex::default(),
            changed: Event::new(),
            tested: Mutex::default(),
            ring: bounded(1),
        }
    }
}

/// The line at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineState {
    /// The devices that are registered or fail; others are left out. At most one for each device of the office.
    pub devices: Vec<DeviceOnLine>,
    /// The calls now. As many as the line carries at most.
    pub calls: Vec<Call>,
}

/// A device that is registered or fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceOnLine {
    /// Which.
    pub device: DeviceId,
    /// Where it is registered from, the newest first; none: it is not registered.
    pub bindings: Vec<BindingOnLine>,
    /// Whether it calls or is in a call.
    pub busy: bool,
    /// Why its newest requests were refused; none once one was taken.
    pub failing: Option<Failing>,
}

/// One way to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindingOnLine {
    /// The address that it was seen at.
    pub from: SocketAddr,
    /// By which transport.
    pub transport: Transport,
    /// Since when without a gap.
    pub since: Date,
    /// Until when, if it does not come again.
    pub until: Date,
}

/// How a device speaks SIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A stream in the clear.
    Tcp,
    /// A stream under TLS.
    Tls,
    /// Datagrams.
    Udp,
}

/// What is wrong with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Why its newest request was refused.
    pub why: WhyFailing,
    /// Where that came from.
    pub from: SocketAddr,
    /// When that was.
    pub at: Date,
    /// How many were refused since one was taken.
    pub count: u32,
}

/// Why a device's requests are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyFailing {
    /// It asks for other addresses than its own.
    OtherAddress,
    /// It answers with another hash, realm or protection than it is asked for.
    OtherProtection,
    /// It wants to register for less than the least time.
    TooBrief,
    /// Its secret is wrong.
    WrongSecret,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Tells it from others; never used again.
    pub id: u64,
    /// Who calls; none where it is not known.
    pub from: Option<Extension>,
    /// Who is called; none where it is not known.
    pub to: Option<Extension>,
    /// Whether somebody took it; else it rings.
    pub answered: bool,
    /// Since when it rings, or is talked.
    pub since: Date,
}

/// The test call that is made, or was the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestCall {
    /// Who is called.
    pub device: DeviceId,
    /// How far it is.
    pub state: Tested,
}

/// How far a test call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tested {
    /// Somebody took it.
    Answered,
    /// It is on its way.
    Called,
    /// It was refused, on the device or because that is busy.
    Declined,
    /// It rings.
    Rings,
    /// It was given up, and nobody had taken or refused it.
    Unanswered,
}

impl LiveLine {
    /// The test call that is made, or was the last since the start.
    pub fn tested(&self) -> Option<TestCall> {
        *self.tested.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far a test call is from now on. What was taken or refused stays so, whatever another phone of the same
    /// device does, until it is called again.
    pub fn tests(&self, device: DeviceId, state: Tested) {
        let mut tested = self.tested.lock().unwrap_or_else(PoisonError::into_inner);
        let before = tested
            .filter(|before| before.device == device)
            .map(|before| before.state);
        let is_news = match before {
            Some(Tested::Answered | Tested::Unanswered) => state == Tested::Called,
            Some(Tested::Declined) => matches!(state, Tested::Called | Tested::Answered),
            Some(Tested::Called | Tested::Rings) | None => true,
        };
        if is_news {
            *tested = Some(TestCall { device, state });
            drop(tested);
            self.changed.notify(usize::MAX);
        }
    }

    /// The line as it is now.
    pub fn now(&self) -> Arc<LineState> {
        Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets a device ring as a test; false: another is to ring first.
    pub fn ring(&self, device: DeviceId) -> bool {
        self.ring.0.try_send(device).is_ok()
    }

    /// The next device that is to ring.
    pub async fn asked_to_ring(&self) -> DeviceId {
        match self.ring.1.recv().await {
            Ok(device) => device,
            // Both ends are ours: it is never closed.
            Err(_) => std::future::pending().await,
        }
    }

    /// Ends when the line is another than it was.
    pub fn news(&self) -> EventListener {
        self.changed.listen()
    }

    /// From now on the line is this. The same again is no news.
    pub fn set(&self, state: LineState) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if **now != state {
            *now = Arc::new(state);
            drop(now);
            self.changed.notify(usize::MAX);
        }
    }
}

impl LineState {
    /// What is known of a device; none where it neither is registered nor fails.
    pub fn of(&self, device: DeviceId) -> Option<&DeviceOnLine> {
        self.devices.iter().find(|on_line| on_line.device == device)
    }
}
