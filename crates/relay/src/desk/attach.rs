//! A socket's place at the desk.

use tokio::sync::{mpsc, oneshot};
use wire::{AgentName, Downlink};

use super::request::Request;

/// Most frames that wait for one socket. A call makes about ten; a socket that is this
/// far behind is let go, and its page comes back and resumes.
pub(super) const LIVE_QUEUE: usize = 256;

/// The number of a socket at this desk.
pub(super) type SocketId = u64;

/// Where a page left off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resume {
    /// The numbering that `after` belongs to: [`Desk::epoch`](super::Desk::epoch) of
    /// then. Without one it is read from `after` itself.
    pub epoch: Option<String>,
    /// The last position that the page saw.
    pub after: u64,
}

/// A socket's place at the desk. Dropping it gives the place back.
#[derive(Debug)]
pub struct Attachment {
    /// What the page has to be sent first: a snapshot, or that it is resumed and what
    /// it missed.
    pub first: Vec<Downlink>,
    /// What happens from then on. Ends when the socket fell too far behind, or the desk
    /// ended: the page should come back.
    pub live: mpsc::Receiver<Downlink>,
    pub(super) guard: Guard,
}

impl Attachment {
    /// Gives the place back because the session has run out: that is no sign that the
    /// agent has gone, and a call goes on.
    pub fn excuse(self) {
        // A desk that has ended needs no telling.
        let _ = self.guard.dropped.send(());
    }
}

/// Tells the desk by being dropped.
#[derive(Debug)]
pub(super) struct Guard {
    dropped: oneshot::Sender<()>,
}

impl Guard {
    /// A guard whose drop is told to the desk, as long as there is one.
    pub(super) fn new(desk: mpsc::WeakSender<Request>, agent: AgentName, socket: SocketId) -> Self {
        let (sender, dropped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            // An error is what a mere drop looks like from here.
            let excused = dropped.await.is_ok();
            if let Some(desk) = desk.upgrade() {
                // A desk that has ended meanwhile needs no telling.
                let _ = desk.send(Request::Detach { agent, socket, excused }).await;
            }
        });
        Self { dropped: sender }
    }
}
