//! Requests about calls: when they are due, and what their replies mean.

use wire::{CallId, Problem, ProblemKind, UnixMillis};

use super::end::{Parting, end, refused, said};
use super::events::{begin_answer, go_live, progress};
use super::{Accepting, Card, Dialing, Farewell, Post, Progress, State, actions, known};
use crate::effect::Effect;
use crate::logbook;
use crate::microphone::Microphone;
use crate::phone::{Applied, Ignored, Phone};
use crate::session;
use crate::timer::TimerId;
use crate::view::EndedWhy;

/// First wait before a request is repeated, in milliseconds; doubled each time.
const FIRST_WAIT_MS: u64 = 500;

/// Longest such wait, in milliseconds.
const LONGEST_WAIT_MS: u64 = 4_000;

/// Tries of an initiate. The relay makes one call for them all.
const INITIATE_TRIES: u32 = 3;

/// Tries of a terminate or reject. What is not said then is said after the next
/// snapshot, if the call still lives.
const FAREWELL_TRIES: u32 = 6;

/// Sends what has become possible: the microphone is open and the description made.
pub(crate) fn advance(phone: &mut Phone, now: UnixMillis, out: &mut Vec<Effect>) {
    if !matches!(phone.microphone, Microphone::Open(_)) {
        return;
    }
    let mut met = None;
    for (id, call) in phone.calls.iter_mut() {
        match &call.state {
            State::Answering(ring) => {
                let Some(path) = &ring.path else { continue };
                let Some(sdp) = path.own.clone() else { continue };
                out.push(Effect::PostAccept { call: id.clone(), sdp: sdp.clone() });
                met = Some(call.party.clone());
                call.state = State::Accepting(Accepting {
                    expires: ring.expires,
                    path: path.clone(),
                    sdp,
                    post: Post::Sent { tries: 1 },
                });
            }
            State::Preparing(preparing) => {
                let Some(sdp) = preparing.path.own.clone() else { continue };
                let to = preparing.to.clone();
                out.push(Effect::PostInitiate { call: id.clone(), to: to.clone(), sdp: sdp.clone() });
                met = Some(call.party.clone());
                call.since = now;
                call.state = State::Dialing(Dialing {
                    to,
                    path: preparing.path.clone(),
                    sdp,
                    post: Post::Sent { tries: 1 },
                    progress: Progress::Asked,
                });
            }
            State::Ringing(_)
            | State::Accepting(_)
            | State::Dialing(_)
            | State::Live(_)
            | State::Elsewhere
            | State::Ending { .. }
            | State::Ended(_) => {}
        }
    }
    if let Some(party) = met
        && let Some(number) = &party.number
    {
        phone.recents.add(number, party.name.as_deref());
        out.push(Effect::StoreRecents(phone.recents.clone()));
    }
}

/// What a refusal means for the one who asked.
enum Fate {
    /// The relay could not be reached, or could not do it now.
    Again,
    /// The session is over.
    SignedOut,
    /// Another agent has the call.
    Elsewhere,
    /// The call is over, or unknown.
    Over,
    /// Upstream did not say what became of it.
    InDoubt,
    /// No, for good.
    Refused,
}

fn fate(problem: &Problem) -> Fate {
    match problem.kind {
        ProblemKind::Offline | ProblemKind::Unavailable => Fate::Again,
        ProblemKind::SignedOut => Fate::SignedOut,
        ProblemKind::AnsweredElsewhere => Fate::Elsewhere,
        ProblemKind::NotFound | ProblemKind::CallState => Fate::Over,
        ProblemKind::UpstreamUnknown => Fate::InDoubt,
        ProblemKind::InvalidField
        | ProblemKind::TooLarge
        | ProblemKind::WrongCredentials
        | ProblemKind::ForeignOrigin
        | ProblemKind::TooManyRequests
        | ProblemKind::UpstreamRefused
        | ProblemKind::Unknown
        | _ => Fate::Refused,
    }
}

