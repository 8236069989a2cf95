/**
 * Makes inner values of an ONNX model graph outputs, without rewriting it: protobuf merges a repeated message field, so
 * a second `graph` that lists only the new outputs is appended to the bytes.
 * @param names Names of values of type float32.
 */
export function addFloatOutputs(model: Uint8Array, names: readonly string[]): Uint8Array {
  const outputs = names.map((name) => {
    const tensorType = field(1, Buffer.from([ELEMENT_TYPE << 3, FLOAT]));
    const valueInfo = Buffer.concat([field(1, Buffer.from(name)), field(2, tensorType)]);
    return field(GRAPH, field(GRAPH_OUTPUT, valueInfo));
  });
  return Buffer.concat([model, ...outputs]);
}

const GRAPH = 7;
const GRAPH_OUTPUT = 12;
const ELEMENT_TYPE = 1;
const FLOAT = 1;
const LENGTH_DELIMITED = 2;

function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint((number << 3) | LENGTH_DELIMITED), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}
