//! What stands in the provider's place in a build without it: nothing that could be made.

use super::{OidcError, Pending};

/// Nobody has one.
#[derive(Debug)]
pub(crate) enum Provider {}

impl Provider {
    pub(crate) fn name(&self) -> &str {
        match *self {}
    }

    pub(crate) async fn begin(&self) -> Result<(String, Pending), OidcError> {
        match *self {}
    }

    pub(crate) async fn finish(&self, _: Pending, _: String) -> Result<String, OidcError> {
        match *self {}
    }

    pub(crate) fn names(&self, _: &str, _: &str) -> bool {
        match *self {}
    }
}
