//! WhatsApp's and Vobiz's side of every call: the pure [`book`] decides, this
//! file carries out.

mod book;
mod call;
mod events;
mod exact;
mod notify;
mod pairs;
mod refusal;
mod view;

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::sleep;
use uuid::Uuid;
use vobiz::Number;
use vobiz::log::{Direction, LogPage};
use vobiz::rest::Action;

pub(crate) use events::Event;
pub(crate) use exact::{Exact, Order};
pub(crate) use refusal::Refusal;
pub(crate) use view::CallView;

use crate::clock::unix_now;
use crate::handset::{self, Handset, HandsetError, LineEvent, MediaRules, Prepared};
use crate::ids;
use crate::journal::Journal;
use crate::options::{Business, Options};
use crate::people::Person;
use crate::scenario::Script;
use crate::server::Disturbance;
use crate::settings::{Live, MediaChaos, SettingError, Settings};
use crate::stage::Stage;
use crate::store::{Query, Seed, Store};
use crate::tasks::Tasks;
use crate::webhooks::Webhooks;
use book::{Book, Effect, Timer};
use call::Head;

/// News from handsets that wait to be looked at; each handset sends a few in
/// its life and waits for room.
const LINE_EVENTS: usize = 256;

/// People on the console.
const MAX_PEOPLE: usize = 5_000;

/// Why a call could not be made.
#[derive(Debug)]
pub(crate) enum CallError {
    /// The request can't be done.
    Refused(Refusal),
    /// The simulator itself failed.
    Broken(HandsetError),
}

impl From<Refusal> for CallError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<HandsetError> for CallError {
    fn from(error: HandsetError) -> Self {
        match error {
            HandsetError::Sdp(fault) => Self::Refused(Refusal::Sdp(fault)),
            HandsetError::Socket { .. } | HandsetError::Engine(_) | HandsetError::Codec(_) => {
                Self::Broken(error)
            }
        }
    }
}

/// All calls, people, rows and handsets of one simulator.
pub(crate) struct Exchange {
    options: Options,
    settings: Live,
    businesses: Vec<Arc<Business>>,
    people: Mutex<Vec<Arc<Person>>>,
    book: Mutex<Book>,
    handsets: Mutex<HashMap<String, Handset>>,
    store: Mutex<Store>,
    webhooks: Arc<Webhooks>,
    tasks: Tasks,
    line_events: mpsc::Sender<(String, LineEvent)>,
    disturbance: Disturbance,
    exact: Exact,
    stage: Stage,
    /// Events so far; each has dice of its own.
    notices: AtomicU64,
}

impl Exchange {
    /// Opens the exchange and starts listening to its handsets.
    pub(crate) fn open(options: Options, webhooks: Arc<Webhooks>, tasks: Tasks) -> Arc<Self> {
        let (line_events, mut news) = mpsc::channel(LINE_EVENTS);
        let seed = Seed::new(
            options.seed_rows,
            unix_now(),
            options.credentials.auth_id.clone(),
            options.businesses.first().cloned().unwrap_or_default(),
            options
                .people
                .iter()
                .filter(|person| person.behaviour.code().is_none() && person.username.is_none())
                .map(|person| person.number.to_string())
                .collect(),
        );
        let settings = Live::new(options.settings.clone());
        let exchange = Arc::new(Self {
            businesses: options.businesses.iter().cloned().map(Arc::new).collect(),
            people: Mutex::new(options.people.iter().cloned().map(Arc::new).collect()),
            book: Mutex::new(Book::new(settings.get())),
            settings,
            handsets: Mutex::default(),
            store: Mutex::new(Store::new(seed)),
            webhooks,
            tasks: tasks.clone(),
            line_events,
            disturbance: Disturbance::default(),
            exact: Exact::default(),
            stage: Stage::default(),
            notices: AtomicU64::new(0),
            options,
        });
        let listener = Arc::clone(&exchange);
        tasks.spawn(async move {
            while let Some((call, event)) = news.recv().await {
                tracing::debug!(call, ?event, "line");
                let effects = lock(&listener.book).line(&call, event, unix_now());
                listener.perform(effects);
            }
        });
        exchange
    }

