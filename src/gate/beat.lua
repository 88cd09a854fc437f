-- beat: a session shows that it is still there. Never takes a seat.
-- Reply  now 'held' expiresAt
--        now 'gone' ('rotated' | 'evicted' | 'expired' | 'left' | 'unknown')

local viewer = ''

-- include open

local seen = 'held'
-- include stand

-- include pool

local reply
if ownLeftAt then
  call('ZREM', LEAVERS, leaver(factsOf(session), ownLeftAt, session))
  local untilText = format('%d', now + holdMs)
  writes, touched = { untilText, session }, 1
  reply = ' held ' .. untilText
else
  local code = went and went % 8
  local at = went and (went - code + 2 * BAND) / 8
  local reasons = { 'rotated', 'evicted', 'expired', 'left' }
  reply = ' gone ' .. (went and now - at < memoryMs and reasons[code] or 'unknown')
end

-- include commit

return nowText .. reply
