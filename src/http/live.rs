//! Live changes over server-sent events: what was missed first, then each change that the listener may hear of.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::ToSchema;

use super::app::App;
use super::auth::{By, Caller, Shown};
use super::body::Asked;
use super::error::ApiError;
use crate::commands::Change;
use crate::domain::PersonId;
use crate::views::live::{ChangeLine, Missed};

/// A comment keeps proxies from closing a quiet connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Whether the listener is still logged in is looked at this often.
const LOGIN_CHECK: Duration = Duration::from_secs(15);
/// Changes are gathered this long, so that one look at the rights serves many.
const GATHER: Duration = Duration::from_millis(20);
/// Changes gathered at most.
const GATHERED_MAX: usize = 256;
/// Messages that wait for a slow listener.
const MESSAGES_WAITING_MAX: usize = 512;
/// A listener that takes nothing for this long is let go.
const SEND_TIME_MAX: Duration = Duration::from_secs(20);
/// Listeners of one person at once: tabs and devices.
const LISTENERS_OF_PERSON_MAX: usize = 20;
const LISTENERS_MAX: usize = 2_000;

/// Who listens now.
#[derive(Debug, Clone, Default)]
pub struct Listeners {
    of_person: Arc<Mutex<HashMap<PersonId, usize>>>,
    stopping: Arc<tokio::sync::Notify>,
}

impl Listeners {
    fn join(&self, person: PersonId) -> Option<Seat> {
        let mut of_person = self.of_person.lock().ok()?;
        if of_person.values().sum::<usize>() >= LISTENERS_MAX {
            return None;
        }
        let count = of_person.entry(person).or_default();
        if *count >= LISTENERS_OF_PERSON_MAX {
            return None;
        }
        *count += 1;
        Some(Seat { listeners: self.clone(), person })
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.of_person.lock().map_or(0, |of_person| of_person.values().sum())
    }

    /// Tells everybody that the server stops.
    pub fn stop(&self) {
        self.stopping.notify_waiters();
    }
}

/// A listener's place, given back when the listener goes.
struct Seat {
    listeners: Listeners,
    person: PersonId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Ok(mut of_person) = self.listeners.of_person.lock()
            && let Some(count) = of_person.get_mut(&self.person)
        {
            *count -= 1;
            if *count == 0 {
                of_person.remove(&self.person);
            }
        }
    }
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LiveQuery {
    /// The last `seq` that was seen; the header `Last-Event-ID` says the same.
    pub after: Option<i64>,
}

pub async fn listen(
    State(app): State<App>,
    caller: Caller,
    axum::Extension(shown): axum::Extension<Shown>,
    Asked(query): Asked<LiveQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let seat = app.listeners.join(caller.person).ok_or_else(|| {
        let message = "too many live connections; close some tabs";
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_listeners", message).retry_after(30)
    })?;
    let after = match headers.get("last-event-id").and_then(|value| value.to_str().ok()) {
        Some(text) => Some(text.parse::<i64>().map_err(|_| {
            ApiError::new(StatusCode::BAD_REQUEST, "bad_query", "Last-Event-ID is the `id` of a message")
        })?),
        None => query.after,
    };
    // Before what was missed is read, so that nothing falls between.
    let changes = app.desk.subscribe();
    let seq = app.read(|views| views.is_alive()).await?;
    let (sender, receiver) = channel(MESSAGES_WAITING_MAX);
    let listener = Listener { app, caller, shown, sender, last_seq: after.unwrap_or(seq) };
    tokio::spawn(async move {
        let _seat = seat;
        // Whoever went away is told nothing more.
        let _ = listener.run(changes, after, seq).await;
    });
    let stream = futures_util::StreamExt::map(ReceiverStream::new(receiver), Ok::<_, Infallible>);
    let mut response =
        Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("still here")).into_response();
    // Proxies must not hold the messages back.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

struct Listener {
    app: App,
    caller: Caller,
    shown: Shown,
    sender: Sender<Event>,
    last_seq: i64,
}

/// The listener is gone.
struct Gone;

