import { Client, type Room } from '@colyseus/sdk';
import {
  MICROPHONE_FRAME_SAMPLES,
  MICROPHONE_RATE_HZ,
  ParleyClient,
  ParleyError,
  SPEECH_RATE_HZ,
} from '@parley/sdk';
import type { TurnTimings } from '../turn/turn-timings.ts';
import { MicrophoneSender } from './microphone-sender.ts';
import { ReplyRecorder, type ReplyStats } from './reply-recorder.ts';

/** What to say to whom. Exactly one of `pcm` and `text`. */
export interface TalkOptions {
  /** The room server, for instance `http://localhost:2567`. */
  readonly server: string;
  /** 16 kHz mono speech, sent in real time as Opus. */
  readonly pcm?: Float32Array;
  readonly text?: string;
  /** NPC id. Default: the room's first. */
  readonly npc?: string;
  /** Name of the room. Default `parley`. */
  readonly room?: string;
  /** Name of the visitor. */
  readonly name?: string;
  /** Longest wait for the whole reply, ms, counted from the end of the speech. Default 60000. */
  readonly timeoutMs?: number;
}

/** Times at this client, ms after the end of the voice (or after the text was sent). */
export interface TalkLatencies {
  readonly transcriptMs: number;
  /** The announcement of the reply, and its first packet. */
  readonly utteranceMs: number;
  readonly firstPacketMs: number;
  /** When the first audible sample and the first change of the face are due to play. */
  readonly firstSoundMs: number | null;
  readonly firstMotionMs: number | null;
}

/** What came of it. */
export interface TalkReport {
  readonly npc: string;
  readonly transcript: string;
  readonly reply: string;
  readonly latencies: TalkLatencies;
  /** The server's own account of where the time went. */
  readonly stages: TurnTimings | null;
  readonly stats: ReplyStats;
  readonly notices: readonly string[];
  /** The reply's voice at 24 kHz. */
  readonly pcm: Float32Array;
}

const TIMEOUT_MS = 60_000;
/** Silence in the file before the voice, relative to its loudest frame. */
const QUIET_SHARE = 0.05;

/**
 * Joins a room without a browser, says something to an NPC and waits for the whole reply.
 * @throws {ParleyError} `unreachable`, `no-npc`, `no-reply`, or the code of the notice that the room gave.
 */
export async function talk(options: TalkOptions): Promise<TalkReport> {
  const { pcm, text } = options;
  if ((pcm === undefined) === (text === undefined)) throw new TypeError('talk: give either `pcm` or `text`');
  const room = await join(options);
  const client = new ParleyClient(room);
  const stop = new AbortController();
  try {
    await client.ready;
    const npc = await findNpc(client, options.npc);
    return await converse(client, npc, options, stop.signal);
  } finally {
    stop.abort();
    client.close();
    await Promise.race([room.leave(), new Promise((resolve) => setTimeout(resolve, 1_000))]);
  }
}

async function join({ server, room = 'parley', name = 'Headless' }: TalkOptions): Promise<Room> {
  try {
    return await new Client(server).joinOrCreate(room, { name });
  } catch (error) {
    const reason =
      error instanceof Error ? error.message : String((error as { type?: unknown })?.type ?? error);
    throw new ParleyError(
      'unreachable',
      `The room "${room}" at ${server} cannot be joined (${reason}). Is \`parley serve\` running there?`,
      error,
    );
  }
}

