-- list: who holds the seats.
-- Reply  { now, { id, expiresAt, … }, { id, leftAt, … }, { field, value, … } of info }

open('~', 0)
prune()
commit()

return {
  text(now),
  redis.call('ZRANGEBYSCORE', KEYS[SESSIONS], '0', 'inf', 'WITHSCORES'),
  redis.call('ZRANGEBYSCORE', KEYS[LEAVING], '0', 'inf', 'WITHSCORES'),
  redis.call('HGETALL', KEYS[INFO]),
}
