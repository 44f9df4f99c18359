//! What every handler shares: the desk, the views, the bridges to what blocks, and the settings of the door.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;

use super::accept::{CONNECTIONS_PER_ADDRESS_MAX, HEAD_TIME_MAX};
use super::address::{BasePath, Network};
use super::auth::{Caller, Known};
use super::body::Body;
use super::crowd::Crowd;
use super::error::{Answer, ApiError};
use super::hashes::Hashes;
use super::limiter::Limiter;
use super::live::Listeners;
use super::metrics::{Gauges, Metrics};
use super::plugin_desk::Plugins;
use super::reads::Bridge;
use crate::commands::{Desk, Done, Request};
use crate::domain::command::Command;
use crate::domain::pack::ReadyPack;
use crate::domain::plugin::HookReceiver;
use crate::domain::{Moment, PersonId};
use crate::rehearsal::backtest::Shelf;
use crate::views::{ViewError, Views};

/// Largest attachment, in bytes, unless the settings say otherwise.
pub const ATTACHMENT_BYTES_MAX: u64 = 25 * 1024 * 1024;

/// How the door is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address under which people reach the desk, such as `https://example.org/desk`; for links and cookies.
    pub base_url: Option<String>,
    /// Proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Who sends it as a bearer token may read the metrics.
    pub metrics_token: Option<String>,
    /// Numbers of other rooms that the metrics show too.
    pub gauges: Gauges,
    /// Who takes requests from outside to plugins; without one there are no such addresses.
    pub hooks: Option<HookReceiver>,
    pub attachment_bytes_max: u64,
    /// Packs that a client's workflow can start from.
    pub packs: Arc<[ReadyPack]>,
    /// The room that judges and runs plugins.
    pub plugins: Plugins,
    /// A connection without its first request is closed after this.
    pub first_request_time_max: Duration,
    /// Connections that one address may have open; trusted proxies have as many as they need.
    pub connections_per_address_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: None,
            trusted_proxies: Vec::new(),
            metrics_token: None,
            gauges: Gauges::default(),
            hooks: None,
            attachment_bytes_max: ATTACHMENT_BYTES_MAX,
            packs: Arc::default(),
            plugins: Plugins::default(),
            first_request_time_max: HEAD_TIME_MAX,
            connections_per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
        }
    }
}

/// The state of the door; cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
pub struct Inner {
    pub desk: Desk,
    pub views: Views,
    pub settings: Settings,
    pub base: BasePath,
    pub reads: Bridge,
    pub hashes: Hashes,
    pub checks: Bridge,
    pub limiter: Limiter,
    /// For tests that move the clock: forgets who was recognised a moment ago.
    pub known: Known,
    pub listeners: Listeners,
    /// Uploads under way.
    pub uploads: Crowd<PersonId>,
    /// Plugin packages under way.
    pub packages: Crowd<PersonId>,
    pub metrics: Metrics,
    pub backtests: Shelf,
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    #[must_use]
    pub fn new(desk: Desk, views: Views, settings: Settings) -> Self {
        let base = settings.base_url.as_deref().map_or_else(BasePath::root, BasePath::of_url);
        Self(Arc::new(Inner {
            desk,
            views,
            settings,
            base,
            reads: Bridge::for_reads(),
            hashes: Hashes::default(),
            checks: Bridge::for_checks(),
            limiter: Limiter::default(),
            known: Known::default(),
            listeners: Listeners::default(),
            uploads: Crowd::default(),
            packages: Crowd::default(),
            metrics: Metrics::default(),
            backtests: Shelf::default(),
        }))
    }

    #[must_use]
    pub fn now(&self) -> Moment {
        self.desk.now()
    }

    /// Reads beside the event loop.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Views) -> Result<T, ViewError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let views = self.views.clone();
        Ok(self.reads.cross(move || read(&views)).await??)
    }

    /// Reads as the caller and answers with JSON.
    pub async fn show<T: Send + 'static>(
        &self,
        caller: &Caller,
        read: impl FnOnce(&Views, PersonId) -> Result<T, ViewError> + Send + 'static,
    ) -> Answer<T> {
        let person = caller.person;
        self.read(move |views| read(views, person)).await.map(Json)
    }

    /// Carries out the command that the body asks for.
    pub async fn carry_out<T>(
        &self,
        caller: &Caller,
        body: Body<T>,
        command: impl FnOnce(T) -> Command,
    ) -> Answer<Done> {
        let mut request = Request::new(caller.actor(), command(body.value));
        request.idempotency = body.idempotency;
        Ok(Json(self.desk.submit(request).await?))
    }

    /// Where a page of the UI is, for links that people follow: whole when the settings name the address.
    #[must_use]
    pub fn link(&self, page: &str) -> String {
        match &self.settings.base_url {
            Some(url) => format!("{}/{page}", url.trim_end_matches('/')),
            None => format!("{}{page}", self.base.as_str()),
        }
    }
}

/// The status of an answer without a body.
pub const NO_CONTENT: StatusCode = StatusCode::NO_CONTENT;
