-- release: a session gives its seat back, if it was not seen again since.
-- ARGV   8 the expiresAt last seen of it, 9 '1' where the seat waits for its viewer, else '0'
-- Reply  { now, 'leaving' | 'left' | 'ignored' }

local session, fence, grace = id(7), whole(8, 0), ARGV[9] == '1'

open(session, 0)
prune()

if not (expiresAt and expiresAt > now and expiresAt == fence) then
  commit()
  return { nowText, 'ignored' }
end

call('ZREM', KEYS[SESSIONS], session)
if grace then
  put('ZADD', LEAVING, { nowText, session })
  put('ZADD', LEAVERS, { '-1', leaver(viewerOf(session), now, session) })
else
  finish({ session, 'left', now })
end
commit()
return { nowText, grace and 'leaving' or 'left' }