/// The relay answered an accept.
pub(crate) fn accept_replied(
    phone: &mut Phone,
    now: UnixMillis,
    id: &CallId,
    result: Result<(), Problem>,
    out: &mut Vec<Effect>,
) -> Applied {
    let call = known(&mut phone.calls, id)?;
    match (&mut call.state, result) {
        (State::Accepting(_), Ok(())) => {
            begin_answer(call, out)?;
            go_live(call, now, out)
        }
        (State::Accepting(accepting), Err(problem)) => {
            let tries = tries(accepting.post);
            match fate(&problem) {
                Fate::Again => accepting.post = again(tries, now),
                Fate::SignedOut => {
                    accepting.post = again(tries, now);
                    session::expire(phone);
                }
                Fate::Elsewhere => end(id, call, now, elsewhere(problem), Parting::Silent, out),
                Fate::Over => end(id, call, now, refused(problem), Parting::Silent, out),
                Fate::InDoubt | Fate::Refused => {
                    end(id, call, now, refused(problem), Parting::Say(Farewell::Terminate), out);
                }
            }
            Ok(())
        }
        // The socket was faster to say who has it; the reply knows since when.
        (State::Ended(over), Err(problem)) if matches!(over.why, EndedWhy::AnsweredElsewhere { .. }) => {
            if let (EndedWhy::AnsweredElsewhere { ms_ago, .. }, Some(ago)) = (&mut over.why, problem.ms_ago) {
                *ms_ago = Some(ago);
            }
            Ok(())
        }
        // The socket was faster.
        (State::Live(_), Ok(())) => Ok(()),
        (
            State::Ringing(_)
            | State::Answering(_)
            | State::Preparing(_)
            | State::Dialing(_)
            | State::Live(_)
            | State::Elsewhere
            | State::Ending { .. }
            | State::Ended(_),
            _,
        ) => Err(Ignored::because("no accept is awaited")),
    }
}

fn elsewhere(problem: Problem) -> EndedWhy {
    match problem.winner {
        Some(by) => EndedWhy::AnsweredElsewhere { by, ms_ago: problem.ms_ago },
        None => refused(problem),
    }
}

/// The relay answered an initiate.
pub(crate) fn initiate_replied(
    phone: &mut Phone,
    now: UnixMillis,
    id: &CallId,
    result: Result<(), Problem>,
    out: &mut Vec<Effect>,
) -> Applied {
    let Some(call) = phone.calls.get_mut(id) else {
        if result.is_ok() && phone.gone.contains(id) {
            // Given up before the relay had even taken it.
            out.push(Effect::PostTerminate(id.clone()));
        }
        return Err(Ignored::because("there is no such call"));
    };
    match (&mut call.state, result) {
        (State::Dialing(_), Ok(())) => progress(call, Progress::Initiated),
        (State::Dialing(dialing), Err(problem)) if dialing.progress == Progress::Asked => {
            let tries = tries(dialing.post);
            match fate(&problem) {
                Fate::Again if tries < INITIATE_TRIES => dialing.post = again(tries, now),
                Fate::Again | Fate::InDoubt => {
                    end(id, call, now, refused(problem), Parting::Say(Farewell::Terminate), out);
                }
                Fate::SignedOut => {
                    end(id, call, now, refused(problem), Parting::Silent, out);
                    session::expire(phone);
                }
                Fate::Elsewhere | Fate::Over | Fate::Refused => {
                    end(id, call, now, refused(problem), Parting::Silent, out);
                }
            }
            Ok(())
        }
        // It was hung up while the relay was still asking: it must not ring on.
        (State::Ending { over, .. } | State::Ended(over), Ok(())) if over.why == EndedWhy::Cancelled => {
            out.push(Effect::PostTerminate(id.clone()));
            Ok(())
        }
        (
            State::Ringing(_)
            | State::Answering(_)
            | State::Accepting(_)
            | State::Preparing(_)
            | State::Dialing(_)
            | State::Live(_)
            | State::Elsewhere
            | State::Ending { .. }
            | State::Ended(_),
            _,
        ) => Err(Ignored::because("the socket has told more already")),
    }
}

