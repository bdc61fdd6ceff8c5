import type { Catalogue } from '../index.svelte'

export const start: Catalogue['start'] = {
  title: 'Fragen Sie Ihre eigenen Dokumente',
  text: 'Citadel liest die Verträge, Handbücher und Wikis, die Sie ihm geben, und beantwortet Fragen dazu in einfachen Worten. Das geschieht auf diesem Rechner, und zu jedem Satz sehen Sie, woher er kommt.',
  promisesLabel: 'Was Citadel verspricht',
  promises: {
    sources: {
      title: 'Jeder Satz zeigt auf seine Stelle',
      text: 'Ein Klick öffnet die Seite und markiert die Worte. Was der Quelle nicht standhält, wird gestrichen.',
    },
    silent: {
      title: 'Schweigen die Dokumente, so sagt es das',
      text: 'Nichts wird aus Allgemeinwissen geraten: Sie sehen, was durchsucht wurde, und die nächsten Stellen.',
    },
    local: {
      title: 'Nichts verlässt diesen Rechner',
      text: 'Es gibt kein Konto, keine Cloud und keine Telemetrie.',
    },
  },
  check: {
    title: 'So prüfen Sie das',
    plug: 'Ziehen Sie das Netzwerkkabel oder schalten Sie das WLAN aus: Alles geht wie zuvor.',
    command: 'Führen Sie dies in einem Terminal aus; es zeigt keine Verbindung:',
    badge: 'Die Anzeige unten links zählt die Verbindungen dieses Programms, wie das System sie sieht.',
  },
  add: 'Dokumente hinzufügen …',
  samples: 'Beispielsammlung ausprobieren',
  samplesText: 'Die Beispielsammlung besteht aus vier Dateien einer erfundenen Firma; Sie können sie wieder entfernen.',
  skip: 'Leer beginnen',
  dropHint: 'Oder ziehen Sie Dateien und Ordner irgendwo in dieses Fenster.',
  vault: 'Text und Verzeichnis Ihrer Dokumente liegen in',
  models: 'Die Sprachmodelle liegen in',
  language: 'Sprache',

  problem: {
    details: 'Technische Einzelheiten',
    code: 'Kennung',
    whatToDo: 'Was Sie tun können',
    tryAgain: 'Erneut versuchen',
    restore: 'Sicherung einspielen …',
    setAside: 'Leeren Tresor beginnen …',
    restored: 'Die Sicherung wurde eingespielt.',
    working: 'Einen Augenblick …',
    restoreConfirm: {
      title: 'Sicherung einspielen?',
      text: 'Die Datei wählen Sie im nächsten Schritt. Der jetzige Tresor wird beiseitegelegt, nicht gelöscht: Er bleibt in einem Ordner neben dem neuen.',
      yes: 'Sicherung wählen …',
    },
    setAsideConfirm: {
      title: 'Leeren Tresor beginnen?',
      text: 'Der jetzige Tresor wird beiseitegelegt, nicht gelöscht: Er bleibt in einem Ordner neben dem neuen. Der neue Tresor kennt nichts von seinen Dokumenten und Antworten. Ihre Originaldateien bleiben unberührt.',
      yes: 'Leeren Tresor beginnen',
    },
    vault_in_use: {
      title: 'Ein anderes Programm hat den Tresor geöffnet',
      text: 'An einem Tresor darf nur ein Programm zugleich arbeiten, damit darin nichts verloren geht. Meist ist das ein zweites Citadel oder der Befehl „citadel“ in einem Terminal.',
      steps: ['Schließen Sie das andere Programm, oder warten Sie, bis es fertig ist.', 'Versuchen Sie es dann erneut.'],
    },
    catalog_newer: {
      title: 'Dieser Tresor stammt von einem neueren Citadel',
      text: 'Eine neuere Version hat daran gearbeitet. Diese Version rührt ihn nicht an, denn sie könnte nicht alles bewahren, was darin ist.',
      steps: ['Aktualisieren Sie Citadel auf diesem Rechner und öffnen Sie den Tresor dann erneut.', 'Oder beginnen Sie einen leeren Tresor; dieser wird beiseitegelegt und bleibt, wie er ist.'],
    },
    catalog_damaged: {
      title: 'Der Tresor ist beschädigt',
      text: 'Sein Katalog hat die Prüfung vor dem Öffnen nicht bestanden. Es wurde nichts verändert. Ihre Originaldateien sind nicht betroffen.',
      steps: ['Spielen Sie die letzte Sicherung ein.', 'Oder beginnen Sie einen leeren Tresor und fügen Sie Ihre Dokumente neu hinzu; der beschädigte wird für eine Reparatur beiseitegelegt.'],
    },
    models_missing: {
      title: 'Die Sprachmodelle fehlen',
      text: 'Ohne sie kann Citadel Ihre Dokumente weder durchsuchen noch Fragen beantworten. Im Tresor ist nichts verloren; er lässt sich erst öffnen, wenn die Modelle da sind.',
      steps: [
        'Installieren Sie das Paket mit den Modellen, oder bitten Sie die zuständige Person darum.',
        'Auf einem Rechner ohne Netz: Kopieren Sie den Ordner „models“ vom Installationsmedium an einen der Orte, die in den Einzelheiten stehen.',
        'Versuchen Sie es dann erneut.',
      ],
    },
    crashed: {
      title: 'Der Kern des Programms ist unerwartet stehen geblieben',
      text: 'Was bis dahin gespeichert wurde, ist sicher. Ein abgebrochenes Einlesen lässt sich in der Bibliothek fortsetzen.',
      steps: ['Versuchen Sie es erneut.', 'Geschieht es wieder, so starten Sie den Rechner neu und geben Sie die Einzelheiten unten weiter.'],
    },
    other: {
      title: 'Der Tresor ließ sich nicht öffnen',
      text: 'Etwas stand im Weg, wofür Citadel keine besseren Worte hat.',
      steps: ['Versuchen Sie es erneut.', 'Bleibt es dabei, so geben Sie die Einzelheiten unten weiter.'],
    },
  },
}
