//! Open ceremonies: what was asked of whom, until when. A ticket is the question itself, sealed under a key of this
//! run, so whoever asks takes nobody's room, however many they are. What is kept is which tickets were answered well:
//! each account has a place of its own for that, and a stranger, who has no passkey, never comes so far.

use data_encoding::BASE64URL_NOPAD;
use heapless::index_map::FnvIndexMap;
use heapless::{Deque, Vec};

use crate::rules::id::AccountId;
use crate::rules::limits;
use crate::rules::moment::Fresh;
use crate::rules::refusal::Refusal;
use crate::rules::secret::{SealKey, Sealed, TokenHash};
use crate::rules::time::{Date, Ttl};

/// Accounts whose answers are remembered: all that there can be, and the next power of two. 200 KiB.
const ACCOUNTS: usize = limits::ACCOUNTS.next_power_of_two();
/// Answers of one account that are remembered singly. Of older tickets none is good any more: somebody who signs in
/// with seven browsers, all between the question and the answer of an eighth, asks there once more.
const ANSWERS: usize = 7;
/// Answers that were looked at last, right or wrong: one that was wrong is refused like one that was right, for as long
/// as it is among them. Nothing depends on that.
const LOOKED_AT: usize = 256;
/// What seals a ticket is for nothing else.
const SEAL: &str = "ticket";
/// A sealed ticket: nonce, number, end, challenge, tag.
const SEALED: usize = 12 + PLAIN + 16;
const PLAIN: usize = 8 + 8 + 32;

/// What a ticket was given out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signing in.
    SignIn,
    /// Signing in by a passkey of the name that the appliance moved away from.
    SignInEarlier,
    /// Adding a passkey to that account.
    Register(AccountId),
    /// The same, by a browser that may do so without asking (conditional create).
    RegisterQuietly(AccountId),
    /// Proving again who sits in front of that session.
    Prove(TokenHash),
}

impl Purpose {
    /// What a ticket's seal is bound to: a byte for the kind, and whom it is for.
    fn bound_to(self) -> std::vec::Vec<u8> {
        match self {
            Self::SignIn => vec![0],
            Self::SignInEarlier => vec![4],
            Self::Register(account) => [&[1], account.0.to_le_bytes().as_slice()].concat(),
            Self::RegisterQuietly(account) => [&[2], account.0.to_le_bytes().as_slice()].concat(),
            Self::Prove(session) => [&[3], session.0.as_slice()].concat(),
        }
    }
}

/// A question that somebody says they can answer. Its answer counts once [`Tickets::answered`] took it.
#[derive(Clone, Copy)]
pub struct OpenQuestion {
    /// What is to be signed.
    pub challenge: [u8; 32],
    /// Which ticket of this run it is; later ones have higher numbers.
    number: u64,
    until: Date,
}

/// The tickets that an account answered.
#[derive(Default)]
struct Answered {
    numbers: Vec<u64, ANSWERS>,
    /// Up to this one all count as answered.
    all_to: u64,
    /// When the last of them is worth nothing any more.
    until: Date,
}

impl Answered {
    fn knows(&self, number: u64) -> bool {
        number <= self.all_to || self.numbers.contains(&number)
    }

    fn note(&mut self, asked: &OpenQuestion) {
        if self.numbers.is_full()
            && let Some(oldest) = self.numbers.iter().copied().min()
        {
            self.numbers.retain(|number| *number != oldest);
            self.all_to = oldest;
        }
        self.numbers.push(asked.number).unwrap_or_default();
        self.until = self.until.max(asked.until);
    }
}

/// See the module.
pub struct Tickets {
    key: SealKey,
    given: u64,
    answered: FnvIndexMap<AccountId, Answered, ACCOUNTS>,
    looked_at: Deque<u64, LOOKED_AT>,
}

impl Tickets {
    /// Tickets under that key, which must be another one at each start: their numbers begin anew.
    pub fn sealed_by(key: [u8; 32]) -> Self {
        Self {
            key: SealKey::new(key),
            given: 0,
            answered: FnvIndexMap::new(),
            looked_at: Deque::new(),
        }
    }

    /// Opens a ceremony: the ticket and its challenge, which can be answered for [`Ttl::CEREMONY`].
    pub fn give(&mut self, purpose: Purpose, now: Date, fresh: &mut Fresh) -> (String, [u8; 32]) {
        self.given += 1;
        let challenge: [u8; 32] = fresh.bytes();
        let until = now + Ttl::CEREMONY;
        let plain = [self.given.to_le_bytes().as_slice(), &until.0.to_le_bytes(), &challenge].concat();
        let sealed = self.key.seal(SEAL, &purpose.bound_to(), &plain, fresh);
        (BASE64URL_NOPAD.encode(sealed.bytes()), challenge)
    }

    /// The question of a ticket, before its answer is looked at: answered, too old, unknown and given out for something
    /// else are one and the same refusal.
    pub fn take(&mut self, ticket: &str, purpose: Purpose, now: Date) -> Result<OpenQuestion, Refusal> {
        let asked = self.opened(ticket, purpose).filter(|asked| now < asked.until);
        let asked = asked.ok_or(Refusal::TicketSpent)?;
        if self.looked_at.iter().any(|number| *number == asked.number) {
            return Err(Refusal::TicketSpent);
        }
        if self.looked_at.is_full() {
            self.looked_at.pop_front();
        }
        self.looked_at.push_back(asked.number).unwrap_or_default();
        Ok(asked)
    }

    /// An answer was found right, and is that account's. It counts unless the ticket was answered before: of two
    /// answers at the same moment one wins. Until then nothing may come of it.
    pub fn answered(&mut self, asked: OpenQuestion, by: AccountId, now: Date) -> Result<(), Refusal> {
        if now >= asked.until {
            return Err(Refusal::TicketSpent);
        }
        if let Some(answered) = self.answered.get_mut(&by) {
            if answered.knows(asked.number) {
                return Err(Refusal::TicketSpent);
            }
            answered.note(&asked);
            return Ok(());
        }
        if self.answered.len() == ACCOUNTS {
            self.answered.retain(|_, answered| now < answered.until);
        }
        let mut answered = Answered::default();
        answered.note(&asked);
        // Full only where more accounts were made and deleted within minutes than there can be at once.
        let noted = self.answered.insert(by, answered).map(drop);
        noted.map_err(|_| Refusal::Busy { until: asked.until })
    }

    fn opened(&self, ticket: &str, purpose: Purpose) -> Option<OpenQuestion> {
        if ticket.len() != BASE64URL_NOPAD.encode_len(SEALED) {
            return None;
        }
        let sealed = Sealed::from(BASE64URL_NOPAD.decode(ticket.as_bytes()).ok()?);
        let plain = self.key.open(SEAL, &purpose.bound_to(), &sealed)?;
        let (number, rest) = plain.split_first_chunk()?;
        let (until, challenge) = rest.split_first_chunk()?;
        Some(OpenQuestion {
            challenge: challenge.try_into().ok()?,
            number: u64::from_le_bytes(*number),
            until: Date(u64::from_le_bytes(*until)),
        })
    }
}
