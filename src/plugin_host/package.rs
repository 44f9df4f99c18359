//! A package: one component with its manifest, read and judged before anything of it is run.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasmparser::{Chunk, Encoding, Parser, Payload};

use super::limits::{MANIFEST_BYTES_MAX, PACKAGE_BYTES_MAX, cut};
use super::manifest::{Manifest, SecretPlace};

/// The custom section that holds `plugin.toml`.
pub const MANIFEST_SECTION: &str = "naryad:manifest";
const FUNCTIONS: &str = "naryad:plugin/functions";
const HTTP: &str = "naryad:plugin/http";
const KV: &str = "naryad:plugin/kv";
const BLOB: &str = "naryad:plugin/blob";
const SIGNATURES: &str = "naryad:plugin/signatures";
const ABILITIES: [&str; 8] = [
    "naryad:plugin/context",
    "naryad:plugin/log",
    "naryad:plugin/clock",
    "naryad:plugin/random",
    HTTP,
    KV,
    BLOB,
    SIGNATURES,
];
const EVENTS: &str = "naryad:plugin/events";
const POLLING: &str = "naryad:plugin/polling";
const WEBHOOKS: &str = "naryad:plugin/webhooks";
/// Versions with this beginning have what we have, perhaps more.
const COMPATIBLE: &str = "0.1.";
const VERSION: &str = "0.1.1";

/// A package that has been read and found sound; it has not been compiled.
#[derive(Clone, Debug)]
pub struct Package {
    pub hash: PackageHash,
    pub manifest: Manifest,
    /// Whether the code asks for the ability `http`.
    pub imports_http: bool,
    pub imports_kv: bool,
    pub imports_blob: bool,
    pub bytes: usize,
}

/// SHA-256 of a package, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PackageHash(String);

/// Why a package is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    #[error("the package has {bytes} bytes; at most {PACKAGE_BYTES_MAX} are taken")]
    TooLarge { bytes: usize },
    #[error("this is not a WebAssembly component{hint}")]
    NotAComponent { hint: &'static str },
    #[error("the package is damaged or cut off: {why}")]
    Damaged { why: String },
    #[error("the package has no manifest: the section `{MANIFEST_SECTION}` is missing")]
    NoManifest,
    #[error("the manifest is wrong: {why}")]
    WrongManifest { why: String },
    #[error("the package imports `{import}`; this Naryad offers {offered}")]
    UnknownImport { import: String, offered: String },
    #[error("the package imports `{HTTP}`, but its manifest declares no host")]
    UndeclaredHttp,
    #[error("the package imports `{import}`, but its manifest has no {section}")]
    Undeclared { import: &'static str, section: &'static str },
    #[error("the package does not export `{FUNCTIONS}@{VERSION}`")]
    NoFunctions,
    #[error("the manifest declares {section}, but the package does not export `{export}@{VERSION}`")]
    NoExport { section: &'static str, export: &'static str },
    #[error("the package cannot be compiled: {why}")]
    NotCompiled { why: String },
    #[error("the package cannot be kept: {why}")]
    NotStored { why: String },
}

impl PackageError {
    /// A stable name in snake_case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            PackageError::TooLarge { .. } => "package_too_large",
            PackageError::NotAComponent { .. } => "package_not_a_component",
            PackageError::Damaged { .. } => "package_damaged",
            PackageError::NoManifest => "package_without_manifest",
            PackageError::WrongManifest { .. } => "package_wrong_manifest",
            PackageError::UnknownImport { .. } => "package_unknown_import",
            PackageError::UndeclaredHttp => "package_undeclared_http",
            PackageError::Undeclared { .. } => "package_undeclared_ability",
            PackageError::NoExport { .. } => "package_without_export",
            PackageError::NoFunctions => "package_without_functions",
            PackageError::NotCompiled { .. } => "package_not_compiled",
            PackageError::NotStored { .. } => "package_not_stored",
        }
    }
}

impl PackageHash {
    #[must_use]
    pub fn of(package: &[u8]) -> PackageHash {
        PackageHash(Sha256::digest(package).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PackageHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        // It becomes a file's name, so nothing else may pass.
        if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(PackageHash(text))
        } else {
            Err(format!("`{}` is not a SHA-256 in lower-case hexadecimal", cut(&text, 80)))
        }
    }
}

impl From<PackageHash> for String {
    fn from(hash: PackageHash) -> String {
        hash.0
    }
}

impl fmt::Display for PackageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads manifest, imports and exports of a package. Nothing is compiled or run.
///
/// # Errors
/// Why it is not taken, as a sentence.
pub fn read(bytes: &[u8]) -> Result<Package, PackageError> {
    if bytes.len() > PACKAGE_BYTES_MAX {
        return Err(PackageError::TooLarge { bytes: bytes.len() });
    }
    let outline = Outline::read(bytes)?;
    let manifest = read_manifest(outline.manifest)?;
    let imports = known_imports(&outline)?;
    check_declared(&imports, &manifest)?;
    check_exports(&outline, &manifest)?;
    let has = |ability: &str| imports.contains(&ability);
    let (imports_http, imports_kv, imports_blob) = (has(HTTP), has(KV), has(BLOB));
    Ok(Package {
        hash: PackageHash::of(bytes),
        manifest,
        imports_http,
        imports_kv,
        imports_blob,
        bytes: bytes.len(),
    })
}

