//! The whole system, end to end: simulator, relay and the built page in Chromium
//! and in Firefox, with sound measured on both sides of a call.
//!
//! `cargo xtask test e2e` sets everything up. By hand: build the page, name its
//! folder in `RELAY_APP` and the drivers in `CHROMEDRIVER` and `GECKODRIVER`, build
//! `softphone-relay` (for the cases that kill it), then
//! `cargo test --package softphone --test e2e`, with words that a name such as
//! `firefox::mute` shall hold. `--set other` runs them before another upstream of
//! `e2e/sets.toml`. What a failed case leaves behind is in `target/e2e`.

use std::process::ExitCode;

/// The cases, one file for each part of the phone.
#[cfg(not(target_arch = "wasm32"))]
mod e2e {
    pub(crate) mod accessible;
    pub(crate) mod agents;
    pub(crate) mod ahead;
    pub(crate) mod calls;
    pub(crate) mod control;
    pub(crate) mod inbound;
    pub(crate) mod keyboard;
    pub(crate) mod languages;
    pub(crate) mod line;
    pub(crate) mod log;
    pub(crate) mod names;
    pub(crate) mod noticed;
    pub(crate) mod office;
    pub(crate) mod outbound;
    pub(crate) mod recovery;
    pub(crate) mod sound;
    pub(crate) mod tabs;
    pub(crate) mod trouble;
}

