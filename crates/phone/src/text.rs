//! Every word that the machine's values have on the page.

use wire::{Direction, Problem, ProblemKind, SignInProblem};

use crate::attention::Permission;
use crate::decimal::decimal;
use crate::devices::{Role, Step};
use crate::event::MicrophoneFault;
use crate::find::has;
use crate::line::{Concern, Grade, Measure};
use crate::locale::{Text, of_told};
use crate::log::{LogStatus, RowStatus};
use crate::number::NumberFault;
use crate::settings::Theme;
use crate::t;
use crate::view::{Away, Banner, EndedWhy, Fault, LinksView, SignInNotice, Status, Who};

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
pub fn status(status: Status) -> Text {
    match status {
        Status::Calling => t!("Calling…"),
        Status::Ringing => t!("Ringing…"),
        Status::Connecting => t!("Connecting…"),
        Status::Connected => t!("Connected"),
        Status::Reconnecting => t!("Reconnecting…"),
        Status::OnHold => t!("On hold"),
        Status::Ended => t!("Call ended"),
    }
}

/// The name under which a person is shown.
pub fn who(who: &Who) -> &str {
    who.name.as_deref().or(who.number.as_deref()).unwrap_or_else(|| t!("WhatsApp user").get())
}

/// Which way a call went.
pub fn direction(direction: Direction) -> Text {
    match direction {
        Direction::Inbound => t!("Inbound"),
        Direction::Outbound => t!("Outbound"),
    }
}

/// A status of the log.
pub fn log_status(status: LogStatus) -> Text {
    match status {
        LogStatus::Initiated => t!("Initiated"),
        LogStatus::Ringing => t!("Ringing"),
        LogStatus::PreAccepted => t!("Answering"),
        LogStatus::Accepted => t!("Accepted"),
        LogStatus::Rejected => t!("Rejected"),
        LogStatus::Terminated => t!("Ended"),
        LogStatus::Failed => t!("Failed"),
        LogStatus::Missed => t!("Missed"),
    }
}

/// The status of a row of the log.
pub fn row_status(status: &RowStatus) -> &str {
    match status {
        RowStatus::Known(status) => log_status(*status).get(),
        RowStatus::Other(text) => text,
        RowStatus::Absent => t!("Unknown").get(),
    }
}

/// A theme.
pub fn theme(theme: Theme) -> Text {
    match theme {
        Theme::System => t!("As the system"),
        Theme::Light => t!("Light"),
        Theme::Dark => t!("Dark"),
    }
}

/// Whether notifications are shown, and whether the person can be asked.
pub fn notices(permission: Permission) -> (Text, bool) {
    match permission {
        Permission::Granted => (t!("A call shows one while this page is behind another."), false),
        Permission::Askable => (t!("Let a call show one while this page is behind another."), true),
        Permission::Refused => (
            t!(
                "This browser shows none for this page. To change it, click the icon at the left of the address."
            ),
            false,
        ),
        Permission::Unsupported => {
            (t!("This browser can’t show any here. A call still rings and shows in the tab’s name."), false)
        }
    }
}

/// Links to telephone numbers.
pub fn links(links: LinksView) -> Text {
    match links {
        LinksView::Offered => {
            t!(
                "A click on a number on another page fills it in here. Nobody is called before you press Call."
            )
        }
        LinksView::Asked => {
            t!("The browser asks you now, or has it in its settings: allow this page to open links.")
        }
        LinksView::Refused => {
            t!(
                "This browser does not let a page open number links. Copy the number and paste it into the field instead."
            )
        }
    }
}

/// What keeps a text from being a number.
pub fn number(fault: NumberFault) -> String {
    match fault {
        NumberFault::Empty => t!("Type a number to call.").into(),
        NumberFault::NoCountryCode => {
            t!("Begin with + and the country code, such as +91 98000 00001.").into()
        }
        NumberFault::UnknownCountry => t!("No country has this code. Check the digits after the +.").into(),
        NumberFault::Strange(character) => {
            t!("“{0}” can’t be part of a number.").with(&[character.encode_utf8(&mut [0; 4])])
        }
        NumberFault::TooShort => t!("This number is too short.").into(),
        NumberFault::TooLong => t!("This number is too long: 15 digits at most.").into(),
    }
}

/// A standing condition.
pub fn banner(banner: &Banner) -> Words {
    match banner {
        Banner::Offline { on_call: true } => words(
            t!("You are offline."),
            t!(
                "Your call goes on. New calls can’t reach you until the connection is back; it is tried again by itself."
            ),
        ),
        Banner::Offline { on_call: false } => words(
            t!("You are offline."),
            t!("Calls can’t reach you until the connection is back; it is tried again by itself."),
        ),
        Banner::SoundBlocked => words(
            t!("The browser holds sound back."),
            t!("You would not hear a call ring. Click anywhere on the page to allow sound."),
        ),
        Banner::CallElsewhere { who: person, .. } => words(
            t!("Your call with {0} is in another tab or window.").with(&[who(person)]),
            t!("Go on there, or end it here."),
        ),
    }
}

