//! The shell against the window: the types that both speak of, and the commands that one asks and the other answers.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use citadel_core::Answer;
use citadel_engine::{
    AskEvent, DoctorReport, DocumentDetails, DocumentView, IngestEvent, IngestReport, IngestedFile, Library,
    ListedAnswer, Marks, ModelCard, ModelSpeed, Problem, RemovedDocuments, Storage,
};
use ts_rs::{Config, TS, TypeVisitor};

use crate::commands::Question;
use crate::desk::Opened;
use crate::settings::Settings;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[expect(clippy::unwrap_used, reason = "tests")]
fn read(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap()
}

/// Declarations by name, each once.
struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    declared: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            let what = T::docs().unwrap_or_default();
            let declaration = format!("{what}export {}\n", T::decl(&self.config));
            self.declared.insert(T::ident(&self.config), declaration);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

fn bindings() -> String {
    let config = Config::new().with_large_int("number");
    let mut all = Declarations { config, seen: HashSet::new(), declared: BTreeMap::new() };
    all.visit::<Answer>();
    all.visit::<AskEvent<'static>>();
    all.visit::<DoctorReport>();
    all.visit::<DocumentDetails>();
    all.visit::<DocumentView>();
    all.visit::<IngestEvent>();
    all.visit::<IngestReport>();
    all.visit::<IngestedFile>();
    all.visit::<Library>();
    all.visit::<ListedAnswer>();
    all.visit::<Marks>();
    all.visit::<ModelCard>();
    all.visit::<ModelSpeed>();
    all.visit::<Opened>();
    all.visit::<Problem>();
    all.visit::<Question>();
    all.visit::<RemovedDocuments>();
    all.visit::<Settings>();
    all.visit::<Storage>();
    let head = "// Generated from the Rust types by `cargo xtask bindings`; a test of `src-tauri` fails when it is stale. Do not edit.\n";
    [head.to_owned()].into_iter().chain(all.declared.into_values()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_windows_types_are_those_of_the_engine() {
    const FILE: &str = "../ui/src/lib/backend/bindings.ts";
    let fresh = bindings();
    if std::env::var_os("CITADEL_WRITE_BINDINGS").is_some() {
        assert!(std::fs::write(file(FILE), &fresh).is_ok(), "{FILE} cannot be written");
    }
    assert!(read(FILE) == fresh, "{FILE} is stale; run `cargo xtask bindings`");
}

#[test]
fn the_window_asks_what_the_shell_answers_and_may_ask_nothing_else() {
    let quoted = |text: &str, before: &str| -> BTreeSet<String> {
        let end = |rest: &str| rest.split(['\'', '"']).next().unwrap_or_default().to_owned();
        text.split(before).skip(1).map(end).collect()
    };
    let listed: BTreeSet<String> = quoted(&read("commands.in"), "    \"");
    let source = read("src/commands/mod.rs");
    let handled =
        source.split_once("generate_handler![").map(|(_, rest)| rest.split(']').next().unwrap_or_default());
    let answered: BTreeSet<String> = handled
        .unwrap_or_default()
        .split(',')
        .filter_map(|path| path.trim().rsplit_once("::"))
        .map(|(_, name)| name.to_owned())
        .collect();
    let window = read("../ui/src/lib/backend/backend.tauri.ts");
    let asked: BTreeSet<String> = window
        .split("invoke")
        .skip(1)
        .filter_map(|rest| rest.split_once("('"))
        .map(|(_, rest)| rest)
        .map(|rest| rest.split('\'').next().unwrap_or_default().to_owned())
        .collect();
    let allowed: BTreeSet<String> = quoted(&read("capabilities/window.json"), "\"allow-")
        .into_iter()
        .map(|permission| permission.replace('-', "_"))
        .collect();
    assert_eq!(listed, answered, "commands.in and the handler");
    assert_eq!(listed, asked, "commands.in and backend.tauri.ts");
    assert_eq!(listed, allowed, "commands.in and the capability");
}
