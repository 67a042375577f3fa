//! Who is signed in.

use wire::{Problem, ProblemKind, Session, UnixMillis};

use crate::call::State;
use crate::effect::Effect;
use crate::link;
use crate::logbook;
use crate::phone::{Applied, Ignored, Phone};
use crate::presence::Presence;
use crate::recents::Recents;
use crate::secret::Secret;
use crate::tabs;
use crate::view::{Fault, SignInNotice};

/// First wait before asking again who is signed in, in milliseconds; doubled each time.
const FIRST_WAIT_MS: u64 = 500;

/// Longest such wait, in milliseconds.
const LONGEST_WAIT_MS: u64 = 8_000;

/// Who is signed in.
#[derive(Debug)]
pub(crate) enum SessionState {
    /// The relay was asked.
    Checking {
        /// Why it was asked more than once.
        problem: Option<Problem>,
        /// When it will be asked again; none while an answer is awaited.
        again: Option<UnixMillis>,
        /// The wait before that, in milliseconds.
        wait: u64,
    },
    /// Nobody.
    SignedOut(Option<SignInNotice>),
    /// A name and a password were sent.
    SigningIn,
    /// Somebody.
    SignedIn(Session),
}

impl Default for SessionState {
    fn default() -> Self {
        Self::Checking { problem: None, again: None, wait: FIRST_WAIT_MS }
    }
}

impl SessionState {
    pub(crate) fn is_signed_in(&self) -> bool {
        matches!(self, Self::SignedIn(_))
    }

    pub(crate) fn signed_in(&self) -> Option<&Session> {
        match self {
            Self::SignedIn(session) => Some(session),
            Self::Checking { .. } | Self::SignedOut(_) | Self::SigningIn => None,
        }
    }
}

/// The agent sent the sign-in form.
pub(crate) fn sign_in(
    phone: &mut Phone,
    username: String,
    password: Secret,
    out: &mut Vec<Effect>,
) -> Applied {
    match phone.session {
        SessionState::SignedOut(_) => {
            phone.session = SessionState::SigningIn;
            out.push(Effect::SignIn { username, password });
            Ok(())
        }
        SessionState::Checking { .. } => Err(Ignored::because("it is not known yet who is signed in")),
        SessionState::SigningIn => Err(Ignored::because("a sign-in is on its way")),
        SessionState::SignedIn(_) => Err(Ignored::because("somebody is signed in")),
    }
}

/// The agent wants to leave.
pub(crate) fn sign_out(phone: &mut Phone, out: &mut Vec<Effect>) -> Applied {
    if !phone.session.is_signed_in() {
        return Err(Ignored::because("nobody is signed in"));
    }
    if phone.is_busy() {
        phone.fault(Fault::OnACall);
        return Ok(());
    }
    leave(phone, None);
    // The next person at this machine need not see whom this one called.
    phone.recents = Recents::default();
    out.push(Effect::StoreRecents(Recents::default()));
    phone.dialler.clear();
    phone.faults.clear();
    out.push(Effect::SignOut);
    Ok(())
}

/// The relay says that the session is over. A live call is not touched.
pub(crate) fn expire(phone: &mut Phone) {
    if phone.session.is_signed_in() {
        leave(phone, Some(SignInNotice::Expired));
    }
}

fn leave(phone: &mut Phone, notice: Option<SignInNotice>) {
    phone.session = SessionState::SignedOut(notice);
    logbook::clear(phone);
    let_go(phone);
}

/// Lets go of what is the relay's: the socket, and the calls that are not made or
/// answered here.
pub(crate) fn let_go(phone: &mut Phone) {
    phone.presence = Presence::Unknown;
    phone.wrap_up = None;
    link::drop_down(phone);
    phone.calls.retain(|_, call| match call.state {
        State::Ringing(_) | State::Answering(_) | State::Elsewhere => false,
        State::Preparing(_)
        | State::Accepting(_)
        | State::Dialing(_)
        | State::Live(_)
        | State::Ending { .. }
        | State::Ended(_) => true,
    });
}

/// The relay said who is signed in.
pub(crate) fn checked(
    phone: &mut Phone,
    now: UnixMillis,
    result: Result<Session, Problem>,
    out: &mut Vec<Effect>,
) -> Applied {
    match (&mut phone.session, result) {
        (SessionState::Checking { .. }, Ok(session)) => enter(phone, now, session, out),
        (SessionState::Checking { .. }, Err(problem)) if problem.kind == ProblemKind::SignedOut => {
            phone.session = SessionState::SignedOut(None);
        }
        (SessionState::Checking { problem, again, wait }, Err(why)) => {
            *problem = Some(why);
            *again = Some(now + *wait);
            *wait = (*wait * 2).min(LONGEST_WAIT_MS);
        }
        (SessionState::SignedIn(known), Ok(session)) => *known = session,
        (SessionState::SignedIn(_), Err(problem)) if problem.kind == ProblemKind::SignedOut => expire(phone),
        (SessionState::SignedIn(_), Err(_)) => return Err(Ignored::because("the relay could not say")),
        (SessionState::SignedOut(_) | SessionState::SigningIn, _) => {
            return Err(Ignored::because("nobody is signed in any more"));
        }
    }
    Ok(())
}

/// The relay answered a sign-in.
pub(crate) fn sign_in_replied(
    phone: &mut Phone,
    now: UnixMillis,
    result: Result<Session, Problem>,
    out: &mut Vec<Effect>,
) -> Applied {
    match phone.session {
        SessionState::SigningIn => {
            match result {
                Ok(session) => enter(phone, now, session, out),
                Err(problem) => phone.session = SessionState::SignedOut(Some(SignInNotice::Failed(problem))),
            }
            Ok(())
        }
        SessionState::Checking { .. } | SessionState::SignedOut(_) | SessionState::SignedIn(_) => {
            Err(Ignored::because("no sign-in is on its way"))
        }
    }
}

/// The relay answered a sign-out.
pub(crate) fn sign_out_replied(phone: &mut Phone, result: Result<(), Problem>) -> Applied {
    match (&mut phone.session, result) {
        (SessionState::SignedOut(notice), Err(problem)) => {
            *notice = Some(SignInNotice::Failed(problem));
            Ok(())
        }
        (_, Ok(())) => Ok(()),
        (SessionState::Checking { .. } | SessionState::SigningIn | SessionState::SignedIn(_), Err(_)) => {
            Err(Ignored::because("nobody waits for it any more"))
        }
    }
}

/// Asks again who is signed in, if that is awaited.
pub(crate) fn hurry(phone: &mut Phone, out: &mut Vec<Effect>) {
    if let SessionState::Checking { again: again @ Some(_), .. } = &mut phone.session {
        *again = None;
        out.push(Effect::CheckSession);
    }
}

fn enter(phone: &mut Phone, now: UnixMillis, session: Session, out: &mut Vec<Effect>) {
    phone.session = SessionState::SignedIn(session);
    tabs::signed_in(phone, now, out);
    out.push(Effect::WarmUp);
    logbook::fetch(phone, out);
}
