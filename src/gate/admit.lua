-- admit: who may have a seat.
-- ARGV   5 viewer, 6 '' | '=' and a note
-- Reply  now ('continued' | 'reconnected' | 'new') expiresAt
--        now 'rotated' expiresAt (the session rotated out) (its viewer)
--        now 'blocked' retryAfterMs

local viewer = ARGV[5]

-- include open

local note = ARGV[6]
if #note > 257 then error('argument 6 must be at most 256 bytes') end

-- 1. The session stands.
if stands and note ~= '' and call('HSET', KEYS[3], session .. ':note', note) == 1 then
  -- `info` may be new, and has no TTL then.
  owed = owed - owed % 2 + 1
end
local seen = 'continued'
-- include stand

-- include pool

if #viewer > 64 or not match(viewer, '^[%w_-]+$') then error('argument 5 must be an id') end

-- include prune

local kind, since, keptNote, out, outViewer

-- 2. It is leaving, or another leaving session of its viewer is.
local from = ownLeftAt and session
while leaving and not from do
  local first, last = '[' .. viewer .. ':', '(' .. viewer .. ';'
  local own = call('ZRANGEBYLEX', LEAVERS, first, last, 'LIMIT', '0', '1')[1]
  if not own then break end
  local leftAt, member = match(own, ':(%d+):([^:]+)$')
  local its = call('ZMSCORE', SEATS, member, '!' .. member)
  call('ZREM', LEAVERS, own)
  -- Else its seat went with a key that was lost.
  if its[1] and its[1] + BAND == leftAt + 0 then
    from = member
    if its[2] then writes = { its[2], from } else call('ZREM', SEATS, from) end
  end
end
if from then
  local known = call('HMGET', INFO, from, from .. ':note')
  local facts = known[1] or UNKNOWN
  kind, since, keptNote = 'reconnected', match(facts, '^%d+'), known[2]
  if from == session then
    call('ZREM', LEAVERS, leaver(facts, ownLeftAt, session))
  elseif #writes == 0 then
    call('HDEL', INFO, from, from .. ':note')
  end
end

-- 3. A seat is free.
local occupied = not kind and call('ZCOUNT', SEATS, '-1e15', 'inf')
if not kind and occupied < capacity then kind, since = 'new', nowText end

-- 4. The session seen longest ago has been idle for long enough.
local rotatableIn = math.huge
if not kind and occupied == capacity and rotationIdleMs > 0 and oldest then
  local seenAt = oldestExpiresAt - inactivityMs
  rotatableIn = seenAt + math.max(rotationIdleMs, graceMs) - now
  if scores[3] then
    local coolingSince = (scores[3] + 2 * BAND - ROTATED) / 8
    rotatableIn = math.max(rotatableIn, coolingSince + cooldownMs - now)
  end
  if rotatableIn <= 0 then
    kind, since, out, outViewer = 'rotated', nowText, oldest, viewerOf(factsOf(oldest))
    local rotated = format('%d', 8 * now + ROTATED - 2 * BAND)
    writes = { rotated, out }
    if cooldownMs > 0 then writes[3], writes[4] = rotated, ':' .. outViewer end
  end
end

local reply
if kind then
  local fields = { session, since .. ' ' .. viewer }
  -- Of a session that went there may be a note.
  if note ~= '' or keptNote or went then
    fields[3], fields[4] = session .. ':note', note ~= '' and note or keptNote or ''
  end
  -- `info` may be new, and has no TTL then.
  if renews or owed % 2 == 1 then
    fields[#fields + 1], fields[#fields + 2] = '~', ''
  end
  call('HSET', INFO, unpack(fields))
  touched = 1
  local untilText = format('%d', now + holdMs)
  writes[#writes + 1], writes[#writes + 2] = untilText, session
  if went then writes[#writes + 1], writes[#writes + 2] = format('%d', went), '!' .. session end
  reply = nowText .. ' ' .. kind .. ' ' .. untilText
  if out then reply = reply .. ' ' .. out .. ' ' .. outViewer end
else
  -- 5. Blocked.
  reply = nowText .. ' blocked ' .. format('%d', math.min(
    rotatableIn,
    (oldestExpiresAt or math.huge) - now,
    (firstLeftAt or math.huge) + graceMs - now
  ))
end

-- include commit

return reply