/// Something that went wrong.
pub fn fault(fault: &Fault) -> Words {
    match fault {
        Fault::Microphone(fault) => microphone(fault),
        Fault::MicrophoneLost => words(
            t!("Your microphone was unplugged. The other side can’t hear you."),
            t!("Plug it in again, hang up and call back."),
        ),
        Fault::DeviceGone(role, label) => device_gone(*role, label),
        Fault::Interrupted(person) => words(
            t!("Your call with {0} was cut by a reload, or by closing its tab.").with(&[who(person)]),
            t!("The other side was told that the call is over. Call back if you need to."),
        ),
        Fault::SetAway(Away::Unheard) => words(
            t!("You were set to away: you can’t be heard."),
            t!("Allow the microphone by the icon at the left of the address, then turn Available on again."),
        ),
        Fault::SetAway(Away::Unreachable) => words(
            t!("You were set to away: you could not be reached."),
            t!("The connection was lost for some minutes. Turn Available on again when you take calls."),
        ),
        Fault::OnACall => words(t!("You are on a call."), t!("Hang up, or hold it to call somebody else.")),
        Fault::Number(fault) => words(t!("This number can’t be called."), number(*fault)),
        Fault::Browser(what) => words(
            t!("The browser could not set up the call."),
            t!("Try again; if it happens again, reload the page. ({0})").with(&[what]),
        ),
        Fault::Relay(problem) => self::problem(problem),
    }
}

/// Why the microphone could not be opened.
pub fn microphone(fault: &MicrophoneFault) -> Words {
    match fault {
        MicrophoneFault::Refused => words(
            t!("The browser does not let this page use the microphone."),
            t!(
                "Allow it: click the icon at the left of the address, set Microphone to Allow, then try again."
            ),
        ),
        MicrophoneFault::Missing => {
            words(t!("No microphone was found."), t!("Plug one in, or switch it on, then try again."))
        }
        MicrophoneFault::Busy => words(
            t!("The microphone can’t be opened."),
            t!("Another program may be using it. Close that program, then try again."),
        ),
        MicrophoneFault::Other(what) => words(
            t!("The microphone can’t be opened."),
            t!("Try again; if it happens again, restart the browser. ({0})").with(&[what]),
        ),
    }
}

/// A device that was in use is away.
fn device_gone(role: Role, label: &str) -> Words {
    let what = match role {
        Role::Microphone => t!("The system’s own microphone is used instead. Check that you are heard."),
        Role::Speaker => t!("The other side is now heard from the system’s own speaker."),
        Role::Ringtone => t!("Calls now ring from the system’s own speaker."),
    };
    words(t!("“{0}” was unplugged.").with(&[label]), what)
}

/// A concern about the line of the call, in one or two short sentences.
pub fn concern(concern: Concern) -> Text {
    match concern {
        Concern::TalkingMuted => t!("You’re talking, but you’re muted. They can’t hear you."),
        Concern::NothingHeard => t!("Nothing arrives from them. If this stays, hang up and call back."),
        Concern::NothingSent => t!("They can’t hear you: nothing is sent. Hang up and call back."),
        Concern::MicrophoneSilent => {
            t!("Your microphone is silent. Say something, or choose another in Settings.")
        }
        Concern::FarEndSilent => t!("Their side is silent. Ask whether they are muted."),
        Concern::Limit(Measure::Mos) => t!("The line is bad. Words may get lost."),
        Concern::Limit(Measure::Loss) => t!("Sound gets lost on the way. Words may be cut."),
        Concern::Limit(Measure::RoundTrip) => t!("Sound takes long on the way. Pause before you answer."),
        Concern::Limit(Measure::Jitter) => t!("Sound arrives unevenly. A cable is steadier than Wi-Fi."),
    }
}

/// How good a line is.
pub fn grade(grade: Grade) -> Text {
    match grade {
        Grade::Good => t!("Good"),
        Grade::Fair => t!("Fair"),
        Grade::Poor => t!("Poor"),
    }
}

/// What the trial of a microphone gave.
pub fn trial(step: &Step) -> String {
    match step {
        Step::Unknown => String::new(),
        Step::Doing => t!("Say something.").into(),
        Step::Good => t!("It hears you.").into(),
        Step::Opened => {
            t!("It opens. The browser can’t show how loud it is while it holds sound back.").into()
        }
        Step::Quiet | Step::Bad => {
            t!("Nothing was heard. Is it muted by a switch of its own? Else choose another.").into()
        }
        Step::Refused(fault) => {
            let Words { title, advice } = microphone(fault);
            [&title, " ", &advice].concat()
        }
    }
}

