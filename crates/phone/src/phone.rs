//! The machine itself: its state, and who handles which event.

use std::collections::VecDeque;
use std::sync::Arc;

use wire::{CallId, UnixMillis};

use crate::attention::{self, Noticed};
use crate::call::{Call, actions, peers, posts};
use crate::devices::{self, Devices};
use crate::effect::Effect;
use crate::event::{Agent, Event, FaultId, LinkId, LogRequest, MicrophoneId, Page, PeerId, Relay, Sound};
use crate::few::Few;
use crate::front::{self, Front};
use crate::held::Held;
use crate::language::{self, Languages};
use crate::levels::{self, Ordered};
use crate::line::{self, Line};
use crate::link::{self, Link};
use crate::logbook::{self, Logbook};
use crate::microphone::{self, Microphone};
use crate::presence::{self, Presence};
use crate::recents::Recents;
use crate::route::Route;
use crate::session::{self, SessionState};
use crate::settings::Settings;
use crate::spare::{self, Spare};
use crate::tabs::{self, Tab};
use crate::timer::TimerId;
use crate::view::{Fault, FaultView, LinksView};

/// Most faults on the page at once: more are noise, the oldest goes.
const MOST_FAULTS: usize = 4;

/// Most ended calls whose names are remembered, so that a late word about one of
/// them does nothing: many more than can ring and end within one loss of the socket.
const MOST_GONE: usize = 256;

/// One agent's phone.
#[derive(Debug, Default)]
pub struct Phone {
    pub(crate) route: Route,
    pub(crate) settings: Settings,
    pub(crate) recents: Recents,
    pub(crate) session: SessionState,
    pub(crate) tab: Tab,
    pub(crate) noticed: Noticed,
    pub(crate) link: Link,
    pub(crate) presence: Presence,
    pub(crate) skew: Skew,
    pub(crate) calls: Few<CallId, Call>,
    pub(crate) front: Front,
    /// The last journal position heard of in this session.
    pub(crate) seen: Option<u64>,
    /// Calls that are over and no longer shown, oldest first.
    pub(crate) gone: VecDeque<CallId>,
    /// Calls that this tab held before it was reloaded, until the relay has said
    /// what became of them.
    pub(crate) left_over: Vec<Held>,
    pub(crate) microphone: Microphone,
    /// Whether the microphone may be opened without a question.
    pub(crate) microphone_allowed: bool,
    pub(crate) sound: Sound,
    pub(crate) devices: Arc<Devices>,
    /// How the lines of live calls do.
    pub(crate) lines: Few<PeerId, Line>,
    /// Until when the relay keeps the work after a call free of calls.
    pub(crate) wrap_up: Option<UnixMillis>,
    /// Since when there has been no socket; nothing while there is one.
    pub(crate) lost_since: Option<UnixMillis>,
    pub(crate) dialler: String,
    /// The number came by a link; the agent has not touched it.
    pub(crate) linked: bool,
    /// The offer made ahead, and until when it is kept.
    pub(crate) spare: Spare,
    pub(crate) spare_until: UnixMillis,
    pub(crate) links: LinksView,
    pub(crate) languages: Languages,
    pub(crate) faults: Vec<FaultView>,
    pub(crate) log: Logbook,
    pub(crate) ordered: Ordered,
    pub(crate) names: Names,
    ignored: u64,
}

/// Why an event changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ignored(&'static str);

impl Ignored {
    /// With the reason, which the page as it is delivered leaves out: nobody waits for a
    /// download because of what few will ever read.
    pub(crate) const fn because(why: &'static str) -> Self {
        Self(if IS_DELIVERED { "" } else { why })
    }
}

/// Whether this is the page as it is delivered.
const IS_DELIVERED: bool = cfg!(all(target_arch = "wasm32", not(debug_assertions)));

/// Whether an event applied.
pub(crate) type Applied = Result<(), Ignored>;

/// The relay's clock less this browser's, in milliseconds.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Skew(i64);

impl Skew {
    pub(crate) fn between(relay: UnixMillis, here: UnixMillis) -> Self {
        Self(relay.cast_signed().wrapping_sub(here.cast_signed()))
    }

    /// An instant of the relay's clock by this browser's.
    pub(crate) fn here(self, relay: UnixMillis) -> UnixMillis {
        relay.saturating_add_signed(self.0.wrapping_neg())
    }
}

/// The last names given out. Each kind counts up.
#[derive(Debug, Default)]
pub(crate) struct Names {
    peer: u32,
    link: u32,
    microphone: u32,
    log: u32,
    fault: u32,
}

impl Names {
    pub(crate) fn peer(&mut self, call: &CallId) -> PeerId {
        self.peer += 1;
        PeerId { call: call.clone(), generation: self.peer }
    }

    pub(crate) fn link(&mut self) -> LinkId {
        self.link += 1;
        LinkId(self.link)
    }

    pub(crate) fn microphone(&mut self) -> MicrophoneId {
        self.microphone += 1;
        MicrophoneId(self.microphone)
    }

