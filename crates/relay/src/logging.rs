//! How much is logged, and by what a call's lines are found.

use tracing::Span;
use tracing_subscriber::{EnvFilter, filter::Directive};

/// Libraries that repeat what they carry once they are asked for details: whole frames
/// with session descriptions, or headers.
const TALKATIVE: [&str; 5] =
    ["tungstenite=info", "tokio_tungstenite=info", "hyper=info", "h2=info", "reqwest=info"];

/// The filter for what `RUST_LOG` says; `info` when it says nothing that can be
/// understood. Whatever it says, session descriptions and credentials stay out.
pub fn filter(wanted: &str) -> EnvFilter {
    let usual = || EnvFilter::new("info");
    let filter = if wanted.trim().is_empty() {
        usual()
    } else {
        EnvFilter::try_new(wanted).unwrap_or_else(|_| usual())
    };
    let quiet = TALKATIVE.iter().filter_map(|directive| directive.parse::<Directive>().ok());
    quiet.fold(filter, EnvFilter::add_directive)
}

/// Longest name of a call that is logged, in bytes: Meta's have about 60.
const MAX_NAME: usize = 128;

/// Around everything that is done about a call: each line logged inside carries the call's
/// name as `call`. An error, so that no filter that lets a line through takes its call away.
pub(crate) fn call_span(call: &str) -> Span {
    tracing::error_span!("call", call = shown(call))
}

/// Says which call the request is about that is handled at the moment.
pub(crate) fn about(call: &str) {
    Span::current().record("call", shown(call));
}

/// As much of a name as a line can bear.
fn shown(call: &str) -> &str {
    let mut end = call.len().min(MAX_NAME);
    while !call.is_char_boundary(end) {
        end -= 1;
    }
    &call[..end]
}
