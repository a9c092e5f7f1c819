//! The line as it changes (server-sent events), for administrators.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use event_listener::EventListener;
use serde::Serialize;
use smol::Timer;
use smol::future::FutureExt;
use smol::stream;

use super::device::StateJson;
use crate::http::front::call::Call;
use crate::http::front::events;
use crate::http::front::onlooker::Onlooker;
use crate::http::front::reply::{Answer, Failure};
use crate::office::Shared;
use crate::office::line::{self, TestCall, Tested};

/// A word now and then keeps proxies and the connection's own deadline from ending a quiet stream.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Not more often: what happens meanwhile is told in one event. An office that comes back after a power cut changes the
/// line hundreds of times in a few seconds.
const PACE: Duration = Duration::from_secs(1);

/// A call that goes on now.
#[derive(Serialize)]
pub struct CallJson {
    id: u64,
    from: Option<String>,
    to: Option<String>,
    answered: bool,
    since: u64,
}

/// The whole line at one moment: whoever misses an event misses nothing.
#[derive(Serialize)]
struct LineJson {
    /// Those that are registered or fail, by their numbers; others are neither.
    states: BTreeMap<u64, StateJson>,
    calls: Vec<CallJson>,
    /// The test call that is made, or was the last.
    tested: Option<TestedJson>,
    /// Devices were added, changed or deleted since the event before: the list is another.
    changed: bool,
}

#[derive(Serialize)]
struct TestedJson {
    device: u64,
    state: &'static str,
}

struct Watch {
    office: Shared,
    onlooker: Onlooker,
    listening: Option<Listening>,
}

struct Listening {
    line: EventListener,
    devices: EventListener,
}

enum Rang {
    Devices,
    Heartbeat,
    Line,
}

impl From<&line::Call> for CallJson {
    fn from(call: &line::Call) -> Self {
        Self {
            id: call.id,
            from: call.from.as_ref().map(ToString::to_string),
            to: call.to.as_ref().map(ToString::to_string),
            answered: call.answered,
            since: call.since.0,
        }
    }
}

impl From<TestCall> for TestedJson {
    fn from(call: TestCall) -> Self {
        Self {
            device: call.device.0,
            state: match call.state {
                Tested::Answered => "answered",
                Tested::Called => "called",
                Tested::Declined => "declined",
                Tested::Rings => "rings",
                Tested::Unanswered => "unanswered",
            },
        }
    }
}

/// The line now and whenever it changes, for as long as whoever asks may see it.
pub async fn live(call: Call) -> Answer {
    let watch = Watch::of(&call)?;
    Ok(events::answer(stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await.transpose()?;
        Some((event, watch))
    })))
}

impl Watch {
    fn of(call: &Call) -> Result<Self, Failure> {
        Ok(Self {
            onlooker: Onlooker::of(call)?,
            listening: None,
            office: call.office().clone(),
        })
    }

    /// The next event; none: whoever looks on may not any more.
    async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let rang = match self.listening.take() {
            None => Rang::Line,
            Some(listening) => {
                let rang = listening.rings().await;
                if !matches!(rang, Rang::Heartbeat) {
                    Timer::after(PACE).await;
                }
                rang
            }
        };
        // Listen first, then look.
        self.listening = Some(Listening {
            line: self.office.line.news(),
            devices: self.office.store.notices().of_phones(),
        });
        if !self.onlooker.may_look_on(&self.office)? {
            return Ok(None);
        }
        match rang {
            Rang::Heartbeat => Ok(Some(b":\n\n".to_vec())),
            Rang::Devices => self.event(true).map(Some),
            Rang::Line => self.event(false).map(Some),
        }
    }

    fn event(&self, changed: bool) -> io::Result<Vec<u8>> {
        let line = self.office.line.now();
        let states = line.devices.iter();
        let told = LineJson {
            states: states.map(|device| (device.device.0, device.into())).collect(),
            calls: line.calls.iter().map(Into::into).collect(),
            tested: self.office.line.tested().map(Into::into),
            changed,
        };
        let json = serde_json::to_vec(&told).map_err(io::Error::other)?;
        Ok([b"data: ", json.as_slice(), b"\n\n"].concat())
    }
}

impl Listening {
    async fn rings(self) -> Rang {
        let devices = async {
            self.devices.await;
            Rang::Devices
        };
        let line = async {
            self.line.await;
            Rang::Line
        };
        let heartbeat = async {
            Timer::after(HEARTBEAT).await;
            Rang::Heartbeat
        };
        devices.or(line).or(heartbeat).await
    }
}
