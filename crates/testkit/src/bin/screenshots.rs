//! Walks the built page through its states and takes pictures of each, in both
//! themes and two sizes: `cargo run --package testkit --bin screenshots -- FOLDER`.
//! Needs what the end-to-end tests need (`RELAY_APP`, `CHROMEDRIVER`).

use std::env;
use std::time::Duration;

use anyhow::{Context as _, Result};
use testkit::{
    Agent, BedOptions, Browser, Camera, Login, MicrophonePermission, People, Presence, Query, Session,
    TestBed,
};
use tokio::time::sleep;

/// Long enough for the talk time and the meters to show something.
const A_MOMENT: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<()> {
    let folder = env::args().nth(1).context("name the folder for the pictures")?;
    let mut bed = TestBed::start(BedOptions {
        seed_rows: 5_000,
        reaction: Duration::from_secs(15),
        ..BedOptions::default()
    })
    .await?;
    let session = Session::start(Browser::Chromium, MicrophonePermission::Granted).await?;
    let refused = Session::start(Browser::Chromium, MicrophonePermission::Refused).await?;
    let walk =
        Walk { agent: Agent::new(session.web(), &bed.origin), camera: Camera::new(session.web(), &folder)? };
    walk.sign_in().await?;
    walk.log().await?;
    walk.outbound().await?;
    walk.inbound(&bed).await?;
    walk.languages(&bed).await?;
    walk.tabs(&bed).await?;
    let other =
        Walk { agent: Agent::new(refused.web(), &bed.origin), camera: Camera::new(refused.web(), &folder)? };
    other.microphone_refused().await?;
    other.office().await?;
    walk.offline(&mut bed).await?;
    session.quit().await?;
    refused.quit().await?;
    bed.shut_down().await
}

struct Walk {
    agent: Agent,
    camera: Camera,
}

impl Walk {
    async fn sign_in(&self) -> Result<()> {
        let agent = &self.agent;
        agent.open("/").await?;
        agent.sees(&Query::named("button", "Sign in")).await?;
        self.camera.take("01-sign-in").await?;
        agent.try_login(Login::ASHA.username, "not-her-password").await?;
        agent.is_told("password").await?;
        self.camera.take("02-sign-in-failed").await?;
        agent.sign_in(Login::ASHA).await?;
        self.camera.take("03-phone-away").await?;
        agent.set_presence(Presence::Available).await?;
        sleep(A_MOMENT).await;
        self.camera.take("04-phone-available").await
    }

    async fn log(&self) -> Result<()> {
        let agent = &self.agent;
        agent.go_to("Call log").await?;
        agent
            .sees(&Query::role("row").showing("Inbound").inside(Query::named("table", "Call log")))
            .await
            .ok();
        sleep(A_MOMENT).await;
        self.camera.take("20-log").await?;
        agent.open("/log?page=3&direction=inbound&status=missed&limit=25").await?;
        sleep(A_MOMENT).await;
        self.camera.take("21-log-filtered").await?;
        agent.open("/log?page=1&direction=outbound&status=pre_accepted&limit=25").await?;
        sleep(A_MOMENT).await;
        self.camera.take("22-log-empty").await?;
        agent.go_to("Settings").await?;
        sleep(A_MOMENT).await;
        self.camera.take("30-settings").await?;
        agent.press_keys("?").await?;
        agent.sees(&Query::role("dialog")).await?;
        self.camera.take("31-shortcuts").await?;
        agent.press("Close").await?;
        agent.press("Test microphone").await?;
        sleep(A_MOMENT).await;
        self.camera.take("32-settings-microphone").await?;
        agent.go_to("Phone").await
    }

    async fn outbound(&self) -> Result<()> {
        let agent = &self.agent;
        agent.dial("12").await?;
        agent.says("country code").await?;
        self.camera.take("05-number-wrong").await?;
        agent.dial(People::TONE).await?;
        agent.call_is("Ringing…").await?;
        self.camera.take("06-outbound-ringing").await?;
        agent.press("Hang up").await?;
        agent.call_is_over().await?;
        self.camera.take("07-outbound-cancelled").await?;
        agent.dial(People::NO_PERMISSION).await?;
        agent.says("permission").await?;
        self.camera.take("08-no-permission").await
    }

    async fn inbound(&self, bed: &TestBed) -> Result<()> {
        let agent = &self.agent;
        let first = bed.control.ring(People::SPEAKER).await?;
        agent.rings("Asha Rao").await?;
        self.camera.take("10-incoming").await?;
        let second = bed.control.ring(People::TONE).await?;
        agent.rings("Toni Okafor").await?;
        self.camera.take("11-incoming-two").await?;
        agent.answer("Asha Rao", "Accept").await?;
        agent.call_is("Connected").await?;
        self.camera.take("12-connected-and-ringing").await?;
        bed.control.hang_up(&second.id).await?;
        agent.is_quiet().await?;
        sleep(A_MOMENT).await;
        self.camera.take("13-connected").await?;
        let signal = Query::role("button").showing("Line quality");
        agent.click(&signal).await?;
        sleep(A_MOMENT).await;
        self.camera.take("13-connected-line").await?;
        agent.click(&signal).await?;
        agent.press("Mute").await?;
        sleep(A_MOMENT).await;
        self.camera.take("14-muted").await?;
        self.several(bed).await?;
        agent.go_to("Call log").await?;
        sleep(A_MOMENT).await;
        self.camera.take("15-log-in-a-call").await?;
        agent.go_to("Phone").await?;
        bed.control.hang_up(&first.id).await?;
        agent.call_is_over().await?;
        self.camera.take("16-far-end-hung-up").await
    }

