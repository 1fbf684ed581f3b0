//! Connections: so many at a time, and none that says nothing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tower_service::Service as _;

/// Longest time until the head of a request is there, on a new connection or one that is kept open.
const HEAD: Duration = Duration::from_secs(30);
/// Time after a connection could not be accepted, such as where no more files can be opened.
const PAUSE: Duration = Duration::from_millis(200);
/// Longest time in which requests that are being answered may end when the service does.
const GRACE: Duration = Duration::from_secs(10);

/// Accepts connections until `ending` is true, and then lets what is being answered end.
pub async fn accept(listener: TcpListener, router: Router, max_connections: usize, mut ending: watch::Receiver<bool>) {
    let open = Arc::new(Semaphore::new(max_connections));
    let graceful = GracefulShutdown::new();
    loop {
        let next = async {
            let permit = Arc::clone(&open).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            next = next => next,
            _ = ending.wait_for(|is_ending| *is_ending) => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                sleep(PAUSE).await;
                continue;
            }
        };
        // Events and short answers are to go out at once.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            let mut router = router.clone();
            async move { Ok::<_, Infallible>(router.call(request.map(Body::new)).await.unwrap_or_else(|never| match never {})) }
        });
        let connection =
            http1::Builder::new().timer(TokioTimer::new()).header_read_timeout(HEAD).serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
            drop(permit);
        });
    }
    drop(listener);
    if timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still being answered");
    }
}
