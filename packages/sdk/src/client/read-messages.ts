import { ParleyError } from '../errors.ts';
import type {
  ActionMessage,
  CallMessage,
  DuckMessage,
  NoticeMessage,
  StopMessage,
  TranscriptMessage,
  UtteranceMessage,
} from '../packet/messages.ts';

/**
 * Checks a `parley:utterance`.
 * @throws ParleyError `malformed-message`
 */
export function readUtteranceMessage(payload: unknown): UtteranceMessage {
  const message = fields<UtteranceMessage>(payload, {
    npc: 'string',
    utterance: 'number',
    rateHz: 'number',
    codec: 'string',
    startMs: 'number',
    fps: 'number',
    heads: 'number',
    classes: 'number',
  });
  const { heads, classes, fps, rateHz, codec } = message;
  if (!Number.isInteger(heads) || heads < 1 || heads > 255)
    throw malformed('heads is not an integer from 1 to 255');
  if (!Number.isInteger(classes) || classes < 2 || classes > 256)
    throw malformed('classes is not an integer from 2 to 256');
  if (!(rateHz > 0) || !(fps > 0) || rateHz % fps !== 0) throw malformed('fps does not divide rateHz');
  if (codec !== 'opus' && codec !== 'pcm16') throw malformed(`codec "${String(codec)}" is unknown`);
  return message;
}

/**
 * Checks a `parley:duck`.
 * @throws ParleyError `malformed-message`
 */
export function readDuckMessage(payload: unknown): DuckMessage {
  const message = fields<DuckMessage>(payload, { npc: 'string', utterance: 'number', gain: 'number' });
  if (message.gain < 0 || message.gain > 1) throw malformed('gain is not from 0 to 1');
  return message;
}

/**
 * Checks a `parley:stop`.
 * @throws ParleyError `malformed-message`
 */
export function readStopMessage(payload: unknown): StopMessage {
  return fields<StopMessage>(payload, { npc: 'string', utterance: 'number', endSample: 'number' });
}

/**
 * Checks a `parley:transcript`.
 * @throws ParleyError `malformed-message`
 */
export function readTranscriptMessage(payload: unknown): TranscriptMessage {
  return fields<TranscriptMessage>(payload, {
    npc: 'string',
    speakerId: 'string',
    text: 'string',
    final: 'boolean',
  });
}

/**
 * Checks a `parley:action`.
 * @throws ParleyError `malformed-message`
 */
export function readActionMessage(payload: unknown): ActionMessage {
  return withArguments(
    fields<ActionMessage>(payload, {
      id: 'number',
      npc: 'string',
      speakerId: 'string',
      tool: 'string',
      status: 'string',
    }),
  );
}

/**
 * Checks a `parley:call`.
 * @throws ParleyError `malformed-message`
 */
export function readCallMessage(payload: unknown): CallMessage {
  return withArguments(fields<CallMessage>(payload, { id: 'number', npc: 'string', name: 'string' }));
}

function withArguments<T extends { readonly arguments: unknown }>(message: T): T {
  if (typeof message.arguments !== 'object' || message.arguments === null)
    throw malformed('arguments are not an object');
  return message;
}

/**
 * Checks a `parley:notice`.
 * @throws ParleyError `malformed-message`
 */
export function readNoticeMessage(payload: unknown): NoticeMessage {
  return fields<NoticeMessage>(payload, { code: 'string', message: 'string' });
}

function fields<T>(payload: unknown, types: Record<string, 'string' | 'number' | 'boolean'>): T {
  if (typeof payload !== 'object' || payload === null) throw malformed('it is not an object');
  for (const [name, type] of Object.entries(types)) {
    const value = (payload as Record<string, unknown>)[name];
    if (typeof value !== type || (type === 'number' && !Number.isFinite(value)))
      throw malformed(`${name} is not a ${type}`);
  }
  return payload as T;
}

function malformed(fault: string): ParleyError {
  return new ParleyError('malformed-message', `not a message of the protocol: ${fault}; drop it`);
}
