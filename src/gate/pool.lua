-- What the scripts of the gate go on with where the session that asks does not stand: the pool's
-- settings, its pruning, its seats. Twin of policy.ts and pool.ts.
--
-- ARGV  4 capacity inactivityMs rotationIdleMs graceMs cooldownMs memoryMs, each a whole number;
--         rotationIdleMs is 0 where rotation is off

local REASONS = { 'rotated', 'evicted', 'expired', 'left' }
local CODES = { rotated = 1, evicted = 2, expired = 3, left = 4 }
-- unpack() fails at about 8000 elements.
local CHUNK = 1000

local SEATS, LEAVERS, PAST, INFO = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local floor, max, min, match = math.floor, math.max, math.min, string.match

local capacity, inactivityMs, rotationIdleMs, graceMs, cooldownMs, memoryMs = match(ARGV[4] or '',
  '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
if not capacity or min(capacity, inactivityMs, memoryMs) < 1
  or max(capacity, inactivityMs, rotationIdleMs, graceMs, cooldownMs, memoryMs) > 2 ^ 46 then
  error('argument 4 must be the settings of a pool')
end
capacity, inactivityMs, rotationIdleMs = capacity + 0, inactivityMs + 0, rotationIdleMs + 0
graceMs, cooldownMs, memoryMs = graceMs + 0, cooldownMs + 0, memoryMs + 0

local function id(index)
  local value = ARGV[index] or ''
  if #value > 64 or not match(value, '^[A-Za-z0-9_-]+$') then
    error('argument ' .. index .. ' must be an id')
  end
  return value
end

-- Writes `seats`: the time, and more scores and members. `seated` where a seat is held from now on.
local function commit(seated, ...)
  local renewsInfo = seated and (owed or longer or renews and now - latest > spanMs / 2)
  local still = (owed or renews) and not renewsInfo and 1 or 0
  call('ZADD', SEATS, format('%d', -64 * now - 2 * span - still), '~now', ...)
  if renews then call('PEXPIRE', SEATS, format('%d', 2 * spanMs)) end
  if renewsInfo then call('PEXPIRE', INFO, format('%d', 2 * spanMs)) end
end

local function each(command, key, list)
  for from = 1, #list, CHUNK do
    call(command, key, unpack(list, from, min(from + CHUNK - 1, #list)))
  end
end

-- Until which second the TTLs of `leavers` and `past` reach: the score of `~` in `past`, below 0.
local rest

-- When and why a session went (its code), or since when a `:viewer` is cooling.
local function pastOf(member)
  local found = call('ZMSCORE', PAST, member, '~')
  rest = found[2] and -found[2] or 0
  if found[1] then return floor(found[1] / 8), found[1] % 8 end
end

-- Adds to `leavers` or `past`, and renews their TTLs where that is due.
local function put(key, list)
  each('ZADD', key, list)
  if not rest then pastOf('~') end
  if rest * 1000 - now >= spanMs then return end
  rest = floor((now + 2 * spanMs) / 1000)
  call('ZADD', LEAVERS, '-1', '~')
  call('ZADD', PAST, format('%d', -rest), '~')
  for _, renewed in ipairs({ LEAVERS, PAST }) do
    call('PEXPIRE', renewed, format('%d', 2 * spanMs))
  end
end

-- The first leaving session and the one that was seen longest ago, each with its time: leaving ones
-- come before what is reserved, and this before those that stand.
local function first()
  local found = call('ZRANGE', SEATS, 0, 1, 'WITHSCORES')
  if found[1] == '~now' or not found[1] then
    return nil, nil, found[3], tonumber(found[4] or nil)
  end
  local oldest = call('ZRANGEBYSCORE', SEATS, '0', 'inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return found[1], found[2] + 2 * BAND, oldest[1], tonumber(oldest[2] or nil)
end

local function viewerOf(member)
  return match(call('HGET', INFO, member), '^%d+ (.+)$')
end

local function leaver(viewer, leftAt, member)
  return format('%s:%016d:%s', viewer, leftAt, member)
end

-- Sessions that end: { id, reason, at, id, reason, at, … }, and a viewer who is cooling from now on.
local function finish(ended, cooling)
  local fields, remembered = {}, {}
  for index = 1, #ended, 3 do
    local member, reason, at = ended[index], ended[index + 1], ended[index + 2]
    fields[#fields + 1] = member
    fields[#fields + 1] = member .. ':note'
    if now - at < memoryMs then
      remembered[#remembered + 1] = format('%d', 8 * at + CODES[reason])
      remembered[#remembered + 1] = member
    end
  end
  if cooling and cooldownMs > 0 then
    remembered[#remembered + 1] = format('%d', 8 * now)
    remembered[#remembered + 1] = ':' .. cooling
  end
  each('HDEL', INFO, fields)
  call('ZREMRANGEBYSCORE', PAST, '0', format('%d', 8 * (now - max(memoryMs, cooldownMs)) + 7))
  if #remembered > 0 then put(PAST, remembered) end
end

-- (b) of the law, and of (a) that a pool may start afresh. Gives what first() gives, as it is then.
local function prune()
  if afresh then call('DEL', unpack(KEYS)) end
  local leaving, leftAt, oldest, oldestExpiresAt = first()
  local expires = oldest and oldestExpiresAt <= now
  local leaves = leaving and now - leftAt >= graceMs
  if not expires and not leaves then return leaving, leftAt, oldest, oldestExpiresAt end
  local ended = {}
  if expires then
    local found = call('ZRANGEBYSCORE', SEATS, '0', nowText, 'WITHSCORES')
    for index = 1, #found, 2 do
      ended[#ended + 1] = found[index]
      ended[#ended + 1] = 'expired'
      ended[#ended + 1] = tonumber(found[index + 1])
    end
    call('ZREMRANGEBYSCORE', SEATS, '0', nowText)
  end
  if leaves then
    local from, to = format('%d', -2 * BAND), format('%d', now - graceMs - 2 * BAND)
    local found, leavers = call('ZRANGEBYSCORE', SEATS, from, to, 'WITHSCORES'), {}
    for index = 1, #found, 2 do
      local member, at = found[index], found[index + 1] + 2 * BAND
      leavers[#leavers + 1] = leaver(viewerOf(member), at, member)
      ended[#ended + 1] = member
      ended[#ended + 1] = 'left'
      ended[#ended + 1] = at + graceMs
    end
    call('ZREMRANGEBYSCORE', SEATS, from, to)
    each('ZREM', LEAVERS, leavers)
  end
  finish(ended)
  return first()
end

-- When the session that asks left, where its seat still waits for it.
local ownLeftAt = score and score < 0 and score + 2 * BAND
ownLeftAt = ownLeftAt and now - ownLeftAt < graceMs and ownLeftAt