fn known_imports(outline: &Outline<'_>) -> Result<Vec<&'static str>, PackageError> {
    let known = |import: &&str| {
        let unknown = || PackageError::UnknownImport {
            import: cut(import, 200).to_owned(),
            offered: ABILITIES.map(|ability| format!("`{ability}@{VERSION}`")).join(", "),
        };
        ABILITIES.into_iter().find(|ability| is_interface(import, ability)).ok_or_else(unknown)
    };
    outline.imports.iter().map(known).collect()
}

/// What the code can ask for, the manifest must say, since that is what an administrator reads.
fn check_declared(imports: &[&'static str], manifest: &Manifest) -> Result<(), PackageError> {
    let checks = manifest.secrets.iter().any(|secret| secret.place == SecretPlace::Hmac);
    for (import, declared, section) in [
        (KV, manifest.kv.is_some(), "[kv]"),
        (BLOB, manifest.blob.is_some(), "[blob]"),
        (SIGNATURES, checks, "[[secret]] with place = \"hmac\""),
    ] {
        if imports.contains(&import) && !declared {
            return Err(PackageError::Undeclared { import, section });
        }
    }
    if imports.contains(&HTTP) && manifest.hosts.is_empty() {
        return Err(PackageError::UndeclaredHttp);
    }
    Ok(())
}

/// What the manifest says may be entered, the code must have.
fn check_exports(outline: &Outline<'_>, manifest: &Manifest) -> Result<(), PackageError> {
    let exports = |interface: &str| outline.exports.iter().any(|export| is_interface(export, interface));
    if !exports(FUNCTIONS) {
        return Err(PackageError::NoFunctions);
    }
    for (declared, section, export) in [
        (!manifest.events.is_empty(), "`events`", EVENTS),
        (manifest.poll.is_some(), "[poll]", POLLING),
        (!manifest.webhooks.is_empty(), "a [[webhook]]", WEBHOOKS),
    ] {
        if declared && !exports(export) {
            return Err(PackageError::NoExport { section, export });
        }
    }
    Ok(())
}

/// The top level of a component; what is nested is skipped unread.
#[derive(Default)]
struct Outline<'a> {
    manifest: Option<&'a [u8]>,
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
}

impl<'a> Outline<'a> {
    fn read(bytes: &'a [u8]) -> Result<Outline<'a>, PackageError> {
        let mut outline = Outline::default();
        let mut parser = Parser::new(0);
        let mut rest = bytes;
        loop {
            let (consumed, payload) = match parser.parse(rest, true).map_err(damaged)? {
                Chunk::Parsed { consumed, payload } => (consumed, payload),
                Chunk::NeedMoreData(_) => {
                    return Err(PackageError::Damaged { why: "it ends too early".to_owned() });
                }
            };
            rest = &rest[consumed..];
            match payload {
                Payload::Version { encoding: Encoding::Component, .. } => {}
                Payload::Version { .. } => {
                    let hint = ": it is a core module, which `wasm-component-ld` would make a component of";
                    return Err(PackageError::NotAComponent { hint });
                }
                Payload::ModuleSection { unchecked_range, .. }
                | Payload::ComponentSection { unchecked_range, .. } => {
                    rest = rest.get(unchecked_range.len()..).ok_or_else(cut_off)?;
                }
                Payload::End(_) => return Ok(outline),
                payload => outline.take(payload)?,
            }
        }
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), PackageError> {
        match payload {
            Payload::CustomSection(section) if section.name() == MANIFEST_SECTION => {
                let former = self.manifest.replace(section.data());
                let twice = || PackageError::WrongManifest { why: "there are two of them".to_owned() };
                return former.map_or(Ok(()), |_| Err(twice()));
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    self.imports.push(import.map_err(damaged)?.name.name);
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    self.exports.push(export.map_err(damaged)?.name.name);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn read_manifest(section: Option<&[u8]>) -> Result<Manifest, PackageError> {
    let section = section.ok_or(PackageError::NoManifest)?;
    if section.len() > MANIFEST_BYTES_MAX {
        let why = format!("it has {} bytes; at most {MANIFEST_BYTES_MAX} are taken", section.len());
        return Err(PackageError::WrongManifest { why });
    }
    let text = std::str::from_utf8(section)
        .map_err(|_| PackageError::WrongManifest { why: "it is not UTF-8".to_owned() })?;
    Manifest::read(text).map_err(|why| PackageError::WrongManifest { why })
}

fn is_interface(name: &str, interface: &str) -> bool {
    name.strip_prefix(interface)
        .and_then(|rest| rest.strip_prefix('@'))
        .is_some_and(|version| version.starts_with(COMPATIBLE))
}

fn damaged(error: wasmparser::BinaryReaderError) -> PackageError {
    if error.offset() < 8 {
        return PackageError::NotAComponent { hint: "" };
    }
    PackageError::Damaged { why: error.to_string() }
}

fn cut_off() -> PackageError {
    PackageError::Damaged { why: "it ends too early".to_owned() }
}
