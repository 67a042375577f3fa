//! Heard when nobody looks at the page.

use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::suite::Stage;
use testkit::{Login, People, Presence, Query, eventually};

/// Titles and buttons of the notifications that the page's worker shows.
const SHOWN: &str = "const done = arguments[0];
  navigator.serviceWorker.getRegistration('/')
    .then((worker) => worker ? worker.getNotifications() : [])
    .then((all) => done(all.map((one) => [one.title, one.tag, ...(one.actions ?? []).map((act) => act.action)])))
    .catch((error) => done([[String(error)]]))";

/// Plays the worker's part when the person presses a button of a notification.
const CHOOSE: &str = "navigator.serviceWorker.dispatchEvent(
    new MessageEvent('message', { data: `${arguments[1]}\t${arguments[0]}` }))";

const TITLE_AND_ICON: &str =
    "return [document.title, document.querySelector('link[rel=icon]').getAttribute('href').slice(0, 5)]";

/// What a browser does to the timers of a page that nobody has looked at for some minutes.
const LATE_TIMERS: &str = "const set = window.setTimeout;
  window.setTimeout = (call, ms, ...more) => set.call(window, call, Math.max(ms, 60_000), ...more)";

/// What the page says without a relay.
const LOST: &str = "The connection is lost.";

/// How long a hidden page may take to find the relay after it is back: well below a late timer.
const FINDS_WITHIN: Duration = Duration::from_secs(20);

/// The worker itself, with an event and its answer written down: arguments are its text
/// and what was pressed.
const WORKER: &str = "const [text, action, done] = arguments;
  const listeners = {}, said = [];
  const self = {
    addEventListener: (name, listen) => { listeners[name] = listen; },
    skipWaiting() {},
    clients: {
      claim() {},
      matchAll: async () => [1, 2].map((tab) => ({
        postMessage: (message) => said.push(`${tab} ${message}`),
        focus: async () => said.push(`focus ${tab}`),
      })),
    },
  };
  ";

async fn shown(stage: &Stage) -> Result<Vec<Vec<String>>> {
    Ok(stage.agent.web().execute_async(SHOWN, vec![]).await?.convert()?)
}

pub(crate) async fn a_notification_with_the_caller(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    agent.set_notifications("granted").await?;
    agent.reload().await?;
    agent.set_presence(Presence::Available).await?;
    let phone = agent.tab().await?;
    agent.open_tab().await?;
    agent.web().goto(format!("{}/healthz", stage.bed.origin)).await?;
    let call = stage.bed.control.ring(People::TONE).await?;
    let notification = eventually("a notification", Duration::from_secs(8), async || {
        let mut all = shown(stage).await?;
        ensure!(all.len() == 1, "there are {all:?}");
        Ok(all.remove(0))
    })
    .await?;
    ensure!(notification[0] == "Toni Okafor is calling", "{notification:?}");
    let buttons = &notification[2..];
    // Firefox has none on a computer.
    ensure!(buttons.is_empty() || buttons == ["accept", "reject"], "{notification:?}");

    agent.to_tab(&phone).await?;
    let [title, icon]: [String; 2] = agent.web().execute(TITLE_AND_ICON, vec![]).await?.convert()?;
    ensure!(title.contains("Toni Okafor is calling"), "{title:?}");
    ensure!(icon == "data:", "the icon has no dot: {icon:?}");
    let asked = vec![notification[1].clone().into(), "reject".into()];
    agent.web().execute(CHOOSE, asked).await?;
    stage.bed.control.until(&call.id, "ended").await?;
    agent.is_quiet().await?;
    eventually("the notification being gone", Duration::from_secs(5), async || {
        let all = shown(stage).await?;
        ensure!(all.is_empty(), "{all:?}");
        Ok(())
    })
    .await?;
    let [_, icon]: [String; 2] = agent.web().execute(TITLE_AND_ICON, vec![]).await?.convert()?;
    ensure!(icon != "data:", "the icon still has a dot");
    Ok(())
}

pub(crate) async fn a_hidden_page_finds_the_relay_again(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Available).await?;
    agent.web().execute(LATE_TIMERS, vec![]).await?;
    // This one shows what the first, now hidden, has to say.
    agent.open_tab().await?;
    agent.open("/").await?;
    agent.says("Another tab holds the phone.").await?;
    bed.kill_relay()?;
    agent.says(LOST).await?;
    bed.start_relay().await?;
    eventually("the hidden page being back", FINDS_WITHIN, async || {
        ensure!(!agent.text().await?.contains(LOST), "it says that the connection is lost");
        Ok(())
    })
    .await?;
    bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    Ok(())
}

pub(crate) async fn the_worker_passes_on_what_was_pressed(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.open("/").await?;
    const READ: &str = "const done = arguments[0];
      fetch('/notify.mjs').then(async (reply) => done(
        [await reply.text(), reply.headers.get('cache-control'), reply.headers.get('content-type')]))";
    let [text, cache, kind]: [String; 3] = agent.web().execute_async(READ, vec![]).await?.convert()?;
    ensure!(cache == "no-cache" && kind.starts_with("text/javascript"), "{cache:?} {kind:?}");
    let press = async |action: &str| -> Result<Vec<String>> {
        let script = [
            WORKER,
            &text,
            "\nlet last; listeners.notificationclick({
                action, notification: { tag: 'wacid.A', close: () => said.push('closed') },
                waitUntil: (what) => { last = what; } });
             last.then(() => done(said));",
        ]
        .concat();
        Ok(agent.web().execute_async(&script, vec!["".into(), action.into()]).await?.convert()?)
    };
    ensure!(press("accept").await? == ["closed", "1 accept\twacid.A", "2 accept\twacid.A", "focus 1"]);
    ensure!(press("reject").await? == ["closed", "1 reject\twacid.A", "2 reject\twacid.A"]);
    ensure!(press("").await? == ["closed", "1 \twacid.A", "2 \twacid.A", "focus 1"]);
    Ok(())
}

pub(crate) async fn settings_say_what_the_browser_allows(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    for (state, words, can_ask) in [
        ("denied", "This browser shows none for this page.", false),
        ("granted", "A call shows one while this page is behind another.", false),
        ("prompt", "Let a call show one while this page is behind another.", true),
    ] {
        agent.set_notifications(state).await?;
        agent.open("/settings").await?;
        agent.says(words).await?;
        let button = agent.seen(&Query::named("button", "Allow notifications")).await?;
        ensure!(button.len() == usize::from(can_ask), "{state}: {button:?}");
    }
    Ok(())
}
