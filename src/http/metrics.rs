//! Numbers about the server for Prometheus.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;
use super::auth::{self, Caller};
use super::error::ApiError;
use super::script_metrics;
use crate::domain::Refusal;

/// Upper bounds of the buckets of answer times, in milliseconds.
const BUCKETS_MS: [u64; 9] = [1, 2, 5, 10, 20, 50, 200, 1_000, 5_000];

/// One number of another room.
#[derive(Debug, Clone, Copy)]
pub struct Gauge {
    /// In Prometheus' form, such as `naryad_jobs_dead`.
    pub name: &'static str,
    pub help: &'static str,
    pub kind: GaugeKind,
    pub value: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GaugeKind {
    /// Goes up and down.
    Gauge,
    /// Only rises while the process runs.
    Counter,
}

/// Where the numbers of other rooms come from. Asked where blocking is allowed.
#[derive(Clone)]
pub struct Gauges(Arc<dyn Fn() -> Vec<Gauge> + Send + Sync>);

impl Gauges {
    #[must_use]
    pub fn new(read: impl Fn() -> Vec<Gauge> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }
}

impl Default for Gauges {
    fn default() -> Self {
        Self::new(Vec::new)
    }
}

impl std::fmt::Debug for Gauges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gauges")
    }
}

/// Counted since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    /// By the first digit of the status.
    answers: [AtomicU64; 6],
    buckets: [AtomicU64; BUCKETS_MS.len()],
    slower: AtomicU64,
    micros: AtomicU64,
    pub connections: AtomicU64,
    pub connections_refused: AtomicU64,
}

impl Metrics {
    fn count(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).min(self.answers.len() - 1);
        self.answers[class].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
        match BUCKETS_MS.iter().position(|bound| micros <= bound * 1_000) {
            Some(bucket) => self.buckets[bucket].fetch_add(1, Ordering::Relaxed),
            None => self.slower.fetch_add(1, Ordering::Relaxed),
        };
    }
}

/// Counts each answer and its time to the first byte.
pub async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let response = next.run(request).await;
    app.metrics.count(response.status().as_u16(), start.elapsed());
    response
}

/// For the bearer of `metrics_token`, and for administrators of the whole desk. Where the connection comes from says
/// nothing: a proxy on this machine that adds no header and writes `Host` anew looks like somebody at the machine.
pub async fn show(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    if !auth::has_metrics_token(&app, request.headers()) {
        let caller = request.extensions().get::<Caller>().copied().ok_or_else(ApiError::not_logged_in)?;
        let me = app.show(&caller, |views, person| views.me(person)).await?;
        if !me.may.administer_all {
            return Err(Refusal::forbidden("read the metrics").into());
        }
    }
    let seq = app.read(|views| views.is_alive()).await?;
    let gauges = app.settings.gauges.clone();
    let gauges = app.reads.cross(move || gauges.0()).await?;
    let text = app.metrics.text(&app, seq, &gauges);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

impl Metrics {
    fn text(&self, app: &App, seq: i64, others: &[Gauge]) -> String {
        let get = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let mut lines = Lines(String::new());
        lines.say("naryad_http_answers_total", "counter", "Answers by class of status.");
        for (class, count) in self.answers.iter().enumerate().skip(1) {
            lines.row("naryad_http_answers_total", &format!("{{class=\"{class}xx\"}}"), get(count));
        }
        lines.say("naryad_http_answer_seconds", "histogram", "Time to the first byte of the answer.");
        let mut sum = 0;
        for (bound, count) in BUCKETS_MS.iter().zip(&self.buckets) {
            sum += get(count);
            let label = format!("{{le=\"{}\"}}", Duration::from_millis(*bound).as_secs_f64());
            lines.row("naryad_http_answer_seconds_bucket", &label, sum);
        }
        sum += get(&self.slower);
        lines.row("naryad_http_answer_seconds_bucket", "{le=\"+Inf\"}", sum);
        let seconds = Duration::from_micros(get(&self.micros)).as_secs_f64();
        lines.row("naryad_http_answer_seconds_sum", "", seconds);
        lines.row("naryad_http_answer_seconds_count", "", sum);
        let gauges: [(&str, &str, u64); 5] = [
            ("naryad_http_connections", "Open connections.", get(&self.connections)),
            ("naryad_live_listeners", "People who listen for live changes.", app.listeners.count() as u64),
            ("naryad_reads_waiting", "Reads that wait for their turn.", app.reads.waiting() as u64),
            (
                "naryad_writer_is_running",
                "1 while the writer takes changes.",
                u64::from(app.desk.is_running()),
            ),
            ("naryad_last_event_seq", "Number of the last event.", seq.try_into().unwrap_or_default()),
        ];
        for (name, help, value) in gauges {
            lines.say(name, "gauge", help);
            lines.row(name, "", value);
        }
        lines.say("naryad_http_connections_refused_total", "counter", "Connections over the cap.");
        lines.row("naryad_http_connections_refused_total", "", get(&self.connections_refused));
        for other in others {
            let kind = if other.kind == GaugeKind::Counter { "counter" } else { "gauge" };
            lines.say(other.name, kind, other.help);
            lines.row(other.name, "", other.value);
        }
        script_metrics::write(&mut lines, &app.desk.script_counts().by_client());
        lines.0
    }
}

/// The text as it grows.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    #[cfg(test)]
    pub fn text(&self) -> &str {
        &self.0
    }

    pub fn say(&mut self, name: &str, kind: &str, help: &str) {
        writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}")
            .expect("writing to a string cannot fail");
    }

    pub fn row(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        writeln!(self.0, "{name}{labels} {value}").expect("writing to a string cannot fail");
    }
}
