//! The task of one peer connection: its socket, its clock and its orders.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};

use super::Speech;
use super::ear::Ear;
use super::peer::{Peer, Step};

/// Room for one datagram; nothing on the media path is longer than an Ethernet frame.
const DATAGRAM: usize = 2_000;
/// An orderly end gets this long to send its goodbyes.
const CLOSES_WITHIN: Duration = Duration::from_millis(300);
/// Orders that may wait: a call has fewer in its life.
const ORDERS: usize = 64;

/// What a page asks of its peer connection.
#[derive(Debug)]
enum Order {
    /// Set the local description: ICE begins.
    Connect,
    /// The far end's answer, with which ICE begins too.
    Answer(String),
    /// Attach the microphone's track.
    Speak,
    /// Take it away: only control packets flow.
    Hush,
    Mute(bool),
    Press(char),
    /// Whether datagrams come and go.
    Network(bool),
    /// Say goodbye and end.
    Close,
}

/// A peer connection. Dropping it takes it away without a goodbye, as a page that
/// crashes does.
#[derive(Debug)]
pub(super) struct Line {
    /// The description for the relay.
    pub(super) sdp: String,
    orders: mpsc::Sender<Order>,
    ear: Ear,
}

impl Line {
    /// A connection for a call to somebody.
    pub(super) async fn calling(ip: IpAddr, speech: Speech) -> Result<Self> {
        let socket = UdpSocket::bind((ip, 0)).await.context("no UDP socket")?;
        let ear = Ear::default();
        let (peer, sdp) = Peer::calling(socket.local_addr()?, speech, ear.clone())?;
        Ok(Self::start(peer, socket, ear, sdp))
    }

    /// A connection for a call from somebody.
    pub(super) async fn answering(ip: IpAddr, speech: Speech, offer: &str) -> Result<Self> {
        let socket = UdpSocket::bind((ip, 0)).await.context("no UDP socket")?;
        let ear = Ear::default();
        let (peer, sdp) = Peer::answering(socket.local_addr()?, speech, ear.clone(), offer)?;
        Ok(Self::start(peer, socket, ear, sdp))
    }

    fn start(peer: Peer, socket: UdpSocket, ear: Ear, sdp: String) -> Self {
        let (orders, inbox) = mpsc::channel(ORDERS);
        let work = Work { peer, socket, inbox, connecting: false, network: true };
        let told = ear.clone();
        tokio::spawn(async move {
            if let Err(error) = work.run().await {
                told.note(|heard| heard.broken = Some(format!("{error:#}")));
            }
        });
        Self { sdp, orders, ear }
    }

    pub(super) fn connect(&self) {
        self.order(Order::Connect);
    }

    pub(super) fn answered(&self, sdp: &str) {
        self.order(Order::Answer(sdp.to_owned()));
    }

    pub(super) fn speak(&self) {
        self.order(Order::Speak);
    }

    pub(super) fn hush(&self) {
        self.order(Order::Hush);
    }

    pub(super) fn mute(&self, muted: bool) {
        self.order(Order::Mute(muted));
    }

    pub(super) fn press(&self, key: char) {
        self.order(Order::Press(key));
    }

    pub(super) fn network(&self, there: bool) {
        self.order(Order::Network(there));
    }

    /// Closes the connection in good order.
    pub(super) fn close(self) {
        self.order(Order::Close);
    }

    /// For whoever listens.
    pub(super) fn ear(&self) -> Ear {
        self.ear.clone()
    }

    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
            self.ear.note(|heard| {
                heard.broken.get_or_insert("the connection takes no orders any more".to_owned());
            });
        }
    }
}

struct Work {
    peer: Peer,
    socket: UdpSocket,
    inbox: mpsc::Receiver<Order>,
    /// Whether ICE has begun.
    connecting: bool,
    network: bool,
}

impl Work {
    async fn run(mut self) -> Result<()> {
        let mut buffer = [0; DATAGRAM];
        loop {
            // Before it, not one packet may leave: the far end would not know us.
            let wake = if self.connecting { Some(self.drain().await?) } else { None };
            tokio::select! {
                order = self.inbox.recv() => match order {
                    Some(Order::Connect) => self.connecting = true,
                    Some(Order::Answer(sdp)) => {
                        self.peer.answered(&sdp)?;
                        self.connecting = true;
                    }
                    Some(Order::Speak) => self.peer.speak(Instant::now()),
                    Some(Order::Hush) => self.peer.hush(),
                    Some(Order::Mute(muted)) => self.peer.mute(muted),
                    Some(Order::Press(key)) => self.peer.press(key),
                    Some(Order::Network(there)) => self.network = there,
                    Some(Order::Close) => break,
                    None => return Ok(()),
                },
                received = self.socket.recv_from(&mut buffer) => {
                    // An error is an ICMP answer to an earlier datagram.
                    if let (Ok((length, source)), true) = (received, self.network) {
                        self.peer.receive(Instant::now(), source, &buffer[..length])?;
                    }
                }
                () = sleep_until(wake.unwrap_or_else(Instant::now).into()), if wake.is_some() => {
                    self.peer.timeout(Instant::now())?;
                }
            }
        }
        // One that takes too long is gone all the same.
        timeout(CLOSES_WITHIN, self.close()).await.unwrap_or(Ok(()))
    }

    /// Lets the peer say everything; gives the time at which it wants to be asked again.
    async fn drain(&mut self) -> Result<Instant> {
        loop {
            match self.peer.step()? {
                Step::Wait(at) => return Ok(at),
                Step::Send(datagram) => {
                    if self.network {
                        // Lost on the way, as far as the protocols above care.
                        let _ = self.socket.send_to(&datagram.contents, datagram.destination).await;
                    }
                }
            }
        }
    }

    async fn close(&mut self) -> Result<()> {
        self.peer.close()?;
        while self.peer.is_alive() {
            let wake = self.drain().await?;
            if !self.peer.is_alive() {
                break;
            }
            sleep_until(wake.into()).await;
            self.peer.timeout(Instant::now())?;
        }
        Ok(())
    }
}