async function findNpc(client: ParleyClient, wanted: string | undefined): Promise<string> {
  const deadlineMs = performance.now() + 3_000;
  while (client.npcs.length === 0 && performance.now() < deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const npcs = client.npcs.toSorted((a, b) => a.index - b.index);
  const npc = wanted === undefined ? npcs[0] : npcs.find(({ id }) => id === wanted);
  if (npc) return npc.id;
  const known = npcs.map(({ id }) => id).join(', ') || 'none';
  throw new ParleyError('no-npc', `There is no NPC ${wanted ?? ''} in this room; there are: ${known}`);
}

/** Codes of notices that merely inform. */
const HARMLESS = new Set(['queued']);

async function converse(
  client: ParleyClient,
  npc: string,
  options: TalkOptions,
  signal: AbortSignal,
): Promise<TalkReport> {
  const notices: string[] = [];
  let endMs = performance.now();
  let transcript = options.text ?? '';
  let transcriptAtMs = 0;
  let firstPacketAtMs = 0;
  let utteranceAtMs = 0;
  let recorder: ReplyRecorder | null = null;
  const { promise: reply, resolve, reject } = Promise.withResolvers<string>();
  const speaking = new AbortController();
  const me = client.sessionId;

  client.on('transcript', (message) => {
    if (message.speakerId === me && message.final && transcriptAtMs === 0) {
      transcript = message.text;
      transcriptAtMs = performance.now();
      speaking.abort();
    } else if (message.speakerId === '' && message.utterance === recorder?.utterance.utterance) {
      resolve(message.text);
    }
  });
  client.on('utterance', (message) => {
    if (message.npc !== npc || recorder || (message as { speakerId?: string }).speakerId !== me) return;
    recorder = new ReplyRecorder(message);
    utteranceAtMs = performance.now();
  });
  client.on('packet', (packet) => {
    if (!recorder || packet.utterance !== recorder.utterance.utterance) return;
    firstPacketAtMs ||= performance.now();
    recorder.add(packet);
  });
  client.on('notice', ({ code, message }) => {
    notices.push(`${code}: ${message}`);
    if (!HARMLESS.has(code)) reject(new ParleyError(code, message));
  });

  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  let timer: NodeJS.Timeout | undefined;
  const waitForReply = () => {
    timer = setTimeout(() => {
      const what =
        transcriptAtMs === 0 ? 'It understood nothing.' : `It understood "${transcript}" and said nothing.`;
      reject(new ParleyError('no-reply', `${npc} did not answer within ${timeoutMs / 1000} s. ${what}`));
    }, timeoutMs);
  };
  try {
    if (options.pcm) {
      const voiceEnd = endOfVoice(options.pcm);
      client.listen(true, npc);
      const sender = new MicrophoneSender(client);
      sender
        .run(options.pcm, AbortSignal.any([signal, speaking.signal]), (sent) => {
          if (sent >= voiceEnd && sent - MICROPHONE_FRAME_SAMPLES < voiceEnd) {
            endMs = performance.now();
            waitForReply();
          }
        })
        .catch(reject);
    } else {
      client.say(options.text ?? '', npc);
      endMs = performance.now();
      waitForReply();
    }
    const replyText = await reply;
    if (options.pcm) client.listen(false, npc);
    return report(replyText);
  } finally {
    clearTimeout(timer);
    speaking.abort();
  }

  function report(replyText: string): TalkReport {
    const recorded = recorder as ReplyRecorder | null;
    if (!recorded) throw new ParleyError('no-reply', `${npc} answered without a voice`);
    const pcm = recorded.pcm();
    const sinceEnd = (roomMs: number | null) =>
      roomMs === null ? null : roomMs - client.clock.toRoomMs(endMs);
    return {
      npc,
      transcript,
      reply: replyText,
      latencies: {
        transcriptMs: transcriptAtMs - endMs,
        utteranceMs: utteranceAtMs - endMs,
        firstPacketMs: firstPacketAtMs - endMs,
        firstSoundMs: sinceEnd(recorded.firstSoundMs(pcm)),
        firstMotionMs: sinceEnd(recorded.firstMotionMs()),
      },
      stages: (recorded.utterance as { timings?: TurnTimings }).timings ?? null,
      stats: recorded.stats(),
      notices,
      pcm,
    };
  }
}

/** Sample after the last frame of 20 ms that is not quiet. */
export function endOfVoice(pcm: Float32Array): number {
  const frame = MICROPHONE_RATE_HZ / 50;
  const loudness: number[] = [];
  for (let at = 0; at < pcm.length; at += frame) {
    let sum = 0;
    for (const sample of pcm.subarray(at, at + frame)) sum += sample * sample;
    loudness.push(Math.sqrt(sum / frame));
  }
  const loudest = Math.max(0, ...loudness);
  const last = loudness.findLastIndex((value) => value > QUIET_SHARE * loudest);
  return Math.max(1, Math.min(pcm.length, (last + 1) * frame));
}

/** Rate of {@link TalkReport.pcm}. */
export const REPLY_RATE_HZ = SPEECH_RATE_HZ;
