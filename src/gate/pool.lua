-- What every script of the gate begins with: a pool's keys and settings, its clock, its pruning.
-- Twin of policy.ts and memory.ts. Times in whole milliseconds, replies as strings.
--
-- KEYS  1 sessions  sorted set: id -> expiresAt; below 0 the reserved members
--       2 leaving   sorted set: id -> leftAt
--       3 leavers   sorted set, all of one score: viewer:leftAt:id
--       4 cooling   sorted set: viewer -> since
--       5 gone      sorted set: id -> 8 * at + code of the reason
--       6 info      hash: id -> "since viewer", id:note -> note
-- ARGV  1 capacity, 2 inactivityMs, 3 rotationIdleMs | 'off', 4 graceMs, 5 cooldownMs,
--       6 memoryMs, 7 session, then each script's own
--
-- Reserved in `sessions`, as negative scores: `~now`, the latest time seen, and `~1` … `~6`,
-- until when the TTL of each key reaches. `~` in the other keys holds them open, so that a key
-- does not lose its TTL with its last member.

local SESSIONS, LEAVING, LEAVERS, COOLING, GONE, INFO = 1, 2, 3, 4, 5, 6
local REASONS = { 'rotated', 'evicted', 'expired', 'left' }
local CODES = { rotated = 1, evicted = 2, expired = 3, left = 4 }
-- unpack() fails at about 8000 elements.
local CHUNK = 1000

local call, floor, format, max = redis.call, math.floor, string.format, math.max

local function whole(index, least)
  local value = tonumber(ARGV[index])
  if not value or value < least or value % 1 ~= 0 or value >= 2 ^ 53 then
    error('argument ' .. index .. ' must be a whole number from ' .. least)
  end
  return value
end

local function id(index)
  local value = ARGV[index] or ''
  if #value > 64 or not string.find(value, '^[A-Za-z0-9_-]+$') then
    error('argument ' .. index .. ' must be an id')
  end
  return value
end

local function text(number)
  return format('%.0f', number)
end

local capacity = whole(1, 1)
local inactivityMs = whole(2, 1)
local rotationIdleMs = ARGV[3] ~= 'off' and whole(3, 1)
local graceMs = whole(4, 0)
local cooldownMs = whole(5, 0)
local memoryMs = whole(6, 1)

local now, nowText, expiresAt, keptUntil, keepMs
-- What goes into `sessions` at the end, in one ZADD.
local writes = {}

-- (a) of the law: the time of this operation. `session` is read with it, in the same call.
local function open(session, holdMs)
  local seconds, micros = unpack(redis.call('TIME'))
  now = seconds * 1000 + floor(micros / 1000)
  local scores = call('ZMSCORE', KEYS[SESSIONS], '~now', '~1', '~2', '~3', '~4', '~5', '~6',
    session)
  local latest = scores[1] and -scores[1]
  if latest and latest - now > inactivityMs then
    call('DEL', unpack(KEYS))
    scores = {}
  elseif latest and latest > now then
    now = latest
  end
  keptUntil = {}
  for key = SESSIONS, INFO do
    keptUntil[key] = scores[key + 1] and -scores[key + 1] or 0
  end
  expiresAt = scores[8] and tonumber(scores[8])
  -- Longer than twice every setting, so that no verdict depends on a TTL.
  keepMs = 2 * max(inactivityMs, rotationIdleMs or 0, graceMs, cooldownMs, memoryMs, holdMs)
    + 60000
  nowText = text(now)
  writes = { '-' .. nowText, '~now' }
end

local function hold(index)
  if not rotationIdleMs and ARGV[index] ~= '' then return whole(index, 1) end
  return inactivityMs
end

local function due(key)
  return keptUntil[key] - now < keepMs
end

