//! The agent's page: one task that listens to the socket, to its own requests and to
//! whoever gives it orders.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wire::{CallId, Downlink, Uplink};

use super::calls::{Calls, News};
use super::http::Door;
use super::seen::Seen;
use super::socket::Socket;
use super::{Habit, Speech, Tell};

/// Orders and news that may wait: a scenario gives a handful.
const QUEUE: usize = 64;

/// What somebody at the page does, or what happens to it.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Calls a person, under this key of the attempt.
    Dial {
        /// The attempt's key, a UUID; also the call's name.
        attempt: CallId,
        /// E.164.
        to: String,
    },
    /// Hands the answer for a ringing call on, ahead of the accept.
    Prepare(CallId),
    /// Takes a ringing call.
    Accept(CallId),
    /// Declines a ringing call.
    Reject(CallId),
    /// Ends a call.
    HangUp(CallId),
    /// Mutes or unmutes the microphone.
    Mute(CallId, bool),
    /// Takes the microphone's track away, or attaches it again.
    Track(CallId, bool),
    /// Presses keys.
    Press(CallId, String),
    /// Takes calls from now on, or takes none.
    Available(bool),
    /// The socket comes back, or is gone without a word and stays away.
    Online(bool),
    /// Media comes and goes, or nothing of it does.
    Network(bool),
    /// The page is loaded again: media, socket and everything it knew are gone.
    Reload,
}

/// An agent at work. Dropping it closes the page without a word.
#[derive(Debug)]
pub struct Agent {
    /// For further requests of the same agent.
    pub door: Door,
    orders: mpsc::Sender<Order>,
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How an agent is set up.
pub struct Setup {
    /// Where media goes out.
    pub ip: IpAddr,
    /// What is said into the microphone.
    pub speech: Speech,
    /// What is done with a ring.
    pub habit: Habit,
    /// Whether rings can be heard, as the page tells the relay.
    pub audible: bool,
    /// Where the story goes.
    pub tell: Tell,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup").field("habit", &self.habit).finish_non_exhaustive()
    }
}

impl Agent {
    /// Opens the page for somebody who is signed in.
    pub fn open(door: Door, setup: Setup) -> Self {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let (news, heard) = mpsc::channel(QUEUE);
        let seen = Arc::new(Mutex::new(Seen::default()));
        let calls = Calls::new(door.clone(), setup, Arc::clone(&seen), news);
        let page = Page { door: door.clone(), calls, link: Link::opening(&door, None), last: None };
        let task = tokio::spawn(page.run(inbox, heard));
        Self { door, orders, seen, task }
    }

    /// Gives an order. One to a page that has ended is lost with it.
    pub async fn order(&self, order: Order) {
        let _ = self.orders.send(order).await;
    }

    /// What the page shows now.
    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The socket, wanted or not.
enum Link {
    Down,
    Opening(Pin<Box<dyn Future<Output = Socket> + Send>>),
    Up(Box<Socket>),
}

/// What the link brings.
enum Came {
    Opened(Box<Socket>),
    Frame(Box<Downlink>),
    Lost,
}

impl Link {
    fn opening(door: &Door, after: Option<u64>) -> Self {
        let door = door.clone();
        Self::Opening(Box::pin(async move { Socket::open(&door, after).await }))
    }

    async fn next(&mut self) -> Came {
        match self {
            Self::Down => std::future::pending().await,
            Self::Opening(opening) => Came::Opened(Box::new(opening.await)),
            Self::Up(socket) => {
                let next: Result<Downlink> = socket.next().await;
                next.map_or(Came::Lost, |frame| Came::Frame(Box::new(frame)))
            }
        }
    }

    async fn send(&mut self, frame: &Uplink) {
        if let Self::Up(socket) = self {
            socket.send(frame).await;
        }
    }
}

struct Page {
    door: Door,
    calls: Calls,
    link: Link,
    /// The last event's number, to resume after.
    last: Option<u64>,
}

impl Page {
    async fn run(mut self, mut inbox: mpsc::Receiver<Order>, mut news: mpsc::Receiver<News>) {
        loop {
            tokio::select! {
                order = inbox.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                Some(news) = news.recv() => {
                    let says = self.calls.news(news);
                    self.say(says).await;
                }
                came = self.link.next() => self.came(came).await,
            }
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Available(available) => self.link.send(&Uplink::Available { available }).await,
            Order::Online(true) => self.link = Link::opening(&self.door, self.last),
            Order::Online(false) => {
                self.link = Link::Down;
                self.calls.offline();
            }
            Order::Prepare(call) => {
                let says = self.calls.prepared(&call);
                self.say(says).await;
            }
            Order::Reload => {
                self.calls.forget();
                self.last = None;
                self.link = Link::opening(&self.door, None);
            }
            Order::Dial { .. }
            | Order::Accept(_)
            | Order::Reject(_)
            | Order::HangUp(_)
            | Order::Mute(..)
            | Order::Track(..)
            | Order::Press(..)
            | Order::Network(_) => {
                let says = self.calls.order(order).await;
                self.say(says).await;
            }
        }
    }

    async fn say(&mut self, frame: Option<Uplink>) {
        if let Some(frame) = frame {
            self.link.send(&frame).await;
        }
    }

    async fn came(&mut self, came: Came) {
        match came {
            Came::Opened(socket) => self.link = Link::Up(socket),
            Came::Lost => {
                self.calls.offline();
                self.link = Link::opening(&self.door, self.last);
            }
            Came::Frame(frame) => self.frame(*frame).await,
        }
    }

    async fn frame(&mut self, frame: Downlink) {
        match frame {
            Downlink::Ping { nonce } => self.link.send(&Uplink::Pong { nonce }).await,
            Downlink::Snapshot { seq, available, calls, .. } => {
                self.last = Some(seq);
                self.calls.online(available);
                for ring in self.calls.snapshot(calls).await {
                    self.link.send(&ring).await;
                }
            }
            Downlink::Resumed { available, .. } => self.calls.online(available),
            Downlink::Presence { available } => self.calls.online(available),
            Downlink::Event { seq, call, event, .. } => {
                self.last = Some(seq);
                let says = self.calls.event(&call, event).await;
                self.say(says).await;
            }
            // Who rings is the relay's to decide; this page has nothing to show.
            Downlink::WrapUp { .. } => {}
            Downlink::SignedOut => {
                self.calls.signed_out();
                self.link = Link::Down;
            }
        }
    }
}
