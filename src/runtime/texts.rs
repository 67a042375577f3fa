//! The texts of other languages than English, from the relay.

use std::cell::RefCell;

use phone::event::Relay;
use phone::list::List as _;
use phone::locale::{self, Language, Table};
use phone::{Event, text};
use wire::{Json, Problem};

use super::Tell;
use crate::platform::http::Ask;
use crate::platform::task::spawn;
use crate::platform::{json, page};

/// Those that were fetched. A language is fetched once, so what is never given back is
/// as much as all locale files.
#[derive(Clone, Copy)]
pub(super) struct Texts(&'static RefCell<Vec<(Language, &'static Table)>>);

impl Default for Texts {
    fn default() -> Self {
        Self(Box::leak(Box::default()))
    }
}

impl Texts {
    /// Fetches the texts of a language, and tells when they are here.
    pub(super) fn fetch(&self, language: Language, tell: Tell) {
        if self.of(language).is_some() {
            return tell.event(Event::Relay(Relay::TextsReplied(language, Ok(()))));
        }
        let texts = *self;
        spawn(async move {
            let result = fetched(language).await.map(|table| texts.0.borrow_mut().push((language, table)));
            tell.event(Event::Relay(Relay::TextsReplied(language, result)));
        });
    }

    /// Shows the texts of a language from now on.
    pub(super) fn speak(&self, language: Language) {
        locale::speak(self.of(language).unwrap_or_default());
        page::speak(language);
    }

    fn of(&self, language: Language) -> Option<&'static Table> {
        let fetched = self.0.borrow().iter().find(|(own, _)| *own == language).map(|(_, table)| *table);
        fetched.or((language == Language::English).then_some(&[]))
    }
}

async fn fetched(language: Language) -> Result<&'static Table, Problem> {
    let body = Ask::get(["/locales/", language.tag(), ".json"].concat()).text().await?;
    let Some(Json::Members(members)) = json::parse(&body) else { return Err(text::not_understood()) };
    let pairs = members.into_iter().filter_map(|(english, translation)| {
        if let Json::Text(translation) = translation { Some((english, translation)) } else { None }
    });
    Ok(Vec::leak(pairs.list()))
}
