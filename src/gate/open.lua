-- What every script of the gate begins with: a pool's clock, and how the session that asks stands.
-- Kept short, for a session that stands needs no more. Times in whole milliseconds. A reply is one line
-- of words, which is read and written faster than a list.
--
-- KEYS  1 seats    sorted set, three bands of scores:
--                  from 0         standing sessions: expiresAt
--                  from -BAND     what is reserved
--                  from -2 BAND   leaving sessions: leftAt - 2 BAND
--       2 leavers  sorted set, all of score -1: viewer:leftAt:id
--       3 past     sorted set: id -> 8 at + code of the reason; :viewer -> 8 since, of cooling ones
--       4 info     hash: id -> "since viewer", id:note -> note
-- ARGV  1 session, 2 holdMs, 3 span, 4 the pool's settings (see pool.lua), then each script's own
--
-- A span is 2^span minutes, longer than twice every setting: the first operation in each renews the
-- TTLs to two spans, so that no verdict depends on them. Of the two keys that a held seat needs one
-- is renewed at a time: that of `info` is owed until the next operation of a seat.
--
-- Reserved in `seats` is `~now`: -(64 now + 2 span + owed), the latest time seen, the longest span and
-- whether `info` is owed; one number, for Redis takes long to read and write a score. `~` in the other
-- keys holds them open, for a key loses its TTL with its last member.

local call, format = redis.call, string.format
local BAND = 2 ^ 51

local session, holdMs, span = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if not holdMs or holdMs < 1 or holdMs > 2 ^ 46 or holdMs % 1 ~= 0 then
  error('argument 2 must be a whole number from 1')
end
if not span or span < 0 or span > 31 or span % 1 ~= 0 then
  error('argument 3 must be a whole number from 0')
end

-- (a) of the law: the time of this operation.
local seconds, micros = unpack(redis.call('TIME'))
local now = seconds * 1000 + micros / 1000
now = now - now % 1

local scores = call('ZMSCORE', KEYS[1], session, '~now')
local score, mark = scores[1] and scores[1] + 0, scores[2] and -scores[2]
local latest, owed, longer, afresh = -1, true, false, false
if mark then
  local known = mark % 64
  latest, owed = (mark - known) / 64, known % 2 == 1
  known = (known - known % 2) / 2
  longer = span > known
  if not longer then span = known end
  if latest > now then
    local inactivityMs = tonumber(string.match(ARGV[4], '^%d+ (%d+)') or nil) or 0
    afresh = latest - now > inactivityMs
    if afresh then score, latest, owed = nil, -1, true else now = latest end
  end
end
local nowText, spanMs = format('%d', now), 60000 * 2 ^ span
local renews = longer or latest < now - now % spanMs
local stands = score and score > now
