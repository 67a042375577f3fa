//! Which of Meta's numbers the configured channels are.

use switchboard::{Line, Settings};
use vobiz::Number;
use vobiz::Uuid;
use vobiz::channel::Channel;

/// Takes over what the upstream told about channels of ours; others are not our concern.
/// What it told earlier of a channel stays, if it tells nothing new.
pub(super) fn learn(settings: &mut Settings, ours: &[Uuid], told: &[Channel]) {
    for channel in told.iter().filter(|channel| ours.contains(&channel.id)) {
        let number = channel
            .phone_number
            .as_deref()
            .and_then(|number| Number::parse_webhook(number).ok())
            .map(|number| number.to_string());
        let line = Line { channel: channel.id, number };
        if ours.len() == 1 {
            settings.only_line = Some(line.clone());
        }
        if let Some(id) = &channel.phone_number_id {
            settings.lines.insert(id.clone(), line);
        }
    }
}