    pub(crate) fn log(&mut self) -> LogRequest {
        self.log += 1;
        LogRequest(self.log)
    }

    fn fault(&mut self) -> FaultId {
        self.fault += 1;
        FaultId(self.fault)
    }
}

/// Tells the phone what happened; gives what has to be done, in order.
pub fn update(phone: &mut Phone, now: UnixMillis, event: Event) -> Vec<Effect> {
    let mut out = Vec::new();
    let name = if IS_DELIVERED { "" } else { event.name() };
    let applied = match event {
        Event::Agent(what) => agent(phone, now, what, &mut out),
        Event::Relay(what) => relay(phone, now, what, &mut out),
        Event::Peer(peer, what) => peers::on_peer(phone, now, &peer, what, &mut out),
        Event::Media(what) => microphone::on_media(phone, now, what, &mut out),
        Event::Devices(what) => devices::told(phone, what, &mut out),
        Event::Line(peer, sample) => line::sampled(phone, &peer, sample),
        Event::Timer(timer) => on_timer(phone, now, timer, &mut out),
        Event::Page(what) => page(phone, now, what, &mut out),
        Event::Tabs(what) => tabs::on_tabs(phone, now, what, &mut out),
        Event::Attention(what) => attention::on_attention(phone, now, what, &mut out),
    };
    if let Err(Ignored(why)) = applied {
        phone.ignored += 1;
        out.push(Effect::Ignored { event: name, why });
    }
    posts::advance(phone, now, &mut out);
    presence::settle(phone, now, &mut out);
    levels::settle(phone, now, &mut out);
    attention::settle(phone, &mut out);
    tabs::settle(phone, &mut out);
    out
}

impl Phone {
    /// How many events did not apply so far; for diagnostics.
    pub fn ignored(&self) -> u64 {
        self.ignored
    }

    /// Adds a fault, unless it is there already.
    pub(crate) fn fault(&mut self, fault: Fault) {
        self.faults.retain(|known| known.fault != fault);
        if self.faults.len() >= MOST_FAULTS {
            self.faults.remove(0);
        }
        let id = self.names.fault();
        self.faults.push(FaultView { id, fault });
    }

    /// Whether the agent has a call, perhaps on hold.
    pub(crate) fn is_busy(&self) -> bool {
        self.calls.values().any(|call| call.state.takes_the_ear())
    }

    /// Whether a call takes the agent's ear now: none is made beside it.
    pub(crate) fn is_talking(&self) -> bool {
        self.calls.iter().any(|(id, call)| self.front.talks_with(id) && call.state.takes_the_ear())
    }

    /// Puts a text into the number field.
    fn type_number(&mut self, now: UnixMillis, text: &str) {
        self.dialler = crate::number::shown(&self.dialler, text);
        self.linked = false;
        spare::typed(self, now);
    }

    /// Remembers that a call is over for good.
    pub(crate) fn bury(&mut self, call: &CallId) {
        if self.gone.len() >= MOST_GONE {
            self.gone.pop_front();
        }
        self.gone.push_back(call.clone());
    }
}

pub(crate) fn agent(phone: &mut Phone, now: UnixMillis, what: Agent, out: &mut Vec<Effect>) -> Applied {
    if let Some(applied) = tabs::elsewhere(phone, &what, out) {
        return applied;
    }
    match what {
        Agent::SignIn { username, password } => session::sign_in(phone, username, password, out),
        Agent::SignOut => session::sign_out(phone, out),
        Agent::SetAvailable(available) => presence::set(phone, available, out),
        Agent::EndWrapUp => presence::end_wrap_up(phone, out),
        Agent::Devices(wish) => devices::wished(phone, wish, out),
        Agent::UnlockSound => {
            out.push(Effect::UnlockSound);
            Ok(())
        }
        Agent::NumberTyped(text) => {
            phone.type_number(now, &text);
            Ok(())
        }
        Agent::Dial { attempt } => {
            let text = phone.dialler.clone();
            if text.trim_ascii().is_empty()
                && !phone.is_talking()
                && let Some(last) = phone.recents.list().first()
            {
                phone.type_number(now, &last.number);
                return Ok(());
            }
            actions::dial(phone, now, attempt, &text, out)
        }
        Agent::Redial { attempt, number } => actions::dial(phone, now, attempt, &number, out),
        Agent::Reach { call, there } => actions::point(phone, now, &call, there),
        Agent::Accept(call) => actions::accept(phone, &call, out),
        Agent::Reject(call) => actions::reject(phone, now, &call, out),
        Agent::HangUp(call) => actions::hang_up(phone, now, &call, out),
        Agent::ToggleMute(call) => actions::toggle_mute(phone, &call),
        Agent::ToggleHold(call) => front::toggle_hold(phone, &call),
        Agent::RegisterLinks => {
            out.push(Effect::RegisterLinks);
            Ok(())
        }
        Agent::SendDigit(call, digit) => actions::send_digit(phone, &call, digit, out),
        Agent::Navigate(route) => {
            if phone.route != route {
                out.push(Effect::PushRoute(route));
            }
            logbook::go(phone, route, out);
            Ok(())
        }
        Agent::ReloadLog => {
            logbook::fetch(phone, out);
            Ok(())
        }
        Agent::DismissFault(id) => {
            phone.faults.retain(|fault| fault.id != id);
            Ok(())
        }
        Agent::DismissEnded(call) => {
            logbook::refresh(phone, out);
            actions::dismiss(phone, &call)
        }
        Agent::ChangeSettings(settings) => {
            if settings.theme != phone.settings.theme {
                out.push(Effect::ApplyTheme(settings.theme));
            }
            if settings.processing != phone.settings.processing {
                microphone::renew(phone, out);
            }
            let is_other_language = settings.language != phone.settings.language;
            phone.settings = settings;
            if is_other_language {
                language::fetch(phone, out);
            }
            out.push(Effect::StoreSettings(settings));
            Ok(())
        }
        Agent::UseThisTab => Err(Ignored::because("it is the phone")),
        Agent::ShowKeys(open) => {
            attention::show_keys(phone, open);
            Ok(())
        }
        Agent::FocusNumber => {
            out.push(Effect::Attention(attention::Order::FocusNumber));
            Ok(())
        }
        Agent::AskNotices => {
            attention::ask(phone, out);
            Ok(())
        }
    }
}

