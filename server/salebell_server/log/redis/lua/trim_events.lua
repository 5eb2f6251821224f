-- Forgets the oldest retained events that are too many or too old; their ids live as long as their sales.
--
-- KEYS  meta log
-- ARGV  how many to retain at the most, forget what was recorded earlier than this, most of them to look at
-- gives how many were forgotten
local meta, log = unpack(KEYS)
local keep, before, most = unpack(ARGV)

local top, first = unpack(redis.call('HMGET', meta, 'top', 'first'))
if not top then
  return 0
end
local floor = top - keep + 1
local trimmed = first + 0
for _, entry in ipairs(redis.call('XRANGE', log, first, '+', 'COUNT', most)) do
  -- Up to the first that stays, so that what is retained has no gap even where the clock was set back.
  if trimmed >= floor and tonumber(entry[2][6]) >= tonumber(before) then
    break
  end
  trimmed = trimmed + 1
end
if trimmed > tonumber(first) then
  local minimum = string.format('%.0f', trimmed)
  redis.call('HSET', meta, 'first', minimum)
  redis.call('XTRIM', log, 'MINID', minimum)
end
return trimmed - first
