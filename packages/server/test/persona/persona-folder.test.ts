import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { loadPersona } from '../../src/persona/load-persona.ts';
import { readPersona } from '../../src/persona/read-persona.ts';
import { type Serving, serve } from '../../src/room/serve.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import { TestVisitor, until } from '../room/room-harness.ts';

const EXPORTS = fileURLToPath(new URL('../../../../models/exports', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../../examples/metaverse-room/personas', import.meta.url));
const ZOE = 'name: Zoe\ntitle: baker\ngreeting: Hello.\nposition: { x: 0, z: 2 }\n';

const folders: string[] = [];
let serving: Serving | undefined;
afterEach(async () => {
  await serving?.close();
  serving = undefined;
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function folderWithZoe(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-personas-'));
  folders.push(folder);
  await mkdir(join(folder, 'zoe', 'knowledge'), { recursive: true });
  await writeFile(join(folder, 'zoe', 'persona.yaml'), ZOE);
  return folder;
}

test.each([
  [`${ZOE}vioce: { pitch: 1 }`, 'line 5, vioce: is no setting; did you mean "voice"?'],
  [`${ZOE}voice:\n  pitch: 3`, 'line 6, voice.pitch: '],
  ['name: Zoe\ngreeting: Hello.', 'line 1, title: is missing; add it'],
  [`${ZOE}languages: [english]`, 'line 5, languages.0: must be a code of two letters'],
  [`${ZOE}rules: Be kind.`, 'line 5, rules: '],
  [`${ZOE}style: "unfinished`, 'line 5 is not valid YAML'],
])('a fault is told with its line, its key and what to do: %j', (yaml, fault) => {
  expect(() => readPersona(yaml, 'zoe', 'zoe/persona.yaml')).toThrow(fault);
});

test('Markdown, text and PDF become knowledge; other files do not', async () => {
  const mira = await loadPersona(join(EXAMPLE, 'mira'));
  const text = (name: string) => mira?.documents.find((document) => document.name === name)?.text;
  expect(text('nights.pdf')).toContain('## Star nights');
  expect(text('nights.pdf')).toMatch(/Alnilam and\s+Mintaka/);
  expect(text('history.txt')).toContain('Henrik Moe');
  const folder = await folderWithZoe();
  await writeFile(join(folder, 'zoe', 'knowledge', 'notes.docx'), 'no');
  await writeFile(join(folder, 'zoe', 'knowledge', '.notes.md.swp'), 'no');
  expect((await loadPersona(join(folder, 'zoe')))?.documents).toEqual([]);
});

test.each([
  ['broken.pdf', Buffer.from('not a pdf'), 'is not a PDF that can be read'],
  ['latin.txt', Buffer.from([0x63, 0x61, 0x66, 0xe9]), 'is not UTF-8 text'],
])('a document that cannot be used says what to do: %s', async (name, bytes, fault) => {
  const folder = await folderWithZoe();
  await writeFile(join(folder, 'zoe', 'knowledge', name), bytes);
  await expect(loadPersona(join(folder, 'zoe'))).rejects.toMatchObject({ code: 'bad-knowledge' });
  await expect(loadPersona(join(folder, 'zoe'))).rejects.toThrow(fault);
});

test('a changed file takes effect in a running room, a broken one leaves the persona as it was', async () => {
  const folder = await folderWithZoe();
  await cp(join(EXAMPLE, 'orson'), join(folder, 'orson'), { recursive: true });
  const told: string[] = [];
  serving = await serve({
    port: 0,
    hostname: '127.0.0.1',
    engines: scriptedEngines({ heads: 16, classes: 64 }),
    personasFolder: folder,
    exportsFolder: EXPORTS,
    warm: false,
    onProgress: (message) => told.push(message),
  });
  const ann = await TestVisitor.join(serving.url);
  expect(ann.npc('zoe')).toMatchObject({ name: 'Zoe', title: 'baker' });
  const file = join(folder, 'zoe', 'persona.yaml');
  await writeFile(file, ZOE.replace('baker', 'florist'));
  await until('the new title', () => ann.npc('zoe')?.title === 'florist');
  await writeFile(file, `${ZOE}voice: { pitch: 9 }`);
  await until('the fault', () => told.find((message) => message.includes('line 5, voice.pitch')));
  await writeFile(file, `${ZOE}voice: { name: soprano }`);
  await until('the fault', () => told.find((message) => message.includes('"soprano", which is not there')));
  expect(ann.npc('zoe')).toMatchObject({ title: 'florist' });
  ann.parley.say('Hello?', 'zoe');
  await until('an answer', () => ann.utterances.find(({ npc }) => npc === 'zoe'));
  await mkdir(join(folder, 'yan'));
  await writeFile(join(folder, 'yan', 'persona.yaml'), ZOE.replace('Zoe', 'Yan'));
  await until('a new NPC', () => ann.npc('yan'));
});
