// The self-check in words.

import type { Answer, Checks, Verdict } from '$lib/backend/backend'
import { percent, t } from '$lib/i18n/index.svelte'

export function checksInWords(checks: Checks | null | undefined): string[] {
  if (!checks) return []
  const words = t().ask.checks
  return [
    checks.quote ? words.quote : words.noQuote,
    checks.facts ? words.facts : words.noFacts((checks.missing ?? []).join(', ')),
    words.entailment(percent(checks.entailment)),
  ]
}

export function counted(answer: Answer): Record<Verdict, number> {
  const counts = { supported: 0, unsupported: 0, removed: 0 }
  for (const sentence of answer.sentences) counts[sentence.verdict] += 1
  return counts
}

export function confidenceWord(confidence: number): 'high' | 'fair' | 'low' {
  return confidence >= 0.8 ? 'high' : confidence >= 0.55 ? 'fair' : 'low'
}
