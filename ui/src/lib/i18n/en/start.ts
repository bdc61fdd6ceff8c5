export const start = {
  title: 'Ask your own documents',
  text: 'Citadel reads the contracts, manuals and wikis that you give it, and answers questions about them in plain words. It does so on this computer, and shows you where each sentence comes from.',
  promisesLabel: 'What Citadel promises',
  promises: {
    sources: {
      title: 'Every sentence points at its passage',
      text: 'One click opens the page and marks the words. What does not hold against its source is taken out.',
    },
    silent: {
      title: 'It says so when the documents are silent',
      text: 'No guesses from general knowledge: you see what was searched, and the nearest passages.',
    },
    local: {
      title: 'Nothing leaves this computer',
      text: 'There is no account, no cloud and no telemetry.',
    },
  },
  check: {
    title: 'How to check that',
    plug: 'Pull the network plug or switch off Wi-Fi: everything works as before.',
    command: 'Run this in a terminal; it lists no connection:',
    badge: 'The badge at the lower left counts this program’s connections as the system sees them.',
  },
  add: 'Add documents…',
  samples: 'Try it with a sample collection',
  samplesText: 'The sample collection is four files of an invented company; you can remove it again.',
  skip: 'Begin with an empty library',
  dropHint: 'Or drop files and folders anywhere in this window.',
  vault: 'Your documents’ text and index are kept in',
  models: 'The language models lie in',
  language: 'Language',

  problem: {
    details: 'Technical details',
    code: 'Code',
    whatToDo: 'What you can do',
    tryAgain: 'Try again',
    restore: 'Restore a back-up…',
    setAside: 'Begin an empty vault…',
    restored: 'The back-up was restored.',
    working: 'One moment…',
    restoreConfirm: {
      title: 'Restore a back-up?',
      text: 'You choose the file next. The vault as it is now is set aside, not deleted: it stays in a folder beside the new one.',
      yes: 'Choose a back-up…',
    },
    setAsideConfirm: {
      title: 'Begin an empty vault?',
      text: 'The vault as it is now is set aside, not deleted: it stays in a folder beside the new one. The new vault knows none of its documents and answers. Your original files stay untouched.',
      yes: 'Begin an empty vault',
    },
    vault_in_use: {
      title: 'Another program has the vault open',
      text: 'Only one program at a time may work on a vault, so that nothing in it is lost. Most often that is a second Citadel, or the command “citadel” in a terminal.',
      steps: ['Close the other program, or wait until it is done.', 'Then try again.'],
    },
    catalog_newer: {
      title: 'This vault is from a newer Citadel',
      text: 'A newer version has worked on it. This version does not touch it, since it could not keep all that is in it.',
      steps: ['Update Citadel on this computer, then open the vault again.', 'Or begin an empty vault; this one is set aside and stays as it is.'],
    },
    catalog_damaged: {
      title: 'The vault is damaged',
      text: 'Its catalogue did not pass the check that is made before it is opened. Nothing was changed. Your original files are not affected.',
      steps: ['Restore the last back-up.', 'Or begin an empty vault and add your documents again; the damaged one is set aside for repair.'],
    },
    models_missing: {
      title: 'The language models are missing',
      text: 'Without them Citadel can neither search your documents nor answer. Nothing in the vault is lost; it cannot be opened until the models are there.',
      steps: [
        'Install the package with the models, or ask whoever looks after this computer to do so.',
        'On a computer without a network: copy the folder “models” from the installation medium to one of the places named in the details.',
        'Then try again.',
      ],
    },
    crashed: {
      title: 'The engine stopped unexpectedly',
      text: 'What was stored up to then is safe. A reading that was cut off can be continued in the Library.',
      steps: ['Try again.', 'If it happens again, restart the computer, and tell your administrator the details below.'],
    },
    other: {
      title: 'The vault could not be opened',
      text: 'Something stood in the way that Citadel has no better words for.',
      steps: ['Try again.', 'If it stays so, tell your administrator the details below.'],
    },
  },
}
