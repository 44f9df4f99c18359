//! Installations: made, changed, updated, taken back; judged whole before anything of them is written.

use super::choice::{Chosen, Kept, check_complete, check_settings};
use super::{PluginRoom, no_installation};
use crate::commands::{DeskError, Done, Idempotency};
use crate::domain::command::{Command, InstallPlugin, InstallWay, PluginStep};
use crate::domain::person::Actor;
use crate::domain::{ClientId, InstallationId, Refusal};
use crate::http::plugin_desk::{
    ApproveOrder, ChangeOrder, Choice, InstallOrder, PluginDesk, RollBackOrder, UpdateOrder,
};
use crate::plugin_host::Package;
use crate::plugin_host::asked::{asked, narrowed};
use crate::store;
use crate::store::plugin::Installation;
use crate::store::plugin_change::{PluginChange, RAN_KINDS};

/// How a change of an installation is meant.
struct Meant {
    seen: i64,
    way: InstallWay,
    is_unsigned_accepted: bool,
}

impl PluginRoom {
    pub(super) async fn install(&self, actor: Actor, order: InstallOrder) -> Result<Done, DeskError> {
        let package = self.stored(&order.package).await?;
        let plugin = package.manifest.name.clone();
        let client = order.client;
        // What is there already is updated, not installed over.
        let there = self.read(move |db| store::plugin::of_client(db, client, &plugin)).await?;
        if let Some(own) = there {
            let (field, what, key) = ("client".to_owned(), "plugin of this client", own.plugin.to_string());
            return Err(Refusal::AlreadyExists { field, what, key }.into());
        }
        let chosen = self.choose(client, &package.manifest, order.choice, Default::default())?;
        let way = InstallWay::Forward;
        let meant = Meant { seen: 0, way, is_unsigned_accepted: order.is_unsigned_accepted };
        self.submit(actor, command(client, &package, chosen, &meant), None).await
    }

    pub(super) async fn change(
        &self,
        actor: Actor,
        id: InstallationId,
        order: ChangeOrder,
    ) -> Result<Done, DeskError> {
        let own = self.standing(id).await?;
        let package = self.sound(&own.package_sha256).await?;
        let chosen = self.choose(own.client, &package.manifest, order.choice, Kept::of(&own))?;
        let meant = Meant { seen: order.version, way: InstallWay::Forward, is_unsigned_accepted: false };
        self.submit(actor, command(own.client, &package, chosen, &meant), None).await
    }

    /// Goes over at once when the other package asks for nothing more; else an administrator has to approve.
    pub(super) async fn update(
        &self,
        actor: Actor,
        id: InstallationId,
        order: UpdateOrder,
        idempotency: Option<Idempotency>,
    ) -> Result<Done, DeskError> {
        let own = self.standing(id).await?;
        let (runs, comes) = (self.sound(&own.package_sha256).await?, self.stored(&order.package).await?);
        check_same_plugin(&runs, &comes)?;
        let document = &comes.manifest.document;
        let difference = self.difference(&runs.manifest.document, document, &own.configuration);
        if !difference.is_harmless {
            let (seen, package_sha256) = (order.version, order.package);
            let ask = PluginStep::AskForUpdate { installation: id, seen, package_sha256 };
            return self.step(actor, ask, idempotency).await;
        }
        check_complete(&comes.manifest, &own.secrets)?;
        let grant = narrowed(&asked(document, &own.configuration), &own.grants);
        let chosen = Chosen { configuration: own.configuration, grant, secrets: own.secrets };
        let (seen, is_unsigned_accepted) = (order.version, order.is_unsigned_accepted);
        let meant = Meant { seen, way: InstallWay::Forward, is_unsigned_accepted };
        self.submit(actor, command(own.client, &comes, chosen, &meant), idempotency).await
    }

    pub(super) async fn approve(
        &self,
        actor: Actor,
        id: InstallationId,
        order: ApproveOrder,
    ) -> Result<Done, DeskError> {
        let own = self.standing(id).await?;
        let waits = self.read(move |db| store::plugin_change::update_of(db, id)).await?;
        if waits.is_none_or(|waits| waits.package_sha256 != order.package) {
            return Err(
                Refusal::invalid("package", "no update to this package waits; read the page again").into()
            );
        }
        self.go_over(actor, own, order).await
    }

