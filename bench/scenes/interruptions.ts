/** What visitors say while an NPC speaks, in the scenes and in the tuning set of `listening`. */
export const INTERRUPTIONS = [
  'Wait, what about Monday?',
  'Stop, please.',
  'Excuse me, where are the toilets?',
  'No, I meant the telescope.',
  'Sorry, how much is a ticket?',
  'Hold on, who built it?',
];
