//! Every word that the machine's values have on the page, in English. The only place
//! to look at for another language.

use wire::{Direction, Problem, ProblemKind, SignInProblem};

use crate::attention::Permission;
use crate::devices::{Role, Step};
use crate::event::MicrophoneFault;
use crate::line::{Concern, Grade, Measure};
use crate::log::{LogStatus, RowStatus};
use crate::number::NumberFault;
use crate::settings::Theme;
use crate::view::{Banner, EndedWhy, Fault, LinksView, SignInNotice, Status, Truth, Who};

/// What happened, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What happened, one sentence.
    pub title: String,
    /// What it means and what to do; may be empty.
    pub advice: String,
}

fn words(title: impl Into<String>, advice: impl Into<String>) -> Words {
    Words { title: title.into(), advice: advice.into() }
}

/// A call's status word.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Calling => "Calling…",
        Status::Ringing => "Ringing…",
        Status::Connecting => "Connecting…",
        Status::Connected => "Connected",
        Status::Reconnecting => "Reconnecting…",
        Status::OnHold => "On hold",
        Status::Ended => "Call ended",
    }
}

/// The truth behind the presence switch.
pub fn truth(truth: Truth) -> &'static str {
    match truth {
        Truth::Away => "Not taking calls",
        Truth::Reachable => "Available · reachable",
        Truth::SoundBlocked => "Available · sound blocked: click here",
        Truth::Unheard => "Available · microphone blocked",
        Truth::Unreachable => "Offline · not reachable",
        Truth::Changing => "One moment…",
        Truth::OnCall => "On a call",
        Truth::WrapUp => "Wrap-up: no call comes before you are done",
    }
}

/// The name under which a person is shown.
pub fn who(who: &Who) -> &str {
    who.name.as_deref().or(who.number.as_deref()).unwrap_or("WhatsApp user")
}

/// Which way a call went.
pub fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "Inbound",
        Direction::Outbound => "Outbound",
    }
}

/// A status of the log.
pub fn log_status(status: LogStatus) -> &'static str {
    match status {
        LogStatus::Initiated => "Initiated",
        LogStatus::Ringing => "Ringing",
        LogStatus::PreAccepted => "Answering",
        LogStatus::Accepted => "Accepted",
        LogStatus::Rejected => "Rejected",
        LogStatus::Terminated => "Ended",
        LogStatus::Failed => "Failed",
        LogStatus::Missed => "Missed",
    }
}

/// The status of a row of the log.
pub fn row_status(status: &RowStatus) -> &str {
    match status {
        RowStatus::Known(status) => log_status(*status),
        RowStatus::Other(text) => text,
        RowStatus::Absent => "Unknown",
    }
}

/// A theme.
pub fn theme(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "As the system",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
    }
}

/// Whether notifications are shown, and whether the person can be asked.
pub fn notices(permission: Permission) -> (&'static str, bool) {
    match permission {
        Permission::Granted => ("A call shows one while this page is behind another.", false),
        Permission::Askable => ("Let a call show one while this page is behind another.", true),
        Permission::Refused => (
            "This browser shows none for this page. To change it, click the icon at the left of the address.",
            false,
        ),
        Permission::Unsupported => {
            ("This browser can’t show any here. A call still rings and shows in the tab’s name.", false)
        }
    }
}

/// Links to telephone numbers.
pub fn links(links: LinksView) -> &'static str {
    match links {
        LinksView::Offered => {
            "A click on a number on another page fills it in here. Nobody is called before you press Call."
        }
        LinksView::Asked => {
            "The browser asks you now, or has it in its settings: allow this page to open links."
        }
        LinksView::Refused => {
            "This browser does not let a page open number links. Copy the number and paste it into the field instead."
        }
    }
}

/// What keeps a text from being a number.
pub fn number(fault: NumberFault) -> String {
    match fault {
        NumberFault::Empty => "Type a number to call.".to_owned(),
        NumberFault::NoCountryCode => {
            "Begin with + and the country code, such as +91 98000 00001.".to_owned()
        }
        NumberFault::UnknownCountry => "No country has this code. Check the digits after the +.".to_owned(),
        NumberFault::Strange(character) => {
            ["“", character.encode_utf8(&mut [0; 4]), "” can’t be part of a number."].concat()
        }
        NumberFault::TooShort => "This number is too short.".to_owned(),
        NumberFault::TooLong => "This number is too long: 15 digits at most.".to_owned(),
    }
}

