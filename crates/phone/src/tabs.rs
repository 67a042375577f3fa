//! One tab is the phone; the others show what it does and pass on what the person does.
//!
//! Only the tab that holds the browser's lock opens a socket, rings and has calls. It
//! says in one text what there is to see ([`Summary`]) whenever that changes and another
//! tab is there. A tab without the lock shows that text, and turns the person's actions
//! into texts for the other.

mod command;
mod summary;

use wire::UnixMillis;

use crate::call::{State, who};
use crate::effect::Effect;
use crate::event::Agent;
use crate::held::Held;
use crate::link;
use crate::logbook;
use crate::number;
use crate::phone::{Applied, Ignored, Phone, agent};
use crate::present;
use crate::session::{self, SessionState};
use crate::view::{Fault, TabView, Truth, View};

use summary::Summary;

/// What the browser tells of this tab and the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tabs {
    /// This tab holds the lock: it is the phone.
    Leading,
    /// Another tab holds the lock; this one waits for it.
    Waiting,
    /// Another tab took the lock from this one.
    Lost,
    /// Another tab said this.
    Heard(String),
}

/// What the browser is to do about the tabs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Ask for the lock, and wait for it for as long as the page lives.
    Lead {
        /// Take it from the tab that holds it.
        steal: bool,
    },
    /// Say this to the other tabs.
    Say(String),
}

/// Asks the tab that is the phone to say what there is to see.
const HELLO: &str = "hello";
/// First line of what the phone says.
const SEEN: &str = "seen";
/// First line of what the phone is to do.
const DO: &str = "do";
/// Somebody signed in at another tab: ask the relay again.
const SESSION: &str = "session";

/// Which tab this is.
#[derive(Debug, Default)]
pub(crate) enum Tab {
    /// The browser has not said yet.
    #[default]
    Asking,
    /// The phone.
    Phone {
        /// What the others were told last; none while there are no others.
        said: Option<String>,
    },
    /// Not the phone; what that has told.
    Remote(Option<Summary>),
}

impl Tab {
    /// Whether this tab is the phone.
    pub(crate) fn is_phone(&self) -> bool {
        matches!(self, Self::Phone { .. })
    }
}

/// The browser told something.
pub(crate) fn on_tabs(phone: &mut Phone, now: UnixMillis, what: Tabs, out: &mut Vec<Effect>) -> Applied {
    match what {
        Tabs::Leading => lead(phone, now, out),
        Tabs::Waiting => follow(phone, out),
        Tabs::Lost => lost(phone, out),
        Tabs::Heard(text) => heard(phone, now, &text, out),
    }
}

/// Somebody signed in here: the phone opens its socket, another tab tells the phone.
pub(crate) fn signed_in(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) {
    match phone.tab {
        Tab::Phone { .. } => link::begin(phone, now, out),
        Tab::Remote(_) => say(out, SESSION.to_owned()),
        Tab::Asking => {}
    }
}

fn lead(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) -> Applied {
    let before = std::mem::replace(&mut phone.tab, Tab::Phone { said: None });
    match before {
        Tab::Phone { .. } => return Err(Ignored::because("it is the phone already")),
        Tab::Asking => {}
        Tab::Remote(summary) => {
            phone.tab = Tab::Phone { said: Some(String::new()) };
            // The tab that had a call is gone, and the call's sound with it.
            let cards = summary.map(|summary| (summary.active, summary.held)).unwrap_or_default();
            for card in cards.0.into_iter().chain(cards.1) {
                phone.left_over.push(Held { call: card.call, who: card.who });
            }
        }
    }
    if phone.session.is_signed_in() {
        link::begin(phone, now, out);
    }
    Ok(())
}

fn follow(phone: &mut Phone, out: &mut Vec<Effect>) -> Applied {
    if phone.tab.is_phone() {
        return Err(Ignored::because("it is the phone"));
    }
    phone.tab = Tab::Remote(None);
    say(out, HELLO.to_owned());
    Ok(())
}

fn lost(phone: &mut Phone, out: &mut Vec<Effect>) -> Applied {
    if !phone.tab.is_phone() {
        return Err(Ignored::because("it was not the phone"));
    }
    if phone.is_busy() {
        // The call's sound is here: so is the phone.
        out.push(Effect::Tabs(Order::Lead { steal: true }));
        phone.tab = Tab::Asking;
        return Ok(());
    }
    phone.tab = Tab::Remote(None);
    session::let_go(phone);
    out.push(Effect::Tabs(Order::Lead { steal: false }));
    Ok(())
}

