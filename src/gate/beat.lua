-- beat: a session shows that it is still there. Never takes a seat.
-- ARGV   8 holdMs | ''
-- Reply  { now, 'held', expiresAt }
--        { now, 'gone', 'rotated' | 'evicted' | 'expired' | 'left' | 'unknown' }

local session, holdMs = id(7), hold(8)

open(session, holdMs)

local stands = expiresAt and expiresAt > now
if not stands then
  prune()
  stands = comeBack(session)
end
if stands then
  set(session, now + holdMs)
  commit()
  return { text(now), 'held', text(now + holdMs) }
end

local score = tonumber(redis.call('ZSCORE', KEYS[GONE], session) or nil)
commit()
if score and now - math.floor(score / 8) < memoryMs then
  return { text(now), 'gone', REASONS[score % 8] }
end
return { text(now), 'gone', 'unknown' }