fn relay(phone: &mut Phone, now: UnixMillis, what: Relay, out: &mut Vec<Effect>) -> Applied {
    match what {
        Relay::SessionChecked(result) => session::checked(phone, now, result, out),
        Relay::SignInReplied(result) => session::sign_in_replied(phone, now, result, out),
        Relay::SignOutReplied(result) => session::sign_out_replied(phone, result),
        Relay::SocketOpened(id) => link::opened(phone, now, id),
        Relay::SocketLost(id) => link::lost(phone, now, id, out),
        Relay::Frame(id, frame) => link::frame(phone, now, id, frame, out),
        Relay::AcceptReplied(call, result) => posts::accept_replied(phone, now, &call, result, out),
        Relay::RejectReplied(call, result) | Relay::TerminateReplied(call, result) => {
            posts::farewell_replied(phone, now, &call, result)
        }
        Relay::InitiateReplied(call, result) => posts::initiate_replied(phone, now, &call, result, out),
        Relay::LogReplied(request, result) => logbook::replied(phone, request, result),
        Relay::TextsReplied(language, result) => language::fetched(phone, language, result, out),
    }
}

fn page(phone: &mut Phone, now: UnixMillis, what: Page, out: &mut Vec<Effect>) -> Applied {
    match what {
        Page::Started { route, settings, recents, held } => {
            phone.route = route;
            phone.settings = Settings::read(&settings);
            phone.recents = Recents::read(&recents);
            phone.left_over = Held::read(&held);
            out.push(Effect::ApplyTheme(phone.settings.theme));
            out.push(Effect::Tabs(tabs::Order::Lead { steal: false }));
            out.push(Effect::WatchPermission);
            out.push(Effect::CheckSession);
            Ok(())
        }
        Page::Speaks(language) => language::of_browser(phone, language, out),
        Page::Dialled(number) => {
            phone.dialler.clear();
            phone.type_number(now, &number);
            phone.linked = true;
            Ok(())
        }
        Page::AttemptNamed(attempt) => spare::named(phone, attempt, out),
        Page::LinksAsked(asked) => {
            phone.links = if asked { LinksView::Asked } else { LinksView::Refused };
            Ok(())
        }
        Page::RouteChanged(route) => {
            logbook::go(phone, route, out);
            Ok(())
        }
        Page::Leaving => {
            tabs::leave(phone);
            actions::leave(phone, now, out);
            Ok(())
        }
        Page::Online => {
            session::hurry(phone, out);
            link::hurry(phone, now, out)
        }
    }
}

fn on_timer(phone: &mut Phone, now: UnixMillis, timer: TimerId, out: &mut Vec<Effect>) -> Applied {
    // A timer that was cleared or moved meanwhile may still fire once.
    if !phone.ordered.timer_fired(&timer) {
        return Err(Ignored::because("the timer was not set"));
    }
    match timer {
        TimerId::PointerRests(_)
        | TimerId::RingOver(_)
        | TimerId::DialOver(_)
        | TimerId::ConnectOver(_)
        | TimerId::RecoverOver(_)
        | TimerId::GoneOver(_)
        | TimerId::Retry(_)
        | TimerId::EndedCard(_) => posts::on_timer(phone, now, &timer, out),
        TimerId::WrapUpOver => {
            phone.wrap_up = None;
            Ok(())
        }
        TimerId::SpareOver => {
            spare::expire(phone);
            Ok(())
        }
        TimerId::CheckSession => {
            session::hurry(phone, out);
            Ok(())
        }
        TimerId::LinkOpening | TimerId::LinkSilent => link::give_up(phone, now, out),
        TimerId::LinkRetry => link::hurry(phone, now, out),
    }
}
