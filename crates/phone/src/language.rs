//! Which language the page is shown in: the wanted one, as soon as its texts are here.

use wire::Problem;

use crate::effect::Effect;
use crate::locale::Language;
use crate::phone::{Applied, Ignored, Phone};
use crate::view::Fault;

/// What is wanted and what is shown.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Languages {
    /// The browser's, as far as the page has it.
    browser: Language,
    /// The one whose texts are shown.
    pub(crate) shown: Language,
}

/// The agent's choice, else the browser's.
fn wanted(phone: &Phone) -> Language {
    phone.settings.language.unwrap_or(phone.languages.browser)
}

/// The browser's own language became known.
pub(crate) fn of_browser(phone: &mut Phone, language: Language, out: &mut Vec<Effect>) -> Applied {
    phone.languages.browser = language;
    fetch(phone, out);
    Ok(())
}

/// Asks for the texts of the wanted language.
pub(crate) fn fetch(phone: &Phone, out: &mut Vec<Effect>) {
    out.push(Effect::FetchTexts(wanted(phone)));
}

/// The texts came, or did not.
pub(crate) fn fetched(
    phone: &mut Phone,
    language: Language,
    result: Result<(), Problem>,
    out: &mut Vec<Effect>,
) -> Applied {
    if language != wanted(phone) {
        return Err(Ignored::because("another language is wanted by now"));
    }
    match result {
        Ok(()) => {
            phone.languages.shown = language;
            out.push(Effect::Speak(language));
        }
        Err(problem) => phone.fault(Fault::Relay(problem)),
    }
    Ok(())
}
