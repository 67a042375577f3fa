//! How long it takes from the click on Accept until the caller is heard: the product's page
//! beside a plain page that does everything in the classic order, before the same simulator.
//!
//! `cargo run --package testkit --bin bench-answer -- [--calls 10] [--delays 0,50,150]
//! [--browsers chromium,firefox] [--microphone pretended]`. Needs what the end-to-end tests
//! need (`RELAY_APP`, `CHROMEDRIVER`, `GECKODRIVER`), and a machine that does nothing else.
//! `--microphone own` takes the machine's own sound devices: a pretended microphone opens at
//! once, which no real one does. A machine without any can have them from PulseAudio: a null
//! sink, and a pipe source that is fed at the speed of sound (its sine source hands Chromium
//! whole half seconds at a time).

mod plain;

use std::env;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use plain::{AcceptBy, PlainBed};
use testkit::{
    Agent, BedOptions, Browser, CallView, Control, Delays, Login, MicrophonePermission, People, Presence,
    Query, Session, Settings, TestBed, eventually, percentile,
};
use tokio::time::sleep;

/// From the pointer's arrival at Accept to the click, as a person's hand takes it: the shortest
/// of what studies of pointing find.
const HOVER: Duration = Duration::from_millis(200);
/// How long sound may take.
const HEARD: Duration = Duration::from_secs(9);
/// How often the far end is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// The length of one frame of sound in milliseconds, which no answer can be faster than.
const FRAME_MS: f64 = 20.0;
/// What a page that was rung may take to be ready, beside what it takes to be seen.
const RINGING: Duration = Duration::from_millis(400);

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The plain page in the classic order.
    Plain,
    /// The product; nobody else is there, so the answer goes up while it rings.
    Alone,
    /// The product, while it rings at another agent, too.
    Several,
    /// The plain page with all but the post done while it rings, by these requests.
    Ready(AcceptBy),
}

impl Way {
    const ALL: [Self; 5] =
        [Self::Plain, Self::Alone, Self::Several, Self::Ready(AcceptBy::Alone), Self::Ready(AcceptBy::Both)];

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain page",
            Self::Alone => "product, one agent",
            Self::Several => "product, several",
            Self::Ready(AcceptBy::Alone) => "prepared, accept alone",
            Self::Ready(AcceptBy::Both) => "prepared, pre_accept + accept",
        }
    }
}

/// One answer, in milliseconds from the click.
#[derive(Debug, Clone, Copy)]
struct Timed {
    leaves: f64,
    asked: f64,
    accept: f64,
    frame: f64,
    heard: f64,
    far_end: f64,
    /// What upstream took for `accept`.
    upstream: f64,
}

#[derive(Debug)]
struct Wanted {
    calls: usize,
    delays: Vec<u64>,
    browsers: Vec<Browser>,
    microphone: MicrophonePermission,
}

