/**
 * Groups inside of oneofs (protobuf.dev/programming-guides/proto2, "Groups"), which protobufjs cannot parse: for the parser the oneof
 * ends before the group and goes on after it, then its parts are put together. Lines stay where they are.
 */
import protobuf from 'protobufjs';

/** Stands in the name of a oneof's later part, between the oneof and the group that comes before the part. */
const GOES_ON = '_goes_on_after_group_';

type Frame = { oneof?: string; group?: { oneof: string; name: string }; isGroup?: boolean };

/** Follows the braces of a .proto, and says what is to stand around a word so that no group is in a oneof. */
export function createGroupMover(): {
  around: (word: string, isStart: boolean, next: string) => { before: string; after: string };
  /** Whether the head of a group is being read: `group Name = 1`. */
  isHead: () => boolean;
} {
  const frames: Frame[] = [];
  let pending: Frame = {};
  return {
    isHead: () => pending.isGroup === true,
    around: (word, isStart, next) => {
      const oneof = frames.at(-1)?.oneof;
      if (word === '{') {
        frames.push(pending);
        pending = {};
      } else if (word === '}') {
        const group = frames.pop()?.group;
        pending = {};
        if (group) return { before: '', after: ` oneof ${group.oneof}${GOES_ON}${group.name} {` };
      } else if (word === ';') pending = {};
      else if (isStart && word === 'oneof') pending = { oneof: next };
      else if (isStart && word === 'group' && oneof !== undefined) {
        pending = { isGroup: true, group: { oneof, name: next } };
        return { before: '} optional ', after: '' };
      } else if (word === 'group' && /^[A-Z]/.test(next)) pending = { isGroup: true };
      return { before: '', after: '' };
    },
  };
}

/** Puts the parts of oneofs together, with the groups between them. Changes the messages in place. */
export function joinOneofs(root: protobuf.Root): void {
  const queue: protobuf.ReflectionObject[] = [root];
  for (let object = queue.pop(); object !== undefined; object = queue.pop()) {
    if (object instanceof protobuf.Type) joinIn(object);
    if (object instanceof protobuf.Namespace) queue.push(...object.nestedArray);
  }
}

function joinIn(type: protobuf.Type): void {
  // The order of the text: each part comes after what goes before it.
  for (const part of [...type.oneofsArray]) {
    const at = part.name.indexOf(GOES_ON);
    const whole = at < 0 ? undefined : type.oneofs[part.name.slice(0, at)];
    const group = type.fields[protobuf.util.lcFirst(part.name.slice(at + GOES_ON.length))];
    if (!whole || !group) continue;
    const rest = [...part.fieldsArray];
    for (const field of rest) part.remove(field);
    type.remove(part);
    for (const field of [group, ...rest]) whole.add(field);
  }
}