    /// What it was started with.
    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// The settings that hold now.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.settings.get()
    }

    /// Changes the settings that a patch names.
    pub(crate) fn change(&self, patch: &Value) -> Result<Arc<Settings>, SettingError> {
        let before = self.settings().chaos.media;
        let settings = self.settings.patch(patch)?;
        lock(&self.book).configure(Arc::clone(&settings));
        self.disturb_all(before, settings.chaos.media);
        Ok(settings)
    }

    /// Other figures hold for the sound of every call, where they are other ones.
    fn disturb_all(&self, before: MediaChaos, now: MediaChaos) {
        if now != before {
            for handset in lock(&self.handsets).values() {
                handset.disturb(now);
            }
        }
    }

    /// Settings and people as they were at the start, and no scenario. Calls go on.
    pub(crate) fn reset(&self) -> Arc<Settings> {
        self.stage.clear();
        self.exact.set(Vec::new());
        let before = self.settings().chaos.media;
        let settings = self.settings.reset();
        let mut book = lock(&self.book);
        book.configure(Arc::clone(&settings));
        book.forgive_all();
        drop(book);
        self.disturb_all(before, settings.chaos.media);
        *lock(&self.people) = self.options.people.iter().cloned().map(Arc::new).collect();
        settings
    }

    /// Everything as a scenario has it, from a fresh start: its settings, its people and
    /// its rules, and no call.
    pub(crate) fn set_scene(self: &Arc<Self>, script: &Script) {
        self.reset();
        for call in self.calls().iter().filter(|call| !call.is_over()) {
            // It may have ended this moment.
            let _ = self.hang_up(&call.id);
        }
        lock(&self.book).configure(self.settings.set(script.settings.clone()));
        for person in &script.people {
            self.put_person(person.clone());
        }
        self.exact.set(script.tap.clone());
    }

    /// What a scenario does to single messages.
    pub(crate) fn exact(&self) -> &Exact {
        &self.exact
    }

    /// The scenario that is played.
    pub(crate) fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Where whatever runs beside requests is started.
    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// What disturbs requests.
    pub(crate) fn disturbance(&self) -> &Disturbance {
        &self.disturbance
    }

    /// The addresses that are told.
    pub(crate) fn webhooks(&self) -> &Webhooks {
        &self.webhooks
    }

    /// A business number by its channel.
    pub(crate) fn business(&self, channel: Uuid) -> Option<&Arc<Business>> {
        self.businesses.iter().find(|business| business.channel_id == channel)
    }

    /// The number that is rung when none is named.
    pub(crate) fn first_business(&self) -> Option<&Arc<Business>> {
        self.businesses.first()
    }

    /// Somebody by their number.
    pub(crate) fn person(&self, number: &Number) -> Option<Arc<Person>> {
        lock(&self.people).iter().find(|person| person.number == *number).cloned()
    }

    /// Everybody.
    pub(crate) fn people(&self) -> Vec<Arc<Person>> {
        lock(&self.people).clone()
    }

    /// Adds somebody or replaces who has their number; calls that go on keep
    /// who they were made with. Says whether there was room.
    pub(crate) fn put_person(&self, person: Person) -> bool {
        lock(&self.book).forgive(&person.number);
        let mut people = lock(&self.people);
        let person = Arc::new(person);
        if let Some(known) = people.iter_mut().find(|known| known.number == person.number) {
            *known = person;
        } else if people.len() < MAX_PEOPLE {
            people.push(person);
        } else {
            return false;
        }
        true
    }

    /// The business calls a person. Gives Vobiz's identifier of the call.
    pub(crate) async fn initiate(
        self: &Arc<Self>,
        business: &Arc<Business>,
        to: &Number,
        offer: &str,
    ) -> Result<Uuid, CallError> {
        handset::check_offer(offer).map_err(Refusal::Sdp)?;
        let person = self.person(to).ok_or(Refusal::NotCallable)?;
        let prepared = Prepared::callee(
            self.options.media_ip,
            person.behaviour.voice(),
            offer,
            self.settings().switches.answer_setup,
        )
        .await?;
        let mut head = head(Direction::Outbound, &person, business, &prepared);
        head.business_sdp = Some(offer.into());
        let vobiz_id = head.vobiz_id;
        let id = head.id.clone();
        let effects = lock(&self.book).initiate(head)?;
        self.adopt(&id, prepared);
        self.perform(effects);
        tracing::info!(call = id, to = %to, "business calls");
        sleep(self.overtaken_by(self.settings().timing.answer_delay)).await;
        Ok(vobiz_id)
    }

    /// A person calls the business.
    pub(crate) async fn ring(
        self: &Arc<Self>,
        business: &Arc<Business>,
        person: &Arc<Person>,
    ) -> Result<CallView, CallError> {
        let prepared = Prepared::caller(self.options.media_ip, person.behaviour.voice()).await?;
        let head = head(Direction::Inbound, person, business, &prepared);
        let id = head.id.clone();
        let effects = lock(&self.book).ring(head)?;
        self.adopt(&id, prepared);
        self.perform(effects);
        tracing::info!(call = id, from = %person.number, "person calls");
        self.call(&id).ok_or(CallError::Refused(Refusal::NoSuchCall))
    }

    /// The business acts on a call.
    pub(crate) fn act(
        self: &Arc<Self>,
        channel: Uuid,
        id: &str,
        action: &Action,
        sdp: Option<String>,
    ) -> Result<(), Refusal> {
        if let (true, Some(sdp)) = (action.carries_sdp(), sdp.as_deref()) {
            handset::check_answer(sdp).map_err(Refusal::Sdp)?;
        }
        let effects = lock(&self.book).act(channel, id, action, sdp, unix_now())?;
        self.perform(effects);
        tracing::info!(call = id, %action, "business acts");
        Ok(())
    }

    /// The person ends the call.
    pub(crate) fn hang_up(self: &Arc<Self>, id: &str) -> Result<CallView, Refusal> {
        let effects = lock(&self.book).hang_up(id, unix_now())?;
        self.perform(effects);
        self.call(id).ok_or(Refusal::NoSuchCall)
    }

    /// Disturbs the media of one call, until the settings' own figures change.
    pub(crate) fn disturb(&self, id: &str, chaos: MediaChaos) -> Result<(), Refusal> {
        lock(&self.handsets).get(id).ok_or(Refusal::NoSuchCall)?.disturb(chaos);
        Ok(())
    }

    /// Moves a call's handset to another address.
    pub(crate) fn move_handset(&self, id: &str) -> Result<CallView, Refusal> {
        self.with_handset(id, Handset::change_address);
        self.call(id).ok_or(Refusal::NoSuchCall)
    }

    /// What went over the wire lately.
    pub(crate) fn journal(&self) -> &Journal {
        self.webhooks.journal()
    }

    /// A page of the log.
    pub(crate) fn log(&self, query: &Query) -> LogPage {
        lock(&self.store).page(query, self.settings().switches.log_sdp)
    }

    /// One call as the console shows it.
    pub(crate) fn call(&self, id: &str) -> Option<CallView> {
        let call = lock(&self.book).call(id)?.clone();
        let handset = lock(&self.handsets).get(id).cloned();
        Some(CallView::new(&call, handset.as_ref()))
    }

    /// Every call that is shown, newest first.
    pub(crate) fn calls(&self) -> Vec<CallView> {
        let calls: Vec<_> = lock(&self.book).calls().cloned().collect();
        let handsets = lock(&self.handsets).clone();
        calls.iter().map(|call| CallView::new(call, handsets.get(&call.head.id))).collect()
    }

    fn adopt(&self, id: &str, prepared: Prepared) {
        let settings = self.settings();
        let rules =
            MediaRules { first: settings.timing.first_media_limit, gap: settings.timing.media_gap_limit };
        let handset =
            prepared.start(&self.tasks, id, (rules, settings.chaos.media), self.line_events.clone());
        lock(&self.handsets).insert(id.to_owned(), handset);
    }

    fn perform(self: &Arc<Self>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Notify(head, notice) => self.notify(&head, &notice),
                Effect::Start { call, timer, after } => self.start(call, timer, after),
                Effect::AnswerHandset { call, sdp } => {
                    self.with_handset(&call, |handset| handset.answer(&sdp))
                }
                Effect::PickUpHandset { call } => self.with_handset(&call, Handset::pick_up),
                Effect::HangUpHandset { call } => self.with_handset(&call, Handset::hang_up),
                Effect::Record(call) => {
                    let finished = self.settings().switches.finished_status;
                    let row = call.row(&self.options.credentials.auth_id, finished);
                    lock(&self.store).record(row);
                }
                Effect::Forget { call } => drop(lock(&self.handsets).remove(&call)),
            }
        }
    }

    fn start(self: &Arc<Self>, call: String, timer: Timer, after: std::time::Duration) {
        // Weak, so that a waiting timer does not keep a stopped exchange.
        let exchange = Arc::downgrade(self);
        self.tasks.spawn(async move {
            sleep(after).await;
            if let Some(exchange) = exchange.upgrade() {
                let effects = lock(&exchange.book).timer(&call, timer, unix_now());
                exchange.perform(effects);
            }
        });
    }

    fn with_handset(&self, call: &str, tell: impl FnOnce(&Handset)) {
        if let Some(handset) = lock(&self.handsets).get(call) {
            tell(handset);
        }
    }
}

fn head(direction: Direction, person: &Arc<Person>, business: &Arc<Business>, prepared: &Prepared) -> Head {
    Head {
        id: ids::wacid(),
        vobiz_id: Uuid::new_v4(),
        direction,
        person: Arc::clone(person),
        business: Arc::clone(business),
        started: unix_now(),
        sdp: prepared.sdp.as_str().into(),
        business_sdp: None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
