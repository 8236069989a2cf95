import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { ActionMessage } from '@parley/sdk';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { OpenAiLlm } from '../../src/engines/http/openai-llm.ts';
import { Llama } from '../../src/engines/llm/llama.ts';
import { readPersona } from '../../src/persona/read-persona.ts';
import { attachParley } from '../../src/room/attach-parley.ts';
import type { ParleyRoomOptions } from '../../src/room/parley-room.ts';
import type { RoomLike } from '../../src/room/room-like.ts';
import { type ActionEvent, Actor } from '../../src/tools/actor.ts';
import { defineTool } from '../../src/tools/tool.ts';
import { worldTool } from '../../src/tools/world-tools.ts';
import { resolveWeights } from '../../src/weights/index.ts';
import { type ScriptedEndpoint, scriptedEndpoint } from '../engines/scripted-endpoint.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import { FACE_MANIFEST, startServer, TestVisitor, until } from '../room/room-harness.ts';

const MCP_SERVER = fileURLToPath(new URL('./mcp-server.ts', import.meta.url));
const BO = `
name: Bo
title: shopkeeper
greeting: Good day.
position: { x: 0, z: 2 }
tools:
  - { use: give, targets: [star map, pocket sundial], say: "Here is {target}. Enjoy it!" }
  - { use: open, targets: [shop door] }
  - ring-bell
  - client: show-map
    description: Shows a map in the visitor's page.
    parameters: { floor: { values: [ground, upper] } }
    phrases: [the map of the]
    say: There is your map.
  - { mcp: stars, command: ${JSON.stringify(process.execPath)}, args: [${JSON.stringify(MCP_SERVER)}] }
`;

let endpoint: ScriptedEndpoint | undefined;
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

async function visit(
  options: Partial<ParleyRoomOptions>,
  yaml = BO,
): Promise<{ ann: TestVisitor; actions: ActionMessage[]; ask(text: string): Promise<string> }> {
  const server = await startServer({ personas: [readPersona(yaml, 'bo')], ...options });
  const ann = await TestVisitor.join(server.url);
  const actions: ActionMessage[] = [];
  ann.parley.on('action', (action) => actions.push(action));
  return {
    ann,
    actions,
    async ask(text) {
      const before = ann.transcripts.length;
      ann.parley.say(text, 'bo');
      const answer = await until(
        `the answer to ${text}`,
        () => ann.transcripts.slice(before).find(({ speakerId }) => speakerId === ''),
        15_000,
      );
      await until('rest', () => ann.npc('bo')?.status === 'idle');
      return answer.text;
    },
  };
}

let rung = 0;
const BELL = defineTool({
  name: 'ring-bell',
  description: 'Rings the bell of the shop.',
  parameters: z.object({ times: z.int().min(1).max(5).default(1) }),
  phrases: [/\bring the bell\b/i],
  run: ({ times }) => {
    rung += times;
    return { text: `rang ${times} times`, say: 'Ding dong!' };
  },
});

test('with a small model: tools of the world, the host, the page and an MCP server, all seen by everybody', async () => {
  const engines = scriptedEngines({ msPerCharacter: 4 });
  Object.assign(engines.llm, { size: 'small' });
  const { ann, actions, ask } = await visit({ engines, tools: [BELL] });
  const seen: unknown[] = [];
  ann.parley.offer('show-map', (args) => {
    seen.push(args);
    return 'the map is open';
  });
  expect(await ask('Can I have a star map?')).toBe('Here is the star map. Enjoy it!');
  expect(actions.map(({ tool, arguments: args, status, text }) => [tool, args, status, text])).toEqual([
    ['give', { item: 'star map' }, 'started', undefined],
    ['give', { item: 'star map' }, 'done', 'gives star map'],
  ]);
  expect(actions[0]).toMatchObject({ npc: 'bo', speakerId: ann.room.sessionId });
  expect(await ask('Please open the door.')).toContain('the shop door is open');
  expect(await ask('Ring the bell 2 times!')).toBe('Ding dong!');
  expect(rung).toBe(2);
  expect(await ask('Show me the map of the upper floor')).toBe('There is your map.');
  expect(seen).toEqual([{ floor: 'upper' }]);
  expect(engines.log.requests).toHaveLength(0);
});

test('what fails is said, seen and does not end the talk', async () => {
  const engines = scriptedEngines({ msPerCharacter: 4 });
  Object.assign(engines.llm, { size: 'small' });
  const { ann, actions, ask } = await visit({ engines, tools: [BELL] });
  // Nobody offers the function in this page.
  expect(await ask('Show me the map of the ground floor')).toContain('cannot do that');
  expect(actions.at(-1)).toMatchObject({ status: 'failed', text: expect.stringContaining('offers no') });
  expect(await ask('Tell me a story.')).toContain('The museum closes');
  expect(ann.notices).toEqual([]);
});

