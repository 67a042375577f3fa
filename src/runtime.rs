//! Where the pure phone meets the browser: events go in, effects come out and are
//! carried out by the adapters of [`crate::platform`].
//!
//! Events are taken one at a time. One that arises while another is being handled
//! waits its turn, so that no state is ever seen half changed.

pub mod office;
mod perform;
mod requests;
mod tabs;
mod texts;
pub mod toggle;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;

use leptos::prelude::*;
use phone::countries::Country;
use phone::devices;
use phone::event::{Agent, Media, Page};
use phone::line::Figures;
use phone::list::List as _;
use phone::{Event, Phone, View};
use wire::{CallId, UnixMillis};

pub use crate::platform::figures;
use crate::platform::moment::Calendar;
pub use crate::platform::moment::Moment;
use crate::platform::storage::{self, Place};
use crate::platform::task::spawn;
use crate::platform::timer::Interval;
use crate::platform::{attempt, clock, gesture, history, links, page, regions};
use perform::World;

/// Names under which the browser keeps things.
mod stored {
    /// [`phone::settings::Settings`], for this browser.
    pub(super) const SETTINGS: &str = "softphone.settings";
    /// [`phone::recents::Recents`], for this browser.
    pub(super) const RECENTS: &str = "softphone.recents";
    /// [`phone::devices::Devices`], for this browser.
    pub(super) const DEVICES: &str = "softphone.devices";
    /// The calls of this tab.
    pub(super) const HELD: &str = "softphone.held";
}

/// How often the clock is looked at while the page counts seconds, in milliseconds:
/// often enough that no second is skipped.
const TICK_MS: i32 = 250;

/// Milliseconds in a second.
const SECOND_MS: u64 = 1_000;

/// What components hold: the view, the clock and the way to tell the phone something.
#[derive(Clone, Copy)]
pub struct Handle {
    /// What the page shows.
    pub view: ReadSignal<View>,
    /// The browser's clock. It moves on, in steps of a second, while the page counts
    /// seconds ([`View::ticks`]).
    pub now: ReadSignal<UnixMillis>,
    /// How loud microphone and far end are, see [`you`] and [`them`]. Apart from the view,
    /// so that only meters follow it.
    pub levels: ReadSignal<u64>,
    tell: Tell,
}

/// Levels in one number.
fn levels(you: u8, them: u8) -> u64 {
    u64::from(you) << 8 | u64::from(them)
}

/// The microphone's level, 0 to [`phone::line::FULL`].
pub fn you(levels: u64) -> u64 {
    levels >> 8
}

/// The far end's level, likewise.
pub fn them(levels: u64) -> u64 {
    levels & 0xff
}

impl Handle {
    /// Tells the phone what the person did.
    pub fn send(&self, what: Agent) {
        self.tell.event(Event::Agent(what));
    }

    /// A handle of a page that never changes, for the style guide.
    #[cfg(debug_assertions)]
    pub(crate) fn still(view: View, now: UnixMillis) -> Self {
        let (view, now) = (signal(view).0, signal(now).0);
        // What is sent to it goes nowhere.
        Self { view, now, levels: signal(0_u64).0, tell: Tell(None) }
    }

    /// The figures of the line in the last second; they change with [`Handle::now`].
    pub fn figures(&self) -> Arc<Figures> {
        self.tell.0.map(|runtime| phone::line::figures(&runtime.phone.borrow())).unwrap_or_default()
    }

    /// A fresh key for [`Agent::Dial`] and [`Agent::Redial`].
    pub fn attempt(&self) -> CallId {
        CallId(attempt::fresh())
    }
}

/// Does something after what is being done, and before the browser takes the next event.
pub fn after_this(act: impl FnOnce() + 'static) {
    spawn(async move { act() });
}

/// Puts the keyboard into the number field, if it can be seen.
pub fn focus_number() {
    page::focus(tabs::NUMBER);
}

/// How an instant is shown at the time `now`, in the agent's zone and language.
pub fn moment(at: UnixMillis, now: UnixMillis) -> Moment {
    Calendar::new().moment(at, now)
}

/// A country's name in the page's language; all names where several share a code.
pub fn country(country: Country) -> String {
    match country.service() {
        Some(service) => service.to_owned(),
        None => country.regions().map(regions::name).joined(" / "),
    }
}

