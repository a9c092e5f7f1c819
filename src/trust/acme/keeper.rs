//! ACME of one appliance: orders a certificate when it is due, keeps it, and serves it while it is good.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use smol::future::FutureExt;

use super::call::{CallError, Caller};
use super::fit;
use super::order::{self, Doors, Fresh};
use super::roots::roots_of;
use crate::net::certificates::Certificates;
use crate::net::flaws;
use crate::net::https::Client;
use crate::office::log;
use crate::office::trust::AtWork;
use crate::rules::certificates::acme::due::{self, Due, Held};
use crate::rules::certificates::acme::record::{Account, Acme, Issued, Progress, Trouble};
use crate::rules::certificates::acme::set::is_public;
use crate::rules::certificates::acme::step;
use crate::rules::certificates::name::DnsName;
use crate::rules::certificates::{keep, pasted};
use crate::rules::id::Email;
use crate::rules::moment::Reading;
use crate::rules::office::journal::Actor;
use crate::rules::verdict::Verdict;
use crate::store::Fault;
use crate::trust::authority;
use crate::trust::keeper::{Safe, reading};

/// How often is looked whether a certificate is due.
const EVERY: Duration = Duration::from_secs(20);

/// What an ACME client needs of the appliance.
pub struct Keeper {
    safe: Safe,
    name: DnsName,
    certificates: Certificates,
    at_work: Arc<AtWork>,
    /// The leaf (DER) that is served, and whether it is one for trying alone.
    serving: Mutex<Option<(Vec<u8>, bool)>>,
}

/// An order that is due.
struct Wanted {
    acme: Acme,
    progress: Option<Progress>,
    why: Due,
    names: Vec<DnsName>,
    /// Whether one is due for the appliance's own name, whatever becomes of the other one of a move.
    for_own: bool,
}

/// Why there is no certificate.
enum Failed {
    /// The CA, or the way to it.
    Call(CallError),
    /// The store.
    Store(Fault),
}

impl From<CallError> for Failed {
    fn from(why: CallError) -> Self {
        Self::Call(why)
    }
}

impl From<Fault> for Failed {
    fn from(why: Fault) -> Self {
        Self::Store(why)
    }
}

impl Keeper {
    /// Takes up what is kept: a certificate that is good is served from now on. Blocks.
    ///
    /// # Errors
    /// The store failed.
    pub fn open(
        safe: Safe,
        name: DnsName,
        certificates: Certificates,
        at_work: Arc<AtWork>,
    ) -> Result<Arc<Self>, Fault> {
        let keeper = Arc::new(Self {
            safe,
            name,
            certificates,
            at_work,
            serving: Mutex::default(),
        });
        keeper.look()?;
        Ok(keeper)
    }

    /// Orders what is due, for ever; `pause` waits for so long.
    pub async fn keep<Pause: Future<Output = ()>>(self: Arc<Self>, pause: impl Fn(Duration) -> Pause) {
        loop {
            let pressed = self.at_work.pressed();
            let here = self.clone();
            let looked = smol::unblock(move || here.look()).await;
            let ordered = match looked {
                Ok(Some(wanted)) => self.order(wanted).await,
                Ok(None) => Ok(()),
                Err(fault) => Err(fault),
            };
            if let Err(fault) = ordered {
                log::error(&format!("no certificate can be ordered: {fault}"));
            }
            pressed.or(pause(EVERY)).await;
        }
    }

    /// Serves what is good, and says whether an order is due. Blocks.
    fn look(&self) -> Result<Option<Wanted>, Fault> {
        let (acme, was_told) = self.safe.store.read(|facts| Ok((facts.acme()?, facts.is_strict()?)))?;
        let Some(acme) = acme else {
            self.serve(None, false);
            self.at_work.note_strict(false, was_told);
            return Ok(None);
        };
        let (kept, before, progress) = self.safe.store.read(|facts| {
            let before = acme.before.as_deref().map(|before| facts.acme_certificate(before));
            let kept = facts.acme_certificate(&acme.directory)?;
            Ok((
                kept,
                before.transpose()?.flatten(),
                facts.acme_progress(&acme.directory)?,
            ))
        })?;
        let now = reading(&(self.safe.moment)());
        // One whose key cannot be opened is as good as none.
        let kept = kept.filter(|issued| issued.opened_key(&self.safe.key).is_some());
        let held = kept.as_ref().and_then(Held::read);
        let names = self.names()?;
        let best = self.best(&acme, [kept, before], &names, now);
        // One for a move's old name alone is not what visitors of today's name meet.
        let is_own = best
            .as_ref()
            .and_then(Held::read)
            .is_some_and(|held| held.has(&self.name));
        self.serve(best, is_own);
        let is_public = matches!(&*self.serving(), Some((_, false)));
        let is_strict = acme.is_strict && is_public && is_own;
        if is_strict && !was_told {
            self.write_now(keep::strict(true, false))?;
        }
        self.at_work.note_strict(is_strict, was_told || is_strict);
        let why = due::due(held.as_ref(), &progress.clone().unwrap_or_default(), &names, now);
        let own = std::slice::from_ref(&self.name);
        let for_own = due::due(held.as_ref(), &Progress::default(), own, now).is_some();
        Ok(why.map(|why| Wanted {
            acme,
            progress,
            why,
            names,
            for_own,
        }))
    }

