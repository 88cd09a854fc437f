-- (b) of the law, and then who is first: the leaving session that left first and the one that was seen
-- longest ago, each with its time.

-- unpack() fails at about 8000 elements.
local CHUNK = 1000

local function each(command, key, list)
  for from = 1, #list, CHUNK do
    call(command, key, unpack(list, from, math.min(from + CHUNK - 1, #list)))
  end
end

local leaving, firstLeftAt, oldest, oldestExpiresAt
repeat
  local found = call('ZRANGEBYSCORE', SEATS, '-1e15', 'inf', 'WITHSCORES', 'LIMIT', '0', '1')
  leaving, firstLeftAt, oldest, oldestExpiresAt = nil, nil, found[1], tonumber(found[2] or nil)
  if oldest and oldestExpiresAt < 0 then
    leaving, firstLeftAt = oldest, oldestExpiresAt + BAND
    found = call('ZRANGEBYSCORE', SEATS, '0', 'inf', 'WITHSCORES', 'LIMIT', '0', '1')
    oldest, oldestExpiresAt = found[1], tonumber(found[2] or nil)
  end
  local expires = oldest and oldestExpiresAt <= now
  local leaves = leaving and now - firstLeftAt >= graceMs
  local gone, leavers = {}, {}
  if expires then
    found = call('ZRANGEBYSCORE', SEATS, '0', nowText, 'WITHSCORES')
    for index = 1, #found, 2 do
      gone[#gone + 1] = format('%d', 8 * found[index + 1] + EXPIRED - 2 * BAND)
      gone[#gone + 1] = found[index]
    end
  end
  if leaves then
    local to = format('%d', now - graceMs - BAND)
    found = call('ZRANGEBYSCORE', SEATS, '-1e15', to, 'WITHSCORES')
    for index = 1, #found, 2 do
      local member, leftAt = found[index], found[index + 1] + BAND
      gone[#gone + 1] = format('%d', 8 * (leftAt + graceMs) + LEFT - 2 * BAND)
      gone[#gone + 1] = member
      leavers[#leavers + 1] = leaver(factsOf(member), leftAt, member)
    end
  end
  each('ZADD', SEATS, gone)
  each('ZREM', LEAVERS, leavers)
until not expires and not leaves

-- Who is to be forgotten is dropped by one operation of sixteen.
if micros % 16 == 0 then
  local to = format('%d', 8 * (now - math.max(memoryMs, cooldownMs)) + 7 - 2 * BAND)
  local forgotten, fields = call('ZRANGEBYSCORE', SEATS, '-2e15', to), {}
  for _, member in ipairs(forgotten) do
    fields[#fields + 1] = member
    fields[#fields + 1] = member .. ':note'
  end
  each('HDEL', INFO, fields)
  each('ZREM', SEATS, forgotten)
end
