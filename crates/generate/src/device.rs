use candle_core::Device;
use serde::Serialize;

use crate::cpu::InstructionSet;

/// Where the model should run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DevicePreference {
    /// CUDA or Metal where this build has it and the machine offers it, else the CPU.
    #[default]
    Auto,
    /// The CPU, whatever else there is.
    Cpu,
}

/// Whether one kind of device works on this machine, for `citadel doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceReport {
    /// `cpu`, `cuda` or `metal`.
    pub name: &'static str,
    /// Whether this build can use it.
    pub compiled: bool,
    /// Whether a model can run on it now.
    pub available: bool,
    /// What was found, or why it does not work.
    pub detail: String,
}

/// What works here: the CPU with the instruction sets that matter for quantized models, CUDA and Metal.
pub fn devices() -> Vec<DeviceReport> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let features = cpu_features();
    let features =
        if features.is_empty() { "no vector instructions".to_owned() } else { features.join(", ") };
    let kernels = InstructionSet::best();
    let detail = format!("{threads} threads; {features}; kernels for {kernels:?}");
    let cpu = DeviceReport { name: "cpu", compiled: true, available: true, detail };
    let accelerators = [
        ("cuda", cfg!(feature = "cuda"), Device::new_cuda as fn(usize) -> candle_core::Result<Device>),
        ("metal", cfg!(feature = "metal"), Device::new_metal),
    ];
    let (_, chosen) = choose(DevicePreference::Auto);
    std::iter::once(cpu)
        .chain(accelerators.map(|(name, compiled, open)| {
            let found = if compiled {
                open(0).map_err(|e| e.to_string())
            } else {
                Err(format!("not compiled in (build with --features {name})"))
            };
            DeviceReport {
                name,
                compiled,
                available: found.is_ok(),
                detail: found.map_or_else(|why| why, |_| "device 0 answers".to_owned()),
            }
        }))
        .map(|mut report| {
            if chosen.starts_with(report.name) {
                report.detail += "; language models run here";
            }
            report
        })
        .collect()
}

/// The device to run on and its name at the seam. An accelerator that does not answer is no error: the CPU always
/// works, and [`devices`] tells why.
pub(crate) fn choose(preference: DevicePreference) -> (Device, String) {
    if preference == DevicePreference::Auto {
        if cfg!(feature = "cuda")
            && let Ok(device) = Device::new_cuda(0)
        {
            return (device, "cuda:0".to_owned());
        }
        if cfg!(feature = "metal")
            && let Ok(device) = Device::new_metal(0)
        {
            return (device, "metal".to_owned());
        }
    }
    (Device::Cpu, "cpu".to_owned())
}

#[cfg(target_arch = "x86_64")]
fn cpu_features() -> Vec<&'static str> {
    let found = [
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("f16c", std::arch::is_x86_feature_detected!("f16c")),
        ("avxvnni", std::arch::is_x86_feature_detected!("avxvnni")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
        ("avx512vnni", std::arch::is_x86_feature_detected!("avx512vnni")),
    ];
    found.into_iter().filter_map(|(name, has)| has.then_some(name)).collect()
}

#[cfg(target_arch = "aarch64")]
fn cpu_features() -> Vec<&'static str> {
    let found = [
        ("neon", std::arch::is_aarch64_feature_detected!("neon")),
        ("dotprod", std::arch::is_aarch64_feature_detected!("dotprod")),
        ("i8mm", std::arch::is_aarch64_feature_detected!("i8mm")),
    ];
    found.into_iter().filter_map(|(name, has)| has.then_some(name)).collect()
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn cpu_features() -> Vec<&'static str> {
    Vec::new()
}
