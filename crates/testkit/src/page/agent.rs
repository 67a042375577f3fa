//! An agent at the page.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use thirtyfour::WebDriver;

use super::answer::{self, Answered};
use super::dom::Dom;
use super::ears;
use super::query::{LogTable, Query, Seen};
use super::watch::{self, Watched};
use crate::bed::Login;
use crate::wait::{self, eventually};

/// How long a word or a card may take that comes from the far end: through
/// simulator, webhook, relay and socket, on a busy machine.
const FROM_AFAR: Duration = Duration::from_secs(10);

/// How often a number is dialled at most while upstream does not answer: it fails three times
/// in a row at worst.
const DIALS: usize = 4;

/// What the page says of a call whose outcome could not be found out.
const LOST: [&str; 2] = ["Vobiz gave no usable answer", "Vobiz did not answer in time"];

/// What the page says while a change of presence is on its way to the relay.
const CHANGING: &str = "One moment…";

/// Whether the agent takes calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Takes calls.
    Available,
    /// Takes none.
    Away,
}

/// An agent in front of the page. Cheap to clone; all clones share the browser.
#[derive(Debug, Clone)]
pub struct Agent {
    origin: String,
    dom: Dom,
}

impl Agent {
    /// An agent with a browser, before any page is open.
    pub fn new(web: &WebDriver, origin: &str) -> Self {
        Self { origin: origin.to_owned(), dom: Dom { web: web.clone() } }
    }

    /// The browser.
    pub fn web(&self) -> &WebDriver {
        &self.dom.web
    }

    /// Its document.
    pub(super) fn dom(&self) -> &Dom {
        &self.dom
    }

    /// Opens an address of the page, such as `/log?page=2`.
    pub async fn open(&self, path: &str) -> Result<()> {
        self.web().goto(format!("{}{path}", self.origin)).await.with_context(|| format!("opening {path}"))?;
        ears::listen(self.web()).await
    }

    /// Loads the page again.
    pub async fn reload(&self) -> Result<()> {
        self.web().refresh().await?;
        ears::listen(self.web()).await
    }

