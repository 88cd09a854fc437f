-- admit: who may have a seat.
-- ARGV   5 viewer, 6 '' | '=' and a note
-- Reply  now ('continued' | 'reconnected' | 'new') expiresAt
--        now 'rotated' expiresAt (the session rotated out) (its viewer)
--        now 'blocked' retryAfterMs

-- include open

local note = ARGV[6] ~= '' and string.sub(ARGV[6], 2)
if note and #note > 256 then error('argument 6 must be at most 256 bytes') end

-- 1. The session stands.
if stands and note then call('HSET', KEYS[4], session .. ':note', note) end
local seen = 'continued'
-- include stand

-- include pool

local viewer = id(id(1) and 5)

local function seat(since, keptNote, kind)
  local fields = { session, since .. ' ' .. viewer }
  if note or keptNote then
    fields[3], fields[4] = session .. ':note', note or keptNote
  end
  -- `info` may be new, and has no TTL then.
  if owed or renews then
    fields[#fields + 1], fields[#fields + 2] = '~', ''
  end
  call('HSET', INFO, unpack(fields))
  local untilText = format('%d', now + holdMs)
  commit(true, untilText, session)
  return nowText .. ' ' .. kind .. ' ' .. untilText
end

local leaving, firstLeftAt, oldest, oldestExpiresAt = prune()

-- 2. It is leaving, or another leaving session of its viewer is.
if leaving then
  local from, own = session, nil
  if not ownLeftAt then
    own = call('ZRANGEBYLEX', LEAVERS, '[' .. viewer .. ':', '(' .. viewer .. ';', 'LIMIT', 0, 1)[1]
    from = own and match(own, '([^:]+)$')
  end
  if from then
    local known = call('HMGET', INFO, from, from .. ':note')
    local since, itsViewer = match(known[1], '^(%d+) (.+)$')
    call('ZREM', LEAVERS, own or leaver(itsViewer, ownLeftAt, from))
    if from ~= session then
      call('ZREM', SEATS, from)
      call('HDEL', INFO, from, from .. ':note')
    end
    return seat(since, known[2], 'reconnected')
  end
end

-- 3. A seat is free.
local occupied = max(0, call('ZCARD', SEATS) - 1)
if occupied < capacity then return seat(nowText, nil, 'new') end

-- 4. The session seen longest ago has been idle for long enough.
local rotatableIn = math.huge
if occupied == capacity and rotationIdleMs > 0 and oldest then
  local seenAt = oldestExpiresAt - inactivityMs
  rotatableIn = seenAt + max(rotationIdleMs, graceMs) - now
  local coolingSince = pastOf(':' .. viewer)
  if coolingSince then
    rotatableIn = max(rotatableIn, coolingSince + cooldownMs - now)
  end
end
if rotatableIn <= 0 then
  local outViewer = viewerOf(oldest)
  call('ZREM', SEATS, oldest)
  finish({ oldest, 'rotated', now }, outViewer)
  return seat(nowText, nil, 'rotated') .. ' ' .. oldest .. ' ' .. outViewer
end

-- 5. Blocked.
commit(false)
return nowText .. ' blocked ' .. format('%d', min(
  rotatableIn,
  (oldestExpiresAt or math.huge) - now,
  (firstLeftAt or math.huge) + graceMs - now
))
