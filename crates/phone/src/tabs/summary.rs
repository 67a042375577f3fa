//! What a tab that is not the phone shows of it, as a text.
//!
//! One line for each thing, its parts separated by tabs; enums by their place in a
//! list. Both tabs run the same build, or one that is about to be reloaded: what is not
//! understood is ignored.

use wire::{CallId, Direction};

use crate::countries::Country;
use crate::decimal::decimal;
use crate::find::on_one_line;
use crate::line::QualityView;
use crate::number;
use crate::view::{
    AcceptView, CallCard, IncomingCard, KeysView, LineView, PresenceView, SessionView, Status, Truth, View,
    Voice, Who,
};

/// What there is to see.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    /// Whether somebody is signed in, if the phone knows.
    pub(crate) signed_in: Option<bool>,
    pub(crate) presence: PresenceView,
    pub(crate) incoming: Vec<IncomingCard>,
    pub(crate) active: Option<CallCard>,
    pub(crate) held: Vec<CallCard>,
}

const TRUTHS: [Truth; 7] = [
    Truth::Away,
    Truth::Reachable,
    Truth::SoundBlocked,
    Truth::Unreachable,
    Truth::Changing,
    Truth::OnCall,
    Truth::WrapUp,
];
const ACCEPTS: [AcceptView; 3] = [AcceptView::Ready, AcceptView::Opening, AcceptView::Holds];
const STATUSES: [Status; 7] = [
    Status::Calling,
    Status::Ringing,
    Status::Connecting,
    Status::Connected,
    Status::Reconnecting,
    Status::OnHold,
    Status::Ended,
];
const DIRECTIONS: [Direction; 2] = [Direction::Inbound, Direction::Outbound];
const VOICES: [Voice; 2] = [Voice::Open, Voice::Muted];
const LINES: [LineView; 2] = [LineView::Open, LineView::Held];
const KEYS: [KeysView; 2] = [KeysView::Taken, KeysView::Refused];
const SWITCH: [bool; 2] = [false, true];

/// The text for a view.
pub(crate) fn print(view: &View) -> String {
    let signed_in = match view.session {
        SessionView::Checking { .. } => "",
        SessionView::SignedOut { .. } => "0",
        SessionView::SignedIn { .. } => "1",
    };
    let presence = &view.presence;
    let mut lines =
        line(&["p", signed_in, &place(presence.available.into()), &place(presence.truth as usize)]);
    for card in &view.incoming {
        let [name, number] = person(&card.who);
        lines += &line(&[
            "i",
            card.call.as_str(),
            &name,
            &number,
            &text(card.since),
            &text(card.expires),
            &place(card.accept as usize),
        ]);
    }
    if let Some(card) = &view.active {
        lines += &call("a", card);
    }
    for card in &view.held {
        lines += &call("h", card);
    }
    lines
}

fn call(kind: &str, card: &CallCard) -> String {
    let [name, number] = person(&card.who);
    let since = card.talking_since.map(text).unwrap_or_default();
    line(&[
        kind,
        card.call.as_str(),
        &name,
        &number,
        &place(card.direction as usize),
        &place(card.status as usize),
        &since,
        &place(card.voice as usize),
        &place(card.line as usize),
        &place(card.keys as usize),
    ])
}

fn line(parts: &[&str]) -> String {
    parts.join("\t") + "\n"
}

fn text(number: u64) -> String {
    decimal(number)
}

/// The place of an enum's variant in its list, which has the order of its declaration.
fn place(variant: usize) -> String {
    decimal(variant as u64)
}

/// Name and number, without what separates the parts.
fn person(who: &Who) -> [String; 2] {
    [&who.name, &who.number].map(|text| on_one_line(text.as_deref().unwrap_or_default()))
}

impl Summary {
    /// Whether the agent is on a call, or holds one.
    pub(crate) fn has_calls(&self) -> bool {
        self.active.is_some() || !self.held.is_empty()
    }

    /// Reads what [`print`] writes.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut presence = None;
        let mut incoming = Vec::new();
        let mut active = None;
        let mut held = Vec::new();
        for line in text.lines() {
            let mut parts = Parts(line.split('\t'));
            match parts.text()? {
                "p" => presence = Some((parts.flag()?, parts.presence()?)),
                "i" => incoming.push(parts.incoming()?),
                "a" => active = Some(parts.card()?),
                "h" => held.push(parts.card()?),
                _ => {}
            }
        }
        let (signed_in, presence) = presence?;
        Some(Self { signed_in, presence, incoming, active, held })
    }
}

/// The parts of a line, from left to right.
struct Parts<'a>(std::str::Split<'a, char>);

impl<'a> Parts<'a> {
    fn text(&mut self) -> Option<&'a str> {
        self.0.next()
    }

    fn number(&mut self) -> Option<u64> {
        self.text()?.parse().ok()
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        list.get(usize::try_from(self.number()?).ok()?).copied()
    }

    /// Yes, no, or not known.
    fn flag(&mut self) -> Option<Option<bool>> {
        Some(match self.text()? {
            "" => None,
            text => Some(text == "1"),
        })
    }

    fn presence(&mut self) -> Option<PresenceView> {
        Some(PresenceView { available: self.of(&SWITCH)?, truth: self.of(&TRUTHS)? })
    }

    fn call(&mut self) -> Option<CallId> {
        self.text().map(CallId::from)
    }

    fn person(&mut self) -> Option<Who> {
        let mut part = || self.text().map(|text| Some(text.to_owned()).filter(|text| !text.is_empty()));
        Some(Who { name: part()?, number: part()? })
    }

    fn incoming(&mut self) -> Option<IncomingCard> {
        let (call, who) = (self.call()?, self.person()?);
        Some(IncomingCard {
            call,
            country: country(&who),
            who,
            since: self.number()?,
            expires: self.number()?,
            accept: self.of(&ACCEPTS)?,
        })
    }

    fn card(&mut self) -> Option<CallCard> {
        let (call, who) = (self.call()?, self.person()?);
        Some(CallCard {
            call,
            country: country(&who),
            who,
            direction: self.of(&DIRECTIONS)?,
            status: self.of(&STATUSES)?,
            talking_since: match self.text()? {
                "" => None,
                text => Some(text.parse().ok()?),
            },
            voice: self.of(&VOICES)?,
            line: self.of(&LINES)?,
            keys: self.of(&KEYS)?,
            // It is measured where the call is.
            quality: QualityView::default(),
        })
    }
}

fn country(who: &Who) -> Option<Country> {
    number::read(who.number.as_deref()?).country
}
