//! The state as the page shows it.

use std::sync::Arc;

use wire::{CallId, Role};

use crate::call::{Call, Card, Live, Progress, State, Transport, who};
use crate::countries::Country;
use crate::event::Sound;
use crate::link::Link;
use crate::list::List as _;
use crate::number;
use crate::phone::Phone;
use crate::presence::Presence;
use crate::session::SessionState;
use crate::tabs;
use crate::view::{
    AcceptView, Banner, CallCard, DiallerView, EndedCard, EndedWhy, IncomingCard, LineView, LinkView,
    PresenceView, SessionView, Status, TabView, Truth, View,
};

/// What the page shows.
pub fn view(phone: &Phone) -> View {
    let active = phone.front.call().and_then(|id| call_card(phone, id, phone.calls.get(id)?));
    let others = phone.calls.iter().filter(|(id, _)| phone.front.call() != Some(*id));
    let held: Vec<CallCard> = others.filter_map(|(id, call)| call_card(phone, id, call)).list();
    let on_call = active.is_some() || !held.is_empty();
    let mut view = View {
        route: phone.route,
        session: session(&phone.session),
        presence: PresenceView { available: phone.presence.switch(), truth: truth(phone, on_call) },
        link: match phone.link {
            Link::Down => LinkView::Down,
            Link::Opening { .. } => LinkView::Opening,
            Link::Up { .. } => LinkView::Up,
            Link::Waiting { until, .. } => LinkView::Waiting { until },
        },
        banners: banners(phone, on_call),
        faults: phone.faults.clone(),
        dialler: dialler(phone),
        incoming: incoming(phone),
        active,
        held,
        ended: ended(phone),
        recents: phone.recents.list(),
        log: phone.log.view(),
        settings: phone.settings,
        language: phone.languages.shown,
        links: phone.links,
        tab: TabView::Phone,
        notices: phone.noticed.permission,
        keys: phone.noticed.keys,
        devices: Arc::clone(&phone.devices),
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
            supervises: session.role == Role::Supervisor,
        },
    }
}

fn truth(phone: &Phone, on_call: bool) -> Truth {
    match (phone.presence, phone.link) {
        (_, Link::Up { .. } | Link::Opening { tries: 0, .. }) if on_call => Truth::OnCall,
        (Presence::Changing { .. }, Link::Up { .. }) => Truth::Changing,
        (Presence::Is(false) | Presence::Unknown, Link::Up { .. }) => Truth::Away,
        (Presence::Is(true), Link::Up { .. }) if phone.wrap_up.is_some() => Truth::WrapUp,
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
        can_call: reading.number.is_ok() && phone.session.is_signed_in() && !phone.is_talking(),
        linked: phone.linked,
    }
}

fn incoming(phone: &Phone) -> Vec<IncomingCard> {
    let talking = phone.is_talking();
    let mut cards: Vec<IncomingCard> = Vec::new();
    for (id, call) in phone.calls.iter() {
        let (ring, accept) = match &call.state {
            State::Ringing(ring) if talking => (ring, AcceptView::Holds),
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

fn call_card(phone: &Phone, id: &CallId, call: &Call) -> Option<CallCard> {
    let mut line = LineView::Open;
    let (status, talking_since, (voice, keys)) = match &call.state {
        State::Preparing(_) => (Status::Calling, None, Default::default()),
        State::Dialing(dialing) => {
            let status = match dialing.progress {
                Progress::Asked | Progress::Initiated => Status::Calling,
                Progress::Ringing => Status::Ringing,
            };
            (status, None, Default::default())
        }
        State::Accepting(_) => (Status::Connecting, None, Default::default()),
        State::Live(Live { path, since, voice, keys }) => {
            if !phone.front.talks_with(id) {
                line = LineView::Held;
            }
            let status = match path.transport {
                Transport::New | Transport::Connected if line == LineView::Held => Status::OnHold,
                Transport::New => Status::Connecting,
                Transport::Connected => Status::Connected,
                Transport::Disconnected { .. } | Transport::Closed { .. } => Status::Reconnecting,
            };
            (status, Some(*since), (*voice, *keys))
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
        line,
        keys,
        quality: call
            .state
            .path()
            .and_then(|path| phone.lines.get(&path.peer))
            .map(|line| line.view())
            .unwrap_or_default(),
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

fn country(call: &Call) -> Option<Country> {
    number::read(call.party.number.as_deref()?).country
}
