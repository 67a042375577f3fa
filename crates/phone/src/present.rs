//! The state as the page shows it.

use wire::CallId;

use crate::call::{Call, Card, Live, Progress, State, Transport, who};
use crate::event::Sound;
use crate::link::Link;
use crate::number;
use crate::phone::Phone;
use crate::presence::Presence;
use crate::session::SessionState;
use crate::tabs;
use crate::view::{
    AcceptView, Banner, CallCard, DiallerView, EndedCard, EndedWhy, IncomingCard, LinkView, PresenceView,
    SessionView, Status, TabView, Truth, View, Voice,
};

/// What the page shows.
pub fn view(phone: &Phone) -> View {
    let active = phone.calls.iter().find_map(|(id, call)| call_card(id, call));
    let mut view = View {
        route: phone.route,
        session: session(&phone.session),
        presence: PresenceView { available: phone.presence.switch(), truth: truth(phone, active.is_some()) },
        link: match phone.link {
            Link::Down => LinkView::Down,
            Link::Opening { .. } => LinkView::Opening,
            Link::Up { .. } => LinkView::Up,
            Link::Waiting { until, .. } => LinkView::Waiting { until },
        },
        banners: banners(phone, active.is_some()),
        faults: phone.faults.clone(),
        dialler: dialler(phone),
        incoming: incoming(phone),
        active,
        ended: ended(phone),
        recents: phone.recents.list(),
        log: phone.log.view(),
        settings: phone.settings,
        tab: TabView::Phone,
        notices: phone.noticed.permission,
        keys: phone.noticed.keys,
    };
    tabs::show(phone, &mut view);
    view
}

fn session(session: &SessionState) -> SessionView {
    match session {
        SessionState::Checking { problem, .. } => SessionView::Checking { problem: problem.clone() },
        SessionState::SignedOut(notice) => SessionView::SignedOut { busy: false, notice: notice.clone() },
        SessionState::SigningIn => SessionView::SignedOut { busy: true, notice: None },
        SessionState::SignedIn(session) => SessionView::SignedIn {
            username: session.username.as_str().to_owned(),
            name: session.name.clone(),
            business: session.channels.first().and_then(|channel| {
                channel.display_name.clone().or_else(|| channel.phone_number.as_deref().map(number::grouped))
            }),
        },
    }
}

fn truth(phone: &Phone, on_call: bool) -> Truth {
    match (phone.presence, phone.link) {
        (_, Link::Up { .. } | Link::Opening { tries: 0, .. }) if on_call => Truth::OnCall,
        (Presence::Changing { .. }, Link::Up { .. }) => Truth::Changing,
        (Presence::Is(false) | Presence::Unknown, Link::Up { .. }) => Truth::Away,
        (Presence::Is(true), Link::Up { .. }) if phone.sound == Sound::Blocked => Truth::SoundBlocked,
        (Presence::Is(true), Link::Up { .. }) => Truth::Reachable,
        (_, Link::Opening { tries: 0, .. }) => Truth::Changing,
        (_, Link::Down | Link::Opening { .. } | Link::Waiting { .. }) => Truth::Unreachable,
    }
}

fn banners(phone: &Phone, on_call: bool) -> Vec<Banner> {
    let mut banners = Vec::new();
    match phone.link {
        Link::Waiting { .. } | Link::Opening { tries: 1.., .. } => banners.push(Banner::Offline { on_call }),
        Link::Down | Link::Up { .. } | Link::Opening { tries: 0, .. } => {}
    }
    if phone.session.is_signed_in() && phone.sound == Sound::Blocked {
        banners.push(Banner::SoundBlocked);
    }
    for (id, call) in phone.calls.iter() {
        if matches!(call.state, State::Elsewhere) {
            banners.push(Banner::CallElsewhere { call: id.clone(), who: who(&call.party) });
        }
    }
    banners
}

fn dialler(phone: &Phone) -> DiallerView {
    let reading = number::read(&phone.dialler);
    DiallerView {
        text: phone.dialler.clone(),
        country: reading.country,
        problem: reading.clear_fault(&phone.dialler),
        can_call: reading.number.is_ok() && phone.session.is_signed_in() && !phone.is_busy(),
    }
}

fn incoming(phone: &Phone) -> Vec<IncomingCard> {
    let busy = phone.is_busy();
    let mut cards: Vec<IncomingCard> = Vec::new();
    for (id, call) in phone.calls.iter() {
        let (ring, accept) = match &call.state {
            State::Ringing(ring) if busy => (ring, AcceptView::OnACall),
            State::Ringing(ring) => (ring, AcceptView::Ready),
            State::Answering(ring) => (ring, AcceptView::Opening),
            State::Accepting(_)
            | State::Preparing(_)
            | State::Dialing(_)
            | State::Live(_)
            | State::Elsewhere
            | State::Ending { .. }
            | State::Ended(_) => continue,
        };
        let card = IncomingCard {
            call: id.clone(),
            who: who(&call.party),
            country: country(call),
            since: call.since,
            expires: ring.expires,
            accept,
        };
        let place = cards.iter().position(|other| other.since > card.since).unwrap_or(cards.len());
        cards.insert(place, card);
    }
    cards
}

fn call_card(id: &CallId, call: &Call) -> Option<CallCard> {
    let (status, talking_since, voice) = match &call.state {
        State::Preparing(_) => (Status::Calling, None, Voice::Open),
        State::Dialing(dialing) => {
            let status = match dialing.progress {
                Progress::Asked | Progress::Initiated => Status::Calling,
                Progress::Ringing => Status::Ringing,
            };
            (status, None, Voice::Open)
        }
        State::Accepting(_) => (Status::Connecting, None, Voice::Open),
        State::Live(Live { path, since, voice }) => {
            let status = match path.transport {
                Transport::New => Status::Connecting,
                Transport::Connected => Status::Connected,
                Transport::Disconnected { .. } | Transport::Closed { .. } => Status::Reconnecting,
            };
            (status, Some(*since), *voice)
        }
        State::Ringing(_)
        | State::Answering(_)
        | State::Elsewhere
        | State::Ending { .. }
        | State::Ended(_) => return None,
    };
    Some(CallCard {
        call: id.clone(),
        direction: call.direction,
        who: who(&call.party),
        country: country(call),
        status,
        talking_since,
        voice,
    })
}

fn ended(phone: &Phone) -> Option<EndedCard> {
    let shown = phone.calls.iter().filter_map(|(id, call)| {
        let over = call.state.over().filter(|over| over.card == Card::Shown)?;
        Some((id, call, over))
    });
    let (id, call, over) = shown.max_by_key(|(_, _, over)| over.at)?;
    let taken = matches!(over.why, EndedWhy::AnsweredElsewhere { .. });
    Some(EndedCard {
        call: id.clone(),
        direction: call.direction,
        who: who(&call.party),
        why: over.why.clone(),
        talk_ms: over.talk,
        call_back: call.party.number.clone().filter(|_| !taken),
    })
}

fn country(call: &Call) -> Option<&'static str> {
    number::read(call.party.number.as_deref()?).country
}
