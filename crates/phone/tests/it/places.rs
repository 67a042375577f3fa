//! Addresses, the log, and what is stored.

use phone::event::{Agent, Page, Relay};
use phone::locale::Language;
use phone::log::{LogPage, LogStatus, RowStatus};
use phone::recents::Recents;
use phone::route::{LogQuery, Route};
use phone::settings::{Settings, Theme};
use phone::view::LogPhase;
use phone::{Effect, Event};
use wire::{Direction, Json, ProblemKind, Read};

use crate::desk::{Desk, has, names, problem};

fn missed_inbound() -> LogQuery {
    LogQuery { page: 2, limit: 25, direction: Some(Direction::Inbound), status: Some(LogStatus::Missed) }
}

/// The request of the newest `FetchLog`.
fn request(effects: &[Effect]) -> phone::event::LogRequest {
    effects
        .iter()
        .find_map(|effect| match effect {
            Effect::FetchLog(request, _) => Some(*request),
            _ => None,
        })
        .expect("the log was asked for")
}

fn page() -> LogPage {
    let sample = Json::parse(
        r#"{"items":[{"id":"e6f7","account_id":"MA_X","direction":"outbound","from_number":"+911140001234",
        "to_number":"+919876543210","status":"accepted","call_type":"voice","duration_seconds":185,
        "started_at":"2026-03-25T14:00:00Z","answered_at":"2026-03-25T14:00:04Z","ended_at":"2026-03-25T14:03:05Z"},
        {"id":"bare","status":"NO_IDEA","from_number":null}],"total":51,"page":1,"limit":25,"has_more":true}"#,
    );
    LogPage::read(&sample.expect("JSON")).expect("the reference's own sample")
}

#[test]
fn every_filter_is_in_the_address() {
    let address = "/log?page=2&direction=inbound&status=missed&limit=25";
    assert_eq!(Route::Log(missed_inbound()).print(), address);
    let (path, query) = address.split_once('?').expect("a query");
    assert_eq!(Route::parse(path, query), Route::Log(missed_inbound()));
    for route in [Route::Phone, Route::Settings, Route::Log(LogQuery::default())] {
        let address = route.print();
        let (path, query) = address.split_once('?').unwrap_or((&address, ""));
        assert_eq!(Route::parse(path, query), route);
    }
}

#[test]
fn an_address_that_makes_no_sense_is_read_as_far_as_it_does() {
    let query = LogQuery::parse("?page=0&limit=100000&direction=sideways&status=%20&x=y&&=");
    assert_eq!(query, LogQuery::default());
    assert_eq!(Route::parse("/nowhere", ""), Route::Phone);
    assert_eq!(Route::parse("/log/", "page=3"), Route::Log(LogQuery::default().at_page(3)));
}

#[test]
fn a_change_of_filter_begins_at_the_first_page() {
    let query = missed_inbound();
    assert_eq!(query.with_status(None).page, 1);
    assert_eq!(query.with_direction(None).page, 1);
    assert_eq!(query.with_limit(50).page, 1);
    assert_eq!(query.at_page(0).page, 1);
}

#[test]
fn the_log_is_asked_for_shown_and_kept_while_the_next_page_loads() {
    let mut desk = Desk::open();
    let effects = desk.agent(Agent::Navigate(Route::Log(LogQuery::default())));
    assert!(has(&effects, |effect| matches!(effect, Effect::PushRoute(Route::Log(_)))));
    assert_eq!(desk.view().log.phase, LogPhase::Loading);
    desk.tell(Event::Relay(Relay::LogReplied(request(&effects), Ok(page()))));
    let log = desk.view().log;
    assert_eq!((log.phase, log.pages, log.total), (LogPhase::Ready, 3, 51));
    assert_eq!(log.rows[0].talk_s, Some(181), "not the reference's 185, which counts the ringing");
    assert_eq!(log.rows[0].far_end(), Some("+919876543210"));
    assert_eq!(log.rows[1].status, RowStatus::Other("NO_IDEA".to_owned()));

    let first = desk.agent(Agent::Navigate(Route::Log(LogQuery::default().at_page(2))));
    assert_eq!(desk.view().log.rows.len(), 2, "nothing jumps");
    // The person is faster than the relay: only the last page asked for counts.
    let second = desk.agent(Agent::Navigate(Route::Log(LogQuery::default().at_page(3))));
    let late = Event::Relay(Relay::LogReplied(request(&first), Ok(page())));
    assert_eq!(names(&desk.tell(late)), ["ignored"]);
    let failed = problem(ProblemKind::Unavailable);
    desk.tell(Event::Relay(Relay::LogReplied(request(&second), Err(failed.clone()))));
    assert_eq!(desk.view().log.phase, LogPhase::Failed(failed));
    assert_eq!(desk.view().log.rows.len(), 2, "the rows known last stay");
    assert_eq!(names(&desk.agent(Agent::ReloadLog)), ["fetch log"]);
}

