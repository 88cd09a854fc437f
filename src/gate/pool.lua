-- What the scripts of the gate go on with where the session that asks does not stand: the pool's
-- settings, and how else that session is known.
--
-- ARGV  4 capacity inactivityMs rotationIdleMs graceMs cooldownMs memoryMs, each a whole number;
--         rotationIdleMs is 0 where rotation is off

local ROTATED, EVICTED, EXPIRED, LEFT = 1, 2, 3, 4
-- Since when and whose a session is, where `info` was lost.
local UNKNOWN = '0 -'
local SEATS, LEAVERS, INFO = KEYS[1], KEYS[2], KEYS[3]
local match = string.match

local capacity, inactivityMs, rotationIdleMs, graceMs, cooldownMs, memoryMs = match(ARGV[4] or '',
  '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
if not capacity then error('argument 4 must be the settings of a pool') end
capacity, inactivityMs, rotationIdleMs = capacity + 0, inactivityMs + 0, rotationIdleMs + 0
graceMs, cooldownMs, memoryMs = graceMs + 0, cooldownMs + 0, memoryMs + 0
if capacity < 1 or capacity > 2 ^ 46 or inactivityMs < 1 or inactivityMs > 2 ^ 46
  or memoryMs < 1 or memoryMs > 2 ^ 46 or rotationIdleMs > 2 ^ 46 or graceMs > 2 ^ 46
  or cooldownMs > 2 ^ 46 then
  error('argument 4 must be the settings of a pool')
end
if #session > 64 or not match(session, '^[%w_-]+$') then error('argument 1 must be an id') end

-- When the session left, where its seat still waits for it; else when and why it went, as in `seats`.
local ownLeftAt, went
if score and not stands then
  if score >= 0 then
    went = 8 * score + EXPIRED - 2 * BAND
  elseif score < -BAND then
    went = score
  elseif now - score - BAND < graceMs then
    ownLeftAt = score + BAND
  else
    went = 8 * (score + BAND + graceMs) + LEFT - 2 * BAND
  end
end

local function factsOf(member)
  return call('HGET', INFO, member) or UNKNOWN
end

local function viewerOf(facts)
  return string.sub(facts, string.find(facts, ' ', 1, true) + 1)
end

local function leaver(facts, leftAt, member)
  return format('%s:%016d:%s', viewerOf(facts), leftAt, member)
end

if afresh then call('DEL', SEATS, LEAVERS, INFO) end

-- What commit.lua writes.
local writes, touched = {}, 0
