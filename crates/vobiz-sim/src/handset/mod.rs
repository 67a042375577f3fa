//! A person's handset: a real WebRTC peer in a task of its own.

mod analyzer;
mod dtmf;
mod ear;
mod line;
mod path;
mod peer;
mod sdp;
mod sound;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use thiserror::Error;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

pub(crate) use ear::Hearing;
pub(crate) use line::{LineEvent, MediaRules};
pub(crate) use sdp::SdpFault;
pub(crate) use sound::Voice;

use crate::settings::{AnswerSetup, MediaChaos};
use crate::tasks::Tasks;
use ear::Ear;
use line::Line;
use path::MediaPath;
use peer::Peer;

/// Commands that may wait for a handset; somebody who drags a slider sends a few
/// in a moment.
const COMMAND_QUEUE: usize = 64;

/// Why a handset could not be made or used.
#[derive(Debug, Error)]
pub(crate) enum HandsetError {
    /// The business's description was refused.
    #[error("{0}")]
    Sdp(#[from] SdpFault),
    /// No socket could be had.
    #[error("no UDP socket on {address}: {source}")]
    Socket { address: IpAddr, source: std::io::Error },
    /// The media engine failed.
    #[error("media engine: {0}")]
    Engine(String),
    /// The Opus codec failed.
    #[error("Opus codec: {0}")]
    Codec(String),
}

/// What a call tells its handset.
#[derive(Debug)]
enum Command {
    /// The business's answer, already checked.
    Answer(String),
    /// The call is picked up.
    PickUp,
    /// Its datagrams are disturbed from here on.
    Disturb(MediaChaos),
    /// The handset has another address from here on, without a word.
    Move,
    /// The call is over.
    HangUp,
}

/// Checks the business's offer of an outbound call.
pub(crate) fn check_offer(offer: &str) -> Result<(), SdpFault> {
    sdp::check(offer, sdp::Role::Offer).map(drop)
}

/// Checks the business's answer to an inbound call.
pub(crate) fn check_answer(answer: &str) -> Result<(), SdpFault> {
    let checked = sdp::check(answer, sdp::Role::Answer)?;
    if checked.mid != sdp::META_MID {
        return Err(SdpFault::Mid { expected: sdp::META_MID.into(), found: checked.mid });
    }
    Ok(())
}

/// A handset whose socket is open and whose description is known, before it
/// belongs to a call.
pub(crate) struct Prepared {
    peer: Peer,
    socket: UdpSocket,
    address: SocketAddr,
    ear: Arc<Mutex<Ear>>,
    /// The offer or answer for the business.
    pub(crate) sdp: String,
}

impl Prepared {
    /// A handset that calls the business.
    pub(crate) async fn caller(ip: IpAddr, voice: Voice) -> Result<Self, HandsetError> {
        let (socket, address) = open(ip).await?;
        let ear = Arc::new(Mutex::new(Ear::new(true)));
        let (peer, sdp) = Peer::caller(Instant::now(), address, voice, Arc::clone(&ear))?;
        Ok(Self { peer, socket, address, ear, sdp })
    }

    /// A handset that the business calls with this offer.
    pub(crate) async fn callee(
        ip: IpAddr,
        voice: Voice,
        offer: &str,
        setup: AnswerSetup,
    ) -> Result<Self, HandsetError> {
        let checked = sdp::check(offer, sdp::Role::Offer)?;
        let (socket, address) = open(ip).await?;
        let ear = Arc::new(Mutex::new(Ear::new(false)));
        let (peer, sdp) =
            Peer::callee(Instant::now(), address, voice, Arc::clone(&ear), (offer, &checked.mid), setup)?;
        Ok(Self { peer, socket, address, ear, sdp })
    }

    /// Lets the handset live: `events` hears of what happens on the line, each
    /// event with the call's `key`.
    pub(crate) fn start(
        self,
        tasks: &Tasks,
        key: &str,
        (rules, chaos): (MediaRules, MediaChaos),
        events: mpsc::Sender<(String, LineEvent)>,
    ) -> Handset {
        let (commands, inbox) = mpsc::channel(COMMAND_QUEUE);
        let line = Line {
            key: key.to_owned(),
            peer: self.peer,
            socket: self.socket,
            ear: Arc::clone(&self.ear),
            rules,
            path: MediaPath::new(chaos),
            inbox,
            events,
        };
        tracing::debug!(call = key, address = %self.address, "handset listens");
        tasks.spawn(line.run());
        Handset { commands, ear: self.ear, chaos: Arc::new(Mutex::new(chaos)) }
    }
}

/// The call's hold on its handset. Dropping it hangs up.
#[derive(Clone)]
pub(crate) struct Handset {
    commands: mpsc::Sender<Command>,
    ear: Arc<Mutex<Ear>>,
    chaos: Arc<Mutex<MediaChaos>>,
}

impl Handset {
    /// Gives the handset the business's answer.
    pub(crate) fn answer(&self, sdp: &str) {
        self.tell(Command::Answer(sdp.to_owned()));
    }

    /// Lets sound flow.
    pub(crate) fn pick_up(&self) {
        self.tell(Command::PickUp);
    }

    /// Disturbs what goes to and fro.
    pub(crate) fn disturb(&self, chaos: MediaChaos) {
        *self.chaos.lock().unwrap_or_else(PoisonError::into_inner) = chaos;
        self.tell(Command::Disturb(chaos));
    }

    /// Changes the handset's address: what still goes to the old one is lost.
    pub(crate) fn change_address(&self) {
        self.tell(Command::Move);
    }

    /// What happens to the call's datagrams.
    pub(crate) fn chaos(&self) -> MediaChaos {
        *self.chaos.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the connection.
    pub(crate) fn hang_up(&self) {
        self.tell(Command::HangUp);
    }

    /// What the handset hears now.
    pub(crate) fn hearing(&self) -> Hearing {
        self.ear.lock().unwrap_or_else(PoisonError::into_inner).report(Instant::now())
    }

    fn tell(&self, command: Command) {
        // A line that has ended needs no more commands; a full queue can't
        // happen with the few commands of a call.
        if let Err(error) = self.commands.try_send(command) {
            tracing::debug!(%error, "handset took no command");
        }
    }
}

async fn open(ip: IpAddr) -> Result<(UdpSocket, SocketAddr), HandsetError> {
    let fault = |source| HandsetError::Socket { address: ip, source };
    let socket = UdpSocket::bind((ip, 0)).await.map_err(fault)?;
    let address = socket.local_addr().map_err(fault)?;
    Ok((socket, address))
}
