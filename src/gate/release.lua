-- release: a session gives its seat back, if it was not seen again since.
-- ARGV   5 the expiresAt last seen of it, 6 '1' where the seat waits for its viewer, else '0'
-- Reply  now ('leaving' | 'left' | 'ignored')

local viewer = ''

-- include open
-- include pool

local fence, grace = tonumber(match(ARGV[5] or '', '^%d+$') or nil), ARGV[6] == '1'
if not fence then error('argument 5 must be a whole number') end

local reply = ' ignored'
if stands and score == fence and grace then
  local leavers = { '0', leaver(factsOf(session), now, session) }
  -- `leavers` may be new, and has no TTL then.
  if renews or owed >= 2 then leavers[3], leavers[4] = '0', '~' end
  call('ZADD', LEAVERS, unpack(leavers))
  writes, touched = { format('%d', now - BAND), session }, 2
  reply = ' leaving'
elseif stands and score == fence then
  writes = { format('%d', 8 * now + LEFT - 2 * BAND), session }
  reply = ' left'
end

-- include commit

return nowText .. reply
