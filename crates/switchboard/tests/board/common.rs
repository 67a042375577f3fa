//! A switchboard in a test's hands: a virtual clock, short commands, every fact kept.

use std::collections::BTreeMap;

use switchboard::command::{AgentWish, UpstreamNews};
use switchboard::state::{Ring, Stage};
use switchboard::{
    CallFact, Command, Fact, Failure, Line, Refusal, Settings, State, decide, fold, next_deadline, project,
};
use vobiz::meta::{CallHead, Direction, MetaError, Person, SdpType, Signal, StatusKind, TerminateStatus};
use vobiz::rest::InitiateResponse;
use vobiz::{Number, Uuid};
use wire::{AgentName, CallEvent, CallId, UnixMillis};

pub const CHANNEL: Uuid = Uuid::from_u128(0x3f1c_9b7e);
pub const LINE: &str = "109876543210987";
/// Unix milliseconds at which every test begins.
pub const START: UnixMillis = 1_774_447_200_000;
pub const CALLER: &str = "+919800000001";
pub const CALLEE: &str = "+919800000002";

pub fn settings() -> Settings {
    let line = Line { channel: CHANNEL, number: Some("+911140001234".into()) };
    Settings { lines: BTreeMap::from([(LINE.to_owned(), line)]), ..Settings::default() }
}

pub struct Board {
    pub state: State,
    pub now: UnixMillis,
    /// Every fact with its time.
    pub journal: Vec<(UnixMillis, Fact)>,
    /// What each agent's page was told.
    pub told: Vec<(AgentName, CallId, CallEvent)>,
    events: u64,
}

impl Board {
    pub fn new() -> Self {
        Self { state: State::new(settings()), now: START, journal: vec![], told: vec![], events: 0 }
    }

    /// A board with these agents available and reachable.
    pub fn with_agents(agents: &[&str]) -> Self {
        Self::of(settings(), agents)
    }

    /// The same, with other settings.
    pub fn of(settings: Settings, agents: &[&str]) -> Self {
        let mut board = Self { state: State::new(settings), ..Self::new() };
        for agent in agents {
            board.wish(agent, AgentWish::Available(true)).unwrap();
            board.wish(agent, AgentWish::Reachable(true)).unwrap();
        }
        board
    }

    pub fn run(&mut self, command: Command) -> Result<Vec<&'static str>, Refusal> {
        let facts = decide(&self.state, command, self.now)?;
        let names = self.take_in(facts);
        self.settle();
        Ok(names)
    }

    /// Lets what follows by itself happen.
    pub fn settle(&mut self) {
        let mut rounds = 0;
        while next_deadline(&self.state, self.now).is_some_and(|at| at <= self.now) {
            let facts = decide(&self.state, Command::Clock, self.now).unwrap();
            assert!(!facts.is_empty(), "a deadline that is past must have an effect");
            self.take_in(facts);
            rounds += 1;
            assert!(rounds < 1_000, "the clock does not come to rest");
        }
    }

    fn take_in(&mut self, facts: Vec<Fact>) -> Vec<&'static str> {
        let mut names = vec![];
        for fact in facts {
            names.push(match &fact {
                Fact::Call { call, what } => {
                    for (agent, event) in project(&self.state, &fact, &|agent| agent.0.to_uppercase()) {
                        self.told.push((agent, call.clone(), event));
                    }
                    what.name()
                }
                Fact::Agent { .. } => "presence",
                Fact::Relay { .. } => "relay",
            });
            fold(&mut self.state, &fact, self.now);
            self.journal.push((self.now, fact));
        }
        names
    }

    pub fn pass(&mut self, ms: u64) {
        self.now += ms;
        self.settle();
    }

    pub fn wish(&mut self, agent: &str, wish: AgentWish) -> Result<Vec<&'static str>, Refusal> {
        self.run(Command::Agent { agent: agent.into(), wish })
    }

    /// The page says that it shows the ring, and that it can be heard.
    pub fn shown(&mut self, agent: &str, call: &str) {
        self.wish(agent, AgentWish::RingShown { call: call.into(), audible: true }).unwrap();
    }

    pub fn accept(&mut self, agent: &str, call: &str) -> Result<Vec<&'static str>, Refusal> {
        self.wish(agent, AgentWish::Accept { call: call.into(), sdp: format!("answer of {agent}") })
    }

    pub fn decline(&mut self, agent: &str, call: &str) -> Result<Vec<&'static str>, Refusal> {
        self.wish(agent, AgentWish::Decline { call: call.into() })
    }

    pub fn terminate(&mut self, agent: &str, call: &str) -> Result<Vec<&'static str>, Refusal> {
        self.wish(agent, AgentWish::Terminate { call: call.into() })
    }

    pub fn dial(&mut self, agent: &str, attempt: &str) -> Result<Vec<&'static str>, Refusal> {
        self.dial_to(agent, attempt, CALLEE)
    }

    pub fn dial_to(&mut self, agent: &str, attempt: &str, to: &str) -> Result<Vec<&'static str>, Refusal> {
        let to = Number::parse(to).unwrap();
        self.wish(agent, AgentWish::Dial { attempt: attempt.into(), channel: CHANNEL, to })
    }

    pub fn news(&mut self, call: &str, news: UpstreamNews) -> Result<Vec<&'static str>, Refusal> {
        self.run(Command::Upstream { call: call.into(), news })
    }

    /// The answer of whoever has, or prepared, the call went up.
    pub fn delivered(&mut self, call: &str) -> Result<Vec<&'static str>, Refusal> {
        let sdp = match self.stage(call) {
            Stage::Answering { sdp, .. } => sdp.clone(),
            Stage::Ringing(Ring { prepared: Some(prepared), .. }) => prepared.sdp.clone(),
            Stage::Ringing(_) | Stage::Dialing(_) | Stage::Talking { .. } | Stage::Ended { .. } => {
                String::new()
            }
        };
        self.news(call, UpstreamNews::AnswerDelivered { sdp })
    }

    pub fn hear(&mut self, signal: Signal) -> Result<Vec<&'static str>, Refusal> {
        self.events += 1;
        let event = format!("event-{}#0", self.events);
        self.run(Command::Webhook { event, signal })
    }

    pub fn stage(&self, call: &str) -> &switchboard::state::Stage {
        &self.state.find(call).unwrap().stage
    }

    /// For whom a call rings.
    pub fn ringing(&self, call: &str) -> Vec<&str> {
        let Some(ring) = self.state.find(call).and_then(|call| call.ring()) else { return vec![] };
        ring.agents.iter().filter(|(_, bell)| bell.rings()).map(|(name, _)| name.as_str()).collect()
    }

    /// What this agent's page was told, by kind.
    pub fn heard_by(&self, agent: &str) -> Vec<String> {
        let of = self.told.iter().filter(|(to, _, _)| to.as_str() == agent);
        of.map(|(_, _, event)| kind(event)).collect()
    }

    pub fn facts(&self) -> Vec<&'static str> {
        self.journal
            .iter()
            .filter_map(|(_, fact)| match fact {
                Fact::Call { what, .. } => Some(what.name()),
                Fact::Agent { .. } | Fact::Relay { .. } => None,
            })
            .collect()
    }

    pub fn ended(&self, call: &str) -> Option<&wire::EndReason> {
        self.journal.iter().find_map(|(_, fact)| {
            let Fact::Call { call: of, what: CallFact::Ended { reason, .. } } = fact else { return None };
            (of.as_str() == call).then_some(reason)
        })
    }
}

