-- admit: who may have a seat.
-- ARGV   8 viewer, 9 holdMs | '', 10 '1' where a note is given, 11 note
-- Reply  { now, 'continued' | 'reconnected' | 'new', expiresAt }
--        { now, 'rotated', expiresAt, the session rotated out, its viewer }
--        { now, 'blocked', retryAfterMs }

local session, viewer, holdMs = id(7), id(8), hold(9)
local note = ARGV[10] == '1' and ARGV[11]
if note and #note > 256 then error('argument 11 must be at most 256 bytes') end

open(session, holdMs)

local function admitted(kind, ...)
  local untilText = text(now + holdMs)
  set(session, untilText)
  commit()
  return { nowText, kind, untilText, ... }
end

local function seat(since, keptNote)
  local fields = { session, text(since) .. ' ' .. viewer }
  if note or keptNote then
    fields[3], fields[4] = session .. ':note', note or keptNote
  end
  put('HSET', INFO, fields)
end

-- 1. The session stands.
if expiresAt and expiresAt > now then
  if note then put('HSET', INFO, { session .. ':note', note }) end
  return admitted('continued')
end

local oldest, oldestExpiresAt, leaving, firstLeftAt = prune()

-- 2. It is leaving, or another leaving session of its viewer is.
if leaving then
  local from = call('ZSCORE', KEYS[LEAVING], session) and session
  if not from then
    local own = call('ZRANGEBYLEX', KEYS[LEAVERS], '[' .. viewer .. ':', '(' .. viewer .. ';',
      'LIMIT', 0, 1)
    from = own[1] and string.match(own[1], '([^:]+)$')
  end
  if from then
    local since = string.match(call('HGET', KEYS[INFO], from), '^%d+')
    local keptNote = call('HGET', KEYS[INFO], from .. ':note')
    comeBack(from)
    if from ~= session then call('HDEL', KEYS[INFO], from, from .. ':note') end
    seat(tonumber(since), keptNote)
    return admitted('reconnected')
  end
end

-- 3. A seat is free.
local occupied = (oldest and call('ZCOUNT', KEYS[SESSIONS], '0', 'inf') or 0)
  + (leaving and call('ZCOUNT', KEYS[LEAVING], '0', 'inf') or 0)
if occupied < capacity then
  seat(now)
  return admitted('new')
end

-- 4. The session seen longest ago has been idle for long enough.
local rotatableIn = math.huge
if occupied == capacity and rotationIdleMs and oldest then
  local seenAt = oldestExpiresAt - inactivityMs
  rotatableIn = seenAt + math.max(rotationIdleMs, graceMs) - now
  local coolingSince = call('ZSCORE', KEYS[COOLING], viewer)
  if coolingSince then
    rotatableIn = math.max(rotatableIn, coolingSince + cooldownMs - now)
  end
end
if rotatableIn <= 0 then
  local outViewer = viewerOf(oldest)
  call('ZREM', KEYS[SESSIONS], oldest)
  finish({ oldest, 'rotated', now })
  call('ZREMRANGEBYSCORE', KEYS[COOLING], '0', text(now - cooldownMs))
  if cooldownMs > 0 then put('ZADD', COOLING, { nowText, outViewer }) end
  seat(now)
  return admitted('rotated', oldest, outViewer)
end

-- 5. Blocked.
commit()
return { nowText, 'blocked', text(math.min(
  rotatableIn,
  (oldestExpiresAt or math.huge) - now,
  (firstLeftAt or math.huge) + graceMs - now
)) }
