//! For everybody: axe-core finds nothing on any state of the page, in both themes; it fits
//! a narrow and a zoomed window, and what is pressed in a call is large enough.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use testkit::suite::Stage;
use testkit::{BedOptions, Browser, Login, MicrophonePermission, People, Presence, Query, eventually};

/// People who let it ring while it is looked at.
pub(crate) fn lets_it_ring(browser: Browser) -> Result<BedOptions, String> {
    Ok(BedOptions { reaction: Duration::from_secs(20), ..crate::usual(browser)? })
}

pub(crate) async fn without_a_call(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.open("/").await?;
    agent.sees(&Query::named("button", "Sign in")).await?;
    agent.is_accessible("sign-in").await?;
    agent.try_login(Login::ASHA.username, "not-her-password").await?;
    agent.is_told("password").await?;
    agent.is_accessible("a sign-in that failed").await?;
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Away).await?;
    agent.says("You’re away").await?;
    agent.is_accessible("away").await?;
    agent.set_presence(Presence::Available).await?;
    agent.is_accessible("available").await?;
    agent.dial("12").await?;
    agent.is_told("can’t be called").await?;
    agent.is_accessible("a number that is wrong, and a fault").await?;
    agent.press("Keypad").await?;
    agent.is_accessible("the dialler's keypad").await
}

pub(crate) async fn the_other_pages(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    agent.go_to("Call log").await?;
    agent.sees(&Query::role("status").showing("Page 1 of")).await?;
    agent.is_accessible("the log").await?;
    agent.open("/log?page=900").await?;
    agent.says("No such calls").await?;
    agent.is_accessible("a log without rows").await?;
    agent.go_to("Settings").await?;
    agent.is_accessible("settings").await?;
    agent.press_keys("?").await?;
    agent.sees(&Query::role("dialog")).await?;
    agent.is_accessible("the sheet of shortcuts").await?;
    agent.open_tab().await?;
    agent.open("/").await?;
    agent.says("Another tab holds the phone.").await?;
    agent.is_accessible("a tab that is not the phone").await
}

pub(crate) async fn in_a_call(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Available).await?;
    bed.control.ring(People::SPEAKER).await?;
    agent.rings("Asha Rao").await?;
    agent.is_accessible("a ring").await?;
    agent.answer("Asha Rao", "Accept").await?;
    agent.call_is("Connected").await?;
    agent.is_accessible("a call").await?;
    agent.press("Mute").await?;
    agent.press("Keypad").await?;
    agent.is_accessible("a muted call with its keypad").await?;
    agent.press("Hang up").await?;
    agent.call_is_over().await?;
    agent.is_accessible("a call that ended").await
}

pub(crate) async fn while_it_rings(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.dial(People::NEVER_ANSWERS).await?;
    agent.call_is("Ringing…").await?;
    agent.is_accessible("calling").await?;
    agent.press("Hang up").await?;
    agent.call_is_over().await?;
    agent.set_presence(Presence::Available).await?;
    bed.control.ring(People::SPEAKER).await?;
    bed.control.ring(People::TONE).await?;
    agent.rings("Asha Rao").await?;
    agent.rings("Toni Okafor").await?;
    agent.is_accessible("two rings").await
}

pub(crate) async fn in_trouble(stage: &mut Stage) -> Result<()> {
    let refused = stage.another_agent(MicrophonePermission::Refused).await?;
    refused.sign_in(Login::BEN).await?;
    refused.press("Take calls").await?;
    refused.is_told("You were set to away").await?;
    refused.is_accessible("a refused microphone").await?;
    refused.go_to("Call log").await?;
    stage.bed.stop_relay().await?;
    refused.says("Offline").await?;
    refused.choose("Status", "Missed").await?;
    refused.says("The server can’t be reached.").await?;
    refused.is_accessible("a log that failed, offline").await
}

