//! What to do after an answer of a service. Pure.

use std::time::Duration;

/// How often a service may ask to wait before a request is given up.
pub(super) const WAITS: u32 = 4;
/// A longer wait is left to the next run.
const LONGEST: Duration = Duration::from_secs(120);

/// See the module header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The caller understands it.
    Pass,
    /// Where the file really is.
    Elsewhere,
    /// The token is not taken.
    Unauthorized,
    Wait(Duration),
    /// There is no space left.
    Full,
}

/// `waited`: how often this request has waited already. `body`: of a failure.
pub(super) fn verdict(status: u16, retry_after: Option<&str>, body: &[u8], waited: u32) -> Verdict {
    let says = |signs: &[&str]| {
        let text = String::from_utf8_lossy(body);
        signs.iter().any(|sign| text.contains(sign))
    };
    match status {
        301 | 302 | 303 | 307 | 308 => Verdict::Elsewhere,
        401 => Verdict::Unauthorized,
        507 => Verdict::Full,
        403 | 409 | 413 if says(&FULL) => Verdict::Full,
        429 => Verdict::Wait(pause(retry_after, waited)),
        403 if says(&BUSY) => Verdict::Wait(pause(retry_after, waited)),
        500..=599 if retry_after.is_some() => Verdict::Wait(pause(retry_after, waited)),
        _ => Verdict::Pass,
    }
}

/// Dropbox, Google and Microsoft.
const FULL: [&str; 4] = [
    "insufficient_space",
    "storageQuotaExceeded",
    "insufficientStorage",
    "quotaLimitReached",
];
/// Google says so with the status of a refusal.
const BUSY: [&str; 2] = ["rateLimitExceeded", "userRateLimitExceeded"];

/// As long as the service says, else longer and longer.
fn pause(retry_after: Option<&str>, waited: u32) -> Duration {
    let told = retry_after.and_then(|text| text.trim().parse().ok());
    let seconds = told.unwrap_or(1 << waited.min(8));
    Duration::from_secs(seconds).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_three_services_are_understood() {
        let wait = |seconds| Verdict::Wait(Duration::from_secs(seconds));
        let of = |status, retry, body: &str| verdict(status, retry, body.as_bytes(), 2);
        assert_eq!(of(429, Some("7"), ""), wait(7));
        assert_eq!(of(429, None, ""), wait(4));
        assert_eq!(of(429, Some("Fri, 31 Dec 2027 23:59:59 GMT"), ""), wait(4));
        assert_eq!(of(429, Some("99999"), ""), wait(120));
        assert_eq!(of(503, Some("3"), ""), wait(3));
        assert_eq!(of(503, None, ""), Verdict::Pass);
        let google = r#"{"error":{"errors":[{"reason":"userRateLimitExceeded"}]}}"#;
        assert_eq!(of(403, None, google), wait(4));
        let google = r#"{"error":{"errors":[{"reason":"storageQuotaExceeded"}]}}"#;
        assert_eq!(of(403, None, google), Verdict::Full);
        let dropbox = r#"{"error_summary": "path/insufficient_space/.."}"#;
        assert_eq!(of(409, None, dropbox), Verdict::Full);
        assert_eq!(of(507, None, ""), Verdict::Full);
        assert_eq!(of(401, None, ""), Verdict::Unauthorized);
        assert_eq!(of(302, None, ""), Verdict::Elsewhere);
        for status in [200, 206, 403, 404, 409, 416] {
            assert_eq!(of(status, None, "path/not_found"), Verdict::Pass);
        }
    }
}
