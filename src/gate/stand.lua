-- A session that stands is seen again, and nothing else is looked at. `seen` says how that is called.
-- No function up to here: to make one, with all that it refers to, costs as much as a command.

if stands then
  local untilText = format('%d', now + holdMs)
  local pays = longer or owed % 2 == 1
  if renews then owed = pays and 2 or 3 elseif pays then owed = owed - 1 end
  local nowScore = format('%d', -3 * BAND - 128 * now - 4 * span - owed)
  call('ZADD', KEYS[1], nowScore, '~now', untilText, session)
  if renews then call('PEXPIRE', KEYS[1], format('%d', 2 * spanMs)) end
  if pays then call('PEXPIRE', KEYS[3], format('%d', 2 * spanMs)) end
  return nowText .. ' ' .. seen .. ' ' .. untilText
end
