//! What relay and page say to each other.
//!
//! Shapes only: the session, the socket's frames in both directions, and problems
//! (RFC 9457). The three calling endpoints have Vobiz' own shapes, from [`vobiz`],
//! less what the page need not know.

mod board;
mod call;
mod events;
mod json;
mod problem;
mod read;
mod read_office;
mod requests;
mod session;

pub use board::{BOARD_EVERY_MS, BOARD_PATH, Board, BoardAgent, BoardCall, BoardPresence, BoardStage};
pub use call::{CallId, Direction, EndReason, Party};
pub use events::{CallEvent, CallQuality, CallSnapshot, Downlink, Stage, Uplink};
pub use json::{Json, Read};
pub use problem::{MEDIA_TYPE as PROBLEM_MEDIA_TYPE, Problem, ProblemKind};
pub use requests::{ActionBody, InitiateBody, LoginBody, PAGE_ACTION_PATH, PAGE_CALLS_PATH, PAGE_LOGS_PATH};
pub use session::{
    AgentName, ChannelInfo, IceServer, Role, SIGN_IN_PROBLEM, Session, SessionInfo, SessionList,
    SignInProblem, SignInProvider, SignInWays,
};

/// Path of the ways to sign in.
pub const SIGN_IN_PATH: &str = "/api/sign-in";

/// Path of one's own sessions; one of them below it.
pub const SESSIONS_PATH: &str = "/api/sessions";

/// Milliseconds since the Unix epoch, UTC.
pub type UnixMillis = u64;

/// Header with the page's own key of an attempt to call (a UUID). The relay makes
/// at most one upstream call for each key, however often the request comes.
/// <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>
pub const ATTEMPT_HEADER: &str = "Idempotency-Key";

/// How often the relay pings each socket, in milliseconds.
pub const PING_EVERY_MS: u64 = 5_000;

/// Longest silence on the socket before either side takes it for dead, in
/// milliseconds: two pings and a margin for a slow network.
pub const SOCKET_SILENCE_MS: u64 = 12_000;
