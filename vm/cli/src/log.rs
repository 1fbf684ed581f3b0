//! The log on standard error, and traces where they are asked for.

use std::io::{self, IsTerminal};

use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use super::args::Cli;
#[cfg(feature = "otel")]
use super::args::Command;
use super::error::CliError;

/// The log, with traces that are sent until this is dropped.
pub struct Log {
    #[cfg(feature = "otel")]
    _traces: Option<tern_service::Traces>,
}

/// Begins to log what `TERN_LOG` asks for, and to send traces.
#[cfg(feature = "otel")]
pub fn start(cli: &Cli) -> Result<Log, CliError> {
    let url = match &cli.command {
        Command::Serve(args) => args.otlp.as_deref(),
        _ => None,
    };
    let traces = url.map(tern_service::Traces::to).transpose()?;
    Registry::default().with(to_stderr()).with(traces.as_ref().map(tern_service::Traces::layer)).init();
    Ok(Log { _traces: traces })
}

/// Begins to log what `TERN_LOG` asks for.
#[cfg(not(feature = "otel"))]
pub fn start(_: &Cli) -> Result<Log, CliError> {
    Registry::default().with(to_stderr()).init();
    Ok(Log {})
}

fn to_stderr() -> impl Layer<Registry> {
    let filter = EnvFilter::try_from_env("TERN_LOG").unwrap_or_else(|_| "warn".into());
    let has_colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    // What cannot be written is lost: to say so would need the same place, and panics.
    let layer = fmt::layer().with_writer(io::stderr).log_internal_errors(false).with_span_events(FmtSpan::CLOSE).with_ansi(has_colours);
    layer.with_filter(filter)
}
