//! How to reach the server.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use percent_encoding::percent_decode_str;

use crate::ClusterError;

/// Hears what people should know: of lost connections, refused workers and the like.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// When a connection was last lost or, since, made again.
pub type Connected = Arc<Mutex<Option<Instant>>>;

/// How to reach the server.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// Its addresses, separated by commas: `nats://[user:password@]host[:port]`, or `tls://…`.
    pub url: String,
    /// A file of credentials (`.creds`), as `nsc` makes it.
    pub credentials: Option<PathBuf>,
    /// Certificates of the authority that signed the server's, in PEM, if the system does not know it.
    pub ca: Option<PathBuf>,
}

impl Link {
    /// The addresses without what is secret.
    #[must_use]
    pub fn shown(&self) -> String {
        let public = |address: &str| match (address.split_once("://"), address.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
            (None, Some((_, host))) => host.to_owned(),
            (_, None) => address.to_owned(),
        };
        self.url.split(',').map(|address| public(address.trim())).collect::<Vec<_>>().join(",")
    }

    pub(super) async fn connect(&self, name: &str, connected: &Connected, say: &Say) -> Result<Client, ClusterError> {
        let refused = |reason: String| ClusterError::Connect { url: self.shown(), reason };
        let addresses: Result<Vec<ServerAddr>, _> = self.url.split(',').map(|address| address.trim().parse()).collect();
        let addresses = addresses.map_err(|_| refused("no address of a server, such as nats://127.0.0.1:4222".into()))?;
        let (heard, url, connected) = (Arc::clone(say), self.shown(), Arc::clone(connected));
        let mut options = ConnectOptions::new().name(name).event_callback(move |event| {
            match event {
                Event::Disconnected => {
                    *connected.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                    heard(&format!("connection to {url} lost; trying again"));
                }
                Event::Connected => {
                    // The first connection loses nothing.
                    if let Some(at) = &mut *connected.lock().unwrap_or_else(PoisonError::into_inner) {
                        *at = Instant::now();
                    }
                    tracing::info!("connected to {url}");
                }
                Event::ServerError(error) => heard(&format!("{url}: {error}")),
                other => tracing::info!("{url}: {other}"),
            }
            core::future::ready(())
        });
        // The client does not look at what stands before the host.
        if let Some(address) = addresses.iter().find(|address| address.has_user_pass()) {
            let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            let user = decoded(address.username().unwrap_or_default());
            options = match address.password() {
                Some(password) => options.user_and_password(user, decoded(password)),
                None => options.token(user),
            };
        }
        if let Some(path) = &self.credentials {
            let of_file = |error| ClusterError::File { path: path.clone(), error };
            options = options.credentials_file(path).await.map_err(of_file)?;
        }
        if let Some(path) = &self.ca {
            std::fs::metadata(path).map_err(|error| ClusterError::File { path: path.clone(), error })?;
            options = options.add_root_certificates(path.clone());
        }
        options = options.reconnect_delay_callback(|attempts| Duration::from_millis(100 << attempts.min(3)));
        options.connect(addresses).await.map_err(|error| refused(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_passwords() {
        let shown = |url: &str| Link { url: url.into(), ..Default::default() }.shown();
        assert_eq!(shown("nats://user:p@ss@host:4222, tls://other"), "nats://host:4222,tls://other");
        assert_eq!(shown("token@host"), "host");
        assert_eq!(shown("127.0.0.1:4222"), "127.0.0.1:4222");
    }
}
