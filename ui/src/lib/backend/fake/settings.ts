import type { Backend, Finding, ModelCard, Settings } from '../backend'
import { problem, type Scene } from './scene'

type Part = Pick<Backend, 'settings' | 'setSettings' | 'models' | 'addModel' | 'useModel' | 'measureModel' | 'doctor' | 'storage' | 'backUp' | 'connections' | 'licences'>

const MODELS: ModelCard[] = [
  { name: 'qwen2.5-1.5b-instruct', file: 'qwen2.5-1.5b-instruct-q4_k_m.gguf', bytes: 1_117_320_736, licence: 'Apache-2.0', source: 'comes with Citadel', architecture: 'qwen2', quantisation: 'Q4_K_M', context_length: 32_768, memory: 1_890_000_000, fits: true, problem: null, in_use: true, added: false },
  { name: 'smollm2-135m-instruct', file: 'smollm2-135m-instruct-q8_0.gguf', bytes: 144_811_392, licence: 'Apache-2.0', source: 'comes with Citadel', architecture: 'llama', quantisation: 'Q8_0', context_length: 8192, memory: 310_000_000, fits: true, problem: null, in_use: false, added: false },
  { name: 'mistral-7b-instruct-v0.3', file: 'mistral-7b-instruct-v0.3.Q5_K_M.gguf', bytes: 5_136_175_136, licence: 'not known', source: '/home/m.okafor/Downloads', architecture: 'llama', quantisation: 'Q5_K_M', context_length: 32_768, memory: 9_400_000_000, fits: false, problem: null, in_use: false, added: true },
  { name: 'gemma-experimental', file: 'gemma-experimental.gguf', bytes: 801_000_000, licence: 'not known', source: '/home/m.okafor/Downloads', architecture: 'gemma9', quantisation: null, context_length: null, memory: null, fits: null, problem: 'the architecture “gemma9” is not one that this program runs', in_use: false, added: true },
]

export function settingsFake(played: Scene): Part {
  let settings: Settings = { language: 'system', theme: 'system', mode: 'generate', threads: null, gentle: false, device: 'auto', chunk_tokens: 512, passages: 5, ...stored() }
  let models = structuredClone(MODELS)
  return {
    async settings() {
      return settings
    },
    async setSettings(next) {
      settings = next
      sessionStorage.setItem('fake-settings', JSON.stringify(next))
    },
    async models() {
      return structuredClone(models)
    },
    async addModel() {
      const added: ModelCard = { ...MODELS[0]!, name: 'phi-3.5-mini-instruct', file: 'phi-3.5-mini-instruct-q4_k_m.gguf', bytes: 2_393_232_608, memory: 3_600_000_000, architecture: 'phi3', source: '/home/m.okafor/Downloads', licence: 'not known', in_use: false, added: true }
      models = [...models.filter(({ name }) => name !== added.name), added]
      return added
    },
    async useModel(name) {
      await played.step(undefined, 10)
      models = models.map((model) => ({ ...model, in_use: model.name === name }))
    },
    async measureModel(job) {
      for (let i = 0; i < 20; i += 1) {
        await played.step(job, 2)
        if (played.stopped.has(job)) throw problem('stopped', 'Stopped.', '')
      }
      return { prompt_tokens: 512, prompt_tokens_per_second: 61.4, written_tokens: 64, written_tokens_per_second: 11.8, load_seconds: 2.31, device: 'CPU, 2 threads' }
    },
    async doctor() {
      await played.step(undefined, 8)
      return {
        ok: false,
        findings: [
          { what: 'models', ok: true, found: 'model.onnx (all-MiniLM-L6-v2, 90 405 214 bytes)', hint: null },
          { what: 'models', ok: true, found: 'qwen2.5-1.5b-instruct-q4_k_m.gguf (qwen2.5-1.5b-instruct, 1 117 320 736 bytes)', hint: null },
          { what: 'memory', ok: true, found: 'qwen2.5-1.5b-instruct needs 1.9 GB; 11.2 GB are free', hint: null },
          { what: 'memory', ok: false, found: 'mistral-7b-instruct-v0.3 needs 9.4 GB; 7.8 GB are free', hint: 'close other programs, or use a smaller model' },
          { what: 'cpu', ok: true, found: '2 threads; avx2, fma, f16c; kernels for Avx2; language models run here', hint: null, device: 'ready' },
          ...accelerators(played),
          { what: 'vault', ok: true, found: '/home/m.okafor/.local/share/citadel/vault: 41 documents, 3 212 chunks', hint: null },
          { what: 'catalog', ok: true, found: 'whole', hint: null },
          { what: 'index', ok: true, found: '3212 vectors, 3212 keyword entries, 21700000 bytes', hint: null },
        ],
      }
    },
    async storage() {
      return { vault: '/home/m.okafor/.local/share/citadel/vault', catalog_bytes: 38_400_000, index_bytes: 21_700_000, models: '/usr/share/citadel/models', models_bytes: 1_372_000_000, free_bytes: 84_300_000_000 }
    },
    async backUp() {
      await played.step(undefined, 16)
      return '/media/m.okafor/BACKUP/citadel-2026-11-22.citadel'
    },
    async connections() {
      return 0
    },
    async licences() {
      return LICENCES
    },
  }
}

/** As the engine tells them: one that is not there is no fault. */
function accelerators({ scenario }: Scene): Finding[] {
  const cuda: Partial<Finding> = scenario === 'huge' ? { found: 'device 0 answers', device: 'ready' } : {}
  const absent = (name: string): Finding => ({ what: name, ok: true, found: `not compiled in (build with --features ${name})`, hint: null, device: 'absent' })
  return [
    { ...absent('cuda'), ...cuda },
    absent('metal'),
  ]
}

function stored(): Partial<Settings> {
  return JSON.parse(sessionStorage.getItem('fake-settings') ?? '{}') as Partial<Settings>
}

const LICENCES = ['Citadel is built on the work of others. Their licences:', ...['candle 0.9 — Apache-2.0 OR MIT', 'lancedb 0.21 — Apache-2.0', 'tantivy 0.24 — MIT', 'pdfium-render 0.8 — Apache-2.0 OR MIT', 'Svelte 5 — MIT', 'Inter — SIL Open Font License 1.1', 'Source Serif 4 — SIL Open Font License 1.1', 'Lucide — ISC'].map((line) => `${line}\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files, to deal in the software without restriction, subject to the conditions of the licence named above.`)].join('\n\n――――――――\n\n')