fn heard(phone: &mut Phone, now: UnixMillis, text: &str, out: &mut Vec<Effect>) -> Applied {
    let (kind, rest) = text.split_once('\n').unwrap_or((text, ""));
    match (kind, &mut phone.tab) {
        (HELLO, Tab::Phone { said }) => {
            // Said anew, as this event ends.
            *said = Some(String::new());
            Ok(())
        }
        (SESSION, Tab::Phone { .. }) => {
            ask_again(phone, true, out);
            Ok(())
        }
        (DO, Tab::Phone { .. }) => match command::read(rest) {
            Some(what) => agent(phone, now, what, out),
            None => Err(Ignored::because("another tab asked for what is not known here")),
        },
        (SEEN, Tab::Remote(seen)) => {
            let Some(summary) = Summary::read(rest) else {
                return Err(Ignored::because("what the phone says is not understood"));
            };
            let was_on_call = seen.as_ref().is_some_and(|seen| seen.active.is_some());
            let is_over = was_on_call && summary.active.is_none();
            let signed_in = summary.signed_in;
            *seen = Some(summary);
            if is_over {
                logbook::refresh(phone, out);
            }
            if let Some(signed_in) = signed_in {
                ask_again(phone, signed_in, out);
            }
            Ok(())
        }
        (_, Tab::Asking | Tab::Phone { .. } | Tab::Remote(_)) => {
            Err(Ignored::because("it is for another tab"))
        }
    }
}

/// Another tab knows better who is signed in.
fn ask_again(phone: &mut Phone, signed_in: bool, out: &mut Vec<Effect>) {
    match (&phone.session, signed_in) {
        (SessionState::SignedOut(_), true) => {
            phone.session = SessionState::default();
            out.push(Effect::CheckSession);
        }
        (SessionState::SignedIn(_), false) => out.push(Effect::CheckSession),
        (SessionState::SignedOut(_), false)
        | (SessionState::SignedIn(_), true)
        | (SessionState::Checking { .. } | SessionState::SigningIn, _) => {}
    }
}

/// The page goes away, and its calls with it: whoever comes next says so, this tab's next
/// page or the tab that takes over, which therefore isn't told any more.
pub(crate) fn leave(phone: &mut Phone) {
    for (id, call) in
        phone.calls.iter().filter(|(_, call)| call.state.is_held() && call.state.takes_the_ear())
    {
        phone.left_over.push(Held { call: id.clone(), who: who(&call.party) });
    }
    if let Tab::Phone { said } = &mut phone.tab {
        *said = None;
    }
}

/// What the person does at a tab that is not the phone; none when it is this tab's own
/// matter.
pub(crate) fn elsewhere(phone: &mut Phone, what: &Agent, out: &mut Vec<Effect>) -> Option<Applied> {
    let Tab::Remote(summary) = &phone.tab else { return None };
    let on_call = summary.as_ref().is_some_and(|summary| summary.has_calls());
    // A click unlocks the sound of the tab that it hits, so that one takes over.
    if matches!(what, Agent::UseThisTab | Agent::UnlockSound) {
        if on_call {
            phone.fault(Fault::OnACall);
        } else {
            out.push(Effect::UnlockSound);
            out.push(Effect::Tabs(Order::Lead { steal: true }));
        }
        return Some(Ok(()));
    }
    if on_call && matches!(what, Agent::SignOut | Agent::Dial { .. } | Agent::Redial { .. }) {
        phone.fault(Fault::OnACall);
        return Some(Ok(()));
    }
    let told = if let Agent::Dial { attempt } = what {
        if let Err(fault) = number::read(&phone.dialler).number {
            phone.fault(Fault::Number(fault));
            return Some(Ok(()));
        }
        let number = std::mem::take(&mut phone.dialler);
        command::print(&Agent::Redial { attempt: attempt.clone(), number })
    } else {
        command::print(what)
    }?;
    say(out, [DO, "\n", &told].concat());
    Some(Ok(()))
}

/// Says what there is to see, if that has changed and another tab is there.
pub(crate) fn settle(phone: &mut Phone, out: &mut Vec<Effect>) {
    if !matches!(phone.tab, Tab::Phone { said: Some(_) }) {
        return;
    }
    let seen = [SEEN, "\n", &summary::print(&present::view(phone))].concat();
    if let Tab::Phone { said: Some(said) } = &mut phone.tab
        && *said != seen
    {
        said.clone_from(&seen);
        say(out, seen);
    }
}

/// Whether a call rings, and whether there is one, here or at the tab that is the phone.
pub(crate) fn calls(phone: &Phone) -> (bool, bool) {
    match &phone.tab {
        Tab::Remote(Some(summary)) => (!summary.incoming.is_empty(), summary.has_calls()),
        Tab::Phone { .. } | Tab::Asking | Tab::Remote(None) => {
            let rings = phone.calls.values().any(|call| matches!(call.state, State::Ringing(_)));
            (rings, phone.is_busy())
        }
    }
}

/// Shows the phone's calls and presence on a tab that is not the phone.
pub(crate) fn show(phone: &Phone, view: &mut View) {
    match &phone.tab {
        Tab::Phone { .. } => {}
        Tab::Asking | Tab::Remote(None) => view.presence.truth = Truth::Changing,
        Tab::Remote(Some(summary)) => {
            view.presence = summary.presence;
            view.incoming.clone_from(&summary.incoming);
            view.active.clone_from(&summary.active);
            view.held.clone_from(&summary.held);
        }
    }
    if matches!(phone.tab, Tab::Remote(_)) && phone.session.is_signed_in() {
        view.tab = TabView::Remote { can_take: view.active.is_none() && view.held.is_empty() };
    }
}

fn say(out: &mut Vec<Effect>, text: String) {
    out.push(Effect::Tabs(Order::Say(text)));
}
