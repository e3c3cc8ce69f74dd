//! Who is connected. Each connection holds a thread, so there are only so many; a new one takes the
//! place of one on which nothing is being done, so that strangers who connect and dawdle keep nobody
//! out, however slowly they send.

use std::io;
use std::net::{IpAddr, Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const MAX_CONNECTIONS: usize = 64;
/// Of one user, on which something is being done: each may hold a request in memory.
const MAX_OF_USER: usize = 16;

/// See the module header.
#[derive(Default)]
pub(super) struct Connections(Mutex<All>);

#[derive(Default)]
struct All {
    open: Vec<Open>,
    /// How often one of them began to wait.
    waits: u64,
}

struct Open {
    number: u64,
    stream: TcpStream,
    /// Whose the last request was, once a key has told.
    user: Option<usize>,
    is_served: bool,
    /// Its place in the order in which they began to wait.
    since: u64,
}

/// The place of one connection; it is free again when this is dropped, also by a panic.
pub(super) struct Slot {
    connections: Arc<Connections>,
    number: u64,
    /// From where.
    pub(super) ip: IpAddr,
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection; None where something is being done on all of them.
    pub(super) fn admit(
        self: &Arc<Self>,
        stream: &TcpStream,
        ip: IpAddr,
    ) -> io::Result<Option<Slot>> {
        let stream = stream.try_clone()?;
        let mut all = self.lock();
        if all.open.len() >= MAX_CONNECTIONS && !all.end_one() {
            return Ok(None);
        }
        all.waits += 1;
        let number = all.waits;
        all.open.push(Open {
            number,
            stream,
            user: None,
            is_served: false,
            since: number,
        });
        Ok(Some(Slot {
            connections: self.clone(),
            number,
            ip,
        }))
    }
}

impl All {
    /// Ends the one that has waited longest, a stranger's if there is one.
    fn end_one(&mut self) -> bool {
        let waiting = self.open.iter().enumerate().filter(|(_, o)| !o.is_served);
        let longest = waiting.min_by_key(|(_, open)| (open.user.is_some(), open.since));
        let Some((at, _)) = longest else {
            return false;
        };
        // Its thread finds it at its end.
        let _ = self.open.swap_remove(at).stream.shutdown(Shutdown::Both);
        true
    }
}

impl Slot {
    /// Something is being done on it from now on, for a user or for who wants to log in; false where
    /// it was ended, or where as much is being done for this user as may be.
    pub(super) fn serves(&self, user: Option<usize>) -> bool {
        let mut all = self.connections.lock();
        let is_theirs = |open: &&Open| open.is_served && open.user == user;
        if user.is_some() && all.open.iter().filter(is_theirs).count() >= MAX_OF_USER {
            return false;
        }
        let own = all.open.iter_mut().find(|o| o.number == self.number);
        own.is_some_and(|open| {
            open.user = user;
            open.is_served = true;
            true
        })
    }

    /// Whom it serves now.
    pub(super) fn user(&self) -> Option<usize> {
        let all = self.connections.lock();
        let own = all.open.iter().find(|o| o.number == self.number)?;
        own.user.filter(|_| own.is_served)
    }

    /// The request is answered.
    pub(super) fn waits(&self) {
        let mut all = self.connections.lock();
        all.waits += 1;
        let now = all.waits;
        if let Some(own) = all.open.iter_mut().find(|o| o.number == self.number) {
            own.is_served = false;
            own.since = now;
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let number = self.number;
        self.connections.lock().open.retain(|o| o.number != number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::net::{Ipv4Addr, TcpListener};

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// Both ends of connections, one after the other.
    struct Wires(TcpListener, Arc<Connections>);

    impl Wires {
        fn new() -> Self {
            Self(TcpListener::bind((HERE, 0)).unwrap(), Arc::default())
        }

        /// What the client holds, and its place if there is one.
        fn connect(&self) -> (TcpStream, Option<Slot>) {
            let client = TcpStream::connect(self.0.local_addr().unwrap()).unwrap();
            let (stream, _) = self.0.accept().unwrap();
            let slot = self.1.admit(&stream, HERE).unwrap();
            (client, slot)
        }
    }

    fn was_ended(client: &mut TcpStream) -> bool {
        client.set_nonblocking(true).unwrap();
        matches!(client.read(&mut [0]), Ok(0))
    }

    #[test]
    fn a_new_one_takes_the_place_of_the_stranger_who_waited_longest() {
        let wires = Wires::new();
        let mut all: Vec<_> = (0..MAX_CONNECTIONS).map(|_| wires.connect()).collect();
        let slot = |all: &[(TcpStream, Option<Slot>)], n: usize| {
            let slot = all[n].1.as_ref();
            slot.is_some_and(|slot| slot.serves(Some(n % 8)))
        };
        // The first is being served; the second was, and waits for its next request.
        assert!(slot(&all, 0) && slot(&all, 1));
        all[1].1.as_ref().unwrap().waits();
        assert_eq!(all[0].1.as_ref().unwrap().user(), Some(0));
        assert_eq!(all[1].1.as_ref().unwrap().user(), None);
        let (_new, place) = wires.connect();
        assert!(place.is_some());
        let ended: Vec<usize> = (0..MAX_CONNECTIONS)
            .filter(|n| was_ended(&mut all[*n].0))
            .collect();
        assert_eq!(ended, [2]);
        assert!(!slot(&all, 2), "it has ended");
    }

    #[test]
    fn a_user_is_served_on_some_of_them_and_nothing_that_is_done_is_ended() {
        let wires = Wires::new();
        let all: Vec<_> = (0..MAX_CONNECTIONS).map(|_| wires.connect()).collect();
        let slots: Vec<&Slot> = all.iter().filter_map(|(_, slot)| slot.as_ref()).collect();
        let served = slots.iter().filter(|slot| slot.serves(Some(0))).count();
        assert_eq!(served, MAX_OF_USER);
        for (n, slot) in slots.iter().enumerate().skip(served) {
            assert!(slot.serves(Some(1 + n / MAX_OF_USER)));
        }
        assert!(wires.connect().1.is_none());
        slots[0].waits();
        assert!(wires.connect().1.is_some());
    }
}
