use serde::Serialize;

use crate::models::ModelPack;
use crate::{Engine, EngineError, EngineOptions};

/// What works on this machine. The JSON is a public contract.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DoctorReport {
    /// Whether everything that is needed works.
    pub ok: bool,
    /// One line each.
    pub findings: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct Finding {
    /// What was looked at: `models`, `memory`, `cpu`, `cuda`, `metal`, `vault`, `catalog`, `index`, `removal`.
    pub what: String,
    /// Whether it works, or is not needed.
    pub ok: bool,
    /// Told of devices alone, which need not be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceState>,
    /// What was found.
    pub found: String,
    /// What to do, where it does not work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Whether language models can run on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum DeviceState {
    /// They can.
    Ready,
    /// This build could use it, and the machine does not offer it.
    Silent,
    /// This build cannot use it.
    Absent,
}

impl Finding {
    fn good(what: &str, found: impl Into<String>) -> Self {
        Self { what: what.to_owned(), ok: true, device: None, found: found.into(), hint: None }
    }

    fn bad(what: &str, found: impl Into<String>, hint: &str) -> Self {
        Self {
            what: what.to_owned(),
            ok: false,
            device: None,
            found: found.into(),
            hint: Some(hint.to_owned()),
        }
    }
}

/// Looks at everything and changes nothing, but that a missing vault is made.
pub fn doctor(options: &EngineOptions) -> DoctorReport {
    match Engine::open(options.clone()) {
        Ok(engine) => engine.health(),
        Err(error) => {
            let mut findings = machine(options);
            findings.push(Finding::bad("vault", error.to_string(), "see the message"));
            report(findings)
        }
    }
}

impl Engine {
    /// As [`doctor`], of the vault that is open.
    pub fn health(&self) -> DoctorReport {
        let mut findings = machine(&self.options);
        match vault(self) {
            Ok(found) => findings.extend(found),
            Err(error) => findings.push(Finding::bad(
                "vault",
                error.to_string(),
                "what the catalog holds can be searched again after the next ingest",
            )),
        }
        report(findings)
    }
}

fn report(findings: Vec<Finding>) -> DoctorReport {
    DoctorReport { ok: findings.iter().all(|f| f.ok), findings }
}

/// The model pack and the devices.
fn machine(options: &EngineOptions) -> Vec<Finding> {
    let mut findings = models(options);
    for device in citadel_generate::devices() {
        // An accelerator that is not there is no fault: the CPU always works.
        let state = match (device.compiled, device.available) {
            (_, true) => DeviceState::Ready,
            (true, false) => DeviceState::Silent,
            (false, false) => DeviceState::Absent,
        };
        findings.push(Finding { device: Some(state), ..Finding::good(device.name, device.detail) });
    }
    findings
}

fn models(options: &EngineOptions) -> Vec<Finding> {
    let mend =
        "install Citadel again, run `cargo xtask setup` in its source, or name another pack with --models";
    let pack = match ModelPack::open(&options.models) {
        Ok(pack) => pack,
        Err(error) => return vec![Finding::bad("models", error.to_string(), mend)],
    };
    let generators = pack.entries().iter().filter_map(|e| {
        let found = pack.memory(e)?;
        let mega = |bytes: u64| bytes as f64 / 1e6;
        Some(match found {
            Ok(need) => {
                let found = format!(
                    "{}: weights kept as 4 bits {:.0} MB, 8 bits {:.0} MB, floats {:.0} MB; takes up to {:.0} MB",
                    e.name,
                    mega(need.weights.four_bits),
                    mega(need.weights.eight_bits),
                    mega(need.weights.floats),
                    mega(need.needed)
                );
                if need.fits {
                    Finding::good("memory", found)
                } else {
                    Finding::bad("memory", found, "close other programs, or use a smaller model")
                }
            }
            Err(error) => Finding::bad("memory", error.to_string(), "add a model that this program runs"),
        })
    });
    let generators: Vec<Finding> = generators.collect();
    pack.verify(&mut |_| {})
        .into_iter()
        .map(|(entry, result)| match result {
            Ok(()) => {
                Finding::good("models", format!("{} ({}, {} bytes)", entry.file, entry.name, entry.bytes))
            }
            Err(error) => Finding::bad("models", error.to_string(), mend),
        })
        .chain(generators)
        .collect()
}

fn vault(engine: &Engine) -> Result<Vec<Finding>, EngineError> {
    let (counts, damage) = {
        let catalog = engine.catalog();
        (catalog.counts()?, catalog.integrity_check()?)
    };
    let mut findings = vec![Finding::good(
        "vault",
        format!("{}: {} documents, {} chunks", engine.vault().display(), counts.documents, counts.chunks),
    )];
    findings.push(if damage.is_empty() {
        Finding::good("catalog", "whole")
    } else {
        Finding::bad("catalog", damage.join("; "), "restore the vault from a backup")
    });
    if let Some(index) = engine.index()? {
        let stats = engine.runtime.block_on(index.stats())?;
        let (vectors, keywords) = (stats.vector_rows as u64, stats.keyword_chunks);
        let found = format!("{vectors} vectors, {keywords} keyword entries, {} bytes", stats.bytes);
        let whole = vectors >= counts.chunks && keywords >= counts.chunks;
        findings.push(if whole {
            Finding::good("index", found)
        } else {
            Finding::bad(
                "index",
                found,
                "delete the folder `index` in the vault; it is filled again from the catalog",
            )
        });
        if engine.removal_is_unfinished() {
            findings.push(Finding::bad(
                "removal",
                "bytes of removed documents may be left in the vault's folder",
                "free some disk space and run `citadel doctor` again; it ends the removal",
            ));
        }
    }
    Ok(findings)
}
