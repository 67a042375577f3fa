//! Events on their way out, disturbed as the settings say. The same seed disturbs
//! the same events of a run: the first, the second, and so on.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;
use vobiz::event::EventType;
use vobiz::log::Direction;
use vobiz::meta::SdpType;

use super::Exchange;
use super::book::Notice;
use super::call::Head;
use super::events::{self, Event, Style};
use crate::clock::unix_now;
use crate::settings::{Dice, Numbers, PayloadShape, StatusCase, WebhookChaos};
use crate::webhooks::Publishing;

/// A second copy comes this much after the first, and a connect this much after
/// the terminate that it follows.
const SOON: Duration = Duration::from_millis(200);

/// How many of the copies have an identifier of their own.
const OWN_IDENTIFIER: f64 = 0.5;

impl Exchange {
    /// Tells every address what happened to a call.
    pub(super) fn notify(self: &Arc<Self>, head: &Head, notice: &Notice) {
        let settings = self.settings();
        let chaos = &settings.chaos.webhooks;
        let dice = self.next_dice(chaos);
        let mut style = Style::from(&settings.switches);
        disturb_style(&mut style, dice, chaos);
        let mut event = events::write(head, notice, style, unix_now());
        if dice.strikes("unknown_field", chaos.unknown_field) {
            add_unknown_field(&mut event.payload);
        }
        let how = Publishing {
            after: self.lateness(notice, dice, chaos),
            wrong_signature_first: dice.strikes("wrong_signature", chaos.wrong_signature),
            ..self.publishing(chaos)
        };
        if dice.strikes("unknown_type", chaos.unknown_type) {
            self.webhooks.publish(unknown(), self.publishing(chaos));
        }
        if dice.strikes("duplicate", chaos.duplicate) {
            let own = dice.strikes("own identifier", OWN_IDENTIFIER);
            let id = if own { Uuid::new_v4() } else { how.id };
            let copy = Publishing { id, after: how.after + SOON, ..how.clone() };
            self.webhooks.publish(event.clone(), copy);
        }
        if let (Notice::Terminate { .. }, true) = (notice, dice.strikes("connect_again", chaos.connect_again))
        {
            let sdp_type =
                if head.direction == Direction::Inbound { SdpType::Offer } else { SdpType::Answer };
            let again = events::write(head, &Notice::Connect(sdp_type), style, unix_now());
            let after = how.after + SOON;
            self.webhooks.publish(again, Publishing { after, ..self.publishing(chaos) });
        }
        if !dice.strikes("vanish", chaos.vanish) {
            for (event, how) in self.exact.event(&head.id, notice, event, how) {
                self.webhooks.publish(event, how);
            }
        }
    }

    /// How long the reply to an initiate waits, so that an event overtakes it.
    pub(super) fn overtaken_by(&self, longest: Duration) -> Duration {
        let settings = self.settings();
        let chaos = &settings.chaos.webhooks;
        let early = self.next_dice(chaos).strikes("early", chaos.early);
        if early { longest + SOON } else { Duration::ZERO }
    }

    fn next_dice(&self, chaos: &WebhookChaos) -> Dice {
        let number = self.notices.fetch_add(1, Ordering::Relaxed);
        Dice::new(chaos.seed, &number.to_string())
    }

    fn publishing(&self, chaos: &WebhookChaos) -> Publishing {
        Publishing {
            id: Uuid::new_v4(),
            after: Duration::ZERO,
            wrong_signature_first: false,
            lost: 0,
            pauses: chaos.retry_ms.iter().copied().map(Duration::from_millis).collect(),
        }
    }

    /// How late an event is.
    fn lateness(&self, notice: &Notice, dice: Dice, chaos: &WebhookChaos) -> Duration {
        let mut late = Duration::ZERO;
        if dice.strikes("delay", chaos.delay) {
            late += chaos.delay_max.mul_f64(dice.share("how late"));
        }
        if matches!(notice, Notice::Connect(_)) && dice.strikes("terminate_first", chaos.terminate_first) {
            late += chaos.hold;
        }
        // What is lost comes with its first repeat.
        if dice.strikes("loss", chaos.loss) {
            late += chaos.retry_ms.first().copied().map_or(Duration::ZERO, Duration::from_millis);
        }
        late
    }
}

fn disturb_style(style: &mut Style, dice: Dice, chaos: &WebhookChaos) {
    if dice.strikes("inner_value", chaos.inner_value) {
        style.shape = match style.shape {
            PayloadShape::WholeObject => PayloadShape::InnerValue,
            PayloadShape::InnerValue => PayloadShape::WholeObject,
        };
    }
    if dice.strikes("numbers_missing", chaos.numbers_missing) {
        style.numbers = Numbers::Absent;
    }
    if dice.strikes("any_case", chaos.any_case) {
        style.case =
            if dice.strikes("lower", OWN_IDENTIFIER) { StatusCase::Lower } else { StatusCase::Mixed };
    }
}

/// A field that no version of the reference names, on the outside and within.
fn add_unknown_field(payload: &mut Value) {
    let novelty = json!({ "kind": ["unheard_of"], "since": 1 });
    if let Some(value) = payload.pointer_mut("/entry/0/changes/0/value") {
        value["novelty"] = novelty.clone();
    }
    payload["novelty"] = novelty;
}

/// An event of a type that no version of the reference names.
fn unknown() -> Event {
    Event {
        kind: EventType::Other("call.novelty".into()),
        payload: json!({ "messaging_product": "whatsapp", "novelty": true }),
        at: unix_now(),
    }
}
