//! Sockets, and what they are sent.

use std::collections::{HashMap, VecDeque};

use tokio::sync::mpsc;
use wire::{AgentName, CallEvent, CallId, Downlink, UnixMillis};

use super::attach::{LIVE_QUEUE, Resume, SocketId};
use crate::journal::{MAX_FACTS, Position};

/// Most events that are kept for pages that come back: a busy minute of fifty agents.
/// Who was away for longer gets a snapshot.
const KEPT: usize = 4_096;

/// Bits of a sequence number that are left to positions and places: room for 68 thousand
/// million records.
const COUNTING_BITS: u32 = 40;

/// Bits that name the epoch. Together with the counting ones they make numbers that every
/// reader of JSON takes exactly (RFC 8259, section 6: 53 bits).
const EPOCH_BITS: u32 = 13;

/// How events of one journal are numbered.
///
/// A number grows with every fact, also within a record, so that a page that is cut off
/// between two of them loses neither. Its upper bits name the journal's epoch, so that a
/// page that comes back with a number of another journal is recognised by the number
/// alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbering {
    base: u64,
}

impl Numbering {
    /// The numbering of a journal's epoch.
    pub(super) fn of(epoch: &str) -> Self {
        let tag = fnv(epoch.as_bytes()) & ((1 << EPOCH_BITS) - 1);
        Self { base: tag << COUNTING_BITS }
    }

    /// The number of a fact's events: the fact stands at this place of the record at this
    /// position.
    pub(super) fn number(self, position: Position, place: usize) -> u64 {
        let places = MAX_FACTS as u64;
        let count = position.saturating_mul(places).saturating_add((place as u64).min(places - 1));
        self.base | (count & ((1 << COUNTING_BITS) - 1))
    }

    /// Whether a number is of this numbering.
    pub(super) fn made(self, number: u64) -> bool {
        number >> COUNTING_BITS == self.base >> COUNTING_BITS
    }
}

/// FNV-1a, 64 bits (draft-eastlake-fnv, section 2): short, and the same everywhere.
fn fnv(bytes: &[u8]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// An event that was sent, or would have been.
struct Kept {
    seq: u64,
    agent: AgentName,
    frame: Downlink,
}

/// All sockets, and the recent events.
#[derive(Default)]
pub(super) struct Push {
    sockets: HashMap<AgentName, Vec<(SocketId, mpsc::Sender<Downlink>)>>,
    next: SocketId,
    kept: VecDeque<Kept>,
    /// Events up to here are no longer kept.
    lost: u64,
}

impl Push {
    /// Events up to this number were told by others, and are not kept here.
    pub(super) fn begin_after(&mut self, seq: u64) {
        self.lost = seq;
    }

    /// A new socket. The first frames are up to the caller.
    pub(super) fn add(&mut self, agent: &AgentName) -> (SocketId, mpsc::Receiver<Downlink>) {
        let (sender, receiver) = mpsc::channel(LIVE_QUEUE);
        let id = self.next;
        self.next += 1;
        self.sockets.entry(agent.clone()).or_default().push((id, sender));
        (id, receiver)
    }

    /// A socket has gone.
    pub(super) fn remove(&mut self, agent: &AgentName, socket: SocketId) {
        if let Some(sockets) = self.sockets.get_mut(agent) {
            sockets.retain(|(id, _)| *id != socket);
            if sockets.is_empty() {
                self.sockets.remove(agent);
            }
        }
    }

    /// Whether the agent has a socket.
    pub(super) fn reaches(&self, agent: &AgentName) -> bool {
        self.sockets.contains_key(agent)
    }

    /// The agents who have a socket.
    pub(super) fn agents(&self) -> Vec<AgentName> {
        self.sockets.keys().cloned().collect()
    }

    /// Sends an event to all sockets of an agent and keeps it for those who come back.
    pub(super) fn event(
        &mut self,
        agent: AgentName,
        seq: u64,
        at: UnixMillis,
        call: CallId,
        event: CallEvent,
    ) {
        let frame = Downlink::Event { seq, at, call, event };
        self.send(&agent, &frame);
        if self.kept.len() >= KEPT
            && let Some(gone) = self.kept.pop_front()
        {
            self.lost = gone.seq;
        }
        self.kept.push_back(Kept { seq, agent, frame });
    }

    /// Sends a frame to all sockets of an agent. One that has no room for it is let go:
    /// it would miss something without knowing.
    pub(super) fn send(&mut self, agent: &AgentName, frame: &Downlink) {
        let Some(sockets) = self.sockets.get_mut(agent) else { return };
        sockets.retain(|(_, socket)| socket.try_send(frame.clone()).is_ok());
        if sockets.is_empty() {
            self.sockets.remove(agent);
        }
    }

    /// The events that a page of this agent missed; `None` when that can't be told.
    pub(super) fn missed(
        &self,
        agent: &AgentName,
        resume: &Resume,
        epoch: &str,
        numbering: Numbering,
        newest: u64,
    ) -> Option<Vec<Downlink>> {
        let same = resume.epoch.as_deref().is_none_or(|told| told == epoch) && numbering.made(resume.after);
        if !same || resume.after < self.lost || resume.after > newest {
            return None;
        }
        let missed = self.kept.iter().filter(|kept| kept.seq > resume.after && kept.agent == *agent);
        let missed: Vec<Downlink> = missed.map(|kept| kept.frame.clone()).collect();
        // More than a socket's queue holds is told faster by a snapshot.
        (missed.len() < LIVE_QUEUE).then_some(missed)
    }

    /// Lets all sockets go.
    pub(super) fn clear(&mut self) {
        self.sockets.clear();
    }
}
