//! What the agent can set, and how it is stored.

use crate::locale::Language;
use crate::shortcuts::Keys;

/// Colours of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All themes, in the order of the choice.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// The word in the store and in the page's `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What the browser does to the microphone's sound.
/// <https://www.w3.org/TR/mediacapture-streams/#def-constraint-echoCancellation>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processing {
    /// Takes the speaker's sound out of the microphone's.
    pub echo_cancellation: bool,
    /// Takes steady noise out.
    pub noise_suppression: bool,
    /// Evens the loudness.
    pub auto_gain: bool,
}

impl Default for Processing {
    fn default() -> Self {
        Self { echo_cancellation: true, noise_suppression: true, auto_gain: true }
    }
}

/// All settings of this browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Colours of the page.
    pub theme: Theme,
    /// The page's language; without one, the browser's where the page has it.
    pub language: Option<Language>,
    /// What the browser does to the microphone's sound.
    pub processing: Processing,
    /// Whether keys do something while nobody types, see [`crate::shortcuts`].
    pub shortcuts: bool,
    /// Which key does what.
    pub keys: Keys,
    /// Hold the microphone open while the agent is available, where the browser allows
    /// it without a question: the answer to a call then waits for nothing.
    pub keep_microphone: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            language: None,
            processing: Processing::default(),
            shortcuts: true,
            keys: Keys::default(),
            keep_microphone: true,
        }
    }
}

impl Settings {
    /// As stored: one `name=value` a line. What is not understood keeps its default.
    ///
    /// ```text
    /// theme=dark
    /// language=hi
    /// echo_cancellation=off
    /// noise_suppression=on
    /// auto_gain=on
    /// shortcuts=on
    /// keys=ARMHEN?
    /// keep_microphone=on
    /// ```
    pub fn read(text: &str) -> Self {
        let mut settings = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
            let processing = &mut settings.processing;
            match name {
                "theme" => {
                    settings.theme =
                        Theme::ALL.into_iter().find(|theme| theme.as_str() == value).unwrap_or_default();
                }
                "language" => settings.language = Language::of(value),
                "echo_cancellation" => processing.echo_cancellation = value != "off",
                "noise_suppression" => processing.noise_suppression = value != "off",
                "auto_gain" => processing.auto_gain = value != "off",
                "keys" => settings.keys = Keys::read(value),
                "shortcuts" => settings.shortcuts = value != "off",
                "keep_microphone" => settings.keep_microphone = value != "off",
                _ => {}
            }
        }
        settings
    }

    /// The text that [`Settings::read`] reads.
    pub fn print(&self) -> String {
        let Processing { echo_cancellation, noise_suppression, auto_gain } = self.processing;
        let on = |value: bool| if value { "on" } else { "off" };
        [
            ("theme", self.theme.as_str()),
            ("language", self.language.map_or("", Language::tag)),
            ("echo_cancellation", on(echo_cancellation)),
            ("noise_suppression", on(noise_suppression)),
            ("auto_gain", on(auto_gain)),
            ("shortcuts", on(self.shortcuts)),
            ("keys", &self.keys.print()),
            ("keep_microphone", on(self.keep_microphone)),
        ]
        .map(|(name, value)| [name, "=", value, "\n"].concat())
        .concat()
    }
}
