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
  local untilText = text(now + holdMs)
  set(session, untilText)
  commit()
  return { nowText, 'held', untilText }
end

local score = tonumber(call('ZSCORE', KEYS[GONE], session) or nil)
commit()
if score and now - math.floor(score / 8) < memoryMs then
  return { nowText, 'gone', REASONS[score % 8] }
end
return { nowText, 'gone', 'unknown' }
