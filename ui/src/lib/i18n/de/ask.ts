import type { Catalogue } from '../index.svelte'

export const ask: Catalogue['ask'] = {
  title: 'Fragen Sie Ihre Dokumente',
  promise: 'Jeder Satz der Antwort verweist auf die Textstelle, die ihn trägt. Wo die Dokumente schweigen, sagt die Antwort es.',
  examples: 'Zum Beispiel',
  about: (title) => `Was sagt „${title}“ über `,
  exampleWhich: (word) => `Welche Dokumente erwähnen ${word}?`,
  emptyTitle: 'Noch nichts zu fragen',
  emptyText: 'Fügen Sie zuerst Dokumente hinzu: Wikis, PDFs, Office-Dateien. Sie werden auf diesem Rechner gelesen und bleiben dort.',
  addFiles: 'Dokumente hinzufügen',

  question: 'Ihre Frage',
  wholeQuestion: 'Ganze Frage anzeigen',
  foldQuestion: 'Weniger anzeigen',
  placeholder: 'Fragen Sie in einfachen Worten',
  followUp: 'Fragen Sie nach',
  send: 'Fragen',
  stop: 'Anhalten',
  tooLong: (over) => `${over} Zeichen zu lang. Eine Frage hat höchstens 8.000.`,
  busy: 'Eine andere Antwort wird gerade geschrieben.',
  backToIt: 'Dorthin',
  mode: 'Art der Antwort',
  modes: { generate: 'Geschriebene Antwort', quote: 'Nur Zitate' },
  modeHints: {
    generate: 'Das Modell schreibt, die Selbstprüfung prüft jeden Satz.',
    quote: 'Die besten Textstellen im Wortlaut, ohne das Modell. Schneller.',
  },

  scope: {
    open: (what) => `Gefragt wird in: ${what}. Ändern`,
    title: 'Wo gesucht wird',
    all: 'Alle Dokumente',
    allCount: (n, one) => (one ? 'Alles: 1 Dokument' : `Alle ${n} Dokumente`),
    collections: 'Sammlungen',
    documents: 'Einzelne Dokumente',
    search: 'Nach Titel oder Pfad suchen',
    chosen: (n, one) => (one ? '1 Dokument' : `${n} Dokumente`),
    nothing: 'Kein Dokument heißt so.',
    more: (n) => `${n} weitere`,
    gone: (n, one) => (one ? 'ein Dokument, das entfernt wurde' : `${n} Dokumente, die entfernt wurden`),
    clear: 'In allen Dokumenten fragen',
  },

  phases: {
    searching: 'Ihre Dokumente werden durchsucht',
    searched: (done, of) => `Jedes Dokument wird durchgesehen: ${done} von ${of}`,
    reading: (n) => (n === 1 ? '1 Textstelle gefunden, wird gelesen' : `${n} Textstellen gefunden, werden gelesen`),
    writing: 'Wird geschrieben, noch nicht geprüft',
    checking: 'Selbstprüfung, Satz für Satz',
    again: 'Der erste Entwurf hielt nicht. Zweiter Entwurf, noch nicht geprüft',
    stopping: 'Wird angehalten',
  },
  live: {
    found: (n) => (n === 1 ? '1 Textstelle gefunden.' : `${n} Textstellen gefunden.`),
    writing: 'Die Antwort wird geschrieben.',
    answered: (sentences, sources) =>
      `Antwort fertig: ${sentences === 1 ? '1 Satz' : `${sentences} Sätze`}, ${sources === 1 ? '1 Beleg' : `${sources} Belege`}.`,
    notFound: 'Die Dokumente beantworten das nicht.',
    stopped: 'Angehalten.',
  },

  stoppedTitle: 'Sie haben diese Antwort angehalten',
  stoppedText: 'Es wurde nichts gespeichert.',
  failedTitle: 'Es gibt keine Antwort, weil etwas fehlgeschlagen ist',
  askAgain: 'Erneut fragen',
  edit: 'Frage ändern',
  opening: 'Wird geöffnet …',

  citation: (number, title) => `Beleg ${number}: ${title}. Im Leser öffnen`,
  openHint: 'Klicken Sie, um die Stelle im Dokument zu lesen',
  verdicts: {
    supported: 'Belegt',
    unsupported: 'Nicht belegt',
    removed: 'Herausgenommen',
  },
  verdictWhy: {
    supported: 'Die Selbstprüfung hat dies in den Belegen gefunden.',
    unsupported: 'Die Selbstprüfung hat dies nicht in den Dokumenten gefunden. Verlassen Sie sich nicht darauf.',
    removed: 'Von der Selbstprüfung aus der Antwort genommen.',
  },
  checks: {
    title: 'Selbstprüfung',
    summary: (supported, unsupported, removed) =>
      [
        supported && (supported === 1 ? '1 Satz belegt' : `${supported} Sätze belegt`),
        unsupported && `${unsupported} nicht belegt`,
        removed && `${removed} herausgenommen`,
      ]
        .filter(Boolean)
        .join(', '),
    quote: 'Zitat steht buchstäblich im Dokument',
    noQuote: 'Kein Zitat trägt ihn',
    facts: 'Zahlen, Daten und Namen stimmen überein',
    noFacts: (missing) =>
      missing ? `Nicht in den Belegen: ${missing}` : 'Zahlen, Daten oder Namen stimmen nicht überein',
    entailment: (share) => `Von den Belegen getragen: ${share}`,
    sentence: 'Satz',
    none: 'Einzelheiten wurden nicht aufbewahrt.',
  },
  removed: (n) =>
    n === 1
      ? '1 Satz wurde von der Selbstprüfung herausgenommen'
      : `${n} Sätze wurden von der Selbstprüfung herausgenommen`,
  removedWhy: 'Das Modell hat dies geschrieben, aber die Dokumente tragen es nicht.',

  confidence: { high: 'Hohe Sicherheit', fair: 'Mittlere Sicherheit', low: 'Geringe Sicherheit' },
  confidenceWhy: 'Wie wahrscheinlich die Antwort stimmt, nach den Belegen beurteilt, bevor etwas geschrieben wurde.',
  corrected: 'Text berichtigt',

  parts: 'Die Frage hat mehrere Teile',
  partAnswered: 'beantwortet',
  partSilent: 'die Dokumente sagen dazu nichts',

  sweep: {
    title: 'Jedes Dokument wurde durchgesehen',
    searched: 'durchgesehen',
    matching: 'haben es',
    lacking: 'haben es nicht',
    unreadable: 'nicht lesbar',
    words: 'Gesucht wurde',
    has: 'Dokumente, in denen es steht',
    lacks: 'Dokumente, in denen es nicht steht',
    unread: (n, one) =>
      one ? '1 Seite ohne Text konnte nicht durchsucht werden.' : `${n} Seiten ohne Text konnten nicht durchsucht werden.`,
    unreadableWhy: 'Über die nicht lesbaren ist nichts bekannt: Es kann darin stehen oder nicht.',
    andMore: (n) => `und ${n} weitere`,
  },

  refusal: {
    title: 'Die Dokumente beantworten das nicht',
    reasons: {
      no_documents: 'Dort gibt es nichts zu durchsuchen.',
      weak_evidence: 'Keine Textstelle kommt der Frage nahe.',
      insufficient: 'Einige Textstellen kommen der Frage nahe, aber keine beantwortet sie.',
      model_declined: 'Das Modell hat die nächstliegenden Textstellen gelesen und darin keine Antwort gefunden.',
      nothing_supported: 'Ein Entwurf wurde geschrieben, aber die Selbstprüfung fand nichts davon in den Dokumenten.',
    },
    scopeGone: 'Worin hier gesucht wurde, ist entfernt worden. Wählen Sie, worin gefragt werden soll.',
    searched: 'Durchsucht',
    searchedIn: 'Gesucht in',
    searchedNow: (scope, documents) => `${scope} · ${documents}`,
    nearest: 'Die nächstliegenden Textstellen',
    tryTitle: 'Was Sie versuchen können',
    rephrase: 'Mit den Worten der Dokumente fragen',
    widen: 'In allen Dokumenten fragen',
    add: 'Dokumente hinzufügen',
    quotes: 'Nur Zitate verlangen',
  },

  meta: {
    open: 'Einzelheiten zu dieser Antwort',
    model: 'Modell',
    noModel: 'kein Modell: nur Zitate',
    device: 'Gerät',
    retrieve: 'Suche',
    firstToken: 'Erstes Wort nach',
    generate: 'Schreiben',
    check: 'Selbstprüfung',
    total: 'Insgesamt',
    scope: 'Gesucht in',
    inScope: (names) => `in: ${names}`,
    asked: 'Gefragt',
    id: 'Antwort',
  },

  actions: {
    copy: 'Mit Belegen kopieren',
    copied: 'Kopiert, mit Quellen',
    export: 'Exportieren',
    one: 'Diese Antwort',
    whole: 'Die ganze Unterhaltung',
    exported: (path) => `Geschrieben nach ${path}`,
    forget: 'Vergessen',
    forgetTitle: 'Diese Antwort vergessen?',
    forgetText: 'Die Antwort, ihre Frage und ihre Belege werden von diesem Rechner gelöscht. Die Dokumente bleiben. Das lässt sich nicht rückgängig machen.',
    forgotten: 'Vergessen',
  },
  formats: { md: 'Markdown', html: 'Webseite', docx: 'Word', pdf: 'PDF', json: 'JSON, für Maschinen' },
  sources: 'Quellen',

  blankedTitle: 'Diese Antwort wurde mit ihrem Dokument entfernt',
  blankedText: 'Ein Dokument, das sie zeigte, wurde endgültig aus der Bibliothek entfernt; damit auch, was sie daraus zitierte.',
  conversation: 'Unterhaltung',
  said: 'Antwort',
}
