//! A call as the control API and the console show it.

use serde::Serialize;
use vobiz::log::Direction;

use super::call::{Call, Phase};
use crate::handset::{Handset, Hearing};
use crate::settings::MediaChaos;

/// The fault of sound that comes too early.
const EARLY: &str = "media before the accept: WhatsApp counts the call as answered";

/// One call.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CallView {
    /// Meta's identifier.
    pub(crate) id: String,
    /// Vobiz's identifier.
    vobiz_id: String,
    pub(crate) direction: Direction,
    pub(crate) number: String,
    name: String,
    pub(crate) state: &'static str,
    /// Unix seconds from which the call counts as answered.
    answered: Option<u64>,
    pub(crate) ended: Option<EndView>,
    /// What the business did wrong, in words.
    faults: Vec<&'static str>,
    pub(crate) media: MediaView,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct EndView {
    pub(crate) reason: &'static str,
}

/// What the handset sends and hears.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MediaView {
    pub(crate) connected: bool,
    pub(crate) packets_in: u64,
    packets_out: u64,
    pub(crate) level_dbfs: Option<f32>,
    frequency_hz: Option<f32>,
    /// What the person says, as far as the handset has sent it.
    said_dbfs: Option<f32>,
    said_hz: Option<f32>,
    pub(crate) dtmf: String,
    pub(crate) early_media: bool,
    silent_ms: u64,
    chaos: MediaChaos,
}

impl CallView {
    pub(super) fn new(call: &Call, handset: Option<&Handset>) -> Self {
        let (state, ended) = match &call.phase {
            Phase::Initiated | Phase::Ringing => ("ringing", None),
            Phase::PreAccepted { .. } => ("pre_accepted", None),
            Phase::Accepted { .. } => ("accepted", None),
            Phase::Ended { reason, .. } => ("ended", Some(EndView { reason: reason.name() })),
        };
        let mut hearing = handset.map(Handset::hearing).unwrap_or_default();
        let chaos = handset.map(Handset::chaos).unwrap_or_default();
        if ended.is_some() {
            hearing.connected = false;
        }
        Self {
            id: call.head.id.clone(),
            vobiz_id: call.head.vobiz_id.to_string(),
            direction: call.head.direction.clone(),
            number: call.head.person.number.to_string(),
            name: call.head.person.name.clone(),
            state,
            answered: match &call.phase {
                Phase::Accepted { at, .. } => call.early.or(Some(*at)),
                Phase::Ended { answered, .. } => *answered,
                Phase::Initiated | Phase::Ringing | Phase::PreAccepted { .. } => call.early,
            },
            ended,
            faults: if hearing.early_media { vec![EARLY] } else { Vec::new() },
            media: MediaView::new(hearing, chaos),
        }
    }
}

impl CallView {
    /// Whether the call is over.
    pub(crate) fn is_over(&self) -> bool {
        self.ended.is_some()
    }
}

impl MediaView {
    fn new(hearing: Hearing, chaos: MediaChaos) -> Self {
        Self {
            connected: hearing.connected,
            packets_in: hearing.packets_in,
            packets_out: hearing.packets_out,
            level_dbfs: hearing.level_dbfs.map(tenths),
            frequency_hz: hearing.frequency_hz.map(tenths),
            said_dbfs: hearing.said_dbfs.map(tenths),
            said_hz: hearing.said_hz.map(tenths),
            dtmf: hearing.dtmf,
            early_media: hearing.early_media,
            silent_ms: u64::try_from(hearing.silent.as_millis()).unwrap_or(u64::MAX),
            chaos,
        }
    }
}

/// One digit behind the point is all that means anything.
fn tenths(value: f32) -> f32 {
    (value * 10.0).round() / 10.0
}
