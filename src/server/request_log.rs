//! The log of requests: a line for each, with the fields that Anki's server writes, so that what reads
//! its log (fail2ban, say) reads this one. Keys, passwords and content are never in it.

use super::Shared;
use super::connections::Slot;
use super::http::Request;
use crate::base::error::{Error, Result};
use crate::base::time::TimestampMillis;
use serde::Deserialize;
use std::net::IpAddr;
use std::time::Duration;

/// Characters that strangers choose, of one field.
const MAX_SHOWN: usize = 100;

/// Whether `RUST_LOG` lets the lines through, as it does when it is not set.
pub(super) fn is_wanted(level: Option<&str>) -> bool {
    let level = level.unwrap_or("info").to_lowercase();
    ["info", "debug", "trace"].iter().any(|l| level.contains(l))
}

/// The header in which a proxy says who asks, by the names that Anki's server knows; None: whoever is
/// connected does.
///
/// # Errors
/// `InvalidInput` for other names.
pub(super) fn ip_header(name: Option<&str>) -> Result<Option<&'static str>> {
    Ok(match name.map(str::trim) {
        None | Some("ConnectInfo") => None,
        Some("XRealIp") => Some("x-real-ip"),
        Some("RightmostXForwardedFor") => Some("x-forwarded-for"),
        Some("TrueClientIp") => Some("true-client-ip"),
        Some("CfConnectingIp") => Some("cf-connecting-ip"),
        Some("FlyClientIp") => Some("fly-client-ip"),
        Some(other) => {
            return Err(Error::invalid(format!(
                "SYNC_IP_HEADER cannot be {other:?}"
            )));
        }
    })
}

/// Who asks: what the proxy in front says, if there is to be one.
pub(super) fn asks(shared: &Shared, slot: &Slot, request: &Request) -> IpAddr {
    let told = shared.ip_header.and_then(|name| request.last_header(name));
    let last = told.and_then(|told| told.rsplit(',').next());
    last.and_then(|ip| ip.trim().parse().ok())
        .unwrap_or(slot.ip)
}

/// The line of a request that is answered, at `now`.
pub(super) fn line(
    shared: &Shared,
    slot: &Slot,
    request: &Request,
    (status, taken): (u16, Duration),
    now: TimestampMillis,
) -> String {
    #[derive(Deserialize)]
    struct Header {
        c: String,
    }
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let (path, ip) = (shown(&request.path), asks(shared, slot, request));
    let who = slot.user().map_or_else(String::new, |user| {
        let header = request.header("anki-sync").unwrap_or_default();
        let client = serde_json::from_str::<Header>(header).map_or_else(|_| String::new(), |h| h.c);
        let name = &shared.users[user].name;
        format!(" uid={name:?} client={}", shown(&client))
    });
    let taken = taken.as_millis();
    format!(
        "{at:.3}  INFO request{{uri={path} ip=\"{ip}\"{who}}}: finished elap_ms={taken} \
         httpstatus={status}"
    )
}

/// Quoted, with what a terminal would take for commands written out.
pub(super) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(MAX_SHOWN).collect();
    format!("{cut:?}")
}
