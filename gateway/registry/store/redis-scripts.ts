/**
 * What the store does in Redis in one step each. All keys of a registry share one hash tag, so that they are in one slot of a Cluster:
 *
 * - `revisions`, a hash: `head` (number), `position` (number and hash of the head), `lowest` (number), and for each revision that is
 *   kept its text (`12`) and its source (`s12`). One key, so that it is there whole or not at all.
 * - `blob:<hash>`, a string each.
 * - `refs`, a sorted set: hash → the last revision that refers to it.
 * - `loose`, a sorted set: hash → time since when no kept revision refers to it.
 *
 * A blob is in `refs` or in `loose`, never in both: what can be deleted is found without looking at what is used.
 */

/** Most entries that one step moves or removes: what is left is for the next. */
const STEP = 100;
/** Most blobs that are deleted at a time. */
const DELETED = 20;

const LOOSE_AND_OLD = `
local function looseAndOld(loose, cutoff)
  return redis.call('ZRANGEBYSCORE', loose, '-inf', cutoff, 'LIMIT', 0, ${DELETED})
end`;

/**
 * KEYS: blob, refs, loose. ARGV: hash, bytes, now, cutoff.
 * Answers the hashes of blobs that can be deleted.
 */
export const PUT_BLOB = `${LOOSE_AND_OLD}
redis.call('SET', KEYS[1], ARGV[2])
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1]) end
return looseAndOld(KEYS[3], ARGV[4])`;

/**
 * KEYS: revisions, refs, loose. ARGV: number, position, source, text, kept revisions, now, cutoff, channel, hashes that it refers to.
 * Answers false where the head is another than the one before, else the hashes of blobs that can be deleted.
 */
export const APPEND = `${LOOSE_AND_OLD}
local number = tonumber(ARGV[1])
if tonumber(redis.call('HGET', KEYS[1], 'head') or '0') ~= number - 1 then return false end
redis.call('HSET', KEYS[1], 'head', ARGV[1], 'position', ARGV[2], ARGV[1], ARGV[4], 's' .. ARGV[1], ARGV[3])
for index = 9, #ARGV do
  redis.call('ZADD', KEYS[2], number, ARGV[index])
  redis.call('ZREM', KEYS[3], ARGV[index])
end
local lowest = tonumber(redis.call('HGET', KEYS[1], 'lowest') or '1')
local last = math.min(number - tonumber(ARGV[5]), lowest + ${STEP - 1})
for gone = lowest, last do redis.call('HDEL', KEYS[1], string.format('%d', gone), string.format('s%d', gone)) end
if last >= lowest then lowest = last + 1 end
redis.call('HSET', KEYS[1], 'lowest', string.format('%d', lowest))
for _, hash in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. string.format('%d', lowest), 'LIMIT', 0, ${STEP})) do
  redis.call('ZREM', KEYS[2], hash)
  redis.call('ZADD', KEYS[3], ARGV[6], hash)
end
redis.call('PUBLISH', ARGV[8], ARGV[1])
return looseAndOld(KEYS[3], ARGV[7])`;

/**
 * KEYS: loose, blobs. ARGV: cutoff, the hashes of the blobs in the same order.
 * Deletes those that nobody put or referred to meanwhile.
 */
export const DELETE_BLOBS = `
for index = 2, #ARGV do
  local since = redis.call('ZSCORE', KEYS[1], ARGV[index])
  if since and tonumber(since) <= tonumber(ARGV[1]) then
    redis.call('UNLINK', KEYS[index])
    redis.call('ZREM', KEYS[1], ARGV[index])
  end
end
return 1`;