fn kind(event: &CallEvent) -> String {
    let json = serde_json::to_value(event).unwrap();
    let members = json.as_object().and_then(|members| members.keys().next());
    members.map(String::as_str).or(json.as_str()).unwrap().to_owned()
}

pub fn head(id: &str, direction: Direction, number: Option<&str>, seconds: u64) -> CallHead {
    CallHead {
        id: id.into(),
        phone_number_id: Some(LINE.into()),
        direction: Some(direction),
        person: Person {
            number: number.map(|number| Number::parse(number).unwrap()),
            name: Some("Asha Rao".into()),
            ..Person::default()
        },
        timestamp: Some(START / 1000 + seconds),
    }
}

pub fn connect(id: &str) -> Signal {
    Signal::Connect {
        head: head(id, Direction::UserInitiated, Some(CALLER), 0),
        sdp_type: Some(SdpType::Offer),
        sdp: Some("offer".into()),
    }
}

pub fn answer(id: &str, to: Option<&str>) -> Signal {
    Signal::Connect {
        head: head(id, Direction::BusinessInitiated, to, 1),
        sdp_type: Some(SdpType::Answer),
        sdp: Some("v=0\r\na=setup:actpass\r\n".into()),
    }
}

pub fn status(id: &str, to: Option<&str>, status: StatusKind) -> Signal {
    let seconds = 2 + status.as_str().len() as u64;
    Signal::Status { head: head(id, Direction::BusinessInitiated, to, seconds), status }
}

pub fn terminate(id: &str, direction: Direction, number: Option<&str>) -> Signal {
    Signal::Terminate {
        head: head(id, direction, number, 30),
        status: Some(TerminateStatus::Completed),
        duration: None,
        start_time: None,
        error: None,
    }
}

pub fn terminate_with_code(id: &str, direction: Direction, code: u32) -> Signal {
    Signal::Terminate {
        head: head(id, direction, None, 30),
        status: Some(TerminateStatus::Failed),
        duration: None,
        start_time: None,
        error: Some(MetaError { code: Some(code), message: None }),
    }
}

pub fn response(id: &str) -> InitiateResponse {
    InitiateResponse {
        call_id: id.into(),
        from: Some("+911140001234".into()),
        to: Some(CALLEE.into()),
        status: Some("initiated".into()),
        direction: Some("outbound".into()),
    }
}

pub fn failure() -> Failure {
    Failure { code: Some(138_006), title: "No permission".into(), detail: "Ask first".into() }
}
