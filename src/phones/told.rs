//! What pages and the journal learn of the line.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use smol::Timer;
use smol::future::or;

use super::exchange::Exchange;
use super::{limits, places};
use crate::office::line::{BindingOnLine, Call, DeviceOnLine, Failing, LineState, Transport, WhyFailing};
use crate::office::{Shared, log};
use crate::rules::office::journal::Actor;
use crate::rules::phones::change::PhoneChange;
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::saved;
use crate::rules::time::{Date, Tick, Ttl};
use crate::rules::verdict::Verdict;
use crate::sip::stack::{self, BindingState, CallState, DeviceState, FailingState, Failure, SavedBinding};
use crate::store::{Facts, Fault};

/// A device about which the journal is to have a line, perhaps.
#[derive(Clone, Copy)]
enum News {
    Registered(DeviceId, IpAddr),
    Failing(DeviceId, IpAddr, &'static str),
}

/// What was told of already. Holds devices that are registered or fail, and no others.
#[derive(Default)]
struct JournalledDevices {
    addresses: HashMap<DeviceId, IpAddr>,
    failing: HashMap<DeviceId, Tick>,
}

/// Tells of the line, for ever: pages at once, the journal when something was gathered for a while.
pub(super) async fn tell(exchange: &Exchange, office: &Shared) {
    let mut told = JournalledDevices::default();
    let mut calendar = Calendar(Date(0));
    let mut next_line = Tick(0);
    loop {
        let changed = exchange.changed.listen();
        let seen = exchange.look(|stack, now| (stack.devices(now), stack.calls()));
        let (devices, calls) = seen.unwrap_or_default();
        let now = exchange.tick();
        calendar.set(office.now(), now);
        office.line.set(calendar.line(&devices, &calls));
        let news = told.news(&devices, now);
        if !news.is_empty() && now >= next_line {
            next_line = now.after_ms(milliseconds(limits::GATHER));
            let bindings = exchange.look(|stack, now| stack.bindings(now)).unwrap_or_default();
            write(office, &news, bindings).await;
            told.note(&news, now);
        }
        Timer::after(limits::GLANCE).await;
        let look_again = if news.is_empty() {
            limits::LOOK_AGAIN
        } else {
            limits::GATHER
        };
        or(changed, async {
            Timer::after(look_again).await;
        })
        .await;
    }
}

/// Writes the lines of the journal in one turn, and the bindings of the phones in them: one that has just come is found
/// again after a power cut too, and costs no turn more. What cannot be written is said on the console, and not tried
/// again.
async fn write(office: &Shared, news: &[News], bindings: Vec<SavedBinding>) {
    let news = news.to_vec();
    let live = places::kept(bindings, office.now());
    let written = office
        .store
        .turn(Actor::APPLIANCE, office.moment(), move |facts, moment| {
            let (mut changes, mut come) = (Vec::new(), Vec::new());
            for news in news {
                let Some(change) = line(facts, news)? else {
                    continue;
                };
                changes.push(change);
                if let News::Registered(device, _) = news {
                    come.push(device);
                }
            }
            if !come.is_empty() {
                let mut before = facts.line_places()?;
                before.retain(|place| come.contains(&place.device));
                let live: Vec<_> = live.into_iter().filter(|(device, _)| come.contains(device)).collect();
                changes.extend(saved::saved(&before, &live, moment.now));
            }
            Ok(Verdict::yes((), changes.into_iter().map(Into::into).collect()))
        });
    if let Err(fault) = written.await {
        log::error(&fault.to_string());
    }
}

fn line(facts: &Facts<'_>, news: News) -> Result<Option<PhoneChange>, Fault> {
    let (News::Registered(id, from) | News::Failing(id, from, _)) = news;
    let Some(device) = facts.device(id)? else {
        return Ok(None);
    };
    Ok(match news {
        News::Registered(..) => saved::seen(facts.line_place(id)?.as_ref(), device, from),
        News::Failing(.., why) => Some(saved::failing(device, from, why)),
    })
}

impl JournalledDevices {
    /// What is not told of yet.
    fn news(&mut self, devices: &[DeviceState], now: Tick) -> Vec<News> {
        let here: HashMap<DeviceId, &DeviceState> = devices.iter().map(|device| (device.device, device)).collect();
        self.addresses.retain(|device, _| here.contains_key(device));
        self.failing
            .retain(|_, at| now.ms_since(*at) < limits::FAILURE_PAUSE_MS);
        let mut news = Vec::new();
        for device in devices {
            let id = device.device;
            if let Some(from) = device.bindings.first().map(|newest| newest.remote.ip().to_canonical())
                && self.addresses.get(&id) != Some(&from)
            {
                news.push(News::Registered(id, from));
            }
            if let Some(failing) = device.failing.filter(|failing| failing.count >= limits::FAILURES)
                && !self.failing.contains_key(&id)
            {
                news.push(News::Failing(
                    id,
                    failing.remote.ip().to_canonical(),
                    words(failing.why),
                ));
            }
        }
        news
    }

