//! The task of one handset: its socket, its clock and its commands, around a
//! [`Peer`] that does no I/O.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};

use super::ear::Ear;
use super::path::{MediaPath, Way};
use super::peer::{Peer, PeerEvent, Step};
use super::{Command, HandsetError};

/// Room for one datagram; nothing on the media path is longer than an Ethernet
/// frame.
const DATAGRAM: usize = 2_000;

/// The engine is asked at least this often, whatever it says, so that the
/// media rules are looked at.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// An orderly end gets this long to send its goodbyes.
const CLOSE_TIME: Duration = Duration::from_millis(500);

/// How long a call lives without media from the business (138021, 138022).
#[derive(Debug, Clone, Copy)]
pub(crate) struct MediaRules {
    /// Until the first packet, from the pick-up on.
    pub(crate) first: Duration,
    /// Between packets later on.
    pub(crate) gap: Duration,
}

/// What a line tells the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEvent {
    /// ICE and DTLS are up.
    Connected,
    /// Media came before an inbound call was accepted.
    EarlyMedia,
    /// The business's ICE checks stopped: its page or network is gone.
    Lost,
    /// No media came at the start of the call.
    NoMediaAtStart,
    /// Media stopped coming.
    NoMediaLater,
    /// The handset's own engine failed.
    Failed,
}

pub(super) struct Line {
    pub(super) key: String,
    pub(super) peer: Peer,
    pub(super) socket: UdpSocket,
    pub(super) ear: Arc<Mutex<Ear>>,
    pub(super) rules: MediaRules,
    pub(super) path: MediaPath,
    pub(super) inbox: mpsc::Receiver<Command>,
    pub(super) events: mpsc::Sender<(String, LineEvent)>,
}

impl Line {
    /// Runs until the call hangs up.
    pub(super) async fn run(mut self) {
        if let Err(error) = self.talk().await {
            tracing::warn!(call = self.key, %error, "handset failed");
            self.tell(LineEvent::Failed).await;
        }
        // However it ended, the other side gets its goodbye, briefly.
        match timeout(CLOSE_TIME, self.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(call = self.key, %error, "handset closed untidily"),
            Err(_) => tracing::debug!(call = self.key, "handset took too long to close"),
        }
    }

    async fn talk(&mut self) -> Result<(), HandsetError> {
        let mut buffer = [0; DATAGRAM];
        let mut picked_up: Option<Instant> = None;
        let mut complained = false;
        let mut noticed = false;
        loop {
            let wake = self.drain().await?;
            let wake = wake.min(Instant::now() + LONGEST_WAIT);
            let wake = self.path.next().map_or(wake, |due| due.min(wake));
            tokio::select! {
                command = self.inbox.recv() => match command {
                    Some(Command::Answer(sdp)) => self.peer.answered(&sdp)?,
                    Some(Command::PickUp) => {
                        let now = Instant::now();
                        picked_up.get_or_insert(now);
                        self.peer.picked_up(now);
                    }
                    Some(Command::Disturb(chaos)) => self.path.disturb(chaos),
                    Some(Command::Move) => self.socket = super::open(self.ip()?).await?.0,
                    Some(Command::HangUp) | None => return Ok(()),
                },
                received = self.socket.recv_from(&mut buffer) => match received {
                    Ok((length, source)) => {
                        let (now, datagram) = (Instant::now(), &buffer[..length]);
                        if self.path.passes(now, Way::In, source, datagram) {
                            self.peer.receive(now, source, datagram)?;
                        }
                    }
                    // An ICMP answer to an earlier datagram; the media rules
                    // notice when the other side really is gone.
                    Err(error) => tracing::debug!(call = self.key, %error, "receive failed"),
                },
                () = sleep_until(wake.into()) => self.peer.timeout(Instant::now())?,
            }
            self.catch_up().await?;
            if !noticed && picked_up.is_none() && self.lock().has_early_media() {
                noticed = true;
                self.tell(LineEvent::EarlyMedia).await;
            }
            if let (Some(since), false) = (picked_up, complained)
                && let Some(event) = self.breach(since)
            {
                complained = true;
                self.tell(event).await;
            }
        }
    }

    /// Lets the peer say everything; gives the time at which it wants to be
    /// asked again.
    async fn drain(&mut self) -> Result<Instant, HandsetError> {
        loop {
            match self.peer.step()? {
                Step::Wait(at) => return Ok(at),
                Step::Send(datagram) => {
                    if self.path.passes(Instant::now(), Way::Out, datagram.destination, &datagram.contents) {
                        self.send(&datagram.contents, datagram.destination).await;
                    }
                }
                Step::Tell(PeerEvent::Connected) => self.tell(LineEvent::Connected).await,
                Step::Tell(PeerEvent::Disconnected) => self.tell(LineEvent::Lost).await,
                // WhatsApp does not take a closed connection for a hang-up:
                // without a terminate the media rules end the call.
                Step::Tell(PeerEvent::Closed) => {
                    tracing::debug!(call = self.key, "the business closed its connection");
                }
            }
        }
    }

    /// Lets through what was late until now.
    async fn catch_up(&mut self) -> Result<(), HandsetError> {
        let now = Instant::now();
        while let Some(held) = self.path.due(now) {
            match held.way {
                Way::In => self.peer.receive(now, held.other, &held.datagram)?,
                Way::Out => self.send(&held.datagram, held.other).await,
            }
        }
        Ok(())
    }

    async fn send(&self, datagram: &[u8], to: SocketAddr) {
        if let Err(error) = self.socket.send_to(datagram, to).await {
            // Lost on the way, as far as the protocols above care.
            tracing::debug!(call = self.key, %error, "send failed");
        }
    }

    fn ip(&self) -> Result<IpAddr, HandsetError> {
        let address = self.socket.local_addr();
        address.map(|address| address.ip()).map_err(|error| HandsetError::Engine(error.to_string()))
    }

    /// Whether a media rule is broken.
    fn breach(&self, picked_up: Instant) -> Option<LineEvent> {
        let last = self.lock().last_media();
        let now = Instant::now();
        match last {
            None => (now.saturating_duration_since(picked_up) >= self.rules.first)
                .then_some(LineEvent::NoMediaAtStart),
            Some(last) => (now.saturating_duration_since(last.max(picked_up)) >= self.rules.gap)
                .then_some(LineEvent::NoMediaLater),
        }
    }

    async fn close(&mut self) -> Result<(), HandsetError> {
        self.peer.close()?;
        let mut buffer = [0; DATAGRAM];
        while self.peer.is_alive() {
            let wake = self.drain().await?;
            if !self.peer.is_alive() {
                break;
            }
            tokio::select! {
                received = self.socket.recv_from(&mut buffer) => {
                    if let Ok((length, source)) = received {
                        self.peer.receive(Instant::now(), source, &buffer[..length])?;
                    }
                }
                () = sleep_until(wake.into()) => self.peer.timeout(Instant::now())?,
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Ear> {
        self.ear.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn tell(&self, event: LineEvent) {
        if self.events.send((self.key.clone(), event)).await.is_err() {
            tracing::debug!(call = self.key, ?event, "nobody listens to the line any more");
        }
    }
}