    /// Today's name, and during a move the old one where a CA may issue for it.
    fn names(&self) -> Result<Vec<DnsName>, Fault> {
        let old = self.safe.moved_from(&self.name)?.filter(is_public);
        Ok([self.name.clone()].into_iter().chain(old).collect())
    }

    /// The certificate of the chosen directory, else that of the one before: a test's only while it is chosen. In a
    /// move that of the old name stays until there is another.
    fn best(
        &self,
        acme: &Acme,
        [kept, before]: [Option<Issued>; 2],
        names: &[DnsName],
        now: Reading,
    ) -> Option<Issued> {
        let is_good = |issued: &Issued| fit::is_fit(issued, &self.safe.key, names, now);
        let chosen = kept.filter(is_good).map(|issued| Issued {
            is_test: acme.is_test,
            ..issued
        });
        chosen.or_else(|| before.filter(|issued| !issued.is_test && is_good(issued)))
    }

    fn serve(&self, issued: Option<Issued>, is_own: bool) {
        let mut serving = self.serving();
        let wanted = issued.and_then(|issued| Some((issued.chain.first()?.clone(), issued)));
        let now = wanted.as_ref().map(|(leaf, issued)| (leaf.clone(), issued.is_test));
        if *serving == now {
            return;
        }
        let Some((_, issued)) = wanted else {
            self.certificates.take_away();
            log::notice("the office CA's certificate is served again");
            *serving = None;
            return;
        };
        let Some(key) = issued.opened_key(&self.safe.key) else {
            return log::error(
                "the key of the certificate in the store was sealed with another key than this appliance's",
            );
        };
        let put = self
            .certificates
            .put_before(&issued.chain, &key, issued.is_test, is_own);
        match put {
            Ok(()) => {
                log::notice(&format!("a certificate from {} is served", issued.directory));
                *serving = now;
            }
            Err(why) => log::error(&format!("the certificate in use stays in use: {why}")),
        }
    }

    fn serving(&self) -> std::sync::MutexGuard<'_, Option<(Vec<u8>, bool)>> {
        self.serving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn order(&self, wanted: Wanted) -> Result<(), Fault> {
        let Wanted {
            acme,
            progress,
            why,
            names,
            for_own,
        } = wanted;
        let _under_way = self.at_work.begin();
        let (begun, verdict) = step::begun(&acme, progress, (self.safe.moment)().now);
        self.write(verdict).await?;
        log::notice(&format!("a certificate is ordered from {}: {why}", acme.directory));
        match self.obtain(&acme, &names).await {
            Ok(fresh) => {
                let mut moment = (self.safe.moment)();
                let issued = Issued::seal(&acme, fresh.chain, &fresh.key, &self.safe.key, &mut moment.fresh);
                let verdict = step::issued(issued, begun, &names, reading(&moment));
                self.write(verdict).await?;
                self.at_work.press();
                Ok(())
            }
            Err(Failed::Call(why)) => {
                let is_other = why.refused_name().is_some_and(|name| name != self.name.as_str());
                let (trouble, asked) = why.told();
                let Trouble { said, kind, .. } = &trouble;
                let kind = kind.as_deref().unwrap_or_default();
                log::error(&format!("{} issued no certificate: {said} {kind}", acme.directory));
                let alone = is_other && for_own;
                let fresh = if alone { self.obtain_alone(&acme).await? } else { None };
                let mut moment = (self.safe.moment)();
                let Some(fresh) = fresh else {
                    return self.write(step::failed(begun, trouble, asked, moment.now)).await;
                };
                let issued = Issued::seal(&acme, fresh.chain, &fresh.key, &self.safe.key, &mut moment.fresh);
                let verdict = step::issued_in_part(issued, begun, trouble, asked, moment.now);
                self.write(verdict).await?;
                self.at_work.press();
                Ok(())
            }
            Err(Failed::Store(fault)) => Err(fault),
        }
    }

    /// A certificate for the appliance's own name, where the other one of a move's two was refused; none where this one
    /// fails too.
    async fn obtain_alone(&self, acme: &Acme) -> Result<Option<Fresh>, Fault> {
        match self.obtain(acme, std::slice::from_ref(&self.name)).await {
            Ok(fresh) => Ok(Some(fresh)),
            Err(Failed::Call(why)) => {
                let said = why.told().0.said;
                log::error(&format!("nor one for {} alone: {said}", self.name.as_str()));
                Ok(None)
            }
            Err(Failed::Store(fault)) => Err(fault),
        }
    }

