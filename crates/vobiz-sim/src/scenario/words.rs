//! A scenario in sentences, for whoever plays the business's half by hand.

use std::time::Duration;

use serde_json::Value;

use super::file::{Condition, HearsWord, TapPart};

/// One thing that is so or not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) words: String,
    /// Whether the far end can see it.
    pub(super) is_far_ends: bool,
}

/// What must be so, each thing for itself. An agent who is the only one needs no name.
pub(super) fn condition(condition: &Condition, is_only_agent: bool) -> Vec<Text> {
    let agent = condition.agent.as_ref().filter(|_| !is_only_agent);
    let who = agent.map(|agent| format!("{agent}'s page: ")).unwrap_or_default();
    let mut texts = Texts { list: Vec::new(), call: named(&condition.call), who };
    texts.page(condition);
    texts.far_end(condition);
    texts.log_and_requests(condition);
    if let (Some(stays), Some(last)) = (condition.stays, texts.list.last_mut()) {
        last.words.push_str(&format!(", and it stays so for {}", length(stays.0)));
    }
    texts.list
}

/// A call's name in a sentence; most files have one call only.
fn named(call: &str) -> String {
    if call == "call" { String::new() } else { format!(" ({call})") }
}

struct Texts {
    list: Vec<Text>,
    call: String,
    /// Whose page shows it, in front of a sentence.
    who: String,
}

impl Texts {
    fn page(&mut self, condition: &Condition) {
        if let Some(sees) = &condition.sees {
            let words = match sees.as_str() {
                "nothing" => "no call is shown",
                "ringing" => "it rings",
                "answering" => "the answer is under way",
                "dialing" => "“Calling…”",
                "far_end_ringing" => "“Ringing…”",
                "talking" => "“Connected”",
                "silenced" => "it no longer rings",
                "declined" => "the call is declined",
                "answered_elsewhere" => "somebody else has the call, and it says who",
                "ended" => "the call is over",
                "failed" => "the call failed",
                _ => "the call is no longer there",
            };
            self.seen(words);
        }
        match condition.rang {
            Some(0) => self.seen("it never rang"),
            Some(1) => self.seen("it rang once"),
            Some(times) => self.seen(&format!("it rang {times} times")),
            None => {}
        }
        if let Some(end) = &condition.end {
            self.seen(&format!("it ended as “{}”", end.replace('_', " ")));
        }
        if let Some(told) = &condition.told {
            self.seen(&format!("it says “{told}”"));
        }
        if let Some(code) = condition.code {
            self.seen(&format!("a problem has the code {code}"));
        }
        match condition.problems {
            Some(0) => self.seen("no problem is shown"),
            Some(1) => self.seen("one problem is shown, once"),
            Some(count) => self.seen(&format!("{count} problems are shown")),
            None => {}
        }
        if let Some(online) = condition.online {
            self.seen(if online { "it is connected to the relay" } else { "it is cut off from the relay" });
        }
        if let Some(available) = condition.available {
            self.seen(if available { "it is Available" } else { "it is not Available" });
        }
        if condition.agent.is_none() {
            return;
        }
        if condition.hears_hz.is_some() || condition.hears == Some(HearsWord::Sound) {
            self.seen("you hear the person");
        }
        if condition.hears == Some(HearsWord::Silence) {
            self.seen("you hear nothing");
        }
    }

    fn far_end(&mut self, condition: &Condition) {
        if condition.agent.is_some() {
            return;
        }
        if let Some(state) = &condition.state {
            self.visible(&format!("the call is {}", state.replace('_', "-")));
        }
        if let Some(ended) = &condition.ended {
            self.visible(&format!("it ended because “{}”", ended.replace('_', " ")));
        }
        if condition.hears_hz.is_some() || condition.hears == Some(HearsWord::Sound) {
            self.visible("the person receives sound from you");
        }
        if condition.hears == Some(HearsWord::Silence) {
            self.visible("the person hears nothing");
        }
        if let Some(keys) = &condition.keys {
            self.visible(&format!("the person received the keys {keys}"));
        }
        if let Some(early) = condition.early_media {
            self.visible(if early {
                "sound came before the accept"
            } else {
                "no sound came before the accept"
            });
        }
    }