local function mark(key)
  keptUntil[key] = now + 2 * keepMs
  writes[#writes + 1] = text(-keptUntil[key])
  writes[#writes + 1] = '~' .. key
end

local function each(command, key, list)
  for from = 1, #list, CHUNK do
    call(command, KEYS[key], unpack(list, from, math.min(from + CHUNK - 1, #list)))
  end
end

-- Adds to a key other than `sessions`, and renews its TTL where that is due.
local function put(command, key, list)
  if #list == 0 then return end
  local renew = due(key)
  if renew then
    list[#list + 1] = command == 'HSET' and '~' or '-1'
    list[#list + 1] = command == 'HSET' and '' or '~'
  end
  each(command, key, list)
  if renew then
    call('PEXPIRE', KEYS[key], text(2 * keepMs))
    mark(key)
  end
end

-- Writes `sessions`. Of the two keys that a held seat needs one is renewed at a time, unless a
-- setting was lengthened so much that `info` might end before its seats.
local function commit()
  local renew = due(SESSIONS)
  local short = keptUntil[INFO] - now < keepMs / 2
  if keptUntil[INFO] > 0 and (short or not renew and due(INFO)) then
    if call('PEXPIRE', KEYS[INFO], text(2 * keepMs)) == 1 then mark(INFO) end
  end
  if renew then mark(SESSIONS) end
  call('ZADD', KEYS[SESSIONS], unpack(writes))
  if renew then call('PEXPIRE', KEYS[SESSIONS], text(2 * keepMs)) end
end

local function set(member, scoreText)
  writes[#writes + 1] = scoreText
  writes[#writes + 1] = member
end

local function first(key)
  local found = call('ZRANGEBYSCORE', KEYS[key], '0', 'inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return found[1], tonumber(found[2])
end

local function viewerOf(member)
  return string.match(call('HGET', KEYS[INFO], member), '^%d+ (.+)$')
end

local function leaver(viewer, leftAt, member)
  return string.format('%s:%016.0f:%s', viewer, leftAt, member)
end

-- Sessions that end: { id, reason, at, id, reason, at, … }
local function finish(ended)
  local fields, scored = {}, {}
  for index = 1, #ended, 3 do
    local member, reason, at = ended[index], ended[index + 1], ended[index + 2]
    fields[#fields + 1] = member
    fields[#fields + 1] = member .. ':note'
    if now - at < memoryMs then
      scored[#scored + 1] = text(8 * at + CODES[reason])
      scored[#scored + 1] = member
    end
  end
  each('HDEL', INFO, fields)
  call('ZREMRANGEBYSCORE', KEYS[GONE], '0', text(8 * (now - memoryMs) + 7))
  put('ZADD', GONE, scored)
end

-- (b) of the law. Gives the session that was seen longest ago and the first leaving one.
local function prune()
  local ended = {}
  local oldest, oldestExpiresAt = first(SESSIONS)
  if oldest and oldestExpiresAt <= now then
    local found = call('ZRANGEBYSCORE', KEYS[SESSIONS], '0', nowText, 'WITHSCORES')
    for index = 1, #found, 2 do
      ended[#ended + 1] = found[index]
      ended[#ended + 1] = 'expired'
      ended[#ended + 1] = tonumber(found[index + 1])
    end
    call('ZREMRANGEBYSCORE', KEYS[SESSIONS], '0', nowText)
    oldest, oldestExpiresAt = first(SESSIONS)
  end
  local leaving, leftAt = first(LEAVING)
  if leaving and now - leftAt >= graceMs then
    local found = call('ZRANGEBYSCORE', KEYS[LEAVING], '0', text(now - graceMs), 'WITHSCORES')
    local members = {}
    for index = 1, #found, 2 do
      local at = tonumber(found[index + 1])
      members[#members + 1] = leaver(viewerOf(found[index]), at, found[index])
      ended[#ended + 1] = found[index]
      ended[#ended + 1] = 'left'
      ended[#ended + 1] = at + graceMs
    end
    each('ZREM', LEAVERS, members)
    call('ZREMRANGEBYSCORE', KEYS[LEAVING], '0', text(now - graceMs))
    leaving, leftAt = first(LEAVING)
  end
  if #ended > 0 then finish(ended) end
  return oldest, oldestExpiresAt, leaving, leftAt
end

-- Takes a leaving session out of both its lists; false where it was not leaving.
local function comeBack(member)
  local leftAt = call('ZSCORE', KEYS[LEAVING], member)
  if not leftAt then return false end
  call('ZREM', KEYS[LEAVING], member)
  call('ZREM', KEYS[LEAVERS], leaver(viewerOf(member), tonumber(leftAt), member))
  return true
end