    async fn obtain(&self, acme: &Acme, names: &[DnsName]) -> Result<Fresh, Failed> {
        let roots = acme.roots.as_deref().map(pasted::parse).transpose();
        let unread = |looks| {
            format!(
                "the certificates that were pasted cannot be read: {}",
                flaws::what(looks)
            )
        };
        let roots = roots.map_err(|looks| CallError::Here(unread(looks)))?;
        let besides = roots_of(&acme.directory);
        let https = smol::unblock(move || Client::trusting(roots, besides)).await;
        let https = https.map_err(CallError::from)?;
        let (account, key) = self.account(acme).await?;
        let mut caller = Caller::new(&https, &acme.directory, &key).await?;
        let account = match &account.url {
            Some(url) => {
                caller.account = Some(url.clone());
                account
            }
            None => self.open_account(&mut caller, &account, acme).await?,
        };
        let place = match self.begin(&mut caller, &account, acme, names).await {
            // It forgot us: one new account, then the order.
            Err(Failed::Call(why)) if why.is("accountDoesNotExist") => {
                let (account, verdict) = step::account_forgotten(&account);
                self.write(verdict).await?;
                let account = self.open_account(&mut caller, &account, acme).await?;
                self.begin(&mut caller, &account, acme, names).await?
            }
            begun => begun?,
        };
        let doors = Doors {
            certificates: &self.certificates,
            at_work: &self.at_work,
            challenge: acme.challenge,
        };
        let fresh = order::carry_out(&mut caller, &place, names, doors).await?;
        let is_served = self.serving().is_some();
        Ok(fit::judged(fresh, names, reading(&(self.safe.moment)()), is_served)?)
    }

    /// Begins an order; the CA hears first of another contact.
    async fn begin(
        &self,
        caller: &mut Caller<'_>,
        account: &Account,
        acme: &Acme,
        names: &[DnsName],
    ) -> Result<String, Failed> {
        if let (Some(url), true) = (&account.url, account.contact != acme.contact) {
            caller
                .post(url, Some(&json!({ "contact": contacts(acme.contact.as_ref()) })))
                .await?;
            let told = Account {
                contact: acme.contact.clone(),
                ..account.clone()
            };
            self.write(step::account_made(told)).await?;
        }
        Ok(order::begin(caller, names).await?)
    }

    /// The account of that directory with its key; where there is none, or its key cannot be opened, one is made and
    /// kept before the CA hears of it.
    async fn account(&self, acme: &Acme) -> Result<(Account, zeroize::Zeroizing<Vec<u8>>), Failed> {
        let kept = self.safe.store.read(|facts| facts.acme_account(&acme.directory))?;
        let opened = kept
            .as_ref()
            .and_then(|account| Some((account.clone(), account.opened_key(&self.safe.key)?)));
        if let Some(known) = opened {
            return Ok(known);
        }
        let key = authority::new_key().map_err(|why| CallError::Here(why.to_string()))?;
        let fresh = &mut (self.safe.moment)().fresh;
        let account = Account {
            opened: kept.map(|lost| lost.opened).unwrap_or_default(),
            ..Account::new(&acme.directory, &key, &self.safe.key, fresh)
        };
        self.write(step::account_made(account.clone())).await?;
        Ok((account, key))
    }

    async fn open_account(&self, caller: &mut Caller<'_>, account: &Account, acme: &Acme) -> Result<Account, Failed> {
        let now = (self.safe.moment)().now;
        due::may_open(account, now).map_err(|until| CallError::Refused {
            trouble: Trouble::ours("this CA forgot the appliance's account twice within a week; a third one waits"),
            asked: Some(until - now),
            name: None,
        })?;
        caller.account = None;
        let wanted = json!({ "termsOfServiceAgreed": true, "contact": contacts(acme.contact.as_ref()) });
        let url = caller.directory.new_account.clone();
        let answered = caller.post(&url, Some(&wanted)).await?;
        let place = answered.field("location").map(str::to_owned);
        let place =
            place.ok_or_else(|| CallError::Strange("the server does not say where the account is".to_owned()))?;
        caller.account = Some(place.clone());
        let (account, verdict) = step::account_opened(account, place, acme.contact.clone(), now);
        self.write(verdict).await?;
        Ok(account)
    }

    async fn write(&self, verdict: Verdict<()>) -> Result<(), Fault> {
        let moment = (self.safe.moment)();
        let turn = self.safe.store.turn(Actor::APPLIANCE, moment, move |_, _| Ok(verdict));
        // The verdict is a yes.
        turn.await.map(drop)
    }

    fn write_now(&self, verdict: Verdict<()>) -> Result<(), Fault> {
        let moment = (self.safe.moment)();
        let turn = self
            .safe
            .store
            .turn_from_pool(Actor::APPLIANCE, moment, move |_, _| Ok(verdict));
        turn.map(drop)
    }
}

fn contacts(contact: Option<&Email>) -> Vec<String> {
    contact.map(|email| format!("mailto:{email}")).into_iter().collect()
}
