-- list: who holds the seats; only how many where there are more than asked for.
-- ARGV   8 the most seats that are listed | ''
-- Reply  { now, occupied, { id, expiresAt, … }, { id, leftAt, … }, { field, value, … } of info }

local most = ARGV[8] ~= '' and whole(8, 0) or math.huge

open('~', 0)
local oldest, _, leaving = prune()
commit()

local occupied = (oldest and call('ZCOUNT', KEYS[SESSIONS], '0', 'inf') or 0)
  + (leaving and call('ZCOUNT', KEYS[LEAVING], '0', 'inf') or 0)
if occupied > most then return { nowText, text(occupied), {}, {}, {} } end

return {
  nowText,
  text(occupied),
  call('ZRANGEBYSCORE', KEYS[SESSIONS], '0', 'inf', 'WITHSCORES'),
  call('ZRANGEBYSCORE', KEYS[LEAVING], '0', 'inf', 'WITHSCORES'),
  call('HGETALL', KEYS[INFO]),
}
