//! Whether the machine runs on its battery and whether its network is metered, as Linux tells. What
//! cannot be read is unknown; on other systems all is.

use super::policy::Machine;
use crate::base::program::{self, Limits};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Where it is read.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// A folder for each battery and charger.
    pub power: PathBuf,
    /// Where `busctl` or `nmcli` is.
    pub programs: Vec<PathBuf>,
}

/// So long may a program take that asks for the network.
const LIMIT: Duration = Duration::from_secs(3);
const MOST_BYTES: u64 = 16 << 10;

impl Sources {
    /// Of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self {
            power: PathBuf::from("/sys/class/power_supply"),
            programs: program::system_folders(),
        }
    }

    /// Waits for another program, so a job asks; `stop` ends that.
    #[must_use]
    pub fn look(&self, stop: &AtomicBool) -> Machine {
        Machine {
            on_battery: on_battery(&self.power),
            metered: self.metered(stop),
        }
    }

    fn metered(&self, stop: &AtomicBool) -> Option<bool> {
        let limits = Limits {
            time: LIMIT,
            bytes: MOST_BYTES,
            stop,
        };
        let said = |name: &str, args: &[&str]| {
            let path = program::find(&self.programs, &[name])?;
            let said = program::run(Command::new(path).args(args), "", limits).ok()?;
            String::from_utf8(said).ok()
        };
        let by_bus = said(
            "busctl",
            &[
                "--system",
                "get-property",
                "org.freedesktop.NetworkManager",
                "/org/freedesktop/NetworkManager",
                "org.freedesktop.NetworkManager",
                "Metered",
            ],
        );
        by_bus.and_then(|said| of_bus(&said)).or_else(|| {
            let said = said("nmcli", &["-t", "-f", "GENERAL.METERED", "device", "show"])?;
            of_devices(&said)
        })
    }
}

/// `u 1`: yes, 2: no, 3: probably, 4: probably not, 0: unknown.
fn of_bus(said: &str) -> Option<bool> {
    match said.trim().strip_prefix("u ")?.trim() {
        "1" | "3" => Some(true),
        "2" | "4" => Some(false),
        _ => None,
    }
}

/// A line for each device: `GENERAL.METERED:yes (guessed)`.
fn of_devices(said: &str) -> Option<bool> {
    let values = said.lines().filter_map(|line| line.split_once(':'));
    let known = values.filter_map(|(_, value)| match value.split_whitespace().next() {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    });
    known.reduce(|a, b| a || b)
}

fn on_battery(folder: &Path) -> Option<bool> {
    let (mut chargers, mut batteries, mut charging) = (0, 0, false);
    let mut discharging = false;
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let word = |name: &str| {
            let text = std::fs::read_to_string(entry.path().join(name)).ok()?;
            Some(text.trim().to_owned())
        };
        match word("type").as_deref() {
            Some("Battery") if word("scope").as_deref() != Some("Device") => {
                batteries += 1;
                discharging |= word("status").as_deref() == Some("Discharging");
            }
            Some("Mains") => {
                chargers += 1;
                charging |= word("online").as_deref() == Some("1");
            }
            // One that is not plugged in says nothing about the others.
            Some("USB") => charging |= word("online").as_deref() == Some("1"),
            // A mouse has a battery too.
            _ => {}
        }
    }
    Some(batteries > 0 && !charging && (discharging || chargers > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Folders with these files in them.
    fn supplies(all: &[(&str, &[(&str, &str)])]) -> Option<bool> {
        let room = tempfile::tempdir().unwrap();
        for (name, files) in all {
            let folder = room.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            for (file, text) in *files {
                std::fs::write(folder.join(file), format!("{text}\n")).unwrap();
            }
        }
        on_battery(room.path())
    }

    #[test]
    fn chargers_and_batteries_are_told_apart() {
        let away = ("AC", &[("type", "Mains"), ("online", "0")][..]);
        let plugged = ("AC", &[("type", "Mains"), ("online", "1")][..]);
        let usb = ("ucsi", &[("type", "USB"), ("online", "1")][..]);
        let no_usb = ("ucsi", &[("type", "USB"), ("online", "0")][..]);
        let draining = (
            "BAT0",
            &[("type", "Battery"), ("status", "Discharging")][..],
        );
        let resting = (
            "BAT1",
            &[("type", "Battery"), ("status", "Not charging")][..],
        );
        let mouse = (
            "hid",
            &[
                ("type", "Battery"),
                ("scope", "Device"),
                ("status", "Discharging"),
            ][..],
        );
        for (all, want) in [
            (vec![], false),
            (vec![plugged], false),
            (vec![mouse, away], false),
            (vec![draining, away], true),
            (vec![draining], true),
            (vec![draining, plugged], false),
            (vec![draining, usb], false),
            (vec![draining, no_usb], true),
            (vec![resting, away], true),
            (vec![resting, no_usb], false),
            (vec![resting, draining, no_usb], true),
        ] {
            assert_eq!(supplies(&all), Some(want), "{all:?}");
        }
        assert_eq!(on_battery(Path::new("/nowhere/at/all")), None);
    }

    #[test]
    fn what_network_manager_says_is_understood() {
        for (said, want) in [
            ("u 1\n", Some(true)),
            ("u 2", Some(false)),
            ("u 3\n", Some(true)),
            ("u 4\n", Some(false)),
            ("u 0\n", None),
            ("", None),
            ("s \"x\"", None),
        ] {
            assert_eq!(of_bus(said), want, "{said}");
        }
        let devices = "GENERAL.METERED:no (guessed)\n\nGENERAL.METERED:unknown\n";
        assert_eq!(of_devices(devices), Some(false));
        assert_eq!(
            of_devices("GENERAL.METERED:no\nGENERAL.METERED:yes (guessed)"),
            Some(true)
        );
        assert_eq!(of_devices("GENERAL.METERED:unknown\n"), None);
    }
}
