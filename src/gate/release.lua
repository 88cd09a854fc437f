-- release: a session gives its seat back, if it was not seen again since.
-- ARGV   5 the expiresAt last seen of it, 6 '1' where the seat waits for its viewer, else '0'
-- Reply  now ('leaving' | 'left' | 'ignored')

-- include open
-- include pool

local fence, grace = tonumber(id(1) and match(ARGV[5] or '', '^%d+$') or nil), ARGV[6] == '1'
if not fence then error('argument 5 must be a whole number') end

prune()

if not stands or score ~= fence then
  commit(false)
  return nowText .. ' ignored'
end

if grace then
  put(LEAVERS, { '-1', leaver(viewerOf(session), now, session) })
  commit(true, format('%d', now - 2 * BAND), session)
  return nowText .. ' leaving'
end

call('ZREM', SEATS, session)
finish({ session, 'left', now })
commit(false)
return nowText .. ' left'