    /// One call on hold, one live, two that ring; then the keypad.
    async fn several(&self, bed: &TestBed) -> Result<()> {
        let agent = &self.agent;
        agent.press("Hold").await?;
        agent.call_is("On hold").await?;
        self.camera.take("40-on-hold").await?;
        let call = bed.control.ring(People::TONE).await?;
        agent.rings("Toni Okafor").await?;
        agent.answer("Toni Okafor", "Accept").await?;
        agent.call_is("Connected").await?;
        self.camera.take("41-one-waits").await?;
        let further = [bed.control.ring(People::ECHO).await?, bed.control.ring(People::NEVER_ANSWERS).await?];
        agent.rings("Nora Silva").await?;
        self.camera.take("42-two-ring-one-waits").await?;
        for further in further {
            bed.control.hang_up(&further.id).await?;
        }
        agent.is_quiet().await?;
        agent.press("Keypad").await?;
        agent.types("12#").await?;
        self.camera.take("43-keypad-one-waits").await?;
        bed.control.hang_up(&call.id).await?;
        agent.says("They hung up").await?;
        self.camera.take("44-ended-one-waits").await?;
        agent.press("Resume").await?;
        agent.call_is("Connected").await
    }

    /// A second tab, and a page that reads from right to left.
    async fn tabs(&self, bed: &TestBed) -> Result<()> {
        let agent = &self.agent;
        let phone = agent.tab().await?;
        agent.open_tab().await?;
        agent.open("/").await?;
        agent.says("Another tab holds the phone").await?;
        self.camera.take("45-other-tab").await?;
        let call = bed.control.ring(People::TONE).await?;
        agent.rings("Toni Okafor").await?;
        agent.answer("Toni Okafor", "Accept").await?;
        agent.call_is("Connected").await?;
        self.camera.take("46-other-tab-in-a-call").await?;
        agent.close_tab().await?;
        agent.to_tab(&phone).await?;
        agent.web().execute("document.documentElement.dir = 'rtl'", vec![]).await?;
        self.camera.take("50-right-to-left").await?;
        bed.control.hang_up(&call.id).await?;
        agent.call_is_over().await?;
        agent.go_to("Call log").await?;
        sleep(A_MOMENT).await;
        self.camera.take("51-log-right-to-left").await?;
        agent.go_to("Settings").await?;
        self.camera.take("52-settings-right-to-left").await?;
        agent.web().execute("document.documentElement.dir = ''", vec![]).await?;
        agent.go_to("Phone").await
    }

    async fn microphone_refused(&self) -> Result<()> {
        let agent = &self.agent;
        agent.sign_in(Login::BEN).await?;
        agent.press("Take calls").await?;
        agent.is_told("You were set to away").await?;
        self.camera.take("17-microphone-refused").await
    }

    /// The team, and sessions elsewhere.
    async fn office(&self) -> Result<()> {
        let agent = &self.agent;
        agent.go_to("Team").await?;
        agent.sees(&Query::named("region", "People").showing("Ben")).await?;
        self.camera.take("36-team").await?;
        agent.go_to("Settings").await?;
        agent.sees(&Query::named("button", "Sign out everywhere")).await?;
        self.camera.take("37-sessions").await
    }

    /// A ring and a call in a language that is written from right to left.
    async fn languages(&self, bed: &TestBed) -> Result<()> {
        let agent = &self.agent;
        agent.go_to("Settings").await?;
        agent.choose("Language", "हिन्दी").await?;
        agent.sees(&Query::role("link").showing("कॉल लॉग")).await?;
        self.camera.take("38-hindi-settings").await?;
        agent.choose("भाषा", "العربية").await?;
        agent.sees(&Query::role("link").showing("سجل المكالمات")).await?;
        agent.go_to("الهاتف").await?;
        let call = bed.control.ring(People::SPEAKER).await?;
        agent.sees(&Query::role("alertdialog").showing("Asha Rao")).await?;
        self.camera.take("39-arabic-ringing").await?;
        agent.press("قبول").await?;
        sleep(A_MOMENT).await;
        self.camera.take("41-arabic-call").await?;
        bed.control.hang_up(&call.id).await?;
        agent.go_to("الإعدادات").await?;
        agent.choose("اللغة", "English").await?;
        agent.sees(&Query::named("link", "Call log")).await?;
        agent.go_to("Phone").await
    }

    async fn offline(&self, bed: &mut TestBed) -> Result<()> {
        let agent = &self.agent;
        bed.stop_relay().await?;
        agent.says("Offline").await?;
        self.camera.take("18-offline").await?;
        agent.go_to("Call log").await?;
        sleep(A_MOMENT).await;
        self.camera.take("23-log-offline").await
    }
}