test('an MCP server that does not start costs only its tools, and says so', async () => {
  const engines = scriptedEngines({ msPerCharacter: 4 });
  Object.assign(engines.llm, { size: 'small' });
  const yaml = BO.replace(JSON.stringify(MCP_SERVER), '"/nowhere.mjs"');
  const { ann, ask } = await visit({ engines, tools: [BELL] }, yaml);
  expect(await ask('Can I have a star map?')).toContain('star map');
  expect(ann.notices[0]).toMatchObject({ code: 'tool-server-failed' });
});

test('with a large model: it calls over the OpenAI API, hears the result and words the answer', async () => {
  endpoint = await scriptedEndpoint(({ body }, response) => {
    const { messages } = JSON.parse(body.toString()) as { messages: { role: string; content: string }[] };
    const last = messages.at(-1)!;
    if (last.role === 'tool') stream(response, [{ content: `[pride:0.6] Look: ${last.content}` }], 'stop');
    else
      stream(
        response,
        [
          { tool_calls: [{ index: 0, id: 'c1', function: { name: 'count-stars', arguments: '' } }] },
          { tool_calls: [{ index: 0, function: { arguments: '{"constella' } }] },
          { tool_calls: [{ index: 0, function: { arguments: 'tion":"orion"}' } }] },
        ],
        'tool_calls',
      );
  });
  const llm = new OpenAiLlm({
    url: endpoint.url,
    model: 'large',
    firstByteTimeoutMs: 5000,
    idleTimeoutMs: 5000,
  });
  const { ann, actions, ask } = await visit({
    engines: { ...scriptedEngines({ msPerCharacter: 4 }), llm },
    tools: [BELL],
  });
  expect(await ask('How many stars has Orion?')).toBe('Look: Orion has seven bright stars.');
  expect(actions.map(({ status }) => status)).toEqual(['started', 'done']);
  expect(ann.transcripts.at(-1)?.emotion).toEqual({ name: 'pride', intensity: 0.6 });
  const [first, second] = endpoint.heard.map(({ body }) => JSON.parse(body.toString()));
  expect(first.tools.map((tool: { function: { name: string } }) => tool.function.name)).toEqual([
    'give',
    'open',
    'ring-bell',
    'show-map',
    'count-stars',
  ]);
  expect(first.tools[0].function.parameters.properties.item.enum).toEqual(['star map', 'pocket sundial']);
  expect(second.messages.slice(-2)).toMatchObject([
    { role: 'assistant', tool_calls: [{ id: 'c1', function: { arguments: '{"constellation":"orion"}' } }] },
    { role: 'tool', tool_call_id: 'c1', content: 'Orion has seven bright stars.' },
  ]);
});

test('a tool that is not there is refused when the room begins', () => {
  const personas = [readPersona(BO, 'bo')];
  const state = { parley: { npcs: new Map() } };
  const room = { state, clients: [], onMessage: () => () => {}, onMessageBytes: () => () => {} };
  const options = { engines: scriptedEngines(), personas, faceManifest: FACE_MANIFEST };
  expect(() => attachParley(room as unknown as RoomLike, options)).toThrow(
    'bo asks for the tool "ring-bell", which is not there; there are: walk-to, come, point-at',
  );
});

test('arguments that do not fit come back to the model as words', async () => {
  const told: ActionEvent[] = [];
  const actor = new Actor({
    tools: [],
    callClient: async () => '',
    onAction: (event) => told.push(event),
    onFault: () => {},
  });
  const call = { tool: worldTool('give', ['star map']), args: { item: 'moon' }, npc: 'bo', speakerId: 's' };
  const result = await actor.run(call, Promise.resolve(), new AbortController().signal);
  expect(result).toMatchObject({ ok: false, text: expect.stringContaining('give was called wrongly') });
  expect(told).toEqual([]);
});

test('llama.cpp: a grammar lets even the smallest model call only what there is', {
  timeout: 180_000,
}, async () => {
  const weights = await resolveWeights(['smollm2-135m-instruct']);
  const llama = await Llama.load({
    modelPath: weights.get('smollm2-135m-instruct')!,
    device: 'cpu',
    threads: 1,
    contextTokens: 1024,
    conversations: 1,
    repeatPenalty: 1.1,
  });
  try {
    const tools = [worldTool('give', ['star map', 'pocket sundial']), worldTool('open', ['shop door'])];
    const messages = [
      { role: 'system', content: 'You are Bo, a shopkeeper.' },
      { role: 'user', content: 'Give me the star map.' },
    ] as const;
    const request = { messages, maxTokens: 20, temperature: 0, tools };
    for await (const part of llama.generate(request, new AbortController().signal)) {
      if (part.type !== 'tool-call') continue;
      const tool = tools.find(({ name }) => name === part.call.name);
      expect(tool?.parameters.safeParse(part.call.arguments).success).toBe(true);
    }
  } finally {
    await llama.close();
  }
});

function stream(response: ServerResponse, deltas: readonly object[], finish_reason: string): void {
  response.setHeader('content-type', 'text/event-stream');
  for (const delta of deltas) response.write(`data: ${JSON.stringify({ choices: [{ delta }] })}\n\n`);
  response.write(`data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason }] })}\n\n`);
  response.end('data: [DONE]\n\n');
}
