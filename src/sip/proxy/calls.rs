//! Calls: which devices talk, and the way to each.

use std::collections::BTreeMap;
use std::iter;

use crate::rules::id::Extension;
use crate::rules::phones::device::DeviceId;
use crate::rules::time::Tick;
use crate::sip::alarms::Alarm;
use crate::sip::flow::Flow;
use crate::sip::limits::{CALL_LINGERS_MS, CALL_MS, CALLS, LEGS_OF_ONE};
use crate::sip::state::CallState;
use crate::sip::wire::Wire;

/// One end of a call.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Side {
    pub(in crate::sip) device: DeviceId,
    pub(in crate::sip) extension: Option<Extension>,
    pub(in crate::sip) flow: Flow,
    /// When it was heard over that flow last.
    pub(in crate::sip) heard: Tick,
    /// Whether its device still has the credentials that it had then.
    pub(in crate::sip) is_proven: bool,
    /// The remote target: the URI of its Contact.
    pub(in crate::sip) target: String,
}

/// A device that is called, by its To tag.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Leg {
    pub(in crate::sip) tag: String,
    pub(in crate::sip) side: Side,
    pub(in crate::sip) is_answered: bool,
    /// It is over, and routes copies alone.
    pub(in crate::sip) is_ended: bool,
}

/// A call, from its first INVITE on.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Call {
    pub(in crate::sip) call_id: String,
    pub(in crate::sip) caller_tag: String,
    pub(in crate::sip) caller: Side,
    /// Whom the caller dialled.
    pub(in crate::sip) callee: Option<Extension>,
    pub(in crate::sip) legs: Vec<Leg>,
    /// The extensions whose lamps show it.
    pub(in crate::sip) lit: Vec<Extension>,
    pub(in crate::sip) since: Tick,
    /// When it is taken for over if no request comes in it.
    pub(in crate::sip) until: Tick,
    /// Whether the caller's phone lets others take its ringing call over (RFC 3891).
    pub(in crate::sip) takes_replaces: bool,
    /// It is over, and routes copies alone.
    pub(in crate::sip) is_ended: bool,
}

/// A place in a call: who sends, and who receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) struct CallSide {
    pub(in crate::sip) call: u64,
    pub(in crate::sip) leg: usize,
    pub(in crate::sip) is_from_caller: bool,
}

/// All calls.
#[derive(Debug, Default)]
pub(in crate::sip) struct Calls {
    by_number: BTreeMap<u64, Call>,
    /// The calls of each Call-ID, the oldest first; the tag of the caller tells them apart.
    by_call_id: BTreeMap<String, Vec<u64>>,
    next: u64,
}

impl Calls {
    pub(in crate::sip) fn len(&self) -> usize {
        self.by_number.len()
    }

    pub(in crate::sip) fn get(&self, number: u64) -> Option<&Call> {
        self.by_number.get(&number)
    }

    pub(in crate::sip) fn get_mut(&mut self, number: u64) -> Option<&mut Call> {
        self.by_number.get_mut(&number)
    }

    /// All sides of all calls.
    pub(in crate::sip) fn sides_mut(&mut self) -> impl Iterator<Item = &mut Side> {
        let calls = self.by_number.values_mut();
        calls.flat_map(|call| iter::once(&mut call.caller).chain(call.legs.iter_mut().map(|leg| &mut leg.side)))
    }

    pub(in crate::sip) fn iter(&self) -> impl Iterator<Item = (u64, &Call)> {
        self.by_number.iter().map(|(number, call)| (*number, call))
    }

    /// Begins a call; none: there is no room.
    pub(in crate::sip) fn begin(&mut self, wire: &mut Wire, call: Call) -> Option<u64> {
        if self.by_number.len() >= CALLS {
            let ended = self.by_number.iter().find(|(_, call)| call.is_ended)?;
            let number = *ended.0;
            self.forget(wire, number);
        }
        self.next = self.next.saturating_add(1);
        self.by_call_id.entry(call.call_id.clone()).or_default().push(self.next);
        self.by_number.insert(self.next, call);
        wire.wake(Alarm::Call(self.next), CALL_MS);
        Some(self.next)
    }

