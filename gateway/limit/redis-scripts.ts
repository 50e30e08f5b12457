/**
 * The decisions of `gcra.ts` and the leases, as Redis runs them: each script is one atomic step over all of its keys. Time is the
 * server's own, so that replicas of the gateway need not agree on it; tests give another. Numbers travel as text: Redis would cut them
 * to integers.
 */

const CLOCK = `
local now
if ARGV[1] == '' then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
else
  now = tonumber(ARGV[1])
end
local function text(number) return string.format('%.4f', number) end
local function keep(key, arrival)
  redis.call('SET', key, text(arrival), 'PX', math.max(1, math.ceil(arrival - now)))
end
`;

/** KEYS: one for each. ARGV: now, then for each: kind, points or max, emissionMs or leaseMs, depthMs or id, shadow. Gives fits and used of each. */
export const TAKE = `${CLOCK}
local fits, used, after, refused = {}, {}, {}, false
for i = 1, #KEYS do
  local at = 2 + (i - 1) * 5
  local kind, a, b, c, shadow = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), ARGV[at + 3], ARGV[at + 4]
  if kind == 'points' then
    local depth = tonumber(c)
    local from = math.max(tonumber(redis.call('GET', KEYS[i]) or now) or now, now)
    after[i] = from + a * b
    used[i] = from - now
    if a > 0 then fits[i] = after[i] - now <= depth + 0.001 else fits[i] = used[i] < depth end
  else
    redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', text(now))
    used[i] = redis.call('ZCARD', KEYS[i])
    fits[i] = used[i] < a
  end
  if not fits[i] and shadow ~= '1' then refused = true end
end
local answer = {}
for i = 1, #KEYS do
  local at = 2 + (i - 1) * 5
  if fits[i] and not refused then
    local a, b = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    if ARGV[at] == 'points' then
      if a > 0 then keep(KEYS[i], after[i]) end
      used[i] = after[i] - now
    else
      redis.call('ZADD', KEYS[i], text(now + b), ARGV[at + 3])
      redis.call('PEXPIRE', KEYS[i], math.max(1, math.ceil(b)))
      used[i] = used[i] + 1
    end
  end
  answer[2 * i - 1] = fits[i] and '1' or '0'
  answer[2 * i] = text(used[i])
end
return answer
`;

/** KEYS: one for each. ARGV: now, then for each: points, emissionMs. */
export const SETTLE = `${CLOCK}
for i = 1, #KEYS do
  local from = math.max(tonumber(redis.call('GET', KEYS[i]) or now) or now, now)
  local arrival = from + tonumber(ARGV[2 * i]) * tonumber(ARGV[2 * i + 1])
  if arrival > now then keep(KEYS[i], arrival) else redis.call('DEL', KEYS[i]) end
end
return 0
`;

/** KEYS: one for each. ARGV: now, then for each: id, leaseMs. */
export const RENEW = `${CLOCK}
for i = 1, #KEYS do
  local lease = tonumber(ARGV[2 * i + 1])
  redis.call('ZADD', KEYS[i], text(now + lease), ARGV[2 * i])
  redis.call('PEXPIRE', KEYS[i], math.max(redis.call('PTTL', KEYS[i]), math.ceil(lease)))
end
return 0
`;
