//! What the person does at another tab, as the text that the phone is told.

use wire::CallId;

use crate::digit::Digit;
use crate::event::Agent;

/// The text for an action that is the phone's; none for one that is each tab's own.
pub(crate) fn print(what: &Agent) -> Option<String> {
    let (word, call, more) = match what {
        Agent::Reach { call, there: true } => ("reach", call.as_str(), String::new()),
        Agent::Reach { call, there: false } => ("leave", call.as_str(), String::new()),
        Agent::Accept(call) => ("accept", call.as_str(), String::new()),
        Agent::Reject(call) => ("reject", call.as_str(), String::new()),
        Agent::HangUp(call) => ("hang-up", call.as_str(), String::new()),
        Agent::ToggleMute(call) => ("mute", call.as_str(), String::new()),
        Agent::ToggleHold(call) => ("hold", call.as_str(), String::new()),
        Agent::SendDigit(call, digit) => ("digit", call.as_str(), digit.character().to_string()),
        Agent::Redial { attempt, number } => ("dial", attempt.as_str(), number.clone()),
        Agent::SetAvailable(true) => ("available", "", String::new()),
        Agent::SetAvailable(false) => ("away", "", String::new()),
        Agent::EndWrapUp => ("ready", "", String::new()),
        Agent::SignIn { .. }
        | Agent::SignOut
        | Agent::Devices(_)
        | Agent::UnlockSound
        | Agent::NumberTyped(_)
        | Agent::Dial { .. }
        | Agent::Navigate(_)
        | Agent::ReloadLog
        | Agent::DismissFault(_)
        | Agent::DismissEnded(_)
        | Agent::ChangeSettings(_)
        | Agent::UseThisTab
        | Agent::ShowKeys(_)
        | Agent::FocusNumber
        | Agent::RegisterLinks
        | Agent::AskNotices => return None,
    };
    Some([word, "\t", call, "\t", &more].concat())
}

/// The action of a text.
pub(crate) fn read(text: &str) -> Option<Agent> {
    let (word, rest) = text.split_once('\t')?;
    let (call, more) = rest.split_once('\t')?;
    let call = CallId::from(call);
    Some(match word {
        "reach" | "leave" => Agent::Reach { call, there: word == "reach" },
        "accept" => Agent::Accept(call),
        "reject" => Agent::Reject(call),
        "hang-up" => Agent::HangUp(call),
        "mute" => Agent::ToggleMute(call),
        "hold" => Agent::ToggleHold(call),
        "digit" => Agent::SendDigit(call, Digit::new(more.chars().next()?)?),
        "dial" => Agent::Redial { attempt: call, number: more.to_owned() },
        "available" => Agent::SetAvailable(true),
        "away" => Agent::SetAvailable(false),
        "ready" => Agent::EndWrapUp,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{print, read};
    use crate::digit::Digit;
    use crate::event::Agent;
    use wire::CallId;

    #[test]
    fn what_is_told_is_what_was_done() {
        let call = || CallId::from("wacid.A==");
        let [.., digit] = Digit::KEYPAD;
        for what in [
            Agent::Reach { call: call(), there: true },
            Agent::Reach { call: call(), there: false },
            Agent::Accept(call()),
            Agent::Reject(call()),
            Agent::HangUp(call()),
            Agent::ToggleMute(call()),
            Agent::ToggleHold(call()),
            Agent::SendDigit(call(), digit),
            Agent::Redial { attempt: call(), number: "+91 98000 00001".to_owned() },
            Agent::SetAvailable(true),
            Agent::SetAvailable(false),
            Agent::EndWrapUp,
        ] {
            assert_eq!(print(&what).as_deref().and_then(read), Some(what));
        }
        assert_eq!(print(&Agent::SignOut), None);
        assert_eq!(read("hang-up"), None);
        assert_eq!(read("explode\ta\t"), None);
    }
}