/// A standing condition.
pub fn banner(banner: &Banner) -> Words {
    match banner {
        Banner::Offline { on_call: true } => words(
            "You are offline.",
            "Your call goes on. New calls can’t reach you until the connection is back; it is tried again by itself.",
        ),
        Banner::Offline { on_call: false } => words(
            "You are offline.",
            "Calls can’t reach you until the connection is back; it is tried again by itself.",
        ),
        Banner::SoundBlocked => words(
            "The browser holds sound back.",
            "You would not hear a call ring. Click anywhere on the page to allow sound.",
        ),
        Banner::CallElsewhere { who: person, .. } => words(
            ["Your call with ", who(person), " is in another tab or window."].concat(),
            "Go on there, or end it here.",
        ),
    }
}

/// Something that went wrong.
pub fn fault(fault: &Fault) -> Words {
    match fault {
        Fault::Microphone(fault) => microphone(fault),
        Fault::MicrophoneLost => words(
            "Your microphone was unplugged. The other side can’t hear you.",
            "Plug it in again, hang up and call back.",
        ),
        Fault::DeviceGone(role, label) => device_gone(*role, label),
        Fault::Interrupted(person) => words(
            ["Your call with ", who(person), " was cut by a reload, or by closing its tab."].concat(),
            "The other side was told that the call is over. Call back if you need to.",
        ),
        Fault::SetAway(Truth::Unheard) => words(
            "You were set to away: you can’t be heard.",
            "Allow the microphone by the icon at the left of the address, then turn Available on again.",
        ),
        Fault::SetAway(_) => words(
            "You were set to away: you could not be reached.",
            "The connection was lost for some minutes. Turn Available on again when you take calls.",
        ),
        Fault::OnACall => words("You are on a call.", "Hang up, or hold it to call somebody else."),
        Fault::Number(fault) => words("This number can’t be called.", number(*fault)),
        Fault::Browser(what) => words(
            "The browser could not set up the call.",
            ["Try again; if it happens again, reload the page. (", what, ")"].concat(),
        ),
        Fault::Relay(problem) => self::problem(problem),
    }
}

/// Why the microphone could not be opened.
pub fn microphone(fault: &MicrophoneFault) -> Words {
    match fault {
        MicrophoneFault::Refused => words(
            "The browser does not let this page use the microphone.",
            "Allow it: click the icon at the left of the address, set Microphone to Allow, then try again.",
        ),
        MicrophoneFault::Missing => {
            words("No microphone was found.", "Plug one in, or switch it on, then try again.")
        }
        MicrophoneFault::Busy => words(
            "The microphone can’t be opened.",
            "Another program may be using it. Close that program, then try again.",
        ),
        MicrophoneFault::Other(what) => words(
            "The microphone can’t be opened.",
            ["Try again; if it happens again, restart the browser. (", what, ")"].concat(),
        ),
    }
}

/// A device that was in use is away.
fn device_gone(role: Role, label: &str) -> Words {
    let what = match role {
        Role::Microphone => "The system’s own microphone is used instead. Check that you are heard.",
        Role::Speaker => "The other side is now heard from the system’s own speaker.",
        Role::Ringtone => "Calls now ring from the system’s own speaker.",
    };
    words(["“", label, "” was unplugged."].concat(), what)
}

/// A concern about the line of the call, in one or two short sentences.
pub fn concern(concern: Concern) -> &'static str {
    match concern {
        Concern::TalkingMuted => "You’re talking, but you’re muted. They can’t hear you.",
        Concern::NothingHeard => "Nothing arrives from them. If this stays, hang up and call back.",
        Concern::NothingSent => "They can’t hear you: nothing is sent. Hang up and call back.",
        Concern::MicrophoneSilent => {
            "Your microphone is silent. Say something, or choose another in Settings."
        }
        Concern::FarEndSilent => "Their side is silent. Ask whether they are muted.",
        Concern::Limit(Measure::Mos) => "The line is bad. Words may get lost.",
        Concern::Limit(Measure::Loss) => "Sound gets lost on the way. Words may be cut.",
        Concern::Limit(Measure::RoundTrip) => "Sound takes long on the way. Pause before you answer.",
        Concern::Limit(Measure::Jitter) => "Sound arrives unevenly. A cable is steadier than Wi-Fi.",
    }
}

/// How good a line is.
pub fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Good => "Good",
        Grade::Fair => "Fair",
        Grade::Poor => "Poor",
    }
}

/// What the trial of a microphone gave.
pub fn trial(step: &Step) -> String {
    match step {
        Step::Unknown => String::new(),
        Step::Doing => "Say something.".to_owned(),
        Step::Good => "It hears you.".to_owned(),
        Step::Opened => {
            "It opens. The browser can’t show how loud it is while it holds sound back.".to_owned()
        }
        Step::Quiet | Step::Bad => {
            "Nothing was heard. Is it muted by a switch of its own? Else choose another.".to_owned()
        }
        Step::Refused(fault) => {
            let Words { title, advice } = microphone(fault);
            [&title, " ", &advice].concat()
        }
    }
}

