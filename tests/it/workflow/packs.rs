//! The packs that are shipped have nothing wrong with them.

use naryad::domain::pack::Pack;
use naryad::workflow::{Known, check};

#[test]
fn shipped_packs_are_clean() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows");
    let mut checked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let pack_folder = entry.unwrap().path();
        let (Ok(settings), Ok(script)) = (
            std::fs::read_to_string(pack_folder.join("client.toml")),
            std::fs::read_to_string(pack_folder.join("workflow.rhai")),
        ) else {
            continue;
        };
        let pack =
            Pack::parse(&settings).unwrap_or_else(|error| panic!("{}: {error}", pack_folder.display()));
        let findings = check(&script, &pack, &Known::default());
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "{}:\n{}", pack_folder.display(), lines.join("\n"));
        checked += 1;
    }
    assert!(checked >= 2, "only {checked} packs were found");
}
