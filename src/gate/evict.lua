-- evict: the operator takes a seat away.
-- Reply  { now, 'evicted' | 'unknown' }

local session = id(7)

open(session, 0)
prune()

if expiresAt and expiresAt > now then
  redis.call('ZREM', KEYS[SESSIONS], session)
elseif not comeBack(session) then
  commit()
  return { text(now), 'unknown' }
end
finish({ session, 'evicted', now })
commit()
return { text(now), 'evicted' }
