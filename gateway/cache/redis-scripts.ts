/**
 * What the store does on Redis, one atomic step each. All keys of one script are in one slot of a Cluster: they share what stands in
 * braces. Everything written has an end.
 */

/** KEYS: the answer. ARGV: what stands before names that were dropped. → text, names, its time, how long it is fresh, what is left of its time, in ms; or nothing */
export const GET = `
local kept = redis.call('HMGET', KEYS[1], 'stamp', 'tags', 'text', 'ttl', 'fresh')
if not kept[3] then return false end
local stamp = tonumber(kept[1])
local names = {}
for tag in string.gmatch(kept[2], '%S+') do names[#names + 1] = ARGV[1] .. tag end
for first = 1, #names, 1000 do
  local marks = redis.call('MGET', unpack(names, first, math.min(first + 999, #names)))
  for index = 1, #marks do
    if marks[index] and tonumber(marks[index]) > stamp then
      redis.call('DEL', KEYS[1])
      return false
    end
  end
end
return { kept[3], kept[2], kept[4], kept[5], redis.call('PTTL', KEYS[1]) }
`;

/** The next number of a clock that never goes back, also when the server's own is set back or its key was lost. */
const TICK = `
local function tick(key, ttl)
  local time = redis.call('TIME')
  local number = time[1] * 1000000 + time[2]
  local last = tonumber(redis.call('GET', key) or '0')
  if number <= last then number = last + 1 end
  local text = string.format('%.0f', number)
  redis.call('SET', key, text, 'PX', ttl)
  return text
end
`;

/** KEYS: clock, lock. ARGV: holder, its time, the clock's time, in ms. → stamp, holder */
export const BEGIN = `${TICK}
local stamp = tick(KEYS[1], ARGV[3])
local held = redis.call('GET', KEYS[2])
if held and held ~= ARGV[1] then return { stamp, held } end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return { stamp, ARGV[1] }
`;

/** KEYS: lock. ARGV: holder. */
export const END = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/** KEYS: the answer. ARGV: stamp, names, text, its time and how long it is fresh in ms, what stands before names that were dropped. → whether it is kept */
export const SET = `
local stamp = tonumber(ARGV[1])
local names = {}
for tag in string.gmatch(ARGV[2], '%S+') do names[#names + 1] = ARGV[6] .. tag end
for first = 1, #names, 1000 do
  local marks = redis.call('MGET', unpack(names, first, math.min(first + 999, #names)))
  for index = 1, #marks do
    if marks[index] and tonumber(marks[index]) > stamp then return 0 end
  end
end
local before = redis.call('HGET', KEYS[1], 'stamp')
if before and tonumber(before) > stamp then return 0 end
redis.call('HSET', KEYS[1], 'stamp', ARGV[1], 'tags', ARGV[2], 'text', ARGV[3], 'ttl', ARGV[4], 'fresh', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`;

/** KEYS: clock. ARGV: time of clock and names in ms, what stands before names, the names. */
export const DROP = `${TICK}
local stamp = tick(KEYS[1], ARGV[1])
for index = 3, #ARGV do redis.call('SET', ARGV[2] .. ARGV[index], stamp, 'PX', ARGV[1]) end
return 1
`;
