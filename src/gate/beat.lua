-- beat: a session shows that it is still there. Never takes a seat.
-- Reply  now 'held' expiresAt
--        now 'gone' ('rotated' | 'evicted' | 'expired' | 'left' | 'unknown')

-- include open

local seen = 'held'
-- include stand

-- include pool

id(1)
prune()

if ownLeftAt then
  call('ZREM', LEAVERS, leaver(viewerOf(session), ownLeftAt, session))
  local untilText = format('%d', now + holdMs)
  commit(true, untilText, session)
  return nowText .. ' held ' .. untilText
end

local at, code = pastOf(session)
commit(false)
return nowText .. ' gone ' .. (at and now - at < memoryMs and REASONS[code] or 'unknown')
