//! The committed components were made from the present source.

use std::path::Path;

#[path = "../../../xtask/src/plugins/source.rs"]
mod source;

#[test]
fn built_plugins_match_their_source() {
    source::check_fresh(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins")).unwrap();
}

#[test]
fn a_change_in_a_plugin_the_sdk_or_the_contract_is_noticed() {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins");
    for changed in [
        "parts-stock/src/lib.rs",
        "parts-stock/plugin.toml",
        "sdk/src/http.rs",
        "wit/plugin.wit",
        "Cargo.lock",
    ] {
        let copy = tempfile::tempdir().unwrap();
        for part in ["Cargo.toml", "Cargo.lock", "sdk", "wit", "parts-stock", "built"] {
            copy_all(&plugins.join(part), &copy.path().join(part));
        }
        source::check_fresh(copy.path()).unwrap();
        let file = copy.path().join(changed);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text + "\n").unwrap();
        let problem = source::check_fresh(copy.path()).unwrap_err();
        assert!(problem.contains("cargo xtask plugins"), "{changed}: {problem}");
    }
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy_all(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::copy(from, to).unwrap();
    }
}