impl Wanted {
    fn read() -> Result<Self> {
        let mut wanted = Self {
            calls: 10,
            delays: vec![0, 50, 150],
            browsers: Browser::ALL.to_vec(),
            microphone: MicrophonePermission::Granted,
        };
        let mut given = env::args().skip(1);
        while let Some(option) = given.next() {
            let value = given.next().with_context(|| format!("{option} wants a value"))?;
            let parts = value.split(',');
            match option.as_str() {
                "--calls" => wanted.calls = value.parse().context("--calls")?,
                "--delays" => wanted.delays = parts.map(str::parse).collect::<Result<_, _>>()?,
                "--browsers" => {
                    let named = |name: &str| Browser::ALL.into_iter().find(|one| one.to_string() == name);
                    wanted.browsers =
                        parts.map(|name| named(name).context("no such browser")).collect::<Result<_>>()?;
                }
                "--microphone" => {
                    wanted.microphone = match value.as_str() {
                        "pretended" => MicrophonePermission::Granted,
                        "own" => MicrophonePermission::Own,
                        _ => bail!("--microphone is pretended or own"),
                    }
                }
                _ => bail!("{option} is none of --calls, --delays, --browsers, --microphone"),
            }
        }
        ensure!(wanted.calls > 0, "--calls must be at least 1");
        Ok(wanted)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let wanted = Wanted::read()?;
    for browser in &wanted.browsers {
        for delay in &wanted.delays {
            say(&format!("\n{browser}, upstream answers after {delay} ms; {} calls each", wanted.calls));
            let mut rows = Vec::new();
            for way in Way::ALL {
                rows.push((way, answers(*browser, way, *delay, &wanted).await?));
            }
            say(&table(&rows));
            say(&verdict(*delay, &rows));
        }
    }
    Ok(())
}

/// Answers so many calls.
async fn answers(browser: Browser, way: Way, delay: u64, wanted: &Wanted) -> Result<Vec<Timed>> {
    let Wanted { calls, microphone, .. } = *wanted;
    let delay = Duration::from_millis(delay);
    let delays = Delays { pre_accept: delay, accept: delay, ..Delays::default() };
    let settings = Settings { delays, ..Settings::default() };
    let session = Session::start(browser, microphone).await?;
    let mut timed = Vec::new();
    match way {
        Way::Plain | Way::Ready(_) => {
            let (by, path) = match way {
                Way::Ready(by) => (by, "/?ready"),
                Way::Plain | Way::Alone | Way::Several => (AcceptBy::Alone, "/"),
            };
            let bed = PlainBed::start(settings, by).await?;
            let agent = Agent::new(session.web(), &bed.origin);
            agent.open(path).await?;
            agent.answers().await?;
            for _ in 0..calls {
                timed.push(answer(&agent, &bed.control, "Somebody", "Nobody calls.").await?);
            }
            session.quit().await?;
            bed.shut_down().await;
        }
        Way::Alone | Way::Several => {
            let bed = TestBed::start(BedOptions { settings, ..BedOptions::default() }).await?;
            let agent = Agent::new(session.web(), &bed.origin);
            available(&agent, Login::ASHA).await?;
            agent.answers().await?;
            let other = match way {
                Way::Several => Some(Session::start(browser, microphone).await?),
                Way::Plain | Way::Alone | Way::Ready(_) => None,
            };
            if let Some(other) = &other {
                available(&Agent::new(other.web(), &bed.origin), Login::BEN).await?;
            }
            for _ in 0..calls {
                timed.push(answer(&agent, &bed.control, "Toni Okafor", "They hung up").await?);
                agent.press("Close").await?;
            }
            session.quit().await?;
            if let Some(other) = other {
                other.quit().await?;
            }
            bed.shut_down().await?;
        }
    }
    Ok(timed)
}

async fn available(agent: &Agent, login: Login) -> Result<()> {
    agent.sign_in(login).await?;
    agent.set_presence(Presence::Available).await?;
    agent.says("Microphone fine").await
}

/// One call: rung, answered, heard, and hung up by the caller.
async fn answer(agent: &Agent, control: &Control, caller: &str, over: &str) -> Result<Timed> {
    let call = control.ring(People::TONE).await?;
    agent.rings(caller).await?;
    sleep(RINGING).await;
    agent.points_at_accept(caller).await?;
    sleep(HOVER).await;
    let known = agent.answers().await?.len();
    let (clicked, far_end) = tokio::join!(agent.answer(caller, "Accept"), first_packet(control, &call));
    clicked?;
    let answered = eventually("the caller being heard", HEARD, async || {
        let answered = agent.answers().await?.get(known).cloned().context("no click was seen")?;
        ensure!(answered.heard.is_some(), "{answered:?}");
        Ok(answered)
    })
    .await?;
    let asked = control.asked().await?;
    let since = |at: f64| at - answered.clicked;
    let ours = |action: &str| {
        // Newest first.
        let action = format!("action: {action}");
        asked.iter().find(|one| one.brief.contains(&action)).cloned()
    };
    let accept = ours("accept").context("no accept came")?;
    let first = ours("pre_accept").map(|one| since(one.at)).filter(|late| *late > 0.0);
    control.hang_up(&call.id).await?;
    agent.says(over).await?;
    agent.sees_no(&Query::role("alertdialog")).await?;
    Ok(Timed {
        leaves: answered.leaves.context("no request was seen")?,
        asked: first.unwrap_or_else(|| since(accept.at)),
        accept: since(accept.at),
        frame: answered.arrived.unwrap_or_default(),
        heard: answered.heard.unwrap_or_default(),
        far_end: far_end? - answered.clicked,
        upstream: ms(Duration::from_millis(accept.took_ms)),
    })
}

/// When the first packet of sound came to the far end, in milliseconds since 1970.
async fn first_packet(control: &Control, call: &CallView) -> Result<f64> {
    let begun = std::time::Instant::now();
    while begun.elapsed() < HEARD {
        if control.call(&call.id).await?.media.packets_in > 0 {
            return Ok(ms(SystemTime::now().duration_since(UNIX_EPOCH)?));
        }
        sleep(LOOK).await;
    }
    bail!("the far end heard nothing within {HEARD:?}")
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// A percentile of one figure.
fn at(rows: &[Timed], of: Figure, percent: usize) -> f64 {
    percentile(&rows.iter().map(of).collect::<Vec<_>>(), percent)
}

/// One figure of an answer.
type Figure = fn(&Timed) -> f64;

/// What is measured, and by what name.
const COLUMNS: [(&str, Figure); 6] = [
    ("accept leaves", |timed| timed.leaves),
    ("first request upstream", |timed| timed.asked),
    ("accept upstream", |timed| timed.accept),
    ("caller's first frame", |timed| timed.frame),
    ("caller heard", |timed| timed.heard),
    ("agent's first packet", |timed| timed.far_end),
];

/// Milliseconds from the click, p50 / p95, and p50 as a share of the plain page's.
fn table(rows: &[(Way, Vec<Timed>)]) -> String {
    let mut text = format!("{:30}", "ms from the click, p50/p95 (×)");
    for (name, _) in COLUMNS {
        let _ = write!(text, " | {name:>24}");
    }
    let _ = writeln!(text, " | heard over the floor");
    let plain = rows.iter().find(|(way, _)| *way == Way::Plain).map(|(_, timed)| timed.as_slice());
    for (way, timed) in rows {
        let _ = write!(text, "{:30}", way.name());
        for (_, of) in COLUMNS {
            let (half, most) = (at(timed, of, 50), at(timed, of, 95));
            let ratio = half / at(plain.unwrap_or_default(), of, 50);
            let cell = format!("{half:.1}/{most:.0} ({ratio:.2})");
            let _ = write!(text, " | {cell:>24}");
        }
        // The floor is what upstream itself takes for the accept, and one frame.
        let over: Figure = |timed| timed.heard - timed.upstream - FRAME_MS;
        let _ = writeln!(text, " | {:.0}/{:.0}", at(timed, over, 50), at(timed, over, 95));
    }
    text
}

/// Longest usual way of the click's request out of the page, in milliseconds, for 95 of 100.
const LEAVES_MS: f64 = 20.0;
/// How much over the floor sound may come where the answer went up while it rang.
const OVER_MS: f64 = 20.0;
/// The same as a share of the plain page, where upstream answers at once.
const HEARD_SHARE: f64 = 0.5;
/// Click to accept where it rings at several, as a share of the plain page.
const ACCEPT_SHARE: f64 = 0.3;

/// Which targets hold.
fn verdict(delay: u64, rows: &[(Way, Vec<Timed>)]) -> String {
    let of = |way: Way, figure: Figure, percent: usize| {
        let timed = rows.iter().find(|(other, _)| *other == way).map(|(_, timed)| timed.as_slice());
        at(timed.unwrap_or_default(), figure, percent)
    };
    let over: Figure = |timed| timed.heard - timed.upstream - FRAME_MS;
    let mut said = String::new();
    let mut say = |what: &str, found: f64, most: f64, unit: &str| {
        let holds = if found <= most { "holds" } else { "MISSED" };
        let _ = writeln!(said, "{holds}: {what}: {found:.2}{unit}, at most {most}{unit}");
    };
    for way in [Way::Alone, Way::Several] {
        let what = format!("{}: the accept leaves the page, p95", way.name());
        say(&what, of(way, |timed| timed.leaves, 95), LEAVES_MS, " ms");
    }
    let alone = "one agent: the caller is heard over the floor, p50";
    say(alone, of(Way::Alone, over, 50), OVER_MS, " ms");
    if delay == 0 {
        let share = of(Way::Alone, |timed| timed.heard, 50) / of(Way::Plain, |timed| timed.heard, 50);
        say("one agent: the caller is heard, of the plain page's time", share, HEARD_SHARE, "");
    }
    let share = of(Way::Several, |timed| timed.accept, 50) / of(Way::Plain, |timed| timed.accept, 50);
    say("several: accept upstream, of the plain page's time", share, ACCEPT_SHARE, "");
    let by = |by: AcceptBy| of(Way::Ready(by), |timed| timed.heard, 50);
    let (alone, both) = (by(AcceptBy::Alone), by(AcceptBy::Both));
    let sooner = if alone <= both { "accept alone" } else { "pre_accept + accept" };
    let _ = write!(said, "Sooner heard by {sooner}: {alone:.0} ms alone, {both:.0} ms with pre_accept");
    said
}

#[expect(clippy::print_stdout, reason = "a figure is what this program is for")]
fn say(line: &str) {
    println!("{line}");
}
