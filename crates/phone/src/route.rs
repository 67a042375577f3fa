//! The page's places and their addresses.

use wire::Direction;

use crate::decimal::decimal;
use crate::log::LogStatus;

/// A place of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Route {
    /// `/`: the phone.
    #[default]
    Phone,
    /// `/log`: the call log.
    Log(LogQuery),
    /// `/team`: who is available and who talks, for supervisors.
    Team,
    /// `/settings`: the settings.
    Settings,
}

/// What of the log is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogQuery {
    /// From 1.
    pub page: u32,
    /// Rows per page, one of [`LogQuery::LIMITS`].
    pub limit: u32,
    /// Only calls of this direction.
    pub direction: Option<Direction>,
    /// Only calls with this status.
    pub status: Option<LogStatus>,
}

impl Default for LogQuery {
    fn default() -> Self {
        Self { page: 1, limit: Self::DEFAULT_LIMIT, direction: None, status: None }
    }
}

impl LogQuery {
    /// Rows per page that can be chosen.
    pub const LIMITS: [u32; 4] = [10, 25, 50, 100];
    /// Rows per page when the address names none; the upstream's own default.
    pub const DEFAULT_LIMIT: u32 = 25;

    /// The same filters on another page.
    #[must_use]
    pub fn at_page(self, page: u32) -> Self {
        Self { page: page.max(1), ..self }
    }

    /// Another direction, from the first page on.
    #[must_use]
    pub fn with_direction(self, direction: Option<Direction>) -> Self {
        Self { page: 1, direction, ..self }
    }

    /// Another status, from the first page on.
    #[must_use]
    pub fn with_status(self, status: Option<LogStatus>) -> Self {
        Self { page: 1, status, ..self }
    }

    /// Another page size, from the first page on.
    #[must_use]
    pub fn with_limit(self, limit: u32) -> Self {
        Self { page: 1, limit, ..self }
    }

    /// As a query string without `?`: `page=2&direction=inbound&status=missed&limit=25`.
    pub fn print(&self) -> String {
        let mut text = String::from("page=");
        text.push_str(&decimal(self.page));
        if let Some(direction) = self.direction {
            text.push_str("&direction=");
            text.push_str(direction_name(direction));
        }
        if let Some(status) = self.status {
            text.push_str("&status=");
            text.push_str(status.as_str());
        }
        text.push_str("&limit=");
        text.push_str(&decimal(self.limit));
        text
    }

    /// Reads a query string with or without `?`. What does not fit is as if left out.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for pair in text.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "page" => query.page = value.parse().ok().filter(|page| *page > 0).unwrap_or(1),
                "limit" => {
                    query.limit = value
                        .parse()
                        .ok()
                        .filter(|limit| Self::LIMITS.contains(limit))
                        .unwrap_or(Self::DEFAULT_LIMIT);
                }
                "direction" => query.direction = direction_named(value),
                "status" => query.status = LogStatus::named(value),
                _ => {}
            }
        }
        query
    }
}

impl Route {
    /// Reads an address: the path, and the query with or without `?`. An unknown
    /// path is the phone.
    pub fn parse(path: &str, query: &str) -> Self {
        match path.trim_end_matches('/') {
            "/log" => Self::Log(LogQuery::parse(query)),
            "/team" => Self::Team,
            "/settings" => Self::Settings,
            _ => Self::Phone,
        }
    }

    /// The address: path and query.
    pub fn print(&self) -> String {
        match self {
            Self::Phone => "/".to_owned(),
            Self::Log(query) if *query == LogQuery::default() => "/log".to_owned(),
            Self::Log(query) => ["/log?", &query.print()].concat(),
            Self::Team => "/team".to_owned(),
            Self::Settings => "/settings".to_owned(),
        }
    }
}

/// The upstream's word for a direction.
pub fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
    }
}

/// The direction with the upstream's word.
pub fn direction_named(text: &str) -> Option<Direction> {
    [Direction::Inbound, Direction::Outbound]
        .into_iter()
        .find(|direction| direction_name(*direction).eq_ignore_ascii_case(text))
}