impl Listener {
    async fn run(
        mut self,
        mut changes: Receiver<Arc<Change>>,
        after: Option<i64>,
        seq: i64,
    ) -> Result<(), Gone> {
        self.send(Event::default().event("hello").data(json!({ "seq": seq }).to_string())).await?;
        if let Some(after) = after {
            self.catch_up(after).await?;
        }
        let listeners = self.app.listeners.clone();
        let stopping = listeners.stopping.notified();
        tokio::pin!(stopping);
        let mut login_check = tokio::time::interval(LOGIN_CHECK);
        login_check.tick().await;
        loop {
            tokio::select! {
                () = &mut stopping => return self.bye("stopping").await,
                () = self.sender.closed() => return Err(Gone),
                _ = login_check.tick() => {
                    if !self.is_logged_in().await {
                        return self.bye("logged_out").await;
                    }
                }
                change = changes.recv() => match change {
                    Ok(change) => {
                        tokio::time::sleep(GATHER).await;
                        let mut gathered = vec![change];
                        while gathered.len() < GATHERED_MAX && let Ok(change) = changes.try_recv() {
                            gathered.push(change);
                        }
                        self.tell(gathered).await?;
                    }
                    Err(RecvError::Lagged(_)) => self.stale().await?,
                    Err(RecvError::Closed) => return self.bye("stopping").await,
                },
            }
        }
    }

    async fn catch_up(&mut self, after: i64) -> Result<(), Gone> {
        let person = self.caller.person;
        match self.app.read(move |views| views.missed(person, after)).await {
            Ok(Missed::Changes(changes)) => {
                for change in changes {
                    self.last_seq = self.last_seq.max(change.seq);
                    self.send(message(&change)).await?;
                }
                Ok(())
            }
            Ok(Missed::TooMuch) | Err(_) => self.stale().await,
        }
    }

    async fn tell(&mut self, gathered: Vec<Arc<Change>>) -> Result<(), Gone> {
        let person = self.caller.person;
        let mut lines = Vec::new();
        for change in gathered {
            // A message for one person is nobody else's business; what was caught up on is known.
            let is_for_another = change.person.is_some_and(|whom| whom != person);
            if is_for_another || (change.seq != 0 && change.seq <= self.last_seq) {
                continue;
            }
            self.last_seq = self.last_seq.max(change.seq);
            lines.push(ChangeLine {
                seq: change.seq,
                client: change.client,
                ticket: change.ticket,
                kind: change.kind.to_owned(),
            });
        }
        if lines.is_empty() {
            return Ok(());
        }
        match self.app.read(move |views| views.heard(person, lines)).await {
            Ok(heard) => {
                for line in heard {
                    self.send(message(&line)).await?;
                }
                Ok(())
            }
            Err(error) if error.status() == StatusCode::FORBIDDEN => {
                self.bye("logged_out").await?;
                Err(Gone)
            }
            Err(_) => self.stale().await,
        }
    }

    async fn is_logged_in(&self) -> bool {
        let shown = self.shown.0.clone();
        let caller = self.caller;
        let found = self.app.read(move |views| {
            Ok(match caller.by {
                // The token may have been replaced meanwhile, so the session itself is looked for.
                By::Session(session) => views.session_lives(caller.person, session)?,
                By::Token(_) => views.token(&shown)?.is_some(),
            })
        });
        found.await.unwrap_or(true)
    }

    /// Too much was missed to be told: everything is to be read anew.
    async fn stale(&mut self) -> Result<(), Gone> {
        let seq = self.app.read(|views| views.is_alive()).await.unwrap_or(self.last_seq);
        self.last_seq = self.last_seq.max(seq);
        self.send(Event::default().id(seq.to_string()).event("stale").data(json!({ "seq": seq }).to_string()))
            .await
    }

    async fn bye(&self, why: &str) -> Result<(), Gone> {
        self.send(Event::default().event("bye").data(json!({ "why": why }).to_string())).await
    }

    async fn send(&self, event: Event) -> Result<(), Gone> {
        match tokio::time::timeout(SEND_TIME_MAX, self.sender.send(event)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }
}

fn message(change: &ChangeLine) -> Event {
    let data = serde_json::to_string(change).expect("numbers and texts are JSON");
    let event = Event::default().event("change").data(data);
    if change.seq > 0 { event.id(change.seq.to_string()) } else { event }
}
