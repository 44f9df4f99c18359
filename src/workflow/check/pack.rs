//! What is wrong with a pack's settings as a script meets them.

use super::{Finding, Severity, Wrong, did_you_mean};
use crate::domain::pack::{FieldKind, Pack};

/// Settings that nothing can read, fields that nobody can fill.
#[must_use]
pub fn misfits(pack: &Pack) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (sub_client, table) in &pack.sub_client_settings {
        for (name, value) in table {
            match pack.settings.get(name) {
                None => {
                    let (sub_client, name_set) = (sub_client.to_string(), name.clone());
                    let wrong = Wrong::SubClientSetting { sub_client, name: name_set };
                    let nearest = did_you_mean(name, pack.settings.keys().map(String::as_str));
                    findings.push(Finding {
                        severity: Severity::Warning,
                        nearest,
                        ..Finding::about_pack(&wrong)
                    });
                }
                Some(usual) if usual.type_str() != value.type_str() => {
                    findings.push(Finding::about_pack(&Wrong::SubClientSettingType {
                        sub_client: sub_client.to_string(),
                        name: name.clone(),
                        found: value.type_str().to_owned(),
                        usual: usual.type_str().to_owned(),
                    }));
                }
                Some(_) => {}
            }
        }
    }
    for field in &pack.fields {
        if field.kind == FieldKind::Choice && field.choices.is_empty() {
            let wrong = Wrong::ChoiceWithoutChoices { field: field.key.to_string() };
            findings.push(Finding::about_pack(&wrong));
        }
    }
    findings
}
