//! What is wrong with a pack's settings as a script meets them.

use super::{Finding, Severity, did_you_mean};
use crate::domain::pack::{FieldKind, Pack};

/// Settings that nothing can read, fields that nobody can fill.
#[must_use]
pub fn misfits(pack: &Pack) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (sub_client, table) in &pack.sub_client_settings {
        for (name, value) in table {
            match pack.settings.get(name) {
                None => {
                    let message = format!(
                        "client.toml: sub_client_settings.{sub_client} sets `{name}`, which [settings] does not have: \
                         for other sub-clients it reads as ()"
                    );
                    let nearest = did_you_mean(name, pack.settings.keys().map(String::as_str));
                    findings.push(Finding {
                        severity: Severity::Warning,
                        nearest,
                        ..Finding::about_pack(message)
                    });
                }
                Some(usual) if usual.type_str() != value.type_str() => {
                    findings.push(Finding::about_pack(format!(
                        "client.toml: sub_client_settings.{sub_client}.{name} is a {}, in [settings] it is a {}",
                        value.type_str(),
                        usual.type_str()
                    )));
                }
                Some(_) => {}
            }
        }
    }
    for field in &pack.fields {
        if field.kind == FieldKind::Choice && field.choices.is_empty() {
            findings.push(Finding::about_pack(format!(
                "client.toml: the field `{}` is a choice without choices",
                field.key
            )));
        }
    }
    findings
}
