//! Which sockets are open, for whom, and how to end them.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::oneshot;
use vobiz::Uuid;
use wire::{AgentName, UnixMillis};

/// Most sockets of one agent: as many tabs as somebody could mean to have open. The
/// oldest is closed for a new one, since it is more likely to be a dead network's.
const MAX_PER_AGENT: usize = 8;

/// Why a socket is closed from this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    /// The agent signed out, in this tab or another.
    SignedOut,
    /// The agent opened too many.
    TooMany,
}

/// All open sockets.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    seats: Mutex<HashMap<AgentName, VecDeque<Taken>>>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Taken {
    number: u64,
    session: Uuid,
    since: UnixMillis,
    close: oneshot::Sender<Closing>,
}

/// The place of one open socket; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    sockets: Arc<Sockets>,
    agent: AgentName,
    number: u64,
    pub(super) closing: oneshot::Receiver<Closing>,
}

impl Sockets {
    /// Takes a place for a socket of a session that began then.
    pub(super) fn take(self: &Arc<Self>, agent: AgentName, session: Uuid, since: UnixMillis) -> Seat {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (close, closing) = oneshot::channel();
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let row = seats.entry(agent.clone()).or_default();
        if row.len() >= MAX_PER_AGENT
            && let Some(oldest) = row.pop_front()
        {
            // It may be closing by itself.
            let _ = oldest.close.send(Closing::TooMany);
        }
        row.push_back(Taken { number, session, since, close });
        Seat { sockets: self.clone(), agent, number, closing }
    }

    /// Whether a session has an open socket.
    pub(crate) fn has(&self, session: &Uuid) -> bool {
        let seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats.values().flatten().any(|taken| taken.session == *session)
    }

    /// Closes all sockets of a session.
    pub(crate) fn sign_out(&self, session: Uuid) {
        self.sign_out_where(|_, id, _| id == session);
    }

    /// Closes the sockets of the sessions that are over: told are whose each is, its name
    /// and when it began.
    pub(crate) fn sign_out_where(&self, is_over: impl Fn(&AgentName, Uuid, UnixMillis) -> bool) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        for (agent, row) in seats.iter_mut() {
            let (gone, kept): (VecDeque<Taken>, _) =
                row.drain(..).partition(|taken| is_over(agent, taken.session, taken.since));
            *row = kept;
            for taken in gone {
                let _ = taken.close.send(Closing::SignedOut);
            }
        }
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).values().map(VecDeque::len).sum()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.sockets.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = seats.get_mut(&self.agent) {
            row.retain(|taken| taken.number != self.number);
            if row.is_empty() {
                seats.remove(&self.agent);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vobiz::Uuid;

    use super::{Closing, MAX_PER_AGENT, Sockets};

    #[test]
    fn the_oldest_makes_room() {
        let sockets = Arc::new(Sockets::default());
        let session = Uuid::from_u128(1);
        let mut seats: Vec<_> =
            (0..=MAX_PER_AGENT).map(|_| sockets.take("asha".into(), session, 0)).collect();
        assert_eq!(sockets.count(), MAX_PER_AGENT);
        assert_eq!(seats[0].closing.try_recv(), Ok(Closing::TooMany));
        assert!(seats[1].closing.try_recv().is_err());
        drop(seats);
        assert_eq!(sockets.count(), 0);
        assert!(!sockets.has(&session));
    }

    #[test]
    fn signing_out_closes_only_that_session() {
        let sockets = Arc::new(Sockets::default());
        let mut here = sockets.take("asha".into(), Uuid::from_u128(1), 0);
        let mut there = sockets.take("asha".into(), Uuid::from_u128(2), 0);
        sockets.sign_out(Uuid::from_u128(1));
        assert_eq!(here.closing.try_recv(), Ok(Closing::SignedOut));
        assert!(there.closing.try_recv().is_err());
        assert_eq!(sockets.count(), 1);
    }
}
