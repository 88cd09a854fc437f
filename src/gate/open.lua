-- What every script of the gate begins with: a pool's clock, and how the session that asks stands.
-- Kept short, for a session that stands needs no more. Times in whole milliseconds. A reply is one line
-- of words, which is read and written faster than a list.
--
-- KEYS  1 seats    sorted set, four bands of scores, of which each session is in one:
--                  from 0         standing sessions: expiresAt
--                  from -1e15     leaving sessions: leftAt - 1e15
--                  from -2e15     gone sessions: 8 at + code of the reason - 2e15, until they are
--                                 forgotten; in the same way `:viewer`, who is cooling
--                  below          `~now`
--       2 leavers  sorted set, all of score 0: viewer:leftAt:id
--       3 info     hash: id -> "since viewer", id:note -> '' | '=' and a note; of gone sessions too
-- ARGV  1 session, 2 holdMs, 3 span, 4 the pool's settings (see pool.lua), then each script's own
--
-- A span is 2^span minutes, longer than twice every setting: the first operation in each renews the
-- TTLs to two spans, so that no verdict depends on them. It renews that of `seats` itself and owes
-- those of the other keys to the next that writes there.
--
-- `~now` is -(3e15 + 128 now + 4 span + owed), the latest time seen, the longest span and what is owed
-- (1 info, 2 leavers); one number, for Redis takes long to read and write a score. `~` in the other
-- keys holds them open, for a key loses its TTL with its last member. `!id` is why a session went
-- before it had the seat that it has.

local call, format = redis.call, string.format
local BAND = 1e15

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

local scores = call('ZMSCORE', KEYS[1], session, '~now', ':' .. viewer)
local score, mark = scores[1] and scores[1] + 0, scores[2] and -3 * BAND - scores[2]
local latest, owed, longer, afresh = -1, 3, false, false
if mark then
  owed = mark % 4
  local known = (mark - owed) / 4 % 32
  latest = (mark - 4 * known - owed) / 128
  longer = span > known
  if not longer then span = known end
  if latest > now then
    local inactivityMs = tonumber(string.match(ARGV[4], '^%d+ (%d+)') or nil) or 0
    afresh = latest - now > inactivityMs
    if afresh then scores, score, latest, owed = {}, nil, -1, 3 else now = latest end
  end
end
local nowText, spanMs = format('%d', now), 60000 * 2 ^ span
local renews = longer or latest < now - now % spanMs
local stands = score and score > now
