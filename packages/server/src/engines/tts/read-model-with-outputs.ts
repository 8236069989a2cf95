import { open } from 'node:fs/promises';

/**
 * Reads an ONNX model with inner values of its graph as further outputs. The model is not rewritten: protobuf merges a
 * repeated message field, so a second `graph` that lists only the new outputs is appended to the bytes.
 * @param names Names of values of type float32.
 */
export async function readModelWithOutputs(path: string, names: readonly string[]): Promise<Uint8Array> {
  const outputs = Buffer.concat(names.map(floatOutput));
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const model = new Uint8Array(size + outputs.length);
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(model, at, size - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    model.set(outputs, size);
    return model;
  } finally {
    await file.close();
  }
}

const GRAPH = 7;
const GRAPH_OUTPUT = 12;
const ELEMENT_TYPE = 1;
const FLOAT = 1;
const LENGTH_DELIMITED = 2;

function floatOutput(name: string): Buffer {
  const tensorType = field(1, Buffer.from([ELEMENT_TYPE << 3, FLOAT]));
  const valueInfo = Buffer.concat([field(1, Buffer.from(name)), field(2, tensorType)]);
  return field(GRAPH, field(GRAPH_OUTPUT, valueInfo));
}

function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint((number << 3) | LENGTH_DELIMITED), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}
