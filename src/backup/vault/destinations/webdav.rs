//! WebDAV: Nextcloud and other servers.

use super::address::decoded;
use super::remote::{Remote, explained};
use super::{Account, Place};
use crate::base::{Error, Result};
use crate::mark;
use crate::net::Transport;
use std::sync::Arc;
use url::Url;

pub(super) fn open(
    url: &str,
    user: &str,
    account: &Account,
    net: &Arc<dyn Transport>,
) -> Result<Arc<dyn Place>> {
    let parsed = Url::parse(url).map_err(|e| {
        Error::invalid(mark!("the address of the vault is not understood")).because(e)
    })?;
    // The folders on the way are made only below the root that the crate knows of.
    let host = &parsed[..url::Position::BeforePath];
    let mut service = opendal::services::Webdav::default()
        .endpoint(host)
        .root(&decoded(parsed.path())?);
    if !user.is_empty() {
        service = service.username(user);
    }
    if let Some(password) = account {
        service = service.password(password.expose());
    }
    let operator = opendal::Operator::new(service).map_err(|e| explained(&e))?;
    Ok(Arc::new(Remote::new(operator, net)?.by_renaming()))
}