/// Starts the phone. Called once, inside the reactive owner that lives as long as
/// the page.
pub fn start() -> Handle {
    let phone = Phone::default();
    let (view, set_view) = signal(phone::view(&phone));
    let (now, set_now) = signal(clock::now());
    let (levels, set_levels) = signal(0_u64);
    // It lives as long as the page: nobody has to count who still knows it.
    let runtime: &'static Runtime = Box::leak(Box::new(Runtime {
        phone: RefCell::new(phone),
        queue: RefCell::new(VecDeque::new()),
        busy: Cell::new(false),
        world: RefCell::new(World::new(set_levels)),
        tick: RefCell::new(None),
        view: set_view,
        shown: view,
        now: set_now,
    }));
    let tell = Tell(Some(runtime));
    runtime.world.borrow_mut().tell = tell;
    #[cfg(debug_assertions)]
    {
        // What is cleaned up could be so on any thread, as far as the types know.
        let runtime = StoredValue::new_local(runtime);
        on_cleanup(move || runtime.try_with_value(|runtime| runtime.end(set_levels)).unwrap_or_default());
    }
    runtime.listen();
    runtime.dispatch(Event::Page(Page::Started {
        route: history::current(),
        settings: storage::read(Place::Browser, stored::SETTINGS),
        recents: storage::read(Place::Browser, stored::RECENTS),
        held: storage::read(Place::Tab, stored::HELD),
    }));
    runtime.dispatch(Event::Page(Page::Speaks(page::language())));
    for known in tabs::Own::known() {
        runtime.dispatch(known);
    }
    if let Some(number) = links::take_dialled() {
        runtime.dispatch(Event::Page(Page::Dialled(number)));
    }
    let devices = storage::read(Place::Browser, stored::DEVICES);
    runtime.dispatch(Event::Devices(devices::Told::Stored(devices)));
    Handle { view, now, levels, tell }
}

/// How adapters and components tell the phone something.
#[derive(Clone, Copy)]
struct Tell(Option<&'static Runtime>);

impl Tell {
    fn event(&self, event: Event) {
        if let Some(runtime) = self.0 {
            runtime.dispatch(event);
        }
    }
}

struct Runtime {
    phone: RefCell<Phone>,
    queue: RefCell<VecDeque<Event>>,
    busy: Cell<bool>,
    world: RefCell<World>,
    tick: RefCell<Option<Interval>>,
    view: WriteSignal<View>,
    shown: ReadSignal<View>,
    now: WriteSignal<UnixMillis>,
}

impl Runtime {
    /// Hears what the page itself says.
    fn listen(&'static self) {
        let tell = Tell(Some(self));
        let send = |event: fn() -> Event| move || tell.event(event());
        let mut world = self.world.borrow_mut();
        world.keep(page::on_leaving(send(|| Event::Page(Page::Leaving))));
        world.keep(page::on_online(send(|| Event::Page(Page::Online))));
        world.keep(history::on_pop(move |route| tell.event(Event::Page(Page::RouteChanged(route)))));
        world.keep_gestures(gesture::Gestures::new(move || {
            if let Ok(world) = self.world.try_borrow() {
                world.unlock_sound();
            }
        }));
        world.tabs.listen(tell, self.shown);
        world.start_tones(move |state| tell.event(Event::Media(Media::Sound(state))));
    }

    /// Handles an event and all that it brings about.
    fn dispatch(&'static self, event: Event) {
        self.queue.borrow_mut().push_back(event);
        if self.busy.replace(true) {
            return;
        }
        while let Some(event) = self.next() {
            let effects = phone::update(&mut self.phone.borrow_mut(), clock::now(), event);
            for effect in effects {
                self.world.borrow_mut().perform(effect);
            }
        }
        self.busy.set(false);
        self.show();
    }

    /// Lets go of everything and hears nothing more. A browser does that when the page ends; a
    /// test goes on in the same page.
    #[cfg(debug_assertions)]
    fn end(&self, levels: WriteSignal<u64>) {
        self.busy.set(true);
        self.tick.replace(None);
        self.world.replace(World::new(levels));
    }

    fn next(&self) -> Option<Event> {
        self.queue.borrow_mut().pop_front()
    }

    /// Shows what has changed.
    fn show(&self) {
        let view = phone::view(&self.phone.borrow());
        self.now.set(clock::now());
        let ticks = view.ticks();
        if self.shown.with_untracked(|shown| *shown != view) {
            self.view.set(view);
        }
        let mut tick = self.tick.borrow_mut();
        if ticks != tick.is_some() {
            let now = self.now;
            let second = Cell::new(0);
            *tick = ticks.then(|| {
                Interval::new(TICK_MS, move || {
                    let at = clock::now();
                    if second.replace(at / SECOND_MS) != at / SECOND_MS {
                        now.set(at);
                    }
                })
            });
        }
    }
}