    fn note(&mut self, news: &[News], now: Tick) {
        for news in news {
            match *news {
                News::Registered(device, from) => drop(self.addresses.insert(device, from)),
                News::Failing(device, ..) => drop(self.failing.insert(device, now)),
            }
        }
    }
}

/// The date when the stopwatch began. It is moved only when the machine's clock was set: dates of ticks stay the same.
struct Calendar(Date);

/// By so much the clocks may differ by rounding alone.
const ROUNDING: Ttl = Ttl(2);

impl Calendar {
    fn set(&mut self, date: Date, tick: Tick) {
        let here = self.date(tick);
        if (here - date).max(date - here) > ROUNDING {
            let Ttl(running) = tick - Tick(0);
            self.0 = Date(date.0.saturating_sub(running));
        }
    }

    fn date(&self, tick: Tick) -> Date {
        self.0 + (tick - Tick(0))
    }

    fn line(&self, devices: &[DeviceState], calls: &[CallState]) -> LineState {
        let busy = busy(calls);
        LineState {
            devices: devices
                .iter()
                .map(|device| self.device(device, busy.contains(&device.device)))
                .collect(),
            calls: calls.iter().map(|call| self.call(call)).collect(),
        }
    }

    fn device(&self, state: &DeviceState, busy: bool) -> DeviceOnLine {
        DeviceOnLine {
            device: state.device,
            bindings: state.bindings.iter().map(|binding| self.binding(binding)).collect(),
            busy,
            failing: state.failing.map(|failing| self.failing(failing)),
        }
    }

    fn binding(&self, state: &BindingState) -> BindingOnLine {
        BindingOnLine {
            from: state.remote,
            transport: match state.transport {
                stack::Transport::Udp => Transport::Udp,
                stack::Transport::Tcp => Transport::Tcp,
                stack::Transport::Tls => Transport::Tls,
            },
            since: self.date(state.since),
            until: self.date(state.until),
        }
    }

    fn failing(&self, state: FailingState) -> Failing {
        Failing {
            why: match state.why {
                Failure::Address => WhyFailing::OtherAddress,
                Failure::Protection => WhyFailing::OtherProtection,
                Failure::TooBrief => WhyFailing::TooBrief,
                Failure::WrongSecret => WhyFailing::WrongSecret,
            },
            from: state.remote,
            at: self.date(state.newest),
            count: state.count,
        }
    }

    fn call(&self, state: &CallState) -> Call {
        Call {
            id: state.id,
            from: state.caller.clone(),
            to: state.callee.clone(),
            answered: !state.talking.is_empty(),
            since: self.date(state.since),
        }
    }
}

/// The devices that call or are in a call.
pub(super) fn busy(calls: &[CallState]) -> HashSet<DeviceId> {
    let of_call = |call: &CallState| {
        call.talking
            .iter()
            .copied()
            .chain([call.caller_device])
            .collect::<Vec<_>>()
    };
    calls.iter().flat_map(of_call).collect()
}

fn words(why: Failure) -> &'static str {
    match why {
        Failure::Address => "asks for other addresses than its own",
        Failure::Protection => "answers with another hash or realm than it is asked for",
        Failure::TooBrief => "registers for too short a time",
        Failure::WrongSecret => "wrong secret",
    }
}

fn milliseconds(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
