//! Starts the demo: makes it where there is none, gives its connector somebody to ask, and serves it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use tokio::net::TcpListener;

use super::{BANK, LOGINS, PASSWORD, fill, is_demo, is_there, stock};
use crate::cli::Ended;
use crate::cli::args::Demo;
use crate::cli::open_desk::OpenDesk;
use crate::cli::outlet::tell;
use crate::cli::serve;
use crate::clock::Clock;
use crate::commands::Request;
use crate::config::Config;
use crate::domain::Key;
use crate::domain::person::Actor;
use crate::jobs;
use crate::store;

pub async fn start(args: Demo) -> anyhow::Result<Ended> {
    let folder = serve::take(&args.dir).await?;
    make_where_there_is_none(folder.path()).await?;
    let stock = TcpListener::bind("127.0.0.1:0").await.context("the demo's stock system cannot listen")?;
    let stock_address = stock.local_addr()?;
    let mut config = Config::load(folder.path())?;
    config.listen = args.listen.unwrap_or(config.listen);
    // The connector may reach this one address of the machine, and no other.
    config.plugins.private_hosts.push(stock_address.to_string());
    let open = OpenDesk::open(folder, config.checked()?)?;
    let bank = open.readers.read(|db| store::client::by_key(db, BANK))?;
    let bank = bank
        .with_context(|| format!("the demo's client `{BANK}` is gone; make a new demo in another folder"))?;
    let place = jobs::secret_place(bank.id, &Key::new(stock::PLUGIN)?, stock::SECRET);
    let token = open.outside.keys.seal(&place, stock::TOKEN)?;
    let secrets = BTreeMap::from([(stock::SECRET.to_owned(), token)]);
    let installation = stock::installation(bank.id, stock_address, secrets)?;
    open.desk.submit(Request::new(Actor::Operator, installation)).await?;
    let stock = tokio::spawn(stock::serve(stock));
    let mut is_first = true;
    let ended = serve::run(open, &mut |line| {
        tell(&line);
        if std::mem::take(&mut is_first) {
            tell(&logins());
        }
    })
    .await;
    stock.abort();
    ended
}

async fn make_where_there_is_none(folder: &Path) -> anyhow::Result<()> {
    if is_demo(folder) {
        tell(&format_args!("The demo in {} goes on where it was left.", folder.display()));
        return Ok(());
    }
    if is_there(folder) {
        bail!(
            "{} holds a desk that is no demo; start it with `naryad serve --dir {}`, or name another folder",
            folder.display(),
            folder.display()
        );
    }
    tell(&format_args!("Making the demo in {} …", folder.display()));
    let path = folder.to_owned();
    let filled = tokio::task::spawn_blocking(move || fill(&path, Clock::Machine.now())).await??;
    tell(&filled);
    Ok(())
}

/// Whom to log in as.
pub(super) fn logins() -> String {
    let wide = LOGINS.iter().map(|(login, _)| login.len()).max().unwrap_or(0);
    let lines: Vec<String> = LOGINS.iter().map(|(login, what)| format!("  {login:wide$}  {what}")).collect();
    format!("\nLog in as any of these with the password {PASSWORD}\n{}\n", lines.join("\n"))
}