/// What sticks out, and what is too small to be hit: 44 px, WCAG 2.5.5. From 480 px of height
/// the panel and the content scroll, and the window does not.
const FIT: &str = "const wide = innerWidth, out = [], small = [];
  const high = document.scrollingElement.scrollHeight;
  if (innerHeight >= 480 && high > innerHeight) out.push(`the page is ${high} of ${innerHeight} px high`);
  if (document.scrollingElement.scrollWidth > wide) out.push(`the page is ${document.scrollingElement.scrollWidth} px wide`);
  for (const one of document.querySelectorAll('button, a, input, select')) {
    const box = one.getBoundingClientRect();
    if (box.width === 0 || !one.checkVisibility()) continue;
    const name = one.ariaLabel ?? one.textContent ?? one.id;
    if (box.left < -1 || box.right > wide + 1) out.push(`${name}: ${box.left} to ${box.right} of ${wide}`);
    if (one.closest('.board, .dialler, .presence, .nav') && (box.width < 43.5 || box.height < 43.5))
      small.push(`${name}: ${box.width} by ${box.height}`);
  }
  return [out, small]";

pub(crate) async fn in_a_narrow_and_in_a_zoomed_window(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Available).await?;
    let fits = async |state: &str| -> Result<()> {
        // 320 px; and a laptop's 1280 by 800 at 200 %.
        for (width, height) in [(320, 640), (640, 400)] {
            agent.resize(width, height).await?;
            let [out, small]: [Vec<String>; 2] = agent.web().execute(FIT, vec![]).await?.convert()?;
            ensure!(out.is_empty(), "{state} at {width} by {height}: {out:#?}");
            ensure!(small.is_empty(), "{state} at {width} by {height}: {small:#?}");
            agent.web().execute("document.documentElement.dir = 'rtl'", vec![]).await?;
            let [out, _]: [Vec<String>; 2] = agent.web().execute(FIT, vec![]).await?.convert()?;
            ensure!(out.is_empty(), "{state} at {width} by {height}, right to left: {out:#?}");
            agent.web().execute("document.documentElement.dir = ''", vec![]).await?;
            agent.is_accessible(&format!("{state} at {width} by {height}")).await?;
        }
        Ok(())
    };
    fits("the phone").await?;
    bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    fits("a ring").await?;
    agent.answer("Toni Okafor", "Accept").await?;
    agent.call_is("Connected").await?;
    fits("a call").await?;
    agent.press("Keypad").await?;
    fits("a call's keypad").await?;
    agent.press("Hang up").await?;
    agent.call_is_over().await?;
    fits("a call that ended").await?;
    bed.control.ring(People::SPEAKER).await?;
    agent.rings("Asha Rao").await?;
    fits("a ring after a call that ended").await?;
    agent.answer("Asha Rao", "Reject").await?;
    agent.go_to("Call log").await?;
    agent.sees(&Query::role("status").showing("Page 1 of")).await?;
    fits("the log").await?;
    agent.go_to("Settings").await?;
    fits("settings").await?;
    agent.press_keys("?").await?;
    agent.sees(&Query::role("dialog")).await?;
    fits("the sheet of shortcuts").await
}

/// What moves for ever.
const MOVING: &str = "return document.getAnimations()
  .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().endTime === Infinity).length";

pub(crate) async fn with_reduced_motion(stage: &mut Stage) -> Result<()> {
    let browser = stage.browser();
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Available).await?;
    bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    let moving = async || -> Result<u32> { Ok(agent.web().execute(MOVING, vec![]).await?.convert()?) };
    ensure!(moving().await? > 0, "a ring pulses");
    if !agent.reduce_motion(browser).await? {
        // Firefox can't be told by its driver; the style sheet says the same for both.
        const RULES: &str = "return [...document.styleSheets].some((sheet) =>
            JSON.stringify([...sheet.cssRules].map((rule) => rule.cssText)).includes('prefers-reduced-motion'))";
        let has: bool = agent.web().execute(RULES, vec![]).await?.convert()?;
        ensure!(has, "the style sheet knows nothing of reduced motion");
        return Ok(());
    }
    eventually("nothing moving", Duration::from_secs(3), async || {
        let still = moving().await.context("asking what moves")?;
        ensure!(still == 0, "{still} things move");
        Ok(())
    })
    .await
}
