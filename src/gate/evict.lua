-- evict: the operator takes a seat away.
-- Reply  now ('evicted' | 'unknown')

local viewer = ''

-- include open
-- include pool

local reply = ' unknown'
if stands or ownLeftAt then
  if ownLeftAt then call('ZREM', LEAVERS, leaver(factsOf(session), ownLeftAt, session)) end
  writes = { format('%d', 8 * now + EVICTED - 2 * BAND), session }
  reply = ' evicted'
end

-- include commit

return nowText .. reply
