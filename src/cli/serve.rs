//! `serve`: the one place where folder, store, desk, plugin host, job runner and HTTP are put together.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::Ended;
use super::args::Serve;
use super::control::{Control, Listener};
use super::folder::{Folder, Hold, Missing};
use super::gauges;
use super::open_desk::OpenDesk;
use super::outlet::tell;
use super::packs;
use super::plugin_room::PluginRoom;
use crate::clock::Clock;
use crate::commands::sessions;
use crate::config::Config;
use crate::http;
use crate::jobs;
use crate::views::Views;

pub async fn serve(args: Serve) -> anyhow::Result<Ended> {
    let folder = take(&args.folder.dir).await?;
    let config = settings(args, Config::load(folder.path())?)?;
    let open = OpenDesk::open(folder, config)?;
    run(open, &mut |line| tell(&line)).await
}

/// The folder, unless a desk runs on it already.
pub async fn take(dir: &Path) -> anyhow::Result<Folder> {
    match Folder::take(dir, Missing::Make)? {
        Hold::Ours(folder) => Ok(folder),
        Hold::Theirs(holder) => {
            let who = holder.map_or_else(String::new, |pid| format!(" (process {pid})"));
            // Whether it answers decides what the operator should do.
            drop(Control::connect(dir, holder).await?);
            bail!("a desk runs on {} already{who}; stop it first", dir.display());
        }
    }
}

/// Flags beat what the file and the environment say.
fn settings(args: Serve, config: Config) -> anyhow::Result<Config> {
    let config = Config {
        listen: args.listen.unwrap_or(config.listen),
        base_url: args.base_url.or(config.base_url),
        tls_cert: args.tls_cert.or(config.tls_cert),
        tls_key: args.tls_key.or(config.tls_key),
        trusted_proxies: args.trusted_proxies.unwrap_or(config.trusted_proxies),
        ..config
    };
    Ok(config.checked()?)
}

/// Runs the desk until a signal; `say` tells the operator where it is.
pub async fn run(open: OpenDesk, say: &mut dyn FnMut(String)) -> anyhow::Result<Ended> {
    let mut signals = Signals::listen()?;
    let config = &open.config;
    let tls = match (&config.tls_cert, &config.tls_key) {
        (Some(cert), Some(key)) => Some(http::Tls::open(cert, key)?),
        _ => None,
    };
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("the desk cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let own_url = format!("{scheme}://{address}{}", base_path(config));
    let settings = door(config)?;
    let runner = jobs::start(open.desk.clone(), open.outside.clone(), open.job_settings());
    let gauges = gauges::of_jobs(runner.counters(), &open.readers);
    let plugins = PluginRoom::of(&open)?.for_http();
    let settings = http::Settings { gauges, hooks: Some(runner.hooks()), plugins, ..settings };
    let views = Views::new(open.readers.clone(), Clock::Machine);
    let app = http::App::new(open.desk.clone(), views, settings);
    let control = Listener::open(open.folder.path())?;
    say(format!(
        "Naryad {} runs at {}",
        env!("CARGO_PKG_VERSION"),
        config.base_url.as_deref().unwrap_or(&own_url)
    ));
    if let Some(token) = open.desk.aside(sessions::make_setup_link).await? {
        say(format!("Nobody can log in yet. Set the desk up, from this machine: {own_url}setup#{token}"));
    }
    let open = Arc::new(open);
    let control = tokio::spawn(control.serve(Arc::clone(&open)));
    let (stop, shutdown) = http::Shutdown::new();
    let door = tokio::spawn(http::serve(listener, tls, app, shutdown));
    signals.wait().await;
    tracing::info!("stopping");
    let _ = stop.send(true);
    if let Err(error) = door.await {
        tracing::error!(%error, "the server had broken off");
    }
    control.abort();
    let _ = control.await;
    runner.stop().await;
    match Arc::try_unwrap(open) {
        Ok(open) => open.close().await,
        // A command of the command line is still at work on it; what it wrote is written.
        Err(open) => open.desk.stop(),
    }
    Ok(Ended::Well)
}

fn door(config: &Config) -> anyhow::Result<http::Settings> {
    let networks = config.trusted_proxies.iter().map(|text| text.parse());
    Ok(http::Settings {
        base_url: config.base_url.clone(),
        trusted_proxies: networks.collect::<Result<_, _>>().context("the setting trusted_proxies")?,
        metrics_token: config.metrics_token.clone(),
        packs: packs::ready()?.into(),
        ..http::Settings::default()
    })
}

/// With a slash at both ends.
fn base_path(config: &Config) -> String {
    let base = config.base_url.as_deref().map_or_else(http::BasePath::root, http::BasePath::of_url);
    base.as_str().to_owned()
}

/// What makes the desk stop in order.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Signals> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