/// Why a browser lets nobody choose a device for a role.
pub fn no_choice(role: Role) -> &'static str {
    match role {
        Role::Microphone => "",
        Role::Speaker => {
            "This browser plays calls on the system’s speaker. Choose it in the system’s own settings."
        }
        Role::Ringtone => {
            "This browser rings on the system’s speaker. Choose it in the system’s own settings."
        }
    }
}

/// A problem in the relay's own words.
pub fn problem(problem: &Problem) -> Words {
    words(problem.title.as_str(), problem.detail.as_str())
}

/// Why the sign-in form is there.
pub fn sign_in(notice: &SignInNotice) -> Words {
    match notice {
        SignInNotice::Failed(problem) => self::problem(problem),
        SignInNotice::Expired => {
            words("You were signed out.", "Sign in again. A call that is going on is not touched.")
        }
    }
}

/// Why nobody came back signed in from the provider.
pub fn sign_in_problem(problem: SignInProblem) -> Words {
    match problem {
        SignInProblem::Denied => {
            words("You were not let in there.", "Try again, or ask who runs the sign-in.")
        }
        SignInProblem::Expired => words("The sign-in took too long.", "Try again."),
        SignInProblem::NoAgent => {
            words("You are no agent here yet.", "Ask who runs the softphone to add you to the agents.")
        }
        SignInProblem::Failed => {
            words("The sign-in failed.", "Try again. If it happens again, tell who runs the softphone.")
        }
    }
}

/// A browser and its system, from what the browser calls itself. Every browser also
/// calls itself by the names of older ones, so the first that fits counts.
pub fn device(user_agent: &str) -> String {
    let named = |known: &[(&str, &'static str)]| {
        known.iter().find(|(sign, _)| user_agent.contains(sign)).map_or("Unknown", |(_, name)| name)
    };
    let browsers = [
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrom", "Chrome"),
        ("Safari", "Safari"),
    ];
    let systems = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("Mac", "macOS"),
        ("Linux", "Linux"),
    ];
    [named(&browsers), " on ", named(&systems)].concat()
}

/// Why a call ended.
pub fn ended(why: &EndedWhy) -> Words {
    match why {
        EndedWhy::HungUp => words("You hung up.", ""),
        EndedWhy::FarEndHungUp => words("They hung up.", ""),
        EndedWhy::Missed => words("Missed call.", "The caller gave up before anyone answered."),
        EndedWhy::Declined => words("Declined.", ""),
        EndedWhy::Rejected => words("They declined the call.", ""),
        EndedWhy::Unanswered => words("They did not answer.", ""),
        EndedWhy::Cancelled => words("You ended the call before it was answered.", ""),
        EndedWhy::AnsweredElsewhere { by, ms_ago: None } => words([by, " answered this call."].concat(), ""),
        EndedWhy::AnsweredElsewhere { by, ms_ago: Some(ms) } => {
            words([by, " answered this call ", &ago(*ms), " ago."].concat(), "")
        }
        EndedWhy::NoMedia => words(
            "The call was answered, but no sound could get through.",
            "The network may block calls (UDP). Try another network, or ask who runs it.",
        ),
        EndedWhy::ConnectionLost => words("The connection was lost.", "Check your network, then call back."),
        EndedWhy::WhileOffline => words("The call ended while you were offline.", ""),
        EndedWhy::Failed { title, detail } => words(title.as_str(), detail.as_str()),
    }
}

/// A short while in words: `0.4 s`, `12 s`.
fn ago(ms: u64) -> String {
    /// From here on tenths of a second tell nothing.
    const TENTHS_BELOW_MS: u64 = 10_000;
    if ms < TENTHS_BELOW_MS {
        [&(ms / 1_000).to_string(), ".", &(ms % 1_000 / 100).to_string(), " s"].concat()
    } else {
        [&(ms / 1_000).to_string(), " s"].concat()
    }
}

/// The page has no address of its own.
pub const NO_ADDRESS: &str = "The page was not opened from a relay.";

/// The relay can't be reached.
pub fn offline() -> Problem {
    Problem::new(
        ProblemKind::Offline,
        0,
        "The server can’t be reached.",
        "Check your network. It is tried again by itself where that is safe.",
    )
}

/// The relay answered something that is no answer.
pub fn not_understood() -> Problem {
    Problem::new(
        ProblemKind::Unknown,
        0,
        "The server gave an answer that this page does not understand.",
        "Reload the page: it may be older than the server.",
    )
}

/// The relay, or something before it, refused without a word.
pub fn refused(status: u16) -> Problem {
    let title = ["The server refused (", &status.to_string(), ")."].concat();
    Problem::new(ProblemKind::Unknown, status, title, "Try again in a moment.")
}

/// Browsers give no microphone to a page that came over plain HTTP.
pub const INSECURE: &str = "the page was not opened over https";
