-- A session that stands is seen again, and nothing else is looked at. `seen` says how that is called.
-- No function up to here: to make one, with all that it refers to, costs as much as a command.

if stands then
  local untilText = format('%d', now + holdMs)
  local still = renews and not owed and not longer and 1 or 0
  call('ZADD', KEYS[1], format('%d', -64 * now - 2 * span - still), '~now', untilText, session)
  if renews then call('PEXPIRE', KEYS[1], format('%d', 2 * spanMs)) end
  if owed or longer then call('PEXPIRE', KEYS[4], format('%d', 2 * spanMs)) end
  return nowText .. ' ' .. seen .. ' ' .. untilText
end