    fn log_and_requests(&mut self, condition: &Condition) {
        if let Some(status) = &condition.log {
            self.found(&format!("the call log says {status}"));
        }
        if let Some(answered) = condition.answered {
            self.found(if answered {
                "the call log has its talk time"
            } else {
                "the call log has no talk time"
            });
        }
        match condition.owner.as_deref() {
            None => {}
            Some("nobody") => self.found("nobody talked"),
            Some("winner") => self.found("exactly one agent talked"),
            Some(owner) => self.found(&format!("only {owner} talked")),
        }
        for (name, count) in [
            ("initiate", condition.initiates),
            ("pre_accept", condition.pre_accepts),
            ("accept", condition.accepts),
            ("reject", condition.rejects),
            ("terminate", condition.terminates),
        ] {
            match count {
                Some(0) => self.found(&format!("no {name} was sent")),
                Some(1) => self.found(&format!("{name} was sent once")),
                Some(count) => self.found(&format!("{name} was sent {count} times")),
                None => {}
            }
        }
    }

    /// What a page shows.
    fn seen(&mut self, words: &str) {
        self.list.push(Text { words: format!("{}{words}{}", self.who, self.call), is_far_ends: false });
    }

    /// What somebody finds who looks elsewhere, such as in the log.
    fn found(&mut self, words: &str) {
        self.list.push(Text { words: format!("{words}{}", self.call), is_far_ends: false });
    }

    /// What the far end can see.
    fn visible(&mut self, words: &str) {
        self.list.push(Text { words: format!("{words}{}", self.call), is_far_ends: true });
    }
}

/// What happens to one kind of message.
pub(super) fn rule(rule: &TapPart) -> String {
    let what = match (&rule.webhook, &rule.request) {
        (Some(webhook), _) => format!("The webhook “{webhook}”"),
        (None, request) => format!("The request “{}”", request.as_deref().unwrap_or_default()),
    };
    let mut does = Vec::new();
    if let Some(delay) = rule.delay {
        does.push(format!("takes {} longer", length(delay.0)));
    }
    if let Some(delay) = rule.reply_delay {
        does.push(format!("is answered {} late", length(delay.0)));
    }
    match (rule.lose, &rule.webhook) {
        (Some(count), Some(_)) => does.push(format!("is lost {}", times(count))),
        (Some(count), None) => does.push(format!("is carried out, and its reply lost {}", times(count))),
        (None, _) => {}
    }
    if let Some(until) = &rule.hold_until {
        does.push(format!("comes after “{until}”"));
    }
    if let Some(after) = &rule.again_after {
        does.push(format!("comes once more after “{after}”"));
    }
    if let Some(copies) = rule.copies {
        does.push(format!("comes {}", times(copies)));
    }
    format!("{what} {}", does.join(" and "))
}

fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

/// Settings that change, as `--set` has them.
pub(super) fn patch(patch: &Value) -> String {
    let mut leaves = Vec::new();
    collect(patch, String::new(), &mut leaves);
    leaves.join(", ")
}

fn collect(value: &Value, path: String, leaves: &mut Vec<String>) {
    match value {
        Value::Object(parts) => {
            for (name, part) in parts {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(part, path, leaves);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            leaves.push(format!("{path} = {value}"));
        }
    }
}

/// A length of time as files write it.
pub(super) fn length(time: Duration) -> String {
    let millis = time.as_millis();
    if millis.is_multiple_of(1_000) { format!("{} s", millis / 1_000) } else { format!("{millis} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_told_thing_by_thing() {
        let condition = Condition {
            agent: Some("asha".into()),
            call: "second".into(),
            sees: Some("ended".into()),
            rang: Some(1),
            problems: Some(0),
            accepts: Some(0),
            stays: Some(super::super::Span::millis(1_500)),
            ..Condition::default()
        };
        let words: Vec<String> =
            super::condition(&condition, false).into_iter().map(|text| text.words).collect();
        insta::assert_debug_snapshot!(words, @r#"
        [
            "asha's page: the call is over (second)",
            "asha's page: it rang once (second)",
            "asha's page: no problem is shown (second)",
            "no accept was sent (second), and it stays so for 1500 ms",
        ]
        "#);
    }

    #[test]
    fn rules_and_patches_are_told_in_words() {
        let held = TapPart {
            webhook: Some("connect".into()),
            hold_until: Some("terminate".into()),
            copies: Some(2),
            ..TapPart::default()
        };
        let lost = TapPart { request: Some("accept".into()), lose: Some(1), ..TapPart::default() };
        let change = patch(&serde_json::json!({ "chaos": { "media": { "paused": true } } }));
        insta::assert_debug_snapshot!([rule(&held), rule(&lost), change], @r#"
        [
            "The webhook “connect” comes after “terminate” and comes twice",
            "The request “accept” is carried out, and its reply lost once",
            "chaos.media.paused = true",
        ]
        "#);
    }
}
