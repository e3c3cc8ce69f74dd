//! Sign-ins that are in the hand of the window and not in the keychain yet: what their services
//! renew meanwhile is remembered here, because some take the one before no more.

use crate::base::Secret;
use crate::net::oauth::Keep;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// See the module header; in memory alone. Clones share what they know.
#[derive(Clone, Default)]
pub(in crate::service) struct Renewed(Arc<Mutex<Vec<(Secret, Secret)>>>);

impl std::fmt::Debug for Renewed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Renewed(…)")
    }
}

impl Renewed {
    fn lock(&self) -> MutexGuard<'_, Vec<(Secret, Secret)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has become of the sign-in that was given to the window.
    pub(super) fn latest(&self, given: &Secret) -> Secret {
        let known = self.lock();
        let found = known.iter().find(|(first, _)| first == given);
        found.map_or(given, |(_, latest)| latest).clone()
    }

    /// Remembers what becomes of it.
    pub(super) fn keep(&self, given: &Secret) -> Keep {
        let (this, given) = (self.clone(), given.clone());
        Arc::new(move |grant| {
            let mut known = this.lock();
            known.retain(|(first, _)| *first != given);
            known.push((given.clone(), grant.clone()));
            Ok(())
        })
    }
}
