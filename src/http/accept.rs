//! Takes connections: a cap on how many, a time for each step, and a quiet end when the server stops.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Uri};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

use super::address::{BasePath, Peer, household, is_within};
use super::app::App;
use super::crowd::{Crowd, Place};
use super::router;
use super::tls::Tls;

/// Connections at once; more are closed at once, so that nobody waits in silence.
const CONNECTIONS_MAX: usize = 4_096;
/// Connections of one address at once, unless it is a trusted proxy.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 256;
/// A TLS handshake must be over within this.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);
/// The head of a request must be here within this; a connection that idles longer is closed, and so is one that
/// brings no first request, whatever protocol it began to speak.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Requests that one HTTP/2 connection may have at once.
const STREAMS_MAX: u32 = 128;
/// HTTP/2: a silent connection is asked, and closed when it does not answer.
const PING_EVERY: Duration = Duration::from_secs(30);
const PING_TIME_MAX: Duration = Duration::from_secs(10);
/// Requests under way get this long to end when the server stops.
const LAST_REQUESTS_TIME_MAX: Duration = Duration::from_secs(5);
/// After an accept failed (too many open files) this passes.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Says when to stop.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// The sender stops the server by sending `true` or by going away.
    #[must_use]
    pub fn new() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    async fn wait(&mut self) {
        // An error means that the sender is gone, which is the same wish.
        let _ = self.0.wait_for(|stops| *stops).await;
    }
}

/// Serves the desk on `listener` until `shutdown`; then lets the requests under way end.
pub async fn serve(listener: TcpListener, tls: Option<Tls>, app: App, mut shutdown: Shutdown) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let crowd = Crowd::default();
    let door =
        Door { routes: router::routes(app.clone()), app: app.clone(), tls, base: Arc::new(app.base.clone()) };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.wait() => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let place = Arc::clone(&places).try_acquire_owned().ok();
        let Some(seat) = place.zip(place_of_address(&crowd, &app, address)) else {
            app.metrics.connections_refused.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        tokio::spawn(door.clone().attend(stream, address, seat, shutdown.clone()));
    }
    drop(listener);
    app.listeners.stop();
    let everybody = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    let all_gone = places.acquire_many(everybody);
    if tokio::time::timeout(LAST_REQUESTS_TIME_MAX, all_gone).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

/// A place among all connections and, but for a trusted proxy, one among those of the address.
type Seat = (OwnedSemaphorePermit, Option<Place<IpAddr>>);

/// Nothing when the address has too many connections open.
fn place_of_address(crowd: &Crowd<IpAddr>, app: &App, address: SocketAddr) -> Option<Option<Place<IpAddr>>> {
    if is_within(&app.settings.trusted_proxies, address.ip()) {
        return Some(None);
    }
    crowd.enter(household(address.ip()), app.settings.connections_per_address_max).map(Some)
}

#[derive(Clone)]
struct Door {
    routes: Router,
    app: App,
    tls: Option<Tls>,
    base: Arc<BasePath>,
}

impl Door {
    async fn attend(self, stream: TcpStream, address: SocketAddr, _seat: Seat, shutdown: Shutdown) {
        // Answers are small and people wait for them.
        let _ = stream.set_nodelay(true);
        let connections = Counted::new(self.app.clone());
        match self.tls.clone() {
            None => self.converse(stream, Peer { address, is_encrypted: false }, shutdown).await,
            Some(tls) => {
                let handshake = tokio::time::timeout(HANDSHAKE_TIME_MAX, tls.acceptor().accept(stream));
                if let Ok(Ok(stream)) = handshake.await {
                    self.converse(stream, Peer { address, is_encrypted: true }, shutdown).await;
                }
            }
        }
        drop(connections);
    }

    async fn converse<S>(self, stream: S, peer: Peer, mut shutdown: Shutdown)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME_MAX)
            .max_buf_size(HEAD_BYTES_MAX);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX))
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_TIME_MAX);
        let first_request = Arc::new(Notify::new());
        let silence = silence(Arc::clone(&first_request), self.app.settings.first_request_time_max);
        let routes = TowerToHyperService::new(self.routes);
        let service = AtTheDoor { routes, peer, base: self.base, first_request };
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => return log(ended),
            () = silence => return tracing::debug!("a connection brought no request in time"),
            () = shutdown.wait() => connection.as_mut().graceful_shutdown(),
        }
        log(connection.await);
    }
}

/// Ends when no request came in time, and never once one came.
async fn silence(first_request: Arc<Notify>, time_max: Duration) {
    if tokio::time::timeout(time_max, first_request.notified()).await.is_ok() {
        std::future::pending().await
    }
}

fn log(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = ended {
        // A browser that goes away is no news.
        tracing::debug!(%error, "a connection ended");
    }
}

/// Counts open connections.
struct Counted(App);

impl Counted {
    fn new(app: App) -> Self {
        app.metrics.connections.fetch_add(1, Ordering::Relaxed);
        Self(app)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.metrics.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Notes the peer and takes the sub-path away before the routes see the request.
#[derive(Clone)]
struct AtTheDoor {
    routes: TowerToHyperService<Router>,
    peer: Peer,
    base: Arc<BasePath>,
    first_request: Arc<Notify>,
}

impl hyper::service::Service<Request<Incoming>> for AtTheDoor {
    type Response = <TowerToHyperService<Router> as hyper::service::Service<Request<Body>>>::Response;
    type Error = <TowerToHyperService<Router> as hyper::service::Service<Request<Body>>>::Error;
    type Future = <TowerToHyperService<Router> as hyper::service::Service<Request<Body>>>::Future;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.first_request.notify_one();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.peer);
        if let Some(uri) = below(&self.base, request.uri()) {
            *request.uri_mut() = uri;
        }
        self.routes.call(request)
    }
}

/// The address below the base, when it differs.
fn below(base: &BasePath, uri: &Uri) -> Option<Uri> {
    let path = base.strip(uri.path());
    if path == uri.path() {
        return None;
    }
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    // HTTP/2 names the host here.
    parts.path_and_query = Some(path_and_query.parse().ok()?);
    Uri::from_parts(parts).ok()
}