    /// Path and query of the address that is shown.
    pub async fn address(&self) -> Result<String> {
        let url = self.web().current_url().await?;
        Ok(url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())))
    }

    /// Opens the page and signs in; ends where the phone is shown.
    pub async fn sign_in(&self, login: Login) -> Result<()> {
        self.open("/").await?;
        self.try_login(login.username, login.password).await?;
        self.dom.wait_for(&Query::named("switch", "Available")).await?;
        Ok(())
    }

    /// Fills in the sign-in form and sends it.
    pub async fn try_login(&self, username: &str, password: &str) -> Result<()> {
        self.dom.fill(&Query::named("textbox", "Username"), username).await?;
        self.dom.fill(&Query::named("textbox", "Password"), password).await?;
        self.dom.click(&Query::named("button", "Sign in")).await
    }

    /// Says whether calls are taken, and waits until the page agrees.
    pub async fn set_presence(&self, presence: Presence) -> Result<()> {
        let switch = Query::named("switch", "Available");
        let wanted = Some(presence == Presence::Available);
        eventually(&format!("being {presence:?}"), FROM_AFAR, async || {
            let text = self.text().await?;
            ensure!(!text.contains(CHANGING), "it is on its way to the relay");
            let seen = self.dom.one(&switch).await?;
            if seen.checked != wanted {
                // As a person would who sees it fall back: the relay may have said meanwhile
                // how it stands there.
                self.dom.click(&switch).await?;
                bail!("it was {seen:?} and was clicked");
            }
            Ok(())
        })
        .await
    }

    /// Types a number and presses Call; again where an unruly upstream is expected and the
    /// page says that it gave no answer, as a person would.
    pub async fn dial(&self, number: &str) -> Result<()> {
        self.dom.fill(&Query::named("textbox", "Phone number"), number).await?;
        self.press("Call").await?;
        for _ in 1..DIALS {
            if !wait::expects_trouble() || !self.is_unanswered().await? {
                break;
            }
            self.press("Close").await?;
            self.dom.fill(&Query::named("textbox", "Phone number"), number).await?;
            self.press("Call").await?;
        }
        Ok(())
    }

    /// Waits until a call that is being made is more than that; whether upstream's answer to
    /// it was lost for good.
    async fn is_unanswered(&self) -> Result<bool> {
        let status = Query::role("status").inside(Query::named("region", "Active call"));
        eventually("upstream's answer to a call", FROM_AFAR, async || {
            let text = self.text().await?;
            if LOST.iter().any(|words| text.contains(words)) {
                return Ok(true);
            }
            let calling = self.dom.seen(&status).await?.iter().any(|seen| seen.text == "Calling…");
            ensure!(!calling, "it is still being made");
            Ok(false)
        })
        .await
    }

    /// Asks again for a part of the log that an unruly upstream did not tell.
    pub async fn retry_log(&self) -> Result<()> {
        let retry = Query::named("button", "Retry");
        if wait::expects_trouble() && !self.dom.seen(&retry).await?.is_empty() {
            self.press("Retry").await?;
        }
        Ok(())
    }

    /// Clicks the button with this name.
    pub async fn press(&self, button: &str) -> Result<()> {
        self.dom.click(&Query::named("button", button)).await
    }

    /// Clicks any element.
    pub async fn click(&self, query: &Query) -> Result<()> {
        self.dom.click(query).await
    }

    /// Follows a link of the navigation.
    pub async fn go_to(&self, link: &str) -> Result<()> {
        self.dom.click(&Query::named("link", link).inside(Query::role("navigation"))).await
    }

    /// Chooses an entry of a combobox.
    pub async fn choose(&self, combobox: &str, option: &str) -> Result<()> {
        self.dom.choose(&Query::named("combobox", combobox), option).await
    }

    /// What there is now of a query.
    pub async fn seen(&self, query: &Query) -> Result<Vec<Seen>> {
        self.dom.seen(query).await
    }

    /// Role and name of the one element of a query as the browser computes them.
    pub async fn computed(&self, query: &Query) -> Result<(String, String)> {
        self.dom.computed(query).await
    }

    /// The one element of a query, as soon as it is shown.
    pub async fn sees(&self, query: &Query) -> Result<Seen> {
        eventually(&format!("the {query} being shown"), FROM_AFAR, async || self.dom.one(query).await).await
    }

    /// Waits until nothing of a query is shown.
    pub async fn sees_no(&self, query: &Query) -> Result<()> {
        eventually(&format!("no {query} being shown"), FROM_AFAR, async || {
            let seen = self.dom.seen(query).await?;
            ensure!(seen.is_empty(), "{seen:?}");
            Ok(())
        })
        .await
    }

    /// Waits for an incoming call that shows this name or number.
    pub async fn rings(&self, caller: &str) -> Result<()> {
        self.sees(&Self::incoming(caller)).await.map(drop)
    }

    /// Clicks Accept or Reject of the call that shows this name or number.
    pub async fn answer(&self, caller: &str, button: &str) -> Result<()> {
        self.dom.click(&Query::named("button", button).inside(Self::incoming(caller))).await
    }

    /// Waits until no call rings.
    pub async fn is_quiet(&self) -> Result<()> {
        self.sees_no(&Query::role("alertdialog")).await
    }

    fn incoming(caller: &str) -> Query {
        Query::named("alertdialog", "Incoming call").showing(caller)
    }

    /// Waits until the call's status is this word.
    pub async fn call_is(&self, word: &str) -> Result<()> {
        let status = Query::role("status").inside(Query::named("region", "Active call"));
        eventually(&format!("the call being {word:?}"), FROM_AFAR, async || {
            let seen = self.dom.seen(&status).await?;
            let texts: Vec<_> = seen.into_iter().map(|seen| seen.text).collect();
            ensure!(texts.iter().any(|text| text == word), "the status is {texts:?}");
            Ok(())
        })
        .await
    }

    /// Waits until the call is over for the page: it says so, or shows none any more.
    pub async fn call_is_over(&self) -> Result<()> {
        let region = Query::named("region", "Active call");
        let status = Query::role("status").inside(region.clone());
        eventually("the call being over", FROM_AFAR, async || {
            let texts: Vec<_> = self.dom.seen(&status).await?.into_iter().map(|seen| seen.text).collect();
            let is_gone = self.dom.seen(&region).await?.is_empty();
            ensure!(is_gone || texts.iter().any(|text| text == "Call ended"), "the status is {texts:?}");
            Ok(())
        })
        .await
    }

    /// The talk time in seconds, once there is one.
    pub async fn talk_time(&self) -> Result<u32> {
        let timer = Query::role("timer").inside(Query::named("region", "Active call"));
        let text = self.dom.wait_for(&timer).await?.text;
        seconds(&text).with_context(|| format!("the timer reads {text:?}"))
    }

    /// Waits until these words stand somewhere on the page.
    pub async fn says(&self, words: &str) -> Result<()> {
        eventually(&format!("the page saying {words:?}"), FROM_AFAR, async || {
            let text = self.text().await?;
            ensure!(text.contains(words), "it says {text:?}");
            Ok(())
        })
        .await
    }

    /// Waits for an alert that says this.
    pub async fn is_told(&self, words: &str) -> Result<String> {
        eventually(&format!("an alert that says {words:?}"), FROM_AFAR, async || {
            let alerts: Vec<_> =
                self.dom.seen(&Query::role("alert")).await?.into_iter().map(|seen| seen.text).collect();
            match alerts.iter().find(|text| text.contains(words)) {
                Some(found) => Ok(found.clone()),
                None => bail!("the alerts say {alerts:?}"),
            }
        })
        .await
    }

    /// The whole page's text.
    pub async fn text(&self) -> Result<String> {
        self.dom.text().await
    }

    /// The tables of a query, now.
    pub async fn tables(&self, query: &Query) -> Result<Vec<LogTable>> {
        self.dom.tables(query).await
    }

    /// The log's table, as soon as it is there.
    pub async fn log(&self) -> Result<LogTable> {
        let query = Query::named("table", "Call log");
        eventually("the call log", FROM_AFAR, async || {
            self.dom.tables(&query).await?.into_iter().next().context("there is no such table")
        })
        .await
    }

    /// Waits until the agent hears this tone.
    pub async fn hears_tone(&self, hz: u32) -> Result<()> {
        ears::tone(self.web(), f64::from(hz)).await
    }

    /// Waits until the agent hears nothing of any far end.
    pub async fn hears_nobody(&self) -> Result<()> {
        ears::nobody(self.web()).await
    }

    /// What the page holds of the browser, counted from the first time this was asked.
    pub async fn watched(&self) -> Result<Watched> {
        watch::look(self.web()).await
    }

    /// The answers of this page so far, timed; counted from the first time this was asked.
    pub async fn answers(&self) -> Result<Vec<Answered>> {
        answer::look(self.web()).await
    }

    /// Moves the pointer to Accept of the call that shows this name or number.
    pub async fn points_at_accept(&self, caller: &str) -> Result<()> {
        let accept = Query::named("button", "Accept").inside(Self::incoming(caller));
        let button = self.dom.element(&accept).await?;
        // From elsewhere: to where a driver believes the pointer to be it moves nothing.
        self.web().action_chain().move_to(0, 0).move_to_element_center(&button).perform().await?;
        Ok(())
    }

    /// Replaces what stands in a text field.
    pub async fn fill(&self, field: &Query, text: &str) -> Result<()> {
        self.dom.fill(field, text).await
    }

    /// Types without a field, as with the keyboard alone.
    pub async fn types(&self, keys: &str) -> Result<()> {
        Ok(self.web().action_chain().send_keys(keys).perform().await?)
    }

    /// The name of the button that has the keyboard focus; empty when none has.
    pub async fn focused_button(&self) -> Result<String> {
        const NAME: &str = "return document.activeElement?.closest('button')?.textContent ?? ''";
        Ok(self.web().execute(NAME, vec![]).await?.convert()?)
    }

    /// The first of these buttons that a person could not press without scrolling.
    pub async fn out_of_reach(&self, buttons: &[Query]) -> Result<Option<String>> {
        const FREE: &str = "const box = arguments[0].getBoundingClientRect(); \
            const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]; \
            const whole = box.x >= 0 && box.y >= 0 && box.right <= innerWidth && box.bottom <= innerHeight; \
            return whole && arguments[0].contains(document.elementFromPoint(x, y));";
        for button in buttons {
            let element = self.dom.element(button).await?.to_json()?;
            let is_free: bool = self.web().execute(FREE, vec![element]).await?.convert()?;
            if !is_free {
                return Ok(Some(button.to_string()));
            }
        }
        Ok(None)
    }

    /// Waits until the agent hears somebody speak.
    pub async fn hears_speech(&self) -> Result<()> {
        ears::speech(self.web()).await
    }
}

/// The seconds in `0:07`, `12:34` or `1:02:03`.
fn seconds(text: &str) -> Option<u32> {
    text.split(':').try_fold(0_u32, |sum, part| Some(sum * 60 + part.trim().parse::<u32>().ok()?))
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_timer_is_read() {
        assert_eq!(seconds("0:07"), Some(7));
        assert_eq!(seconds("1:02:03"), Some(3_723));
        assert_eq!(seconds("soon"), None);
    }
}
