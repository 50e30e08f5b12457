import protobuf from 'protobufjs';

/**
 * Reads messages as protobufjs does, but for text that claims to be longer than its message: theirs gives what there is, and a
 * message that was cut off within a text would be taken for a whole one.
 */
export class StrictReader extends protobuf.BufferReader {
  /** @throws RangeError where the text does not end within its message */
  override string(): string {
    const length = this.uint32();
    const end = this.pos + length;
    if (end > this.len) throw new RangeError(`index out of range: ${this.pos} + ${length} > ${this.len}`);
    const text = (this.buf as Buffer).toString('utf8', this.pos, end);
    this.pos = end;
    return text;
  }
}
