//! Dropbox, Google Drive and OneDrive: services at which one signs in by browser. The program has
//! no account of its own there: the user registers it once and gives its client id. What each
//! service wants is in this file, what its answers mean in `policy`; `signed` sends.

mod policy;
mod signed;

use super::address::host_and_path;
use super::remote::{Remote, explained};
use super::{Destination, Place};
use crate::backup::vault::Setting;
use crate::base::{Error, ErrorKind, Result, Secret};
use crate::net::Transport;
use crate::net::oauth::{Client, Grant, Provider, Redirect, Session, SignIn};
use crate::{mark, t};
use opendal::services::{Dropbox, Gdrive, Onedrive};
use serde::{Deserialize, Serialize};
use signed::Signed;
use std::sync::Arc;

/// One of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cloud {
    Dropbox,
    GoogleDrive,
    OneDrive,
}

/// It stands in each request until `signed` puts the right one there.
const NO_TOKEN: &str = "-";

const DROPBOX: Provider = Provider {
    name: "Dropbox",
    authorize: "https://www.dropbox.com/oauth2/authorize",
    token: "https://api.dropboxapi.com/oauth2/token",
    scope: "files.metadata.read files.content.read files.content.write",
    extra: &[("token_access_type", "offline")],
    // The address has to be registered, port and all.
    redirect: Redirect {
        host: "localhost",
        port: 47_813,
        path: "/",
    },
};

const GOOGLE_DRIVE: Provider = Provider {
    name: "Google Drive",
    authorize: "https://accounts.google.com/o/oauth2/v2/auth",
    token: "https://oauth2.googleapis.com/token",
    // Only the files that this program made.
    scope: "https://www.googleapis.com/auth/drive.file",
    // Without asking again there is no refresh token the second time.
    extra: &[("access_type", "offline"), ("prompt", "consent")],
    redirect: Redirect {
        host: "127.0.0.1",
        port: 0,
        path: "/",
    },
};

const ONE_DRIVE: Provider = Provider {
    name: "OneDrive",
    authorize: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    token: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    scope: "Files.ReadWrite offline_access",
    extra: &[],
    // The port may be any when `http://localhost` is registered.
    redirect: Redirect {
        host: "localhost",
        port: 0,
        path: "",
    },
};

impl Cloud {
    pub const ALL: [Self; 3] = [Self::Dropbox, Self::GoogleDrive, Self::OneDrive];

    fn provider(self) -> &'static Provider {
        match self {
            Self::Dropbox => &DROPBOX,
            Self::GoogleDrive => &GOOGLE_DRIVE,
            Self::OneDrive => &ONE_DRIVE,
        }
    }

    /// As the service calls itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.provider().name
    }

    /// How an address begins.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Dropbox => "dropbox",
            Self::GoogleDrive => "gdrive",
            Self::OneDrive => "onedrive",
        }
    }

    /// Whether programs on a desk are given a client secret beside the client id.
    #[must_use]
    pub fn has_client_secret(self) -> bool {
        self == Self::GoogleDrive
    }

    /// How the user gets a client id.
    #[must_use]
    pub fn how_to_register(self) -> &'static str {
        match self {
            Self::Dropbox => {
                t!(
                    "Once: at dropbox.com/developers/apps make an app with “App folder” access. \
                 Permissions: files.metadata.read, files.content.read, files.content.write. \
                 Redirect URI: http://localhost:47813/. Its App key is the client ID."
                )
            }
            Self::GoogleDrive => {
                t!(
                    "Once: at console.cloud.google.com make a project, switch the Google Drive API \
                 on, and publish the consent screen. Make an OAuth client of the type “Desktop \
                 app”: it has a client ID and a client secret."
                )
            }
            Self::OneDrive => {
                t!(
                    "Once: at entra.microsoft.com register an app for personal accounts, with the \
                 platform “Mobile and desktop applications” and the redirect URI \
                 http://localhost. Its Application (client) ID is the client ID."
                )
            }
        }
    }

    /// Hosts that are told who is asking.
    fn hosts(self) -> &'static [&'static str] {
        match self {
            Self::Dropbox => &["api.dropboxapi.com", "content.dropboxapi.com"],
            Self::GoogleDrive => &["www.googleapis.com"],
            Self::OneDrive => &["graph.microsoft.com"],
        }
    }
}

