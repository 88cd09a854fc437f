-- evict: the operator takes a seat away.
-- Reply  now ('evicted' | 'unknown')

-- include open
-- include pool

id(1)
prune()

if not stands and not ownLeftAt then
  commit(false)
  return nowText .. ' unknown'
end

if ownLeftAt then call('ZREM', LEAVERS, leaver(viewerOf(session), ownLeftAt, session)) end
call('ZREM', SEATS, session)
finish({ session, 'evicted', now })
commit(false)
return nowText .. ' evicted'