#[test]
fn back_and_forward_ask_again_without_a_new_entry() {
    let mut desk = Desk::open();
    let effects = desk.tell(Event::Page(Page::RouteChanged(Route::Log(missed_inbound()))));
    assert_eq!(names(&effects), ["fetch log"]);
    assert!(!has(&effects, |effect| matches!(effect, Effect::PushRoute(_))));
    assert_eq!(desk.view().log.query, missed_inbound());
}

#[test]
fn beside_the_phone_stand_the_latest_calls() {
    let mut desk = Desk::open();
    desk.agent(Agent::Navigate(Route::Log(missed_inbound())));
    let effects = desk.agent(Agent::Navigate(Route::Phone));
    assert!(has(
        &effects,
        |effect| matches!(effect, Effect::FetchLog(_, query) if *query == LogQuery::default())
    ));
    assert!(names(&desk.agent(Agent::Navigate(Route::Settings))).is_empty());
}

#[test]
fn what_is_stored_is_read_back() {
    let mut settings =
        Settings { theme: Theme::Dark, language: Some(Language::Hindi), ..Settings::default() };
    settings.processing.noise_suppression = false;
    assert_eq!(Settings::read(&settings.print()), settings);
    assert_eq!(Settings::read("nonsense\ntheme=loud\n=\necho_cancellation=off"), {
        let mut settings = Settings::default();
        settings.processing.echo_cancellation = false;
        settings
    });
    let recents = Recents::read("+911\tAsha\nrubbish\n+912\t\n");
    assert_eq!(recents.list().len(), 2);
    assert_eq!(Recents::read(&recents.print()), recents);
}

#[test]
fn no_more_numbers_are_read_than_are_kept() {
    let stored: String = (1..=9).map(|number| format!("+91{number}\t\n")).collect();
    let recents = Recents::read(&stored);
    assert_eq!(recents.list().len(), 6);
    assert_eq!(recents.list()[5].number, "+916");
}

#[test]
fn changed_settings_are_kept_and_applied() {
    let mut desk = Desk::open();
    let settings = Settings { theme: Theme::Dark, ..Settings::default() };
    let effects = desk.agent(Agent::ChangeSettings(settings));
    assert_eq!(effects, [Effect::ApplyTheme(Theme::Dark), Effect::StoreSettings(settings)]);
}

#[test]
fn the_page_speaks_the_browsers_language_until_another_is_chosen() {
    let mut desk = Desk::open();
    let fetched = |language| Event::Relay(Relay::TextsReplied(language, Ok(())));
    assert_eq!(desk.tell(Event::Page(Page::Speaks(Language::Hindi))), [Effect::FetchTexts(Language::Hindi)]);
    assert_eq!(desk.view().language, Language::English, "its texts are not here");
    assert_eq!(desk.tell(fetched(Language::Hindi)), [Effect::Speak(Language::Hindi)]);
    assert_eq!(desk.view().language, Language::Hindi);
    let settings = Settings { language: Some(Language::Arabic), ..Settings::default() };
    let effects = desk.tell(Event::Agent(Agent::ChangeSettings(settings)));
    assert_eq!(effects, [Effect::FetchTexts(Language::Arabic), Effect::StoreSettings(settings)]);
    desk.tell(fetched(Language::Hindi));
    assert_eq!(desk.view().language, Language::Hindi, "it is not wanted any more, and shown for now");
    assert_eq!(desk.tell(fetched(Language::Arabic)), [Effect::Speak(Language::Arabic)]);
}

#[test]
fn texts_that_do_not_come_are_said_and_what_is_shown_stays() {
    let mut desk = Desk::open();
    desk.tell(Event::Page(Page::Speaks(Language::Spanish)));
    desk.tell(Event::Relay(Relay::TextsReplied(Language::Spanish, Err(phone::text::offline()))));
    assert_eq!(desk.view().language, Language::English);
    assert_eq!(desk.view().faults.len(), 1);
}
