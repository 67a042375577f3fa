//! The places that the navigation leads to.

use phone::locale::Text;
use phone::route::{LogQuery, Route};
use phone::t;

use super::icon::{self, Symbol};

/// A place, without what of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Phone,
    Log,
    Team,
    Settings,
}

impl Place {
    /// All of them, in the navigation's order.
    pub(crate) const ALL: [Self; 4] = [Self::Phone, Self::Log, Self::Team, Self::Settings];

    /// Where a route leads.
    pub(crate) fn of(route: &Route) -> Self {
        match route {
            Route::Phone => Self::Phone,
            Route::Log(_) => Self::Log,
            Route::Team => Self::Team,
            Route::Settings => Self::Settings,
        }
    }

    /// The route of its link.
    pub(crate) fn route(self) -> Route {
        match self {
            Self::Phone => Route::Phone,
            Self::Log => Route::Log(LogQuery::default()),
            Self::Team => Route::Team,
            Self::Settings => Route::Settings,
        }
    }

    /// Its name on the page.
    pub(crate) fn name(self) -> Text {
        match self {
            Self::Phone => t!("Phone"),
            Self::Log => t!("Call log"),
            Self::Team => t!("Team"),
            Self::Settings => t!("Settings"),
        }
    }

    /// Its word for the style sheets.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Log => "log",
            Self::Team => "team",
            Self::Settings => "settings",
        }
    }

    /// Its icon.
    pub(crate) fn icon(self) -> Symbol {
        match self {
            Self::Phone => icon::PHONE,
            Self::Log => icon::LOG,
            Self::Team => icon::PERSON,
            Self::Settings => icon::SETTINGS,
        }
    }
}