    /// To another package with a choice that was made for it.
    async fn go_over(&self, actor: Actor, own: Installation, order: ApproveOrder) -> Result<Done, DeskError> {
        let package = self.stored(&order.package).await?;
        let chosen = self.choose(own.client, &package.manifest, order.choice, Kept::of(&own))?;
        let (seen, is_unsigned_accepted) = (order.version, order.is_unsigned_accepted);
        let meant = Meant { seen, way: InstallWay::Forward, is_unsigned_accepted };
        self.submit(actor, command(own.client, &package, chosen, &meant), None).await
    }

    /// For who holds the data folder and has said what is granted: nothing waits.
    pub(in crate::cli) async fn decide(
        &self,
        own: Installation,
        package: String,
        choice: Choice,
        is_unsigned_accepted: bool,
    ) -> Result<(), DeskError> {
        let order = ApproveOrder { version: own.version, package, choice, is_unsigned_accepted };
        self.go_over(Actor::Operator, own, order).await.map(drop)
    }

    pub(super) async fn roll_back(
        &self,
        actor: Actor,
        id: InstallationId,
        order: RollBackOrder,
        idempotency: Option<Idempotency>,
    ) -> Result<Done, DeskError> {
        let own = self.standing(id).await?;
        let to = order.to;
        let change = self.read(move |db| store::plugin_change::get(db, to)).await?;
        let ran = |change: &PluginChange| RAN_KINDS.contains(&change.kind.as_str());
        let change = change.filter(|change| change.installation == id && ran(change));
        let change = change.ok_or_else(|| Refusal::not_found("change of the plugin", to))?;
        let package = self.sound(&change.package_sha256).await?;
        check_settings(&package.manifest, &change.configuration)?;
        let mut kept = Kept::of(&own);
        kept.leave_elsewhere(&package.manifest, &change.configuration);
        check_complete(&package.manifest, &kept.secrets)?;
        let grant = narrowed(&asked(&package.manifest.document, &change.configuration), &change.grants);
        let chosen = Chosen { configuration: change.configuration, grant, secrets: kept.secrets };
        let meant = Meant { seen: order.version, way: InstallWay::Back, is_unsigned_accepted: false };
        self.submit(actor, command(own.client, &package, chosen, &meant), idempotency).await
    }

    /// The installation, which is not uninstalled.
    pub(super) async fn standing(&self, id: InstallationId) -> Result<Installation, DeskError> {
        let found =
            self.read(
                move |db| {
                    if store::plugin::stands(db, id)? { store::plugin::get(db, id) } else { Ok(None) }
                },
            );
        found.await?.ok_or_else(|| no_installation(id))
    }

    /// A package that was kept, not merely bytes that lie with the files.
    async fn stored(&self, sha256: &str) -> Result<Package, DeskError> {
        let hash = sha256.to_owned();
        let row = self.read(move |db| store::plugin::package(db, &hash)).await?;
        row.ok_or_else(|| Refusal::not_found("plugin package", sha256))?;
        self.sound(sha256).await
    }

    /// What a plugin of this client has as its choice, for a change of part of it.
    pub(in crate::cli) async fn choice_of(&self, own: &Installation) -> Result<Choice, DeskError> {
        let package = self.sound(&own.package_sha256).await?;
        let all = asked(&package.manifest.document, &own.configuration).into_iter();
        let granted = all.filter(|one| one.is_granted(&own.grants)).map(|one| one.id).collect();
        Ok(Choice { configuration: own.configuration.clone(), granted, secrets: Default::default() })
    }
}

fn check_same_plugin(runs: &Package, comes: &Package) -> Result<(), Refusal> {
    let (own, other) = (&runs.manifest, &comes.manifest);
    if own.name == other.name && own.publisher == other.publisher {
        return Ok(());
    }
    let message = format!(
        "this is `{}` of `{}`, not `{}` of `{}`",
        other.name, other.publisher, own.name, own.publisher
    );
    Err(Refusal::invalid("package", message))
}

fn command(client: ClientId, package: &Package, chosen: Chosen, meant: &Meant) -> Command {
    let manifest = &package.manifest;
    Command::InstallPlugin(Box::new(InstallPlugin {
        client,
        plugin: manifest.name.clone(),
        version: manifest.version.clone(),
        package_sha256: package.hash.to_string(),
        publisher: manifest.publisher.to_string(),
        title: manifest.title.clone(),
        configuration: chosen.configuration,
        grant: chosen.grant,
        secrets: chosen.secrets,
        seen: Some(meant.seen),
        way: meant.way,
        is_unsigned_accepted: meant.is_unsigned_accepted,
    }))
}
