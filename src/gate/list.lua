-- list: who holds the seats; only how many where there are more than asked for.
-- ARGV   5 the most seats that are listed | ''
-- Reply  { 'now occupied', { id, expiresAt, … }, { id, leftAt, … }, { field, value, … } of info }

-- include open
-- include pool

local most = ARGV[5] == '' and math.huge or tonumber(match(ARGV[5] or '', '^%d+$') or nil)
if not most then error('argument 5 must be a whole number') end

prune()
commit(false)

local occupied = call('ZCARD', SEATS) - 1
local total = nowText .. ' ' .. format('%d', occupied)
if occupied > most then return { total, {}, {}, {} } end

local from, to = format('%d', -2 * BAND), format('(%d', -BAND)
local leaving = call('ZRANGEBYSCORE', SEATS, from, to, 'WITHSCORES')
for index = 2, #leaving, 2 do leaving[index] = format('%d', leaving[index] + 2 * BAND) end

return {
  total,
  call('ZRANGEBYSCORE', SEATS, '0', 'inf', 'WITHSCORES'),
  leaving,
  call('HGETALL', INFO),
}
