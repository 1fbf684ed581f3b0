//! Starting a NATS server on this machine, by hand and in tests.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The program.
pub const PROGRAM: &str = "nats-server";
/// Folders in which Debian and others put it, beside those of `PATH`.
const FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin"];

/// Why no server is started.
#[derive(Debug, thiserror::Error)]
#[error("{PROGRAM} is not installed: on Debian and Ubuntu, `apt install nats-server`")]
pub struct NotInstalled;

/// Where the server's program is.
///
/// # Errors
///
/// If it is nowhere.
pub fn find() -> Result<PathBuf, NotInstalled> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).chain(FOLDERS.map(PathBuf::from));
    folders.find_map(|folder| Some(folder.join(PROGRAM)).filter(|program| program.is_file())).ok_or(NotInstalled)
}

/// What starts a server with JetStream, which listens on `host` and `port` and keeps everything in `data`.
///
/// # Errors
///
/// If the program is nowhere.
pub fn command(data: &Path, host: &str, port: u16) -> Result<Command, NotInstalled> {
    let mut command = Command::new(find()?);
    command.arg("--jetstream").arg("--store_dir").arg(data).args(["--addr", host, "--port", &port.to_string()]);
    Ok(command)
}
