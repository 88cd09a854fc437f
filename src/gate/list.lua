-- list: who holds the seats; only how many where there are more than asked for.
-- ARGV   5 the most seats that are listed | ''
-- Reply  { 'now occupied', { id, expiresAt, … }, { id, leftAt, … }, { facts, note, … } of both in turn }

local viewer = ''

-- include open
-- include pool

local most = ARGV[5] == '' and math.huge or tonumber(match(ARGV[5] or '', '^%d+$') or nil)
if not most then error('argument 5 must be a whole number') end

-- include prune
-- include commit

local occupied = call('ZCOUNT', SEATS, '-1e15', 'inf')
local total = nowText .. ' ' .. format('%d', occupied)
if occupied > most then return { total, {}, {}, {} } end

local standing = call('ZRANGEBYSCORE', SEATS, '0', 'inf', 'WITHSCORES')
local left = call('ZRANGEBYSCORE', SEATS, '-1e15', '(0', 'WITHSCORES')
for index = 2, #left, 2 do left[index] = format('%d', left[index] + BAND) end

local fields, info = {}, {}
for _, seats in ipairs({ standing, left }) do
  for index = 1, #seats, 2 do
    fields[#fields + 1] = seats[index]
    fields[#fields + 1] = seats[index] .. ':note'
  end
end
for from = 1, #fields, CHUNK do
  local known = call('HMGET', INFO, unpack(fields, from, math.min(from + CHUNK - 1, #fields)))
  for index, value in ipairs(known) do
    info[#info + 1] = value or index % 2 == 1 and UNKNOWN or ''
  end
end
return { total, standing, left, info }
