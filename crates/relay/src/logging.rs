//! How much is logged.

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
