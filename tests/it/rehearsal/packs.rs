//! The tests of the packs that are shipped.

use std::path::Path;

use naryad::domain::Key;
use naryad::rehearsal::script_tests::{PackSource, run};
use naryad::workflow::SharedSources;

#[test]
fn the_tests_of_every_shipped_pack_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows");
    let shared = modules(&folder.join("shared"));
    let mut tested = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let pack = entry.unwrap().path();
        let Ok(files) = std::fs::read_dir(pack.join("tests")) else { continue };
        let mut source = PackSource {
            script: std::fs::read_to_string(pack.join("workflow.rhai")).unwrap(),
            settings: std::fs::read_to_string(pack.join("client.toml")).unwrap(),
            shared: shared.clone(),
            ..PackSource::default()
        };
        for file in files {
            let path = file.unwrap().path();
            let name = format!("tests/{}", path.file_name().unwrap().to_string_lossy());
            source.tests.insert(name, std::fs::read_to_string(path).unwrap());
        }
        for list in std::fs::read_dir(pack.join("holidays")).into_iter().flatten() {
            let path = list.unwrap().path();
            let key = Key::new(path.file_stem().unwrap().to_str().unwrap()).unwrap();
            source.holidays.insert(key, std::fs::read_to_string(path).unwrap());
        }
        let report = run(&source);
        println!("{}: {report}", pack.display());
        assert!(report.all_passed(), "{}:\n{report}", pack.display());
        tested += report.tests.len();
    }
    println!("{tested} tests");
}

/// Modules that packs share, by the path that `import` names.
fn modules(folder: &Path) -> SharedSources {
    let Ok(files) = std::fs::read_dir(folder) else { return SharedSources::new() };
    let module = |path: std::path::PathBuf| {
        let name = format!("shared/{}", path.file_stem().unwrap().to_string_lossy());
        (name, std::fs::read_to_string(path).unwrap().into())
    };
    files.map(|file| module(file.unwrap().path())).collect()
}