/// A case with the usual system, in which the two lanes differ in what the
/// upstream's documentation leaves open. `SIM_SET` changes more of it, such as
/// `SIM_SET=switches.numbers=absent,chaos.webhooks.duplicate=0.1`.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn usual(browser: testkit::Browser) -> Result<testkit::BedOptions, String> {
    use testkit::{BedOptions, Browser};

    let lane: &[(&str, &str)] = match browser {
        Browser::Chromium => &[],
        Browser::Firefox => &[("switches.action_id", "uuid"), ("switches.payload", "inner")],
    };
    let chosen = std::env::var("SIM_SET").unwrap_or_default();
    let chosen = chosen.split(',').filter_map(|pair| pair.split_once('='));
    let mut options = BedOptions::default();
    for (path, value) in lane.iter().copied().chain(chosen) {
        match options.settings.with(path, value) {
            Ok(settings) => options.settings = settings,
            Err(error) => return Err(format!("SIM_SET: {error}")),
        }
    }
    Ok(options)
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> ExitCode {
    use std::path::Path;

    use testkit::Settings;
    use testkit::suite::{self, Case};

    /// A case that says something under all settings.
    fn always(_: &Settings) -> Option<&'static str> {
        None
    }

    /// A case about a line on which nothing is lost.
    fn on_a_bad_line(settings: &Settings) -> Option<&'static str> {
        let bad = settings.chaos.media != Settings::default().chaos.media;
        bad.then_some("it wants a good line to be graded as one")
    }

    macro_rules! cases {
        ($options:expr, $pointless:expr; $($part:ident :: $case:ident),+ $(,)?) => {
            vec![$(Case {
                name: concat!(stringify!($part), "::", stringify!($case)),
                options: $options,
                pointless: $pointless,
                run: |stage| Box::pin(e2e::$part::$case(stage)),
            }),+]
        };
    }

    let mut cases = cases![usual, always;
        outbound::answered,
        outbound::answered_by_a_speaker,
        outbound::rejected,
        outbound::without_permission,
        outbound::given_up_by_the_agent,
        outbound::to_a_number_that_is_none,
        inbound::accepted,
        inbound::rejected,
        inbound::given_up_by_the_caller,
        inbound::ended_by_the_far_end,
        inbound::ended_by_the_agent,
        inbound::muted_and_back,
        inbound::not_for_an_agent_who_is_away,
        agents::the_first_accept_wins,
        agents::one_declines_and_the_other_answers,
        agents::the_others_stop_ringing,
        log::pages_and_page_size,
        log::filters_are_in_the_address,
        log::both_calls_are_there,
        log::the_phone_shows_recent_calls,
        trouble::a_wrong_password_is_said,
        trouble::a_refused_microphone_leaves_calls_to_others,
        trouble::a_microphone_refused_at_the_click_leaves_the_call_to_others,
        trouble::a_relay_restart_leaves_the_call_alone,
        control::held_and_resumed,
        control::the_second_accept_holds_the_first_call,
        control::every_button_is_in_reach,
        control::a_call_beside_the_log_is_in_reach,
        control::digits_are_clicked_and_typed,
        control::a_link_fills_the_number_in,
        control::the_last_number_is_called_again,
        control::number_links_are_asked_for,
        ahead::the_accept_leaves_at_once,
        ahead::the_answer_goes_up_when_the_pointer_rests_on_accept,
        ahead::the_microphone_waits_as_the_agent_wants,
        ahead::a_day_of_calls_leaves_nothing_behind,
        names::are_the_contracts,
        keyboard::a_whole_outbound_call,
        keyboard::a_whole_inbound_call,
        keyboard::keys_in_a_field_are_text,
        keyboard::the_sheet_keeps_the_keyboard_and_gives_it_back,
        keyboard::shortcuts_can_be_turned_off,
        keyboard::a_key_is_changed,
        tabs::the_other_tab_shows_and_controls_the_call,
        tabs::only_the_phone_has_a_socket_and_rings,
        tabs::a_tab_can_take_the_phone,
        tabs::when_the_phone_closes_another_takes_over,
        tabs::a_reload_in_a_call_asks_and_ends_it,
        tabs::closing_the_tab_of_a_call_is_said_at_the_next,
        tabs::a_ring_survives_a_reload,
        noticed::a_notification_with_the_caller,
        noticed::the_worker_passes_on_what_was_pressed,
        noticed::settings_say_what_the_browser_allows,
        languages::a_call_goes_on_in_another_language,
        languages::the_language_is_remembered,
        office::who_supervises_sees_the_team,
        office::a_session_is_ended_from_another,
        sound::the_shift_is_checked_when_it_begins,
        sound::a_refused_microphone_sets_the_agent_away,
        sound::devices_are_tried_chosen_and_remembered,
        sound::talking_while_muted_is_said,
        sound::who_is_far_too_loud_is_turned_down,
        sound::the_microphone_changes_in_mid_call_without_a_gap,
        sound::a_microphone_that_vanishes_is_replaced_and_said,
        line::an_interrupted_path_reconnects,
        line::a_lost_path_ends_honestly_and_is_called_back,
    ];
    cases.extend(cases![usual, on_a_bad_line;
        sound::both_ways_are_proven_and_the_line_is_graded,
        line::what_gets_lost_is_said_and_taken_back,
        line::how_it_was_is_kept,
    ]);
    cases.extend(cases![e2e::accessible::lets_it_ring, always;
        accessible::without_a_call,
        accessible::the_other_pages,
        accessible::in_a_call,
        accessible::while_it_rings,
        accessible::in_trouble,
        accessible::in_a_narrow_and_in_a_zoomed_window,
        accessible::with_reduced_motion,
    ]);
    cases.extend(cases![e2e::recovery::killable, always;
        recovery::a_ring_is_answered_after_the_relay_was_killed,
        recovery::a_ring_is_declined_after_the_relay_was_killed,
        noticed::a_hidden_page_finds_the_relay_again,
    ]);
    cases.extend(cases![e2e::recovery::short_sessions, always;
        recovery::an_expired_session_leaves_the_call_alone,
        recovery::a_call_is_hung_up_without_a_session,
    ]);
    cases.extend(cases![e2e::office::wrapping_up, always; office::the_work_after_a_call_is_ended_by_a_click]);
    cases.extend(cases![e2e::trouble::forbidden, always; trouble::an_account_that_may_not_call_is_said]);
    suite::main(
        &cases,
        include_str!("e2e/sets.toml"),
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("target/e2e"),
    )
}

/// The test bed needs an operating system.
#[cfg(target_arch = "wasm32")]
fn main() -> ExitCode {
    ExitCode::SUCCESS
}
