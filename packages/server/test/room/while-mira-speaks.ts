import { scriptedEngines } from '../engines/scripted-engines.ts';
import { MIRA, ORSON, silence, startServer, TestVisitor, until } from './room-harness.ts';

/**
 * Ann has asked, Mira speaks at length, and Ann's microphone is open.
 * @param transcripts What the recogniser makes of Ann's voice, time after time.
 */
export async function whileMiraSpeaks(transcripts: readonly string[], mira = MIRA) {
  const engines = scriptedEngines({
    transcripts,
    reply: () => 'The museum closes at six and opens again at ten in the morning of the next day.',
    // Half a minute, so that it lasts on a busy machine.
    msPerCharacter: 400,
  });
  const server = await startServer({ engines, personas: [mira, ORSON] });
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  ann.parley.say('When do you close?', 'mira');
  await until('speech', () => ann.packets.length > 5);
  await until('speech that is heard', () => ann.npc('mira')?.caption !== '');
  ann.send(silence(700));
  return { server, ann, engines };
}
