-- evict: the operator takes a seat away.
-- Reply  { now, 'evicted' | 'unknown' }

local session = id(7)

open(session, 0)
prune()

if expiresAt and expiresAt > now then
  call('ZREM', KEYS[SESSIONS], session)
elseif not comeBack(session) then
  commit()
  return { nowText, 'unknown' }
end
finish({ session, 'evicted', now })
commit()
return { nowText, 'evicted' }
