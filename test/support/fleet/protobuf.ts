/** Just enough of the protobuf wire format to ask istiod a question and to read the few fields of its answer that tests look at. */

const LENGTH_DELIMITED = 2;

/** One field whose value is text or a message of its own. */
export function field(number: number, value: string | Buffer): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
  return Buffer.concat([varint(number * 8 + LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

/** google.protobuf.Struct of strings and nested objects. */
export function struct(value: StructValue): Buffer {
  return Buffer.concat(
    Object.entries(value).map(([key, entry]) => {
      const encoded = typeof entry === "string" ? field(3, entry) : field(5, struct(entry));
      return field(1, Buffer.concat([field(1, key), field(2, encoded)]));
    }),
  );
}

export type StructValue = { readonly [key: string]: string | StructValue };

/** The values of one length-delimited field of a message, in order. */
export function valuesOf(message: Buffer, wanted: number): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let position = 0; position < message.length;) {
    const tag = readVarint(message, position);
    position = tag.next;
    const number = Math.floor(tag.value / 8);
    switch (tag.value % 8) {
      case 0:
        position = readVarint(message, position).next;
        break;
      case 1:
        position += 8;
        break;
      case LENGTH_DELIMITED: {
        const length = readVarint(message, position);
        const end = length.next + length.value;
        if (number === wanted) found.push(message.subarray(length.next, end));
        position = end;
        break;
      }
      case 5:
        position += 4;
        break;
      default:
        throw new Error(`wire type ${tag.value % 8} is not known`);
    }
  }
  return found;
}

export function textsOf(message: Buffer, wanted: number): readonly string[] {
  return valuesOf(message, wanted).map((bytes) => bytes.toString("utf8"));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  while (left >= 128) {
    bytes.push((left % 128) + 128);
    left = Math.floor(left / 128);
  }
  bytes.push(left);
  return Buffer.from(bytes);
}

/** Values over 2^53 lose digits; only lengths and tags are looked at. */
function readVarint(bytes: Buffer, start: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let factor = 1;
  for (let position = start; position < bytes.length; position += 1) {
    const byte = bytes[position] ?? 0;
    value += (byte % 128) * factor;
    factor *= 128;
    if (byte < 128) return { value, next: position + 1 };
  }
  throw new Error("the message ends in the middle of a number");
}