    /// Adds a device that rings or has answered.
    pub(in crate::sip) fn add_leg(&mut self, number: u64, tag: &str, side: Side) -> Option<&mut Leg> {
        let call = self.by_number.get_mut(&number)?;
        let place = match call.legs.iter().position(|leg| leg.tag == tag) {
            Some(place) => place,
            None if call.legs.len() >= LEGS_OF_ONE => return None,
            None => {
                call.legs.push(Leg {
                    tag: tag.to_owned(),
                    side,
                    is_answered: false,
                    is_ended: false,
                });
                call.legs.len().saturating_sub(1)
            }
        };
        call.legs.get_mut(place)
    }

    /// The place of a message inside a call, by its Call-ID and tags (RFC 3261 §12.2): nothing else tells dialogs.
    pub(in crate::sip) fn find(&self, call_id: &str, from_tag: &str, to_tag: &str) -> Option<CallSide> {
        let numbers = self.by_call_id.get(call_id)?;
        let place = |caller_tag: &str, leg_tag: &str, is_from_caller| {
            let newest_first = numbers.iter().rev();
            let mut calls = newest_first.filter_map(|number| Some((*number, self.by_number.get(number)?)));
            let (number, call) = calls.find(|(_, call)| call.caller_tag == caller_tag)?;
            Some(CallSide {
                call: number,
                leg: call.legs.iter().position(|leg| leg.tag == leg_tag)?,
                is_from_caller,
            })
        };
        place(from_tag, to_tag, true).or_else(|| place(to_tag, from_tag, false))
    }

    /// A call that is over routes copies of its last requests for some time.
    pub(in crate::sip) fn end(&mut self, wire: &mut Wire, number: u64) {
        if let Some(call) = self.by_number.get_mut(&number) {
            call.is_ended = true;
            wire.wake(Alarm::Call(number), CALL_LINGERS_MS);
        }
    }

    pub(in crate::sip) fn forget(&mut self, wire: &mut Wire, number: u64) {
        if let Some(call) = self.by_number.remove(&number) {
            wire.alarms.clear(Alarm::Call(number));
            if let Some(numbers) = self.by_call_id.get_mut(&call.call_id) {
                numbers.retain(|other| *other != number);
                if numbers.is_empty() {
                    self.by_call_id.remove(&call.call_id);
                }
            }
        }
    }

    /// The calls that are not over.
    pub(in crate::sip) fn shown(&self) -> Vec<CallState> {
        let live = self.by_number.iter().filter(|(_, call)| !call.is_ended);
        let state = |(number, call): (&u64, &Call)| CallState {
            id: *number,
            call_id: call.call_id.clone(),
            caller: call.caller.extension.clone(),
            caller_device: call.caller.device,
            callee: call.callee.clone(),
            talking: call.talking().map(|leg| leg.side.device).collect(),
            since: call.since,
        };
        live.map(state).collect()
    }
}

impl Call {
    /// The devices that took it and are in it.
    pub(in crate::sip) fn talking(&self) -> impl Iterator<Item = &Leg> {
        self.legs.iter().filter(|leg| leg.is_answered && !leg.is_ended)
    }

    /// The ends that are in it: the caller, and all devices that ring or talk.
    pub(in crate::sip) fn ends(&self) -> impl Iterator<Item = &Side> {
        let legs = self.legs.iter().filter(|leg| !leg.is_ended).map(|leg| &leg.side);
        iter::once(&self.caller).chain(legs)
    }

    pub(in crate::sip) fn is_answered(&self) -> bool {
        self.legs.iter().any(|leg| leg.is_answered)
    }

    /// Both ends as a message of this place sees them: its sender, and its receiver.
    pub(in crate::sip) fn sides(&self, found: CallSide) -> Option<(&Side, &Side)> {
        let callee = &self.legs.get(found.leg)?.side;
        Some(if found.is_from_caller {
            (&self.caller, callee)
        } else {
            (callee, &self.caller)
        })
    }

    /// The end that a message of this place comes from.
    pub(in crate::sip) fn sender_mut(&mut self, found: CallSide) -> Option<&mut Side> {
        if found.is_from_caller {
            Some(&mut self.caller)
        } else {
            self.legs.get_mut(found.leg).map(|leg| &mut leg.side)
        }
    }
}
