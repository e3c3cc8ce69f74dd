//! Logins, one after the other: who tries many passwords takes no more than one processor, gets few
//! of them tried, and leaves room for others who wait.

use super::refusal::Refusal;
use super::users::{self, User};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A wrong password is answered no sooner.
const PAUSE: Duration = Duration::from_millis(300);
const MAX_WAITING: usize = 16;
const MAX_FROM_ONE_ADDRESS: usize = 4;

/// See the module header.
#[derive(Default)]
pub(super) struct Logins {
    /// Held while a password is looked at.
    alone: Mutex<()>,
    waiting: Mutex<Vec<IpAddr>>,
}

impl Logins {
    /// Whose name and password these are; 503 where too many ask at once.
    pub(super) fn log_in<'a>(
        &self,
        users: &'a [User],
        ip: IpAddr,
        name: &str,
        password: &str,
    ) -> Result<&'a User, Refusal> {
        let _waits = self.wait(ip).ok_or(Refusal::of(503))?;
        let _alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        users::log_in(users, name, password).ok_or_else(|| {
            std::thread::sleep(PAUSE);
            Refusal::FORBIDDEN
        })
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<IpAddr>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, ip: IpAddr) -> Option<Waits<'_>> {
        let mut waiting = self.waiting();
        let from_there = waiting.iter().filter(|other| **other == ip).count();
        if waiting.len() >= MAX_WAITING || from_there >= MAX_FROM_ONE_ADDRESS {
            return None;
        }
        waiting.push(ip);
        Some(Waits { logins: self, ip })
    }
}

/// One of those who wait, until dropped.
struct Waits<'a> {
    logins: &'a Logins,
    ip: IpAddr,
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let mut waiting = self.logins.waiting();
        if let Some(at) = waiting.iter().position(|ip| *ip == self.ip) {
            waiting.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_room_for_others() {
        let logins = Logins::default();
        let ip = |n: u8| IpAddr::from([10, 0, 0, n]);
        let mut waits: Vec<_> = (0..MAX_FROM_ONE_ADDRESS)
            .map(|_| logins.wait(ip(1)).unwrap())
            .collect();
        assert!(logins.wait(ip(1)).is_none());
        for n in MAX_FROM_ONE_ADDRESS..MAX_WAITING {
            waits.push(logins.wait(ip(n as u8)).unwrap());
        }
        assert!(logins.wait(ip(99)).is_none());
        let users = [User::parse("ann:p", false).unwrap()];
        let refused = logins.log_in(&users, ip(99), "ann", "p").map(|u| &u.name);
        assert_eq!(refused.unwrap_err().status, 503);
        drop(waits);
        let name = logins.log_in(&users, ip(1), "ann", "p").map(|u| &u.name);
        assert_eq!(name.unwrap(), "ann");
        assert!(logins.waiting().is_empty());
    }
}
