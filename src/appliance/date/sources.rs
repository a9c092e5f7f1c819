//! Learning the date: what the system's time service and time servers say is judged again and again, until the date is
//! known, and every few hours after that.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use smol::channel::Sender;

use super::clock::{self, Clock};
use super::sntp;
use crate::appliance::machine::Again;
use crate::office::dates::Dates;
use crate::office::log;
use crate::rules::office::date::{Judgement, Source, Word, judge};
use crate::rules::office::time_servers::TimeServers;
use crate::rules::time::Date;

/// How long a board waits that does not know the date, at first and after [`EAGER`] rounds.
const SOON: Duration = Duration::from_secs(15);
const LATER: Duration = Duration::from_secs(120);
/// See [`SOON`]: a router that starts beside the board has a line by then.
const EAGER: u32 = 20;
/// How often a known date is looked at again.
const SELDOM: Duration = Duration::from_secs(6 * 3600);
/// How often a machine whose own clock is right is looked at.
const IDLE: Duration = Duration::from_secs(60);

/// The clock, in the hands of an administrator.
pub(in crate::appliance) struct Hand {
    /// The clock.
    pub(in crate::appliance) clock: Arc<Clock>,
    /// Whom the flags say to ask.
    pub(in crate::appliance) servers: Option<TimeServers>,
    /// Where the wish to begin anew is heard.
    pub(in crate::appliance) again: Sender<Again>,
}

impl Dates for Hand {
    fn machine(&self) -> Date {
        clock::machine()
    }

    fn servers_by_flag(&self) -> Option<TimeServers> {
        self.servers.clone()
    }

    fn doubted(&self) -> Option<Date> {
        self.clock.doubt()
    }

    fn confirm(&self, date: Date) {
        self.clock.confirm(date);
    }

    fn can_bring_back(&self, date: Date) -> bool {
        self.clock.can_be_at(date)
    }

    fn bring_back(&self, date: Date) {
        let flags = vec![("date-is", date.iso()), ("yes", "yes".to_owned())];
        // Nobody hears it where the appliance ends already.
        drop(self.again.try_send(Again { flags }));
    }
}

/// Whom to ask.
pub(in crate::appliance) struct Sources {
    /// The file that says that the system's time service has set the clock.
    pub(in crate::appliance) synchronised: PathBuf,
    /// Time servers as they are set now: hosts and ports.
    pub(in crate::appliance) servers: Box<dyn Fn() -> Vec<(String, u16)> + Send + Sync>,
    /// 32 bytes that nobody can guess.
    pub(in crate::appliance) dice: fn() -> [u8; 32],
}

/// Learns it, for ever.
pub(in crate::appliance) async fn learn<Pause: Future<Output = ()>>(
    clock: Arc<Clock>,
    sources: Sources,
    pause: impl Fn(Duration) -> Pause,
) {
    let mut doubted = None;
    let mut rounds = 0_u32;
    loop {
        if !clock.wants_telling() {
            pause(IDLE).await;
            continue;
        }
        let was_known = clock.read().known;
        let (judgement, by) = asked(&clock, &sources).await;
        clock.hear(judgement);
        match judgement {
            Judgement::Date { date, .. } if !was_known => {
                log::notice(&format!("the date is known: {}, by {by}", date.iso()));
            }
            Judgement::Doubtful(date) if doubted != Some(date.civil()) => {
                doubted = Some(date.civil());
                log::warning(&doubt(&by));
            }
            Judgement::Date { .. } | Judgement::Doubtful(_) | Judgement::Unknown => {}
        }
        rounds = rounds.saturating_add(1);
        pause(match clock.read().known {
            true => SELDOM,
            false if rounds < EAGER => SOON,
            false => LATER,
        })
        .await;
    }
}

fn doubt(by: &str) -> String {
    format!(
        "{by}. No single word moves the date that far: two time servers have to agree, or an administrator has to \
         confirm the date"
    )
}

/// What is to be believed now, and whose words it rests on. Servers are asked where the system's time service has
/// nothing to say that is believed.
async fn asked(clock: &Clock, sources: &Sources) -> (Judgement, String) {
    let mut words = Vec::new();
    let mut named = Vec::new();
    if sources.synchronised.exists() {
        words.push(Word {
            by: Source::Kernel,
            date: clock::machine(),
        });
        named.push("the system's time service".to_owned());
        let judgement = judge(clock.bounds(), &words);
        if matches!(judgement, Judgement::Date { .. }) {
            return (judgement, named.join(""));
        }
    }
    for said in sntp::ask((sources.servers)(), &sources.dice).await {
        words.push(Word {
            by: Source::Server(said.name),
            date: said.date,
        });
        named.push(said.address.to_string());
    }
    let judgement = judge(clock.bounds(), &words);
    let said = words.iter().zip(&named);
    let by: Vec<String> = match judgement {
        Judgement::Date { date, .. } => said
            .filter(|(word, _)| word.agrees_with(date))
            .map(|(_, by)| by.clone())
            .collect(),
        Judgement::Doubtful(_) | Judgement::Unknown => said
            .map(|(word, by)| format!("{by} says that it is {}", word.date.iso()))
            .collect(),
    };
    (judgement, by.join(", "))
}
