//! `demo`: fills a new folder, runs the demo's own stock system on loopback, and serves the desk.

use anyhow::Context;
use tokio::net::TcpListener;

use super::Ended;
use super::args::Demo;
use super::demo::{self, stock};
use super::open_desk::OpenDesk;
use super::serve::{run, take};
use crate::clock::Clock;
use crate::commands::Request;
use crate::config::Config;
use crate::domain::person::Actor;
use crate::store;

pub async fn serve_demo(args: Demo) -> anyhow::Result<Ended> {
    let folder = take(&args.dir).await?;
    if !demo::is_there(folder.path()) {
        println!("Making the demo in {} ...", args.dir.display());
        let path = folder.path().to_owned();
        let fill = move || demo::fill(&path, Clock::Machine.now());
        let filled = tokio::task::spawn_blocking(fill).await??;
        println!(
            "{} machines, {} people, {} requests of one client and {} of the other, in {:.1} s.",
            filled.machines,
            filled.people,
            filled.requests,
            filled.imported.tickets.new,
            filled.elapsed.as_secs_f64()
        );
    }
    let mut config = Config::load(folder.path())?;
    config.listen = args.listen.unwrap_or(config.listen);
    let listener =
        TcpListener::bind(("127.0.0.1", 0)).await.context("the demo's stock system cannot listen")?;
    let address = listener.local_addr()?;
    config.plugins.private_hosts.push(address.to_string());
    let open = OpenDesk::open(folder, config)?;
    // Its port is another one at each start.
    let bank = open.readers.read(|db| store::client::by_key(db, demo::BANK))?;
    if let Some(bank) = bank {
        let command = stock::installation(bank.id, address)?;
        open.desk.submit(Request::new(Actor::Operator, command)).await?;
    }
    let stock = tokio::spawn(stock::serve(listener));
    println!("Logins, each with the password `{}`:", demo::PASSWORD);
    for (login, what) in demo::LOGINS {
        println!("  {login:14}{what}");
    }
    let ended = run(open, &mut |line| println!("{line}")).await;
    stock.abort();
    ended
}