pub(super) fn open(
    service: Cloud,
    folder: &str,
    client_id: &str,
    setting: &Setting,
    net: &Arc<dyn Transport>,
) -> Result<Arc<dyn Place>> {
    let Some(account) = &setting.account else {
        let what = mark!("nobody is signed in at {service}", service = service.name());
        return Err(Error::new(ErrorKind::SignedOut, what));
    };
    let session = Session::new(
        service.provider().clone(),
        client_id,
        &Grant::of(account),
        Arc::clone(net),
        setting.clock.clone(),
        setting.keep.clone(),
    );
    let signed: Arc<dyn Transport> = Arc::new(Signed {
        service,
        session,
        net: Arc::clone(net),
        progress: setting.progress.clone(),
    });
    let root = format!("/{folder}");
    let operator = match service {
        Cloud::Dropbox => {
            let service = Dropbox::default().root(&root).access_token(NO_TOKEN);
            opendal::Operator::new(service)
        }
        Cloud::GoogleDrive => {
            let service = Gdrive::default().root(&root).access_token(NO_TOKEN);
            opendal::Operator::new(service)
        }
        Cloud::OneDrive => {
            let service = Onedrive::default().root(&root).access_token(NO_TOKEN);
            opendal::Operator::new(service)
        }
    };
    let remote = Remote::new(operator.map_err(|e| explained(&e))?, &signed)?;
    Ok(Arc::new(match service {
        // Making a folder that is there would replace it; uploads make those on the way.
        Cloud::OneDrive => remote.without_folders(),
        Cloud::Dropbox | Cloud::GoogleDrive => remote,
    }))
}

impl Destination {
    /// A place at a service.
    #[must_use]
    pub fn at_cloud(service: Cloud, folder: &str, client_id: &str) -> Self {
        Self::Cloud {
            service,
            folder: folder.trim().trim_matches('/').to_owned(),
            client_id: client_id.trim().to_owned(),
        }
    }

    /// For people: without what only programs need, and without users and keys.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Folder { path } => path.display().to_string(),
            Self::WebDav { url, .. } => format!("WebDAV: {}", host_and_path(url)),
            Self::S3 {
                bucket,
                prefix,
                endpoint,
                ..
            } => {
                let slash = if prefix.is_empty() { "" } else { "/" };
                let path = format!("{bucket}{slash}{prefix}");
                match host_and_path(endpoint) {
                    host if host.is_empty() => format!("S3: {path}"),
                    host => t!("S3 at {host}: {path}", host, path),
                }
            }
            Self::Cloud {
                service, folder, ..
            } => format!("{}: {folder}", service.name()),
        }
    }

    /// What its account is called in the keychain.
    #[must_use]
    pub fn account_name(&self) -> String {
        format!("account of {self}")
    }

    /// The service at which one signs in, where it is one.
    #[must_use]
    pub fn cloud(&self) -> Option<Cloud> {
        match self {
            Self::Cloud { service, .. } => Some(*service),
            Self::Folder { .. } | Self::WebDav { .. } | Self::S3 { .. } => None,
        }
    }

    /// Begins to sign in. The text of the grant that comes of it is the account.
    ///
    /// # Errors
    /// `InvalidInput` where one does not sign in by browser.
    pub fn sign_in(&self, client_secret: Option<Secret>) -> Result<SignIn> {
        let Self::Cloud {
            service, client_id, ..
        } = self
        else {
            let what =
                mark!("one signs in by browser only at dropbox://, gdrive:// and onedrive://");
            return Err(Error::invalid(what));
        };
        if service.has_client_secret() && client_secret.is_none() {
            let what = mark!(
                "{service} wants the client secret too",
                service = service.name()
            );
            return Err(Error::invalid(what));
        }
        let client = Client {
            id: client_id.clone(),
            secret: client_secret.filter(|_| service.has_client_secret()),
        };
        SignIn::begin(service.provider(), &client)
    }
}
