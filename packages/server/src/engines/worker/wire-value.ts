import { ParleyError } from '@parley/sdk';
import type { WireError } from './protocol.ts';

type View = Float32Array | Int32Array | Uint8Array;

const isView = (value: unknown): value is View => ArrayBuffer.isView(value) && !(value instanceof DataView);
const isTight = (view: View): boolean => view.byteLength === view.buffer.byteLength;

/**
 * Cloning a view clones the whole buffer behind it, so a view on a larger buffer is copied out first; so are the views
 * that are fields of a plain object.
 */
export function tighten(value: unknown): unknown {
  if (isView(value)) return isTight(value) ? value : value.slice();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (!Object.values(value).some((field) => isView(field) && !isTight(field))) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, isView(field) ? tighten(field) : field]),
  );
}

/** The buffers of a value's own typed arrays, which its sender gives away instead of copying. */
export function transferablesOf(value: unknown): ArrayBuffer[] {
  if (typeof value !== 'object' || value === null) return [];
  const views = isView(value) ? [value] : Object.values(value).filter(isView);
  return views.filter(isTight).map((view) => view.buffer as ArrayBuffer);
}

export function toWireError(error: unknown): WireError {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = (error as { code?: unknown }).code;
  return {
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(error.stack && { stack: error.stack }),
  };
}

export function fromWireError(wire: WireError): ParleyError {
  const cause = new Error(wire.message);
  if (wire.stack) cause.stack = wire.stack;
  return new ParleyError(wire.code ?? 'engine-failed', wire.message, cause);
}
