-- Writes to `seats` what was decided, with the time. `writes` are scores and members; `touched` is the
-- other key that was written, whose TTL is renewed where that is owed: 1 info, 2 leavers, 0 none.

if renews then owed = 3 end
local pays = touched > 0 and owed % (2 * touched) >= touched
if pays then owed = owed - touched end
local nowScore = format('%d', -3 * BAND - 128 * now - 4 * span - owed)
call('ZADD', SEATS, nowScore, '~now', unpack(writes))
if renews then call('PEXPIRE', SEATS, format('%d', 2 * spanMs)) end
if pays then call('PEXPIRE', touched == 1 and INFO or LEAVERS, format('%d', 2 * spanMs)) end
