//! S3 and services that speak like it. Only the keys that were given are used: nothing is looked
//! for in the environment.

use super::remote::{Remote, explained};
use super::{Account, Destination, Place};
use crate::base::{Error, Result};
use crate::mark;
use crate::net::Transport;
use std::sync::Arc;

pub(super) fn open(
    destination: &Destination,
    account: &Account,
    net: &Arc<dyn Transport>,
) -> Result<Arc<dyn Place>> {
    let Destination::S3 {
        bucket,
        prefix,
        endpoint,
        region,
        access_key_id,
    } = destination
    else {
        return Err(Error::bug("this is no S3 destination"));
    };
    let secret = account
        .as_ref()
        .ok_or_else(|| Error::invalid(mark!("S3 needs the secret access key of the account")))?;
    let mut service = opendal::services::S3::default()
        .bucket(bucket)
        .root(&format!("/{prefix}"))
        .region(region)
        .access_key_id(access_key_id)
        .secret_access_key(secret.expose())
        .disable_config_load()
        .disable_ec2_metadata();
    if !endpoint.is_empty() {
        service = service.endpoint(endpoint);
    }
    let operator = opendal::Operator::new(service).map_err(|e| explained(&e))?;
    Ok(Arc::new(Remote::new(operator, net)?))
}
