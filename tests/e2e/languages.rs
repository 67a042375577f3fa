//! In every language: all that a call needs is there, and a call goes on while the
//! language is changed.

use std::collections::HashMap;

use anyhow::{Context as _, Result, ensure};
use testkit::suite::Stage;
use testkit::{Agent, Login, MICROPHONE_HZ, People, Presence, Query};

/// A language as the choice has it, and its texts.
struct Language {
    tag: &'static str,
    name: &'static str,
    texts: HashMap<String, String>,
}

impl Language {
    fn all() -> Result<Vec<Self>> {
        let files = [
            ("hi", "हिन्दी", include_str!("../../locales/hi.json")),
            ("es", "Español", include_str!("../../locales/es.json")),
            ("pt", "Português", include_str!("../../locales/pt.json")),
            ("ar", "العربية", include_str!("../../locales/ar.json")),
        ];
        let read = |(tag, name, file)| Ok(Self { tag, name, texts: serde_json::from_str(file)? });
        files.into_iter().map(read).collect()
    }

    fn of(&self, english: &str) -> Result<&str> {
        self.texts.get(english).map(String::as_str).with_context(|| format!("{}: “{english}”", self.tag))
    }

    /// Its language and direction are the document's, and its words are on the page.
    async fn is_spoken(&self, agent: &Agent) -> Result<()> {
        agent.sees(&Query::named("link", self.of("Call log")?)).await?;
        let root = "return [document.documentElement.lang, document.documentElement.dir]";
        let (tag, direction): (String, String) = agent.web().execute(root, Vec::new()).await?.convert()?;
        ensure!(tag.starts_with(self.tag), "the document's language is {tag}");
        ensure!((direction == "rtl") == (self.tag == "ar"), "{tag} is written {direction}");
        Ok(())
    }
}

pub(crate) async fn a_call_goes_on_in_another_language(stage: &mut Stage) -> Result<()> {
    let Stage { agent, bed, .. } = stage;
    agent.sign_in(Login::ASHA).await?;
    agent.set_presence(Presence::Available).await?;
    let call = bed.control.ring(People::TONE).await?;
    agent.rings("Toni Okafor").await?;
    agent.answer("Toni Okafor", "Accept").await?;
    agent.call_is("Connected").await?;
    agent.go_to("Settings").await?;
    let mut choice = "Language".to_owned();
    for language in Language::all()? {
        agent.choose(&choice, language.name).await?;
        language.is_spoken(agent).await?;
        agent.focus_is("combobox", language.of("Language")?).await?;
        let active = Query::named("region", language.of("Active call")?);
        agent.sees(&active.showing(language.of("Connected")?)).await?;
        for button in ["Mute", "Hold", "Hang up"] {
            agent.sees(&Query::named("button", language.of(button)?)).await?;
        }
        agent.is_accessible(&format!("a call and the settings in {}", language.tag)).await?;
        agent.hears_tone(440).await?;
        bed.control.hears(&call.id, MICROPHONE_HZ).await?;
        language.of("Language")?.clone_into(&mut choice);
    }
    agent.choose(&choice, "English").await?;
    agent.call_is("Connected").await?;
    agent.press("Hang up").await?;
    agent.call_is_over().await
}

pub(crate) async fn the_language_is_remembered(stage: &mut Stage) -> Result<()> {
    let agent = &stage.agent;
    agent.sign_in(Login::ASHA).await?;
    agent.go_to("Settings").await?;
    let mut choice = "Language".to_owned();
    for language in Language::all()? {
        agent.choose(&choice, language.name).await?;
        language.is_spoken(agent).await?;
        agent.reload().await?;
        language.is_spoken(agent).await?;
        agent.go_to(language.of("Call log")?).await?;
        agent.sees(&Query::named("button", language.of("Next page")?)).await?;
        agent.is_accessible(&format!("the log in {}", language.tag)).await?;
        agent.go_to(language.of("Settings")?).await?;
        language.of("Language")?.clone_into(&mut choice);
    }
    agent.choose(&choice, "English").await?;
    agent.sees(&Query::named("link", "Call log")).await.map(drop)
}
