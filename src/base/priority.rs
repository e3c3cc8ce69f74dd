//! Work that is in no hurry: its threads leave the processors to those that somebody waits for.

/// How far behind, from 0 to 19: beside a busy thread of the usual priority, one of these has about
/// a tenth of a processor. Alone it has all of it.
#[cfg(target_os = "linux")]
const BEHIND: i32 = 10;

/// This thread, and those that it starts from now on, give way to all others. There is no way back:
/// for threads that end with their work. Only on Linux, where single threads have priorities
/// that a program may lower.
pub fn give_way() {
    #[cfg(target_os = "linux")]
    if rustix::process::getpriority_process(None).is_ok_and(|now| now < BEHIND)
        && let Err(error) = rustix::process::setpriority_process(None, BEHIND)
    {
        tracing::warn!("the priority of a thread stays as it is: {error}");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;

    #[test]
    fn a_thread_gives_way_with_those_that_it_starts_and_no_others() {
        let own = || getpriority_process(None).unwrap();
        let before = own();
        let (first, second) = std::thread::scope(|scope| {
            let first = scope.spawn(|| {
                give_way();
                let second = std::thread::scope(|scope| scope.spawn(own).join().unwrap());
                (own(), second)
            });
            first.join().unwrap()
        });
        assert_eq!((first, second), (before.max(BEHIND), before.max(BEHIND)));
        assert_eq!(own(), before);
    }
}