/// The relay answered a terminate or a reject.
pub(crate) fn farewell_replied(
    phone: &mut Phone,
    now: UnixMillis,
    id: &CallId,
    result: Result<(), Problem>,
) -> Applied {
    let call = known(&mut phone.calls, id)?;
    let State::Ending { post, over, .. } = &mut call.state else {
        return Err(Ignored::because("no farewell is awaited"));
    };
    let fate = result.err().map(|problem| fate(&problem));
    match fate {
        Some(Fate::Again | Fate::InDoubt) if tries(*post) < FAREWELL_TRIES => {
            *post = again(tries(*post), now);
        }
        Some(Fate::SignedOut) => {
            call.state = State::Ended(over.clone());
            session::expire(phone);
        }
        None | Some(Fate::Again | Fate::InDoubt | Fate::Elsewhere | Fate::Over | Fate::Refused) => {
            call.state = State::Ended(over.clone());
        }
    }
    Ok(())
}

/// One of a call's timers is due.
pub(crate) fn on_timer(
    phone: &mut Phone,
    now: UnixMillis,
    timer: &TimerId,
    out: &mut Vec<Effect>,
) -> Applied {
    let (id, why, parting) = match timer {
        TimerId::PointerRests(id) => return actions::rest(phone, id),
        TimerId::Retry(id) => return repeat(phone, id, out),
        TimerId::EndedCard(id) => {
            if let Some(State::Ending { over, .. } | State::Ended(over)) =
                phone.calls.get_mut(id).map(|call| &mut call.state)
            {
                over.card = Card::Hidden;
            }
            logbook::refresh(phone, out);
            return Ok(());
        }
        TimerId::RingOver(id) => {
            let unsaid = phone.calls.get(id).is_some_and(|call| matches!(call.state, State::Accepting(_)));
            match unsaid {
                true => (id, EndedWhy::WhileOffline, Parting::Say(Farewell::Terminate)),
                false => (id, EndedWhy::Missed, Parting::Silent),
            }
        }
        TimerId::DialOver(id) => (id, EndedWhy::Unanswered, Parting::Say(Farewell::Terminate)),
        TimerId::ConnectOver(id) => (id, EndedWhy::NoMedia, Parting::Say(Farewell::Terminate)),
        TimerId::RecoverOver(id) => (id, EndedWhy::ConnectionLost, Parting::Say(Farewell::Terminate)),
        TimerId::GoneOver(id) => (id, EndedWhy::FarEndHungUp, Parting::Say(Farewell::Terminate)),
        TimerId::WrapUpOver
        | TimerId::SpareOver
        | TimerId::CheckSession
        | TimerId::LinkOpening
        | TimerId::LinkSilent
        | TimerId::LinkRetry => {
            return Err(Ignored::because("not a call's timer"));
        }
    };
    let call = known(&mut phone.calls, id)?;
    end(id, call, now, why, parting, out);
    Ok(())
}

/// Sends again what got no answer.
fn repeat(phone: &mut Phone, id: &CallId, out: &mut Vec<Effect>) -> Applied {
    let call = known(&mut phone.calls, id)?;
    let (post, effect) = match &mut call.state {
        State::Accepting(accepting) => {
            let effect = Effect::PostAccept { call: id.clone(), sdp: accepting.sdp.clone() };
            (&mut accepting.post, effect)
        }
        State::Dialing(dialing) => {
            let Dialing { to, sdp, .. } = dialing;
            let effect = Effect::PostInitiate { call: id.clone(), to: to.clone(), sdp: sdp.clone() };
            (&mut dialing.post, effect)
        }
        State::Ending { farewell, post, .. } => (post, said(id, *farewell)),
        State::Ringing(_)
        | State::Answering(_)
        | State::Preparing(_)
        | State::Live(_)
        | State::Elsewhere
        | State::Ended(_) => return Err(Ignored::because("nothing is to be sent again")),
    };
    let Post::Due { tries, .. } = *post else {
        return Err(Ignored::because("nothing is to be sent again"));
    };
    *post = Post::Sent { tries: tries + 1 };
    out.push(effect);
    Ok(())
}

fn tries(post: Post) -> u32 {
    match post {
        Post::Sent { tries } | Post::Due { tries, .. } => tries,
        Post::Done => 0,
    }
}

fn again(tries: u32, now: UnixMillis) -> Post {
    let wait = FIRST_WAIT_MS.saturating_mul(1 << tries.saturating_sub(1).min(8)).min(LONGEST_WAIT_MS);
    Post::Due { tries, at: now + wait }
}