/// Why a browser lets nobody choose a device for a role.
pub fn no_choice(role: Role) -> Text {
    match role {
        Role::Microphone => Text::NONE,
        Role::Speaker => {
            t!("This browser plays calls on the system’s speaker. Choose it in the system’s own settings.")
        }
        Role::Ringtone => {
            t!("This browser rings on the system’s speaker. Choose it in the system’s own settings.")
        }
    }
}

/// A problem in the relay's own words.
pub fn problem(problem: &Problem) -> Words {
    words(of_told(&problem.title), of_told(&problem.detail))
}

/// Why the sign-in form is there.
pub fn sign_in(notice: &SignInNotice) -> Words {
    match notice {
        SignInNotice::Failed(problem) => self::problem(problem),
        SignInNotice::Expired => {
            words(t!("You were signed out."), t!("Sign in again. A call that is going on is not touched."))
        }
    }
}

/// Why nobody came back signed in from the provider.
pub fn sign_in_problem(problem: SignInProblem) -> Words {
    match problem {
        SignInProblem::Denied => {
            words(t!("You were not let in there."), t!("Try again, or ask who runs the sign-in."))
        }
        SignInProblem::Expired => words(t!("The sign-in took too long."), t!("Try again.")),
        SignInProblem::NoAgent => words(
            t!("You are no agent here yet."),
            t!("Ask who runs the softphone to add you to the agents."),
        ),
        SignInProblem::Failed => words(
            t!("The sign-in failed."),
            t!("Try again. If it happens again, tell who runs the softphone."),
        ),
    }
}

/// A browser and its system, from what the browser calls itself. Every browser also
/// calls itself by the names of older ones, so the first that fits counts.
pub fn device(user_agent: &str) -> String {
    let named = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(sign, _)| has(user_agent, sign))
            .map_or_else(|| t!("Unknown").get(), |(_, name)| name)
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
    t!("{0} on {1}").with(&[named(&browsers), named(&systems)])
}

/// Why a call ended.
pub fn ended(why: &EndedWhy) -> Words {
    match why {
        EndedWhy::HungUp => words(t!("You hung up."), ""),
        EndedWhy::FarEndHungUp => words(t!("They hung up."), ""),
        EndedWhy::Missed => words(t!("Missed call."), t!("The caller gave up before anyone answered.")),
        EndedWhy::Declined => words(t!("Declined."), ""),
        EndedWhy::Rejected => words(t!("They declined the call."), ""),
        EndedWhy::Unanswered => words(t!("They did not answer."), ""),
        EndedWhy::Cancelled => words(t!("You ended the call before it was answered."), ""),
        EndedWhy::AnsweredElsewhere { by, ms_ago: None } => {
            words(t!("{0} answered this call.").with(&[by]), "")
        }
        EndedWhy::AnsweredElsewhere { by, ms_ago: Some(ms) } => {
            words(t!("{0} answered this call {1} s ago.").with(&[by, &seconds(*ms)]), "")
        }
        EndedWhy::NoMedia => words(
            t!("The call was answered, but no sound could get through."),
            t!("The network may block calls (UDP). Try another network, or ask who runs it."),
        ),
        EndedWhy::ConnectionLost => {
            words(t!("The connection was lost."), t!("Check your network, then call back."))
        }
        EndedWhy::WhileOffline => words(t!("The call ended while you were offline."), ""),
        EndedWhy::Failed { title, detail } => words(of_told(title), of_told(detail)),
    }
}

/// A short while in seconds: `0.4`, `12`.
fn seconds(ms: u64) -> String {
    /// From here on tenths of a second tell nothing.
    const TENTHS_BELOW_MS: u64 = 10_000;
    if ms < TENTHS_BELOW_MS {
        [&decimal(ms / 1_000), ".", &decimal(ms % 1_000 / 100)].concat()
    } else {
        decimal(ms / 1_000)
    }
}

/// The page has no address of its own.
pub const NO_ADDRESS: Text = t!("The page was not opened from a relay.");

/// The relay can't be reached.
pub fn offline() -> Problem {
    Problem::new(
        ProblemKind::Offline,
        0,
        t!("The server can’t be reached.").english(),
        t!("Check your network. It is tried again by itself where that is safe.").english(),
    )
}

/// The relay answered something that is no answer.
pub fn not_understood() -> Problem {
    Problem::new(
        ProblemKind::Unknown,
        0,
        t!("The server gave an answer that this page does not understand.").english(),
        t!("Reload the page: it may be older than the server.").english(),
    )
}

/// The relay, or something before it, refused without a word.
pub fn refused(status: u16) -> Problem {
    let title = t!("The server refused ({0}).").with(&[&decimal(status)]);
    Problem::new(ProblemKind::Unknown, status, title, t!("Try again in a moment."))
}

/// Browsers give no microphone to a page that came over plain HTTP.
pub const INSECURE: Text = t!("the page was not opened over https");
